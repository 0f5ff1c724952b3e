package service

import (
	"context"
	"encoding/json"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/sqlstore"
)

// Deletion says what becomes of an account that is deleted.
type Deletion struct {
	// DeleteCustomer deletes the customer at the provider, too, for good. Else it is kept there with its invoices, for the books, and is no
	// account's any more.
	DeleteCustomer bool
}

// DeleteAccount stops an account's billing, and then forgets it: its subscriptions are ended now, its open page is closed, its customer is deleted at the
// provider or kept there, and everything that Dues holds of it goes but the two ids. Those stay so that a late webhook brings nothing back, and an
// account with this id cannot be made again. What was paid is not given back: that is a refund, to be asked for before.
//
// done is false when the provider did not answer: the order is committed, and the outbox goes on until it is carried out. An account for which a
// refund waits is an error of code conflict.
func (s *Service) DeleteAccount(ctx context.Context, id billing.AccountID, req Deletion) (done bool, err error) {
	facts, ordered := callFacts{Keep: !req.DeleteCustomer}, false
	err = s.locked(ctx, accountLock(id), func(ctx context.Context, h *hold) error {
		if err := s.orderDeletion(ctx, h, id, facts); err != nil {
			return err
		}
		ordered = true
		return s.deleteHeld(ctx, h, id, facts)
	})
	if ordered && billing.CodeOf(err) == billing.Unavailable {
		s.log.WarnContext(ctx, "an account is not deleted yet; the outbox goes on", "account", id, "error", err)
		return false, nil
	}
	return err == nil, err
}

// orderDeletion commits that an account is to be deleted. Its lease is held: an order beside a deletion that is under way would be left behind by that.
func (s *Service) orderDeletion(ctx context.Context, h *hold, id billing.AccountID, facts callFacts) error {
	if _, err := s.Account(ctx, id); err != nil {
		return err
	}
	orders, err := s.cfg.Store.RefundOrders(ctx, id)
	if err != nil {
		return err
	}
	for _, order := range orders {
		if order.Status == billing.RefundPending {
			return billing.Errorf(billing.Conflict, "a refund of this account is not made yet; delete it afterwards")
		}
	}
	payload, err := json.Marshal(facts)
	if err != nil {
		return err
	}
	now := s.cfg.Clock.Wall()
	return s.inTxHeld(ctx, h, func(tx *sqlstore.Tx) error {
		_, err := tx.AddEffect(ctx, sqlstore.Effect{
			Key: deletionKey(id), Kind: string(billing.CallEffect), Name: billing.DeleteAccountCall, Account: id, Payload: payload,
			CreatedAt: now, DueAt: now.Add(callTime), // by then this call has done it, unless the process has died
		})
		return err
	})
}

func deletionKey(id billing.AccountID) string { return "delete:" + string(id) }

// deleteOrdered deletes an account whose deletion was committed. Each step may be repeated.
func (s *Service) deleteOrdered(ctx context.Context, id billing.AccountID, facts callFacts) error {
	return s.locked(ctx, accountLock(id), func(ctx context.Context, h *hold) error { return s.deleteHeld(ctx, h, id, facts) })
}

// deleteHeld is deleteOrdered for who holds the account's lease.
func (s *Service) deleteHeld(ctx context.Context, h *hold, id billing.AccountID, facts callFacts) error {
	account, err := s.Account(ctx, id)
	if billing.CodeOf(err) == billing.NotFound {
		return nil // somebody was faster
	}
	if err != nil {
		return err
	}
	if account.Customer == "" {
		return s.forgetAccount(ctx, h, account)
	}
	return s.locked(ctx, customerLock(account.Customer), func(ctx context.Context, h *hold) error {
		if err := s.stopBilling(ctx, h, account); err != nil {
			return err
		}
		if err := s.letGo(ctx, account, facts.Keep); err != nil {
			return err
		}
		return s.forgetAccount(ctx, h, account)
	})
}

// stopBilling closes the account's open pages, lets go of what banks keep ready, and ends its subscriptions. The pages come first: whoever pays on one after the last look would be
// billed for ever.
func (s *Service) stopBilling(ctx context.Context, h *hold, account billing.Account) error {
	p, err := s.configured(account.ProviderAccount)
	if err != nil {
		return err
	}
	open, err := s.cfg.Store.OpenPurchases(ctx, account.ID)
	if err != nil {
		return err
	}
	for _, purchase := range open {
		if purchase.Checkout == "" {
			continue
		}
		_, err := call(ctx, func(ctx context.Context) (struct{}, error) {
			return struct{}{}, p.Provider.Expire(ctx, purchase.Checkout)
		})
		if code := billing.CodeOf(err); err != nil && code != billing.NotFound && code != billing.Conflict { // completed: its subscription is ended below
			return err
		}
	}
	if err := s.letGoOfPurchases(ctx, p, account.ID); err != nil {
		return err
	}
	state, err := s.sync(ctx, h, account.Customer)
	if err != nil {
		return err
	}
	for _, sub := range state.ToEnd() {
		_, err := call(ctx, func(ctx context.Context) (struct{}, error) {
			return struct{}{}, p.Provider.Cancel(ctx, CancelRequest{Subscription: sub, When: billing.CancelNow, Key: "delete:" + string(sub)})
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// letGo deletes the customer at the provider, or takes the account's name from it.
func (s *Service) letGo(ctx context.Context, account billing.Account, keep bool) error {
	p, err := s.configured(account.ProviderAccount)
	if err != nil {
		return err
	}
	_, err = call(ctx, func(ctx context.Context) (struct{}, error) {
		if keep {
			return struct{}{}, p.Provider.ReleaseCustomer(ctx, account.Customer)
		}
		return struct{}{}, p.Provider.DeleteCustomer(ctx, account.Customer)
	})
	return err
}

// forgetAccount deletes what we hold of an account, and tells the application.
func (s *Service) forgetAccount(ctx context.Context, h *hold, account billing.Account) error {
	if err := s.countUsage(ctx); err != nil { // so that it is found, and goes with the account
		return err
	}
	at := s.cfg.Clock.Business()
	err := s.inTxHeld(ctx, h, func(tx *sqlstore.Tx) error {
		told, err := tx.Told(ctx, account.ID)
		if err != nil {
			return err
		}
		if fresh, err := tx.DeleteAccount(ctx, account.ID, account.Customer, at); err != nil || !fresh {
			return err
		}
		_, err = s.addNotice(ctx, tx, account, billing.Notice{
			Key: "deleted:" + string(account.ID), Type: billing.AccountDeleted, Sequence: told.Sequence + 1, Access: billing.Access{Level: billing.None},
		}, at)
		return err
	})
	if err == nil {
		s.wakeEndpoints()
	}
	return err
}
