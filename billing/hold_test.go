package billing_test

import (
	"testing"

	"github.com/dues-billing/dues/billing"
)

func TestRenewalsAreHeldForAnAccountOrAPlanThatAsksForIt(t *testing.T) {
	reviewed := shop
	reviewed.Plans = append([]billing.Plan{}, shop.Plans...)
	for i := range reviewed.Plans {
		reviewed.Plans[i].HoldInvoices = reviewed.Plans[i].ID == "premium"
	}
	none, asks := billing.Account{ID: "ada"}, billing.Account{ID: "ada", HoldInvoices: true}
	of := func(reason, price string, status billing.InvoiceStatus) billing.Invoice {
		i := invoice("i", "s", price, status)
		i.Reason, i.Total = reason, eur(1900)
		return i
	}
	held := of("subscription_cycle", "monthly", billing.InvoiceDraft)
	held.Held = true
	for _, c := range []struct {
		name    string
		catalog billing.Catalog
		account billing.Account
		invoice billing.Invoice
		want    bool
	}{
		{"a renewal of nobody who asks", shop, none, of("subscription_cycle", "monthly", billing.InvoiceDraft), false},
		{"of an account that asks", shop, asks, of("subscription_cycle", "monthly", billing.InvoiceDraft), true},
		{"of a plan that asks", reviewed, none, of("subscription_cycle", "monthly", billing.InvoiceDraft), true},
		{"of another plan", reviewed, none, of("subscription_cycle", "starter", billing.InvoiceDraft), false},
		{"one that is held", shop, asks, held, false},
		{"one that is finalized", shop, asks, of("subscription_cycle", "monthly", billing.InvoiceOpen), false},
		{"a first payment", shop, asks, of("subscription_create", "monthly", billing.InvoiceDraft), false},
		{"an invoice of its own", shop, asks, of("manual", "", billing.InvoiceDraft), false},
	} {
		effects := billing.HoldEffects(c.catalog, c.account, billing.State{Invoices: []billing.Invoice{c.invoice}})
		if got := len(effects) == 1 && effects[0].Key == "hold:i" && effects[0].Name == billing.HoldInvoiceCall && effects[0].Invoice.ID == "i"; got != c.want || !c.want && len(effects) > 0 {
			t.Errorf("%s: %+v", c.name, effects)
		}
	}
}
