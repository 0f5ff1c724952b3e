package engine

import "cmp"

// The one payment state machine. Whoever wants money (a confirm, an invoice, a retry, a Checkout page, an answered challenge) comes here.

// confirm makes one attempt to pay an intent with a payment method. It stores the intent, makes the charge and emits their events, and
// leaves whatever the intent belongs to (invoice, Checkout session) to the caller.
func (t *tx) confirm(pi *PaymentIntent, pm *PaymentMethod, who presence) payment {
	saves := pi.SetupFutureUsage != ""
	if pm.Card.asks(who, saves) {
		if who == offSession && (pi.Invoice == "" || t.decided().RenewalChallenge == RequiresPaymentMethod) {
			return t.decline(pi, pm, "authentication_required")
		}
		return t.challenge(pi, pm)
	}
	if decline := t.declineOf(pm); decline != "" {
		return t.decline(pi, pm, decline)
	}
	return t.charge(pi, pm, who)
}

// challenge makes the intent wait for its payer.
func (t *tx) challenge(pi *PaymentIntent, pm *PaymentMethod) payment {
	next := *pi
	next.Status, next.PaymentMethod, next.LastPaymentError = RequiresAction, pm.ID, nil
	next.NextAction = nextAction(pi.ReturnURL, pi.BySDK)
	put(t, &next)
	t.emit("payment_intent.requires_action", &next)
	return payment{intent: &next, needsAction: true}
}

// nextAction sends the payer to the challenge: by redirects where there is a way back, unless the page wants Stripe.js to show it.
func nextAction(returnURL string, bySDK bool) *NextAction {
	if returnURL == "" || bySDK {
		return &NextAction{Type: "use_stripe_sdk", ReturnURL: returnURL}
	}
	return &NextAction{Type: "redirect_to_url", ReturnURL: returnURL}
}

// decline leaves a failed charge behind and puts the intent back to where it needs a payment method.
func (t *tx) decline(pi *PaymentIntent, pm *PaymentMethod, code string) payment {
	cause := cardError(code)
	ch := t.newCharge(pi, pm)
	ch.Status, ch.FailureCode, ch.FailureMessage = "failed", cause.Code, cause.Message
	ch.Outcome = pm.Card.outcome(code)
	create(t, "charge.failed", ch)
	cause.Charge, cause.PaymentMethod, cause.PaymentMethodType = ch.ID, pm.ID, pm.Type
	return t.refuse(pi, cause)
}

// refuse puts an intent back to where it needs a payment method.
func (t *tx) refuse(pi *PaymentIntent, cause *Error) payment {
	next := *pi
	next.Status, next.PaymentMethod, next.NextAction = RequiresPaymentMethod, "", nil
	if cause.Charge != "" {
		next.LatestCharge = cause.Charge
	}
	next.LastPaymentError = cause
	put(t, &next)
	t.emit("payment_intent.payment_failed", &next)
	answer := *cause
	answer.PaymentIntent, answer.Keep = pi.ID, true
	return payment{intent: &next, err: &answer}
}

// charge takes the money, or only reserves it when the intent is captured by hand.
func (t *tx) charge(pi *PaymentIntent, pm *PaymentMethod, who presence) payment {
	ch := t.newCharge(pi, pm)
	ch.Status, ch.Paid, ch.Outcome, ch.ThreeDSecure = IntentSucceeded, true, pm.Card.outcome(""), who == authenticated
	next := t.world.tables.payments.shelf.next(pi)
	next.PaymentMethod, next.NextAction, next.LastPaymentError, next.LatestCharge = pm.ID, nil, nil, ch.ID
	event := "payment_intent.succeeded"
	if pi.CaptureMethod == "manual" {
		next.Status, next.AmountCapturable = RequiresCapture, pi.Amount
		event = "payment_intent.amount_capturable_updated"
		t.schedule(timerCapture, ch.ID, t.now+captureSeconds)
	} else {
		ch.Captured, ch.AmountCaptured = true, pi.Amount
		t.arrive(ch, pi.CaptureMethod)
		t.complain(ch)
		next.Status, next.AmountReceived = IntentSucceeded, pi.Amount
	}
	createNew(t, t.world.tables.charges, "charge.succeeded", ch)
	put(t, next)
	t.emit(event, next)
	t.used(next, pm)
	return payment{intent: next, paid: true}
}

