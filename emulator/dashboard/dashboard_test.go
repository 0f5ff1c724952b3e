package dashboard_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/emulator"
	"github.com/dues-billing/dues/emulator/dashboard"
	"github.com/dues-billing/dues/emulator/engine"
	"github.com/dues-billing/dues/emulator/wire"
)

// begins is the wall time of all tests.
var begins = time.Date(2026, time.December, 5, 12, 0, 0, 0, time.UTC)

// desk is a developer who looks at the dashboard of a real emulator.
type desk struct {
	t      *testing.T
	server *emulator.Server
	client *stripe.Client
	home   string // the path of the account
}

func sit(t *testing.T) *desk {
	t.Helper()
	server := emulator.Start(t, func(o *emulator.Options) {
		o.Now = func() time.Time { return begins }
		o.Settings.AccountName = "Northwind"
	})
	d := &desk{t: t, server: server, client: server.Client()}
	var account string
	server.World(server.Key).Read(func(w *engine.World, _ int64) { account = w.AccountID() })
	d.home = dashboard.Path(account)
	return d
}

// shown is an answer of the dashboard.
type shown struct {
	t        *testing.T
	status   int
	location string
	html     string
	header   http.Header
}

func (d *desk) get(path string) shown {
	d.t.Helper()
	request, err := http.NewRequestWithContext(d.t.Context(), http.MethodGet, d.server.URL+path, nil)
	return d.ask(request, err)
}

// post sends a form below the account: pairs of names and values.
func (d *desk) post(path string, pairs ...string) shown {
	d.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	request, err := http.NewRequestWithContext(d.t.Context(), http.MethodPost, d.server.URL+d.home+path, strings.NewReader(form.Encode()))
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return d.ask(request, err)
}

