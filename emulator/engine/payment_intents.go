package engine

import "fmt"

// PaymentIntentParams are the parameters that create, update and confirm share.
type PaymentIntentParams struct {
	AllowedTypes      Opt[[]string]          `form:"allowed_payment_method_types"`
	PaymentMethod     Opt[string]            `form:"payment_method"`
	PaymentMethodData Opt[PaymentMethodData] `form:"payment_method_data"`
	Types             Opt[[]string]          `form:"payment_method_types"`
	ReceiptEmail      Opt[string]            `form:"receipt_email"`
	SetupFutureUsage  Opt[string]            `form:"setup_future_usage"`
	Shipping          Opt[Shipping]          `form:"shipping"`
}

// AutomaticPaymentMethods asks for the methods that the Dashboard enables.
type AutomaticPaymentMethods struct {
	Enabled        Opt[bool]   `form:"enabled"`
	AllowRedirects Opt[string] `form:"allow_redirects"`
}

// CreatePaymentIntent is POST /v1/payment_intents.
type CreatePaymentIntent struct {
	PaymentIntentParams
	Amount              Opt[int64]                   `form:"amount"`
	Automatic           Opt[AutomaticPaymentMethods] `form:"automatic_payment_methods"`
	CaptureMethod       Opt[string]                  `form:"capture_method"`
	Confirm             Opt[bool]                    `form:"confirm"`
	ConfirmationMethod  Opt[string]                  `form:"confirmation_method"`
	Currency            Opt[string]                  `form:"currency"`
	Customer            Opt[string]                  `form:"customer"`
	Description         Opt[string]                  `form:"description"`
	ErrorOnAction       Opt[bool]                    `form:"error_on_requires_action"`
	Metadata            Opt[map[string]string]       `form:"metadata"`
	OffSession          Opt[OffSession]              `form:"off_session"`
	ReturnURL           Opt[string]                  `form:"return_url"`
	UseStripeSDK        Opt[bool]                    `form:"use_stripe_sdk"`
	StatementDescriptor Opt[string]                  `form:"statement_descriptor"`
	DescriptorSuffix    Opt[string]                  `form:"statement_descriptor_suffix"`
	TransferGroup       Opt[string]                  `form:"transfer_group"`
}

// OffSession is sent as true, false, one_off or recurring.
type OffSession string

func (o OffSession) presence() presence {
	if o == "" || o == "false" {
		return onSession
	}
	return offSession
}

func (c CreatePaymentIntent) apply(t *tx) (Result, error) {
	currency, err := currencyParam(c.Currency, "currency")
	if err != nil {
		return nil, err
	}
	if err := payable(c.Amount, currency); err != nil {
		return nil, err
	}
	pi := &PaymentIntent{
		Status: RequiresPaymentMethod, Amount: c.Amount.Or(0), Currency: currency, Customer: c.Customer.Or(""),
		CaptureMethod: c.CaptureMethod.Or(captureAsync), ConfirmationMethod: c.ConfirmationMethod.Or("automatic"),
		Description: c.Description.Or(""), StatementDescriptor: c.StatementDescriptor.Or(""), DescriptorSuffix: c.DescriptorSuffix.Or(""),
		TransferGroup: c.TransferGroup.Or(""), Metadata: mergeMetadata(nil, c.Metadata),
	}
	if pi.Customer != "" {
		cus, err := t.enterCustomer(pi.Customer, "customer")
		if err != nil {
			return nil, err
		}
		pi.TestClock = cus.TestClock
	}
	if pi.PaymentMethodTypes, pi.AllowRedirects, err = methodTypes(c.Types, c.AllowedTypes, c.Automatic); err != nil {
		return nil, err
	}
	pi.ID, pi.Created = t.payment("pi_", ""), t.now
	pi.ClientSecret = t.secret(pi.ID, 25)
	if err := c.fill(t, pi); err != nil {
		return nil, err
	}
	if pi.PaymentMethod != "" {
		pi.Status = RequiresConfirmation
	}
	create(t, "payment_intent.created", pi)
	if !c.Confirm.Or(false) {
		return pi, nil
	}
	pi.BySDK = c.UseStripeSDK.Or(false)
	return t.confirmIntent(pi, c.OffSession, c.ReturnURL, c.ErrorOnAction)
}

