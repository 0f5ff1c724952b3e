package wire

import (
	"strings"
	"testing"

	"github.com/dues-billing/dues/emulator/engine"
)

func TestExpandPathsAreHeldAgainstTheAnswer(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ op, path, wrong string }{
		{"GET /v1/subscriptions/{subscription_exposed_id}", "customer", ""},
		{"GET /v1/subscriptions/{subscription_exposed_id}", "latest_invoice.payments.data.payment.payment_intent", ""},
		{"GET /v1/subscriptions/{subscription_exposed_id}", "items.data.price.product", ""},
		{"GET /v1/subscriptions/{subscription_exposed_id}", "items.data.plan", ""},
		{"GET /v1/subscriptions", "data.customer", ""},
		{"GET /v1/subscriptions", "customer", "data.customer"},
		{"GET /v1/subscriptions", "data", "(data)"},
		{"GET /v1/invoices/{invoice}", "payments.data.payment.payment_intent.latest_charge", ""},
		{"GET /v1/invoices/{invoice}", "subscription", "(subscription)"},
		{"GET /v1/subscriptions/{subscription_exposed_id}", "latest_invoice.payments.data.payment.payment_intent.latest_charge", "more than 4 levels"},
		{"GET /v1/prices/{price}", "tiers", ""},
		{"GET /v1/prices/{price}", "unit_amount", "(unit_amount)"},
		{"GET /v1/customers/{customer}", "", "()"},
		{"GET /v1/customers/{customer}", "..", "()"},
	} {
		got := expansion(strings.Split(tc.path, ".")).check(stripeSpec().ops[tc.op], eraOf(NativeVersion), false)
		if (got == nil) != (tc.wrong == "") || got != nil && !strings.Contains(got.Message, tc.wrong) {
			t.Errorf("%s expand %s: got %v, want %q", tc.op, tc.path, got, tc.wrong)
		}
	}
}

func FuzzExpand(f *testing.F) {
	for _, seed := range []string{"customer", "latest_invoice.payments.data.payment.payment_intent", "items.data.price.product", "data", "...", "items.data.data.data"} {
		f.Add(seed)
	}
	world := engine.New("fuzz", engine.DefaultSettings())
	made, err := world.Apply(&engine.CreateCustomer{}, engine.Request{}, 1_800_000_000)
	if err != nil {
		f.Fatal(err)
	}
	customer := made.(*engine.Customer)
	op := stripeSpec().ops["GET /v1/subscriptions/{subscription_exposed_id}"]
	f.Fuzz(func(t *testing.T, text string) {
		path := expansion(strings.Split(text, "."))
		if path.check(op, eraOf(NativeVersion), false) != nil {
			return
		}
		v := &view{world: world, era: eraOf(NativeVersion), events: eraOf}
		sub := v.subscription(&engine.Subscription{ID: "sub_1", Customer: customer.ID, LatestInvoice: "in_unknown"})
		v.expandAll(sub, op, []expansion{path, path})
		encode(sub)
	})
}