func (d *desk) ask(request *http.Request, err error) shown {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
	stays := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := stays.Do(request)
	if err != nil {
		d.t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	return shown{d.t, answer.StatusCode, answer.Header.Get("Location"), string(body), answer.Header}
}

// follow opens where an answer leads.
func (d *desk) follow(s shown) shown {
	d.t.Helper()
	if s.status != http.StatusSeeOther {
		d.t.Fatalf("got %d, want a redirect:\n%s", s.status, s.text())
	}
	return d.get(s.location)
}

var (
	tags   = regexp.MustCompile(`<[^>]*>`)
	spaces = regexp.MustCompile(`\s+`)
)

func (s shown) text() string {
	marks := strings.NewReplacer("<b>", "", "</b>", "", "<i>", "", "</i>", "") // of the JSON, whose words they do not part
	text := strings.NewReplacer("&#39;", "'", "&amp;", "&", "&#34;", `"`, "&quot;", `"`, "\u00a0", " ").Replace(tags.ReplaceAllString(marks.Replace(s.html), " "))
	return spaces.ReplaceAllString(text, " ")
}

func (s shown) says(status int, words ...string) shown {
	s.t.Helper()
	if s.status != status {
		s.t.Fatalf("got status %d, want %d\n%s", s.status, status, s.text())
	}
	for _, word := range words {
		if !strings.Contains(s.text(), word) {
			s.t.Fatalf("the page does not say %q:\n%s", word, s.text())
		}
	}
	return s
}

// links checks that the page leads there.
func (s shown) links(paths ...string) shown {
	s.t.Helper()
	for _, path := range paths {
		if !strings.Contains(s.html, `href="`+path+`"`) {
			s.t.Fatalf("the page does not lead to %s:\n%s", path, s.html)
		}
	}
	return s
}

// hidden reads a hidden value of the page's form.
func (s shown) hidden(name string) string {
	_, after, _ := strings.Cut(s.html, `name="`+name+`" value="`)
	value, _, _ := strings.Cut(after, `"`)
	return value
}

func (d *desk) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

// subscriber is a customer who pays each month, on a test clock or on none.
func (d *desk) subscriber(name, clock string) (*stripe.Customer, *stripe.Subscription) {
	d.t.Helper()
	ctx := d.t.Context()
	price, err := d.client.V1Prices.Create(ctx, &stripe.PriceCreateParams{
		Currency: stripe.String("eur"), UnitAmount: stripe.Int64(1200), ProductData: &stripe.PriceCreateProductDataParams{Name: stripe.String("Premium")},
		Recurring: &stripe.PriceCreateRecurringParams{Interval: stripe.String("month")},
	})
	d.must(err)
	params := &stripe.CustomerCreateParams{
		Name: stripe.String(name), Email: stripe.String("ada@example.com"), PaymentMethod: stripe.String("pm_card_visa"),
		InvoiceSettings: &stripe.CustomerCreateInvoiceSettingsParams{DefaultPaymentMethod: stripe.String("pm_card_visa")},
	}
	if clock != "" {
		params.TestClock = stripe.String(clock)
	}
	customer, err := d.client.V1Customers.Create(ctx, params)
	d.must(err)
	sub, err := d.client.V1Subscriptions.Create(ctx, &stripe.SubscriptionCreateParams{
		Customer: stripe.String(customer.ID), Items: []*stripe.SubscriptionCreateItemParams{{Price: stripe.String(price.ID)}},
	})
	d.must(err)
	return customer, sub
}

func (d *desk) now() time.Time { return d.server.Now().UTC() }

func TestTheDashboardShowsTheAccountAndMovesItsClock(t *testing.T) {
	t.Parallel()
	d := sit(t)
	customer, sub := d.subscriber("Ada Lovelace", "")
	d.get("/").says(http.StatusSeeOther)
	d.get("/_emulator").says(http.StatusOK, "Northwind", d.server.Key, "1").links(d.home)
	page := d.get(d.home).says(http.StatusOK, "Saturday, 5 December 2026", "Ada Lovelace", "ada@example.com", "Premium", "Active",
		"customer.subscription.created", "the subscription of Ada Lovelace renews or ends in 31 days", "POST /v1/subscriptions").
		links(d.home+"/objects/"+customer.ID, d.home+"/objects/"+sub.ID)
	d.follow(d.post("/time", "move", "1m", "seen", page.hidden("seen"))).says(http.StatusOK,
		"Tuesday, 5 January 2027", "It is now 5 Jan 2027, 12:00:00 UTC.", "events happened on the way")
}

func TestPressingAMoveTwiceMovesOnce(t *testing.T) {
	t.Parallel()
	d := sit(t)
	seen := d.get(d.home).hidden("seen")
	for range 2 {
		d.post("/time", "move", "1w", "seen", seen).says(http.StatusSeeOther)
	}
	if got, want := d.now(), begins.AddDate(0, 0, 7); !got.Equal(want) {
		t.Errorf("the account is at %s, want %s", got, want)
	}
}

func TestAPageLeftOpenMovesFromNow(t *testing.T) {
	t.Parallel()
	d := sit(t)
	d.post("/time", "move", "1h", "seen", strconv.FormatInt(begins.AddDate(0, 0, -3).Unix(), 10)).says(http.StatusSeeOther)
	if got, want := d.now(), begins.Add(time.Hour); !got.Equal(want) {
		t.Errorf("the account is at %s, want %s", got, want)
	}
}

func TestTheNextEventIsReachedExactly(t *testing.T) {
	t.Parallel()
	d := sit(t)
	d.subscriber("Ada Lovelace", "")
	page := d.get(d.home)
	due, err := strconv.ParseInt(page.hidden("next"), 10, 64)
	d.must(err)
	for range 2 { // the second press comes from the same page and moves nothing
		d.post("/time", "move", "next", "seen", page.hidden("seen"), "next", page.hidden("next")).says(http.StatusSeeOther)
	}
	if got := d.now().Unix(); got != due {
		t.Errorf("the account is at %d, want %d", got, due)
	}
}

func TestTheClockTakesNoNonsense(t *testing.T) {
	t.Parallel()
	d := sit(t)
	seen := strconv.FormatInt(begins.Unix(), 10)
	d.post("/time", "move", "1h").says(http.StatusBadRequest, "seen must be a time in Unix seconds.")
	d.post("/time", "move", "1h", "seen", "soon").says(http.StatusBadRequest)
	d.post("/time", "move", "to", "seen", seen, "to", "tomorrow").says(http.StatusBadRequest)
	d.post("/time", "move", "to", "seen", seen, "to", strconv.FormatInt(begins.AddDate(20, 0, 0).Unix(), 10)).says(http.StatusBadRequest, "ten years")
	d.post("/time", "move", "-1h", "seen", seen).says(http.StatusSeeOther)
	if got := d.now(); !got.Equal(begins) {
		t.Errorf("the account moved to %s", got)
	}
}

func TestATestClockIsMovedFromThePageOfItsCustomer(t *testing.T) {
	t.Parallel()
	d := sit(t)
	clock, err := d.client.V1TestHelpersTestClocks.Create(t.Context(), &stripe.TestHelpersTestClockCreateParams{
		FrozenTime: stripe.Int64(begins.Unix()), Name: stripe.String("Renewals"),
	})
	d.must(err)
	customer, _ := d.subscriber("Ada Lovelace", clock.ID)
	page := d.get(d.home+"/objects/"+customer.ID).says(http.StatusOK, "On test clock Renewals it is now")
	moved := d.post("/time", "move", "1m", "seen", page.hidden("seen"), "clock", clock.ID, "back", customer.ID)
	if !strings.HasPrefix(moved.location, d.home+"/objects/"+customer.ID+"?") {
		t.Errorf("the move led to %s", moved.location)
	}
	d.follow(moved).says(http.StatusOK, "Tuesday, 5 January 2027", "events happened on the way")
	d.get(d.home+"/objects/"+clock.ID).says(http.StatusOK, "Renewals", "Ada Lovelace", "Ready").links(d.home + "/objects/" + customer.ID)
	if !d.now().Equal(begins) {
		t.Error("the account's own time moved too")
	}
	d.get(d.home+"/objects?kind=customers").says(http.StatusOK, "There are none.")
	d.get(d.home+"/objects?kind=customers&clock="+clock.ID).says(http.StatusOK, "Ada Lovelace")
}

func TestEveryObjectHasAPageWithItsLinksAndItsJSON(t *testing.T) {
	t.Parallel()
	d := sit(t)
	customer, sub := d.subscriber("Ada <script>alert(1)</script>", "")
	for _, kind := range []string{"customers", "subscriptions", "invoices", "payments", "refunds", "checkouts", "products", "prices", "coupons", "clocks", "nonsense"} {
		d.get(d.home + "/objects?kind=" + kind).says(http.StatusOK)
	}
	page := d.get(d.home+"/objects/"+customer.ID).says(http.StatusOK, `"object": "customer"`, "Time line", "Subscriptions", "Invoices", "Payments").
		links(d.home+"/objects/"+sub.ID, d.home+"/objects/"+sub.LatestInvoice.ID, d.home+"/objects/"+customer.InvoiceSettings.DefaultPaymentMethod.ID)
	if strings.Contains(page.html, "<script>alert") {
		t.Error("a name runs as a script")
	}
	if policy := page.header.Get("Content-Security-Policy"); !strings.Contains(policy, "script-src 'self'") || strings.Contains(policy, "unsafe") ||
		!strings.Contains(policy, "frame-ancestors 'none'") {
		t.Errorf("the policy is %s", policy)
	}
	d.get(d.home+"/objects/"+sub.ID).says(http.StatusOK, "€12.00", "customer.subscription.created", `"cancel_at_period_end": false`).
		links(d.home+"/objects/"+customer.ID, d.home+"/objects/"+sub.LatestInvoice.ID)
	d.get(d.home+"/objects/"+sub.Items.Data[0].Price.ID).says(http.StatusOK, "€12.00", "Subscriptions").links(d.home + "/objects/" + sub.Items.Data[0].Price.Product.ID)
	d.get(d.home+"/objects/cus_nobody").says(http.StatusNotFound, "There is no such object")
	d.get("/_emulator/accounts/acct_nobody/objects").says(http.StatusNotFound, "There is no such account")
	d.get("/_emulator/nowhere").says(http.StatusNotFound, "There is no such page")

	if to := d.post("/find", "id", " "+sub.ID+" ").location; to != d.home+"/objects/"+sub.ID {
		t.Errorf("an id led to %s", to)
	}
	d.post("/find", "id", "nothing").says(http.StatusNotFound, `Nothing in this account has the id "nothing"`)
}

// An endpoint of the application that can be told to fail.
type endpoint struct {
	*httptest.Server
	failing atomic.Bool
	taken   atomic.Int64
}

func (d *desk) endpoint() (*endpoint, *stripe.WebhookEndpoint) {
	d.t.Helper()
	e := &endpoint{}
	e.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if e.failing.Load() {
			http.Error(w, "panic: nil map", http.StatusInternalServerError)
			return
		}
		e.taken.Add(1)
	}))
	d.t.Cleanup(e.Close)
	made, err := d.client.V1WebhookEndpoints.Create(d.t.Context(), &stripe.WebhookEndpointCreateParams{URL: stripe.String(e.URL), EnabledEvents: []*string{stripe.String("customer.created")}})
	d.must(err)
	return e, made
}

