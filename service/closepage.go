package service

import (
	"context"
	"errors"

	"github.com/dues-billing/dues/billing"
)

// closePage closes a hosted page that was left open beside a paid plan. If the customer completed it in the same moment, the
// sync records that, and that the account now pays twice is said in the log: which one is meant, a person must decide.
func (s *Service) closePage(ctx context.Context, account billing.Account, facts callFacts) error {
	p, err := s.configured(account.ProviderAccount)
	if err != nil {
		return err
	}
	return s.locked(ctx, customerLock(account.Customer), func(ctx context.Context, h *hold) error {
		state, err := s.sync(ctx, h, account.Customer)
		if err != nil {
			return err
		}
		purchase, err := s.cfg.Store.Purchase(ctx, facts.Purchase)
		if err != nil || purchase.Status != billing.PurchasePending || s.cfg.Catalog.In(purchase.Group).PaidRunning(state) == 0 {
			return err
		}
		u := &upgrading{Service: s, h: h, account: account, provider: p}
		if err := u.close(ctx, purchase, billing.Subscription{}); !errors.Is(err, ErrCheckoutComplete) {
			return err
		}
		_, err = s.sync(ctx, h, account.Customer)
		return err
	})
}