// methodTypes reads how the caller chose payment methods: by an explicit list (nil for automatic ones), and whether those may redirect.
func methodTypes(types, allowed Opt[[]string], automatic Opt[AutomaticPaymentMethods]) ([]string, string, error) {
	list := types.Or(allowed.Or(nil))
	auto, hasAuto := automatic.Get()
	if hasAuto && auto.Enabled.Or(false) && len(list) > 0 {
		return nil, "", invalid("", "", "You may only specify one of these parameters: automatic_payment_methods, payment_method_types.")
	}
	for i, kind := range list {
		if kind != "card" && kind != "link" {
			return nil, "", invalid(fmt.Sprintf("payment_method_types[%d]", i), "",
				"This emulator serves payments by card only, got %s.", kind)
		}
	}
	if len(list) > 0 {
		return list, "", nil
	}
	if hasAuto && !auto.Enabled.Or(false) {
		return byCard, "", nil
	}
	return nil, auto.AllowRedirects.Or("always"), nil
}

// fill writes the shared parameters into an intent that is not stored yet.
func (p PaymentIntentParams) fill(t *tx, pi *PaymentIntent) error {
	p.ReceiptEmail.Set(&pi.ReceiptEmail)
	p.SetupFutureUsage.Set(&pi.SetupFutureUsage)
	if s, ok := p.Shipping.Get(); ok {
		pi.Shipping = &s
	} else if p.Shipping.Cleared() {
		pi.Shipping = nil
	}
	pm, err := t.chosenMethod(p.PaymentMethod, p.PaymentMethodData)
	if err != nil {
		return err
	}
	if p.PaymentMethod.Cleared() {
		pi.PaymentMethod = ""
	}
	if pm == nil {
		return nil
	}
	if err := usableBy(pm, pi.Customer); err != nil {
		return err
	}
	if pi.PaymentMethod != pm.ID {
		pi.Authenticated = false
	}
	pi.PaymentMethod = pm.ID
	return nil
}

// chosenMethod is the payment method of a request, by id or made on the fly; nil when none was sent.
func (t *tx) chosenMethod(id Opt[string], data Opt[PaymentMethodData]) (*PaymentMethod, error) {
	if d, ok := data.Get(); ok {
		return t.newMethod(d, "payment_method_data")
	}
	if id, ok := id.Get(); ok {
		return t.method(id, "payment_method")
	}
	return nil, nil
}

// usableBy checks that a payment of this customer ("" for none) may use the payment method.
func usableBy(pm *PaymentMethod, customer string) error {
	if pm.Customer == customer && customer != "" || pm.Customer == "" && !pm.Detached {
		return nil
	}
	if pm.Detached {
		return invalid("", "", spentMessage)
	}
	if customer == "" {
		return invalid("", "", "The provided PaymentMethod cannot be attached. To reuse a PaymentMethod that belongs to a customer, you must "+
			"also pass that customer: The PaymentMethod %s is attached to %s.", pm.ID, pm.Customer)
	}
	return invalid("payment_method", "resource_missing",
		"The customer does not have a payment method with the ID %s. The payment method must be attached to the customer.", pm.ID)
}

// confirmIntent is the confirm of an intent that has its payment method.
func (t *tx) confirmIntent(pi *PaymentIntent, off Opt[OffSession], returnURL Opt[string], errorOnAction Opt[bool]) (Result, error) {
	who := off.Or("").presence()
	if pi.PaymentMethod == "" {
		return nil, unexpectedPayment(pi, "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the "+
			"PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a payment method or ConfirmationToken.")
	}
	if returnURL.Or("") == "" && who == onSession && pi.AllowRedirects == "always" && pi.Invoice == "" {
		return nil, invalid("", "", "This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because some of these "+
			"payment methods might redirect your customer off of your page, you must provide a `return_url`. If you don't want to accept "+
			"redirect-based payment methods, set `automatic_payment_methods[enabled]` to `true` and `automatic_payment_methods[allow_redirects]` "+
			"to `never` when creating Setup Intents and Payment Intents.")
	}
	next := *pi
	next.ReturnURL, next.Authenticated = returnURL.Or(""), false
	put(t, &next)
	if pi.Authenticated { // the payer passed the challenge, and the merchant has the last word
		who = authenticated
	}
	p := t.confirm(&next, must[PaymentMethod](t, pi.PaymentMethod), who)
	if p.needsAction && errorOnAction.Or(false) {
		p = t.refuse(p.intent, cardError("authentication_required"))
	}
	t.follow(p)
	if p.err != nil {
		return p.intent, p.err
	}
	return must[PaymentIntent](t, p.intent.ID), nil
}