// settled waits until the newest delivery is as it should be.
func (d *desk) settled(ok func(list []wire.Delivery) bool) []wire.Delivery {
	d.t.Helper()
	for range 1000 {
		if list := d.server.Deliveries(10); ok(list) {
			return list
		}
		select {
		case <-time.After(5 * time.Millisecond):
		case <-d.t.Context().Done():
		}
	}
	d.t.Fatalf("the deliveries never settled: %+v", d.server.Deliveries(10))
	return nil
}

func TestADeliveryShowsItsAttemptsAndIsSentAgain(t *testing.T) {
	t.Parallel()
	d := sit(t)
	e, made := d.endpoint()
	e.failing.Store(true)
	_, err := d.client.V1Customers.Create(t.Context(), &stripe.CustomerCreateParams{Name: stripe.String("Ada")})
	d.must(err)
	list := d.settled(func(list []wire.Delivery) bool { return len(list) == 1 && list[0].Tries == 1 })
	event := d.home + "/events/" + list[0].Event
	d.get(event).says(http.StatusOK, "customer.created", "Pending", "1 attempt, 500 Internal Server Error", "panic: nil map", `"type": "customer.created"`)
	d.get(d.home+"/webhooks?state=pending").says(http.StatusOK, e.URL, "customer.created", "next try").links(event)
	d.get(d.home+"/webhooks?state=delivered").says(http.StatusOK, "Nothing was delivered yet.")

	e.failing.Store(false)
	d.follow(d.post("/events/"+list[0].Event+"/resend", "endpoint", made.ID)).says(http.StatusOK, "Sent again.")
	d.server.MoveTime(24 * time.Hour)
	d.settled(func(list []wire.Delivery) bool { return len(list) == 2 && list[0].State == wire.DeliveryDelivered })
	d.get(event).says(http.StatusOK, "Delivered", "200 OK")
	d.post("/events/evt_nothing/resend").says(http.StatusNotFound)
	_, err = d.client.V1WebhookEndpoints.Delete(t.Context(), made.ID, nil)
	d.must(err)
	d.post("/events/"+list[0].Event+"/resend").says(http.StatusBadRequest, "No webhook endpoint takes this event any more")
}

