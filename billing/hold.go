package billing

// HoldInvoice decides whether a draft has to be kept from being finalized by itself, or let go on. What is finalized is an error of code conflict.
func (s State) HoldInvoice(id InvoiceID, held bool) (needed bool, err error) {
	invoice, found := s.Invoice(id)
	switch {
	case !found:
		return false, noInvoice(id)
	case invoice.Status != InvoiceDraft:
		return false, Errorf(Conflict, "the invoice is %s; only a draft is held and released", invoice.Status).In("invoice")
	}
	return invoice.Held != held, nil
}

// HoldInvoiceCall keeps Effect.Invoice from being finalized by itself, unless it is by then.
const HoldInvoiceCall = "hold_invoice"

// HoldEffects are the calls that hold renewals' drafts of an account whose renewals are looked at before they are charged, or of a plan of which that is
// so. Each is held once: what a person has released is not held again.
func HoldEffects(c Catalog, account Account, now State) (effects []Effect) {
	for _, invoice := range now.Invoices {
		plan, _, _ := c.PlanOfPrice(billed(c, invoice))
		if invoice.Reason != renewal || invoice.Status != InvoiceDraft || invoice.Held || invoice.ofNothing() || !account.HoldInvoices && !plan.HoldInvoices {
			continue
		}
		effects = append(effects, Effect{Key: "hold:" + string(invoice.ID), Kind: CallEffect, Name: HoldInvoiceCall, Invoice: invoice})
	}
	return effects
}

// HeldInvoice is a draft that waits for a person, and whose.
type HeldInvoice struct {
	Account AccountID
	Invoice
}
