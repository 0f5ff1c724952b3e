package engine

// Charges of before PaymentIntents: POST /v1/charges takes money in one step, and cannot ask the payer for anything.

// timerCapture lets go of what was reserved and never captured.
const timerCapture = "charge.capture"

func init() { onTimer(timerCapture, (*tx).expireCharge) }

// CreateCharge is POST /v1/charges.
type CreateCharge struct {
	Amount              Opt[int64]             `form:"amount"`
	Capture             Opt[bool]              `form:"capture"`
	Card                Opt[LegacyCard]        `form:"card"`
	Currency            Opt[string]            `form:"currency"`
	Customer            Opt[string]            `form:"customer"`
	Description         Opt[string]            `form:"description"`
	Metadata            Opt[map[string]string] `form:"metadata"`
	ReceiptEmail        Opt[string]            `form:"receipt_email"`
	Shipping            Opt[Shipping]          `form:"shipping"`
	Source              Opt[string]            `form:"source"`
	StatementDescriptor Opt[string]            `form:"statement_descriptor"`
	DescriptorSuffix    Opt[string]            `form:"statement_descriptor_suffix"`
	TransferGroup       Opt[string]            `form:"transfer_group"`
}

func (c CreateCharge) apply(t *tx) (Result, error) {
	currency, err := currencyParam(c.Currency, "currency")
	if err != nil {
		return nil, err
	}
	if err := payable(c.Amount, currency); err != nil {
		return nil, err
	}
	terms := &PaymentIntent{
		Amount: c.Amount.Or(0), Currency: currency, Customer: c.Customer.Or(""), Description: c.Description.Or(""), Metadata: mergeMetadata(nil, c.Metadata),
		ReceiptEmail: c.ReceiptEmail.Or(""), Shipping: pointer(c.Shipping), StatementDescriptor: c.StatementDescriptor.Or(""),
		DescriptorSuffix: c.DescriptorSuffix.Or(""), TransferGroup: c.TransferGroup.Or(""),
	}
	var cus *Customer
	if terms.Customer != "" {
		if cus, err = t.enterCustomer(terms.Customer, "customer"); err != nil {
			return nil, err
		}
		terms.TestClock = cus.TestClock
	}
	pm, err := c.method(t, cus)
	if err != nil {
		return nil, err
	}
	return t.chargeAlone(terms, pm, c.Capture.Or(true))
}

// method is the card to charge: the one of the request, else the customer's default source.
func (c CreateCharge) method(t *tx, cus *Customer) (*PaymentMethod, error) {
	id, named := c.Source.Get()
	if entered, ok := c.Card.Get(); ok && !named {
		pm, err := entered.read(t, "card")
		if err != nil {
			return nil, err
		}
		put(t, pm)
		return pm, nil
	}
	if !named && cus == nil {
		return nil, invalid("", "parameter_missing", "Must provide source or customer.")
	}
	if !named {
		if cus.DefaultSource == "" {
			return nil, badCard("missing", "card", "Cannot charge a customer that has no active card")
		}
		return must[PaymentMethod](t, cus.DefaultSource), nil
	}
	if cus != nil {
		s, err := t.world.SourceOf(cus.ID, id)
		if err != nil {
			return nil, invalid("source", "missing", "Customer %s does not have a linked source with ID %s.", cus.ID, id)
		}
		if s.Card == nil {
			return nil, unsupported("source", id+", a bank account,")
		}
		return s.Card, nil
	}
	s, err := t.spend(id, "source")
	if err != nil {
		return nil, err
	}
	if s.Card == nil {
		return nil, unsupported("source", id+", a bank account,")
	}
	put(t, s.Card)
	return s.Card, nil
}

