package engine

// What ends a subscription beside failed charges: a payer who never finishes 3-D Secure, and a mailed invoice that nobody pays. Both are
// account settings.

const (
	timerChallenge = "invoice.challenge"
	timerPastDue   = "invoice.past_due"
	timerWillBeDue = "invoice.will_be_due"
)

func init() {
	onTimer(timerChallenge, (*tx).challengeDue)
	onTimer(timerPastDue, (*tx).pastDue)
	onTimer(timerWillBeDue, (*tx).willBeDue)
}

// awaitChallenge gives the payer of a renewal the account's time to finish 3-D Secure, counted from the first time they were asked.
func (t *tx) awaitChallenge(inv *Invoice) {
	days := t.settings().ChallengeDays
	if _, asked := t.scheduled(timerChallenge, inv.ID); asked || days == 0 || inv.first() || inv.Subscription == "" {
		return
	}
	t.schedule(timerChallenge, inv.ID, t.now+days*secondsPerDay)
}

// challengeDue ends the subscription of a renewal whose payer was asked and has not answered. A card that was declined since is a matter of
// dunning.
func (t *tx) challengeDue(id string) {
	inv, ok := Get[Invoice](t.world, id)
	if ok && inv.Status == InvoiceOpen && must[PaymentIntent](t, inv.PaymentIntent).Status == RequiresAction {
		t.endSubscription(inv, EndCancel)
	}
}

// awaitDue plans what happens to a mailed invoice before and at its due date.
func (t *tx) awaitDue(inv *Invoice) {
	if inv.CollectionMethod != InvoiceByMail || inv.DueDate == 0 {
		return
	}
	if days := t.settings().WillBeDueDays; days > 0 && inv.DueDate-days*secondsPerDay > t.now {
		t.schedule(timerWillBeDue, inv.ID, inv.DueDate-days*secondsPerDay)
	}
	t.schedule(timerDue, inv.ID, inv.DueDate)
	t.awaitReminder(inv)
}

// willBeDue reminds of a mailed invoice before it is due.
func (t *tx) willBeDue(id string) {
	if inv, ok := Get[Invoice](t.world, id); ok && inv.Status == InvoiceOpen {
		t.emit("invoice.will_be_due", inv)
	}
}

// overdue passes the due date of an invoice that was mailed.
func (t *tx) overdue(id string) {
	inv, ok := Get[Invoice](t.world, id)
	if !ok || inv.Status != InvoiceOpen {
		return
	}
	t.emit("invoice.overdue", inv)
	t.afterFailure(inv, true)
	if s := t.settings(); inv.Subscription != "" && s.PastDueDays > 0 && s.EndOfPastDue != EndPastDue {
		t.schedule(timerPastDue, inv.ID, inv.DueDate+s.PastDueDays*secondsPerDay)
	}
}

// pastDue does what the account chose for a mailed invoice that is past due for so long.
func (t *tx) pastDue(id string) {
	if inv, ok := Get[Invoice](t.world, id); ok && inv.Status == InvoiceOpen {
		t.endSubscription(inv, t.settings().EndOfPastDue)
	}
}

// endSubscription makes of an invoice's subscription what the account chose: canceled, unpaid, or what it is.
func (t *tx) endSubscription(inv *Invoice, how string) {
	s, ok := Get[Subscription](t.world, inv.Subscription)
	if !ok || !s.live() || s.Status == SubPaused { // its invoices go on, and it stays paused
		return
	}
	switch how {
	case EndCancel:
		t.end(s, ending{reason: "payment_failed"})
	case EndUnpaid:
		after := *s
		after.Status = SubUnpaid
		t.putSubscription(s, &after)
	}
}

// stopCollecting takes away everything that is planned for an invoice that is settled.
func (t *tx) stopCollecting(invoice string) {
	for _, kind := range []string{timerRetry, timerDue, timerChallenge, timerPastDue, timerWillBeDue, timerReminder} {
		t.unschedule(kind, invoice)
	}
}