// unexpectedPayment is the 400 for something that the intent's status does not allow.
func unexpectedPayment(pi *PaymentIntent, format string, args ...any) *Error {
	e := invalid("", "payment_intent_unexpected_state", format, args...)
	e.PaymentIntent = pi.ID
	return e
}

// intentAtPath finds the intent that a route names, and moves to its customer's time line.
func (t *tx) intentAtPath(id string) (*PaymentIntent, error) {
	pi, ok := Get[PaymentIntent](t.world, id)
	if !ok {
		return nil, NotFound("payment_intent", id, "intent")
	}
	return pi, t.enterOf(pi.Customer)
}

// enterOf moves to the time line of a customer, who may be none or deleted.
func (t *tx) enterOf(customer string) error {
	cus, ok := Get[Customer](t.world, customer)
	if !ok || cus.TestClock == "" {
		return nil
	}
	return t.enter(cus.TestClock)
}

// UpdatePaymentIntent is POST /v1/payment_intents/{id}.
type UpdatePaymentIntent struct {
	ID string `form:"-"`
	PaymentIntentParams
	Amount              Opt[int64]             `form:"amount"`
	Currency            Opt[string]            `form:"currency"`
	Customer            Opt[string]            `form:"customer"`
	Description         Opt[string]            `form:"description"`
	Metadata            Opt[map[string]string] `form:"metadata"`
	StatementDescriptor Opt[string]            `form:"statement_descriptor"`
	DescriptorSuffix    Opt[string]            `form:"statement_descriptor_suffix"`
	TransferGroup       Opt[string]            `form:"transfer_group"`
}

func (c UpdatePaymentIntent) apply(t *tx) (Result, error) {
	before, err := t.intentAtPath(c.ID)
	if err != nil {
		return nil, err
	}
	pi := *before
	pi.Metadata = mergeMetadata(pi.Metadata, c.Metadata)
	c.Description.Set(&pi.Description)
	if err := c.frozen(before); err != nil {
		return nil, err
	}
	if (c.Currency.Given() || c.Customer.Given()) && t.attachment(pi.ID) != nil {
		return nil, unexpectedPayment(before, "The currency and the customer of a PaymentIntent that is attached to an invoice cannot be changed.")
	}
	if currency, ok := c.Currency.Get(); ok {
		if pi.Currency, err = currencyParam(Some(currency), "currency"); err != nil {
			return nil, err
		}
	}
	if c.Amount.Given() {
		if err := payable(c.Amount, pi.Currency); err != nil {
			return nil, err
		}
		pi.Amount = c.Amount.Or(0)
	}
	if id, ok := c.Customer.Get(); ok {
		cus, err := t.enterCustomer(id, "customer")
		if err != nil {
			return nil, err
		}
		pi.TestClock = cus.TestClock
	}
	c.Customer.Set(&pi.Customer)
	c.StatementDescriptor.Set(&pi.StatementDescriptor)
	c.DescriptorSuffix.Set(&pi.DescriptorSuffix)
	c.TransferGroup.Set(&pi.TransferGroup)
	if c.Types.Given() || c.AllowedTypes.Given() {
		if pi.PaymentMethodTypes, pi.AllowRedirects, err = methodTypes(c.Types, c.AllowedTypes, Opt[AutomaticPaymentMethods]{}); err != nil {
			return nil, err
		}
	}
	if err := c.fill(t, &pi); err != nil {
		return nil, err
	}
	switch {
	case pi.PaymentMethod == "" && pi.Status == RequiresConfirmation:
		pi.Status = RequiresPaymentMethod
	case pi.PaymentMethod != "" && pi.Status == RequiresPaymentMethod:
		pi.Status = RequiresConfirmation
	}
	put(t, &pi)
	return &pi, nil
}

