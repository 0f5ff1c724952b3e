package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/stripe/stripe-go/v86"
)

// devKey is the account at the emulator that `dues dev` runs on.
const devKey = "sk_test_dues_dev"

// webhookPath is where the service takes webhooks in.
const webhookPath = "/webhooks/stripe"

// devState is what a second start of `dues dev` must find as it was, beside database, journal and mails.
type devState struct {
	ServerKey     string `json:"server_key"`
	OperatorKey   string `json:"operator_key"`
	JWTSecret     string `json:"jwt_secret"`
	AdminPassword string `json:"admin_password"`
	Endpoint      string `json:"endpoint"` // id of the webhook endpoint at the emulator
	WebhookSecret string `json:"webhook_secret"`
}

// openState reads the state in dir, or makes a new one with fresh secrets.
func openState(dir string) (devState, error) {
	text, err := os.ReadFile(stateFile(dir))
	if errors.Is(err, fs.ErrNotExist) {
		s := devState{ServerKey: secret(), OperatorKey: secret(), JWTSecret: secret(), AdminPassword: secret()[:12]}
		return s, s.save(dir)
	}
	if err != nil {
		return devState{}, err
	}
	var s devState
	if err := json.Unmarshal(text, &s); err != nil {
		return s, hint(fmt.Errorf("%s cannot be read: %w", stateFile(dir), err), "dues dev --reset begins anew")
	}
	if s.OperatorKey == "" { // a state from before there was one
		s.OperatorKey = secret()
		return s, s.save(dir)
	}
	return s, nil
}

func stateFile(dir string) string { return filepath.Join(dir, "dev.json") }

// save replaces the file as a whole, so that a kill leaves the old one or the new one.
func (s devState) save(dir string) error {
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	partial := stateFile(dir) + ".partial"
	if err := os.WriteFile(partial, text, 0o600); err != nil {
		return err
	}
	return os.Rename(partial, stateFile(dir))
}

func secret() string {
	b := make([]byte, 24)
	_, _ = rand.Read(b) // never fails: the documentation says so
	return hex.EncodeToString(b)
}

// ensureEndpoint makes the webhook endpoint at the emulator, or points the one of last time to this start's URL. One that a
// killed start made and had no time to write down is removed: nobody knows its secret.
func (s *devState) ensureEndpoint(ctx context.Context, client *stripe.Client, url string) error {
	for endpoint, err := range client.V1WebhookEndpoints.List(ctx, nil).All(ctx) {
		switch {
		case err != nil:
			return err
		case endpoint.ID != s.Endpoint:
			if !strings.HasSuffix(endpoint.URL, webhookPath) {
				continue // somebody's own
			}
			if _, err := client.V1WebhookEndpoints.Delete(ctx, endpoint.ID, nil); err != nil {
				return err
			}
		case endpoint.URL == url:
			return nil
		default:
			_, err := client.V1WebhookEndpoints.Update(ctx, s.Endpoint, &stripe.WebhookEndpointUpdateParams{URL: stripe.String(url)})
			return err
		}
	}
	made, err := client.V1WebhookEndpoints.Create(ctx, &stripe.WebhookEndpointCreateParams{
		URL: stripe.String(url), EnabledEvents: stripe.StringSlice([]string{"*"}), APIVersion: stripe.String(stripe.APIVersion),
	})
	if err != nil {
		return err
	}
	s.Endpoint, s.WebhookSecret = made.ID, made.Secret
	return nil
}
