package engine

// What Stripe does with payments that are not by card. These commands find the object, and tell why there is nothing to do.

// IncrementAuthorization is POST /v1/payment_intents/{intent}/increment_authorization. The cards of an ordinary account cannot do it, and
// their charges say so: incremental_authorization[status] is unavailable.
type IncrementAuthorization struct {
	ID     string     `form:"-"`
	Amount Opt[int64] `form:"amount"`
}

func (c IncrementAuthorization) apply(t *tx) (Result, error) {
	pi, err := t.intentAtPath(c.ID)
	if err != nil {
		return nil, err
	}
	amount, ok := c.Amount.Get()
	if !ok {
		return nil, required("amount")
	}
	if pi.Status != RequiresCapture {
		return nil, unexpectedPayment(pi, "This PaymentIntent's authorization could not be incremented because it has a status of %s. Only a "+
			"PaymentIntent with one of the following statuses may be incremented: requires_capture.", pi.Status)
	}
	if amount <= pi.Amount {
		return nil, invalid("amount", "", "The amount must be greater than the currently authorized amount (%d).", pi.Amount)
	}
	return nil, invalid("", "", "This PaymentIntent is not eligible for incremental authorization: the charge %s has "+
		"incremental_authorization.status=unavailable.", pi.LatestCharge)
}

// ApplyCustomerBalance is POST /v1/payment_intents/{intent}/apply_customer_balance, for payments by bank transfer.
type ApplyCustomerBalance struct {
	ID string `form:"-"`
}

func (c ApplyCustomerBalance) apply(t *tx) (Result, error) {
	pi, err := t.intentAtPath(c.ID)
	if err != nil {
		return nil, err
	}
	return nil, unexpectedPayment(pi, "The customer's cash balance can only be applied to a PaymentIntent whose payment method is of type "+
		"customer_balance; this one's is card.")
}

// VerifyPaymentMicrodeposits is POST /v1/payment_intents/{intent}/verify_microdeposits, for payments by bank debit.
type VerifyPaymentMicrodeposits struct {
	ID string `form:"-"`
}

func (c VerifyPaymentMicrodeposits) apply(t *tx) (Result, error) {
	pi, err := t.intentAtPath(c.ID)
	if err != nil {
		return nil, err
	}
	return nil, unexpectedPayment(pi, "This PaymentIntent does not wait for microdeposits to be verified: its status is %s.", pi.Status)
}

// VerifySetupMicrodeposits is POST /v1/setup_intents/{intent}/verify_microdeposits, for setups of bank debits.
type VerifySetupMicrodeposits struct {
	ID string `form:"-"`
}

func (c VerifySetupMicrodeposits) apply(t *tx) (Result, error) {
	si, err := t.setupAtPath(c.ID)
	if err != nil {
		return nil, err
	}
	return nil, unexpectedSetup(si, "This SetupIntent does not wait for microdeposits to be verified: its status is %s.", si.Status)
}

// ListAmountDetailsLines is GET /v1/payment_intents/{intent}/amount_details_line_items: none, for amount_details are refused.
type ListAmountDetailsLines struct {
	Page
	Intent string `form:"-"`
}

func (q ListAmountDetailsLines) run(w *World) (*Listing, error) {
	if _, ok := Get[PaymentIntent](w, q.Intent); !ok {
		return nil, NotFound("payment_intent", q.Intent, "intent")
	}
	none := []*PaymentIntent{}
	return listEmbedded(q.Page, none, "line_item", func(pi *PaymentIntent) string { return pi.ID })
}

var _ = register(IncrementAuthorization{}, ApplyCustomerBalance{}, VerifyPaymentMicrodeposits{}, VerifySetupMicrodeposits{})
