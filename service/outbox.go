package service

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/sqlstore"
)

const (
	// outboxBatch is how many effects one claim takes.
	outboxBatch = 32
	// outboxWorkers is how many accounts' effects happen at once; those of one account go in order.
	outboxWorkers = 8
	// effectTime bounds one try of an effect.
	effectTime = 20 * time.Second
	// claimTime is when a crashed worker's effects are claimed again. An effect begins only if it can end within.
	claimTime = 45 * time.Second
)

// callFacts are what a call to the provider needs.
type callFacts struct {
	Subscription billing.SubscriptionID
	Price        string
	Purchase     billing.PurchaseID
}

// outboxRound lets the effects happen that are due.
func (s *Service) outboxRound(ctx context.Context) (done int, held bool, err error) {
	s.working.Add(1)
	defer s.working.Add(-1)
	now := s.cfg.Clock.Wall()
	until := now.Add(claimTime)
	claimed, err := s.cfg.Store.ClaimEffects(ctx, now, until, outboxBatch)
	if err != nil {
		return 0, false, err
	}
	queues := map[billing.AccountID][]sqlstore.Effect{}
	for _, effect := range claimed {
		queues[effect.Account] = append(queues[effect.Account], effect)
	}
	var wait sync.WaitGroup
	slots := make(chan struct{}, outboxWorkers)
	for _, queue := range queues {
		slots <- struct{}{}
		wait.Go(func() {
			defer func() { <-slots }()
			for _, effect := range queue {
				if s.cfg.Clock.Wall().Add(effectTime).After(until) || ctx.Err() != nil {
					return // what is left is claimed again when the claim ends
				}
				s.happen(ctx, effect)
			}
		})
	}
	wait.Wait()
	return len(claimed), false, nil
}

// happen lets one effect happen and notes the outcome. When that note fails too, the effect is claimed again and happens again:
// mails carry their key as Message-ID, calls as idempotency key.
func (s *Service) happen(ctx context.Context, e sqlstore.Effect) {
	bounded, cancel := context.WithTimeout(ctx, effectTime)
	defer cancel()
	err := s.perform(bounded, e)
	now := s.cfg.Clock.Wall()
	s.cfg.Meter.Happened(e.Name, now.Sub(e.CreatedAt), err)
	switch {
	case err == nil:
		err = s.cfg.Store.EffectDone(ctx, e, now)
	case failed(ctx, err):
		dead := giveUp(e.Attempts, err)
		s.log.WarnContext(ctx, "an effect failed", "effect", e.Key, "tries", e.Attempts, "given_up", dead, "error", err)
		err = s.cfg.Store.EffectLate(ctx, e, now.Add(backOff(e.Attempts)), brief(err), dead)
	}
	if err != nil && ctx.Err() == nil {
		s.log.ErrorContext(ctx, "the outcome of an effect was not stored", "effect", e.Key, "error", err)
	}
}

func (s *Service) perform(ctx context.Context, e sqlstore.Effect) error {
	row, err := s.cfg.Store.Account(ctx, e.Account)
	if err != nil {
		return err
	}
	if e.Kind == string(billing.MailEffect) {
		return s.send(ctx, row.Account, e)
	}
	var facts callFacts
	if err := json.Unmarshal(e.Payload, &facts); err != nil {
		return fmt.Errorf("payload: %w", err)
	}
	switch e.Name {
	case billing.CompleteCall:
		_, err := s.ready(ctx, e.Account)
		return err
	case billing.StartFreeCall:
		return s.startFree(ctx, row.Account, facts, e.Key)
	case billing.CancelFreeCall:
		return s.cancelFree(ctx, row.Account, facts, e.Key)
	case billing.ClosePageCall:
		return s.closePage(ctx, row.Account, facts)
	}
	return billing.Errorf(billing.Invalid, "unknown call %q", e.Name)
}

// startFree puts an account whose paid subscription ended on the free plan, unless it has bought again meanwhile.
func (s *Service) startFree(ctx context.Context, account billing.Account, facts callFacts, key string) error {
	return s.locked(ctx, customerLock(account.Customer), func(ctx context.Context, h *hold) error {
		state, err := s.sync(ctx, h, account.Customer)
		if err != nil {
			return err
		}
		if best, running := billing.Best(s.cfg.Catalog, state); state.Deleted || running && best.Status != billing.Incomplete {
			return nil
		}
		return s.subscribe(ctx, h, account, facts.Price, key)
	})
}

// cancelFree ends a free subscription beside which a paid one runs.
func (s *Service) cancelFree(ctx context.Context, account billing.Account, facts callFacts, key string) error {
	return s.locked(ctx, customerLock(account.Customer), func(ctx context.Context, h *hold) error {
		state, err := s.sync(ctx, h, account.Customer)
		if err != nil {
			return err
		}
		best, running := billing.Best(s.cfg.Catalog, state)
		free, found := state.Subscription(facts.Subscription)
		if !running || !s.cfg.Catalog.Paid(best) || !found || free.Status.Ended() {
			return nil
		}
		if err := s.cfg.Provider.Cancel(ctx, facts.Subscription, key); err != nil {
			return err
		}
		_, err = s.sync(ctx, h, account.Customer)
		return err
	})
}
