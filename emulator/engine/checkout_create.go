package engine

import (
	"fmt"
	"slices"
)

// timerCheckout closes a Checkout session that nobody completed.
const timerCheckout = "checkout.expire"

func init() { onTimer(timerCheckout, (*tx).expireCheckout) }

// CreateCheckoutSession is POST /v1/checkout/sessions.
type CreateCheckoutSession struct {
	AllowPromotionCodes     Opt[bool]                     `form:"allow_promotion_codes"`
	AllowedTypes            Opt[[]string]                 `form:"allowed_payment_method_types"`
	AutomaticTax            Opt[AutomaticTaxParam]        `form:"automatic_tax"`
	BillingAddress          Opt[string]                   `form:"billing_address_collection"`
	CancelURL               Opt[string]                   `form:"cancel_url"`
	ClientReferenceID       Opt[string]                   `form:"client_reference_id"`
	Currency                Opt[string]                   `form:"currency"`
	Customer                Opt[string]                   `form:"customer"`
	CustomerCreation        Opt[string]                   `form:"customer_creation"`
	CustomerEmail           Opt[string]                   `form:"customer_email"`
	Discounts               Opt[[]CheckoutDiscountParams] `form:"discounts"`
	ExpiresAt               Opt[int64]                    `form:"expires_at"`
	LineItems               Opt[[]CheckoutLineParams]     `form:"line_items"`
	Locale                  Opt[string]                   `form:"locale"`
	Metadata                Opt[map[string]string]        `form:"metadata"`
	Mode                    Opt[string]                   `form:"mode"`
	PaymentIntentData       Opt[CheckoutPaymentData]      `form:"payment_intent_data"`
	PaymentMethodCollection Opt[string]                   `form:"payment_method_collection"`
	Types                   Opt[[]string]                 `form:"payment_method_types"`
	ReturnURL               Opt[string]                   `form:"return_url"`
	SetupIntentData         Opt[CheckoutSetupData]        `form:"setup_intent_data"`
	SubmitType              Opt[string]                   `form:"submit_type"`
	SubscriptionData        Opt[CheckoutSubscriptionData] `form:"subscription_data"`
	SuccessURL              Opt[string]                   `form:"success_url"`
	UIMode                  Opt[string]                   `form:"ui_mode"`
}

// AutomaticTaxParam turns automatic tax on or off; only off is served.
type AutomaticTaxParam struct {
	Enabled Opt[bool] `form:"enabled"`
}

// CheckoutLineParams are one element of line_items.
type CheckoutLineParams struct {
	Adjustable Opt[AdjustableParams]  `form:"adjustable_quantity"`
	Metadata   Opt[map[string]string] `form:"metadata"`
	Price      Opt[string]            `form:"price"`
	PriceData  Opt[CheckoutPriceData] `form:"price_data"`
	Quantity   Opt[int64]             `form:"quantity"`
	TaxRates   Opt[[]string]          `form:"tax_rates"`
}

// AdjustableParams say whether the payer may change a quantity on the page; only no is served.
type AdjustableParams struct {
	Enabled Opt[bool] `form:"enabled"`
}

// CheckoutPriceData makes a price, and perhaps its product, for one session only.
type CheckoutPriceData struct {
	Currency          Opt[string]         `form:"currency"`
	Product           Opt[string]         `form:"product"`
	ProductData       Opt[ProductData]    `form:"product_data"`
	Recurring         Opt[RecurringParam] `form:"recurring"`
	TaxBehavior       Opt[string]         `form:"tax_behavior"`
	UnitAmount        Opt[int64]          `form:"unit_amount"`
	UnitAmountDecimal Opt[Decimal]        `form:"unit_amount_decimal"`
}

// CheckoutPaymentData is what the PaymentIntent of payment mode is made with.
type CheckoutPaymentData struct {
	CaptureMethod       Opt[string]            `form:"capture_method"`
	Description         Opt[string]            `form:"description"`
	Metadata            Opt[map[string]string] `form:"metadata"`
	ReceiptEmail        Opt[string]            `form:"receipt_email"`
	SetupFutureUsage    Opt[string]            `form:"setup_future_usage"`
	Shipping            Opt[Shipping]          `form:"shipping"`
	StatementDescriptor Opt[string]            `form:"statement_descriptor"`
}

// CheckoutSetupData is what the SetupIntent of setup mode is made with.
type CheckoutSetupData struct {
	Description Opt[string]            `form:"description"`
	Metadata    Opt[map[string]string] `form:"metadata"`
}

