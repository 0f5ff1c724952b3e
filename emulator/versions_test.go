package emulator_test

import (
	"net/url"
	"strconv"
	"testing"

	"github.com/dues-billing/dues/emulator"
)

// Rows: B1.
func TestAProrationsItemHasItsDetailsSinceClover(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]bool{"2026-06-24.dahlia": true, "2025-09-30.clover": true, "2025-08-27.basil": false} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			p := plain{t, emulator.Start(t), version} // the schema of start is of one version only
			customer := p.must("POST", "/v1/customers", url.Values{"payment_method": {"pm_card_visa"}, "invoice_settings[default_payment_method]": {"pm_card_visa"}})["id"].(string)
			product := p.must("POST", "/v1/products", url.Values{"name": {"Pro"}})["id"].(string)
			price := p.must("POST", "/v1/prices", url.Values{"product": {product}, "currency": {"usd"}, "unit_amount": {"900"}, "recurring[interval]": {"month"}})["id"].(string)
			sub := p.must("POST", "/v1/subscriptions", url.Values{"customer": {customer}, "items[0][price]": {price}})
			item := sub["items"].(map[string]any)["data"].([]any)[0].(map[string]any)["id"].(string)
			p.must("POST", "/v1/subscription_items/"+item, url.Values{"quantity": {"2"}})
			for _, made := range p.must("GET", "/v1/invoiceitems", url.Values{"customer": {customer}})["data"].([]any) {
				_, net := made.(map[string]any)["net_amount"]
				_, details := made.(map[string]any)["proration_details"]
				if net != want || details != want {
					t.Errorf("net_amount %v, proration_details %v, want both %v", net, details, want)
				}
			}
		})
	}
}

// Rows: B1.
func TestBeforeCloverTheCouponStandsWholeInAPromotionCode(t *testing.T) {
	t.Parallel()
	server := emulator.Start(t)
	native := plain{t, server, ""}
	native.must("POST", "/v1/coupons", url.Values{"id": {"fifth"}, "percent_off": {"20"}, "duration": {"forever"}})
	code := native.must("POST", "/v1/promotion_codes", url.Values{"promotion[type]": {"coupon"}, "promotion[coupon]": {"fifth"}})["id"].(string)
	for version, whole := range map[string]bool{"2026-06-24.dahlia": false, "2025-09-30.clover": false, "2025-08-27.basil": true} {
		got := plain{t, server, version}.must("GET", "/v1/promotion_codes/"+code, nil)
		coupon, _ := got["coupon"].(map[string]any)
		if _, since := got["promotion"]; since == whole || whole != (coupon["percent_off"] == 20.0) {
			t.Errorf("%s: promotion there %v, coupon %v", version, since, coupon)
		}
	}
}

