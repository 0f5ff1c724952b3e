package engine

// captureAsync is the capture method of payments that say nothing of it: the money arrives after the answer.
const captureAsync = "automatic_async"

// timerSettle puts the money of a charge that is captured after the answer on the account's balance.
const timerSettle = "charge.settle"

func init() { onTimer(timerSettle, (*tx).settleLater) }

// arrive puts what a charge takes on the account's balance: at once, or after the answer when the capture is asynchronous, when
// capture_seconds of the decisions says. No test clock needs to move for it.
func (t *tx) arrive(ch *Charge, method string) {
	if method != captureAsync {
		ch.BalanceTransaction = t.settle(ch.PaymentIntent, ch.Amount, taking(ch, ch.Amount))
		return
	}
	line := t.line
	t.line = worldLine
	t.schedule(timerSettle, ch.ID, t.world.now+t.decided().CaptureSeconds)
	t.line = line
}

func (t *tx) settleLater(id string) {
	before := must[Charge](t, id)
	if clock, on := Get[TestClock](t.world, before.TestClock); on { // whether it moves or not: nobody writes to it, the money arrives
		t.line, t.now = clock.ID, clock.FrozenTime
	}
	ch := *before
	ch.BalanceTransaction = t.settle(ch.PaymentIntent, ch.AmountCaptured, taking(&ch, ch.AmountCaptured))
	put(t, &ch)
	t.emitChange("charge.updated", before, &ch)
}