// CheckoutSubscriptionData is what the subscription is made with.
type CheckoutSubscriptionData struct {
	BillingCycleAnchor Opt[int64]               `form:"billing_cycle_anchor"`
	BillingMode        Opt[BillingModeParams]   `form:"billing_mode"`
	DefaultTaxRates    Opt[[]string]            `form:"default_tax_rates"`
	Description        Opt[string]              `form:"description"`
	Metadata           Opt[map[string]string]   `form:"metadata"`
	ProrationBehavior  Opt[string]              `form:"proration_behavior"`
	TrialEnd           Opt[int64]               `form:"trial_end"`
	TrialPeriodDays    Opt[int64]               `form:"trial_period_days"`
	TrialSettings      Opt[TrialSettingsParams] `form:"trial_settings"`
}

// Limits of a session.
const (
	checkoutLinesMax     = 100
	checkoutSecondsMax   = secondsPerDay
	checkoutSecondsMin   = 30 * 60
	checkoutTrialMinimum = 48 * 3600
)

func (c CreateCheckoutSession) apply(t *tx) (Result, error) {
	s := &CheckoutSession{
		Status: SessionOpen, Mode: c.Mode.Or(""), UIMode: hostedMode(c.UIMode.Or("hosted_page")), SuccessURL: c.SuccessURL.Or(""),
		CancelURL: c.CancelURL.Or(""), ReturnURL: c.ReturnURL.Or(""), ClientReferenceID: c.ClientReferenceID.Or(""),
		Customer: c.Customer.Or(""), CustomerEmail: c.CustomerEmail.Or(""), CustomerCreation: c.CustomerCreation.Or(""),
		BillingAddress: c.BillingAddress.Or(""), Locale: c.Locale.Or(""), SubmitType: c.SubmitType.Or(""),
		AllowPromotionCodes: pointer(c.AllowPromotionCodes), Metadata: mergeMetadata(nil, c.Metadata),
		PaymentMethodTypes: c.Types.Or(c.AllowedTypes.Or(nil)), PaymentStatus: SessionUnpaid, PaymentMethodCollection: CollectAlways,
	}
	if err := c.check(s); err != nil {
		return nil, err
	}
	if err := t.enterCheckout(s); err != nil {
		return nil, err
	}
	if known := t.knownPayer(s); known.Email != "" {
		s.CustomerDetails = &CheckoutDetails{Email: known.Email}
	}
	s.Created, s.ExpiresAt = t.now, c.ExpiresAt.Or(t.now+checkoutSecondsMax)
	if s.ExpiresAt < t.now+checkoutSecondsMin || s.ExpiresAt > t.now+checkoutSecondsMax {
		return nil, invalid("expires_at", "", "The `expires_at` timestamp must be between 30 minutes and 24 hours from Checkout Session creation.")
	}
	if err := c.discount(s); err != nil {
		return nil, err
	}
	if err := t.checkoutLines(c, s); err != nil {
		return nil, err
	}
	if err := c.byMode(t, s); err != nil {
		return nil, err
	}
	prefix := "cs_test_a1"
	if s.Mode == ModeSetup {
		prefix = "cs_test_c1"
	}
	s.ID = prefix + t.world.characters(56)
	if s.Mode == ModeSetup {
		data := c.SetupIntentData.Or(CheckoutSetupData{})
		si := t.storeSetup(&SetupIntent{
			Status: RequiresPaymentMethod, Customer: s.Customer, TestClock: s.TestClock, Description: data.Description.Or(""), Usage: "off_session",
			PaymentMethodTypes: []string{"card"}, CheckoutSession: s.ID, Metadata: mergeMetadata(nil, data.Metadata),
		})
		s.SetupIntent = si.ID
	}
	put(t, s)
	t.schedule(timerCheckout, s.ID, s.ExpiresAt)
	return s, nil
}

// hostedMode knows the names that ui_mode had before dahlia.
func hostedMode(mode string) string {
	old := map[string]string{"hosted": "hosted_page", "embedded": "embedded_page", "custom": "elements"}
	if now, ok := old[mode]; ok {
		return now
	}
	return mode
}

