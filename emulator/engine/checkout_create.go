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
	AfterExpiration     Opt[CheckoutAfterExpiration] `form:"after_expiration"`
	AllowPromotionCodes Opt[bool]                    `form:"allow_promotion_codes"`
	AllowedTypes        Opt[[]string]                `form:"allowed_payment_method_types"`
	AutomaticTax        Opt[AutomaticTaxParam]       `form:"automatic_tax"`
	CheckoutAskParams
	CancelURL               Opt[string]                   `form:"cancel_url"`
	ClientReferenceID       Opt[string]                   `form:"client_reference_id"`
	Currency                Opt[string]                   `form:"currency"`
	Customer                Opt[string]                   `form:"customer"`
	CustomerCreation        Opt[string]                   `form:"customer_creation"`
	CustomerEmail           Opt[string]                   `form:"customer_email"`
	CustomerUpdate          Opt[CheckoutCustomerUpdate]   `form:"customer_update"`
	Discounts               Opt[[]CheckoutDiscountParams] `form:"discounts"`
	ExpiresAt               Opt[int64]                    `form:"expires_at"`
	IntegrationIdentifier   Opt[string]                   `form:"integration_identifier"`
	InvoiceCreation         Opt[CheckoutInvoiceCreation]  `form:"invoice_creation"`
	LineItems               Opt[[]CheckoutLineParams]     `form:"line_items"`
	Locale                  Opt[string]                   `form:"locale"`
	Metadata                Opt[map[string]string]        `form:"metadata"`
	OptionalItems           Opt[[]CheckoutOptionalItem]   `form:"optional_items"`
	Mode                    Opt[string]                   `form:"mode"`
	PaymentIntentData       Opt[CheckoutPaymentData]      `form:"payment_intent_data"`
	PaymentMethodCollection Opt[string]                   `form:"payment_method_collection"`
	PaymentMethodData       Opt[CheckoutMethodData]       `form:"payment_method_data"`
	Types                   Opt[[]string]                 `form:"payment_method_types"`
	ReturnURL               Opt[string]                   `form:"return_url"`
	SetupIntentData         Opt[CheckoutSetupData]        `form:"setup_intent_data"`
	SubmitType              Opt[string]                   `form:"submit_type"`
	SubscriptionData        Opt[CheckoutSubscriptionData] `form:"subscription_data"`
	SuccessURL              Opt[string]                   `form:"success_url"`
	UIMode                  Opt[string]                   `form:"ui_mode"`
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

// CheckoutMethodData is what the card that is entered is saved with.
type CheckoutMethodData struct {
	AllowRedisplay Opt[string] `form:"allow_redisplay"`
}

// CheckoutSubscriptionData is what the subscription is made with.
type CheckoutSubscriptionData struct {
	BillingCycleAnchor Opt[int64]               `form:"billing_cycle_anchor"`
	AnchorConfig       Opt[AnchorConfigParams]  `form:"billing_cycle_anchor_config"`
	BillingMode        Opt[BillingModeParams]   `form:"billing_mode"`
	DefaultTaxRates    Opt[[]string]            `form:"default_tax_rates"`
	Description        Opt[string]              `form:"description"`
	Metadata           Opt[map[string]string]   `form:"metadata"`
	PendingInterval    Opt[ItemIntervalParams]  `form:"pending_invoice_item_interval"`
	ProrationBehavior  Opt[string]              `form:"proration_behavior"`
	TrialEnd           Opt[int64]               `form:"trial_end"`
	TrialPeriodDays    Opt[int64]               `form:"trial_period_days"`
	TrialSettings      Opt[TrialSettingsParams] `form:"trial_settings"`
}

// Limits of a session.
const (
	checkoutLinesMax     = 100
	checkoutSubLinesMax  = 20 // of recurring prices, and as many of others, in subscription mode
	checkoutSecondsMax   = secondsPerDay
	checkoutSecondsMin   = 30 * 60
	checkoutTrialMinimum = 48 * 3600
)

