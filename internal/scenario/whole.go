package scenario

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues"
	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/httpapi"
	"github.com/dues-billing/dues/money"
	"github.com/dues-billing/dues/service"
)

// What the service of a story is told, and its customers know.
const (
	serverKey   = "the-key-of-the-apps-server"
	operatorKey = "the-key-of-who-runs-it"
	jwtSecret   = "a secret that signs the tokens of a story"
	jwtName     = "story"
	appURL      = "https://app.example.com" // of the application, which nobody runs: a walk ends where it leads there
)

// whole is the driver of the whole service over HTTP: customers act by its API and by the hosted pages, and Stripe reaches it by
// webhooks.
type whole struct {
	stripeSide
	t        testing.TB
	database string
	catalog  billing.Catalog
	svc      *dues.Service
	url      string
	http     *http.Client
	told     told
	letters  postbox
	keys     keyring
}

// NewWhole returns a driver that runs the service with a catalogue on the database of a URL, with an emulator.
func NewWhole(t testing.TB, database string, catalog billing.Catalog) Driver {
	return &whole{t: t, database: database, catalog: catalog, http: &http.Client{Timeout: personTimeout}}
}

// Move implements Driver.
func (d *whole) Move(ctx context.Context, to time.Time) error {
	if d.svc == nil {
		return d.begin(ctx, to)
	}
	for { // one planned thing after the other: a renewal waits until the service has taken its webhook
		due, planned := d.nextDue()
		if !planned || due.After(to) {
			break
		}
		d.move(due)
		if err := d.settle(ctx); err != nil {
			return err
		}
	}
	d.move(to)
	return d.settle(ctx)
}

// begin starts everything at a moment.
func (d *whole) begin(ctx context.Context, at time.Time) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	d.url = "http://" + listener.Addr().String()
	d.stripeSide = newStripeSide(d.t, at, d.url)
	endpoint, err := d.client.V1WebhookEndpoints.Create(ctx, &stripe.WebhookEndpointCreateParams{
		URL: stripe.String(d.url + "/webhooks/stripe"), EnabledEvents: stripe.StringSlice([]string{"*"}), APIVersion: stripe.String(stripe.APIVersion),
	})
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	d.svc, err = dues.Open(ctx, dues.Config{
		Stripe:   dues.Stripe{Key: d.server.Key, BaseURL: d.server.URL, WebhookSecrets: []string{endpoint.Secret}},
		Database: d.database, Catalog: d.catalog, PublicURL: d.url, ReturnHosts: []string{"app.example.com"},
		ServerKeys: []string{serverKey}, OperatorKeys: []string{operatorKey}, JWT: httpapi.JWT{Algorithm: "HS256", Key: []byte(jwtSecret), Issuer: jwtName, Audience: jwtName, RoleClaim: "role"},
		Sender: &d.letters, Endpoints: []service.Endpoint{dues.OnEvent("story", d.told.take)}, Clock: service.Clock{Business: d.clock.Now, Wall: d.clock.Now},
		Log: slog.New(slog.NewTextHandler(d.t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn})),
	})
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	d.serve(listener)
	return nil
}

// serve runs the service until the test ends.
func (d *whole) serve(listener net.Listener) {
	web := &http.Server{Handler: d.svc.Handler(), ReadHeaderTimeout: personTimeout}
	running, stop := context.WithCancel(context.Background())
	done := make(chan error, 2)
	go func() { done <- web.Serve(listener) }()
	go func() { done <- d.svc.Run(running) }()
	d.t.Cleanup(func() {
		stop()
		err := web.Close()
		for range 2 {
			if ended := <-done; !errors.Is(ended, http.ErrServerClosed) && !errors.Is(ended, context.Canceled) {
				err = errors.Join(err, ended)
			}
		}
		if err := errors.Join(err, d.svc.Close()); err != nil {
			d.t.Errorf("the service did not end well: %v", err)
		}
	})
}

// settle returns when every event has been taken in and every effect has happened. Effects make events, so it looks until there
// are none.
func (d *whole) settle(ctx context.Context) error {
	for {
		if d.undelivered() {
			Pause(ctx)
			if ctx.Err() != nil {
				return fmt.Errorf("webhooks are not taken in: %w", ctx.Err())
			}
			continue
		}
		if err := d.svc.Drain(ctx); err != nil || !d.undelivered() {
			return err
		}
	}
}

// SignUp implements Driver.
func (d *whole) SignUp(ctx context.Context, who string) error {
	body := map[string]string{"id": who, "email": mailOf(who), "name": who}
	if err := d.call(ctx, http.MethodPost, "/v1/accounts", serverKey, body, nil); err != nil {
		return err
	}
	return d.settle(ctx)
}

// checkout asks to be put on a price.
func (d *whole) checkout(ctx context.Context, who, price string, newMethod bool) (httpapi.Checkout, error) {
	var out httpapi.Checkout
	err := d.as(ctx, who, http.MethodPost, "/v1/me/checkout", map[string]any{
		"price": price, "success_url": appURL + "/done", "cancel_url": appURL + "/plans", "new_method": newMethod,
	}, &out)
	return out, err
}

// Subscribe implements Driver.
func (d *whole) Subscribe(ctx context.Context, who, price, card string) error {
	out, err := d.checkout(ctx, who, price, true)
	if err != nil {
		return err
	}
	if out.URL == "" {
		return errors.New("the service offered no page to pay on")
	}
	if err := d.pay(ctx, who, out.URL, card); err != nil {
		return err
	}
	return d.settle(ctx)
}

