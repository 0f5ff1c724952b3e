package httpapi_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dues-billing/dues"
	"github.com/dues-billing/dues/metrics"
	"github.com/dues-billing/dues/service"
)

// refusal is a request that must fail, and how.
type refusal struct {
	name   string
	req    request
	status int
	field  string
}

const megabyte = 1 << 20

// bodies are the ways in which any JSON body can be wrong. good is one that would be taken.
func bodies(method, path, credential, good string) []refusal {
	send := func(name, contentType, body string, status int, field string) refusal {
		return refusal{path + ": " + name, request{method: method, path: path, credential: credential, contentType: contentType, body: body}, status, field}
	}
	spelled := strings.ToUpper(good[2:3]) + good[3:strings.Index(good, `":`)]
	return []refusal{
		send("no body", "", "", 400, ""),
		send("no JSON", "", "id=ada", 400, ""),
		send("cut off", "", good[:len(good)-2], 400, ""),
		send("two values", "", good+good, 400, ""),
		send("an array", "", "["+good+"]", 400, ""),
		send("a string", "", `"ada"`, 400, ""),
		send("null", "", "null", 400, ""),
		send("an unknown field", "", `{"emial":"x",`+good[1:], 400, "emial"),
		send("another spelling of a field", "", strings.ToUpper(good[:3])+good[3:], 400, spelled),
		send("a form", "application/x-www-form-urlencoded", good, 415, ""),
		send("no media type at all", "nonsense;;", good, 415, ""),
		send("over 1 MB", "", `{"x":"`+strings.Repeat("a", megabyte)+`"}`, 413, ""),
	}
}

// fields are the ways in which a required string can be wrong; fill makes a body with that value.
func fields(method, path, credential, field string, fill func(value string) string) []refusal {
	send := func(name, value string) refusal {
		return refusal{fmt.Sprintf("%s: %s is %s", path, field, name), request{method: method, path: path, credential: credential, body: fill(value)}, 400, field}
	}
	return []refusal{
		send("a number", `1`), send("true", `true`), send("an array", `["a"]`), send("an object", `{"a":1}`), send("null", `null`), send("empty", `""`),
		send("not text", `"a\u0000b"`),
	}
}

// put is good with one field's value replaced.
func put(good map[string]string, field string) func(string) string {
	return func(value string) string {
		parts := []string{}
		for name, v := range good {
			encoded, _ := json.Marshal(v) // of a string
			if name == field {
				encoded = []byte(value)
			}
			parts = append(parts, fmt.Sprintf("%q:%s", name, encoded))
		}
		return "{" + strings.Join(parts, ",") + "}"
	}
}

func without(good map[string]string, field string) string {
	rest := map[string]string{}
	for name, value := range good {
		if name != field {
			rest[name] = value
		}
	}
	encoded, _ := json.Marshal(rest) // of strings
	return string(encoded)
}

func badAccounts() []refusal {
	const path = "/v1/accounts"
	good := map[string]string{"id": "eve", "email": "eve@example.com"}
	out := bodies("POST", path, serverKey, `{"id":"eve","email":"eve@example.com"}`)
	for field := range good {
		out = append(out, fields("POST", path, serverKey, field, put(good, field))...)
		out = append(out, refusal{path + ": without " + field, request{method: "POST", path: path, credential: serverKey, body: without(good, field)}, 400, field})
	}
	bad := func(name, body, field string) {
		out = append(out, refusal{path + ": " + name, request{method: "POST", path: path, credential: serverKey, body: body}, 400, field})
	}
	bad("an address without @", `{"id":"eve","email":"eve"}`, "email")
	bad("an address with a name", `{"id":"eve","email":"Eve <eve@example.com>"}`, "email")
	bad("an id too long", `{"id":"`+strings.Repeat("e", 201)+`","email":"eve@example.com"}`, "id")
	bad("a name too long", `{"id":"eve","email":"eve@example.com","name":"`+strings.Repeat("e", 257)+`"}`, "name")
	bad("a name of a wrong type", `{"id":"eve","email":"eve@example.com","name":7}`, "name")
	return out
}