func TestChaosIsSwitchedOnAndOffFromThePage(t *testing.T) {
	t.Parallel()
	d := sit(t)
	d.endpoint()
	d.follow(d.post("/chaos", "kind", "drop", "percent", "100", "types", "customer.*, invoice.paid")).says(http.StatusOK, "Never send", "customer.*, invoice.paid")
	d.post("/chaos", "kind", "delay").says(http.StatusBadRequest, "Seconds belong to delay")
	d.post("/chaos", "kind", "drop", "percent", "many").says(http.StatusBadRequest, `percent must be a whole number, not "many".`)
	_, err := d.client.V1Customers.Create(t.Context(), &stripe.CustomerCreateParams{Name: stripe.String("Ada")})
	d.must(err)
	d.settled(func(list []wire.Delivery) bool { return len(list) == 1 && list[0].State == wire.DeliveryDropped })
	d.get(d.home+"/webhooks").says(http.StatusOK, "Dropped", "dropped by chaos")
	d.post("/chaos/end").says(http.StatusSeeOther)
	if rules := d.server.World(d.server.Key).Chaos(); len(rules) > 0 {
		t.Errorf("the chaos goes on: %v", rules)
	}
}

func TestSnapshotsForksAndRewindsAreMadeFromThePage(t *testing.T) {
	t.Parallel()
	d := sit(t)
	d.subscriber("Ada Lovelace", "")
	d.follow(d.post("/snapshots", "name", "one / two")).says(http.StatusOK, "The account is kept", "one / two")
	d.post("/snapshots", "name", "").says(http.StatusBadRequest, "a snapshot's name has 1 to 100 characters")
	d.subscriber("Grace Hopper", "")
	forked := d.post("/fork", "key", "sk_test_second", "snapshot", "one / two")
	d.follow(forked).says(http.StatusOK, "This account began as a copy.", "sk_test_second")
	d.get(strings.TrimSuffix(forked.location, "/snapshots?done=forked")+"/objects").says(http.StatusOK, "Ada Lovelace")
	d.post("/fork", "key", "sk_test_second").says(http.StatusConflict, "has a world already")
	d.post("/fork", "key", "rubbish").says(http.StatusBadRequest, "must be an API key of test mode")

	d.follow(d.post("/snapshots/one%20%2F%20two/back")).says(http.StatusOK, "The account is what it was")
	if page := d.get(d.home + "/objects"); strings.Contains(page.text(), "Grace") || !strings.Contains(page.text(), "Ada") {
		t.Errorf("after going back the page says %s", page.text())
	}
	d.post("/snapshots/one%20%2F%20two/erase").says(http.StatusSeeOther)
	d.post("/snapshots/one%20%2F%20two/back").says(http.StatusNotFound, "No such snapshot")

	var created string
	d.server.World(d.server.Key).Read(func(w *engine.World, _ int64) {
		for e := range w.EventsAfter(0) {
			if e.Type == "customer.created" {
				created = e.ID
			}
		}
	})
	d.follow(d.post("/events/"+created+"/rewind")).says(http.StatusOK, "Ada Lovelace", "none")
	d.follow(d.post("/empty")).says(http.StatusOK, "The account is empty.")
	d.get(d.home+"/objects").says(http.StatusOK, "There are none.")
}

