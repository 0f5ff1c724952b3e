package emulator_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/dues-billing/dues/emulator"
)

// Rows: C15.
func TestBeforeBasilTheNextInvoiceIsRetrieved(t *testing.T) {
	t.Parallel()
	server := emulator.Start(t)
	p, native := plain{t, server, "2024-12-18.acacia"}, plain{t, server, ""}
	shop := newUpcomingShop(p)
	if code, body := p.do("GET", "/v1/invoices/upcoming?customer="+shop.customer, nil); code != 404 || errorOf(body, "code") != "invoice_upcoming_none" ||
		errorOf(body, "message") != "No upcoming invoices for customer: "+shop.customer {
		t.Errorf("nothing comes: %d %v", code, body)
	}
	sub := p.must("POST", "/v1/subscriptions", url.Values{"customer": {shop.customer}, "items[0][price]": {shop.pro}})
	next := p.must("GET", "/v1/invoices/upcoming?customer="+shop.customer, nil)
	if _, has := next["id"]; has || next["amount_due"] != 2000.0 || next["subscription"] != sub["id"] || next["billing_reason"] != "upcoming" || next["paid"] != false {
		t.Errorf("the next renewal: %v", next)
	}
	line := dataOf(next["lines"])[0]
	if price, ok := line["price"].(map[string]any); !ok || price["id"] != shop.pro || line["invoice"] != nil || !strings.HasPrefix(line["id"].(string), "il_tmp_") {
		t.Errorf("its line: %v", line)
	}

	item := dataOf(sub["items"])[0]["id"].(string)
	noted := fmt.Sprint(int64(sub["current_period_start"].(float64)) + 1)
	asked := url.Values{
		"subscription": {sub["id"].(string)}, "coupon": {shop.coupon}, "subscription_items[0][id]": {item}, "subscription_items[0][price]": {shop.plus},
		"subscription_proration_behavior": {"always_invoice"}, "subscription_proration_date": {noted},
		"invoice_items[0][amount]": {"300"}, "invoice_items[0][currency]": {"usd"}, "invoice_items[0][description]": {strings.Repeat("Help ", 20)},
	}
	flat := p.must("GET", "/v1/invoices/upcoming?"+asked.Encode(), nil)
	today := native.must("POST", "/v1/invoices/create_preview", url.Values{
		"subscription": {sub["id"].(string)}, "discounts[0][coupon]": {shop.coupon}, "subscription_details[items][0][id]": {item},
		"subscription_details[items][0][price]": {shop.plus}, "subscription_details[proration_behavior]": {"always_invoice"},
		"subscription_details[proration_date]": {noted}, "invoice_items[0][amount]": {"300"}, "invoice_items[0][currency]": {"usd"},
	})
	if flat["total"] != today["total"] || flat["subscription_proration_date"] == nil || len(dataOf(flat["lines"])) != 3 {
		t.Errorf("flat %v of %v lines, today %v", flat["total"], len(dataOf(flat["lines"])), today["total"])
	}
	address := flat["lines"].(map[string]any)["url"].(string)
	page := p.must("GET", address+"&limit=2", nil)
	if rest := p.must("GET", address+"&starting_after="+dataOf(page)[1]["id"].(string), nil); page["has_more"] != true || len(dataOf(rest)) != 1 {
		t.Errorf("the lines in two pages: %v and %v", page, rest)
	}
}

func TestMistakesInAnUpcomingInvoiceAreToldInTheWordsOfItsTime(t *testing.T) {
	t.Parallel()
	server := emulator.Start(t)
	p := plain{t, server, "2024-12-18.acacia"}
	shop := newUpcomingShop(p)
	sub := p.must("POST", "/v1/subscriptions", url.Values{"customer": {shop.customer}, "items[0][price]": {shop.pro}})["id"].(string)
	for query, want := range map[string]string{
		"subscription_items[0][price]=price_none":                           "400 resource_missing subscription_items[0][price]",
		"subscription_proration_date=1":                                     "400 <nil> subscription_proration_date",
		"subscription_details[items][0][price]=price_none":                  "400 resource_missing subscription_details[items][0][price]",
		"subscription_trial_end=now&subscription_details[trial_end]=now":    "400 parameters_exclusive <nil>",
		"subscription_details[billing_mode][type]=flexible":                 "400 parameter_unknown subscription_details[billing_mode]",
		"subscription_resume_at=later":                                      "400 <nil> subscription_resume_at",
		"on_behalf_of=acct_1":                                               "400 parameter_unsupported on_behalf_of",
		"invoice_items[0][invoiceitem]=ii_none":                             "400 resource_missing invoice_items[0][invoiceitem]",
		"automatic_tax[enabled]=true":                                       "400 parameter_unsupported automatic_tax[enabled]",
		"subscription_cancel_at_period_end=true":                            "404 invoice_upcoming_none <nil>",
		"subscription_start_date=1893456000":                                "400 <nil> subscription_start_date",
		"currency=eur":                                                      "400 <nil> currency",
		"schedule=sub_sched_none&subscription_items[0][price]=" + shop.plus: "400 parameters_exclusive <nil>",
	} {
		status, body := p.do("GET", "/v1/invoices/upcoming?subscription="+sub+"&"+query, nil)
		if got := fmt.Sprint(status, " ", errorOf(body, "code"), " ", errorOf(body, "param")); got != want {
			t.Errorf("%s: got %s, want %s", query, got, want)
		}
	}
	if status, body := (plain{t, server, ""}).do("GET", "/v1/invoices/upcoming", nil); status != 404 || errorOf(body, "code") != "resource_missing" {
		t.Errorf("since basil it is an invoice that nobody has: %d %v", status, body)
	}
}

// upcomingShop is a customer with a card, two prices and a coupon.
type upcomingShop struct{ customer, pro, plus, coupon string }

func newUpcomingShop(p plain) upcomingShop {
	product := p.must("POST", "/v1/products", url.Values{"name": {"Pro"}})["id"].(string)
	price := func(amount string) string {
		return p.must("POST", "/v1/prices", url.Values{"product": {product}, "currency": {"usd"}, "unit_amount": {amount}, "recurring[interval]": {"month"}})["id"].(string)
	}
	return upcomingShop{
		customer: p.must("POST", "/v1/customers", url.Values{"payment_method": {"pm_card_visa"}, "invoice_settings[default_payment_method]": {"pm_card_visa"}})["id"].(string),
		pro:      price("2000"), plus: price("5000"),
		coupon: p.must("POST", "/v1/coupons", url.Values{"percent_off": {"10"}, "duration": {"once"}})["id"].(string),
	}
}

func errorOf(body map[string]any, key string) any {
	refused, _ := body["error"].(map[string]any)
	return refused[key]
}

func dataOf(list any) []map[string]any {
	o, _ := list.(map[string]any)
	data, _ := o["data"].([]any)
	var out []map[string]any
	for _, one := range data {
		out = append(out, one.(map[string]any))
	}
	return out
}
