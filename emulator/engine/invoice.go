package engine

import (
	"cmp"
	"strconv"
)

// An invoice's life: draft, finalize, attempt, paid or not. Everybody who bills goes through here: commands, renewals,
// dunning and the payments side when an intent of an invoice changes by itself.

// draft stores the invoice of a bill and takes its pending items in.
func (t *tx) draft(b bill, change ...func(*Invoice)) *Invoice {
	inv := t.compose(b)
	inv.ID = t.long("in_")
	for _, line := range inv.Lines {
		line.ID, line.Invoice = t.long("il_"), inv.ID
	}
	for _, f := range change {
		f(inv)
	}
	t.shareLatest(inv, b.Subscription)
	t.awaitEndpoints(inv)
	for _, item := range b.Pending {
		bound := *item
		bound.Invoice = inv.ID
		if _, stored := Get[InvoiceItem](t.world, item.ID); stored {
			put(t, &bound)
			continue
		}
		create(t, "invoiceitem.created", &bound)
	}
	return createNew(t, t.world.tables.invoices, invoiceCreated, inv)
}

// finalize gives a draft its number, fixes its amounts, moves the customer's balance and makes the payment to be. An
// invoice with nothing due is paid by that.
func (t *tx) finalize(draft *Invoice) *Invoice { return t.finalizeFrom(draft, *draft) }

// finalizeFrom finalizes a draft that the caller has just changed: before is what the events compare with.
func (t *tx) finalizeFrom(before *Invoice, changed Invoice) *Invoice {
	inv := t.world.tables.invoices.shelf.next(&changed)
	since := t.mark()
	customer := *must[Customer](t, inv.Customer)
	t.own(inv)
	inv.copyCustomer(&customer)
	inv.CustomerTaxIDs = t.namedTaxIDs(customer.ID)
	t.share(inv, before)
	t.refreshUsage(inv)
	balance, prepaid := customer.Balance, t.prepaid()
	if prepaid {
		balance = 0
	}
	t.sum(inv, balance)
	if !prepaid && t.applyCredits(inv) {
		t.sum(inv, balance)
	}
	applied, tooSmall, rounded := t.settleBalance(inv)
	if inv.Number == "" {
		inv.Number = t.numbered(customer.InvoicePrefix, customer.NextInvoiceSequence)
		customer.NextInvoiceSequence++
	}
	if applied != 0 {
		t.noteBalanceMove(&customer, balanceMove{amount: applied, kind: "applied_to_invoice", invoice: inv.ID})
	}
	if tooSmall != 0 {
		t.noteBalanceMove(&customer, balanceMove{amount: tooSmall, kind: "invoice_too_small", invoice: inv.ID})
	}
	if rounded != 0 {
		t.noteBalanceMove(&customer, balanceMove{amount: rounded, kind: "adjustment", invoice: inv.ID})
	}
	t.putNumbered(&customer)
	inv.FinalizationError = nil
	inv.Status, inv.HostedToken = InvoiceOpen, t.hostedToken()
	inv.StatusTransitions.FinalizedAt, inv.EffectiveAt, inv.AutomaticallyFinalizesAt = t.now, cmp.Or(inv.EffectiveAt, t.now), 0
	t.unschedule(timerFinalize, inv.ID)
	t.consume(inv)
	if inv.AmountDue == 0 {
		return t.finalizedFree(before, inv)
	}
	inv.PaymentIntent, inv.DefaultPayment = t.createInvoiceIntent(inv).ID, t.long("inpay_")
	t.world.tables.invoicePays.add(t, &InvoicePayment{
		ID: inv.DefaultPayment, Created: t.now, Invoice: inv.ID, PaymentIntent: inv.PaymentIntent, AmountRequested: inv.AmountDue,
		Currency: inv.Currency, IsDefault: true, Status: "open",
	})
	put(t, inv)
	if inv.Subscription == "" {
		t.emitChange("invoice.updated", before, inv)
		t.emit("invoice.finalized", inv)
	} else {
		t.emit("invoice.finalized", inv)
		t.arrange(since, []string{"customer.updated", "invoice.finalized", "payment_intent.created"})
	}
	t.awaitDue(inv)
	return inv
}

// numbered is a number of four digits or more behind a prefix: ABCD1234-0042.
func (t *tx) numbered(prefix string, n int64) string {
	const digits = 4
	var buffer, count [charactersMax]byte
	number := strconv.AppendInt(count[:0], n, 10)
	out := append(append(buffer[:0], prefix...), "-0000"[:1+max(0, digits-len(number))]...)
	return t.world.text(append(out, number...))
}

// hostedToken draws what the address of an invoice's page ends in.
func (t *tx) hostedToken() string {
	const characters = 40
	var buffer [charactersMax]byte
	return t.world.text(t.world.appendCharacters(buffer[:0], characters))
}

