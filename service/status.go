package service

import (
	"context"

	"github.com/dues-billing/dues/billing"
)

// Status answers what the account is on, until when and why, and what the customer must do: from our own store, or from what this
// process read there and nobody has changed since. What another process has committed is seen within milliseconds while Run is running on
// PostgreSQL, and within 3 seconds in any case.
func (s *Service) Status(ctx context.Context, id billing.AccountID) (Status, error) {
	now, err := s.facts.verdict(ctx, id)
	if err != nil {
		return Status{}, err
	}
	return s.statusOf(now), nil
}

// StatusText returns what render makes of the Status: for as long as that is the same, what it has made before. So render must depend on nothing
// else, and be one and the same at each call. The text is shared, and not to be written to.
func (s *Service) StatusText(ctx context.Context, id billing.AccountID, render func(Status) []byte) ([]byte, error) {
	return s.facts.text(ctx, id, statusPart, func(now *judged) []byte { return render(s.statusOf(now)) })
}

func (s *Service) statusOf(now *judged) Status {
	status := Status{Account: now.account.Account}.withGroups(s.cfg.Catalog, now.Accesses)
	if method, ok := now.state.DefaultMethod(); ok {
		status.Method = &method
	}
	return status
}

// Entitlements returns every feature of the catalogue and what the account may use of it now.
func (s *Service) Entitlements(ctx context.Context, id billing.AccountID) ([]billing.Entitlement, error) {
	return s.facts.entitlements(ctx, id)
}

// EntitlementsText is StatusText of the entitlements.
func (s *Service) EntitlementsText(ctx context.Context, id billing.AccountID, render func([]billing.Entitlement) []byte) ([]byte, error) {
	return s.facts.text(ctx, id, entitlementsPart, func(now *judged) []byte { return render(now.Entitlements) })
}

// Entitled reports whether the account may use the feature now. An unknown account or feature is an error of code not_found.
func (s *Service) Entitled(ctx context.Context, id billing.AccountID, feature billing.FeatureID) (bool, error) {
	all, err := s.Entitlements(ctx, id)
	if err != nil {
		return false, err
	}
	for _, e := range all {
		if e.Feature == feature {
			return e.Enabled, nil
		}
	}
	return false, billing.Errorf(billing.NotFound, "the catalogue has no feature %q", feature)
}

// Licenses returns the account's licenses, ended ones included, and how they stand now.
func (s *Service) Licenses(ctx context.Context, id billing.AccountID) ([]billing.Held, error) {
	status, err := s.Status(ctx, id)
	if err != nil {
		return nil, err
	}
	lines, err := s.cfg.Store.LicenseLines(ctx, id)
	return billing.Hold(s.cfg.Catalog, status.Accesses(), billing.Licenses(lines, s.cfg.Clock.Business()), s.cfg.Clock.Business()), err
}

// Invoices returns the account's invoices, newest first.
func (s *Service) Invoices(ctx context.Context, id billing.AccountID) ([]billing.Invoice, error) {
	account, err := s.Account(ctx, id)
	if err != nil {
		return nil, err
	}
	return s.cfg.Store.Invoices(ctx, account.Customer)
}

// Subscriptions returns the account's subscriptions as the provider has them, ended ones included, newest first.
func (s *Service) Subscriptions(ctx context.Context, id billing.AccountID) ([]billing.Subscription, error) {
	account, err := s.Account(ctx, id)
	if err != nil {
		return nil, err
	}
	return s.cfg.Store.Subscriptions(ctx, account.Customer)
}

// Purchases returns the account's purchases, newest first.
func (s *Service) Purchases(ctx context.Context, id billing.AccountID) ([]billing.Purchase, error) {
	if _, err := s.Account(ctx, id); err != nil {
		return nil, err
	}
	return s.cfg.Store.Purchases(ctx, id)
}
