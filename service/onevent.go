package service

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/sqlstore"
	"github.com/dues-billing/dues/webhook"
)

// An endpoint may be a function of the program that Dues is a part of. Its notices wait in the same outbox and are tried as often; what is different is
// that those of one account wait for one another: each is handed over when the one before was taken, or was given up.

// OnEvent returns an endpoint that hands notices to a function, without HTTP: at least once each, in their order for an account, for several accounts at
// once. What it answers with an error, or with a panic, is handed over again later, and so is what a process that crashed was at. The context ends after 15
// seconds. name is as Endpoint's, and all processes of one database should have the function: a change that a process without it commits is not told.
func OnEvent(name string, do func(context.Context, webhook.Notice) error, types ...string) Endpoint {
	return Endpoint{Name: name, Do: do, Types: types}
}

// checkDo is check for what a function takes.
func (e Endpoint) checkDo() (*endpoint, error) {
	if e.URL != "" || e.Secret != "" || e.PreviousSecret != "" {
		return nil, errors.New("a function has neither url nor secret")
	}
	return &endpoint{Endpoint: e, awake: make(chan struct{}, 1)}, e.checkTypes()
}

// endpointRound returns the round that delivers an endpoint's notices.
func (s *Service) endpointRound(e *endpoint) round {
	if e.Do == nil {
		return s.outboxRound(e.Name)
	}
	return func(ctx context.Context) (done int, held bool, err error) {
		s.working.Add(1)
		defer s.working.Add(-1)
		now := s.cfg.Clock.Wall()
		if next, err := s.cfg.Store.NextInLine(ctx, e.Name); err != nil || next.IsZero() || next.After(now) {
			return 0, false, err
		}
		// Two that claim at once could each take one notice of an account.
		err = s.tryLocked(ctx, "notices:"+e.Name, func(ctx context.Context, _ *hold) error {
			until := now.Add(claimTime)
			claimed, err := s.cfg.Store.ClaimInLine(ctx, e.Name, now, until, outboxBatch)
			if err != nil {
				return err
			}
			done = len(claimed)
			s.happenAll(ctx, claimed, until)
			return nil
		})
		if errors.Is(err, errHeld) {
			err = nil
		}
		return done, false, err
	}
}

// linePause is how long is waited for a notice that is due at once: another process is at it.
const linePause = 500 * time.Millisecond

// nextNotice asks when the next notice of an endpoint is due.
func (s *Service) nextNotice(e *endpoint) func(context.Context) (time.Time, error) {
	if e.Do == nil {
		return s.nextEffect(e.Name)
	}
	return func(ctx context.Context) (time.Time, error) {
		next, err := s.cfg.Store.NextInLine(ctx, e.Name)
		if soon := s.cfg.Clock.Wall().Add(linePause); !next.IsZero() && next.Before(soon) {
			next = soon
		}
		return next, err
	}
}

// hand gives a notice to the endpoint's function, and answers as an HTTP endpoint would.
func (s *Service) hand(ctx context.Context, to *endpoint, e sqlstore.Effect) (status int, err error) {
	var n webhook.Notice
	if err := json.Unmarshal(e.Payload, &n); err != nil {
		return 0, fmt.Errorf("payload: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, deliveryTime)
	defer cancel()
	defer func() {
		if fault := recover(); fault != nil {
			s.log.ErrorContext(ctx, "a function that takes notices panicked", "endpoint", to.Name, "effect", e.Key, "panic", fault, "stack", string(debug.Stack()))
			status, err = http.StatusInternalServerError, &undelivered{cause: fmt.Sprintf("panic: %v", fault)}
		}
	}()
	if err := to.Do(ctx, n); err != nil {
		return http.StatusInternalServerError, &undelivered{cause: err.Error()}
	}
	return http.StatusOK, nil
}

// checkTypes returns an error about the first type that there is not.
func (e Endpoint) checkTypes() error {
	for _, want := range e.Types {
		if !slices.ContainsFunc(billing.NoticeTypes, func(known string) bool { return covers(want, known) }) {
			return fmt.Errorf("there is no type %q; there are %s", want, strings.Join(billing.NoticeTypes, ", "))
		}
	}
	return nil
}
