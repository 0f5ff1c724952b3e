package engine

import "slices"

// timerRefund settles a refund that does not succeed at once.
const timerRefund = "refund.settle"

func init() { onTimer(timerRefund, (*tx).settleRefund) }

// refundReasons are those that a caller may give.
var refundReasons = []string{"duplicate", "fraudulent", "requested_by_customer"}

// CreateRefund is POST /v1/refunds. It changes neither invoice nor subscription.
type CreateRefund struct {
	Amount        Opt[int64]             `form:"amount"`
	Charge        Opt[string]            `form:"charge"`
	Metadata      Opt[map[string]string] `form:"metadata"`
	PaymentIntent Opt[string]            `form:"payment_intent"`
	Reason        Opt[string]            `form:"reason"`
}

func (c CreateRefund) apply(t *tx) (Result, error) {
	ch, err := c.charge(t)
	if err != nil {
		return nil, err
	}
	if err := t.enterOf(ch.Customer); err != nil {
		return nil, err
	}
	amount, err := c.refundable(t, ch)
	if err != nil {
		return nil, err
	}
	r := &Refund{
		ID: t.payment("re_", ch.PaymentIntent), Created: t.now, Amount: amount, Charge: ch.ID, Currency: ch.Currency,
		PaymentIntent: ch.PaymentIntent, Reason: c.Reason.Or(""), Status: "succeeded", Metadata: mergeMetadata(nil, c.Metadata),
	}
	text := "REFUND FOR CHARGE"
	if ch.Description != "" {
		text += " (" + ch.Description + ")"
	}
	if ch.Captured { // nothing moved yet when the money was only reserved
		r.BalanceTransaction = t.settle(ch.PaymentIntent, -amount, movement{kind: "refund", source: r.ID, currency: ch.Currency, text: text, clock: ch.TestClock})
	}
	t.unschedule(timerCapture, ch.ID)
	how := cardsByBehavior[ch.Card.Behavior].refund
	if how == "pending" {
		r.Status = "pending"
	}
	create(t, "refund.created", r)
	refunded := *ch
	refunded.AmountRefunded += amount
	refunded.Refunded = refunded.AmountRefunded == refunded.Amount
	put(t, &refunded)
	t.emit("charge.refunded", &refunded)
	if refunded.Refunded {
		t.heedWarning(&refunded)
	}
	if how == "" {
		t.emit("refund.updated", r)
		t.emit("charge.refund.updated", r)
	} else {
		t.schedule(timerRefund, r.ID, t.now+refundSettleSeconds)
	}
	return r, nil
}

// charge finds what is to be refunded.
func (c CreateRefund) charge(t *tx) (*Charge, error) {
	if c.Reason.Given() && !slices.Contains(refundReasons, c.Reason.Or("")) {
		return nil, invalid("reason", "", "Invalid reason: must be one of duplicate, fraudulent, or requested_by_customer")
	}
	if id, ok := c.Charge.Get(); ok {
		ch, found := Get[Charge](t.world, id)
		if !found {
			return nil, noSuchParam("charge", id, "charge")
		}
		return ch, nil
	}
	id, ok := c.PaymentIntent.Get()
	if !ok {
		return nil, invalid("", "parameter_missing", "One of the following params should be provided for this request: payment_intent or charge.")
	}
	pi, found := Get[PaymentIntent](t.world, id)
	if !found {
		return nil, noSuchParam("payment_intent", id, "payment_intent")
	}
	ch, found := Get[Charge](t.world, pi.LatestCharge)
	if !found || !ch.Paid {
		return nil, invalid("payment_intent", "", "This PaymentIntent (%s) does not have a successful charge to refund.", id)
	}
	return ch, nil
}

// refundable is the amount to give back: the one asked for, else all that is left.
func (c CreateRefund) refundable(t *tx, ch *Charge) (int64, error) {
	left := ch.Amount - ch.AmountRefunded // what a partial capture released counts as refunded
	if !ch.Captured && ch.Paid && ch.PaymentIntent != "" {
		return 0, invalid("", "", "The charge %s has not been captured; cancel its PaymentIntent instead.", ch.ID)
	}
	if !ch.Paid {
		return 0, invalid("", "", "You cannot refund the charge %s: it failed.", ch.ID)
	}
	if t.chargedBack(ch) {
		return 0, invalid("", "charge_disputed", "Charge %s has been charged back; cannot issue a refund.", ch.ID)
	}
	if left == 0 {
		return 0, invalid("", "charge_already_refunded", "Charge %s has already been refunded.", ch.ID)
	}
	amount := c.Amount.Or(left)
	if !ch.Captured && amount != left {
		return 0, invalid("amount", "", "The charge %s has not been captured: it can only be let go whole.", ch.ID)
	}
	if amount <= 0 {
		return 0, invalid("amount", "parameter_invalid_integer", "This value must be greater than or equal to 1.")
	}
	if amount > left {
		what := "charge amount"
		if ch.AmountRefunded > 0 {
			what = "unrefunded amount on charge"
		}
		return 0, invalid("amount", "", "Refund amount (%s) is greater than %s (%s)", money(ch.Currency, DecimalOf(amount)), what,
			money(ch.Currency, DecimalOf(left)))
	}
	return amount, whole(amount, ch.Currency, "amount")
}