// chargeAlone takes or reserves money without a PaymentIntent.
func (t *tx) chargeAlone(terms *PaymentIntent, pm *PaymentMethod, capture bool) (Result, error) {
	ch := t.newCharge(terms, pm)
	code := t.declineOf(pm)
	if pm.Card.asks(offSession, false) {
		code = "authentication_required"
	}
	if code != "" {
		cause := cardError(code)
		ch.Status, ch.FailureCode, ch.FailureMessage, ch.Outcome = "failed", cause.Code, cause.Message, pm.Card.outcome(code)
		create(t, "charge.failed", ch)
		t.used(terms, pm)
		cause.Charge, cause.Keep = ch.ID, true
		return ch, cause
	}
	ch.Status, ch.Paid, ch.Outcome = IntentSucceeded, true, pm.Card.outcome("")
	if capture {
		ch.Captured, ch.AmountCaptured = true, ch.Amount
		ch.BalanceTransaction = t.settle("", ch.Amount, taking(ch, ch.Amount))
		t.complain(ch)
	} else {
		t.schedule(timerCapture, ch.ID, t.now+captureSeconds)
	}
	t.used(terms, pm)
	return create(t, "charge.succeeded", ch), nil
}

// capture takes what a charge had reserved, or a part of it: the rest is let go.
func (t *tx) capture(before *Charge, amount int64) *Charge {
	t.unschedule(timerCapture, before.ID)
	ch := *before
	ch.Captured, ch.AmountCaptured, ch.AmountRefunded = true, amount, ch.Amount-amount
	ch.BalanceTransaction = t.settle(ch.PaymentIntent, amount, taking(&ch, amount))
	t.complain(&ch)
	return create(t, "charge.captured", &ch)
}

// CaptureCharge is POST /v1/charges/{charge}/capture.
type CaptureCharge struct {
	ID                  string      `form:"-"`
	Amount              Opt[int64]  `form:"amount"`
	ReceiptEmail        Opt[string] `form:"receipt_email"`
	StatementDescriptor Opt[string] `form:"statement_descriptor"`
	DescriptorSuffix    Opt[string] `form:"statement_descriptor_suffix"`
	TransferGroup       Opt[string] `form:"transfer_group"`
}

func (c CaptureCharge) apply(t *tx) (Result, error) {
	before, ok := Get[Charge](t.world, c.ID)
	if !ok {
		return nil, NotFound("charge", c.ID, "charge")
	}
	if err := t.enterOf(before.Customer); err != nil {
		return nil, err
	}
	switch {
	case before.PaymentIntent != "":
		return nil, invalid("", "", "The charge %s belongs to a PaymentIntent: capture that: %s.", before.ID, before.PaymentIntent)
	case !before.Paid:
		return nil, invalid("", "", "The charge %s failed, and cannot be captured.", before.ID)
	case before.Captured:
		return nil, invalid("", "charge_already_captured", "Charge %s has already been captured.", before.ID)
	case before.Refunded:
		return nil, invalid("", "charge_expired_for_capture", "The charge %s cannot be captured: its authorization has expired or was released.", before.ID)
	}
	amount := c.Amount.Or(before.Amount)
	if amount <= 0 {
		return nil, invalid("amount", "parameter_invalid_integer", "This value must be greater than or equal to 1.")
	}
	if amount > before.Amount {
		return nil, invalid("amount", "amount_too_large", "You cannot capture a charge for an amount larger than it was authorized for.")
	}
	if err := whole(amount, before.Currency, "amount"); err != nil {
		return nil, err
	}
	ch := *before
	c.ReceiptEmail.Set(&ch.ReceiptEmail)
	c.StatementDescriptor.Set(&ch.StatementDescriptor)
	c.DescriptorSuffix.Set(&ch.DescriptorSuffix)
	c.TransferGroup.Set(&ch.TransferGroup)
	return t.capture(&ch, amount), nil
}

// expireCharge lets go of a charge that nobody captured in time; its PaymentIntent is canceled with it.
func (t *tx) expireCharge(id string) {
	ch := must[Charge](t, id)
	if ch.Captured || ch.Refunded {
		return
	}
	released := *ch
	released.Refunded, released.AmountRefunded = true, ch.Amount
	create(t, "charge.expired", &released)
	if pi, ok := Get[PaymentIntent](t.world, ch.PaymentIntent); ok && pi.Status == RequiresCapture {
		next := *pi
		next.Status, next.CanceledAt, next.CancellationReason, next.AmountCapturable = IntentCanceled, t.now, "automatic", 0
		create(t, "payment_intent.canceled", &next)
	}
}