// check refuses what contradicts itself, before anything is looked up.
func (c CreateCheckoutSession) check(s *CheckoutSession) error {
	if s.Mode == "" {
		return required("mode")
	}
	if err := oneOf("mode", s.Mode, ModePayment, ModeSetup, ModeSubscription); err != nil {
		return err
	}
	if err := oneOf("ui_mode", s.UIMode, "hosted_page"); err != nil {
		return unsupported("ui_mode", s.UIMode)
	}
	if s.SuccessURL == "" {
		return required("success_url")
	}
	if !httpURL(s.SuccessURL) {
		return invalid("success_url", "url_invalid", "Not a valid URL")
	}
	if s.CancelURL != "" && !httpURL(s.CancelURL) {
		return invalid("cancel_url", "url_invalid", "Not a valid URL")
	}
	if c.AutomaticTax.Or(AutomaticTaxParam{}).Enabled.Or(false) {
		return unsupported("automatic_tax[enabled]", "true")
	}
	if c.AllowPromotionCodes.Or(false) {
		return unsupported("allow_promotion_codes", "true")
	}
	if s.BillingAddress != "" && s.BillingAddress != "auto" {
		return unsupported("billing_address_collection", s.BillingAddress)
	}
	if s.ReturnURL != "" {
		return invalid("return_url", "", "You cannot provide `return_url` when `ui_mode` is `hosted_page`.")
	}
	if s.Customer != "" && s.CustomerEmail != "" {
		return invalid("", "parameters_exclusive", "You may only specify one of these parameters: customer, customer_email.")
	}
	if s.CustomerEmail != "" && !emailLike(s.CustomerEmail) {
		return invalid("customer_email", "email_invalid", "Invalid email address: %s", s.CustomerEmail)
	}
	if !c.LineItems.Given() && s.Mode != ModeSetup {
		return required("line_items")
	}
	if c.SubscriptionData.Given() && s.Mode != ModeSubscription {
		return invalid("subscription_data", "", "You can not pass `subscription_data` in `%s` mode.", s.Mode)
	}
	if c.PaymentIntentData.Given() && s.Mode != ModePayment {
		return invalid("payment_intent_data", "", "You can not pass `payment_intent_data` in `%s` mode.", s.Mode)
	}
	if c.SetupIntentData.Given() && s.Mode != ModeSetup {
		return invalid("setup_intent_data", "", "You can not pass `setup_intent_data` in `%s` mode.", s.Mode)
	}
	if c.CustomerCreation.Given() && s.Mode != ModePayment {
		return invalid("customer_creation", "", "`customer_creation` can only be used in `payment` mode.")
	}
	if !c.PaymentMethodCollection.Given() {
		return nil
	}
	if s.Mode != ModeSubscription {
		return invalid("payment_method_collection", "", "You can only set `payment_method_collection` if there are recurring prices.")
	}
	return oneOf("payment_method_collection", c.PaymentMethodCollection.Or(""), CollectAlways, CollectIfRequired)
}

// enterCheckout moves to the time line of the session's customer.
func (t *tx) enterCheckout(s *CheckoutSession) error {
	if s.Customer == "" {
		return nil
	}
	cus, err := t.enterCustomer(s.Customer, "customer")
	if err != nil {
		return err
	}
	s.TestClock = cus.TestClock
	return nil
}

// checkoutLines reads line_items into the session.
func (t *tx) checkoutLines(c CreateCheckoutSession, s *CheckoutSession) error {
	params := c.LineItems.Or(nil)
	if s.Mode == ModeSetup {
		if len(params) > 0 {
			return invalid("line_items", "", "You can not pass `line_items` in `setup` mode.")
		}
		s.Currency = c.Currency.Or("")
		return nil
	}
	if len(params) == 0 {
		return required("line_items")
	}
	if len(params) > checkoutLinesMax {
		return invalid("line_items", "", "A Checkout Session can have at most %d line items.", checkoutLinesMax)
	}
	for i, p := range params {
		line, err := t.checkoutLine(p, c.Currency, fmt.Sprintf("line_items[%d]", i))
		if err != nil {
			return err
		}
		if s.Currency == "" {
			s.Currency = line.Currency
		}
		if s.Currency != line.Currency {
			return invalid("line_items", "", "All prices on a Checkout Session must use the same currency. Found %s and %s.", s.Currency, line.Currency)
		}
		s.Lines = append(s.Lines, line)
	}
	recurring := slices.ContainsFunc(s.Lines, func(l *CheckoutLine) bool { return must[Price](t, l.Price).Recurring != nil })
	if recurring && s.Mode == ModePayment {
		return invalid("line_items", "", "You specified `payment` mode but passed a recurring price. Either switch to `subscription` mode or use only "+
			"one-time prices.")
	}
	if !recurring && s.Mode == ModeSubscription {
		return invalid("line_items", "", "You must provide at least one recurring price in `subscription` mode when using prices.")
	}
	return nil
}

