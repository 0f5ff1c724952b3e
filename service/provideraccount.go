package service

import (
	"context"
	"fmt"
	"slices"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/sqlstore"
)

// ProviderAccount is one of several accounts that we have at the provider: another company of ours, or test mode beside live mode. The
// catalogue is the same in all of them.
type ProviderAccount struct {
	Name      billing.ProviderAccount
	Provider  Provider
	Prices    PriceMaker
	Verifier  WebhookVerifier
	Feed      EventFeed // nil looks for no lost webhooks there
	Directory Directory // nil leaves the account's customers out of Reconcile
	Stock     Stocker   // nil leaves it out of CatalogDifferences
}

// providerAccountsMax bounds the provider accounts: each has a list of events to be read every minute.
const providerAccountsMax = 16

// providerAccount is a ProviderAccount with what is known of it.
type providerAccount struct {
	ProviderAccount
	prices priceIDs
	awake  chan struct{} // wakes the worker of its part of the inbox
	calm   calm
}

// providerAccounts checks the accounts of a config. The first is the default one.
func providerAccounts(cfg Config) ([]*providerAccount, error) {
	all := []*providerAccount{{awake: make(chan struct{}, 1), prices: newPriceIDs(), ProviderAccount: ProviderAccount{
		Provider: cfg.Provider, Prices: cfg.Prices, Verifier: cfg.Verifier, Feed: cfg.Feed, Directory: cfg.Directory, Stock: cfg.Stock,
	}}}
	for _, p := range cfg.ProviderAccounts {
		switch {
		case !endpointName.MatchString(string(p.Name)):
			return nil, billing.Errorf(billing.Invalid, "the name of a provider account is 1 to 40 of a-z, 0-9 and -, got %q", string(p.Name)).In("name")
		case billing.ProviderAccountNamed(string(p.Name)) == "" || slices.ContainsFunc(all, func(other *providerAccount) bool { return other.Name == p.Name }):
			return nil, billing.Errorf(billing.Invalid, "there are two provider accounts %q", p.Name.Name()).In("name")
		case p.Provider == nil || p.Prices == nil || p.Verifier == nil:
			return nil, fmt.Errorf("service: provider account %s needs Provider, Prices and Verifier", p.Name)
		}
		all = append(all, &providerAccount{ProviderAccount: p, awake: make(chan struct{}, 1), prices: newPriceIDs()})
	}
	if len(all) > providerAccountsMax {
		return nil, billing.Errorf(billing.Invalid, "there are %d provider accounts, and %d are the limit", len(all), providerAccountsMax)
	}
	return all, nil
}

// at returns the provider account of a name, or an error of code not_found when it is not configured (any more).
func (s *Service) at(name billing.ProviderAccount) (*providerAccount, error) {
	for _, p := range s.providers {
		if p.Name == name {
			return p, nil
		}
	}
	return nil, billing.Errorf(billing.NotFound, "there is no provider account %q", name.Name()).In("provider_account")
}

// of returns the provider account that a customer is in. When only one is configured, that is not looked up.
func (s *Service) of(ctx context.Context, customer billing.CustomerID) (*providerAccount, error) {
	if len(s.providers) == 1 {
		return s.providers[0], nil
	}
	home, err := s.cfg.Store.Home(ctx, customer)
	if err != nil {
		return nil, err
	}
	return s.configured(home)
}

// wakeInbox tells the workers of all provider accounts that there is something to do.
func (s *Service) wakeInbox() {
	for _, p := range s.providers {
		wake(p.awake)
	}
}

// configured is at for what we know already: it waits, or is answered 503, until the provider account is configured again.
func (s *Service) configured(name billing.ProviderAccount) (*providerAccount, error) {
	p, err := s.at(name)
	if err != nil {
		return nil, &billing.Error{Code: billing.Unavailable, Message: "the provider account " + name.Name() + " is not configured", Err: err}
	}
	return p, nil
}

// nameOf is the name of a lease or mark for this provider account. Of the default one it is as it was when there was no other.
func (p *providerAccount) nameOf(what string) string {
	if p.Name == "" {
		return what
	}
	return what + ":" + string(p.Name)
}

// setHome notes where a customer was found.
func (s *Service) setHome(ctx context.Context, customer billing.CustomerID, home billing.ProviderAccount) error {
	if home == "" {
		return nil
	}
	return s.inTx(ctx, func(tx *sqlstore.Tx) error { return tx.SetHome(ctx, customer, home) })
}
