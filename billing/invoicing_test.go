package billing_test

import (
	"testing"

	"github.com/dues-billing/dues/billing"
)

func TestAnInvoiceIsPaidWhenItIsOpenAndOnce(t *testing.T) {
	for _, c := range []struct {
		status billing.InvoiceStatus
		needed bool
		code   billing.Code
	}{
		{billing.InvoiceDraft, false, billing.Conflict},
		{billing.InvoiceOpen, true, ""},
		{billing.InvoicePaid, false, ""},
		{billing.InvoiceUncollectible, true, ""},
		{billing.InvoiceVoid, false, billing.Conflict},
		{"unheard_of", false, billing.Conflict},
	} {
		state := billing.State{Invoices: []billing.Invoice{{ID: "in_1", Status: c.status}}, Methods: []billing.PaymentMethod{{ID: "pm_1"}}}
		for _, method := range []billing.PaymentMethodID{"", "pm_1"} {
			if got, needed, err := state.PayInvoice("in_1", method); needed != c.needed || billing.CodeOf(err) != c.code || got.ID != "in_1" {
				t.Errorf("%s by %q: %+v, needed %v, %v", c.status, method, got, needed, err)
			}
		}
		for _, of := range []struct {
			invoice billing.InvoiceID
			method  billing.PaymentMethodID
		}{{"in_2", ""}, {"", ""}, {"in_1", "pm_2"}} {
			if _, needed, err := state.PayInvoice(of.invoice, of.method); needed || billing.CodeOf(err) != billing.NotFound {
				t.Errorf("%s, of %+v: needed %v, %v; want code not_found", c.status, of, needed, err)
			}
		}
	}
}