func (t *tx) checkoutLine(p CheckoutLineParams, currency Opt[string], param string) (*CheckoutLine, error) {
	if p.Adjustable.Or(AdjustableParams{}).Enabled.Or(false) {
		return nil, unsupported(param+"[adjustable_quantity][enabled]", "true")
	}
	price, err := t.checkoutPrice(p, param)
	if err != nil {
		return nil, err
	}
	product := must[Product](t, price.Product)
	quantity, ok := p.Quantity.Get()
	metered := price.Recurring != nil && price.Recurring.UsageType == Metered
	if ok && metered {
		return nil, quantityOfMetered(param)
	}
	if !ok && !metered {
		return nil, invalid(param+"[quantity]", "parameter_missing", "Quantity is required. Add `quantity` to `%s`.", param)
	}
	if err := checkQuantity(quantity, param+"[quantity]"); err != nil {
		return nil, err
	}
	used := currency.Or(price.Currency)
	if !price.offers(used) {
		return nil, invalid(param+"[price]", "", "The price specified does not support the currency %s.", used)
	}
	line := &CheckoutLine{
		ID: t.long("li_"), Price: price.ID, Product: product.ID, Quantity: quantity, Metered: metered, Currency: used, Description: product.Name,
		OneTime: price.Recurring == nil, Metadata: mergeMetadata(nil, p.Metadata),
	}
	if !metered {
		line.Amount = tariffOf(price, used).total(quantity)
	}
	line.TaxRates, err = t.taxRatesParam(p.TaxRates, nil, param+"[tax_rates]")
	return line, err
}

// checkoutPrice finds the price of a line, or makes one that only this session uses.
func (t *tx) checkoutPrice(p CheckoutLineParams, param string) (*Price, error) {
	data, inline := p.PriceData.Get()
	if !inline {
		id, ok := p.Price.Get()
		if !ok {
			return nil, required(param + "[price]")
		}
		return t.activePrice(id, "price", param+"[price]")
	}
	if p.Price.Given() {
		return nil, invalid("", "parameters_exclusive", "You may only specify one of these parameters: price, price_data.")
	}
	at := param + "[price_data]"
	price, err := t.inlinePriceOf(PriceDataParams{
		Currency: data.Currency, Product: data.Product, Recurring: data.Recurring, TaxBehavior: data.TaxBehavior, UnitAmount: data.UnitAmount,
		UnitAmountDecimal: data.UnitAmountDecimal,
	}, data.ProductData, at)
	if err != nil {
		return nil, err
	}
	usable := *price // until the session is complete; then nobody can use it again
	usable.Active = true
	put(t, &usable)
	return &usable, nil
}

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
	if err := t.checkoutAmounts(s); err != nil {
		return err
	}
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
	if s.AmountTotal == 0 {
		s.PaymentStatus = NoPaymentRequired
		return nil
	}
	if s.AmountTotal < minimum(s.Currency) {
		return invalid("", "amount_too_small", "The Checkout Session's total amount due must add up to at least %s %s",
			money(s.Currency, DecimalOf(minimum(s.Currency))), s.Currency)
	}
	return nil
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
		BillingModeType: data.BillingMode.Or(BillingModeParams{}).Type.Or(""), Description: data.Description.Or(""),
		MissingPaymentMethod: trial.MissingPaymentMethod.Or(""), TrialEnd: data.TrialEnd.Or(0), TrialPeriodDays: data.TrialPeriodDays.Or(0),
		BillingCycleAnchor: data.BillingCycleAnchor.Or(0), ProrationBehavior: data.ProrationBehavior.Or(""),
		Metadata: mergeMetadata(nil, data.Metadata),
	}
	var err error
	if s.SubscriptionData.DefaultTaxRates, err = t.taxRatesParam(data.DefaultTaxRates, nil, "subscription_data[default_tax_rates]"); err != nil {
		return err
	}
	if err := t.checkoutAmounts(s); err != nil {
		return err
	}
	due, err := t.checkoutDue(s)
	if err != nil {
		return inside(err, "subscription_data")
	}
	s.charge(due)
	return nil
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
		return &Invoice{}, nil
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
	if d.BillingModeType != "" {
		c.BillingMode = Some(BillingModeParams{Type: Some(d.BillingModeType)})
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
	if d.ProrationBehavior != "" {
		c.ProrationBehavior = Some(d.ProrationBehavior)
	}
	return c
}