// Challenge implements Driver.
func (d *whole) Challenge(ctx context.Context, who string, succeed bool) error {
	if err := d.challenge(ctx, who, succeed); err != nil {
		return err
	}
	return d.settle(ctx)
}

// Change implements Driver.
func (d *whole) Change(ctx context.Context, who, price string) error {
	out, err := d.checkout(ctx, who, price, false)
	if err != nil {
		return err
	}
	if !out.Changed {
		return fmt.Errorf("the service wants a page to be visited (%s), and the saved card should do", out.Reason)
	}
	return d.settle(ctx)
}

// Card implements Driver.
func (d *whole) Card(ctx context.Context, who, card string) error {
	portal, err := d.portal(ctx, who)
	if err != nil {
		return err
	}
	if err := d.person.addCard(ctx, portal, card); err != nil {
		return err
	}
	return d.settle(ctx)
}

// Cancel implements Driver.
func (d *whole) Cancel(ctx context.Context, who string, undo bool) error {
	portal, err := d.portal(ctx, who)
	if err != nil {
		return err
	}
	if err := d.person.cancel(ctx, portal, undo); err != nil {
		return err
	}
	return d.settle(ctx)
}

func (d *whole) portal(ctx context.Context, who string) (string, error) {
	var out httpapi.Portal
	err := d.as(ctx, who, http.MethodPost, "/v1/me/portal", map[string]string{"return_url": appURL + "/billing"}, &out)
	return out.URL, err
}

// Seen implements Driver. Subscription and invoices are the service's word, so that its mirror of Stripe is what is compared.
func (d *whole) Seen(ctx context.Context, who string) (Seen, error) {
	var me httpapi.Account
	var invoices httpapi.Invoices
	var licenses httpapi.Licenses
	var held httpapi.Entitlements
	for path, out := range map[string]any{
		"/v1/me": &me, "/v1/me/invoices": &invoices, "/v1/me/licenses": &licenses, "/v1/me/entitlements": &held,
	} {
		if err := d.as(ctx, who, http.MethodGet, path, nil, out); err != nil {
			return Seen{}, err
		}
	}
	seen, err := d.seen(ctx, string(me.Customer))
	if err != nil {
		return Seen{}, err
	}
	seen.Subscription = Subscription{Price: me.Price, Status: string(me.Status), PeriodEnd: deref(me.PeriodEnd)}
	seen.Invoices = nil
	for _, invoice := range slices.Backward(invoices.Invoices) {
		seen.Invoices = append(seen.Invoices, Invoice{money.New(invoice.Total, invoice.Currency), string(invoice.Status)})
	}
	seen.Service = &Service{
		Level: string(me.Access), Plan: string(me.Plan), Until: deref(me.PeriodEnd),
		Features: map[string]string{}, Licenses: map[string]time.Time{},
	}
	for _, l := range licenses.Licenses {
		if l.EndsAt != nil {
			seen.Service.Licenses[string(l.Asset)] = time.Time(*l.EndsAt)
		}
	}
	for _, e := range held.Entitlements {
		seen.Service.Features[string(e.Feature)] = entitlement(e)
	}
	seen.Service.Mails, err = d.mails(ctx, who)
	return seen, err
}

func deref(t *httpapi.Moment) time.Time {
	if t == nil {
		return time.Time{}
	}
	return time.Time(*t)
}

func entitlement(e httpapi.Entitlement) string {
	switch {
	case e.Type == billing.Limit:
		return strconv.FormatInt(e.Limit, 10)
	case e.Enabled:
		return "yes"
	}
	return "no"
}

// mails are the kinds of the mails that were sent, oldest first.
func (d *whole) mails(ctx context.Context, who string) ([]string, error) {
	const most = 1000 // far above what a story sends
	effects, _, err := d.svc.Effects(ctx, service.EffectFilter{Account: billing.AccountID(who)}, service.Page{Limit: most})
	var kinds []string
	for _, e := range slices.Backward(effects) {
		if e.Kind == string(billing.MailEffect) && !e.DoneAt.IsZero() {
			kinds = append(kinds, e.Name)
		}
	}
	return kinds, err
}

// token is what the application would sign for a person of an account.
func (d *whole) token(account, role string) (string, error) {
	return jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
		"sub": account, "iss": jwtName, "aud": jwtName, "exp": d.clock.Now().Add(time.Minute).Unix(), "role": role,
	}).SignedString([]byte(jwtSecret))
}

// as calls the service for a customer who owns his account.
func (d *whole) as(ctx context.Context, who, method, path string, body, out any) error {
	token, err := d.token(who, "owner")
	if err != nil {
		return err
	}
	return d.call(ctx, method, path, token, body, out)
}

func (d *whole) call(ctx context.Context, method, path, bearer string, body, out any) error {
	var sent io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return err
		}
		sent = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, d.url+path, sent)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+bearer)
	req.Header.Set("Content-Type", "application/json")
	resp, err := d.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode >= http.StatusBadRequest {
		no := &refusal{request: method + " " + path}
		if err := json.Unmarshal(text, &no.problem); err != nil {
			return fmt.Errorf("%s answered %s: %s", no.request, resp.Status, text)
		}
		return no
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(text, out)
}