// putNumbered stores the customer after finalization. The sequence alone is no event; a moved balance is.
func (t *tx) putNumbered(customer *Customer) {
	before := must[Customer](t, customer.ID)
	if before.Balance != customer.Balance {
		update(t, "customer.updated", before, customer)
		return
	}
	put(t, customer)
}

func (t *tx) finalizedFree(before *Invoice, inv *Invoice) *Invoice {
	inv.Status, inv.Attempted, inv.AutoAdvance, inv.NextPaymentAttempt = InvoicePaid, true, false, 0
	inv.StatusTransitions.PaidAt = t.now
	put(t, inv)
	t.emitChange("invoice.updated", before, inv)
	t.emit("invoice.finalized", inv)
	t.subscriptionPaid(inv, nil)
	t.emit("invoice.paid", inv)
	t.emit("invoice.payment_succeeded", inv)
	t.setDelinquent(inv.Customer, false)
	return inv
}

// methodFor is the payment method that an invoice is charged to: its own, the subscription's, the customer's default.
// One that is merely attached is not used.
func (t *tx) methodFor(inv *Invoice) string {
	if t.saved(inv.DefaultPaymentMethod, inv.Customer) {
		return inv.DefaultPaymentMethod
	}
	if s, ok := Get[Subscription](t.world, inv.Subscription); ok && t.saved(s.DefaultPaymentMethod, inv.Customer) {
		return s.DefaultPaymentMethod
	}
	return must[Customer](t, inv.Customer).paysWith()
}

// saved says whether a payment method is still attached to a customer.
func (t *tx) saved(method, customer string) bool {
	pm, ok := Get[PaymentMethod](t.world, method)
	return ok && pm.Customer == customer
}

// attempt tries to collect an open invoice by itself, at finalization or as a retry of dunning.
func (t *tx) attempt(inv *Invoice, who presence) payment {
	method := t.methodFor(inv)
	if method == "" {
		p := payment{intent: must[PaymentIntent](t, inv.PaymentIntent), err: noPaymentMethod()}
		t.failed(inv, nil, true)
		return p
	}
	p := t.payInvoiceIntent(inv, method, who)
	switch {
	case p.paid:
		t.paid(inv, p.intent, true)
	case p.needsAction:
		t.challenged(inv, true)
	default:
		t.failed(inv, p.intent, true)
	}
	return p
}

func noPaymentMethod() *Error {
	return invalid("", "resource_missing", "This customer has no attached payment source or default payment method. Please consider adding "+
		"a default payment method. For more information, visit https://stripe.com/docs/billing/subscriptions/payment-methods-setting#payment-method-priority.")
}

// invoicePaid records that the PaymentIntent of an invoice succeeded by the payer's doing.
func (t *tx) invoicePaid(inv *Invoice, intent *PaymentIntent) { t.paid(inv, intent, false) }

// invoicePaymentFailed records that an attempt of the payer was declined.
func (t *tx) invoicePaymentFailed(inv *Invoice, intent *PaymentIntent, _ *Error) {
	t.failed(inv, intent, false)
}

// invoiceActionRequired records that an attempt of the payer met a challenge.
func (t *tx) invoiceActionRequired(inv *Invoice, _ *PaymentIntent) { t.challenged(inv, false) }

// counted is the attempt count after a charge: automatic attempts count, and of the payer's own only the first.
func (inv *Invoice) counted(automatic bool) int64 {
	if automatic || inv.AttemptCount == 0 {
		return inv.AttemptCount + 1
	}
	return inv.AttemptCount
}

// paid closes an invoice that a charge has paid.
func (t *tx) paid(before *Invoice, intent *PaymentIntent, automatic bool) {
	inv := *before
	inv.Attempted, inv.AttemptCount, inv.Charge = true, before.counted(automatic), intent.LatestCharge
	t.close(before, inv, intent)
	t.emit("invoice.payment_succeeded", must[Invoice](t, inv.ID))
	t.paymentClosed(before, "paid")
	t.setDelinquent(inv.Customer, false)
}

// close makes an invoice paid, whatever paid it, and lets its subscription follow.
func (t *tx) close(before *Invoice, changed Invoice, intent *PaymentIntent) {
	inv := t.world.tables.invoices.shelf.next(&changed)
	inv.Status, inv.AmountPaid, inv.AmountRemaining = InvoicePaid, inv.AmountDue, 0
	inv.AutoAdvance, inv.NextPaymentAttempt, inv.StatusTransitions.PaidAt = false, 0, t.now
	put(t, inv)
	t.stopCollecting(inv.ID)
	t.subscriptionPaid(inv, intent)
	t.emitChange("invoice.updated", before, inv)
	t.emit("invoice.paid", inv)
}

