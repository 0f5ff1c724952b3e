package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/dues-billing/dues/emulator"
)

type emulate struct {
	logging
	Addr    string `help:"Where to listen." env:"DUES_EMULATOR_ADDR" default:"127.0.0.1:12111"`
	URL     string `help:"How browsers reach it, for links to hosted pages. Default: http:// and --addr." env:"DUES_EMULATOR_URL"`
	Journal string `help:"Keep every account in this file, over restarts. Default: in memory." env:"DUES_EMULATOR_JOURNAL" placeholder:"FILE"`
	Seed    string `help:"The same seed and the same requests give the same ids." env:"DUES_EMULATOR_SEED"`
}

// Help teaches by examples.
func (emulate) Help() string {
	return `Point an official SDK at it by its base URL, with any key that begins with sk_test_; each key is an account of its own.

  dues emulate &
  curl http://127.0.0.1:12111/v1/customers -u sk_test_mine: -d email=ada@example.com

  Go      stripe.NewBackendsWithConfig(&stripe.BackendConfig{URL: stripe.String("http://127.0.0.1:12111")})
  Node    new Stripe("sk_test_mine", {host: "127.0.0.1", port: 12111, protocol: "http"})
  Python  stripe.api_base = "http://127.0.0.1:12111"

Pages: hosted Checkout, customer portal, and the dashboard with the clock at /_emulator.`
}

// Run serves the emulator until Ctrl-C.
func (e emulate) Run(ctx context.Context, c console) error {
	log := e.logger(c.err)
	l, err := listen(e.Addr, "dues emulate --addr")
	if err != nil {
		return err
	}
	url := e.URL
	if url == "" {
		url = "http://" + l.Addr().String()
	}
	stripe, err := emulator.New(emulator.Options{Now: time.Now, Journal: e.Journal, Seed: e.Seed, BaseURL: url, Log: log})
	if err != nil {
		_ = l.Close() // the first error is the one to tell
		return hint(fmt.Errorf("the emulator does not start: %w", err), "a journal of another version can be moved away: --journal takes any new name")
	}
	c.printf("Stripe API  %s  (any key that begins with sk_test_)\n", url)
	c.printf("Dashboard   %s/_emulator\n", url)
	c.printf("ready\n")
	api := open(l, stripe, log)
	return errors.Join(wait(ctx, api.failed), api.close(), stripe.Close())
}
