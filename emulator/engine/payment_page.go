package engine

// ConfirmPaymentPage is POST /v1/payment_pages/{session}/confirm: the button of the Checkout page as Stripe's own tools press it, with a
// payment method that was made before.
type ConfirmPaymentPage struct {
	Session        string      `form:"-"`
	ExpectedAmount Opt[int64]  `form:"expected_amount"`
	PaymentMethod  Opt[string] `form:"payment_method"`
}

func (c ConfirmPaymentPage) apply(t *tx) (Result, error) {
	s, err := t.openCheckout(c.Session)
	if err != nil {
		return nil, err
	}
	if expected, ok := c.ExpectedAmount.Get(); ok && expected != s.AmountTotal {
		return nil, invalid("expected_amount", "", "The expected amount (%d) is not the amount of this Checkout Session (%d).", expected, s.AmountTotal)
	}
	id := c.PaymentMethod.Or("")
	pm, ok := Get[PaymentMethod](t.world, id)
	if !ok || pm.Customer != "" && pm.Customer != s.Customer {
		return nil, noSuchParam("PaymentMethod", id, "payment_method")
	}
	next := *s
	details := t.knownPayer(s)
	if details.Email == "" {
		details.Email = pm.BillingDetails.Email
	}
	if !emailLike(details.Email) {
		return nil, invalid("payment_method", "email_invalid", "Checkout asks for an e-mail address: give it in the billing_details of the payment method.")
	}
	if details.Name == "" {
		details.Name = pm.BillingDetails.Name
	}
	next.CustomerDetails = &details
	if err := (CheckoutAnswers{}).take(&next); err != nil {
		return nil, err
	}
	put(t, &next)
	outcome, err := t.confirmPage(&next, pm)
	if err != nil {
		return nil, err
	}
	return outcome.(*CheckoutOutcome).Session, nil
}

func (t *tx) confirmPage(s *CheckoutSession, pm *PaymentMethod) (Result, error) {
	if !s.needsMethod() {
		return t.completeCheckout(s, nil, onSession)
	}
	return t.tryCheckout(s, pm)
}

var _ = register(ConfirmPaymentPage{})
