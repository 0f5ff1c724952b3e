package emulator_test

import (
	"net/url"
	"testing"
	"time"

	"github.com/sebdah/goldie/v2"

	"github.com/dues-billing/dues/emulator"
)

// Rows: C18 C19.
func TestAnswersAreWrittenAsStripeWritesThem(t *testing.T) {
	t.Parallel()
	server := start(t, func(o *emulator.Options) {
		o.Now, o.BaseURL = func() time.Time { return time.Unix(1_800_000_000, 0) }, "http://emulator.example"
	})
	p := plain{t, server, ""}
	customer := p.must("POST", "/v1/customers", url.Values{
		"email": {"ada@example.com"}, "payment_method": {"pm_card_visa"}, "invoice_settings[default_payment_method]": {"pm_card_visa"},
	})["id"].(string)
	price := p.must("POST", "/v1/prices", url.Values{
		"currency": {"usd"}, "unit_amount": {"2000"}, "recurring[interval]": {"month"}, "product_data[name]": {"Premium"},
	})["id"].(string)
	golden := goldie.New(t, goldie.WithNameSuffix(".golden.json"))
	show := func(name, method, path string, form url.Values) {
		t.Helper()
		_, _, text := p.send(method, path, form, nil)
		golden.Assert(t, name, text)
	}
	show("subscription", "POST", "/v1/subscriptions", url.Values{
		"customer": {customer}, "items[0][price]": {price}, "expand[]": {"latest_invoice.payments.data.payment.payment_intent"},
	})
	show("checkout_session", "POST", "/v1/checkout/sessions", url.Values{
		"mode": {"subscription"}, "customer": {customer}, "line_items[0][price]": {price}, "line_items[0][quantity]": {"2"},
		"success_url": {"https://app.example/{CHECKOUT_SESSION_ID}"}, "expand[]": {"line_items"},
	})
	show("portal_session", "POST", "/v1/billing_portal/sessions", url.Values{"customer": {customer}, "expand[]": {"configuration"}})
	show("declined", "POST", "/v1/payment_intents", url.Values{
		"amount": {"1099"}, "currency": {"usd"}, "payment_method": {"pm_card_visa_chargeDeclinedInsufficientFunds"}, "confirm": {"true"},
		"payment_method_types[]": {"card"},
	})
	server.MoveTime(32 * 24 * time.Hour)
	show("events_of_a_renewal", "GET", "/v1/events?limit=3&types[]=customer.subscription.updated&types[]=invoice.updated&types[]=invoice.finalized", nil)
}