func badCheckouts(path, credential string) []refusal {
	good := map[string]string{"price": "premium-monthly", "success_url": "https://app.example.com/a", "cancel_url": "https://app.example.com/b"}
	out := bodies("POST", path, credential, `{"price":"premium-monthly","success_url":"https://app.example.com/a","cancel_url":"https://app.example.com/b"}`)
	bad := func(name, field, value string) {
		out = append(out, refusal{path + ": " + name, request{method: "POST", path: path, credential: credential, body: put(good, field)(value)}, 400, field})
	}
	for field := range good {
		out = append(out, fields("POST", path, credential, field, put(good, field))...)
		out = append(out, refusal{path + ": without " + field, request{method: "POST", path: path, credential: credential, body: without(good, field)}, 400, field})
	}
	bad("a price that does not exist", "price", `"gold"`)
	bad("a price that costs nothing", "price", `"starter-monthly"`)
	bad("a relative URL", "success_url", `"/done"`)
	bad("a script", "success_url", `"javascript:alert(1)"`)
	bad("another host", "success_url", `"https://evil.example.com/"`)
	bad("our host as a name", "cancel_url", `"https://app.example.com@evil.example.com/"`)
	good["method"] = "card"
	bad("PayPal", "method", `"paypal"`)
	bad("a method of a wrong type", "method", `true`)
	good["preview"] = "x"
	bad("no preview", "preview", `"x"`)
	delete(good, "preview")
	good["new_method"] = "x"
	bad("new_method of a wrong type", "new_method", `"yes"`)
	delete(good, "new_method")
	good["quantity"] = "x"
	bad("seats of a price without", "quantity", `5`)
	bad("half a seat", "quantity", `1.5`)
	delete(good, "quantity")
	good["addons"] = "x"
	bad("an add-on that does not exist", "addons", `[{"price":"none"}]`)
	bad("add-ons that are no list", "addons", `"none"`)
	bad("a plan as an add-on", "addons", `[{"price":"premium-monthly"}]`)
	delete(good, "addons")
	good["currency"] = "eur"
	bad("a currency that is not sold", "currency", `"usd"`)
	bad("a currency of a wrong type", "currency", `7`)
	delete(good, "currency")
	good["promotion_code"] = "x"
	bad("a code that nobody made", "promotion_code", `"NOBODY"`)
	bad("a code of a sentence", "promotion_code", `"give me half"`)
	good["coupon"] = "x"
	bad("a coupon", "coupon", `"none"`)
	return out
}

func badDiscounts(ada string) []refusal {
	var out []refusal
	for _, at := range []struct{ path, credential string }{{"/v1/me/discount", ada}, {"/v1/accounts/ada/discount", serverKey}} {
		out = append(out, bodies("POST", at.path, at.credential, `{"promotion_code":"HALF"}`)...)
		bad := func(name, body string, status int, field string) {
			out = append(out, refusal{at.path + ": " + name, request{method: "POST", path: at.path, credential: at.credential, body: body}, status, field})
		}
		bad("nothing", `{}`, 400, "promotion_code")
		bad("an empty code", `{"promotion_code":""}`, 400, "promotion_code")
		bad("a code of a wrong type", `{"promotion_code":7}`, 400, "promotion_code")
		bad("a coupon of a wrong type", `{"coupon":["half"]}`, 400, "coupon")
		bad("what pays for nothing", `{"promotion_code":"HALF"}`, 409, "")
	}
	return append(out,
		refusal{"discount: an end user's coupon", request{method: "POST", path: "/v1/me/discount", credential: ada, body: `{"coupon":"half"}`}, 400, "coupon"},
		refusal{"discount: an account that does not exist", request{method: "POST", path: "/v1/accounts/nobody/discount", credential: serverKey, body: `{"promotion_code":"A"}`}, 404, ""},
		refusal{"discount: an account that does not exist, ended", request{method: "DELETE", path: "/v1/accounts/nobody/discount", credential: serverKey}, 404, ""},
		refusal{"discount: ended where there is none", request{method: "DELETE", path: "/v1/accounts/ada/discount", credential: serverKey}, 409, ""},
		refusal{"discount: an end user ends none", request{method: "DELETE", path: "/v1/accounts/ada/discount", credential: ada}, 404, ""},
	)
}

