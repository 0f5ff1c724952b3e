package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/dues-billing/dues/emulator"
	"github.com/dues-billing/dues/emulator/engine"
)

type emulate struct {
	logging
	Addr     string   `help:"Where to listen." env:"DUES_EMULATOR_ADDR" default:"127.0.0.1:12111"`
	URL      string   `help:"How browsers reach it, for links to hosted pages. Default: http:// and --addr." env:"DUES_EMULATOR_URL"`
	State    string   `help:"Keep every account in this file, over restarts and kills. Default: in memory." env:"DUES_EMULATOR_STATE" placeholder:"FILE"`
	Seed     string   `help:"The same seed and the same requests give the same ids." env:"DUES_EMULATOR_SEED"`
	Settings string   `help:"A YAML file with what Stripe keeps in its Dashboard: 'end_of_dunning: unpaid'." env:"DUES_EMULATOR_SETTINGS" placeholder:"FILE"`
	Set      []string `help:"One setting over the file's, for example retry_days=[3,5,7]. May be repeated." sep:"none" placeholder:"NAME=VALUE"`
}

// Help teaches by examples.
func (emulate) Help() string {
	return `Point an official SDK at it by its base URL, with any key that begins with sk_test_; each key is an account of its own.

  dues emulate &
  curl http://127.0.0.1:12111/v1/customers -u sk_test_mine: -d email=ada@example.com

  Go      stripe.NewBackendsWithConfig(&stripe.BackendConfig{URL: stripe.String("http://127.0.0.1:12111")})
  Node    new Stripe("sk_test_mine", {host: "127.0.0.1", port: 12111, protocol: "http"})
  Python  stripe.api_base = "http://127.0.0.1:12111"

Pages: hosted Checkout, customer portal, and at /_emulator the dashboard: objects, time lines, a clock to drag, events, requests, chaos, snapshots.

Settings are those of Stripe's Dashboard; a change at run time is POST /_emulator/api/settings (docs/emulator.md tells them all).

  dues emulate --set end_of_dunning=unpaid --set 'retry_days=[1, 3, 5]' --set upcoming_lead_days=30
  dues emulate --settings stripe.yaml --state stripe.state --seed ci

Time, snapshots, forks, rewinds and failing webhooks are operations of its own API beside Stripe's.

  curl http://127.0.0.1:12111/_emulator/api/clock -u sk_test_mine: -d by=2678400
  curl http://127.0.0.1:12111/_emulator/api/snapshots -u sk_test_mine: -d name=before
  curl http://127.0.0.1:12111/_emulator/api/snapshots/before/restore -u sk_test_mine: -X POST
  curl http://127.0.0.1:12111/_emulator/api/chaos -u sk_test_mine: -d kind=duplicate -d percent=20`
}

// Run serves the emulator until Ctrl-C.
func (e emulate) Run(ctx context.Context, c console) error {
	emulator.TuneCollector()
	log := e.logger(c.err)
	settings, err := e.settings()
	if err != nil {
		return err
	}
	l, err := listen(e.Addr, "dues emulate --addr")
	if err != nil {
		return err
	}
	url := e.URL
	if url == "" {
		url = "http://" + l.Addr().String()
	}
	release, err := e.lock()
	if err != nil {
		_ = l.Close() // the first error is the one to tell
		return err
	}
	stripe, err := emulator.New(emulator.Options{Now: time.Now, Journal: e.State, Seed: e.Seed, Settings: settings, BaseURL: url, Log: log})
	if err != nil {
		_, _ = l.Close(), release() // the first error is the one to tell
		err = fmt.Errorf("the emulator does not start: %w", err)
		if e.State == "" {
			return err
		}
		return hint(err, "a state file of another version or seed can be moved away: --state takes any new name")
	}
	c.printf("Stripe API  %s  (any key that begins with sk_test_)\n", url)
	c.printf("Dashboard   %s/_emulator\n", url)
	if e.URL != "" { // which need not say where that is
		c.printf("Listening   http://%s\n", l.Addr())
	}
	c.printf("ready\n")
	api := open(l, stripe, log)
	return errors.Join(wait(ctx, api.failed), api.close(), stripe.Close(), release())
}

// lock keeps a second process from writing the state: of two that hold different accounts in memory, each would undo the other's.
func (e emulate) lock() (release func() error, err error) {
	if e.State == "" {
		return func() error { return nil }, nil
	}
	release, err = lockFile(e.State)
	if errors.Is(err, errLocked) {
		return nil, hint(fmt.Errorf("another process uses the state file %s", e.State), "stop it, or give this one a file of its own: --state FILE")
	}
	if err != nil {
		return nil, hint(fmt.Errorf("the state file: %w", err), "--state takes a file that can be written")
	}
	return release, nil
}

// settings are those that were given: the file's, and over them the flags'. Without any they are the state's, or the defaults.
func (e emulate) settings() (engine.Settings, error) {
	var texts [][]byte
	if e.Settings != "" {
		text, err := os.ReadFile(e.Settings)
		if err != nil {
			return engine.Settings{}, hint(err, "--settings takes a YAML file such as 'end_of_dunning: unpaid'")
		}
		texts = append(texts, text)
	}
	for _, set := range e.Set {
		name, value, ok := strings.Cut(set, "=")
		if !ok || strings.TrimSpace(name) == "" {
			return engine.Settings{}, hint(fmt.Errorf("--set %s names no value", set), "--set takes a setting and its value: --set end_of_dunning=unpaid")
		}
		texts = append(texts, []byte(name+": "+value))
	}
	if texts == nil {
		return engine.Settings{}, nil
	}
	settings, err := emulator.ReadSettings(texts...)
	if err != nil {
		return settings, hint(err, "docs/emulator.md and GET /_emulator/api/settings list the settings and what they are by default")
	}
	return settings, nil
}