// paymentClosed ends the invoice's own payment as paid or canceled.
func (t *tx) paymentClosed(inv *Invoice, status string) {
	p, ok := Get[InvoicePayment](t.world, inv.DefaultPayment)
	if !ok || p.Status != "open" {
		return
	}
	closed := t.world.tables.invoicePays.shelf.next(p)
	closed.Status = status
	if status == "canceled" {
		closed.CanceledAt = t.now
		put(t, closed)
		return
	}
	closed.AmountPaid, closed.PaidAt = t.world.memory.number(p.AmountRequested), t.now
	create(t, "invoice_payment.paid", closed)
}

// failed records a declined attempt: the invoice stays open, an automatic one goes on to the next retry. The intent is nil when nothing was
// tried for want of a card.
func (t *tx) failed(before *Invoice, intent *PaymentIntent, automatic bool) {
	inv := *before
	if intent != nil {
		inv.Charge = intent.LatestCharge
	}
	if inv.Attempted = true; !inv.first() || t.decided().DeclinedFirstCounts {
		inv.AttemptCount = before.counted(automatic)
	}
	exhausted := automatic && t.planRetry(&inv)
	put(t, &inv)
	t.emit("invoice.payment_failed", &inv)
	t.emitChange("invoice.updated", before, &inv)
	if intent != nil && automatic && intent.asksPayer() {
		t.emit("invoice.payment_action_required", &inv)
	}
	t.resumeFailed(&inv)
	t.afterFailure(&inv, automatic)
	if exhausted {
		t.endDunning(&inv)
	}
}

// challenged records an attempt that waits for the payer. A challenge is no charge: the count stays.
func (t *tx) challenged(before *Invoice, automatic bool) {
	inv := *before
	inv.Attempted = true
	exhausted := automatic && t.planRetry(&inv)
	put(t, &inv)
	if automatic && t.decided().fails(inv.first()) {
		t.emit("invoice.payment_failed", &inv)
	}
	if before.Attempted != inv.Attempted || before.NextPaymentAttempt != inv.NextPaymentAttempt {
		t.emitChange("invoice.updated", before, &inv)
	}
	t.emit("invoice.payment_action_required", &inv)
	t.afterFailure(&inv, automatic)
	if automatic {
		t.awaitChallenge(&inv)
	}
	if exhausted {
		t.endDunning(&inv)
	}
}

// first says whether this is the first invoice of a subscription: the 23-hour rule governs it, not dunning.
func (inv *Invoice) first() bool { return inv.BillingReason == "subscription_create" && !inv.Scheduled }

// afterFailure lets subscription and customer follow a failed attempt.
func (t *tx) afterFailure(inv *Invoice, automatic bool) {
	if !automatic || inv.ForPending || inv.first() && inv.CollectionMethod == ChargeAutomatically {
		return
	}
	t.turnPastDue(inv)
	t.setDelinquent(inv.Customer, true)
}

// turnPastDue makes the subscription of an invoice that was not paid past due.
func (t *tx) turnPastDue(inv *Invoice) {
	if s, ok := Get[Subscription](t.world, inv.Subscription); ok && (s.Status == SubActive || s.Status == SubTrialing) {
		after := *s
		after.Status = SubPastDue
		t.putSubscription(s, &after)
	}
}

// setDelinquent notes whether a customer's latest automatic payment failed.
func (t *tx) setDelinquent(customer string, late bool) {
	c := must[Customer](t, customer)
	if c.Delinquent == late {
		return
	}
	after := *c
	after.Delinquent = late
	update(t, "customer.updated", c, &after)
}

// void ends an open invoice that will not be paid, and gives an applied balance back.
func (t *tx) void(before *Invoice) *Invoice {
	inv := *before
	inv.Status, inv.AutoAdvance, inv.NextPaymentAttempt, inv.StatusTransitions.VoidedAt = InvoiceVoid, false, 0, t.now
	put(t, &inv)
	t.stopCollecting(inv.ID)
	if back := t.movedBy(&inv); back != 0 {
		t.moveBalance(must[Customer](t, inv.Customer), balanceMove{amount: -back, kind: "unapplied_from_invoice", invoice: inv.ID})
	}
	t.reinstateCredits(&inv)
	t.emit("invoice.voided", &inv)
	if inv.PaymentIntent != "" {
		t.cancelInvoiceIntent(&inv)
		t.paymentClosed(&inv, "canceled")
	}
	return &inv
}

// movedBy is what an invoice's finalization did to the customer's balance.
func (t *tx) movedBy(inv *Invoice) int64 {
	if inv.EndingBalance == nil {
		return 0
	}
	return *inv.EndingBalance - inv.StartingBalance
}
