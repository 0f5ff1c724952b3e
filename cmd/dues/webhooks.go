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
	Setup webhooksSetup `cmd:"" help:"Make or mend the endpoint at Stripe: our events, our API version."`
}

type webhooksSetup struct {
	stripeFlags
	ProviderAccount string `help:"The name of the provider account that the key is of, when it is not the default one." placeholder:"NAME"`
	PublicURL       string `help:"How Stripe reaches the service." env:"DUES_PUBLIC_URL" placeholder:"URL"`
}

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
	if w.StripeKey == "" || w.PublicURL == "" {
		return errors.New("setup needs " + keyNeeded + ", and --public-url (DUES_PUBLIC_URL)")
	}
	client := stripeprovider.New(stripeprovider.Config{Key: w.StripeKey, BaseURL: w.StripeBase, Log: slog.New(slog.DiscardHandler)})
	url := strings.TrimRight(w.PublicURL, "/") + webhookPath
	if name := billing.ProviderAccountNamed(w.ProviderAccount); name != "" {
		url += "/" + string(name)
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
			say.printf("%s delivers to the same URL in version %s: keep its secret beside the new one until you delete it\n", old.ID, old.APIVersion)
		}
	}
	return nil
}
