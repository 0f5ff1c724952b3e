package service

import (
	"context"

	"github.com/dues-billing/dues/billing"
)

// wish decides what the provider is asked for on behalf of an account, on what is so there at this moment. It returns nil when nothing has to be
// asked, because it is so already.
type wish func(p Provider, state billing.State) (ask func(context.Context) error, err error)

// wishOf is a wish about the subscription of one group, by whose catalogue it decides.
type wishOf func(p Provider, c billing.Catalog, state billing.State) (ask func(context.Context) error, err error)

// fulfil reads the account's customer, lets decide look at it, asks, and reads again, all under the customer's lease. It returns what is so then.
//
// What is asked for carries a key of its own call (newID), and not one of the account: who changes, changes back and changes once more within a
// day means it. Asking again after a lost answer is safe all the same, for then it is so already.
func (s *Service) fulfil(ctx context.Context, id billing.AccountID, decide wish) (state billing.State, err error) {
	account, err := s.Account(ctx, id)
	if err != nil {
		return state, err
	}
	p, err := s.configured(account.ProviderAccount)
	if err != nil {
		return state, err
	}
	err = s.locked(ctx, customerLock(account.Customer), func(ctx context.Context, h *hold) error {
		if state, err = s.sync(ctx, h, account.Customer); err != nil {
			return err
		}
		ask, err := decide(p.Provider, state)
		if err != nil || ask == nil {
			return err
		}
		if _, err := call(ctx, func(ctx context.Context) (struct{}, error) { return struct{}{}, ask(ctx) }); err != nil {
			return err
		}
		state, err = s.sync(ctx, h, account.Customer)
		return err
	})
	return state, err
}

// fulfilled is fulfil for what shows in the account's status. A group that is not is an error of code invalid.
func (s *Service) fulfilled(ctx context.Context, id billing.AccountID, group billing.Group, decide wishOf) (Status, error) {
	if err := s.cfg.Catalog.CheckGroup(group); err != nil {
		return Status{}, err
	}
	_, err := s.fulfil(ctx, id, func(p Provider, state billing.State) (func(context.Context) error, error) {
		return decide(p, s.cfg.Catalog.In(group), state)
	})
	if err != nil {
		return Status{}, err
	}
	return s.Status(ctx, id)
}
