package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/dues-billing/dues/money"
)

// client calls Dues' HTTP API. The types below are what this application reads of the answers, no more.
type client struct {
	base      string
	serverKey string
	jwt       JWT
	wall      func() time.Time
	http      *http.Client
}

type account struct {
	Plan         string     `json:"plan"`
	PlanName     string     `json:"plan_name"`
	Price        string     `json:"price"`
	Subscription string     `json:"subscription"`
	Status       string     `json:"status"`
	Access       string     `json:"access"`
	Until        *time.Time `json:"until"`
	PeriodEnd    *time.Time `json:"period_end"`
	CancelAt     *time.Time `json:"cancel_at"`
	Why          string     `json:"why"`
	Action       string     `json:"action"`
	ActionURL    string     `json:"action_url"`
	Card         *card      `json:"payment_method"`
}

type card struct {
	Brand    string `json:"brand"`
	Last4    string `json:"last4"`
	ExpMonth int    `json:"exp_month"`
	ExpYear  int    `json:"exp_year"`
}

type entitlement struct {
	Feature string `json:"feature"`
	Enabled bool   `json:"enabled"`
	Limit   int64  `json:"limit"`
}

type license struct {
	Asset  string    `json:"asset"`
	Name   string    `json:"name"`
	EndsAt time.Time `json:"ends_at"`
	Valid  bool      `json:"valid"`
}

type plan struct {
	ID          string        `json:"id"`
	Name        string        `json:"name"`
	Description string        `json:"description"`
	Current     bool          `json:"current"`
	Prices      []price       `json:"prices"`
	Features    []planFeature `json:"features"`
	Assets      []struct {
		Name string `json:"name"`
	} `json:"assets"`
}

type price struct {
	Key           string         `json:"key"`
	Amount        int64          `json:"amount"`
	Currency      money.Currency `json:"currency"`
	Interval      string         `json:"interval"`
	IntervalCount int            `json:"interval_count"`
	Current       bool           `json:"current"`
}

type planFeature struct {
	Name    string `json:"name"`
	Type    string `json:"type"`
	Enabled bool   `json:"enabled"`
	Limit   int64  `json:"limit"`
}

type invoice struct {
	Number    string         `json:"number"`
	Status    string         `json:"status"`
	Currency  money.Currency `json:"currency"`
	Total     int64          `json:"total"`
	CreatedAt time.Time      `json:"created_at"`
	URL       string         `json:"url"`
	Lines     []struct {
		Description string `json:"description"`
	} `json:"lines"`
}

type checkout struct {
	Changed  bool   `json:"changed"`
	URL      string `json:"url"`
	Purchase string `json:"purchase"` // "" when URL is the portal
	Reason   string `json:"reason"`
}

// refusal is a problem+json answer of Dues.
type refusal struct {
	Status int    `json:"status"`
	Code   string `json:"code"`
	Detail string `json:"detail"`
	Field  string `json:"field"`
}

// Error implements error.
func (r *refusal) Error() string { return fmt.Sprintf("dues answered %d: %s", r.Status, r.Detail) }

// refusedFor reports whether Dues found this field of the request at fault.
func refusedFor(err error, field string) (*refusal, bool) {
	var r *refusal
	return r, errors.As(err, &r) && r.Field == field
}

func (c client) createAccount(ctx context.Context, id, email string) error {
	body := map[string]string{"id": id, "email": email}
	return c.call(ctx, c.serverKey, http.MethodPost, "/v1/accounts", body, nil)
}

func (c client) me(ctx context.Context, user string) (account, error) {
	var out account
	return out, c.asUser(ctx, user, http.MethodGet, "/v1/me", nil, &out)
}

func (c client) entitlements(ctx context.Context, user string) (map[string]entitlement, error) {
	var out struct {
		Entitlements []entitlement `json:"entitlements"`
	}
	err := c.asUser(ctx, user, http.MethodGet, "/v1/me/entitlements", nil, &out)
	held := map[string]entitlement{}
	for _, e := range out.Entitlements {
		held[e.Feature] = e
	}
	return held, err
}

func (c client) licenses(ctx context.Context, user string) ([]license, error) {
	var out struct {
		Licenses []license `json:"licenses"`
	}
	err := c.asUser(ctx, user, http.MethodGet, "/v1/me/licenses", nil, &out)
	return out.Licenses, err
}

func (c client) plans(ctx context.Context, user string) ([]plan, error) {
	var out struct {
		Plans []plan `json:"plans"`
	}
	err := c.asUser(ctx, user, http.MethodGet, "/v1/plans", nil, &out)
	return out.Plans, err
}

func (c client) invoices(ctx context.Context, user string) ([]invoice, error) {
	var out struct {
		Invoices []invoice `json:"invoices"`
	}
	err := c.asUser(ctx, user, http.MethodGet, "/v1/me/invoices", nil, &out)
	return out.Invoices, err
}

func (c client) checkout(ctx context.Context, user, price, successURL, cancelURL string) (checkout, error) {
	var out checkout
	body := map[string]string{"price": price, "success_url": successURL, "cancel_url": cancelURL}
	return out, c.asUser(ctx, user, http.MethodPost, "/v1/me/checkout", body, &out)
}

func (c client) portal(ctx context.Context, user, returnURL string) (string, error) {
	var out struct {
		URL string `json:"url"`
	}
	err := c.asUser(ctx, user, http.MethodPost, "/v1/me/portal", map[string]string{"return_url": returnURL}, &out)
	return out.URL, err
}

// tokenLife is short: a token is made for one call.
const tokenLife = time.Minute

func (c client) asUser(ctx context.Context, user, method, path string, in, out any) error {
	now := c.wall()
	token := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.RegisteredClaims{
		Subject: user, Issuer: c.jwt.Issuer, Audience: jwt.ClaimStrings{c.jwt.Audience},
		IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(tokenLife)),
	})
	signed, err := token.SignedString(c.jwt.Secret)
	if err != nil {
		return fmt.Errorf("demo: sign token: %w", err)
	}
	return c.call(ctx, signed, method, path, in, out)
}

func (c client) call(ctx context.Context, credential, method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		encoded, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(encoded)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, body)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+credential)
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= http.StatusBadRequest {
		problem := &refusal{Status: resp.StatusCode}
		_ = json.NewDecoder(resp.Body).Decode(problem) // a proxy's page is no JSON; the status is told in any case
		return fmt.Errorf("%s %s: %w", method, path, problem)
	}
	if out == nil {
		return nil
	}
	return json.NewDecoder(resp.Body).Decode(out)
}
