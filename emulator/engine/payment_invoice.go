package engine

// The payments side of invoices (see hooks.go).

// createInvoiceIntent makes the PaymentIntent of an invoice that was just finalized with an amount due. A payment that the payer began on
// a Checkout page is taken over instead of making a second one.
func (t *tx) createInvoiceIntent(inv *Invoice) *PaymentIntent {
	pi := t.world.tables.payments.shelf.one()
	*pi = PaymentIntent{
		ID: t.payment("pi_", ""), Created: t.now, Status: RequiresPaymentMethod, CaptureMethod: "automatic", ConfirmationMethod: "automatic",
		PaymentMethodTypes: byCard,
	}
	adopted, taken := Get[PaymentIntent](t.world, t.adopted)
	if taken {
		*pi = *adopted
		t.adopted = ""
	} else {
		pi.ClientSecret = t.secret(pi.ID, 25)
	}
	known := pi.Invoice == "" && pi.CheckoutSession != ""
	pi.Amount, pi.Currency, pi.Customer, pi.Invoice = inv.AmountRemaining, inv.Currency, inv.Customer, inv.ID
	pi.TestClock = inv.TestClock
	pi.StatementDescriptor, pi.Description = inv.StatementDescriptor, intentDescription(inv)
	if t.settings().mails(MailReceipt) {
		pi.ReceiptEmail = inv.CustomerEmail
	}
	if inv.Subscription != "" {
		pi.SetupFutureUsage, pi.OrderReference = "off_session", inv.ID
	}
	if known { // payment_intent.created was emitted when the page made it
		put(t, pi)
		return pi
	}
	if taken {
		return create(t, "payment_intent.created", pi)
	}
	return createNew(t, t.world.tables.payments, "payment_intent.created", pi)
}

// awaitConfirm leaves the attempt on an invoice to its payer: the intent already has the card that would be charged, if one is known, and has
// only to be confirmed (chapter 3.2). It was made without one, as all intents of invoices are (6.1).
func (t *tx) awaitConfirm(inv *Invoice) {
	if method := t.methodFor(inv); method != "" {
		next := *must[PaymentIntent](t, inv.PaymentIntent)
		next.Status, next.PaymentMethod = RequiresConfirmation, method
		put(t, &next)
	}
}

func intentDescription(inv *Invoice) string {
	switch {
	case inv.BillingReason == "subscription_create":
		return "Subscription creation"
	case inv.Subscription != "":
		return "Subscription update"
	}
	return "Payment for Invoice"
}

// payInvoiceIntent makes one attempt to pay the invoice's intent. It does not touch the invoice.
func (t *tx) payInvoiceIntent(inv *Invoice, method string, who presence) payment {
	pi := must[PaymentIntent](t, inv.PaymentIntent)
	if pi.HostedInvoice {
		next := *pi
		next.HostedInvoice = false
		pi = &next
	}
	pm := must[PaymentMethod](t, method)
	if pm.Detached { // an invoice may name a card that was taken away since
		return payment{intent: pi, err: invalid("", "", spentMessage)}
	}
	return t.confirm(pi, pm, who)
}

// cancelInvoiceIntent ends the intent of an invoice that was voided or paid out of band.
func (t *tx) cancelInvoiceIntent(inv *Invoice) {
	pi, ok := Get[PaymentIntent](t.world, inv.PaymentIntent)
	if !ok || pi.Status == IntentSucceeded || pi.Status == IntentCanceled {
		return
	}
	t.cancelIntent(pi, "requested_by_customer")
}

// asksPayer says that the last attempt failed because the payer was not there to pass 3-D Secure.
func (pi *PaymentIntent) asksPayer() bool {
	return pi.LastPaymentError != nil && pi.LastPaymentError.DeclineCode == "authentication_required"
}

// follow lets the invoice of an intent know how an attempt outside of payInvoiceIntent ended.
func (t *tx) follow(p payment) {
	t.followAttached(p.intent)
	inv, ok := Get[Invoice](t.world, p.intent.Invoice)
	if !ok || inv.Status != InvoiceOpen && inv.Status != InvoiceUncollectible {
		return
	}
	switch {
	case p.paid:
		t.invoicePaid(inv, p.intent)
		t.goOnWith(p.intent)
	case p.needsAction:
		t.invoiceActionRequired(inv, p.intent)
	default:
		t.invoicePaymentFailed(inv, p.intent, p.err)
	}
}

// goOnWith makes the card that paid a subscription's invoice on its hosted page the one that the subscription is charged to.
func (t *tx) goOnWith(pi *PaymentIntent) {
	inv := must[Invoice](t, pi.Invoice)
	sub, ok := Get[Subscription](t.world, inv.Subscription)
	if !ok || !pi.HostedInvoice || !sub.live() || must[PaymentMethod](t, pi.PaymentMethod).Customer != sub.Customer {
		return
	}
	t.setSubscriptionMethod(sub, pi.PaymentMethod)
}
