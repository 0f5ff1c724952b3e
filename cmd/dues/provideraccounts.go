package main

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/alecthomas/kong"
	"github.com/goccy/go-yaml"

	"github.com/dues-billing/dues"
)

// providerAccounts is the Stripe accounts beside the default one: a list in the config file, or the same as YAML or JSON in a flag or
// variable. It is kept as text until it is read, as endpoints are, for it holds secrets.
type providerAccounts endpoints

// providerAccountEntry is one of the list.
type providerAccountEntry struct {
	Name              string `yaml:"name"`
	StripeKey         string `yaml:"stripe_key"`
	StripeKeyFile     string `yaml:"stripe_key_file"`
	StripeKeyEnv      string `yaml:"stripe_key_env"`
	StripeBase        string `yaml:"stripe_base"`
	WebhookSecret     string `yaml:"webhook_secret"`
	WebhookSecretFile string `yaml:"webhook_secret_file"`
	WebhookSecretEnv  string `yaml:"webhook_secret_env"`
	PreviousSecret    string `yaml:"previous_webhook_secret"`
	PreviousFile      string `yaml:"previous_webhook_secret_file"`
	PreviousEnv       string `yaml:"previous_webhook_secret_env"`
	AccountKey        string `yaml:"account_key"`
}

// Decode implements kong.MapperValue.
func (p *providerAccounts) Decode(ctx *kong.DecodeContext) error { return (*endpoints)(p).Decode(ctx) }

// read returns the provider accounts; one without a Stripe of its own is reached at base. Unknown fields are refused: a misspelt one would otherwise be silently ignored.
func (p providerAccounts) read(base string) ([]dues.ProviderAccount, error) {
	if strings.TrimSpace(string(p)) == "" {
		return nil, nil
	}
	var entries []providerAccountEntry
	if err := yaml.UnmarshalWithOptions([]byte(p), &entries, yaml.Strict()); err != nil {
		return nil, hint(fmt.Errorf("provider accounts: %s", firstLine(err)), "a list of name, stripe_key and webhook_secret (or …_file, …_env), such as\n"+
			"[{name: test, stripe_key_env: STRIPE_TEST_KEY, webhook_secret_env: STRIPE_TEST_SECRET}]")
	}
	var all []dues.ProviderAccount
	for i, entry := range entries {
		account, err := entry.account()
		if err != nil {
			return nil, fmt.Errorf("provider account %d (%s): %w", i+1, entry.Name, err)
		}
		account.BaseURL = cmp.Or(account.BaseURL, base)
		all = append(all, account)
	}
	return all, nil
}

func (e providerAccountEntry) account() (dues.ProviderAccount, error) {
	key, err := oneSecret("stripe_key", e.StripeKey, e.StripeKeyFile, e.StripeKeyEnv)
	secret, errSecret := oneSecret("webhook_secret", e.WebhookSecret, e.WebhookSecretFile, e.WebhookSecretEnv)
	previous, errPrevious := oneSecret("previous_webhook_secret", e.PreviousSecret, e.PreviousFile, e.PreviousEnv)
	account := dues.ProviderAccount{Name: e.Name, Stripe: dues.Stripe{Key: key, BaseURL: e.StripeBase, AccountKey: e.AccountKey}}
	for _, s := range []string{secret, previous} {
		if s != "" {
			account.WebhookSecrets = append(account.WebhookSecrets, s)
		}
	}
	return account, errors.Join(err, errSecret, errPrevious)
}
