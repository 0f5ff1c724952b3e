package billing

// PayInvoice decides whether an invoice has to be charged now, by the named method or, with "", by the one that the provider would charge. One
// that is paid already needs nothing. A draft, whose amount may still change, and one that is void are errors of code conflict; an
// invoice or a method that the account does not have is one of code not_found.
func (s State) PayInvoice(id InvoiceID, method PaymentMethodID) (invoice Invoice, needed bool, err error) {
	invoice, found := s.Invoice(id)
	if !found {
		return invoice, false, noInvoice(id)
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

// Payer returns the method that is charged for an invoice when none is named, "" for the one that the provider finds by itself: it does for a plan, whose method
// may be saved with the plan alone, and for an invoice of no plan it would not look there.
func (s State) Payer(invoice Invoice) PaymentMethodID {
	if invoice.Subscription != "" {
		return ""
	}
	method, _ := s.DefaultMethod()
	return method.ID
}
