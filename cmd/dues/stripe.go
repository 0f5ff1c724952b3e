package main

import (
	"context"
	"errors"
	"log/slog"

	"github.com/dues-billing/dues"
	"github.com/dues-billing/dues/service"
)

// stripeFlags are those of every command that speaks to a Stripe account.
type stripeFlags struct {
	StripeKey  string `help:"Secret or restricted key. Needed." env:"DUES_STRIPE_KEY" placeholder:"sk_…" group:"stripe"`
	StripeBase string `help:"Another Stripe, such as an emulator's URL." env:"DUES_STRIPE_BASE" placeholder:"URL" group:"stripe"`
}

const keyNeeded = "--stripe-key (DUES_STRIPE_KEY), from the Stripe Dashboard under Developers, API keys"

// shop are the flags of commands that work on the service's data beside a running service.
type shop struct {
	logging
	database
	stripeFlags
	ProviderAccounts providerAccounts `help:"More Stripe accounts, as for dues serve." env:"DUES_PROVIDER_ACCOUNTS" placeholder:"YAML" group:"stripe"`

	Catalog    string `help:"What is sold. Default: catalog.yaml." env:"DUES_CATALOG" default:"catalog.yaml" placeholder:"FILE"`
	AccountKey string `help:"Metadata of Stripe's customers that holds the app's own id, for customers from before Dues." env:"DUES_ACCOUNT_KEY" placeholder:"NAME" group:"stripe"`
}

// open opens the service without serving it. Mails and calls that a command brings about are done by the service that runs.
func (s shop) open(ctx context.Context, log *slog.Logger) (*dues.Service, error) {
	return s.openWith(ctx, log, service.Clock{})
}

// openWith opens it with a clock of its own.
func (s shop) openWith(ctx context.Context, log *slog.Logger, clock service.Clock) (*dues.Service, error) {
	if s.StripeKey == "" {
		return nil, hint(errors.New("this needs "+keyNeeded), "without an account at hand try: dues dev")
	}
	plans, err := readCatalog(s.Catalog)
	if err != nil {
		return nil, err
	}
	accounts, err := s.ProviderAccounts.read(s.StripeBase)
	if err != nil {
		return nil, err
	}
	return dues.Open(ctx, dues.Config{
		ProviderAccounts: accounts,
		Stripe:           dues.Stripe{Key: s.StripeKey, BaseURL: s.StripeBase, AccountKey: s.AccountKey},
		Database:         s.Database, KeepSchema: s.KeepSchema, Catalog: plans,
		PublicURL: "http://127.0.0.1", // nobody is sent anywhere
		Log:       log, Version: programVersion(), Clock: clock,
	})
}