// settleRefund ends the refund of an asynchronous test card: one succeeds late, the other fails after it had succeeded.
func (t *tx) settleRefund(id string) {
	before := must[Refund](t, id)
	r := *before
	if before.Status == "pending" {
		r.Status = "succeeded"
		update(t, "refund.updated", before, &r)
		t.emitChange("charge.refund.updated", before, &r)
		return
	}
	r.Status, r.FailureReason = "failed", "unknown"
	r.FailureMovement = t.refundBack(before, "refund_failure", "REFUND FAILURE")
	put(t, &r)
	t.emitChange("refund.updated", before, &r)
	t.emit("refund.failed", &r)
	t.emitChange("charge.refund.updated", before, &r)
	ch := *must[Charge](t, r.Charge)
	ch.AmountRefunded -= r.Amount
	ch.Refunded = false
	update(t, "charge.updated", must[Charge](t, r.Charge), &ch)
}

// refundBack returns to the account's balance what a refund had taken from it, and answers the movement.
func (t *tx) refundBack(r *Refund, kind, text string) string {
	return t.settle(r.PaymentIntent, r.Amount, movement{
		kind: kind, source: r.ID, currency: r.Currency, text: text + " FOR CHARGE " + r.Charge, clock: must[Charge](t, r.Charge).TestClock,
	})
}

// UpdateRefund is POST /v1/refunds/{id}.
type UpdateRefund struct {
	ID       string                 `form:"-"`
	Metadata Opt[map[string]string] `form:"metadata"`
}

func (c UpdateRefund) apply(t *tx) (Result, error) {
	before, ok := Get[Refund](t.world, c.ID)
	if !ok {
		return nil, NotFound("refund", c.ID, "refund")
	}
	r := *before
	r.Metadata = mergeMetadata(r.Metadata, c.Metadata)
	return update(t, "refund.updated", before, &r), nil
}

// ListRefunds is GET /v1/refunds.
type ListRefunds struct {
	Page
	Charge        Opt[string] `form:"charge"`
	Created       Range       `form:"created"`
	PaymentIntent Opt[string] `form:"payment_intent"`
}

func (q ListRefunds) run(w *World) (*Listing, error) {
	s := selection[Refund]{cursorName: "refund"}
	if id, ok := q.PaymentIntent.Get(); ok {
		s.index, s.value = "payment_intent", id
	}
	if id, ok := q.Charge.Get(); ok {
		s.index, s.value = "charge", id
	}
	s.keep = func(r *Refund) bool { return q.Created.holds(r.Created) }
	return list(w, q.Page, s)
}

// UpdateCharge is POST /v1/charges/{id}.
type UpdateCharge struct {
	ID           string                 `form:"-"`
	Description  Opt[string]            `form:"description"`
	Metadata     Opt[map[string]string] `form:"metadata"`
	ReceiptEmail Opt[string]            `form:"receipt_email"`
	Shipping     Opt[Shipping]          `form:"shipping"`
}

func (c UpdateCharge) apply(t *tx) (Result, error) {
	before, ok := Get[Charge](t.world, c.ID)
	if !ok {
		return nil, NotFound("charge", c.ID, "id")
	}
	if err := t.enterOf(before.Customer); err != nil {
		return nil, err
	}
	ch := *before
	c.Description.Set(&ch.Description)
	c.ReceiptEmail.Set(&ch.ReceiptEmail)
	ch.Shipping = pointer(c.Shipping)
	if !c.Shipping.Given() {
		ch.Shipping = before.Shipping
	}
	ch.Metadata = mergeMetadata(ch.Metadata, c.Metadata)
	return update(t, "charge.updated", before, &ch), nil
}

var _ = register(CreateRefund{}, UpdateRefund{}, UpdateCharge{})
