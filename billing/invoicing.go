package billing

// PayInvoice decides whether an invoice has to be charged now, by the named method or, with "", by the one that the provider would charge. One
// that is paid already needs nothing. A draft, whose amount may still change, and one that is void are errors of code conflict; an
// invoice or a method that the account does not have is one of code not_found.
func (s State) PayInvoice(id InvoiceID, method PaymentMethodID) (invoice Invoice, needed bool, err error) {
	invoice, found := s.Invoice(id)
	if !found {
		return invoice, false, Errorf(NotFound, "there is no invoice %q", string(id)).In("invoice")
	}
	if method != "" {
		if _, err := s.Method(method); err != nil {
			return invoice, false, err
		}
	}
	switch invoice.Status {
	case InvoicePaid:
		return invoice, false, nil
	case InvoiceOpen, InvoiceUncollectible: // who is written off may still pay
		return invoice, true, nil
	}
	return invoice, false, Errorf(Conflict, "an invoice that is %s cannot be paid", invoice.Status).In("invoice")
}
