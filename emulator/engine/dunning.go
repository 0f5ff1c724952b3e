package engine

// Dunning: what happens to an invoice that could not be collected. The schedule and its end are account settings.

const (
	timerFinalize = "invoice.finalize"
	timerCollect  = "invoice.collect"
	timerRetry    = "invoice.retry"
	timerDue      = "invoice.due"
)

func init() {
	onTimer(timerFinalize, (*tx).finalizeDue)
	onTimer(timerCollect, (*tx).collectDue)
	onTimer(timerRetry, (*tx).retryDue)
	onTimer(timerDue, (*tx).overdue)
}

// finalizeDue ends a draft's hour: it is finalized, and charged or mailed.
func (t *tx) finalizeDue(id string) {
	draft, ok := Get[Invoice](t.world, id)
	if !ok || draft.Status != InvoiceDraft || !t.advances(draft) || t.hold(draft) {
		return
	}
	if why := t.unfinalizable(draft); why != nil {
		t.finalizationFailed(draft, why)
		return
	}
	inv := t.finalize(draft)
	if inv.Status != InvoiceOpen {
		return
	}
	if inv.CollectionMethod == InvoiceByMail {
		t.emit("invoice.sent", inv)
		return
	}
	t.attempt(inv, offSession)
}

// advances says whether an invoice goes on by itself; that of a deleted customer does not.
func (t *tx) advances(inv *Invoice) bool {
	return inv.AutoAdvance && !must[Customer](t, inv.Customer).Deleted
}

// collectDue makes the first attempt on an invoice that was finalized by hand and advances by itself.
func (t *tx) collectDue(id string) {
	inv, ok := Get[Invoice](t.world, id)
	if ok && inv.Status == InvoiceOpen && t.advances(inv) && !inv.Attempted {
		t.attempt(inv, offSession)
	}
}

// planRetry sets the next automatic attempt after one that failed just now; true means that none is left. First invoices
// of subscriptions are never retried, nor are invoices that do not advance by themselves.
func (t *tx) planRetry(inv *Invoice) (exhausted bool) {
	inv.NextPaymentAttempt = 0
	if inv.first() || inv.ForPending || !inv.AutoAdvance {
		return false
	}
	days := t.settings().RetryDays
	if inv.Retries >= int64(len(days)) {
		return true
	}
	inv.NextPaymentAttempt = t.now + days[inv.Retries]*secondsPerDay
	inv.Retries++
	t.schedule(timerRetry, inv.ID, inv.NextPaymentAttempt)
	return false
}

// exhausted says whether an open invoice has had all its automatic attempts.
func (t *tx) exhausted(inv *Invoice) bool {
	return inv.CollectionMethod == ChargeAutomatically && !inv.first() && inv.Attempted && inv.NextPaymentAttempt == 0 &&
		inv.Retries >= int64(len(t.settings().RetryDays))
}

// retryDue makes the next attempt. After a hard decline it is counted but no charge is made until there is another card.
func (t *tx) retryDue(id string) {
	inv, ok := Get[Invoice](t.world, id)
	if !ok || inv.Status != InvoiceOpen || !t.advances(inv) {
		return
	}
	if !t.hopeless(inv) {
		t.attempt(inv, offSession)
		return
	}
	next := *inv
	next.AttemptCount++
	exhausted := t.planRetry(&next)
	update(t, "invoice.updated", inv, &next)
	if exhausted {
		t.endDunning(&next)
	}
}

// neverRetried are the decline codes after which the same card is not charged again.
var neverRetried = map[string]bool{
	"incorrect_number": true, "lost_card": true, "pickup_card": true, "stolen_card": true, "revocation_of_authorization": true,
	"revocation_of_all_authorizations": true, "authentication_required": true, "highest_risk_level": true, "transaction_not_allowed": true,
}

// hopeless says that the card which failed last for a reason that does not pass is still the one to charge.
func (t *tx) hopeless(inv *Invoice) bool {
	intent := must[PaymentIntent](t, inv.PaymentIntent)
	method := t.methodFor(inv)
	if intent.Status == RequiresAction {
		return intent.PaymentMethod == method
	}
	charge, ok := Get[Charge](t.world, intent.LatestCharge)
	if !ok || charge.PaymentMethod != method || intent.LastPaymentError == nil {
		return false
	}
	return neverRetried[intent.LastPaymentError.DeclineCode] || neverRetried[intent.LastPaymentError.Code]
}

// endDunning does what the account chose for an invoice whose last retry has failed.
func (t *tx) endDunning(inv *Invoice) {
	t.endSubscription(inv, t.settings().EndOfDunning)
	if t.settings().UncollectibleAtEnd {
		t.markUncollectible(must[Invoice](t, inv.ID), UncollectibleTries)
	}
}

func (t *tx) markUncollectible(before *Invoice, why string) *Invoice {
	inv := *before
	t.own(&inv)
	inv.Uncollectible = why
	inv.Status, inv.AutoAdvance, inv.NextPaymentAttempt = InvoiceUncollectible, false, 0
	inv.StatusTransitions.MarkedUncollectibleAt = t.now
	put(t, &inv)
	t.stopCollecting(inv.ID)
	t.emitChange("invoice.updated", before, &inv)
	t.emit("invoice.marked_uncollectible", &inv)
	return &inv
}
