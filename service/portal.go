package service

import (
	"context"
	"net/url"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/sqlstore"
)

// visitDays is how long we remember where a customer wanted to go after the portal. Its pages live for hours.
const visitDays = 7

// OpenPortal opens the provider's portal for the account and returns its URL, which is short-lived. Coming back leads through
// CompletePortal to returnURL, whose host must be allowed.
func (s *Service) OpenPortal(ctx context.Context, id billing.AccountID, returnURL string) (portal string, err error) {
	if err := s.checkReturn("return_url", returnURL); err != nil {
		return "", err
	}
	account, err := s.ready(ctx, id)
	if err != nil {
		return "", err
	}
	return s.openPortal(ctx, account, returnURL)
}

func (s *Service) openPortal(ctx context.Context, account billing.Account, returnURL string) (string, error) {
	visit, now := newID("visit"), s.cfg.Clock.Wall()
	err := s.inTx(ctx, func(tx *sqlstore.Tx) error {
		return tx.AddVisit(ctx, visit, account.ID, returnURL, now, now.AddDate(0, 0, -visitDays))
	})
	if err != nil {
		return "", err
	}
	back := s.cfg.PublicURL + "/return/portal?visit=" + url.QueryEscape(visit)
	p, err := s.configured(account.ProviderAccount)
	if err != nil {
		return "", err
	}
	return call(ctx, func(ctx context.Context) (string, error) { return p.Provider.Portal(ctx, account.Customer, back) })
}

// CompletePortal is called when a customer comes back from the portal (GET /return/portal?visit=ID): it syncs, and answers
// where to send the customer.
func (s *Service) CompletePortal(ctx context.Context, visit string) (redirect string, err error) {
	account, to, err := s.cfg.Store.Visit(ctx, visit)
	if err != nil {
		return "", err
	}
	return to, s.syncReturned(ctx, account)
}

// syncReturned syncs an account whose customer comes back. A provider that does not answer now is no reason to keep the customer
// waiting: the webhook tells the same.
func (s *Service) syncReturned(ctx context.Context, id billing.AccountID) error {
	account, err := s.Account(ctx, id)
	if err != nil {
		return err
	}
	if err := s.Sync(ctx, account.Customer); err != nil {
		s.log.WarnContext(ctx, "the sync of a returning customer failed", "account", id, "error", err)
	}
	return nil
}
