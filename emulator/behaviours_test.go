package emulator_test

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/dues-billing/dues/emulator"
)

// The emulator promises ten behaviours. Each has one test here, over HTTP with the official SDK, that says the promise in its name; what the
// corners of a behaviour do is tested where they live. Requests are written as they go over the wire, so that a stranger can send them by hand.

// 1. One call over 14 months is 14 calls of one, to the second and in order. A clock that stops at the period's end leaves a draft; an hour
// later it is charged.
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
		{"10: an item added with 20 of 30 days left", "2027-04-01", "1000 usd month", "add 900 usd month", "2027-04-11", "", "600"},
		{"7: a month to a year, a third used", "2027-04-01", "1000 usd month", "10000 usd year", "2027-04-11", "billing_mode[type]=classic", "-667 10000"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			a := a
			a.T = t
			clock := a.clock(c.opened)
			sub := a.subscribe(a.payer(clock, "pm_card_visa"), a.price(c.price), c.more)
			a.advance(clock, moment(t, c.changed))
			if added, ok := strings.CutPrefix(c.to, "add "); ok {
				billed := a.do("POST /v1/subscriptions/"+sub.id(), "proration_behavior=always_invoice&expand[]=latest_invoice&items[0][price]="+a.price(added))
				a.want("billed", net(billed["latest_invoice"].(map[string]any)), c.want)
				return
			}
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

// Vectors 4 and 5: after an upgrade that billed nothing, classic gives the current price back, and flexible what was billed.
func TestBehaviour2ProrationFollowsTheBillingMode(t *testing.T) {
	t.Parallel()
	a := behave(t)
	for mode, want := range map[string]string{"classic": "-720 480", "flexible": "-480 480"} {
		clock := a.clock("2027-06-01")
		sub := a.subscribe(a.payer(clock, "pm_card_visa"), a.price("1200 usd month"), "billing_mode[type]="+mode)
		change := func(price, behavior string) object {
			return a.do("POST /v1/subscriptions/"+sub.id(), "expand[]=latest_invoice&proration_behavior="+behavior+
				"&items[0][id]="+sub.say("items.data.0.id")+"&items[0][price]="+price)
		}
		a.advance(clock, moment(t, "2027-06-07"))
		change(a.price("1800 usd month"), "none")
		a.advance(clock, moment(t, "2027-06-19"))
		a.want(mode, net(change(a.price("1200 usd month"), "always_invoice")["latest_invoice"].(map[string]any)), want)
	}
}

// 3. Period n is f(anchor, n): it clamps to the month and comes back to the anchor's day; and no period is lost between two invoices.
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

// 4. Every test card has its own outcome, and card, payment, invoice and subscription agree on it. What is not paid in 23 hours expires.
func TestBehaviour4PaymentsAreOneStateMachine(t *testing.T) {
	t.Parallel()
	a := behave(t)
	price := a.price("2000 usd month")
	const seen = "&expand[]=latest_invoice.payments.data.payment.payment_intent"
	const states = "status latest_invoice.status latest_invoice.payments.data.0.payment.payment_intent.status"
	for _, c := range []struct{ card, behavior, want string }{
		{"pm_card_visa", "allow_incomplete", "active paid succeeded"},
		{"pm_card_visa", "error_if_incomplete", "active paid succeeded"},
		{"", "default_incomplete", "incomplete open requires_payment_method"},
		{"pm_card_visa", "default_incomplete", "incomplete open requires_confirmation"},
		{"pm_card_chargeCustomerFail", "allow_incomplete", "incomplete open requires_payment_method"},
		{"pm_card_authenticationRequired", "allow_incomplete", "incomplete open requires_action"},
	} {
		got := a.subscribe(a.payer("", c.card), price, "payment_behavior="+c.behavior+seen).say(states)
		a.want(c.card+" "+c.behavior, got, c.want)
	}
	form := "customer=" + a.payer("", "pm_card_chargeCustomerFail") + "&items[0][price]=" + price + "&payment_behavior=error_if_incomplete"
	a.want("error_if_incomplete", a.refuse("POST /v1/subscriptions", form), "402 card_error card_declined : Your card was declined.")
	a.want("the decline of a card", a.refuse("POST /v1/payment_intents", "amount=500&currency=usd&confirm=true&payment_method_types[]=card&payment_method=pm_card_visa_chargeDeclinedInsufficientFunds"),
		"402 card_error card_declined : Your card has insufficient funds.")

	clock := a.clock("2027-01-31")
	payer := a.payer(clock, "pm_card_chargeCustomerFail")
	left := a.subscribe(payer, price)
	paid := a.subscribe(payer, price)
	a.advance(clock, moment(t, "2027-02-01")-7200)
	a.do("POST /v1/invoices/"+paid.say("latest_invoice.id")+"/pay", "payment_method="+a.do("POST /v1/payment_methods/pm_card_visa/attach", "customer="+payer).id())
	a.want("paid with another card after 22 hours", a.do("GET /v1/subscriptions/"+paid.id(), "").say("status"), "active")
	a.advance(clock, moment(t, "2027-02-01")-3601)
	a.want("a second before", a.do("GET /v1/subscriptions/"+left.id(), "").say("status"), "incomplete")
	a.advance(clock, moment(t, "2027-02-01")-3600)
	a.want("after 23 hours", a.do("GET /v1/subscriptions/"+left.id(), "expand[]=latest_invoice").say("status"), "incomplete_expired")
	a.want("its invoice", a.invoices(left.id()), "void subscription_create 2000")
}

// 5. One calculator: tiers, packages, discounts, taxes and the credit balance come to the same total in the preview and on the invoice.
func TestBehaviour5OneCalculatorMakesEveryInvoice(t *testing.T) {
	t.Parallel()
	a := behave(t)
	const tiers = "product_data[name]=Units&currency=usd&recurring[interval]=month&billing_scheme=tiered&tiers[0][up_to]=5&tiers[0][unit_amount]=500&" +
		"tiers[1][up_to]=10&tiers[1][unit_amount]=400&tiers[2][up_to]=inf&tiers[2][unit_amount]=300&tiers_mode="
	coupons := []string{a.do("POST /v1/coupons", "percent_off=12.5&duration=forever").id(), a.do("POST /v1/coupons", "amount_off=300&currency=usd&duration=once").id()}
	const vat = "display_name=VAT&percentage=19&inclusive="
	rates := []string{a.do("POST /v1/tax_rates", vat+"false").id(), a.do("POST /v1/tax_rates", vat+"true").id()}
	for _, c := range []struct{ name, price, more, balance, want string }{
		{"seats: 3 at 15.00", a.price("1500 usd month"), "items[0][quantity]=3", "0", "4500: 4500 4500 4500"},
		{"volume: 11 units", a.do("POST /v1/prices", tiers+"volume").id(), "items[0][quantity]=11", "0", "3300: 3300 3300 3300"},
		{"graduated: 11 units", a.do("POST /v1/prices", tiers+"graduated").id(), "items[0][quantity]=11", "0", "2500 2000 300: 4800 4800 4800"},
		{"packages of 100", a.price("700 usd month", "transform_quantity[divide_by]=100", "transform_quantity[round]=up"), "items[0][quantity]=101", "0", "1400: 1400 1400 1400"},
		{"two discounts, one after the other", a.price("1000 usd month"), "items[0][quantity]=3&discounts[0][coupon]=" + coupons[0] + "&discounts[1][coupon]=" + coupons[1], "0",
			"2325: 3000 2325 2325"},
		{"exclusive tax after a discount, half up", a.price("1030 usd month"), "discounts[0][coupon]=" + coupons[0] + "&default_tax_rates[0]=" + rates[0], "0", "901: 1030 1072 1072"},
		{"inclusive tax", a.price("1190 usd month"), "default_tax_rates[0]=" + rates[1], "0", "1190: 1190 1190 1190"},
		{"a credit balance", a.price("2000 usd month"), "", "-500", "2000: 2000 2000 1500"},
	} {
		customer := a.payer("", "pm_card_visa")
		a.do("POST /v1/customers/"+customer, "balance="+c.balance)
		detail := ""
		for _, pair := range strings.Split("items[0][price]="+c.price+"&"+c.more, "&") {
			if key, value, given := strings.Cut(pair, "="); given && !strings.HasPrefix(key, "discounts") {
				detail += "&subscription_details[" + strings.Replace(key, "[", "][", 1) + "=" + value
			} else if given {
				detail += "&" + pair
			}
		}
		shown := a.do("POST /v1/invoices/create_preview", "customer="+customer+detail)
		billed := object(a.subscribe(customer, c.price, c.more)["latest_invoice"].(map[string]any))
		const sums = "subtotal total amount_due"
		a.want(c.name+", billed", net(billed)+": "+billed.say(sums), c.want)
		a.want(c.name+", previewed", net(shown)+": "+shown.say(sums), c.want)
	}
}

// 6. A failed renewal is retried on the clock as the account chose; the subscription is past due at the first failure, and ends with the last.
func TestBehaviour6DunningRunsOnTheClock(t *testing.T) {
	t.Parallel()
	a := behave(t)
	begin := func() (clock, customer, sub string) {
		clock = a.clock("2027-01-31")
		customer = a.payer(clock, "pm_card_visa")
		sub = a.subscribe(customer, a.price("2000 usd month")).id()
		a.do("POST /v1/customers/"+customer, "invoice_settings[default_payment_method]="+
			a.do("POST /v1/payment_methods/pm_card_chargeCustomerFail/attach", "customer="+customer).id())
		a.advance(clock, moment(t, "2027-02-28")+3600)
		return clock, customer, sub
	}
	clock, _, sub := begin()
	state := func() string {
		o := a.do("GET /v1/subscriptions/"+sub+"?expand[]=latest_invoice", "")
		return o.say("status latest_invoice.status latest_invoice.attempt_count latest_invoice.next_payment_attempt")
	}
	failed := moment(t, "2027-02-28") + 3600
	const day = 86400
	a.want("the first failure", state(), fmt.Sprint("past_due open 1 ", failed+3*day))
	a.advance(clock, failed+3*day)
	a.want("three days on", state(), fmt.Sprint("past_due open 2 ", failed+8*day))
	a.advance(clock, failed+21*day-1)
	a.want("before the last retry", state(), fmt.Sprint("past_due open 4 ", failed+21*day))
	a.advance(clock, failed+21*day)
	a.want("the last retry", state(), "canceled open 5 <nil>")

	clock, customer, saved := begin()
	a.do("POST /v1/customers/"+customer, "invoice_settings[default_payment_method]="+a.do("POST /v1/payment_methods/pm_card_visa/attach", "customer="+customer).id())
	a.advance(clock, failed+3*day)
	a.want("a new card at the next retry", a.do("GET /v1/subscriptions/"+saved, "").say("status"), "active")
	a.want("its invoices", a.invoices(saved), "paid subscription_cycle 2000, paid subscription_create 2000")

	clock = a.clock("2027-01-31")
	mailed := a.subscribe(a.payer(clock, "pm_card_visa"), a.price("2000 usd month"), "collection_method=send_invoice", "days_until_due=7")
	a.advance(clock, moment(t, "2027-02-08")+3600)
	a.want("a mailed invoice that is late", a.do("GET /v1/subscriptions/"+mailed.id()+"?expand[]=latest_invoice", "").say("status latest_invoice.status latest_invoice.attempt_count"), "past_due open 0")
}

// 7. What happens is told: every change in order, with what it was before, signed, in the request's name, and again until it is taken.
func TestBehaviour7EventsCanBeTrusted(t *testing.T) {
	t.Parallel()
	a := behave(t, quick)
	r := newReceiver(t)
	r.refuse = 2
	r.register(t, a.Server, "*")
	a.subscribe(a.payer("", "pm_card_visa"), a.price("2000 usd month"))
	want := a.events(false, "")
	a.want("delivered, after two refusals", strings.Join(r.wait(t, len(strings.Fields(want))), " "), want)
	for _, pair := range []string{"invoice.created invoice.finalized", "invoice.finalized invoice.paid", "charge.succeeded payment_intent.succeeded", "invoice.paid invoice.payment_succeeded"} {
		first, then, _ := strings.Cut(pair, " ")
		if i, j := strings.Index(want+" ", first+" "), strings.Index(want+" ", then+" "); i < 0 || j < i {
			t.Errorf("%s does not come before %s in %s", first, then, want)
		}
	}
	made := a.do("POST /v1/customers", "name=Ada&metadata[a]=1&metadata[b]=2").id()
	a.do("POST /v1/customers/"+made, "name=Grace&metadata[a]=3&metadata[c]=4")
	r.wait(t, 2)
	told := a.do("GET /v1/events?limit=1", "")
	a.want("previous_attributes", told.say("data.0.type data.0.data.previous_attributes"), "customer.updated map[metadata:map[a:1 c:<nil>] name:Ada]")
	if id := told.say("data.0.request.id"); !strings.HasPrefix(id, "req_") {
		t.Errorf("the event is of request %s", id)
	}
	if sent := a.Resend(told.say("data.0.id")); sent != 1 {
		t.Errorf("resent to %d endpoints", sent)
	}
	a.want("resent", r.wait(t, 1)[0], "customer.updated")
	if wrong := r.mistakes(); len(wrong) > 0 {
		t.Errorf("signatures and shapes: %v", wrong)
	}
}

// 8. On the wire nothing differs: Stripe's own refusals, "" that unsets, expansion, idempotency, several versions at once; and what is not
// served says so.
func TestBehaviour8TheWireCannotBeToldFromStripes(t *testing.T) {
	t.Parallel()
	a := behave(t)
	customer := a.payer("", "pm_card_visa")
	sub := a.subscribe(customer, a.price("2000 usd month"))
	for request, want := range map[string]string{
		"GET /v1/customers/cus_x":                "404 invalid_request_error resource_missing id: No such customer: 'cus_x'",
		"POST /v1/customers?emale=x":             "400 invalid_request_error parameter_unknown emale: Received unknown parameter: emale",
		"POST /v1/customers?balance=ten":         "400 invalid_request_error parameter_invalid_integer balance: Invalid integer: ten",
		"POST /v1/prices?product=x":              "400 invalid_request_error parameter_missing currency: Missing required param: currency.",
		"GET /v1/subscriptions?expand[]=x":       "400 invalid_request_error  expand[0]: This property cannot be expanded (x). You may want to try expanding 'data.x' instead.",
		"POST /v1/webhook_endpoints?url=http:":   "400 invalid_request_error parameter_missing enabled_events: Missing required param: enabled_events.",
		"POST /v1/subscriptions/" + "sub_x":      "404 invalid_request_error resource_missing id: No such subscription: 'sub_x'",
		"GET /v1/unknown":                        "404 invalid_request_error  : Unrecognized request URL (GET: /v1/unknown). Please see https://stripe.com/docs or we can help at https://support.stripe.com/.",
		"POST /v1/customers?invoice_settings[a]": "400 invalid_request_error parameter_unknown invoice_settings[a]: Received unknown parameter: invoice_settings[a]",
	} {
		path, form, _ := strings.Cut(request, "?")
		if strings.HasPrefix(request, "GET") {
			path, form = request, ""
		}
		a.want(request, a.refuse(path, form), want)
	}
	a.do("POST /v1/customers/"+customer, "name=Ada&metadata[a]=1&metadata[b]=2")
	a.want(`"" unsets`, a.do("POST /v1/customers/"+customer, "name=&metadata[a]=").say("name metadata"), "<nil> map[b:2]")
	a.want("expanded four levels down", a.do("GET /v1/subscriptions/"+sub.id()+"?expand[]=latest_invoice.payments.data.payment.payment_intent", "").
		say("latest_invoice.payments.data.0.payment.payment_intent.status"), "succeeded")
	a.want("and on a list", a.do("GET /v1/subscriptions?expand[]=data.customer", "").say("data.0.customer.id"), customer)

	key := map[string]string{"Idempotency-Key": "once"}
	p := plain{t, a.Server, ""}
	_, _, first := p.raw("POST", "/v1/customers", url.Values{"name": {"Ada"}}, key)
	_, again, second := p.raw("POST", "/v1/customers", url.Values{"name": {"Ada"}}, key)
	a.want("replayed", fmt.Sprint(second["id"], again.Get("Idempotent-Replayed")), fmt.Sprint(first["id"], "true"))
	status, _, other := p.raw("POST", "/v1/customers", url.Values{"name": {"Bob"}}, key)
	a.want("with other parameters", fmt.Sprint(status, " ", refusal(other)["type"]), "400 idempotency_error")

	for version, has := range map[string]string{"2024-06-20": "current_period_end", "2025-03-31.basil": "", "2026-06-24.dahlia": ""} {
		_, old := plain{t, a.Server, version}.must("GET", "/v1/subscriptions/"+sub.id(), nil)["current_period_end"]
		a.want("the period on the subscription in "+version, fmt.Sprint(old), fmt.Sprint(has != ""))
	}
	if got := a.refuse("GET /v1/topups", ""); !strings.HasPrefix(got, "400 invalid_request_error operation_unsupported : GET /v1/topups") {
		t.Errorf("an operation that is not served: %s", got)
	}
}

// 9. A key is a world, and a world is its seed and its commands: same events to the byte, another time too; kept, forked and taken back.
func TestBehaviour9WorldsAreIsolatedAndDeterministic(t *testing.T) {
	t.Parallel()
	log := func(s *emulator.Server) string {
		_, _, body := plain{t, s, ""}.send("GET", "/v1/events?limit=100", nil, nil)
		return strings.ReplaceAll(string(body), s.URL, "") // the port is the machine's choice
	}
	first, second := seededStory(t), seededStory(t)
	if one, two := log(first), log(second); one != two || len(one) < 10_000 {
		t.Errorf("two runs tell their events in %d and %d bytes that differ", len(one), len(two))
	}
	before := digest(first.Emulator, first.Key)
	other := newAccount(t, first, "sk_test_other")
	if list := other.do("GET /v1/customers", ""); len(list["data"].([]any)) != 0 {
		t.Errorf("another key sees %v", list)
	}
	other.do("POST /v1/customers", "name=Eve")
	if got := digest(first.Emulator, first.Key); got != before {
		t.Error("one key changed the world of another")
	}
	if got := newAccount(t, first, "sk_live_x").refuse("GET /v1/customers", ""); !strings.HasPrefix(got, "401 ") {
		t.Errorf("a live key: %s", got)
	}
	first.Snapshot("kept")
	fork := first.Fork("sk_test_fork")
	fork.MoveTime(40 * 24 * time.Hour)
	if got := digest(first.Emulator, first.Key); got != before {
		t.Error("the fork lives in its source")
	}
	first.MoveTime(40 * 24 * time.Hour)
	first.Restore("kept")
	if got := digest(first.Emulator, first.Key); got != before {
		t.Error("the snapshot is another world")
	}
}

// 10. Checkout, portal and invoice page change the account as Stripe's do: here without a browser; in one, with a keyboard and without
// JavaScript, in package pages (TestCheckoutIsPaidWithAKeyboardAndWithoutJavaScript, TestThePlanIsSwitchedWithAKeyboard).
func TestBehaviour10HostedPagesHaveRealConsequences(t *testing.T) {
	t.Parallel()
	a := behave(t)
	customer, price := a.payer("", ""), a.price("2000 usd month")
	browser := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	post := func(link string, form ...string) (location, body string) {
		values := url.Values{}
		for i := 0; i < len(form); i += 2 {
			values.Set(form[i], form[i+1])
		}
		if strings.HasPrefix(link, "/") {
			link = a.URL + link
		}
		answer, err := browser.PostForm(link, values)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		text, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return answer.Header.Get("Location"), string(text)
	}
	pay := func(link, number string) (string, string) {
		return post(link, "cardNumber", number, "cardExpiry", "12/34", "cardCvc", "123", "billingName", "Ada")
	}
	session := a.do("POST /v1/checkout/sessions", "mode=subscription&success_url=https://app.example/done&customer="+customer+"&line_items[0][quantity]=1&line_items[0][price]="+price)
	state := func() string { return a.do("GET /v1/checkout/sessions/"+session.id(), "").say("status payment_status") }
	if _, says := pay(session.say("url"), "4000000000000002"); !strings.Contains(says, "declined") {
		t.Errorf("a declined card: %s", says)
	}
	a.want("declined", state(), "open unpaid")
	challenge, _ := pay(session.say("url"), "4000002500003155")
	a.want("under challenge", state(), "open unpaid")
	back, _ := post(challenge, "outcome", "succeed")
	a.want("it leads back", back, "https://app.example/done")
	a.want("paid", state(), "complete paid")
	subs := a.do("GET /v1/subscriptions?customer="+customer, "")
	a.want("the subscription", subs.say("data.0.status"), "active")
	a.want("its invoice", a.invoices(subs.say("data.0.id")), "paid subscription_create 2000")
	a.want("told", a.events(false, "checkout.session", "customer.subscription"), "checkout.session.completed customer.subscription.created")

	draft := a.do("POST /v1/invoices", "collection_method=send_invoice&days_until_due=5&customer="+customer).id()
	a.do("POST /v1/invoiceitems", "amount=700&currency=usd&customer="+customer+"&invoice="+draft)
	open := a.do("POST /v1/invoices/"+draft+"/finalize", "")
	pay(open.say("hosted_invoice_url"), "4242424242424242")
	a.want("the invoice's page", a.do("GET /v1/invoices/"+draft, "").say("status amount_paid"), "paid 700")
}
