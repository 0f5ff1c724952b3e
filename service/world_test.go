package service_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/catalog"
	"github.com/dues-billing/dues/emulator"
	"github.com/dues-billing/dues/internal/testenv"
	"github.com/dues-billing/dues/mailer"
	"github.com/dues-billing/dues/service"
	"github.com/dues-billing/dues/sqlstore"
	"github.com/dues-billing/dues/stripeprovider"
)

const (
	secret  = "whsec_of_these_tests"
	success = "https://app.example.com/thanks"
	cancel  = "https://app.example.com/pricing"
)

// start is when every story of these tests begins.
var start = time.Date(2026, 1, 31, 10, 0, 0, 0, time.UTC)

// world is an emulator, a database and one clock for both; services are opened on them as a test likes. Webhooks are delivered by
// hand, so that a test decides which, when, in what order and how often.
type world struct {
	t        testing.TB
	now      *clock
	database string
	stripe   *emulator.Server
	trouble  *trouble
	mails    *mailbox
	// publicURL is where the services say that they are.
	publicURL string
	taken     map[string]bool // events that were fetched by newEvents
}

// each runs test in a world of its own on every kind of database.
func each(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	t.Parallel()
	for _, db := range testenv.Databases(t) {
		t.Run(db.Name, func(t *testing.T) {
			t.Parallel()
			test(t, newWorld(t, db.URL(t)))
		})
	}
}

func newWorld(t testing.TB, database string) *world {
	t.Helper()
	w := &world{
		t: t, now: &clock{now: start}, database: database, trouble: &trouble{}, mails: &mailbox{}, taken: map[string]bool{},
		publicURL: "https://billing.example.com",
	}
	w.stripe = emulator.Start(t, func(o *emulator.Options) { o.Now, o.Wrap = w.now.Now, w.trouble.wrap })
	return w
}

// service opens one more Service, as a process of its own would be.
func (w *world) service() *service.Service { return w.serviceWith(func(*service.Config) {}) }

// serviceWith is service with a config that a test has changed.
func (w *world) serviceWith(change func(*service.Config)) *service.Service {
	w.t.Helper()
	store := w.store()
	if err := store.Migrate(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	provider := stripeprovider.New(stripeprovider.Config{
		Key: w.stripe.Key, BaseURL: w.stripe.URL, Secrets: []string{secret},
		// Without kept connections the emulator's end does not wait for them.
		HTTPClient: &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}},
	})
	config := service.Config{
		Store: store, Provider: provider, Prices: provider, Feed: provider, Directory: provider, Verifier: provider, Sender: w.mails, Render: mailer.NewRenderer("Test"),
		Catalog: catalog.Default(), Clock: service.Clock{Business: w.now.Now, Wall: w.now.Now},
		PublicURL: w.publicURL, ReturnHosts: []string{"app.example.com"}, AccountURL: "https://app.example.com/account",
		Log: slog.New(slog.NewTextHandler(w.t.Output(), nil)),
	}
	change(&config)
	s, err := service.New(config)
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

// store opens the database once more.
func (w *world) store() *sqlstore.Store {
	w.t.Helper()
	store, err := sqlstore.Open(w.t.Context(), w.database)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() {
		if err := store.Close(); err != nil {
			w.t.Error(err)
		}
	})
	return store
}

// signUp makes the account "ada" on the free plan.
func (w *world) signUp(s *service.Service) billing.Account {
	w.t.Helper()
	account, created, err := s.CreateAccount(w.t.Context(), service.NewAccount{ID: "ada", Email: "ada@example.com", Name: "Ada"})
	if err != nil || !created {
		w.t.Fatalf("sign-up: created %v, %v", created, err)
	}
	return account
}

// saveCard makes a card the customer's default, as the portal does.
func (w *world) saveCard(customer billing.CustomerID, token string) {
	w.t.Helper()
	client, ctx := w.stripe.Client(), w.t.Context()
	method, err := client.V1PaymentMethods.Attach(ctx, token, &stripe.PaymentMethodAttachParams{Customer: stripe.String(string(customer))})
	if err != nil {
		w.t.Fatal(err)
	}
	_, err = client.V1Customers.Update(ctx, string(customer), &stripe.CustomerUpdateParams{
		InvoiceSettings: &stripe.CustomerUpdateInvoiceSettingsParams{DefaultPaymentMethod: &method.ID},
	})
	if err != nil {
		w.t.Fatal(err)
	}
	list := &stripe.SubscriptionListParams{Customer: stripe.String(string(customer))}
	for sub, err := range client.V1Subscriptions.List(ctx, list).All(ctx) {
		if err != nil {
			w.t.Fatal(err)
		}
		update := &stripe.SubscriptionUpdateParams{DefaultPaymentMethod: &method.ID}
		if _, err := client.V1Subscriptions.Update(ctx, sub.ID, update); err != nil {
			w.t.Fatal(err)
		}
	}
}

