package httpapi_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues"
	"github.com/dues-billing/dues/service"
)

// Rows: B1 D2 D7.
// Features: 97.
func TestAServerMakesAnAccountOnceAndReadsIt(t *testing.T) {
	t.Parallel()
	s := &script{world: newWorld(t)}
	ada := map[string]string{"id": "ada", "email": "ada@example.com", "name": "Ada Lovelace"}
	s.do(request{method: "POST", path: "/v1/accounts", credential: serverKey, body: ada})
	s.do(request{method: "POST", path: "/v1/accounts", credential: serverKey, body: ada})
	s.do(request{method: "GET", path: "/v1/accounts/ada", credential: serverKey})
	s.do(request{method: "GET", path: "/v1/accounts/ada/entitlements", credential: serverKey})
	s.do(request{method: "GET", path: "/v1/accounts/nobody", credential: serverKey})
	s.do(request{method: "GET", path: "/v1/accounts/nobody/entitlements", credential: serverKey})
	s.check("accounts")
}

// Rows: B3 D2 D3 D6 D7.
// Features: 97.
func TestAnEndUserSeesAndChangesHimself(t *testing.T) {
	t.Parallel()
	s := &script{world: newWorld(t)}
	s.signUp("ada")
	ada := token(t, "ada")
	s.do(request{method: "GET", path: "/v1/me", credential: ada})
	s.do(request{method: "GET", path: "/v1/me/entitlements", credential: ada})
	s.do(request{method: "GET", path: "/v1/plans", credential: ada})
	s.do(request{method: "GET", path: "/v1/me/licenses", credential: ada})
	s.do(request{method: "GET", path: "/v1/me/invoices", credential: ada})
	s.do(request{method: "POST", path: "/v1/me/portal", credential: ada, body: map[string]any{"return_url": "https://app.example.com/billing"}})
	buy := map[string]any{"price": "premium-monthly", "success_url": "https://app.example.com/done", "cancel_url": "https://app.example.com/plans"}
	first := s.do(request{method: "POST", path: "/v1/me/checkout", credential: ada, body: buy})
	s.do(request{method: "POST", path: "/v1/me/checkout", credential: ada, body: buy})
	var opened struct{ Purchase string }
	if err := json.Unmarshal(first.body, &opened); err != nil {
		t.Fatal(err)
	}
	s.do(request{method: "GET", path: "/return/checkout?purchase=" + opened.Purchase})
	s.check("me")
}

// An application without tokens of its own does for its users what they would do themselves.
//
// Features: 97.
func TestAServerDoesForAnAccountWhatItsUserMay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.premium("ada")
	for mine, of := range map[string]string{"/v1/me/invoices": "/v1/accounts/ada/invoices", "/v1/me/licenses": "/v1/accounts/ada/licenses"} {
		want := w.want(http.StatusOK, request{method: "GET", path: mine, credential: ada})
		got := w.want(http.StatusOK, request{method: "GET", path: of, credential: serverKey})
		if string(got.body) != string(want.body) || !strings.Contains(string(got.body), `":[{"`) {
			t.Errorf("%s says %s, and %s says %s", of, got.body, mine, want.body)
		}
	}
	w.signUp("bob")
	buy := map[string]any{"price": "premium-monthly", "success_url": "https://app.example.com/done", "cancel_url": "https://app.example.com/plans"}
	var pages []string
	for _, r := range []request{
		{method: "POST", path: "/v1/accounts/bob/checkout", credential: serverKey, body: buy},
		{method: "POST", path: "/v1/me/checkout", credential: token(t, "bob"), body: buy},
		{method: "POST", path: "/v1/accounts/bob/portal", credential: serverKey, body: map[string]any{"return_url": "https://app.example.com/billing"}},
	} {
		var opened struct{ URL string }
		if got := w.want(http.StatusOK, r); json.Unmarshal(got.body, &opened) != nil || opened.URL == "" {
			t.Errorf("%s: %s", r.path, got.body)
		}
		pages = append(pages, opened.URL)
	}
	if pages[0] != pages[1] || !strings.Contains(pages[2], "/p/session/") {
		t.Errorf("pages %q, want one checkout for both who asked, and the portal", pages)
	}
}

// Features: 97.
func TestTheDocumentListsEveryRouteAndWhoMayCallIt(t *testing.T) {
	t.Parallel()
	s := &script{world: newWorld(t)}
	s.do(request{method: "GET", path: "/openapi.json"})
	s.check("openapi")
}

