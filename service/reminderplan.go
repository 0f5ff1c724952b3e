package service

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/sqlstore"
)

const (
	// planName is the mark and the lease of whoever plans the reminders of all accounts anew.
	planName = "reminders"
	// planBatch is how many customers are planned between two notes of how far it got, and planLease until when others wait for a planner that crashed.
	planBatch = 200
	planLease = 5 * time.Minute
)

// planReminders plans the reminders of all accounts once after the catalogue's rules of them have changed: otherwise who was read last before that would
// be reminded only when the provider has news. Only the mirror is read. It goes on where a process before it stopped.
func (s *Service) planReminders(ctx context.Context) (err error) {
	if s.planned.Load() {
		return nil
	}
	rules := s.reminderRules()
	done, err := s.cfg.Store.Mark(ctx, planName)
	if err != nil || done == rules {
		s.planned.Store(err == nil)
		return err
	}
	now := s.cfg.Clock.Wall()
	lease, taken, err := s.cfg.Store.TakeLease(ctx, planName, now, now.Add(planLease))
	if err != nil || !taken {
		return err
	}
	defer func() { err = errors.Join(err, s.cfg.Store.ReleaseLease(context.WithoutCancel(ctx), lease)) }()
	after, _ := strings.CutPrefix(done, rules+":")
	if after == done {
		after = ""
	}
	for at := billing.CustomerID(after); ; {
		customers, err := s.cfg.Store.LiveCustomers(ctx, at, planBatch)
		if err != nil {
			return err
		}
		for _, customer := range customers {
			if err := s.planCustomer(ctx, customer); err != nil {
				return fmt.Errorf("plan reminders of customer %s: %w", customer, err)
			}
		}
		mark := rules
		if len(customers) == planBatch {
			at = customers[planBatch-1]
			mark += ":" + string(at)
		}
		if err := s.inTx(ctx, func(tx *sqlstore.Tx) error { return tx.SetMark(ctx, planName, mark) }); err != nil {
			return err
		}
		if mark == rules {
			s.planned.Store(true)
			return nil
		}
		if err := s.cfg.Store.RenewLease(ctx, lease, s.cfg.Clock.Wall().Add(planLease)); err != nil {
			return err
		}
	}
}

// reminderRules stands for what the catalogue says of reminders.
func (s *Service) reminderRules() string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%+v %+v", s.cfg.Catalog.Mails, s.cfg.Catalog.Dunning))
	return hex.EncodeToString(sum[:8])
}

// planCustomer writes when there is something to do for a customer, which is at once where it is due already. Most have nothing, and nothing is
// written for them.
func (s *Service) planCustomer(ctx context.Context, customer billing.CustomerID) error {
	row, err := s.cfg.Store.AccountByCustomer(ctx, customer)
	if billing.CodeOf(err) == billing.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	state, err := s.cfg.Store.State(ctx, customer)
	if err != nil {
		return err
	}
	kept, err := s.cfg.Store.Reminders(ctx, row.ID)
	if err != nil || len(kept) == 0 && len(s.cfg.Catalog.Reminders(state, nil, s.cfg.Clock.Business())) == 0 {
		return err
	}
	return s.locked(ctx, customerLock(customer), func(ctx context.Context, h *hold) error {
		h.last = true
		return s.inTxHeld(ctx, h, func(tx *sqlstore.Tx) error {
			state, err := tx.State(ctx, customer)
			if err != nil {
				return err
			}
			kept, err := tx.Reminders(ctx, row.ID)
			if err != nil {
				return err
			}
			now := s.cfg.Clock.Business()
			planned := s.cfg.Catalog.Reminders(state, kept, now)
			for i, m := range planned {
				planned[i] = m.Planned(kept, now) // the round reads the customer before it does what is due
			}
			return tx.SaveReminders(ctx, row.ID, kept, planned)
		})
	})
}