// shapes say since which version, and until which, a key stands in an object: "" is from the beginning, or to this day. Written by hand
// from the notes on Stripe's versions.
var shapes = []struct{ object, key, since, until string }{
	{"subscription", "current_period_end", "", "2025-03-31.basil"},
	{"subscription", "current_period_start", "", "2025-03-31.basil"},
	{"subscription", "discount", "", "2025-03-31.basil"},
	{"subscription", "discounts", "", ""},
	{"subscription", "plan", "", ""},
	{"subscription", "quantity", "", ""},
	{"subscription", "billing_mode", "2025-06-30.basil", ""},
	{"subscription", "billing_schedules", "2026-05-27.dahlia", ""},
	{"subscription", "customer_account", "2026-03-25.dahlia", ""},
	{"subscription_item", "current_period_end", "2025-03-31.basil", ""},
	{"subscription_item", "current_period_start", "2025-03-31.basil", ""},
	{"subscription_item", "plan", "", ""},
	{"invoice", "subscription", "", "2025-03-31.basil"},
	{"invoice", "subscription_details", "", "2025-03-31.basil"},
	{"invoice", "quote", "", "2025-03-31.basil"},
	{"invoice", "payment_intent", "", "2025-03-31.basil"},
	{"invoice", "charge", "", "2025-03-31.basil"},
	{"invoice", "paid", "", "2025-03-31.basil"},
	{"invoice", "paid_out_of_band", "", "2025-03-31.basil"},
	{"invoice", "tax", "", "2025-03-31.basil"},
	{"invoice", "total_tax_amounts", "", "2025-03-31.basil"},
	{"invoice", "discount", "", "2025-03-31.basil"},
	{"invoice", "application_fee_amount", "", "2025-03-31.basil"},
	{"invoice", "transfer_data", "", "2025-03-31.basil"},
	{"invoice", "parent", "2025-03-31.basil", ""},
	{"invoice", "total_taxes", "2025-03-31.basil", ""},
	{"invoice", "amount_overpaid", "2025-03-31.basil", ""},
	{"invoice", "amount_paid_off_stripe", "2026-05-27.dahlia", ""},
	{"line_item", "price", "", "2025-03-31.basil"},
	{"line_item", "plan", "", "2025-03-31.basil"},
	{"line_item", "type", "", "2025-03-31.basil"},
	{"line_item", "proration", "", "2025-03-31.basil"},
	{"line_item", "proration_details", "", "2025-03-31.basil"},
	{"line_item", "subscription", "", "2025-03-31.basil"},
	{"line_item", "subscription_item", "", "2025-03-31.basil"},
	{"line_item", "tax_amounts", "", "2025-03-31.basil"},
	{"line_item", "tax_rates", "", "2025-03-31.basil"},
	{"line_item", "amount_excluding_tax", "", "2025-03-31.basil"},
	{"line_item", "unit_amount_excluding_tax", "", "2025-03-31.basil"},
	{"line_item", "pricing", "2025-03-31.basil", ""},
	{"line_item", "parent", "2025-03-31.basil", ""},
	{"line_item", "taxes", "2025-03-31.basil", ""},
	{"line_item", "subtotal", "2025-12-15.clover", ""},
	{"line_item", "quantity_decimal", "2026-03-25.dahlia", ""},
	{"invoiceitem", "price", "", "2025-03-31.basil"},
	{"invoiceitem", "plan", "", "2025-03-31.basil"},
	{"invoiceitem", "subscription", "", "2025-03-31.basil"},
	{"invoiceitem", "unit_amount", "", "2025-03-31.basil"},
	{"invoiceitem", "unit_amount_decimal", "", "2025-03-31.basil"},
	{"invoiceitem", "pricing", "2025-03-31.basil", ""},
	{"invoiceitem", "parent", "2025-03-31.basil", ""},
	{"invoiceitem", "net_amount", "2025-09-30.clover", ""},
	{"charge", "invoice", "", "2025-03-31.basil"},
	{"charge", "refunds", "", "2022-11-15"},
	{"payment_intent", "invoice", "", "2025-03-31.basil"},
	{"payment_intent", "charges", "", "2022-11-15"},
	{"payment_intent", "latest_charge", "2022-11-15", ""},
	{"payment_intent", "managed_payments", "2026-06-24.dahlia", ""},
	{"discount", "coupon", "", "2025-09-30.clover"},
	{"discount", "source", "2025-09-30.clover", ""},
	{"product", "features", "", "2024-04-10"},
	{"product", "marketing_features", "2024-04-10", ""},
	{"customer", "default_currency", "", "2022-08-01"},
	{"customer", "currency", "", ""},
	{"price.recurring", "aggregate_usage", "", "2025-03-31.basil"},
	{"plan", "aggregate_usage", "", "2025-03-31.basil"},
}

// servedVersions are one version of each shape, and the first of each train.
var servedVersions = []string{
	"2020-08-27", "2022-08-01", "2022-11-15", "2023-08-16", "2023-10-16", "2024-04-10", "2024-06-20", "2024-09-30.acacia", "2024-12-18.acacia",
	"2025-02-24.acacia", "2025-03-31.basil", "2025-06-30.basil", "2025-08-27.basil", "2025-09-30.clover", "2026-02-25.clover", "2026-03-25.dahlia",
	"2026-06-24.dahlia", "2026-08-26.dahlia", "2026-09-30.endive", "2026-10-28.endive",
}

// Every object is read in every version, whatever version wrote it: exactly the keys of that version's shape are there.
//
// Rows: C32.
func TestEveryVersionHasItsOwnShapes(t *testing.T) {
	t.Parallel()
	server := emulator.Start(t)
	ids := oldShop(t, plain{t, server, "2026-06-24.dahlia"})
	for _, version := range servedVersions {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			p := plain{t, server, version}
			for _, events := range []bool{false, true} {
				objects := ids.read(p, events)
				for _, shape := range shapes {
					o := objects[shape.object]
					if o == nil {
						if !events {
							t.Errorf("no %s was read", shape.object)
						}
						continue
					}
					_, there := o[shape.key]
					want := version >= shape.since && (shape.until == "" || version < shape.until)
					if there != want {
						t.Errorf("%s.%s: there %v, want %v", shape.object, shape.key, there, want)
					}
				}
			}
		})
	}
}

// shopIDs are the objects that the shapes are read from.
type shopIDs struct{ customer, product, price, sub, invoice, item, intent, charge string }

