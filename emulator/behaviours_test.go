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

// The emulator promises ten behaviours. Each has one test here, over HTTP with the official SDK, that says the promise in its name; what the
// corners of a behaviour do is tested where they live. Requests are written as they go over the wire, so that a stranger can send them by hand.

// account is an API key in the hands of the official SDK.
type account struct {
	*testing.T
	*emulator.Server
	key string
	sdk stripe.RawRequestBackend
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
	return account{t, s, key, sdk}
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
	answer, err := a.sdk.RawRequest(method, path, a.key, strings.ReplaceAll(form, " ", "+"), nil)
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
	var e *stripe.Error
	if !errors.As(err, &e) {
		a.Fatalf("%s %s: got %v and %v, want a refusal", request, form, o, err)
	}
	return fmt.Sprintf("%d %s %s %s: %s", e.HTTPStatusCode, e.Type, e.Code, e.Param, e.Msg)
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

// payer makes a customer on a clock who pays with a test card.
func (a account) payer(clock, card string) string {
	a.Helper()
	form := "payment_method=" + card + "&invoice_settings[default_payment_method]=" + card
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

// amounts are those of the lines of an invoice.
func amounts(invoice object) string {
	var out []string
	for _, line := range invoice["lines"].(map[string]any)["data"].([]any) {
		out = append(out, object(line.(map[string]any)).say("amount"))
	}
	return strings.Join(out, " ")
}

// 1. One call over 14 months is 14 calls of one, to the second and in order. A clock that stops at the period's end leaves a draft; an hour
// later it is charged.
//
// Rows: C19.
func TestBehaviour1TimeIsStripesOwnTestClock(t *testing.T) {
	t.Parallel()
	one := behave(t)
	many := newAccount(t, one.Server, "sk_test_many")
	live := func(a account, calls int) (string, string) {
		clock := a.clock("2027-01-31")
		sub := a.subscribe(a.payer(clock, "pm_card_visa"), a.price("2000 usd month"), "trial_period_days=10").id()
		from, end := moment(t, "2027-01-31"), moment(t, "2028-04-01")
		for i := range calls {
			a.advance(clock, from+(end-from)*int64(i+1)/int64(calls))
		}
		return a.events(true, "customer.subscription", "invoice", "charge", "payment_intent"), a.invoices(sub)
	}
	once, invoices := live(one, 1)
	often, _ := live(many, 14)
	one.want("events in one call, and in fourteen", once, often)
	one.want("invoices", invoices, strings.Repeat("paid subscription_cycle 2000, ", 14)+"paid subscription_create 0")
	one.want("trial_will_end", fmt.Sprint(strings.Count(once, "customer.subscription.trial_will_end@")), "1")
	one.want("upcoming, seven days ahead", fmt.Sprint(strings.Contains(once, fmt.Sprint("invoice.upcoming@", moment(t, "2027-03-03")))), "true")

	clock := one.clock("2027-01-31")
	sub := one.subscribe(one.payer(clock, "pm_card_visa"), one.price("3600 usd month"))
	one.want("31 January", sub.say("items.data.0.current_period_end"), fmt.Sprint(moment(t, "2027-02-28")))
	one.advance(clock, moment(t, "2027-02-28"))
	one.want("at the period's end", one.invoices(sub.id()), "draft subscription_cycle 3600, paid subscription_create 3600")
	one.advance(clock, moment(t, "2027-02-28")+3600)
	one.want("an hour later", one.invoices(sub.id()), "paid subscription_cycle 3600, paid subscription_create 3600")
}

// 2. The vectors of chapter 4, each previewed and then billed to the cent.
//
// Rows: C15 C21.
func TestBehaviour2ProrationIsExactToTheSecond(t *testing.T) {
	t.Parallel()
	a := behave(t)
	fifth := a.do("POST /v1/coupons", "percent_off=20&duration=forever").id()
	for _, c := range []struct {
		name, opened, price, to, changed, more, want string
	}{
		{"1: 1000 to 2000 at half", "2027-04-01", "1000 usd month", "2000 usd month", "2027-04-16", "", "-500 1000"},
		{"2: a million seconds left of 2678400", "2027-03-01", "1500 usd month", "2900 usd month", "2027-03-20T22:13:20", "", "-560 1083"},
		{"3: 80.00 to 120.00 with 21 of 31 days left", "2027-03-01", "8000 usd month", "12000 usd month", "2027-03-11", "", "-5419 8129"},
		{"6: 3 seats to 5 at half", "2027-04-01", "1000 usd month", "", "2027-04-16", "items[0][quantity]=3", "-1500 2500"},
		{"9: yen, 10 of 30 days left", "2027-04-01", "500 jpy month", "1000 jpy month", "2027-04-21", "", "-167 333"},
		{"11: after a coupon of 20 %", "2027-04-01", "1000 usd month", "2000 usd month", "2027-04-16", "discounts[0][coupon]=" + fifth, "-400 800"},
		{"7: a month to a year, a third used", "2027-04-01", "1000 usd month", "10000 usd year", "2027-04-11", "billing_mode[type]=classic", "-667 10000"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			a := a
			a.T = t
			clock := a.clock(c.opened)
			sub := a.subscribe(a.payer(clock, "pm_card_visa"), a.price(c.price), c.more)
			a.advance(clock, moment(t, c.changed))
			change := "[items][0][id]=" + sub.say("items.data.0.id") + "&P[proration_behavior]=always_invoice&P[items][0]"
			if c.to == "" {
				change += "[quantity]=5"
			} else {
				change += "[price]=" + a.price(c.to)
			}
			shown := a.do("POST /v1/invoices/create_preview", "subscription="+sub.id()+"&"+strings.ReplaceAll("P"+change, "P[", "subscription_details["))
			update := strings.NewReplacer("P[items]", "items", "P[proration_behavior]", "proration_behavior").Replace("P" + change)
			billed := a.do("POST /v1/subscriptions/"+sub.id(), update+"&expand[]=latest_invoice")
			a.want("previewed", shown.say("total")+": "+net(shown), billed.say("latest_invoice.total")+": "+c.want)
			a.want("billed", net(billed["latest_invoice"].(map[string]any)), c.want)
		})
	}
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

// 3. Period n is f(anchor, n): it clamps to the month and comes back to the anchor's day; and no period is lost between two invoices.
//
// Rows: C3.
func TestBehaviour3TheCalendarComesFromTheAnchor(t *testing.T) {
	t.Parallel()
	a := behave(t)
	for _, c := range []struct{ opened, interval, count, more, want string }{
		{"2027-01-31", "month", "1", "", "2027-01-31 2027-02-28 2027-03-31 2027-04-30 2027-05-31"},
		{"2028-01-31", "month", "1", "", "2028-01-31 2028-02-29 2028-03-31 2028-04-30"},
		{"2028-02-29", "year", "1", "", "2028-02-29 2029-02-28 2030-02-28 2031-02-28 2032-02-29"},
		{"2027-02-25", "week", "2", "", "2027-02-25 2027-03-11 2027-03-25"},
		{"2027-02-27", "day", "10", "", "2027-02-27 2027-03-09 2027-03-19"},
		{"2027-01-20", "month", "1", "billing_cycle_anchor_config[day_of_month]=31", "2027-01-20 2027-01-31 2027-02-28 2027-03-31"},
	} {
		t.Run(c.opened+" "+c.count+" "+c.interval+c.more, func(t *testing.T) {
			t.Parallel()
			a := a
			a.T = t
			clock := a.clock(c.opened)
			sub := a.subscribe(a.payer(clock, "pm_card_visa"), a.price("3100 usd "+c.interval, "recurring[interval_count]="+c.count), c.more).id()
			var got []string
			for range strings.Fields(c.want) {
				item := object(a.do("GET /v1/subscriptions/"+sub, "")["items"].(map[string]any))
				var begin, end int64
				_, _ = fmt.Sscan(item.say("data.0.current_period_start data.0.current_period_end"), &begin, &end)
				got = append(got, time.Unix(begin, 0).UTC().Format("2006-01-02"))
				a.advance(clock, end)
			}
			a.want("periods begin", strings.Join(got, " "), c.want)
		})
	}
}