func badPortals(path, credential string) []refusal {
	good := map[string]string{"return_url": "https://app.example.com/a"}
	out := bodies("POST", path, credential, `{"return_url":"https://app.example.com/a"}`)
	out = append(out, fields("POST", path, credential, "return_url", put(good, "return_url"))...)
	return append(out,
		refusal{path + ": another host", request{method: "POST", path: path, credential: credential, body: `{"return_url":"https://evil.example.com"}`}, 400, "return_url"},
		refusal{path + ": without return_url", request{method: "POST", path: path, credential: credential, body: `{}`}, 400, "return_url"},
	)
}

func badCancels(ada string) []refusal {
	var out []refusal
	for _, at := range []struct{ path, credential string }{{"/v1/me/cancel", ada}, {"/v1/accounts/ada/cancel", serverKey}} {
		out = append(out, bodies("POST", at.path, at.credential, `{"feedback":"unused"}`)...)
		good := map[string]string{"when": "period_end", "feedback": "unused", "comment": "Bye."}
		for field := range good {
			for _, value := range []string{`1`, `true`, `["a"]`, `{"a":1}`, `"not\u0000text"`} {
				out = append(out, refusal{at.path + ": " + field + " is " + value, request{method: "POST", path: at.path, credential: at.credential, body: put(good, field)(value)}, 400, field})
			}
		}
		bad := func(name, field, body string, status int) {
			out = append(out, refusal{at.path + ": " + name, request{method: "POST", path: at.path, credential: at.credential, body: body}, status, field})
		}
		bad("never", "when", `{"when":"never"}`, 400)
		bad("a moment", "when", `{"when":"2030-05-01T00:00:00Z"}`, 400)
		bad("no moment", "date", `{"date":"tomorrow"}`, 400)
		bad("a date that is over", "date", `{"date":"2020-05-01T00:00:00Z"}`, 400)
		bad("a date beside now", "date", `{"when":"now","date":"2030-05-01T00:00:00Z"}`, 400)
		bad("no date", "date", `{"when":"date"}`, 400)
		bad("feedback that Stripe does not count", "feedback", `{"feedback":"bored"}`, 400)
		bad("a novel", "comment", `{"comment":"`+strings.Repeat("x", 1001)+`"}`, 400)
		bad("what pays for nothing", "", `{}`, 409)
	}
	return append(out,
		refusal{"cancel: an account that does not exist", request{method: "POST", path: "/v1/accounts/nobody/cancel", credential: serverKey, body: `{}`}, 404, ""},
		refusal{"resume: an account that does not exist", request{method: "POST", path: "/v1/accounts/nobody/resume", credential: serverKey}, 404, ""},
		refusal{"checkout: an account that does not exist", request{method: "POST", path: "/v1/accounts/nobody/checkout", credential: serverKey,
			body: `{"price":"premium-monthly","success_url":"https://app.example.com/a","cancel_url":"https://app.example.com/b"}`}, 404, ""},
		refusal{"portal: an account that does not exist", request{method: "POST", path: "/v1/accounts/nobody/portal", credential: serverKey,
			body: `{"return_url":"https://app.example.com/a"}`}, 404, ""},
		refusal{"invoices: an account that does not exist", request{method: "GET", path: "/v1/accounts/nobody/invoices", credential: serverKey}, 404, ""},
		refusal{"invoices: another's", request{method: "GET", path: "/v1/accounts/ada/invoices", credential: ada}, 404, ""},
		refusal{"licenses: an account that does not exist", request{method: "GET", path: "/v1/accounts/nobody/licenses", credential: serverKey}, 404, ""},
		refusal{"resume: what pays for nothing", request{method: "POST", path: "/v1/me/resume", credential: ada}, 409, ""},
		refusal{"cancel: a server's key for an end user's route", request{method: "POST", path: "/v1/me/cancel", credential: serverKey, body: `{}`}, 401, ""},
		refusal{"cancel: an end user's token for a server's route", request{method: "POST", path: "/v1/accounts/ada/cancel", credential: ada, body: `{}`}, 404, ""},
	)
}

