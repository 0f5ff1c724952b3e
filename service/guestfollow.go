package service

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/sqlstore"
)

// followGuest writes what a customer who is nobody's account has bought as a guest, and what the account has of it that claimed it.
func (s *Service) followGuest(ctx context.Context, tx *sqlstore.Tx, r *reading) (added brought, err error) {
	for _, page := range r.checkouts {
		if !strings.HasPrefix(string(page.Purchase), oneOffPrefix+"_") {
			continue
		}
		o, err := tx.OneOff(ctx, page.Purchase)
		if billing.CodeOf(err) == billing.NotFound {
			continue // another installation's
		}
		if err != nil {
			return added, err
		}
		if settled := o.Settle(r.checkouts, r.now, nil, s.cfg.Clock.Business()); o.Claim != "" && settled != o {
			settled.Email = strings.ToLower(settled.Email)
			if _, err := tx.SaveOneOff(ctx, settled); err != nil {
				return added, err
			}
		}
	}
	claimant, err := tx.ClaimantOf(ctx, r.now.Customer)
	if err != nil || claimant == "" {
		if err == nil {
			err = tx.ForgetStranger(ctx, r.now.Customer)
		}
		return added, err
	}
	change := billing.Change{Mirror: r.mirror, Now: r.now, Returned: r.returned}
	if err := s.license(ctx, tx, claimant, billing.Decide(s.cfg.Catalog, claimant, r.mirror, r.now).Licenses, &change); err != nil {
		return added, err
	}
	for _, effect := range billing.RefundEffects(s.cfg.Catalog, r.mirror, r.now, r.returned) {
		fresh, err := s.addEffect(ctx, tx, claimant, effect, r.now)
		if err != nil {
			return added, err
		}
		added.effects = added.effects || fresh
	}
	planned, err := s.planGuestNotices(ctx, tx, claimant, change)
	added.effects = added.effects || planned
	return added, err
}

// planGuestNotices sees to it that the application is told of a change of what an account has bought as a guest. It is told by a call of the outbox, for what is
// told of an account is told under the lease of its own customer, and this transaction holds the guest's.
func (s *Service) planGuestNotices(ctx context.Context, tx *sqlstore.Tx, claimant billing.AccountID, change billing.Change) (planned bool, err error) {
	notices, _ := billing.TellGuest(s.cfg.Catalog, change.Now, change)
	if len(s.endpoints) == 0 || len(notices) == 0 {
		return false, nil
	}
	change.Mirror = billing.State{Known: change.Mirror.Known} // the rest is not asked for
	payload, err := json.Marshal(callFacts{Guest: &change})
	if err != nil {
		return false, err
	}
	now := s.cfg.Clock.Wall()
	return tx.AddEffect(ctx, sqlstore.Effect{
		Key: newID("tell"), Kind: string(billing.CallEffect), Name: billing.TellGuestCall, Account: claimant, Payload: payload, CreatedAt: now, DueAt: now,
	})
}

// tellGuest does what planGuestNotices has planned, once: the call goes with the transaction that tells.
func (s *Service) tellGuest(ctx context.Context, account billing.Account, change billing.Change, key string) error {
	return s.locked(ctx, customerLock(account.Customer), func(ctx context.Context, h *hold) error {
		added := false
		err := s.inTxHeld(ctx, h, func(tx *sqlstore.Tx) error {
			told, err := tx.Told(ctx, account.ID)
			if err != nil {
				return err
			}
			own, err := tx.State(ctx, account.Customer)
			if err != nil {
				return err
			}
			change.Account, change.Told, change.At = account.ID, told, s.cfg.Clock.Business()
			notices, now := billing.TellGuest(s.cfg.Catalog, own, change)
			if added, err = s.addNotices(ctx, tx, account, notices, told, now); err != nil {
				return err
			}
			return tx.DropEffect(ctx, key)
		})
		if err == nil && added {
			s.wakeEndpoints()
		}
		return err
	})
}

// tellClaimed tells the application that an account has what it bought as a guest.
func (s *Service) tellClaimed(ctx context.Context, account billing.Account, o billing.OneOff) {
	err := s.locked(ctx, customerLock(account.Customer), func(ctx context.Context, h *hold) error {
		state, err := s.cfg.Store.State(ctx, account.Customer)
		if err != nil {
			return err
		}
		return s.inTxHeld(ctx, h, func(tx *sqlstore.Tx) error {
			_, err := s.tell(ctx, tx, account, billing.Change{Mirror: state, Now: state, Bought: []billing.OneOff{o}})
			return err
		})
	})
	if err != nil {
		s.log.WarnContext(ctx, "the application was not told of a claim", "account", account.ID, "purchase", o.ID, "error", err)
		return
	}
	s.wakeEndpoints()
}
