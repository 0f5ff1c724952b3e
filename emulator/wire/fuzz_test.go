package wire

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/dues-billing/dues/emulator/wire/schematest"
)

// requestSeeds are bodies to begin with.
var requestSeeds = []string{
	"customer=CUS&items[0][price]=PRICE", "amount=500&currency=usd&confirm=true&payment_method=pm_card_visa", "customer=CUS&frozen_time=1900000000",
	"items[0][id]=ITEM&items[0][quantity]=3&proration_behavior=always_invoice", "trial_end=1900000000&cancel_at_period_end=true",
	"cancel_at=9223372036854775807", "balance=-9223372036854775808", "unit_amount=9223372036854775807&currency=usd&product=PROD",
	"billing_cycle_anchor=1900000000&customer=CUS&items[0][price]=PRICE", "paid_out_of_band=true",
	"recurring[interval]=day&recurring[interval_count]=99999999",
	"subscription=SUB&subscription_details[items][0][id]=ITEM&subscription_details[items][0][quantity]=1000000000",
	"tiers[0][up_to]=inf&tiers[0][unit_amount_decimal]=0.000000000001", "mode=subscription&line_items[0][price]=PRICE&line_items[0][quantity]=1&success_url=http://a",
	"limit=3&starting_after=CUS", "expand[]=data.customer&expand[]=latest_invoice.payments",
}

// FuzzRequest sends whatever there is to a world with a little of everything in it: no request may fail as the emulator's own fault, and no
// answer may leave Stripe's schema.
func FuzzRequest(f *testing.F) {
	// Every route begins with one body and not with all of them: each seed is run before the first input is invented, and two for each took all
	// the time that a short make fuzz gives. TestNoRouteFailsOnABodyOfAnother sends them all.
	for i := range routes {
		f.Add(uint16(i), requestSeeds[i%len(requestSeeds)])
	}
	s := newServer(f)
	names := furnish(f, s, fuzzKey)
	a := s.account(fuzzKey)
	turn := func(t testing.TB, make func(string) error) {
		t.Helper()
		a.locked(func() {
			if err := make(furnished); err != nil {
				t.Fatal(err)
			}
		})
	}
	turn(f, a.keep)
	f.Fuzz(func(t *testing.T, which uint16, body string) {
		turn(t, a.restore) // every input finds the same world; to furnish one for each took most of the time
		request(t, s, names, routes[int(which)%len(routes)], body)
	})
}

const (
	fuzzKey   = "sk_test_fuzz"
	furnished = "furnished" // the snapshot that inputs begin with
)

// request sends a body to a route of a furnished world and holds the answer against what is promised.
func request(t *testing.T, s *Server, names *strings.Replacer, r *route, body string) {
	t.Helper()
	path := names.Replace(braces.ReplaceAllStringFunc(r.path, func(name string) string { return pathIDs[name] }))
	body = names.Replace(body)
	if r.method == http.MethodGet {
		if _, err := url.ParseQuery(body); err != nil {
			return
		}
		path, body = path+"?"+strings.Map(printable, body), ""
	}
	w := send(s, fuzzKey, r.method, path, body)
	if w.Code >= http.StatusInternalServerError {
		t.Fatalf("%s %s %q: %d %s", r.method, path, body, w.Code, w.Body)
	}
	for _, mistake := range schematest.AnswerMistakes(httptest.NewRequest(r.method, path, nil), w.Code, w.Body.Bytes()) {
		t.Errorf("%s %s %q: off Stripe's schema: %s", r.method, path, body, mistake)
	}
}

func TestNoRouteFailsOnABodyOfAnother(t *testing.T) {
	t.Parallel()
	for _, r := range routes {
		t.Run(r.method+" "+r.path, func(t *testing.T) {
			t.Parallel()
			s := newServer(t)
			names := furnish(t, s, fuzzKey)
			for _, body := range requestSeeds {
				if r.method == http.MethodPost || strings.HasPrefix(body, "limit") || strings.HasPrefix(body, "expand") {
					request(t, s, names, r, body)
				}
			}
		})
	}
}

// braces are the variables of a route.
var braces = regexp.MustCompile(`\{[a-z_]+\}`)

// pathIDs are the objects of the furnished world by the variable that names them in a path.
var pathIDs = map[string]string{
	"{customer}": "CUS", "{price}": "PRICE", "{plan}": "PRICE", "{subscription}": "SUB", "{subscription_exposed_id}": "SUB", "{item}": "ITEM",
	"{invoice}": "INV", "{charge}": "CHARGE", "{intent}": "INTENT", "{payment_method}": "METHOD", "{test_clock}": "CLOCK", "{id}": "PROD",
	"{invoiceitem}": "PENDING", "{session}": "SESSION",
}

func printable(r rune) rune {
	if r <= ' ' || r == '#' || r > '~' || r == '?' {
		return -1
	}
	return r
}

// furnish makes a world with a customer, a running subscription and what belongs to it, and returns the words that stand for their ids.
func furnish(t testing.TB, s *Server, key string) *strings.Replacer {
	t.Helper()
	id := regexp.MustCompile(`"id": "([^"]+)"`)
	find := func(prefix, method, path, body string) string {
		t.Helper()
		w := send(s, key, method, path, body)
		if w.Code != http.StatusOK {
			t.Fatalf("%s %s: %s", method, path, w.Body)
		}
		for _, found := range id.FindAllStringSubmatch(w.Body.String(), -1) {
			if strings.HasPrefix(found[1], prefix) {
				return found[1]
			}
		}
		t.Fatalf("no %s in %s", prefix, w.Body)
		return ""
	}
	customer := find("cus_", "POST", "/v1/customers", "payment_method=pm_card_visa&invoice_settings[default_payment_method]=pm_card_visa")
	product := find("prod_", "POST", "/v1/products", "name=Premium")
	price := find("price_", "POST", "/v1/prices", "currency=usd&unit_amount=2000&recurring[interval]=month&product="+product)
	sub := find("sub_", "POST", "/v1/subscriptions", "customer="+customer+"&items[0][price]="+price)
	return strings.NewReplacer(
		"CUS", customer, "PROD", product, "PRICE", price, "SUB", sub,
		"ITEM", find("si_", "GET", "/v1/subscription_items?subscription="+sub, ""),
		"INV", find("in_", "GET", "/v1/invoices", ""),
		"CHARGE", find("ch_", "GET", "/v1/charges", ""),
		"INTENT", find("pi_", "GET", "/v1/payment_intents", ""),
		"METHOD", find("pm_", "GET", "/v1/customers/"+customer+"/payment_methods", ""),
		"CLOCK", find("clock_", "POST", "/v1/test_helpers/test_clocks", "frozen_time=1800000000"),
		"PENDING", find("ii_", "POST", "/v1/invoiceitems", "customer="+customer+"&amount=100&currency=usd"),
		"SESSION", find("cs_", "POST", "/v1/checkout/sessions", "mode=payment&success_url=http://a.b&line_items[0][quantity]=1&line_items[0][price_data][currency]=usd&"+
			"line_items[0][price_data][unit_amount]=500&line_items[0][price_data][product_data][name]=x"),
	)
}
