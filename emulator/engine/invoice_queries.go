package engine

import "slices"

// ListInvoices is GET /v1/invoices.
type ListInvoices struct {
	Page
	CollectionMethod Opt[string] `form:"collection_method"`
	Created          Range       `form:"created"`
	Customer         Opt[string] `form:"customer"`
	DueDate          Range       `form:"due_date"`
	Status           Opt[string] `form:"status"`
	Subscription     Opt[string] `form:"subscription"`
}

func (q ListInvoices) run(w *World) (*Listing, error) {
	s := selection[Invoice]{index: "clock", cursorName: "invoice"}
	if customer, ok := q.Customer.Get(); ok {
		s.index, s.value = "customer", customer
	}
	if subscription, ok := q.Subscription.Get(); ok {
		s.index, s.value = "subscription", subscription
	}
	s.keep = func(inv *Invoice) bool {
		return q.Created.holds(inv.Created) && q.DueDate.holds(inv.DueDate) && q.Customer.Or(inv.Customer) == inv.Customer &&
			q.Status.Or(inv.Status) == inv.Status && q.CollectionMethod.Or(inv.CollectionMethod) == inv.CollectionMethod
	}
	return list(w, q.Page, s)
}

// ListInvoicePayments is GET /v1/invoice_payments.
type ListInvoicePayments struct {
	Page
	Created Range                     `form:"created"`
	Invoice Opt[string]               `form:"invoice"`
	Payment Opt[InvoicePaymentFilter] `form:"payment"`
	Status  Opt[string]               `form:"status"`
}

// InvoicePaymentFilter selects by what paid.
type InvoicePaymentFilter struct {
	Type          string      `form:"type"`
	PaymentIntent Opt[string] `form:"payment_intent"`
}

func (q ListInvoicePayments) run(w *World) (*Listing, error) {
	s := selection[InvoicePayment]{cursorName: "invoice_payment"}
	intent := q.Payment.Or(InvoicePaymentFilter{}).PaymentIntent
	if invoice, ok := q.Invoice.Get(); ok {
		s.index, s.value = "invoice", invoice
	} else if id, ok := intent.Get(); ok {
		s.index, s.value = "payment_intent", id
	}
	s.keep = func(p *InvoicePayment) bool {
		return q.Created.holds(p.Created) && q.Status.Or(p.Status) == p.Status && intent.Or(p.PaymentIntent) == p.PaymentIntent
	}
	return list(w, q.Page, s)
}

// ListInvoiceLines is GET /v1/invoices/{id}/lines: all lines of an invoice in the order it shows them.
type ListInvoiceLines struct {
	Page
	Invoice string `form:"-"`
}

func (q ListInvoiceLines) run(w *World) (*Listing, error) {
	inv, ok := Get[Invoice](w, q.Invoice)
	if !ok {
		return nil, NotFound("invoice", q.Invoice, "invoice")
	}
	limit := q.Limit.Or(pageDefault)
	if limit < 1 || limit > pageMax {
		return nil, invalid("limit", "parameter_invalid_integer", "This value must be between 1 and %d.", pageMax)
	}
	lines, err := q.cut(inv.Lines)
	if err != nil {
		return nil, err
	}
	out := &Listing{Data: []any{}, HasMore: int64(len(lines)) > limit}
	if out.HasMore && q.EndingBefore.Given() {
		lines = lines[int64(len(lines))-limit:]
	}
	for _, line := range lines[:min(limit, int64(len(lines)))] {
		out.Data = append(out.Data, line)
	}
	return out, nil
}

// cut keeps the lines on the wanted side of a cursor.
func (q ListInvoiceLines) cut(lines []*InvoiceLine) ([]*InvoiceLine, error) {
	after, hasAfter := q.StartingAfter.Get()
	before, hasBefore := q.EndingBefore.Get()
	at := func(id, param string) (int, error) {
		i := slices.IndexFunc(lines, func(l *InvoiceLine) bool { return l.ID == id })
		if i < 0 {
			return 0, noSuchParam("line item", id, param)
		}
		return i, nil
	}
	switch {
	case hasAfter && hasBefore:
		return nil, invalid("", "", "You cannot use both `starting_after` and `ending_before` in the same request.")
	case hasAfter:
		i, err := at(after, "starting_after")
		return lines[min(i+1, len(lines)):], err
	case hasBefore:
		i, err := at(before, "ending_before")
		return lines[:i], err
	}
	return lines, nil
}
