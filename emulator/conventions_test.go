package emulator_test

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/emulator"
	"github.com/dues-billing/dues/emulator/engine"
)

// The conventions of Stripe's HTTP API that no library shows: what stands in the headers, how a body is written, what an id looks like.

func parsed(t *testing.T, form string) url.Values {
	t.Helper()
	values, err := url.ParseQuery(form)
	if err != nil {
		t.Fatal(err)
	}
	return values
}

func TestOnlyAPostWithAKeyAnswersTheHeadersOfAKey(t *testing.T) {
	t.Parallel()
	p := plain{t, start(t), ""}
	gone := p.must("POST", "/v1/customers", nil)["id"].(string)
	const decline = "amount=500&currency=usd&confirm=true&payment_method_types[]=card&payment_method=pm_card_visa_chargeDeclined"
	for _, c := range []struct {
		request, form string
		keyed         bool
		status        int
		told          bool
	}{
		{"POST /v1/customers", "name=Ada", true, 200, true},
		{"POST /v1/coupons", "duration=once", true, 400, true},
		{"POST /v1/customers", "emale=x", true, 400, true},
		{"POST /v1/payment_intents", decline, true, 402, true},
		{"POST /v1/customers/cus_x", "", true, 404, true},
		{"POST /v1/customers", "name=Ada", false, 200, false},
		{"POST /v1/payment_intents", decline, false, 402, false},
		{"GET /v1/customers", "", true, 200, false},
		{"GET /v1/customers/cus_x", "", true, 404, false},
		{"DELETE /v1/customers/" + gone, "", true, 200, false},
		{"DELETE /v1/customers/" + gone, "", true, 404, false}, // the key is the same, and yet it is done again
	} {
		method, path, _ := strings.Cut(c.request, " ")
		headers, want := map[string]string{}, http.Header{}
		if c.keyed {
			headers["Idempotency-Key"] = method + c.form + path
		}
		status, header, _ := p.raw(method, path, parsed(t, c.form), headers)
		if c.told {
			want = http.Header{"Idempotency-Key": {method + c.form + path}, "Original-Request": header["Request-Id"], "Stripe-Should-Retry": {"false"}}
		}
		got := http.Header{}
		for _, name := range []string{"Idempotency-Key", "Original-Request", "Stripe-Should-Retry", "Idempotent-Replayed"} {
			if header[name] != nil {
				got[name] = header[name]
			}
		}
		if status != c.status || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s %s: got %d %v, want %d %v", c.request, c.form, status, got, c.status, want)
		}
	}
}

func TestEveryAnswerCarriesTheSameHeaders(t *testing.T) {
	t.Parallel()
	server := start(t)
	const always = "Access-Control-Allow-Origin Access-Control-Expose-Headers Cache-Control Content-Length Content-Type Date Vary "
	const known = "Request-Id Stripe-Version "
	for _, c := range []struct {
		request string
		headers map[string]string
		status  int
		beside  string
		keys    string // of the error
	}{
		{"GET /v1/customers", nil, 200, known, ""},
		{"POST /v1/customers", nil, 200, known, ""},
		{"DELETE /v1/customers/cus_x", nil, 404, known, "code doc_url message param request_log_url type"},
		{"GET /v1/x", nil, 404, known, "message request_log_url type"},
		{"GET /v1/customers?limit=0", nil, 400, known, "code doc_url message param request_log_url type"},
		{"GET /v1/customers", map[string]string{"Authorization": "none"}, 401, "Www-Authenticate ", "message type"},
		{"GET /v1/customers", map[string]string{"Authorization": "Bearer sk_org_test_abcdefgh"}, 401, "Www-Authenticate ", "message type"},
		{"GET /v1/customers", map[string]string{"Authorization": "Bearer pk_test_abcdefgh"}, 403, "", "code doc_url message type"},
		{"GET /v1/customers", map[string]string{"Stripe-Account": "acct_other"}, 403, "", "code doc_url message type"},
		{"GET /v1/customers", map[string]string{"Stripe-Version": "2030-01-01"}, 400, known, "message request_log_url type"},
	} {
		method, path, _ := strings.Cut(c.request, " ")
		status, header, body := plain{t, server, ""}.raw(method, path, nil, c.headers)
		got := slices.Sorted(maps.Keys(header))
		want := slices.Sorted(slices.Values(strings.Fields(always + c.beside)))
		if keys := slices.Sorted(maps.Keys(refusal(body))); status != c.status || strings.Join(keys, " ") != c.keys {
			t.Errorf("%s %v: got %d with %v, want %d with %s", c.request, c.headers, status, keys, c.status, c.keys)
		}
		if got = slices.DeleteFunc(got, func(name string) bool { return name == "Connection" }); !slices.Equal(got, want) {
			t.Errorf("%s %v: got the headers %v, want %v", c.request, c.headers, got, want)
		}
		if header.Get("Vary") != "Origin" || header.Get("Access-Control-Allow-Origin") != "*" || header.Get("Content-Type") != "application/json" ||
			!strings.HasPrefix(header.Get("Access-Control-Expose-Headers"), "Request-Id, Stripe-Manage-Version, Stripe-Should-Retry, ") {
			t.Errorf("%s %v: the headers say %v", c.request, c.headers, header)
		}
		if status == 401 && header.Get("Www-Authenticate") != `Bearer realm="Stripe"` {
			t.Errorf("asks for the key with %q", header.Get("Www-Authenticate"))
		}
	}
}

