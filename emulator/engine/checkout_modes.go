package engine

// byMode works out what is due, and keeps what completion will be made with.
func (c CreateCheckoutSession) byMode(t *tx, s *CheckoutSession) error {
	switch s.Mode {
	case ModeSetup:
		s.PaymentStatus = NoPaymentRequired
	case ModePayment:
		return c.payment(t, s)
	case ModeSubscription:
		return c.subscription(t, s)
	}
	return nil
}

func (c CreateCheckoutSession) payment(t *tx, s *CheckoutSession) error {
	s.PaymentMethodCollection = CollectIfRequired
	if s.Customer == "" && s.CustomerCreation == "" {
		s.CustomerCreation = CollectIfRequired
	}
	data := c.PaymentIntentData.Or(CheckoutPaymentData{})
	s.PaymentData = CheckoutPayment{
		CaptureMethod: data.CaptureMethod.Or(""), Description: data.Description.Or(""), ReceiptEmail: data.ReceiptEmail.Or(""),
		SetupFutureUsage: data.SetupFutureUsage.Or(""), StatementDescriptor: data.StatementDescriptor.Or(""),
		Metadata: mergeMetadata(nil, data.Metadata), Shipping: pointer(data.Shipping),
	}
	return t.costsOf(s)
}

func (c CreateCheckoutSession) subscription(t *tx, s *CheckoutSession) error {
	s.PaymentMethodCollection = c.PaymentMethodCollection.Or(CollectAlways)
	data := c.SubscriptionData.Or(CheckoutSubscriptionData{})
	if end, ok := data.TrialEnd.Get(); ok && end < t.now+checkoutTrialMinimum {
		return invalid("subscription_data[trial_end]", "", "The `trial_end` date has to be at least 2 days in the future.")
	}
	if days, ok := data.TrialPeriodDays.Get(); ok && days < 1 {
		return invalid("subscription_data[trial_period_days]", "parameter_invalid_integer", "This value must be greater than or equal to 1.")
	}
	trial := data.TrialSettings.Or(TrialSettingsParams{}).EndBehavior.Or(TrialEndBehaviorParams{})
	s.SubscriptionData = CheckoutSubscription{
		BillingMode: data.BillingMode, Description: data.Description.Or(""), PendingItemInterval: data.PendingInterval,
		MissingPaymentMethod: trial.MissingPaymentMethod.Or(""), TrialEnd: data.TrialEnd.Or(0), TrialPeriodDays: data.TrialPeriodDays.Or(0),
		BillingCycleAnchor: data.BillingCycleAnchor.Or(0), AnchorConfig: data.AnchorConfig, ProrationBehavior: data.ProrationBehavior.Or(""),
		Metadata: mergeMetadata(nil, data.Metadata),
	}
	var err error
	if s.SubscriptionData.DefaultTaxRates, err = t.taxRatesParam(data.DefaultTaxRates, nil, "subscription_data[default_tax_rates]"); err != nil {
		return err
	}
	return t.costsOf(s)
}

// checkoutDue is what the first invoice will ask for: planned as it will be made, and forgotten again.
func (t *tx) checkoutDue(s *CheckoutSession) (*Invoice, error) {
	back := t.savepoint()
	defer t.rollbackTo(back)
	customer := &Customer{TestClock: s.TestClock}
	if s.Customer != "" {
		customer = must[Customer](t, s.Customer)
	}
	planned, err := t.planSubscription(s.create(), customer)
	if err != nil {
		return nil, err
	}
	if planned.first == nil {
		return &Invoice{InvoiceTerms: &InvoiceTerms{}}, nil
	}
	return t.compose(*planned.first), nil
}

// create is the subscription that a completed session makes.
func (s *CheckoutSession) create() CreateSubscription {
	d := s.SubscriptionData
	c := CreateSubscription{
		Customer: Some(s.Customer), Currency: Some(s.Currency), Metadata: Some(d.Metadata), Description: Some(d.Description),
		PaymentBehavior: Some(ErrorIfIncomplete), DefaultTaxRates: Some(d.DefaultTaxRates), Discounts: s.discountParams(),
	}
	var items []SubscriptionItemParams
	var once []AddInvoiceItemParams
	for _, line := range s.Lines {
		if line.OneTime {
			once = append(once, AddInvoiceItemParams{Price: Some(line.Price), Quantity: Some(line.Quantity), TaxRates: Some(line.TaxRates)})
			continue
		}
		item := SubscriptionItemParams{Price: Some(line.Price), Metadata: Some(line.Metadata), TaxRates: Some(line.TaxRates)}
		if !line.Metered {
			item.Quantity = Some(line.Quantity)
		}
		items = append(items, item)
	}
	c.Items = Some(items)
	if once != nil {
		c.AddInvoiceItems = Some(once)
	}
	if d.MissingPaymentMethod != "" {
		c.TrialSettings = Some(TrialSettingsParams{EndBehavior: Some(TrialEndBehaviorParams{MissingPaymentMethod: Some(d.MissingPaymentMethod)})})
	}
	if d.TrialEnd != 0 {
		c.TrialEnd = Some(At(d.TrialEnd))
	}
	if d.TrialPeriodDays != 0 {
		c.TrialPeriodDays = Some(d.TrialPeriodDays)
	}
	if d.BillingCycleAnchor != 0 {
		c.BillingCycleAnchor = Some(d.BillingCycleAnchor)
	}
	c.BillingMode, c.BillingCycleAnchorConfig, c.PendingItemInterval = d.BillingMode, d.AnchorConfig, d.PendingItemInterval
	if d.ProrationBehavior != "" {
		c.ProrationBehavior = Some(d.ProrationBehavior)
	}
	return c
}