// upgrade asks for a price.
func (w *world) upgrade(s *service.Service, price string) service.UpgradeResult {
	w.t.Helper()
	result, err := s.Upgrade(w.t.Context(), "ada", service.Upgrade{PriceKey: price, SuccessURL: success, CancelURL: cancel})
	if err != nil {
		w.t.Fatalf("upgrade to %s: %v", price, err)
	}
	return result
}

// pay fills in a hosted Checkout page, and returns where the browser is sent to.
func (w *world) pay(page, card string) string {
	w.t.Helper()
	form := url.Values{
		"cardNumber": {card}, "cardExpiry": {"12/34"}, "cardCvc": {"123"}, "billingName": {"Ada"}, "email": {"ada@example.com"},
	}
	to, status := w.post(page, form)
	if to == "" {
		w.t.Fatalf("paying on %s with %s is answered %d", page, card, status)
	}
	return to
}

// post sends a form as a browser does, and returns where it is sent to.
func (w *world) post(page string, form url.Values) (location string, status int) {
	w.t.Helper()
	browser := &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport:     &http.Transport{DisableKeepAlives: true},
	}
	request, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, page, strings.NewReader(form.Encode()))
	if err != nil {
		w.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := browser.Do(request)
	if err != nil {
		w.t.Fatal(err)
	}
	defer answer.Body.Close()
	return answer.Header.Get("Location"), answer.StatusCode
}

// purchaseIn returns the purchase that a success URL of ours names.
func purchaseIn(t *testing.T, to string) billing.PurchaseID {
	t.Helper()
	u, err := url.Parse(to)
	if err != nil || u.Path != "/return/checkout" || !strings.HasPrefix(u.Query().Get("session_id"), "cs_") {
		t.Fatalf("the browser is sent to %q, want our return page with a session", to)
	}
	return billing.PurchaseID(u.Query().Get("purchase"))
}

// event is a webhook's body.
type event struct {
	ID   string `json:"id"`
	Type string `json:"type"`
	body []byte
}

// newEvents returns the events that happened since the last call, oldest first.
func (w *world) newEvents() []event {
	w.t.Helper()
	var all []event
	for after := ""; ; {
		page := w.eventPage(after)
		for _, raw := range page.Data {
			e := event{body: raw}
			if err := json.Unmarshal(raw, &e); err != nil {
				w.t.Fatal(err)
			}
			after = e.ID
			if !w.taken[e.ID] {
				all = append(all, e)
			}
		}
		if !page.More {
			break
		}
	}
	slices.Reverse(all)
	for _, e := range all {
		w.taken[e.ID] = true
	}
	return all
}

type eventPage struct {
	Data []json.RawMessage `json:"data"`
	More bool              `json:"has_more"`
}

func (w *world) eventPage(after string) (page eventPage) {
	w.t.Helper()
	query := url.Values{"limit": {"100"}}
	if after != "" {
		query.Set("starting_after", after)
	}
	request, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, w.stripe.URL+"/v1/events?"+query.Encode(), nil)
	if err != nil {
		w.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+w.stripe.Key)
	answer, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(request)
	if err != nil {
		w.t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	if err := json.Unmarshal(body, &page); err != nil || answer.StatusCode != http.StatusOK {
		w.t.Fatalf("list events: %d %v %s", answer.StatusCode, err, body)
	}
	return page
}

// deliver brings events to a service, as Stripe does.
func (w *world) deliver(s *service.Service, events ...event) {
	w.t.Helper()
	for _, e := range events {
		if err := s.Receive(w.t.Context(), "", w.signed(e.body, secret, w.now.Now()), e.body); err != nil {
			w.t.Fatalf("%s %s: %v", e.Type, e.ID, err)
		}
	}
}

func (w *world) signed(body []byte, secret string, at time.Time) http.Header {
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "%d.%s", at.Unix(), body)
	return http.Header{"Stripe-Signature": {fmt.Sprintf("t=%d,v1=%s", at.Unix(), hex.EncodeToString(mac.Sum(nil)))}}
}

// drain lets everything happen that is due.
func (w *world) drain(s *service.Service) {
	w.t.Helper()
	ctx, stop := context.WithTimeout(w.t.Context(), time.Minute)
	defer stop()
	if err := s.Drain(ctx); err != nil {
		w.t.Fatal(err)
	}
}