func TestOperationsAnswer(t *testing.T) {
	t.Parallel()
	s := &script{world: newWorld(t)}
	s.do(request{method: "GET", path: "/healthz"})
	s.do(request{method: "GET", path: "/readyz"})
	s.do(request{method: "GET", path: "/nowhere"})
	s.do(request{method: "DELETE", path: "/v1/me"})
	s.do(request{method: "GET", path: "/v1/me/nothing", credential: token(t, "ada")})
	s.do(request{method: "GET", path: "/webhooks/stripe"})
	s.check("operations")
}

// Rows: C23 D4.
// Features: 64.
func TestAWebhookIsTakenInOnceAndOnlyWhenSigned(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	body := []byte(`{"id":"evt_1","object":"event","type":"customer.updated","created":1798970400,"livemode":false,"data":{"object":{"id":"cus_1","object":"customer"}}}`)
	for range 2 {
		w.want(http.StatusOK, request{method: "POST", path: "/webhooks/stripe", body: body, header: signed(body, start, webhookSecret)})
	}
	events, _, err := w.dues.Events(t.Context(), service.EventFilter{}, service.Page{Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	if len(events) != 1 || events[0].ID != "evt_1" {
		t.Errorf("the inbox holds %+v, want the one event", events)
	}
}

func TestAnswersCarrySecurityHeadersAndARequestID(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	got := w.want(http.StatusUnauthorized, request{method: "GET", path: "/v1/me"})
	for name, want := range map[string]string{
		"X-Request-Id": "test", "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store",
		"Content-Type": "application/problem+json", "WWW-Authenticate": "Bearer",
	} {
		if got := got.header.Get(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	forged := w.send(request{method: "GET", path: "/healthz", header: http.Header{"X-Request-Id": {"a\tb; drop"}}})
	if id := forged.header.Get("X-Request-Id"); !strings.HasPrefix(id, "req_") {
		t.Errorf("a request id that could garble the log was kept: %q", id)
	}
}

// Rows: B2 D3.
func TestASavedCardUpgradesAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.signUp("ada")
	ada := token(t, "ada")
	var me struct{ Customer, Plan, Access string }
	read := func() {
		t.Helper()
		if err := json.Unmarshal(w.want(http.StatusOK, request{method: "GET", path: "/v1/me", credential: ada}).body, &me); err != nil {
			t.Fatal(err)
		}
	}
	read()
	w.saveCard(me.Customer, "pm_card_visa")
	buy := map[string]any{"price": "premium-monthly", "success_url": "https://app.example.com/done", "cancel_url": "https://app.example.com/plans", "method": "card"}
	for range 2 { // a second click changes nothing more
		got := w.want(http.StatusOK, request{method: "POST", path: "/v1/me/checkout", credential: ada, body: buy})
		var done struct {
			Changed bool
			URL     string
		}
		if err := json.Unmarshal(got.body, &done); err != nil || !done.Changed || done.URL != "" {
			t.Errorf("got %s, want the plan changed without a page", got.body)
		}
	}
	if read(); me.Plan != "premium" || me.Access != "full" {
		t.Errorf("after the upgrade: %+v", me)
	}
	var held struct {
		Licenses []struct {
			Asset      string
			Valid      bool
			EndsAt     time.Time `json:"ends_at"`
			ValidUntil time.Time `json:"valid_until"`
		}
	}
	got := w.want(http.StatusOK, request{method: "GET", path: "/v1/me/licenses", credential: ada})
	if err := json.Unmarshal(got.body, &held); err != nil || len(held.Licenses) != 1 || !held.Licenses[0].Valid ||
		!held.Licenses[0].EndsAt.Equal(start.AddDate(0, 1, 0)) || !held.Licenses[0].ValidUntil.Equal(start.AddDate(0, 1, 2)) {
		t.Errorf("licenses: %s", got.body)
	}
	var billed struct {
		Invoices []struct {
			Total  int64
			Status string
		}
	}
	got = w.want(http.StatusOK, request{method: "GET", path: "/v1/me/invoices", credential: ada})
	if err := json.Unmarshal(got.body, &billed); err != nil || len(billed.Invoices) != 2 || billed.Invoices[0].Total != 1900 || billed.Invoices[0].Status != "paid" {
		t.Errorf("invoices: %s", got.body)
	}
}

// saveCard gives the customer a default card at Stripe.
func (w *world) saveCard(customer, card string) {
	w.t.Helper()
	client := w.stripe.Client()
	attached, err := client.V1PaymentMethods.Attach(w.t.Context(), card, &stripe.PaymentMethodAttachParams{Customer: stripe.String(customer)})
	if err != nil {
		w.t.Fatal(err)
	}
	_, err = client.V1Customers.Update(w.t.Context(), customer, &stripe.CustomerUpdateParams{
		InvoiceSettings: &stripe.CustomerUpdateInvoiceSettingsParams{DefaultPaymentMethod: stripe.String(attached.ID)},
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func TestAnAccountIsBilledAtTheProviderAccountThatTheServerNames(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *dues.Config) {
		second := c.Stripe
		second.Key, second.WebhookSecrets = "sk_test_second", []string{"whsec_second"}
		c.ProviderAccounts = []dues.ProviderAccount{{Name: "second", Stripe: second}}
	})
	bob := map[string]string{"id": "bob", "email": "bob@example.com", "provider_account": "second"}
	var made struct {
		Customer        string
		ProviderAccount string `json:"provider_account"`
	}
	if err := json.Unmarshal(w.want(http.StatusCreated, request{method: "POST", path: "/v1/accounts", credential: serverKey, body: bob}).body, &made); err != nil {
		t.Fatal(err)
	}
	if _, err := w.stripe.Client().V1Customers.Retrieve(t.Context(), made.Customer, nil); err == nil || made.ProviderAccount != "second" {
		t.Errorf("made %+v, and the default account knows the customer: %v", made, err == nil)
	}
	for _, c := range []struct {
		account, id string
		status      int
		field       string
	}{{"third", "eve", 400, "provider_account"}, {"default", "bob", 200, ""}, {"second", "bob", 200, ""}} {
		body := map[string]string{"id": c.id, "email": c.id + "@example.com", "provider_account": c.account}
		got := w.want(c.status, request{method: "POST", path: "/v1/accounts", credential: serverKey, body: body})
		if c.status != 200 {
			checkProblem(t, refusal{name: c.account, status: c.status, field: c.field}, got)
		}
	}
	event := []byte(`{"id":"evt_1","object":"event","type":"customer.updated","created":1798970400,"livemode":false,"data":{"object":{"id":"cus_1","object":"customer"}}}`)
	live := []byte(strings.Replace(string(event), `"livemode":false`, `"livemode":true`, 1))
	for _, c := range []struct {
		path, secret string
		body         []byte
		status       int
	}{
		{"/webhooks/stripe", webhookSecret, event, 200}, {"/webhooks/stripe/second", "whsec_second", event, 200}, {"/webhooks/stripe/default", webhookSecret, event, 200},
		{"/webhooks/stripe/second", webhookSecret, event, 400}, {"/webhooks/stripe", "whsec_second", event, 400},
		{"/webhooks/stripe/third", webhookSecret, event, 404}, {"/webhooks/stripe/second", "whsec_second", live, 400},
	} {
		w.want(c.status, request{method: "POST", path: c.path, body: c.body, header: signed(c.body, start, c.secret)})
	}
	listed := w.want(http.StatusOK, request{method: "GET", path: "/v1/events?provider_account=second", credential: operatorKey})
	if n := strings.Count(string(listed.body), `"id":"evt_1"`); n != 1 {
		t.Errorf("%d events from the second, want the one: %s", n, listed.body)
	}
	w.want(http.StatusOK, request{method: "GET", path: "/v1/events/evt_1?provider_account=second", credential: operatorKey})
	w.want(http.StatusNotFound, request{method: "GET", path: "/v1/events/evt_1?provider_account=third", credential: operatorKey})
}

// A limit of 64 KB, which many receivers have, refuses the events of invoices with many lines for ever.
//
// Features: 75.
func TestAnEventOfAnInvoiceWithManyLinesIsTakenIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	line := `{"id":"il_1","object":"line_item","amount":1900,"currency":"eur","description":"1 × Premium (at €19.00 / month)"}`
	body := []byte(`{"id":"evt_large","object":"event","type":"invoice.paid","created":1798970400,"livemode":false,"data":{"object":{"id":"in_1","object":"invoice","customer":"cus_1","lines":{"object":"list","data":[` +
		strings.Repeat(line+",", 8500) + line + `]}}}}`)
	if len(body) < 900_000 || len(body) > megabyte {
		t.Fatalf("the event has %d bytes, want nearly a megabyte", len(body))
	}
	w.want(http.StatusOK, request{method: "POST", path: "/webhooks/stripe", body: body, header: signed(body, start, webhookSecret)})
	events, _, err := w.dues.Events(t.Context(), service.EventFilter{}, service.Page{Limit: 10})
	if err != nil || len(events) != 1 || events[0].ID != "evt_large" {
		t.Errorf("the inbox holds %+v, %v; want the one event", events, err)
	}
}
