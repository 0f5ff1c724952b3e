package engine

// Partial payments. An invoice's own payment asks for what is left of it; further PaymentIntents can be attached that pay a part each. When
// nothing is left the invoice is paid, and its own payment is canceled.

// AttachInvoicePayment is POST /v1/invoices/{id}/attach_payment.
type AttachInvoicePayment struct {
	Invoice       string      `form:"-"`
	PaymentIntent Opt[string] `form:"payment_intent"`
}

func (c AttachInvoicePayment) apply(t *tx) (Result, error) {
	inv, err := t.invoiceAtPath(c.Invoice)
	if err != nil {
		return nil, err
	}
	pi, err := c.attachable(t, inv)
	if err != nil {
		return nil, err
	}
	put(t, &InvoicePayment{
		ID: t.long("inpay_"), Created: t.now, Invoice: inv.ID, PaymentIntent: pi.ID, AmountRequested: pi.Amount, Currency: pi.Currency, Status: "open",
	})
	t.followAttached(pi)
	return must[Invoice](t, inv.ID), nil
}

// attachable finds the intent to attach, and refuses one that cannot pay a part of this invoice.
func (c AttachInvoicePayment) attachable(t *tx, inv *Invoice) (*PaymentIntent, error) {
	id, ok := c.PaymentIntent.Get()
	if !ok {
		return nil, required("payment_intent")
	}
	pi, found := Get[PaymentIntent](t.world, id)
	switch {
	case !found:
		return nil, noSuchParam("payment_intent", id, "payment_intent")
	case inv.Status != InvoiceOpen:
		return nil, invalid("", "", "Payments can only be attached to an invoice with a status of `open`; this one is `%s`.", inv.Status)
	case inv.Subscription != "" && inv.CollectionMethod == ChargeAutomatically:
		return nil, invalid("", "", "Partial payments aren't supported for subscription invoices that are charged automatically.")
	case pi.Customer != inv.Customer:
		return nil, invalid("payment_intent", "", "The PaymentIntent must have the same customer as the invoice, which is %s.", inv.Customer)
	case pi.Currency != inv.Currency:
		return nil, invalid("payment_intent", "", "The PaymentIntent must have the same currency as the invoice, which is %s.", inv.Currency)
	case pi.Invoice != "" || t.attachment(id) != nil:
		return nil, invalid("payment_intent", "", "The PaymentIntent %s already pays an invoice.", id)
	case pi.Status == IntentCanceled:
		return nil, invalid("payment_intent", "", "The PaymentIntent %s is canceled.", id)
	case pi.Status != IntentSucceeded && pi.Amount > inv.AmountRemaining: // what was received already is credited, and the rest overpaid
		return nil, invalid("payment_intent", "", "The amount of the PaymentIntent (%s) exceeds what remains of the invoice (%s).",
			money(pi.Currency, DecimalOf(pi.Amount)), money(inv.Currency, DecimalOf(inv.AmountRemaining)))
	}
	return pi, nil
}

// attachment is how an intent was attached to an invoice, or nil.
func (t *tx) attachment(intent string) *InvoicePayment {
	for _, p := range t.world.tables.invoicePays.all("payment_intent", intent) {
		if !p.IsDefault {
			return p
		}
	}
	return nil
}

// followAttached lets the invoice that an intent is attached to follow it.
func (t *tx) followAttached(pi *PaymentIntent) {
	p := t.attachment(pi.ID)
	if p == nil || p.Status != "open" {
		return
	}
	switch pi.Status {
	case IntentSucceeded:
		t.paidPart(p, pi)
	case IntentCanceled:
		closed := *p
		closed.Status, closed.CanceledAt = "canceled", t.now
		put(t, &closed)
	}
}

// paidPart credits an attached payment to its invoice. What others have paid meanwhile is overpaid, and goes to the customer's balance.
func (t *tx) paidPart(p *InvoicePayment, pi *PaymentIntent) {
	before := must[Invoice](t, p.Invoice)
	inv, closed, received := *before, *p, pi.AmountReceived
	closed.Status, closed.PaidAt, closed.AmountRequested, closed.AmountPaid = "paid", t.now, pi.Amount, &received
	part := min(received, inv.AmountRemaining)
	inv.AmountPaid += part
	inv.AmountRemaining -= part
	if over := received - part; over > 0 {
		inv.Overpaid += over
		t.moveBalance(must[Customer](t, inv.Customer), balanceMove{amount: -over, kind: "invoice_overpaid", invoice: inv.ID})
	}
	if inv.AmountRemaining > 0 || part == 0 {
		t.syncDefault(&inv)
		create(t, "invoice_payment.paid", &closed)
		update(t, "invoice.updated", before, &inv)
		return
	}
	inv.Attempted = true
	t.close(before, inv, pi)
	t.emit("invoice.payment_succeeded", must[Invoice](t, inv.ID))
	create(t, "invoice_payment.paid", &closed)
	t.cancelInvoiceIntent(before)
	t.paymentClosed(before, "canceled")
	t.setDelinquent(inv.Customer, false)
}

// partly says whether payments beside an invoice's own have paid a part of it, or still may.
func (t *tx) partly(inv *Invoice) (paid, open bool) {
	for _, p := range t.world.tables.invoicePays.all("invoice", inv.ID) {
		paid = paid || p.Status == "paid"
		open = open || p.Status == "open" && !p.IsDefault
	}
	return paid, open
}

var _ = register(AttachInvoicePayment{})