// settle delivers what happened, in order, and lets everything happen.
func (w *world) settle(s *service.Service) {
	w.t.Helper()
	for {
		events := w.newEvents()
		w.deliver(s, events...)
		w.drain(s)
		if len(events) == 0 {
			return
		}
	}
}

// move moves the clock of everybody; the emulator lives through the time at the next request.
func (w *world) move(to time.Time) { w.now.set(to) }

// status returns ada's status.
func (w *world) status(s *service.Service) service.Status {
	w.t.Helper()
	status, err := s.Status(w.t.Context(), "ada")
	if err != nil {
		w.t.Fatal(err)
	}
	return status
}

// expect compares what ada is on, in one line: plan, subscription's status, level, action.
func (w *world) expect(s *service.Service, want string) {
	w.t.Helper()
	status := w.status(s)
	got := strings.TrimSpace(fmt.Sprintf("%s %s %s %s", status.Plan, status.Access.Status, status.Level, status.Action))
	if got != want {
		w.t.Errorf("ada is on %q (%s), want %q", got, status.Why, want)
	}
}

// expectMails compares the kinds of all mails sent since the last call.
func (w *world) expectMails(want ...string) {
	w.t.Helper()
	if got := w.mails.kinds(); !slices.Equal(got, want) {
		w.t.Errorf("mails %q, want %q", got, want)
	}
}

// clock is a time that a test sets.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = t
}

// mailbox is a Sender that keeps what it is given, by key, as a mail program does with Message-IDs.
type mailbox struct {
	mu    sync.Mutex
	mails []service.Mail
	seen  int
	fail  error
}

func (m *mailbox) Send(_ context.Context, mail service.Mail) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail == nil {
		m.mails = append(m.mails, mail)
	}
	return m.fail
}

// all returns every mail sent so far.
func (m *mailbox) all() []service.Mail {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.mails)
}

// kinds returns what the keys of the mails since the last call begin with.
func (m *mailbox) kinds() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var kinds []string
	for _, mail := range m.mails[m.seen:] {
		kind, _, _ := strings.Cut(mail.Key, ":")
		kinds = append(kinds, kind)
	}
	m.seen = len(m.mails)
	return kinds
}

func (m *mailbox) refuse(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fail = err
}

// trouble stands between the emulator and everybody, and makes answers fail.
type trouble struct {
	mu    sync.Mutex
	match func(r *http.Request) bool // which requests fail, nil for none
	lost  bool                       // the request is carried out first, and its answer is lost
	after string                     // Retry-After: the answer is 429, and not 500
	count int                        // how many failed
}

func (d *trouble) wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		d.mu.Lock()
		fails, lost, after := d.match != nil && d.match(r), d.lost, d.after
		if fails {
			d.count++
		}
		d.mu.Unlock()
		if fails && lost {
			body, _ := io.ReadAll(r.Body)
			r.Body = io.NopCloser(bytes.NewReader(body))
			next.ServeHTTP(&discard{header: http.Header{}}, r)
		}
		if fails {
			// Stripe says so when a repeat makes no sense; it keeps the SDK from waiting and trying again.
			rw.Header().Set("Stripe-Should-Retry", "false")
			if after != "" {
				rw.Header().Set("Retry-After", after)
				http.Error(rw, `{"error":{"type":"invalid_request_error","code":"rate_limit","message":"slowly"}}`, http.StatusTooManyRequests)
				return
			}
			http.Error(rw, `{"error":{"type":"api_error","message":"out of order"}}`, http.StatusInternalServerError)
			return
		}
		next.ServeHTTP(rw, r)
	})
}

// when makes the requests fail that match; lost lets them happen first.
func (d *trouble) when(lost bool, match func(r *http.Request) bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.match, d.lost, d.after = match, lost, ""
}

// limit makes every request fail with 429, and the advice to come back after so many seconds.
func (d *trouble) limit(after string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.match, d.lost, d.after, d.count = func(*http.Request) bool { return true }, false, after, 0
}

// only holds the trouble to the requests that match.
func (d *trouble) only(match func(r *http.Request) bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.match = match
}

// failures returns how many requests have failed.
func (d *trouble) failures() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.count
}

func (d *trouble) over() { d.when(false, nil) }

// discard is an answer that nobody reads.
type discard struct{ header http.Header }

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) Write(b []byte) (int, error) { return len(b), nil }
func (d *discard) WriteHeader(int)             {}
