package engine

// captureAsync is the capture method of payments that say nothing of it: the money arrives after the answer.
const captureAsync = "automatic_async"

// timerSettle puts the money of a charge that is captured after the answer on the account's balance.
const timerSettle = "charge.settle"

func init() { onTimer(timerSettle, (*tx).settleLater) }

// arrive puts what a charge takes on the account's balance: at once, or right after this command when the capture is asynchronous. Stripe
// takes a few seconds for that; here it is done before anybody asks again, so that nobody has to wait and the order of events is always the
// same. No test clock needs to move for it.
func (t *tx) arrive(ch *Charge, method string) {
	if method != captureAsync {
		ch.BalanceTransaction = t.settle(ch.PaymentIntent, ch.Amount, taking(ch, ch.Amount))
		return
	}
	line := t.line
	t.line = worldLine
	t.schedule(timerSettle, ch.ID, t.world.now)
	t.line = line
}

func (t *tx) settleLater(id string) {
	before := must[Charge](t, id)
	if err := t.enterClockOf(before.TestClock); err != nil {
		return // the clock moves, and was set to before this was due: it cannot be
	}
	ch := *before
	ch.BalanceTransaction = t.settle(ch.PaymentIntent, ch.AmountCaptured, taking(&ch, ch.AmountCaptured))
	put(t, &ch)
	t.emitChange("charge.updated", before, &ch)
}
