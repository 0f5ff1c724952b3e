package service

import (
	"context"
	"errors"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/sqlstore"
)

const (
	// lookPause is how often is looked for access that has changed by the passing of time, unless a Pace says otherwise.
	lookPause = time.Minute
	// lookBatch is how many accounts one round looks at.
	lookBatch = 100
)

// followTime does what is due because time has passed, although nothing comes from the provider, until ctx ends. missed says in the log what a round that
// fails has not done.
func (s *Service) followTime(ctx context.Context, missed string, do round) {
	for {
		done, _, err := do(ctx)
		if err != nil && failed(ctx, err) {
			s.log.ErrorContext(ctx, missed+"; it is tried again", "error", err)
		}
		if done == lookBatch {
			continue
		}
		if sleep(ctx, s.cfg.Pace.Look) != nil {
			return
		}
	}
}

// lookRound looks at the accounts whose access has changed by the passing of time. Several processes may do so: the lease of the
// customer lets one of them tell.
func (s *Service) lookRound(ctx context.Context) (done int, held bool, err error) {
	if len(s.endpoints) == 0 {
		return 0, false, nil
	}
	due, err := s.cfg.Store.ToLookAt(ctx, s.cfg.Clock.Business(), lookBatch)
	if err != nil {
		return 0, false, err
	}
	return eachDue(ctx, due, s.look)
}

// eachDue does what is due, one after the other. What another process holds is left to it.
func eachDue[T any](ctx context.Context, due []T, do func(context.Context, T) error) (done int, held bool, err error) {
	for _, one := range due {
		switch err := do(ctx, one); {
		case errors.Is(err, errHeld):
			held = true
		case err != nil:
			return done, held, err
		default:
			done++
		}
	}
	return done, held, nil
}

// look tells what the passing of time has changed for an account.
func (s *Service) look(ctx context.Context, id billing.AccountID) error {
	row, err := s.cfg.Store.Account(ctx, id)
	if err != nil {
		return err
	}
	added := false
	err = s.tryLocked(ctx, customerLock(row.Customer), func(ctx context.Context, h *hold) error {
		return s.inTx(ctx, func(tx *sqlstore.Tx) error {
			if err := tx.Hold(ctx, h.lease); err != nil {
				return err
			}
			state, err := tx.State(ctx, row.Customer)
			if err != nil {
				return err
			}
			added, err = s.tell(ctx, tx, row.Account, billing.Change{Mirror: state, Now: state})
			return err
		})
	})
	if added {
		s.wakeEndpoints()
	}
	return err
}