func badWebhooks() []refusal {
	const path = "/webhooks/stripe"
	body := []byte(`{"id":"evt_9","object":"event","type":"customer.updated","created":1798970400,"data":{"object":{"id":"cus_9","object":"customer"}}}`)
	large := append(body[:len(body):len(body)], strings.Repeat(" ", megabyte)...)
	text := []byte("not json")
	send := func(name string, body []byte, header http.Header, status int) refusal {
		return refusal{path + ": " + name, request{method: "POST", path: path, body: body, header: header}, status, ""}
	}
	return []refusal{
		send("no signature", body, nil, 400),
		send("a signature of nonsense", body, http.Header{"Stripe-Signature": {"nonsense"}}, 400),
		send("a signature with another secret", body, signed(body, start, "whsec_other"), 400),
		send("a signature of another body", body, signed(text, start, webhookSecret), 400),
		send("an old timestamp", body, signed(body, start.Add(-301*time.Second), webhookSecret), 400),
		send("signed, and no JSON", text, signed(text, start, webhookSecret), 400),
		send("signed, and no event", []byte(`{}`), signed([]byte(`{}`), start, webhookSecret), 400),
		send("over 1 MB", large, signed(large, start, webhookSecret), 413),
	}
}

func badQueues() []refusal {
	var out []refusal
	ask := func(name, query, field string) {
		out = append(out, refusal{query + ": " + name, request{method: "GET", path: query, credential: operatorKey}, 400, field})
	}
	for _, list := range []string{"/v1/events", "/v1/effects"} {
		ask("a state that does not exist", list+"?state=stale", "state")
		ask("a misspelt parameter", list+"?stat=dead", "stat")
		ask("a parameter twice", list+"?state=dead&state=done", "state")
		ask("no text", list+"?account=a%00", "account")
		ask("an account that does not exist", list+"?account=nobody", "account")
		ask("no moment", list+"?since=yesterday", "since")
		ask("a moment before there was Stripe", list+"?since=0001-01-01T00:00:00Z", "since")
		for _, n := range []string{"x", "0", "-1", "501", "1e3", "99999999999999999999"} {
			ask("a limit that is none", list+"?limit="+n, "limit")
		}
		for _, c := range []string{"x", "0", "-1", "01", "1.5", "99999999999999999999"} {
			ask("a cursor that no list gave", list+"?cursor="+c, "cursor")
		}
		path := list + "/retry"
		out = append(out, bodies("POST", path, operatorKey, `{"state":"dead"}`)...)
		for _, c := range []struct{ name, body, field string }{
			{"what is pending", `{"state":"pending"}`, "state"},
			{"a state that does not exist", `{"state":"stale"}`, "state"},
			{"a state of a wrong type", `{"state":7}`, "state"},
			{"an account that does not exist", `{"account":"nobody"}`, "account"},
			{"no moment", `{"since":"yesterday"}`, "since"},
		} {
			out = append(out, refusal{path + ": " + c.name, request{method: "POST", path: path, credential: operatorKey, body: c.body}, 400, c.field})
		}
		out = append(out,
			refusal{list + ": unknown", request{method: "GET", path: list + "/nothing", credential: operatorKey}, 404, ""},
			refusal{list + ": unknown, retried", request{method: "POST", path: list + "/nothing/retry", credential: operatorKey}, 404, ""},
			refusal{list + ": no text, retried", request{method: "POST", path: list + "/a%00b/retry", credential: operatorKey}, 404, ""},
		)
	}
	ask("a kind that does not exist", "/v1/effects?kind=letter", "kind")
	ask("an ignored effect", "/v1/effects?state=ignored", "state")
	again := request{method: "POST", path: "/v1/effects/retry", credential: operatorKey}
	again.body = `{"kind":"letter"}`
	out = append(out, refusal{"a kind that does not exist, retried", again, 400, "kind"})
	again.body = `{"state":"done"}`
	return append(out, refusal{"every notice that was ever delivered", again, 400, "since"})
}

