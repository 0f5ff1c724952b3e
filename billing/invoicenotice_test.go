package billing_test

import (
	"slices"
	"testing"

	"github.com/dues-billing/dues/billing"
)

func TestEachStepOfAnInvoiceIsToldOnce(t *testing.T) {
	made := func(status billing.InvoiceStatus, change ...func(*billing.Invoice)) billing.Invoice {
		i := invoice("i", "", "", status)
		i.Reason, i.Total, i.Lines = "manual", eur(1900), []billing.InvoiceLine{{ID: "il", Amount: eur(1900)}}
		for _, c := range change {
			c(&i)
		}
		return i
	}
	tried := func(n int) func(*billing.Invoice) { return func(i *billing.Invoice) { i.Attempts = n } }
	asks := func(i *billing.Invoice) { i.NeedsConfirmation = true }
	nothing := func(i *billing.Invoice) { i.Total, i.Lines = eur(0), nil }
	credited := func(i *billing.Invoice) { i.Total = eur(0) }
	draft, open, paid := made(billing.InvoiceDraft), made(billing.InvoiceOpen), made(billing.InvoicePaid)
	for _, c := range []struct {
		name string
		was  []billing.Invoice
		now  billing.Invoice
		want []string
	}{
		{"a draft", nil, draft, []string{"invoice.created invoice_created:i 8"}},
		{"the same draft", []billing.Invoice{draft}, draft, nil},
		{"finalized", []billing.Invoice{draft}, open, []string{"invoice.finalized invoice_finalized:i 8"}},
		{"paid", []billing.Invoice{open}, paid, []string{"invoice.paid invoice_paid:i 8"}},
		{
			"all of it unseen", nil, paid,
			[]string{"invoice.created invoice_created:i 8", "invoice.finalized invoice_finalized:i 9", "invoice.paid invoice_paid:i 10"},
		},
		{"declined", []billing.Invoice{open}, made(billing.InvoiceOpen, tried(1)), []string{"invoice.payment_failed invoice_failed:1:i 8"}},
		{"declined twice more unseen", []billing.Invoice{made(billing.InvoiceOpen, tried(1))}, made(billing.InvoiceOpen, tried(3)), []string{"invoice.payment_failed invoice_failed:3:i 8"}},
		{"the customer has to confirm", []billing.Invoice{open}, made(billing.InvoiceOpen, asks), []string{"invoice.payment_failed invoice_confirm:0:i 8"}},
		{"and still has to", []billing.Invoice{made(billing.InvoiceOpen, asks)}, made(billing.InvoiceOpen, asks), nil},
		{
			"finalized and declined unseen", []billing.Invoice{draft}, made(billing.InvoiceOpen, tried(1)),
			[]string{"invoice.finalized invoice_finalized:i 8", "invoice.payment_failed invoice_failed:1:i 9"},
		},
		{"paid in the end", []billing.Invoice{made(billing.InvoiceOpen, tried(1))}, made(billing.InvoicePaid, tried(2)), []string{"invoice.paid invoice_paid:i 8"}},
		{"void", []billing.Invoice{open}, made(billing.InvoiceVoid), []string{"invoice.voided invoice_voided:i 8"}},
		{"void, and no news any more", []billing.Invoice{made(billing.InvoiceVoid)}, made(billing.InvoiceVoid), nil},
		{"written off", []billing.Invoice{open}, made(billing.InvoiceUncollectible), nil},
		{"written off and paid", []billing.Invoice{made(billing.InvoiceUncollectible)}, paid, []string{"invoice.paid invoice_paid:i 8"}},
		{"of nothing", nil, made(billing.InvoicePaid, nothing), nil},
		{"an empty draft that got a line", []billing.Invoice{made(billing.InvoiceDraft, nothing)}, draft, []string{"invoice.created invoice_created:i 8"}},
		{
			"of something that a line takes off again", nil, made(billing.InvoicePaid, credited),
			[]string{"invoice.created invoice_created:i 8", "invoice.finalized invoice_finalized:i 9", "invoice.paid invoice_paid:i 10"},
		},
	} {
		mirror, now := billing.State{Customer: "cus", Known: true, Invoices: c.was}, billing.State{Customer: "cus", Known: true, Invoices: []billing.Invoice{c.now}}
		change := billing.Change{Account: "ada", Told: billing.Told{Sequence: 7}, Mirror: mirror, Now: now, At: feb10}
		change.Told.Plan, change.Told.Level = billing.AccessOf(shop, now, feb10).Plan, billing.AccessOf(shop, now, feb10).Level
		notices, told := billing.Tell(shop, change)
		if got := tales(notices); !slices.Equal(got, c.want) {
			t.Errorf("%s:\n got %q\nwant %q", c.name, got, c.want)
		}
		change.Mirror, change.Told = now, told
		if again, _ := billing.Tell(shop, change); len(again) > 0 {
			t.Errorf("%s: once more, and it is told again: %q", c.name, tales(again))
		}
		change.Mirror.Known = false
		if news, _ := billing.Tell(shop, change); len(news) > 0 {
			t.Errorf("%s: news of a customer who was never fetched: %q", c.name, tales(news))
		}
	}
}
