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