func TestWithoutAVersionARequestIsInThatOfItsAccount(t *testing.T) {
	t.Parallel()
	server := emulator.Start(t, func(o *emulator.Options) { o.Settings.APIVersion = "2024-06-20" })
	for asked, want := range map[string]string{"": "2024-06-20", "2026-06-24.dahlia": "2026-06-24.dahlia", "2023-10-16": "2023-10-16"} {
		_, header, body := plain{t, server, asked}.raw("POST", "/v1/customers", nil, nil)
		if _, has := body["customer_account"]; header.Get("Stripe-Version") != want || has != (want == "2026-06-24.dahlia") {
			t.Errorf("asked for %q: answered in %s, customer_account %v", asked, header.Get("Stripe-Version"), has)
		}
	}
}

func TestBodiesAreWrittenForReaders(t *testing.T) {
	t.Parallel()
	p := plain{t, start(t), ""}
	_, _, made := p.send("POST", "/v1/customers", url.Values{"metadata[b]": {"1"}, "metadata[a]": {"2"}, "address[city]": {"Rome"}}, nil)
	for _, want := range []string{
		"{\n  \"id\": \"cus_", "\",\n  \"object\": \"customer\",\n  \"address\": {\n    \"city\": \"Rome\",\n    \"country\": null,\n",
		"\n  \"metadata\": {\n    \"a\": \"2\",\n    \"b\": \"1\"\n  },\n  \"name\": null,\n", "\n  \"livemode\": false,\n",
	} {
		if !bytes.Contains(made, []byte(want)) {
			t.Errorf("%s\nlacks\n%s", made, want)
		}
	}
	if got, want := topKeys(made), "id object address balance created currency customer_account default_source delinquent description discount email "+
		"invoice_prefix invoice_settings livemode metadata name next_invoice_sequence phone preferred_locales shipping tax_exempt test_clock"; got != want {
		t.Errorf("keys\n%s\nwant\n%s", got, want)
	}
	_, _, list := p.send("GET", "/v1/customers?limit=1", nil, nil)
	if got := topKeys(list); got != "object data has_more url" {
		t.Errorf("a list has its keys as %s", got)
	}
	_, _, wrong := p.send("GET", "/v1/customers/cus_x", nil, nil)
	if !bytes.HasPrefix(wrong, []byte("{\n  \"error\": {\n    \"code\": \"resource_missing\",\n    \"doc_url\": ")) {
		t.Errorf("an error is written as %s", wrong)
	}
}

// topKeys are the outermost keys of a body, in the order in which they were written.
func topKeys(body []byte) string {
	var keys []string
	for _, found := range regexp.MustCompile(`(?m)^  "([a-z_]+)": `).FindAllSubmatch(body, -1) {
		keys = append(keys, string(found[1]))
	}
	return strings.Join(keys, " ")
}

func TestADeleteIsReadWhereverItsParametersStand(t *testing.T) {
	t.Parallel()
	a := behave(t)
	p := plain{t, a.Server, ""}
	for _, where := range []string{"query", "body"} {
		clock := a.clock("2027-04-01")
		sub := a.subscribe(a.payer(clock, "pm_card_visa"), a.price("3000 usd month"))
		a.advance(clock, moment(t, "2027-04-16"))
		path, form := "/v1/subscriptions/"+sub.id(), "invoice_now=true&prorate=true&cancellation_details[comment]=bye"
		if where == "query" {
			path, form = path+"?"+form, ""
		}
		gone := p.must("DELETE", path, parsed(t, form))
		a.want("in the "+where, object(gone).say("status cancellation_details.comment")+", "+a.invoices(sub.id()),
			"canceled bye, paid subscription_update -1500, paid subscription_create 3000")
	}
}

