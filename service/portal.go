package service

import (
	"context"
	"net/url"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/sqlstore"
)

// visitDays is how long we remember where a customer wanted to go after the portal. Its pages live for hours.
const visitDays = 7

// PortalTask is what a visit to the portal is for.
type PortalTask string

// The tasks. Without one the portal shows all it has.
const (
	UpdateMethodTask PortalTask = "payment_method_update" // enter the card that is charged from now on
	CancelTask       PortalTask = "subscription_cancel"   // cancel what the account pays for
)

// OpenPortal opens the provider's portal for the account and returns its URL, which is short-lived. Coming back leads through
// CompletePortal to returnURL, whose host must be allowed.
func (s *Service) OpenPortal(ctx context.Context, id billing.AccountID, returnURL string) (portal string, err error) {
	return s.OpenPortalAt(ctx, id, "", "", returnURL)
}

// OpenPortalAt is OpenPortal at one task, about the subscription of a group, after which the customer comes back at once. Who pays for nothing has nothing to cancel, and what is
// cancelled already is not cancelled again: errors of code conflict.
func (s *Service) OpenPortalAt(ctx context.Context, id billing.AccountID, group billing.Group, task PortalTask, returnURL string) (portal string, err error) {
	if task != "" && task != UpdateMethodTask && task != CancelTask {
		return "", billing.Errorf(billing.Invalid, "the portal knows the tasks %q and %q, not %q", UpdateMethodTask, CancelTask, task).In("task")
	}
	if err := s.cfg.Catalog.CheckGroup(group); err != nil {
		return "", err
	}
	if err := s.checkReturn("return_url", returnURL); err != nil {
		return "", err
	}
	account, err := s.ready(ctx, id)
	if err != nil {
		return "", err
	}
	req := PortalRequest{Customer: account.Customer, Task: task}
	if task == CancelTask {
		state, err := s.cfg.Store.State(ctx, account.Customer)
		if err != nil {
			return "", err
		}
		sub, needed, err := s.cfg.Catalog.In(group).Cancel(state, billing.CancelAtEnd, time.Time{})
		if err != nil {
			return "", err
		}
		if !needed {
			return "", billing.Errorf(billing.Conflict, "this subscription is cancelled already").In("task")
		}
		req.Subscription = sub.ID
	}
	return s.openPortalAt(ctx, account, req, returnURL)
}

func (s *Service) openPortal(ctx context.Context, account billing.Account, returnURL string) (string, error) {
	return s.openPortalAt(ctx, account, PortalRequest{Customer: account.Customer}, returnURL)
}

func (s *Service) openPortalAt(ctx context.Context, account billing.Account, req PortalRequest, returnURL string) (string, error) {
	p, err := s.configured(account.ProviderAccount)
	if err != nil {
		return "", err
	}
	if req.ReturnURL, err = s.wayBack(ctx, account, returnURL); err != nil {
		return "", err
	}
	return call(ctx, func(ctx context.Context) (string, error) { return p.Provider.Portal(ctx, req) })
}

// wayBack remembers where a customer wants to go, and returns the address that leads there through us.
func (s *Service) wayBack(ctx context.Context, account billing.Account, returnURL string) (string, error) {
	visit, now := newID("visit"), s.cfg.Clock.Wall()
	err := s.inTx(ctx, func(tx *sqlstore.Tx) error {
		return tx.AddVisit(ctx, visit, account.ID, returnURL, now, now.AddDate(0, 0, -visitDays))
	})
	return s.cfg.PublicURL + "/return/portal?visit=" + url.QueryEscape(visit), err
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