// oldShop has one of everything whose shape has changed.
func oldShop(t *testing.T, p plain) shopIDs {
	t.Helper()
	var ids shopIDs
	ids.customer = p.must("POST", "/v1/customers", url.Values{"payment_method": {"pm_card_visa"}, "invoice_settings[default_payment_method]": {"pm_card_visa"}})["id"].(string)
	ids.product = p.must("POST", "/v1/products", url.Values{"name": {"Pro"}, "marketing_features[0][name]": {"Speed"}})["id"].(string)
	ids.price = p.must("POST", "/v1/prices", url.Values{"product": {ids.product}, "currency": {"usd"}, "unit_amount": {"900"}, "recurring[interval]": {"month"}})["id"].(string)
	p.must("POST", "/v1/coupons", url.Values{"id": {"fifth"}, "percent_off": {"20"}, "duration": {"forever"}})
	sub := p.must("POST", "/v1/subscriptions", url.Values{
		"customer": {ids.customer}, "items[0][price]": {ids.price}, "items[0][quantity]": {"2"}, "discounts[0][coupon]": {"fifth"},
		"expand[]": {"latest_invoice.payments"},
	})
	ids.sub = sub["id"].(string)
	invoice := sub["latest_invoice"].(map[string]any)
	ids.invoice = invoice["id"].(string)
	payment := invoice["payments"].(map[string]any)["data"].([]any)[0].(map[string]any)["payment"].(map[string]any)
	ids.intent = payment["payment_intent"].(string)
	ids.charge = p.must("GET", "/v1/payment_intents/"+ids.intent, nil)["latest_charge"].(string)
	ids.item = p.must("POST", "/v1/invoiceitems", url.Values{"customer": {ids.customer}, "amount": {"700"}, "currency": {"usd"}})["id"].(string)
	return ids
}

// read reads the objects by name: from their operations, or out of the events that were created with them.
func (ids shopIDs) read(p plain, events bool) map[string]map[string]any {
	p.t.Helper()
	objects := map[string]map[string]any{}
	if events {
		if p.version != "2026-06-24.dahlia" {
			return objects // events have the account's version, whatever a request asks for
		}
		for _, event := range p.must("GET", "/v1/events?limit=100", nil)["data"].([]any) {
			o := event.(map[string]any)["data"].(map[string]any)["object"].(map[string]any)
			objects[o["object"].(string)] = o
		}
	} else {
		for name, path := range map[string]string{
			"subscription": "/v1/subscriptions/" + ids.sub, "invoice": "/v1/invoices/" + ids.invoice, "invoiceitem": "/v1/invoiceitems/" + ids.item,
			"charge": "/v1/charges/" + ids.charge, "payment_intent": "/v1/payment_intents/" + ids.intent, "product": "/v1/products/" + ids.product,
			"customer": "/v1/customers/" + ids.customer, "price": "/v1/prices/" + ids.price,
		} {
			objects[name] = p.must("GET", path, nil)
		}
		objects["discount"] = p.must("GET", "/v1/invoices/"+ids.invoice+"?expand[]=discounts", nil)["discounts"].([]any)[0].(map[string]any)
	}
	if price := objects["price"]; price != nil {
		objects["price.recurring"] = price["recurring"].(map[string]any)
	}
	if sub := objects["subscription"]; sub != nil {
		objects["plan"] = sub["plan"].(map[string]any)
		objects["subscription_item"] = sub["items"].(map[string]any)["data"].([]any)[0].(map[string]any)
	}
	if invoice := objects["invoice"]; invoice != nil {
		objects["line_item"] = invoice["lines"].(map[string]any)["data"].([]any)[0].(map[string]any)
	}
	return objects
}

