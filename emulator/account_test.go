package emulator_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/emulator"
)

// account is an API key in the hands of the official SDK.
type account struct {
	*testing.T
	*emulator.Server
	key     string
	version string // of the API; "" is the library's own
	sdk     stripe.RawRequestBackend
}

func newAccount(t *testing.T, s *emulator.Server, key string) account {
	t.Helper()
	backend := stripe.GetBackendWithConfig(stripe.APIBackend, &stripe.BackendConfig{
		URL: stripe.String(s.URL), LeveledLogger: &stripe.LeveledLogger{Level: stripe.LevelNull}, EnableTelemetry: stripe.Bool(false),
		MaxNetworkRetries: stripe.Int64(0), HTTPClient: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}},
	})
	sdk, ok := backend.(stripe.RawRequestBackend)
	if !ok {
		t.Fatalf("%T makes no raw requests", backend)
	}
	return account{T: t, Server: s, key: key, sdk: sdk}
}

// behave is an account of a server of its own that advances clocks as far as it is told.
func behave(t *testing.T, options ...func(*emulator.Options)) account {
	t.Helper()
	far := func(o *emulator.Options) { o.Settings.AdvanceIntervals = 0 }
	server := start(t, append(options, far)...)
	return newAccount(t, server, server.Key)
}

// object is an answer.
type object map[string]any

// say is what stands at the paths, beside one another: "items.data.0.current_period_end status".
func (o object) say(paths string) string {
	var out []string
	for _, path := range strings.Fields(paths) {
		var value any = map[string]any(o)
		for _, key := range strings.Split(path, ".") {
			switch v := value.(type) {
			case map[string]any:
				value = v[key]
			case []any:
				i := 0
				if _, err := fmt.Sscan(key, &i); err != nil || i >= len(v) {
					return "nothing at " + path
				}
				value = v[i]
			}
		}
		out = append(out, fmt.Sprint(value))
	}
	return strings.Join(out, " ")
}

func (o object) id() string { return o.say("id") }

func (a account) try(request, form string) (object, error) {
	a.Helper()
	method, path, _ := strings.Cut(request, " ")
	var params *stripe.RawParams
	if a.version != "" {
		params = &stripe.RawParams{Params: stripe.Params{Headers: http.Header{"Stripe-Version": {a.version}}}}
	}
	answer, err := a.sdk.RawRequest(method, path, a.key, strings.ReplaceAll(form, " ", "+"), params)
	if err != nil {
		return nil, err
	}
	numbers := json.NewDecoder(strings.NewReader(string(answer.RawJSON)))
	numbers.UseNumber()
	var o object
	if err := numbers.Decode(&o); err != nil {
		a.Fatalf("%s: %v", request, err)
	}
	return o, nil
}

// do sends a request that must succeed.
func (a account) do(request, form string) object {
	a.Helper()
	o, err := a.try(request, form)
	if err != nil {
		a.Fatalf("%s %s: %v", request, form, err)
	}
	return o
}

// refuse sends a request that must fail, and tells its status, type, code, param and message.
func (a account) refuse(request, form string) string {
	a.Helper()
	o, err := a.try(request, form)
	if err == nil {
		a.Fatalf("%s %s: got %v, want a refusal", request, form, o)
	}
	return refusalText(a.T, err)
}

// refusalText tells status, type, code, param and message of a refusal.
func refusalText(t testing.TB, err error) string {
	t.Helper()
	var e *stripe.Error
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want a refusal", err)
	}
	return fmt.Sprintf("%d %s %s %s: %s", e.HTTPStatusCode, e.Type, e.Code, e.Param, e.Msg)
}

// failed is the error that an answer tells.
func failed(t testing.TB, err error) object {
	t.Helper()
	var e *stripe.Error
	var body struct{ Error object }
	if !errors.As(err, &e) || json.Unmarshal(e.LastResponse.RawJSON, &body) != nil {
		t.Fatalf("got %v, want a refusal", err)
	}
	return body.Error
}