// frozen refuses changes of what the intent's state or its invoice has fixed.
func (c UpdatePaymentIntent) frozen(pi *PaymentIntent) error {
	terms := c.Amount.Given() || c.Currency.Given() || c.Customer.Given()
	if pi.Invoice != "" && terms {
		return invalid("", "", "You cannot update the amount, currency or customer of a PaymentIntent that was created by an Invoice.")
	}
	if !open(pi.Status) && (terms || c.PaymentMethod.Given() || c.PaymentMethodData.Given() || c.SetupFutureUsage.Given()) {
		return unexpectedPayment(pi, "This PaymentIntent's %s could not be updated because it has a status of %s. You may only update the %s of a "+
			"PaymentIntent with one of the following statuses: requires_payment_method, requires_confirmation, requires_action.",
			c.firstTerm(), pi.Status, c.firstTerm())
	}
	return nil
}

func (c UpdatePaymentIntent) firstTerm() string {
	switch {
	case c.Amount.Given():
		return "amount"
	case c.Currency.Given():
		return "currency"
	case c.Customer.Given():
		return "customer"
	case c.SetupFutureUsage.Given():
		return "setup_future_usage"
	}
	return "payment_method"
}

// open says whether an intent still waits to be paid.
func open(status string) bool {
	return status == RequiresPaymentMethod || status == RequiresConfirmation || status == RequiresAction
}

// ConfirmPaymentIntent is POST /v1/payment_intents/{id}/confirm.
type ConfirmPaymentIntent struct {
	ID string `form:"-"`
	PaymentIntentParams
	Publishable   bool            `form:"-"` // the payer's device asks, with a publishable key
	CaptureMethod Opt[string]     `form:"capture_method"`
	ErrorOnAction Opt[bool]       `form:"error_on_requires_action"`
	OffSession    Opt[OffSession] `form:"off_session"`
	ReturnURL     Opt[string]     `form:"return_url"`
	ClientSecret  Opt[string]     `form:"client_secret"`
	UseStripeSDK  Opt[bool]       `form:"use_stripe_sdk"`
}

func (c ConfirmPaymentIntent) apply(t *tx) (Result, error) {
	before, err := t.intentAtPath(c.ID)
	if err != nil {
		return nil, err
	}
	if err := c.mayConfirm(before); err != nil {
		return nil, err
	}
	if !open(before.Status) {
		return nil, unexpectedPayment(before, "You cannot confirm this PaymentIntent because it has already %s.", finished(before.Status))
	}
	pi := *before
	pi.CaptureMethod = c.CaptureMethod.Or(pi.CaptureMethod)
	if c.Types.Given() || c.AllowedTypes.Given() {
		if pi.PaymentMethodTypes, pi.AllowRedirects, err = methodTypes(c.Types, c.AllowedTypes, Opt[AutomaticPaymentMethods]{}); err != nil {
			return nil, err
		}
	}
	if err := c.fill(t, &pi); err != nil {
		return nil, err
	}
	pi.BySDK = c.UseStripeSDK.Or(false)
	return t.confirmIntent(&pi, c.OffSession, c.ReturnURL, c.ErrorOnAction)
}

// finished says in words what a closed intent has done.
func finished(status string) string {
	switch status {
	case IntentSucceeded:
		return "succeeded after being previously confirmed"
	case IntentCanceled:
		return "been canceled"
	}
	return "been confirmed and is in status " + status
}

// CancelPaymentIntent is POST /v1/payment_intents/{id}/cancel.
type CancelPaymentIntent struct {
	ID     string      `form:"-"`
	Reason Opt[string] `form:"cancellation_reason"`
}

func (c CancelPaymentIntent) apply(t *tx) (Result, error) {
	pi, err := t.intentAtPath(c.ID)
	if err != nil {
		return nil, err
	}
	if why, ok := c.Reason.Get(); ok {
		if err := oneOf("cancellation_reason", why, "abandoned", "duplicate", "fraudulent", "requested_by_customer"); err != nil {
			return nil, err
		}
	}
	if !open(pi.Status) && pi.Status != RequiresCapture {
		return nil, unexpectedPayment(pi, "You cannot cancel this PaymentIntent because it has a status of %s. Only a PaymentIntent with one of the "+
			"following statuses may be canceled: requires_payment_method, requires_capture, requires_confirmation, requires_action, processing.", pi.Status)
	}
	if pi.Invoice != "" {
		return nil, invalid("", "", "You cannot cancel PaymentIntents that were created by an Invoice. Void the Invoice instead: %s.", pi.Invoice)
	}
	return t.cancelIntent(pi, c.Reason.Or("")), nil
}