// What an integration of 2022 does all day: a coupon, the payment of the first invoice expanded, the period, the lines' prices.
//
// Rows: C32.
func TestAnIntegrationFromBeforeBasilGoesOn(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"2020-08-27", "2022-11-15", "2024-06-20", "2024-12-18.acacia"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			p := plain{t, emulator.Start(t), version}
			customer := p.must("POST", "/v1/customers", url.Values{"payment_method": {"pm_card_visa"}, "invoice_settings[default_payment_method]": {"pm_card_visa"}})["id"].(string)
			price := p.must("POST", "/v1/prices", url.Values{"product_data[name]": {"Pro"}, "currency": {"usd"}, "unit_amount": {"1000"}, "recurring[interval]": {"month"}})["id"].(string)
			p.must("POST", "/v1/coupons", url.Values{"id": {"fifth"}, "percent_off": {"20"}, "duration": {"forever"}})
			sub := p.must("POST", "/v1/subscriptions", url.Values{
				"customer": {customer}, "items[0][price]": {price}, "coupon": {"fifth"}, "expand[]": {"latest_invoice.payment_intent.payment_method"},
			})
			invoice := at(t, sub, "latest_invoice")
			for name, tc := range map[string]struct{ got, want any }{
				"current_period_start":         {sub["current_period_start"], sub["start_date"]},
				"discount.coupon.percent_off":  {at(t, sub, "discount", "coupon")["percent_off"], 20.0},
				"plan.id":                      {at(t, sub, "plan")["id"], price},
				"quantity":                     {sub["quantity"], 1.0},
				"invoice.subscription":         {invoice["subscription"], sub["id"]},
				"invoice.paid":                 {invoice["paid"], true},
				"invoice.total":                {invoice["total"], 800.0},
				"invoice.tax":                  {invoice["tax"], nil},
				"invoice.discount.coupon.id":   {at(t, invoice, "discount", "coupon")["id"], "fifth"},
				"invoice.payment_intent":       {at(t, invoice, "payment_intent")["status"], "succeeded"},
				"payment_intent.invoice":       {at(t, invoice, "payment_intent")["invoice"], invoice["id"]},
				"payment_intent.method":        {at(t, invoice, "payment_intent", "payment_method")["type"], "card"},
				"line.price.unit_amount":       {at(t, invoice, "lines", "data", "0", "price")["unit_amount"], 1000.0},
				"line.type":                    {at(t, invoice, "lines", "data", "0")["type"], "subscription"},
				"line.subscription_item":       {at(t, invoice, "lines", "data", "0")["subscription_item"], at(t, sub, "items", "data", "0")["id"]},
				"line.amount_excluding_tax":    {at(t, invoice, "lines", "data", "0")["amount_excluding_tax"], 1000.0},
				"invoice.subscription_details": {len(at(t, invoice, "subscription_details", "metadata")), 0},
			} {
				if tc.got != tc.want {
					t.Errorf("%s: got %v, want %v", name, tc.got, tc.want)
				}
			}
			charge, _ := invoice["charge"].(string)
			if got := p.must("GET", "/v1/charges/"+charge+"?expand[]=invoice.subscription", nil); at(t, got, "invoice", "subscription")["id"] != sub["id"] {
				t.Errorf("the charge's invoice is of %v", got["invoice"])
			}
			if version < "2022-11-15" {
				if got := at(t, invoice, "payment_intent", "charges", "data", "0")["id"]; got != charge {
					t.Errorf("charges: got %v, want %s", got, charge)
				}
			}
			gone := p.must("POST", "/v1/subscriptions/"+sub["id"].(string), url.Values{"coupon": {""}})
			if gone["discount"] != nil {
				t.Errorf("an empty coupon leaves %v", gone["discount"])
			}
		})
	}
}

// at walks into decoded JSON; a number is an index.
func at(t *testing.T, value any, path ...string) map[string]any {
	t.Helper()
	for _, key := range path {
		switch v := value.(type) {
		case map[string]any:
			value = v[key]
		case []any:
			i, _ := strconv.Atoi(key)
			if i >= len(v) {
				t.Fatalf("no %s in %v", key, path)
			}
			value = v[i]
		}
	}
	o, ok := value.(map[string]any)
	if !ok {
		t.Fatalf("%v is %v, no object", path, value)
	}
	return o
}

// Rows: C32.
func TestWhatAVersionDoesNotHaveIsUnknownToIt(t *testing.T) {
	t.Parallel()
	server := emulator.Start(t)
	for _, tc := range []struct{ version, method, path, body, param, message string }{
		{"2025-03-31.basil", "POST", "/v1/subscriptions", "coupon=x", "coupon", "Received unknown parameter: coupon"},
		{"2024-12-18.acacia", "POST", "/v1/subscriptions", "billing_mode[type]=classic", "billing_mode", "Received unknown parameter: billing_mode"},
		{"2025-03-31.basil", "GET", "/v1/invoices/in_1?expand[]=payment_intent", "", "expand[0]", "This property cannot be expanded (payment_intent)."},
		{"2024-12-18.acacia", "GET", "/v1/invoices/in_1?expand[]=payments", "", "expand[0]", "This property cannot be expanded (payments)."},
		{"2020-08-27", "POST", "/v1/checkout/sessions", "mode=payment", "mode", "Before version 2022-08-01 a session in payment mode has a PaymentIntent at once, which this emulator does not make."},
		{"2020-08-27", "GET", "/v1/payment_intents/pi_1?expand[]=latest_charge", "", "expand[0]", "This property cannot be expanded (latest_charge)."},
		{"2024-12-18.acacia", "POST", "/v1/subscriptions", "customer=cus_1&items[0][price]=p&coupon=x", "customer", "No such customer: 'cus_1'"},
	} {
		form, err := url.ParseQuery(tc.body)
		if err != nil {
			t.Fatal(err)
		}
		status, body := plain{t, server, tc.version}.do(tc.method, tc.path, form)
		got := at(t, body, "error")
		if status < 400 || got["param"] != tc.param || got["message"] != tc.message {
			t.Errorf("%s %s %s: got %d %v, want %q about %s", tc.version, tc.path, tc.body, status, got, tc.message, tc.param)
		}
	}
}
