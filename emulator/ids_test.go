package emulator_test

import (
	"bytes"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Ids of 24 characters begin with a digit that tells who made them, those of 14 are random.
const billingID, paymentID, shortID, anyID = `1\w{23}`, `3\w{23}`, `\w{14}`, `\w{10,}`

// idShapes are what follows the prefix of an id.
var idShapes = map[string]string{
	"cus": shortID, "prod": shortID, "si": shortID, "req": shortID,
	"price": billingID, "sub": billingID, "in": billingID, "il": billingID, "ii": billingID, "inpay": billingID, "pm": billingID, "seti": billingID,
	"di": billingID, "cn": billingID, "cnli": billingID, "bps": billingID, "tok": billingID, "card": billingID,
	"pi": paymentID, "ch": paymentID, "re": paymentID, "txn": paymentID,
	"cs_test": `(a1|c1)\w{56}`, "evt": `[13]\w{23}`,
	"sub_sched": anyID, "txr": anyID, "du": anyID, "promo": anyID, "bpc": anyID, "we": anyID, "clock": anyID, "cbtxn": anyID, "qt": anyID, "mtr_test": anyID,
	"feat_test": anyID, "acct": `\w{16}`,
}

// secretShapes are client secrets.
var secretShapes = map[string]string{"pi": paymentID + `_secret_\w{25}`, "seti": billingID + `_secret_\w{31}`}

// everyKind is an account with objects of every kind, as the answers tell of them.
func everyKind(t *testing.T, p plain) []byte {
	t.Helper()
	id := func(path, form string) string { return p.must("POST", "/v1/"+path, parsed(t, form))["id"].(string) }
	customer := id("customers", "payment_method=pm_card_visa&invoice_settings[default_payment_method]=pm_card_visa")
	price := id("prices", "currency=usd&unit_amount=900&recurring[interval]=month&product_data[name]=Ids")
	coupon := id("coupons", "percent_off=10&duration=forever")
	const session = "checkout/sessions success_url=https://a.b&"
	var seen bytes.Buffer
	for _, c := range []string{
		"subscriptions customer=" + customer + "&items[0][price]=" + price + "&discounts[0][coupon]=" + coupon + "&expand[]=latest_invoice.payments",
		"promotion_codes promotion[type]=coupon&promotion[coupon]=" + coupon,
		"invoiceitems amount=5&currency=usd&customer=" + customer,
		"tokens card[number]=4242424242424242&card[exp_month]=12&card[exp_year]=2034&card[cvc]=123",
		"setup_intents customer=" + customer,
		"billing_portal/sessions customer=" + customer,
		"billing_portal/configurations features[invoice_history][enabled]=true",
		session + "mode=payment&line_items[0][quantity]=1&line_items[0][price_data][currency]=usd&line_items[0][price_data][unit_amount]=500&" +
			"line_items[0][price_data][product_data][name]=x",
		session + "mode=setup&currency=usd&customer=" + customer,
		session + "mode=subscription&line_items[0][quantity]=1&line_items[0][price]=" + price,
		"webhook_endpoints url=http://127.0.0.1:9/&enabled_events[]=charge.expired",
		"test_helpers/test_clocks frozen_time=1800000000",
		"quotes customer=" + customer,
		"tax_rates display_name=x&percentage=1&inclusive=false",
		"customers/" + customer + "/balance_transactions amount=5&currency=usd",
		"subscription_schedules customer=" + customer + "&start_date=now&phases[0][items][0][price]=" + price + "&phases[0][duration][interval]=month",
		"billing/meters display_name=Calls&event_name=calls&default_aggregation[formula]=sum",
		"entitlements/features name=x&lookup_key=x",
		"payment_intents amount=500&currency=usd&confirm=true&payment_method_types[]=card&payment_method=pm_card_createDispute",
	} {
		path, form, _ := strings.Cut(c, " ")
		status, _, body := p.send("POST", "/v1/"+path, parsed(t, form), nil)
		if status != 200 {
			t.Fatalf("%s: %s", c, body)
		}
		seen.Write(body)
	}
	invoice := p.must("GET", "/v1/invoices?limit=1&status=paid&customer="+customer, nil)["data"].([]any)[0].(map[string]any)["id"].(string)
	id("credit_notes", "expand[]=lines&invoice="+invoice+"&lines[0][type]=custom_line_item&lines[0][description]=x&lines[0][quantity]=1&lines[0][unit_amount]=5&credit_amount=5")
	_, _, events := p.send("GET", "/v1/events?limit=100", nil, nil)
	seen.Write(events)
	return seen.Bytes()
}

func TestIdsHaveStripesLengthsAndNothingIsOfLiveMode(t *testing.T) {
	t.Parallel()
	seen := everyKind(t, plain{t, start(t), ""})
	if bytes.Contains(seen, []byte(`"livemode": true`)) {
		t.Error("something is of live mode")
	}
	met, account := map[string]bool{}, ""
	for _, found := range regexp.MustCompile(`": "([a-z]+(?:_sched|_test)?)_([0-9A-Za-z_]{10,})"`).FindAllSubmatch(seen, -1) {
		prefix, rest := string(found[1]), string(found[2])
		shape := idShapes[prefix]
		if strings.Contains(rest, "_secret_") {
			shape = secretShapes[prefix]
		}
		if shape == "" {
			continue
		}
		met[prefix] = true
		if !regexp.MustCompile("^" + shape + "$").MatchString(rest) {
			t.Errorf("%s_%s", prefix, rest)
		}
		if shape != billingID {
			continue
		}
		if account == "" {
			account = rest[6:16]
		}
		if rest[6:16] != account {
			t.Errorf("%s_%s is of another account than %s", prefix, rest, account)
		}
	}
	for _, prefix := range slices.Sorted(maps.Keys(idShapes)) {
		if !met[prefix] && prefix != "re" && prefix != "acct" { // see the next test; an account stands in no object of its own
			t.Errorf("no id of %s was seen", prefix)
		}
	}
}

func TestIdsOfOnePaymentBeginAlike(t *testing.T) {
	t.Parallel()
	p := plain{t, start(t), ""}
	paid := p.must("POST", "/v1/payment_intents", parsed(t, "amount=700&currency=usd&confirm=true&payment_method_types[]=card&payment_method=pm_card_visa&capture_method=automatic"))
	refund := p.must("POST", "/v1/refunds", url.Values{"payment_intent": {paid["id"].(string)}})
	charge := p.must("GET", "/v1/charges/"+paid["latest_charge"].(string), nil)
	_, mine, _ := strings.Cut(paid["id"].(string), "_")
	for _, other := range []any{refund["id"], charge["id"], charge["balance_transaction"], refund["balance_transaction"]} {
		if _, id, _ := strings.Cut(fmt.Sprint(other), "_"); id[:16] != mine[:16] || len(id) != 24 {
			t.Errorf("%v and %v do not begin alike", paid["id"], other)
		}
	}
}
