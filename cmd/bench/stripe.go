package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os/exec"
	"strings"
)

// The emulator beside stripe-mock, Stripe's own stateless double: it checks parameters against the same document and answers fixtures,
// and so marks what a double costs that remembers nothing.

// startMock builds stripe-mock from tools/go.mod and runs it on a free port until the stage closes.
func (s *stage) startMock(ctx context.Context) error {
	path, err := exec.CommandContext(ctx, "go", "tool", "-n", "-modfile=tools/go.mod", "stripe-mock").Output()
	if err != nil {
		return fmt.Errorf("build it: %w", err)
	}
	s.mock, err = launch(ctx, "at address: ", strings.TrimSpace(string(path)), "-http-addr", "127.0.0.1:0")
	if err == nil {
		s.closers = append(s.closers, s.mock.stop)
	}
	return err
}

// loadKey opens a world of its own; stripe-mock takes letters and digits only.
const loadKey = "sk_test_load"

// payersMax is how many customers subscribe in turn.
const payersMax = 500

// addPayers makes customers whose card is charged.
func (s *stage) addPayers(ctx context.Context) ([]string, error) {
	var ids []string
	for range payersMax {
		req, err := s.form(s.stripe.url, "/v1/customers", url.Values{
			"payment_method": {"pm_card_visa"}, "invoice_settings[default_payment_method]": {"pm_card_visa"},
		})
		if err != nil {
			return nil, err
		}
		id, err := s.made(req.WithContext(ctx))
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	req, err := s.form(s.stripe.url, "/v1/prices", url.Values{
		"currency": {"usd"}, "unit_amount": {"2000"}, "recurring[interval]": {"month"}, "product_data[name]": {"Pro"}, "lookup_key": {"pro"},
	})
	if err != nil {
		return nil, err
	}
	s.price, err = s.made(req.WithContext(ctx))
	return ids, err
}

// made sends a request and returns the id of what it made.
func (s *stage) made(req *http.Request) (id string, err error) {
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, resp.Body.Close()) }()
	var object struct {
		ID string `json:"id"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&object); err != nil {
		return "", err
	}
	if object.ID == "" {
		return "", fmt.Errorf("%s answered %s", req.URL.Path, resp.Status)
	}
	return object.ID, nil
}

func (s *stage) form(base, path string, form url.Values) (*http.Request, error) {
	req, err := http.NewRequest(http.MethodPost, base+path, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+loadKey)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return req, nil
}

// stripeWorkloads are the same two requests to both doubles.
func (s *stage) stripeWorkloads() []workload {
	customers := func(base string) func(int64) (*http.Request, error) {
		return func(n int64) (*http.Request, error) {
			return s.form(base, "/v1/customers", url.Values{"email": {fmt.Sprintf("c%d@example.com", n)}, "name": {"Ada Lovelace"}})
		}
	}
	subscriptions := func(base string) func(int64) (*http.Request, error) {
		return func(n int64) (*http.Request, error) {
			return s.form(base, "/v1/subscriptions", url.Values{"customer": {s.payers[n%payersMax]}, "items[0][price]": {s.price}})
		}
	}
	const customersGoal, subscriptionsGoal = 200, 150 // percent of stripe-mock
	ours := []workload{
		{
			name: "emulator: POST /v1/customers", make: customers(s.stripe.url), server: s.stripe,
			peer: "stripe-mock: POST /v1/customers", goal: customersGoal,
		},
		{
			name: "emulator: POST /v1/subscriptions, paid", make: subscriptions(s.stripe.url), server: s.stripe, clients: 1,
			peer: "stripe-mock: POST /v1/subscriptions", goal: subscriptionsGoal,
		},
	}
	if s.mock == nil {
		return ours
	}
	return append([]workload{
		{name: "stripe-mock: POST /v1/customers", make: customers(s.mock.url), server: s.mock},
		{name: "stripe-mock: POST /v1/subscriptions", make: subscriptions(s.mock.url), server: s.mock, clients: 1},
	}, ours...)
}
