package engine

// What a Checkout session costs: its lines go through the calculator of invoices, with the discount and the taxes that completion will apply.

// CheckoutDiscountParams are one element of discounts.
type CheckoutDiscountParams struct {
	Coupon        Opt[string] `form:"coupon"`
	PromotionCode Opt[string] `form:"promotion_code"`
}

// CheckoutDiscount is the discount of a session: the coupon, and the code by which it was named.
type CheckoutDiscount struct {
	Coupon        string
	PromotionCode string
}

// discount takes the discounts parameter, of which Stripe allows one.
func (c CreateCheckoutSession) discount(s *CheckoutSession) error {
	given, _ := c.Discounts.Get()
	switch {
	case len(given) == 0:
		return nil
	case len(given) > 1:
		return invalid("discounts", "", "You can currently only apply one discount to a Checkout Session.")
	case c.AllowPromotionCodes.Given():
		return invalid("", "parameters_exclusive", "You may only specify one of these parameters: allow_promotion_codes, discounts.")
	case s.Mode == ModeSetup:
		return invalid("discounts", "", "You can not pass `discounts` in `setup` mode.")
	}
	s.Discounts = []CheckoutDiscount{{given[0].Coupon.Or(""), given[0].PromotionCode.Or("")}}
	return nil
}

// discountParams are the session's discounts as the parameters of what it makes.
func (s *CheckoutSession) discountParams() Opt[[]DiscountParams] {
	if len(s.Discounts) == 0 {
		return Opt[[]DiscountParams]{}
	}
	var out []DiscountParams
	for _, d := range s.Discounts {
		switch {
		case d.PromotionCode == "":
			out = append(out, DiscountParams{Coupon: Some(d.Coupon)})
		case d.Coupon == "":
			out = append(out, DiscountParams{PromotionCode: Some(d.PromotionCode)})
		default:
			out = append(out, DiscountParams{Coupon: Some(d.Coupon), PromotionCode: Some(d.PromotionCode)})
		}
	}
	return Some(out)
}

// checkoutAmounts computes what each line and the whole session cost. The discount is given for that, and taken back.
func (t *tx) checkoutAmounts(s *CheckoutSession) error {
	back := t.savepoint()
	defer t.rollbackTo(back)
	inv := &Invoice{InvoiceTerms: &InvoiceTerms{Currency: s.Currency, DefaultTaxRates: s.SubscriptionData.DefaultTaxRates}}
	subtotal := int64(0)
	for _, line := range s.Lines {
		subtotal += line.Amount
		inv.Lines = append(inv.Lines, &InvoiceLine{Amount: line.Amount, Product: line.Product, Discountable: true, TaxRates: line.TaxRates})
	}
	ids, err := t.grant(s.discountParams(), granting{
		level: Discount{Customer: s.Customer, CheckoutSession: s.ID}, currency: s.Currency, param: "discounts", worth: &subtotal,
	})
	if err != nil {
		return err
	}
	inv.Discounts = ids
	if customer, ok := Get[Customer](t.world, s.Customer); ok {
		inv.CustomerTaxExempt = customer.TaxExempt
		if s.Mode == ModeSubscription && len(ids) == 0 {
			inv.Discounts = t.ofCustomer(customer, t.now)
		}
	}
	t.sum(inv, 0)
	s.charge(inv)
	for i, line := range inv.Lines {
		shown := s.Lines[i]
		shown.AmountDiscount, shown.AmountTax, shown.AmountTotal = line.Amount-line.net(), 0, line.net()-line.TakenOut
		for _, tax := range line.Taxes {
			if shown.AmountTax += tax.Amount; !tax.Inclusive {
				shown.AmountTotal += tax.Amount
			}
		}
	}
	return nil
}

// charge takes the amounts of what will be asked for.
func (s *CheckoutSession) charge(inv *Invoice) {
	s.AmountSubtotal, s.AmountTotal, s.AmountTax, s.AmountDiscount = inv.Subtotal, inv.Total, inv.allTax(), 0
	for _, off := range inv.TotalDiscounts {
		s.AmountDiscount += off.Amount
	}
}

// redeemCheckout counts the discount of a payment that was made; that of a subscription is redeemed by it.
func (t *tx) redeemCheckout(s *CheckoutSession) {
	for _, d := range s.Discounts {
		coupon := d.Coupon
		if code, ok := Get[PromotionCode](t.world, d.PromotionCode); ok {
			coupon = code.Coupon
		}
		t.redeem(&Discount{Coupon: coupon, PromotionCode: d.PromotionCode, Customer: s.Customer, CheckoutSession: s.ID, Start: t.now})
	}
}