func (a account) want(what, got, want string) {
	a.Helper()
	if got != want {
		a.Errorf("%s:\n got %s\nwant %s", what, got, want)
	}
}

// clock makes a test clock at a date.
func (a account) clock(at string) string {
	a.Helper()
	return a.do("POST /v1/test_helpers/test_clocks", fmt.Sprint("frozen_time=", moment(a, at))).id()
}

func moment(t testing.TB, at string) int64 {
	t.Helper()
	when, err := time.Parse("2006-01-02T15:04:05", (at + "T12:00:00")[:19])
	if err != nil {
		t.Fatal(err)
	}
	return when.Unix()
}

// advance moves a clock to a moment and waits until it is ready.
func (a account) advance(clock string, to int64) {
	a.Helper()
	o := a.do("POST /v1/test_helpers/test_clocks/"+clock+"/advance", fmt.Sprint("frozen_time=", to))
	a.want("advance answers at once", o.say("status"), "advancing")
	for o.say("status") != "ready" {
		o = a.do("GET /v1/test_helpers/test_clocks/"+clock, "")
	}
}

// price makes a recurring price: "1000 usd month".
func (a account) price(of string, more ...string) string {
	a.Helper()
	f := strings.Fields(of)
	form := fmt.Sprintf("product_data[name]=Pro&unit_amount=%s&currency=%s&recurring[interval]=%s&", f[0], f[1], f[2])
	return a.do("POST /v1/prices", form+strings.Join(more, "&")).id()
}

// payer makes a customer, on a clock unless it is "", who pays with a test card unless it is "".
func (a account) payer(clock, card string) string {
	a.Helper()
	form := "email=ada@example.com"
	if card != "" {
		form += "&payment_method=" + card + "&invoice_settings[default_payment_method]=" + card
	}
	if clock != "" {
		form += "&test_clock=" + clock
	}
	return a.do("POST /v1/customers", form).id()
}

// subscribe makes a subscription of one price.
func (a account) subscribe(customer, price string, more ...string) object {
	a.Helper()
	return a.do("POST /v1/subscriptions", "customer="+customer+"&items[0][price]="+price+"&expand[]=latest_invoice&"+strings.Join(more, "&"))
}

// events are the types of all events, the oldest first, of the given kinds; with times they are told with the moment of each.
func (a account) events(times bool, kinds ...string) string {
	a.Helper()
	var out []string
	for after := ""; ; {
		page := a.do("GET /v1/events?limit=100"+after, "")
		list, _ := page["data"].([]any)
		for _, item := range list {
			o := object(item.(map[string]any))
			line := o.say("type")
			for _, kind := range kinds {
				if !strings.HasPrefix(line, kind) {
					continue
				}
				if times {
					line += "@" + o.say("created")
				}
				out = append([]string{line}, out...)
			}
			after = "&starting_after=" + o.id()
		}
		if page.say("has_more") != "true" {
			return strings.Join(out, " ")
		}
	}
}

// invoices are the newest first, each as its status, reason and total.
func (a account) invoices(sub string) string {
	a.Helper()
	var out []string
	for _, item := range a.do("GET /v1/invoices?limit=100&subscription="+sub, "")["data"].([]any) {
		out = append(out, object(item.(map[string]any)).say("status billing_reason total"))
	}
	return strings.Join(out, ", ")
}

// net are the amounts of the lines of an invoice after their discounts.
func net(invoice object) string {
	var out []string
	for _, line := range invoice["lines"].(map[string]any)["data"].([]any) {
		l := object(line.(map[string]any))
		amount, off := int64(0), int64(0)
		_, _ = fmt.Sscan(l.say("amount"), &amount)
		discounts, _ := l["discount_amounts"].([]any)
		for _, d := range discounts {
			var one int64
			_, _ = fmt.Sscan(object(d.(map[string]any)).say("amount"), &one)
			off += one
		}
		out = append(out, fmt.Sprint(amount-off))
	}
	return strings.Join(out, " ")
}
