package main

import (
	"context"
	"errors"
	"log/slog"
	"strings"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/stripeprovider"
)

type webhooks struct {
	Setup  webhooksSetup  `cmd:"" help:"Make or mend the endpoint at Stripe: our events, our API version."`
	Retire webhooksRetire `cmd:"" help:"Move to a new API version: disable the endpoints of older ones, or bring them back."`
}

// endpointFlags say which endpoint at Stripe is meant.
type endpointFlags struct {
	stripeFlags
	ProviderAccount string `help:"The name of the provider account that the key is of, when it is not the default one." placeholder:"NAME"`
	PublicURL       string `help:"How Stripe reaches the service." env:"DUES_PUBLIC_URL" placeholder:"URL"`
}

// open returns Stripe and the endpoint's URL.
func (e endpointFlags) open(command string) (client *stripeprovider.Client, url string, err error) {
	if e.StripeKey == "" || e.PublicURL == "" {
		return nil, "", errors.New(command + " needs " + keyNeeded + ", and --public-url (DUES_PUBLIC_URL)")
	}
	url = strings.TrimRight(e.PublicURL, "/") + webhookPath
	if name := billing.ProviderAccountNamed(e.ProviderAccount); name != "" {
		url += "/" + string(name)
	}
	return stripeprovider.New(stripeprovider.Config{Key: e.StripeKey, BaseURL: e.StripeBase, Log: slog.New(slog.DiscardHandler)}), url, nil
}

type webhooksSetup struct{ endpointFlags }

// Help teaches by examples.
func (webhooksSetup) Help() string {
	return `Makes the webhook endpoint PUBLIC-URL` + webhookPath + ` with exactly the events that Dues uses, rendered in the API version it reads, and prints its
signing secret once. An endpoint that is there is mended; one of another version stays, and a second is made beside it.

  export DUES_STRIPE_KEY=sk_test_… DUES_PUBLIC_URL=https://billing.example.com
  dues webhooks setup
  dues webhooks setup | grep whsec_ > secret   only the secret goes to standard output`
}

// Run makes or mends the endpoint.
func (w webhooksSetup) Run(ctx context.Context, c console) error {
	client, url, err := w.open("setup")
	if err != nil {
		return err
	}
	e, made, err := client.EnsureEndpoint(ctx, url)
	if err != nil {
		return err
	}
	say := console{c.err, c.err}
	say.printf("%s: %s, %d events, API version %s\n", e.ID, e.URL, len(stripeprovider.EventTypes), e.APIVersion)
	if !made {
		say.printf("it was there and is mended; its signing secret stays as it is\n")
		return nil
	}
	say.printf("its signing secret, which Stripe tells only now, for DUES_WEBHOOK_SECRET:\n")
	c.printf("%s\n", e.Secret)
	others, err := client.Endpoints(ctx, url)
	if err != nil {
		return err
	}
	for _, old := range others {
		if old.ID != e.ID {
			say.printf("%s delivers to the same URL in version %s: keep its secret beside the new one; once the service knows both, dues webhooks retire\n", old.ID, old.APIVersion)
		}
	}
	return nil
}

type webhooksRetire struct {
	endpointFlags
	Undo   bool `help:"Enable them again." xor:"how"`
	Delete bool `help:"Delete them for good." xor:"how"`
}

// Help teaches the whole move.
func (webhooksRetire) Help() string {
	return `Stripe fixes the API version of an endpoint when it is made, so a new version of Dues that reads another one gets an endpoint of its own:

  dues webhooks setup             makes it beside the old one and prints its secret
  dues serve …                    with both secrets: DUES_WEBHOOK_SECRET=whsec_new,whsec_old
  dues webhooks retire            disables the old one; it can be brought back
  dues webhooks retire --undo     … when the new one does not work (dues doctor)
  dues webhooks retire --delete   … once it does; then drop the old secret

While both deliver, each event comes twice and is worked off once. What is missed meanwhile is found in Stripe's list of events.`
}

// Run retires them.
func (w webhooksRetire) Run(ctx context.Context, c console) error {
	client, url, err := w.open("retire")
	if err != nil {
		return err
	}
	how, done := stripeprovider.Disable, "is disabled"
	switch {
	case w.Undo:
		how, done = stripeprovider.Enable, "delivers again"
	case w.Delete:
		how, done = stripeprovider.Delete, "is deleted"
	}
	retired, err := client.RetireEndpoints(ctx, url, how)
	for _, e := range retired {
		c.printf("%s, version %s, %s\n", e.ID, e.APIVersion, done)
	}
	if billing.CodeOf(err) == billing.Conflict {
		err = hint(err, "dues webhooks setup makes or mends it; give its secret to the service first")
	}
	if err == nil && len(retired) == 0 {
		c.printf("nothing to do: %s has no endpoint of another version\n", url)
	}
	return err
}