// RefundCharge is POST /v1/charges/{charge}/refund, which answers the charge.
type RefundCharge struct {
	ID       string                 `form:"-"`
	Amount   Opt[int64]             `form:"amount"`
	Metadata Opt[map[string]string] `form:"metadata"`
	Reason   Opt[string]            `form:"reason"`
}

func (c RefundCharge) apply(t *tx) (Result, error) {
	if _, err := refundOf(t, c.ID, CreateRefund{Amount: c.Amount, Metadata: c.Metadata, Reason: c.Reason}); err != nil {
		return nil, err
	}
	return must[Charge](t, c.ID), nil
}

// CreateChargeRefund is POST /v1/charges/{charge}/refunds, which answers the refund.
type CreateChargeRefund struct {
	Charge   string                 `form:"-"`
	Amount   Opt[int64]             `form:"amount"`
	Metadata Opt[map[string]string] `form:"metadata"`
	Reason   Opt[string]            `form:"reason"`
}

func (c CreateChargeRefund) apply(t *tx) (Result, error) {
	return refundOf(t, c.Charge, CreateRefund{Amount: c.Amount, Metadata: c.Metadata, Reason: c.Reason})
}

// refundOf refunds the charge that a path names.
func refundOf(t *tx, charge string, c CreateRefund) (Result, error) {
	if _, ok := Get[Charge](t.world, charge); !ok {
		return nil, NotFound("charge", charge, "charge")
	}
	c.Charge = Some(charge)
	return c.apply(t)
}

// RefundIn finds a refund of the charge in the path; another charge's is unknown.
func (w *World) RefundIn(charge, id string) (*Refund, error) {
	if _, ok := Get[Charge](w, charge); !ok {
		return nil, NotFound("charge", charge, "charge")
	}
	r, ok := Get[Refund](w, id)
	if !ok || r.Charge != charge {
		return nil, NotFound("refund", id, "refund")
	}
	return r, nil
}

// UpdateChargeRefund is POST /v1/charges/{charge}/refunds/{refund}.
type UpdateChargeRefund struct {
	Charge   string                 `form:"-"`
	ID       string                 `form:"-"`
	Metadata Opt[map[string]string] `form:"metadata"`
}

func (c UpdateChargeRefund) apply(t *tx) (Result, error) {
	if _, err := t.world.RefundIn(c.Charge, c.ID); err != nil {
		return nil, err
	}
	return UpdateRefund{ID: c.ID, Metadata: c.Metadata}.apply(t)
}

// ListChargeRefunds is GET /v1/charges/{charge}/refunds.
type ListChargeRefunds struct {
	Page
	Charge string `form:"-"`
}

func (q ListChargeRefunds) run(w *World) (*Listing, error) {
	if _, ok := Get[Charge](w, q.Charge); !ok {
		return nil, NotFound("charge", q.Charge, "charge")
	}
	return list(w, q.Page, selection[Refund]{index: "charge", value: q.Charge, cursorName: "refund"})
}

// CancelRefund is POST /v1/refunds/{refund}/cancel. Only refunds that wait for the payer can be canceled, and those to cards never do.
type CancelRefund struct {
	ID string `form:"-"`
}

func (c CancelRefund) apply(t *tx) (Result, error) { return t.refuseWaiting(c.ID, "canceled") }

// ExpireRefund is POST /v1/test_helpers/refunds/{refund}/expire, for the same refunds.
type ExpireRefund struct {
	ID string `form:"-"`
}

func (c ExpireRefund) apply(t *tx) (Result, error) { return t.refuseWaiting(c.ID, "expired") }

func (t *tx) refuseWaiting(id, what string) (Result, error) {
	r, ok := Get[Refund](t.world, id)
	if !ok {
		return nil, NotFound("refund", id, "refund")
	}
	return nil, invalid("", "", "The refund %s cannot be %s: its status is %s, and only a refund with the status requires_action can be.", id, what, r.Status)
}

var _ = register(CreateCharge{}, CaptureCharge{}, RefundCharge{}, CreateChargeRefund{}, UpdateChargeRefund{}, CancelRefund{}, ExpireRefund{})