// used saves a payment method that was charged with the wish to keep it, and spends one that nobody kept.
func (t *tx) used(pi *PaymentIntent, pm *PaymentMethod) {
	keep := pi.SetupFutureUsage != "" && pi.Customer != ""
	if pm.Customer == "" && keep {
		pm = t.attachChecked(pm, pi.Customer)
	}
	card, spent := checked(pm.Card, pm.BillingDetails), pm.Customer == ""
	card.SetUp = pm.Card.SetUp || pi.SetupFutureUsage == "off_session"
	if pm.Card.checkedAs(&card) && pm.Detached == spent {
		return // so it is at every renewal after the first
	}
	next := *pm
	next.Card, next.Detached = card, spent
	put(t, &next)
}

// checkedAs says whether a charge has taught nothing new about a card.
func (c *Card) checkedAs(next *Card) bool {
	return c.CVCCheck == next.CVCCheck && c.Line1Check == next.Line1Check && c.PostalCheck == next.PostalCheck && c.SetUp == next.SetUp
}

// newCharge is a charge with everything that the intent and the method say, and no result yet.
func (t *tx) newCharge(pi *PaymentIntent, pm *PaymentMethod) *Charge {
	ch := t.world.tables.charges.shelf.one()
	*ch = Charge{
		ID: t.payment("ch_", pi.ID), Created: t.now, TestClock: pi.TestClock, Amount: pi.Amount, BillingDetails: &pm.BillingDetails, Currency: pi.Currency,
		Customer: pi.Customer, Description: pi.Description, Invoice: pi.Invoice, PaymentIntent: pi.ID, PaymentMethod: pm.ID,
		Card: pm.checkedCard(), ReceiptEmail: pi.ReceiptEmail, Shipping: pi.Shipping,
		StatementDescriptor: pi.StatementDescriptor, DescriptorSuffix: pi.DescriptorSuffix, TransferGroup: pi.TransferGroup,
		Metadata: pi.Metadata,
	}
	return ch
}

// movement is what moves money on the account's own balance.
type movement struct {
	kind     string // charge, refund or adjustment
	category string // of reports; "" is the kind
	source   string
	currency string
	text     string
	clock    string // the test clock on whose time it becomes available
	fee      int64  // Stripe's fee, negative for one that is given back
	feeText  string
	atOnce   bool // the money is available at once
}

// taking is the movement of money that a charge takes, with Stripe's fee on it.
func taking(ch *Charge, amount int64) movement {
	return movement{
		kind: "charge", source: ch.ID, currency: ch.Currency, text: ch.Description, clock: ch.TestClock,
		fee: share(amount, feePerMille, 1000) + feeFixed, feeText: "Stripe processing fees", atOnce: cardsByBehavior[ch.Card.Behavior].atOnce,
	}
}

// settle notes a movement on the account's balance, less Stripe's fee, and returns its id.
func (t *tx) settle(intent string, amount int64, m movement) string {
	moved := t.world.tables.movements.shelf.one()
	*moved = BalanceTransaction{
		ID: t.payment("txn_", intent), TestClock: m.clock, Created: t.now, AvailableOn: t.now + t.world.BalanceSettings().SettlementDays()*secondsPerDay, Amount: amount, Currency: m.currency,
		Description: m.text, Fee: m.fee, FeeText: m.feeText, Net: amount - m.fee, Source: m.source, Type: m.kind, Category: cmp.Or(m.category, m.kind),
	}
	if m.atOnce {
		moved.AvailableOn = t.now
		t.afterwards(func() { t.emit("balance.available", t.world.Balance()) })
	}
	t.world.tables.movements.add(t, moved)
	return moved.ID
}

// cancelIntent ends an intent that will not be paid.
func (t *tx) cancelIntent(pi *PaymentIntent, reason string) *PaymentIntent {
	next := *pi
	next.Status, next.CanceledAt, next.CancellationReason = IntentCanceled, t.now, reason
	next.NextAction, next.AmountCapturable = nil, 0
	if ch, ok := Get[Charge](t.world, pi.LatestCharge); ok && pi.Status == RequiresCapture {
		t.unschedule(timerCapture, ch.ID)
		released := *ch
		released.Refunded, released.AmountRefunded = true, ch.Amount
		put(t, &released)
		t.emit("charge.refunded", &released)
	}
	put(t, &next)
	t.emit("payment_intent.canceled", &next)
	t.followAttached(&next)
	return &next
}