func TestARequestCanBeMadeAgainByCopying(t *testing.T) {
	t.Parallel()
	d := sit(t)
	_, err := d.client.V1Customers.Create(t.Context(), &stripe.CustomerCreateParams{Name: stripe.String("Ada's & 100% + more")})
	d.must(err)
	_, err = d.client.V1Subscriptions.Create(t.Context(), &stripe.SubscriptionCreateParams{Customer: stripe.String("cus_nobody")})
	if err == nil {
		t.Fatal("a subscription of nobody was made")
	}
	d.get(d.home+"/requests").says(http.StatusOK, "POST /v1/customers", "POST /v1/subscriptions", "No such customer")
	if page := d.get(d.home + "/requests?only=refused"); strings.Contains(page.text(), "/v1/customers ") {
		t.Errorf("a request that was answered counts as refused: %s", page.text())
	}
	made := d.server.Requests(2)[1]
	page := d.get(d.home+"/requests/"+made.ID).says(http.StatusOK, "Again, with curl", "customer.created", "Its idempotency key is left out",
		`curl '`+d.server.URL+`/v1/customers' \`, `-u '`+d.server.Key+`:' \`, `-d 'name=Ada'\''s %26 100%25 %2B more'`)
	d.get(d.home + "/requests/req_nothing").says(http.StatusNotFound)
	if strings.Contains(page.text(), "The log holds no card numbers") {
		t.Error("nothing of it was left out")
	}
}

func TestAnotherSitePressesNoButton(t *testing.T) {
	t.Parallel()
	d := sit(t)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, d.server.URL+d.home+"/empty", nil)
	request.Header.Set("Sec-Fetch-Site", "cross-site")
	d.ask(request, err).says(http.StatusForbidden)
}