func TestAKeyIsOldAfterADayAndBelongsToItsAccount(t *testing.T) {
	t.Parallel()
	var wall atomic.Int64
	wall.Store(1_800_000_000)
	server := start(t, func(o *emulator.Options) { o.Now = func() time.Time { return time.Unix(wall.Load(), 0) } })
	p := plain{t, server, ""}
	make := func(account, key string) (id, replayed string) {
		headers := map[string]string{"Idempotency-Key": key}
		if account != "" {
			headers["Authorization"] = "Bearer " + account
		}
		status, header, body := p.raw("POST", "/v1/customers", url.Values{"name": {"Ada"}}, headers)
		if status != 200 {
			return fmt.Sprint(status, " ", refusal(body)["type"]), ""
		}
		return body["id"].(string), header.Get("Idempotent-Replayed")
	}
	first, _ := make("", "k")
	wall.Add(24*3600 - 1)
	if again, replayed := make("", "k"); again != first || replayed != "true" {
		t.Errorf("within the day: %s %s, want %s", again, replayed, first)
	}
	if other, replayed := make("sk_test_other", "k"); other == first || replayed != "" {
		t.Errorf("of another account: %s %s", other, replayed)
	}
	wall.Add(1)
	if later, replayed := make("", "k"); later == first || replayed != "" {
		t.Errorf("after the day: %s %s", later, replayed)
	}
	if _, replayed := make("", strings.Repeat("k", 255)); replayed != "" {
		t.Error("a long key is replayed")
	}
	if long, _ := make("", strings.Repeat("k", 256)); long != "400 idempotency_error" {
		t.Errorf("too long a key: %s", long)
	}
}

func TestWhatIsRefusedBeforeItRunsLeavesNoKeyBehind(t *testing.T) {
	t.Parallel()
	var wall atomic.Int64
	wall.Store(1_800_000_000)
	server := start(t, func(o *emulator.Options) {
		o.Now, o.Settings.Decisions.RateLimit = func() time.Time { return time.Unix(wall.Load(), 0) }, 2
	})
	p := plain{t, server, ""}
	headers := map[string]string{"Idempotency-Key": "k", "Authorization": "Bearer nonsense"}
	name := url.Values{"name": {"Ada"}}
	if status, header, _ := p.raw("POST", "/v1/customers", name, headers); status != 401 || header.Get("Idempotency-Key") != "" {
		t.Errorf("a wrong key: %d %v", status, header)
	}
	delete(headers, "Authorization")
	p.must("GET", "/v1/customers", nil)
	p.must("GET", "/v1/customers", nil)
	status, _, body := p.raw("POST", "/v1/customers", name, headers)
	if status != 429 || refusal(body)["code"] != "rate_limit" || refusal(body)["type"] != engine.InvalidRequest {
		t.Errorf("the third request of a second: %d %v", status, body)
	}
	wall.Add(1)
	if status, header, _ := p.raw("POST", "/v1/customers", name, headers); status != 200 || header.Get("Idempotent-Replayed") != "" {
		t.Errorf("a second later: %d %v", status, header)
	}
	// A 404 is an answer of the request itself, and is kept.
	headers["Idempotency-Key"] = "other"
	p.raw("POST", "/v1/customers/cus_x", name, headers)
	wall.Add(1)
	if status, header, _ := p.raw("POST", "/v1/customers/cus_x", name, headers); status != 404 || header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("a 404 asked again: %d %v", status, header)
	}
}

func TestTheLibraryWalksListsInBothDirections(t *testing.T) {
	t.Parallel()
	client := start(t).Client()
	var made []string
	for range 7 {
		c, err := client.V1Customers.Create(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		made = append(made, c.ID)
	}
	walk := func(params stripe.ListParams) (got []string) {
		t.Helper()
		for c, err := range client.V1Customers.List(t.Context(), &stripe.CustomerListParams{ListParams: params}).All(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, c.ID)
		}
		return got
	}
	two := stripe.Int64(2)
	if got := walk(stripe.ListParams{Limit: two, EndingBefore: &made[0]}); !slices.Equal(got, made[1:]) {
		t.Errorf("backwards: %v, want %v", got, made[1:])
	}
	slices.Reverse(made)
	if got := walk(stripe.ListParams{Limit: two}); !slices.Equal(got, made) {
		t.Errorf("forwards: %v, want %v", got, made)
	}
}