// Rows: A12 C23 D4.
func TestBadInputIsRefusedAndChangesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.signUp("ada")
	ada := token(t, "ada")
	before := w.state()
	cases := append(badAccounts(), badCheckouts("/v1/me/checkout", ada)...)
	cases = append(cases, badCheckouts("/v1/accounts/ada/checkout", serverKey)...)
	cases = append(cases, badPortals("/v1/me/portal", ada)...)
	cases = append(cases, badPortals("/v1/accounts/ada/portal", serverKey)...)
	cases = append(cases, badCancels(ada)...)
	cases = append(cases, badDiscounts(ada)...)
	cases = append(cases, badRefunds(ada)...)
	cases = append(cases, badInvoices(ada)...)
	cases = append(cases, badPurchases(ada)...)
	cases = append(cases, badCredits(ada)...)
	cases = append(cases, badLines(ada)...)
	cases = append(cases, badInvoicesMade(ada)...)
	cases = append(cases, badChanges(ada)...)
	cases = append(cases, badAddOns(ada)...)
	cases = append(cases, badMethods(ada)...)
	cases = append(cases, badDeletions(ada)...)
	cases = append(cases, badWebhooks()...)
	cases = append(cases, badQueues()...)
	for _, c := range cases {
		got := w.send(c.req)
		checkProblem(t, c, got)
	}
	if diff := cmp.Diff(before, w.state()); diff != "" {
		t.Errorf("refused requests changed something (-before +after):\n%s", diff)
	}
}

// A delivery over 1 MB was refused and not counted.
//
// Features: 62.
func TestEveryRefusedWebhookIsCountedAndNoneStored(t *testing.T) {
	t.Parallel()
	count := metrics.New()
	w := newWorld(t, func(c *dues.Config) { c.Metrics = count })
	cases := badWebhooks()
	for _, c := range cases {
		checkProblem(t, c, w.send(c.req))
	}
	rec := httptest.NewRecorder()
	count.Handler(w.dues.Health, clock).ServeHTTP(rec, httptest.NewRequest("GET", "/metrics", nil))
	if want := fmt.Sprintf("\ndues_webhooks_total{outcome=\"refused\"} %d\n", len(cases)); !strings.Contains(rec.Body.String(), want) {
		t.Errorf("the scrape lacks %q", want)
	}
	if events, _, err := w.dues.Events(t.Context(), service.EventFilter{}, service.Page{}); len(events) != 0 || err != nil {
		t.Errorf("%d events are stored, %v", len(events), err)
	}
}

func checkProblem(t *testing.T, c refusal, got answer) {
	t.Helper()
	if got.status != c.status {
		t.Errorf("%s: got %d, want %d: %s", c.name, got.status, c.status, got.body)
		return
	}
	var problem struct {
		Title, Code, Detail, Field string
		Status                     int
		RequestID                  string `json:"request_id"`
	}
	if err := json.Unmarshal(got.body, &problem); err != nil || got.header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("%s: not a problem+json: %s", c.name, got.body)
		return
	}
	if problem.Field != c.field {
		t.Errorf("%s: names the field %q, want %q: %s", c.name, problem.Field, c.field, got.body)
	}
	if problem.Status != c.status || problem.Title == "" || problem.Code == "" || problem.Detail == "" || problem.RequestID != "test" {
		t.Errorf("%s: lacks something: %s", c.name, got.body)
	}
}

// state is all that a request could have changed, at Dues and at Stripe.
func (w *world) state() map[string]any {
	w.t.Helper()
	ctx := w.t.Context()
	accounts, err := w.dues.Accounts(ctx, "", 100)
	if err != nil {
		w.t.Fatal(err)
	}
	out := map[string]any{"accounts": accounts}
	for _, a := range accounts {
		purchases, err := w.dues.Purchases(ctx, a.ID)
		if err != nil {
			w.t.Fatal(err)
		}
		out["purchases of "+string(a.ID)] = purchases
	}
	if out["events"], _, err = w.dues.Events(ctx, service.EventFilter{}, service.Page{Limit: 100}); err != nil {
		w.t.Fatal(err)
	}
	if out["effects"], _, err = w.dues.Effects(ctx, service.EffectFilter{}, service.Page{Limit: 100}); err != nil {
		w.t.Fatal(err)
	}
	var atStripe []string
	for event, err := range w.stripe.Client().V1Events.List(ctx, nil).All(ctx) {
		if err != nil {
			w.t.Fatal(err)
		}
		atStripe = append(atStripe, string(event.Type))
	}
	out["events at Stripe"] = atStripe
	return out
}
