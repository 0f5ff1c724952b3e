package billing

import "fmt"

// The types of notices about invoices. Those about nothing, such as the free plan's, are no news.
const (
	InvoiceCreated   = "invoice.created"        // a draft, or one that was finalized at once
	InvoiceFinalized = "invoice.finalized"      // its amount is fixed, and it is to be paid
	InvoiceGotPaid   = "invoice.paid"           // all of it
	InvoiceFailed    = "invoice.payment_failed" // a charge was declined, or waits for the customer to confirm it
	InvoiceVoided    = "invoice.voided"         // it is not to be paid after all
)

var invoiceNotices = []string{InvoiceCreated, InvoiceFinalized, InvoiceGotPaid, InvoiceFailed, InvoiceVoided}

// invoiceTales compares one invoice with the mirror. What happened to it between two fetches is told in its order; of several failed charges, the last.
func (t *teller) invoiceTales(invoice Invoice) {
	was, _ := t.Mirror.Invoice(invoice.ID)
	if invoice.ofNothing() {
		return
	}
	tell := func(key, kind string) {
		sub, _ := t.Now.Subscription(invoice.Subscription)
		t.once(fmt.Sprintf("%s:%s", key, invoice.ID), Notice{Type: kind, Subscription: sub, Invoice: invoice})
	}
	if was.ID == "" || was.ofNothing() && was.Status == InvoiceDraft {
		tell("invoice_created", InvoiceCreated)
	}
	if invoice.Status != InvoiceDraft && (was.ID == "" || was.Status == InvoiceDraft) {
		tell("invoice_finalized", InvoiceFinalized)
	}
	switch {
	case invoice.Status == was.Status && invoice.Status != InvoiceOpen && invoice.Status != InvoiceUncollectible:
	case invoice.Status == InvoicePaid:
		tell("invoice_paid", InvoiceGotPaid)
	case invoice.Status == InvoiceVoid:
		tell("invoice_voided", InvoiceVoided)
	case invoice.NeedsConfirmation && !was.NeedsConfirmation:
		tell(fmt.Sprintf("invoice_confirm:%d", invoice.Attempts), InvoiceFailed)
	case !invoice.NeedsConfirmation && invoice.Attempts > was.Attempts:
		tell(fmt.Sprintf("invoice_failed:%d", invoice.Attempts), InvoiceFailed)
	}
}

// ofNothing reports that an invoice bills nothing: not even something that a discount or a credit on it makes nothing.
func (i Invoice) ofNothing() bool {
	for _, line := range i.Lines {
		if !line.Amount.IsZero() {
			return false
		}
	}
	return i.Total.IsZero()
}