func (c CreateCheckoutSession) apply(t *tx) (Result, error) {
	s := &CheckoutSession{
		Status: SessionOpen, Mode: c.Mode.Or(""), UIMode: hostedMode(c.UIMode.Or("hosted_page")), SuccessURL: c.SuccessURL.Or(""),
		CancelURL: c.CancelURL.Or(""), ReturnURL: c.ReturnURL.Or(""), ClientReferenceID: c.ClientReferenceID.Or(""),
		Customer: c.Customer.Or(""), CustomerEmail: c.CustomerEmail.Or(""), CustomerCreation: c.CustomerCreation.Or(""),
		Locale: c.Locale.Or(""), SubmitType: c.SubmitType.Or(""),
		AllowPromotionCodes: pointer(c.AllowPromotionCodes), Metadata: mergeMetadata(nil, c.Metadata),
		PaymentMethodTypes: c.Types.Or(c.AllowedTypes.Or(nil)), PaymentStatus: SessionUnpaid, PaymentMethodCollection: CollectAlways,
	}
	if err := c.check(s); err != nil {
		return nil, err
	}
	s.IntegrationIdentifier, s.AllowRedisplay = c.IntegrationIdentifier.Or(""), c.PaymentMethodData.Or(CheckoutMethodData{}).AllowRedisplay.Or("")
	for _, take := range []func(*CheckoutSession) error{c.asks, c.recovery, c.invoicing} {
		if err := take(s); err != nil {
			return nil, err
		}
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
	if err := t.optional(c.OptionalItems.Or(nil), s); err != nil {
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
			PaymentMethodTypes: byCard, CheckoutSession: s.ID, Metadata: mergeMetadata(nil, data.Metadata),
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
		return invalid("ui_mode", "parameter_unsupported", "ui_mode=%s needs Stripe.js on a page of yours, which this emulator does not serve. "+
			"Use ui_mode=hosted_page and send the payer to the session's url.", s.UIMode)
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
	if err := c.AutomaticTax.Or(AutomaticTaxParam{}).check("automatic_tax"); err != nil {
		return err
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

// asks takes what the page asks for.
func (c CreateCheckoutSession) asks(s *CheckoutSession) error {
	if c.CustomerUpdate.Given() && s.Customer == "" {
		return invalid("customer_update", "", "`customer_update` can only be used with `customer`.")
	}
	if err := c.fill(&s.Asks); err != nil {
		return err
	}
	if err := c.CustomerUpdate.Or(CheckoutCustomerUpdate{}).fill(&s.Asks); err != nil {
		return err
	}
	if s.Asks.TaxIDs && s.Customer != "" && !s.Asks.UpdateName {
		return invalid("tax_id_collection[enabled]", "", "Tax ID collection requires updating business name on the customer. To enable tax ID collection "+
			"for an existing customer, please set `customer_update[name]` to `auto`.")
	}
	if s.Asks.TaxIDs && s.Mode == ModeSetup {
		return invalid("tax_id_collection", "", "You can not pass `tax_id_collection` in `setup` mode.")
	}
	return nil
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
	if s.Mode == ModeSubscription {
		return s.subscribable()
	}
	return nil
}

// subscribable counts what a session sells with a subscription.
func (s *CheckoutSession) subscribable() error {
	once := 0
	for _, line := range s.Lines {
		if line.OneTime {
			once++
		}
	}
	if once > checkoutSubLinesMax || len(s.Lines)-once > checkoutSubLinesMax {
		return invalid("line_items", "", "A Checkout Session in `subscription` mode can have at most %d recurring and %d one-time line items.",
			checkoutSubLinesMax, checkoutSubLinesMax)
	}
	return nil
}

func (t *tx) checkoutLine(p CheckoutLineParams, currency Opt[string], param string) (*CheckoutLine, error) {
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
	if err := line.adjustable(p.Adjustable, param+"[adjustable_quantity]"); err != nil {
		return nil, err
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
