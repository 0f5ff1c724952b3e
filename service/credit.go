package service

import (
	"context"

	"github.com/dues-billing/dues/billing"
)

// Credit returns what the account has to its credit, as the provider has it at this moment.
func (s *Service) Credit(ctx context.Context, id billing.AccountID) (billing.Credit, error) {
	account, err := s.Account(ctx, id)
	if err != nil || account.Customer == "" {
		return billing.Credit{}, err
	}
	p, err := s.configured(account.ProviderAccount)
	if err != nil {
		return billing.Credit{}, err
	}
	return call(ctx, func(ctx context.Context) (billing.Credit, error) { return p.Provider.Credit(ctx, account.Customer) })
}

// GiveCredit gives an account credit that pays its next invoices, or takes it back with a negative amount, once for each key: whoever had no answer asks again
// with the same key. More than there is cannot be taken, an error of code conflict. The answer is the credit as it is afterwards.
func (s *Service) GiveCredit(ctx context.Context, id billing.AccountID, wish billing.CreditWish) (billing.Credit, error) {
	if err := wish.Check(); err != nil {
		return billing.Credit{}, err
	}
	account, err := s.ready(ctx, id)
	if err != nil {
		return billing.Credit{}, err
	}
	p, err := s.configured(account.ProviderAccount)
	if err != nil {
		return billing.Credit{}, err
	}
	read := func(ctx context.Context) (billing.Credit, error) { return p.Provider.Credit(ctx, account.Customer) }
	var credit billing.Credit
	err = s.locked(ctx, customerLock(account.Customer), func(ctx context.Context, _ *hold) (err error) {
		if credit, err = call(ctx, read); err != nil {
			return err
		}
		needed, err := credit.Give(wish)
		if err != nil || !needed {
			return err
		}
		if _, err := call(ctx, func(ctx context.Context) (struct{}, error) {
			return struct{}{}, p.Provider.GiveCredit(ctx, account.Customer, wish)
		}); err != nil {
			return err
		}
		credit, err = call(ctx, read)
		return err
	})
	return credit, err
}
