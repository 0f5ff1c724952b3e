package engine

// An invoice for a payment through Checkout (invoice_creation). Stripe makes it after the payment has succeeded, so it is paid as it is made: the
// customer's balance and credits, which pay what is still due, have no part in it.

// CheckoutInvoiceCreation is invoice_creation.
type CheckoutInvoiceCreation struct {
	Enabled     Opt[bool]                `form:"enabled"`
	InvoiceData Opt[CheckoutInvoiceData] `form:"invoice_data"`
}

// CheckoutInvoiceData is what the invoice is made with.
type CheckoutInvoiceData struct {
	Description Opt[string]            `form:"description"`
	Footer      Opt[string]            `form:"footer"`
	Metadata    Opt[map[string]string] `form:"metadata"`
}

// CheckoutInvoice is what a session keeps of invoice_creation.
type CheckoutInvoice struct {
	Enabled     bool
	Description string
	Footer      string
	Metadata    map[string]string
}

func (c CreateCheckoutSession) invoicing(s *CheckoutSession) error {
	given, ok := c.InvoiceCreation.Get()
	if !ok {
		return nil
	}
	data := given.InvoiceData.Or(CheckoutInvoiceData{})
	s.InvoiceCreation = CheckoutInvoice{
		Enabled: given.Enabled.Or(false), Description: data.Description.Or(""), Footer: data.Footer.Or(""), Metadata: mergeMetadata(nil, data.Metadata),
	}
	switch {
	case s.Mode != ModePayment:
		return invalid("invoice_creation", "", "You can only enable invoice creation when `mode` is set to `payment`.")
	case s.InvoiceCreation.Enabled && c.PaymentIntentData.Or(CheckoutPaymentData{}).CaptureMethod.Or("") == "manual":
		return invalid("invoice_creation", "", "You cannot enable invoice creation when `payment_intent_data[capture_method]` is `manual`.")
	}
	return nil
}

// prepaid says whether the next invoice is of a payment that was taken already.
func (t *tx) prepaid() bool {
	pi, ok := Get[PaymentIntent](t.world, t.adopted)
	return ok && pi.Status == IntentSucceeded
}

// invoiceCheckout makes the invoice of a completed payment.
func (t *tx) invoiceCheckout(s *CheckoutSession) error {
	pi, ok := Get[PaymentIntent](t.world, s.PaymentIntent)
	if !s.InvoiceCreation.Enabled || !ok || pi.Status != IntentSucceeded {
		return nil
	}
	customer := must[Customer](t, s.Customer)
	b := bill{Customer: customer, Reason: "manual", Currency: s.Currency, Period: Period{t.now, t.now}}
	subtotal := int64(0)
	for _, line := range s.Lines {
		item, err := t.oneTimeItem(customer, must[Price](t, line.Price), s.Currency, line.Quantity, "line_items")
		if err != nil {
			return err
		}
		item.TestClock, item.Discountable, item.TaxRates = customer.TestClock, true, line.TaxRates
		subtotal += line.Amount
		b.Pending = append(b.Pending, item)
	}
	level := granting{level: Discount{Customer: customer.ID, Invoice: unboundInvoice, CheckoutSession: s.ID}, currency: b.Currency, param: "discounts", worth: &subtotal}
	ids, err := t.grant(s.discountParams(), level)
	if err != nil {
		return err
	}
	b.Discounts = &ids
	inv := t.draft(b, func(inv *Invoice) {
		t.sum(inv, 0)
		t.bindDiscounts(inv)
		inv.AutoAdvance = false
		inv.Description, inv.Footer, inv.Metadata = s.InvoiceCreation.Description, s.InvoiceCreation.Footer, s.InvoiceCreation.Metadata
	})
	t.adopted = pi.ID
	inv = t.finalize(inv)
	s.Invoice = inv.ID
	t.paid(inv, must[PaymentIntent](t, pi.ID), true)
	return nil
}