// CapturePaymentIntent is POST /v1/payment_intents/{id}/capture.
type CapturePaymentIntent struct {
	ID                  string                 `form:"-"`
	AmountToCapture     Opt[int64]             `form:"amount_to_capture"`
	Metadata            Opt[map[string]string] `form:"metadata"`
	StatementDescriptor Opt[string]            `form:"statement_descriptor"`
	DescriptorSuffix    Opt[string]            `form:"statement_descriptor_suffix"`
}

func (c CapturePaymentIntent) apply(t *tx) (Result, error) {
	pi, err := t.intentAtPath(c.ID)
	if err != nil {
		return nil, err
	}
	if pi.Status != RequiresCapture {
		return nil, unexpectedPayment(pi, "This PaymentIntent could not be captured because it has a status of %s. Only a PaymentIntent with one of "+
			"the following statuses may be captured: requires_capture.", pi.Status)
	}
	amount := c.AmountToCapture.Or(pi.AmountCapturable)
	if amount <= 0 {
		return nil, invalid("amount_to_capture", "parameter_invalid_integer", "This value must be greater than or equal to 1.")
	}
	if amount > pi.AmountCapturable {
		return nil, invalid("amount_to_capture", "amount_too_large", "The remaining amount that can be captured is %s, so %s is too large.",
			money(pi.Currency, DecimalOf(pi.AmountCapturable)), money(pi.Currency, DecimalOf(amount)))
	}
	if err := whole(amount, pi.Currency, "amount_to_capture"); err != nil {
		return nil, err
	}
	t.capture(must[Charge](t, pi.LatestCharge), amount)
	next := *pi
	next.Status, next.AmountCapturable, next.AmountReceived = IntentSucceeded, 0, amount
	next.Metadata = mergeMetadata(pi.Metadata, c.Metadata)
	c.StatementDescriptor.Set(&next.StatementDescriptor)
	c.DescriptorSuffix.Set(&next.DescriptorSuffix)
	put(t, &next)
	t.emit("payment_intent.succeeded", &next)
	t.followAttached(&next)
	t.captured(next.CheckoutSession)
	return &next, nil
}

// ListPaymentIntents is GET /v1/payment_intents.
type ListPaymentIntents struct {
	Page
	Created  Range       `form:"created"`
	Customer Opt[string] `form:"customer"`
}

func (q ListPaymentIntents) run(w *World) (*Listing, error) {
	s := selection[PaymentIntent]{index: "clock", cursorName: "payment_intent"}
	if customer, ok := q.Customer.Get(); ok {
		s.index, s.value = "customer", customer
	}
	s.keep = func(pi *PaymentIntent) bool { return q.Created.holds(pi.Created) }
	return list(w, q.Page, s)
}

// ListCharges is GET /v1/charges.
type ListCharges struct {
	Page
	Created       Range       `form:"created"`
	Customer      Opt[string] `form:"customer"`
	PaymentIntent Opt[string] `form:"payment_intent"`
}

func (q ListCharges) run(w *World) (*Listing, error) {
	s := selection[Charge]{index: "clock", cursorName: "charge"}
	if customer, ok := q.Customer.Get(); ok {
		s.index, s.value = "customer", customer
	}
	if pi, ok := q.PaymentIntent.Get(); ok {
		s.index, s.value = "payment_intent", pi
	}
	s.keep = func(ch *Charge) bool {
		return q.Created.holds(ch.Created) && q.Customer.Or(ch.Customer) == ch.Customer
	}
	return list(w, q.Page, s)
}

var _ = register(CreatePaymentIntent{}, UpdatePaymentIntent{}, ConfirmPaymentIntent{}, CancelPaymentIntent{}, CapturePaymentIntent{})
