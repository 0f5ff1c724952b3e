package engine

// CreateSetupIntent is POST /v1/setup_intents.
type CreateSetupIntent struct {
	AllowedTypes      Opt[[]string]                `form:"allowed_payment_method_types"`
	Automatic         Opt[AutomaticPaymentMethods] `form:"automatic_payment_methods"`
	Confirm           Opt[bool]                    `form:"confirm"`
	Customer          Opt[string]                  `form:"customer"`
	Description       Opt[string]                  `form:"description"`
	Metadata          Opt[map[string]string]       `form:"metadata"`
	PaymentMethod     Opt[string]                  `form:"payment_method"`
	PaymentMethodData Opt[PaymentMethodData]       `form:"payment_method_data"`
	Types             Opt[[]string]                `form:"payment_method_types"`
	ReturnURL         Opt[string]                  `form:"return_url"`
	Usage             Opt[string]                  `form:"usage"`
	UseStripeSDK      Opt[bool]                    `form:"use_stripe_sdk"`
}

func (c CreateSetupIntent) apply(t *tx) (Result, error) {
	si := &SetupIntent{
		Status: RequiresPaymentMethod, Customer: c.Customer.Or(""), Description: c.Description.Or(""), Usage: c.Usage.Or("off_session"),
		Metadata: mergeMetadata(nil, c.Metadata),
	}
	if si.Customer != "" {
		cus, err := t.enterCustomer(si.Customer, "customer")
		if err != nil {
			return nil, err
		}
		si.TestClock = cus.TestClock
	}
	var err error
	if si.PaymentMethodTypes, si.AllowRedirects, err = methodTypes(c.Types, c.AllowedTypes, c.Automatic); err != nil {
		return nil, err
	}
	if err := t.chooseSetupMethod(si, c.PaymentMethod, c.PaymentMethodData); err != nil {
		return nil, err
	}
	t.storeSetup(si)
	if !c.Confirm.Or(false) {
		return si, nil
	}
	si.BySDK = c.UseStripeSDK.Or(false)
	return t.confirmSetup(si, c.ReturnURL)
}

// storeSetup gives a new SetupIntent its identity and stores it.
func (t *tx) storeSetup(si *SetupIntent) *SetupIntent {
	si.ID, si.Created = t.long("seti_"), t.now
	si.ClientSecret = t.secret(si.ID, 31)
	return create(t, "setup_intent.created", si)
}

// chooseSetupMethod puts the payment method of a request into an intent that is not stored yet.
func (t *tx) chooseSetupMethod(si *SetupIntent, id Opt[string], data Opt[PaymentMethodData]) error {
	pm, err := t.chosenMethod(id, data)
	if err != nil || pm == nil {
		return err
	}
	if err := usableBy(pm, si.Customer); err != nil {
		return err
	}
	si.PaymentMethod, si.Status = pm.ID, RequiresConfirmation
	return nil
}

// confirmSetup is the confirm through the API.
func (t *tx) confirmSetup(si *SetupIntent, returnURL Opt[string]) (Result, error) {
	if si.PaymentMethod == "" {
		return nil, unexpectedSetup(si, "You cannot confirm this SetupIntent because it's missing a payment method. Update the SetupIntent with a "+
			"payment method and then confirm it again.")
	}
	if returnURL.Or("") == "" && si.AllowRedirects == "always" {
		return nil, invalid("", "", "This SetupIntent is configured to accept payment methods enabled in your Dashboard. Because some of these payment "+
			"methods might redirect your customer off of your page, you must provide a `return_url`. If you don't want to accept redirect-based "+
			"payment methods, set `automatic_payment_methods[enabled]` to `true` and `automatic_payment_methods[allow_redirects]` to `never` when "+
			"creating Setup Intents and Payment Intents.")
	}
	next, err := t.trySetup(si, must[PaymentMethod](t, si.PaymentMethod), onSession, returnURL.Or(""))
	if err != nil {
		return next, err
	}
	return next, nil
}

// trySetup is one attempt to set a card up: the one place where SetupIntents move. A nil error with status requires_action waits for the
// payer; an error has put the intent back to where it needs a payment method.
func (t *tx) trySetup(si *SetupIntent, pm *PaymentMethod, who presence, returnURL string) (*SetupIntent, *Error) {
	next := *si
	if who != authenticated { // the answer to a challenge belongs to the attempt that met it
		next.LatestAttempt = t.long("setatt_")
	}
	next.PaymentMethod, next.LastSetupError = pm.ID, nil
	if pm.Card.asks(who, si.Usage == "off_session") {
		next.Status, next.NextAction = RequiresAction, nextAction(returnURL, next.BySDK)
		put(t, &next)
		t.noteAttempt(&next, pm, "requires_action", nil)
		t.emit("setup_intent.requires_action", &next)
		return &next, nil
	}
	if code := pm.Card.declineOnSaving(); code != "" {
		return t.refuseSetup(&next, cardError(code))
	}
	next.Status, next.NextAction = IntentSucceeded, nil
	pm = t.markSetUp(pm, si.Usage)
	if si.Customer != "" && pm.Customer == "" {
		t.attachChecked(pm, si.Customer)
	}
	put(t, &next)
	t.noteAttempt(&next, pm, "succeeded", nil)
	t.emit("setup_intent.succeeded", &next)
	t.endSetup(&next)
	return &next, nil
}

// markSetUp notes on a card that it may be charged off session from now on.
func (t *tx) markSetUp(pm *PaymentMethod, usage string) *PaymentMethod {
	if usage != "off_session" || pm.Card.SetUp {
		return pm
	}
	next := *pm
	next.Card.SetUp = true
	put(t, &next)
	return &next
}

// refuseSetup puts a SetupIntent back to where it needs a payment method.
func (t *tx) refuseSetup(si *SetupIntent, cause *Error) (*SetupIntent, *Error) {
	cause.PaymentMethod, cause.PaymentMethodType = si.PaymentMethod, "card"
	next := *si
	next.Status, next.PaymentMethod, next.NextAction, next.LastSetupError = RequiresPaymentMethod, "", nil, cause
	put(t, &next)
	t.noteAttempt(&next, must[PaymentMethod](t, si.PaymentMethod), "failed", cause)
	t.emit("setup_intent.setup_failed", &next)
	answer := *cause
	answer.SetupIntent, answer.Keep = si.ID, true
	return &next, &answer
}

// unexpectedSetup is the 400 for something that the intent's status does not allow.
func unexpectedSetup(si *SetupIntent, format string, args ...any) *Error {
	e := invalid("", "setup_intent_unexpected_state", format, args...)
	e.SetupIntent = si.ID
	return e
}

// setupAtPath finds the SetupIntent that a route names, and moves to its customer's time line.
func (t *tx) setupAtPath(id string) (*SetupIntent, error) {
	si, ok := Get[SetupIntent](t.world, id)
	if !ok {
		return nil, NotFound("setupintent", id, "intent")
	}
	return si, t.enterOf(si.Customer)
}

// UpdateSetupIntent is POST /v1/setup_intents/{id}.
type UpdateSetupIntent struct {
	ID                string                 `form:"-"`
	AllowedTypes      Opt[[]string]          `form:"allowed_payment_method_types"`
	Customer          Opt[string]            `form:"customer"`
	Description       Opt[string]            `form:"description"`
	Metadata          Opt[map[string]string] `form:"metadata"`
	PaymentMethod     Opt[string]            `form:"payment_method"`
	PaymentMethodData Opt[PaymentMethodData] `form:"payment_method_data"`
	Types             Opt[[]string]          `form:"payment_method_types"`
}

func (c UpdateSetupIntent) apply(t *tx) (Result, error) {
	before, err := t.setupAtPath(c.ID)
	if err != nil {
		return nil, err
	}
	si := *before
	if !open(si.Status) && (c.Customer.Given() || c.PaymentMethod.Given() || c.PaymentMethodData.Given() || c.Types.Given() || c.AllowedTypes.Given()) {
		return nil, unexpectedSetup(before, "You cannot update this SetupIntent because it has a status of %s.", si.Status)
	}
	if id, ok := c.Customer.Get(); ok {
		cus, err := t.enterCustomer(id, "customer")
		if err != nil {
			return nil, err
		}
		si.Customer, si.TestClock = id, cus.TestClock
	}
	if c.Types.Given() || c.AllowedTypes.Given() {
		if si.PaymentMethodTypes, si.AllowRedirects, err = methodTypes(c.Types, c.AllowedTypes, Opt[AutomaticPaymentMethods]{}); err != nil {
			return nil, err
		}
	}
	if err := t.chooseSetupMethod(&si, c.PaymentMethod, c.PaymentMethodData); err != nil {
		return nil, err
	}
	c.Description.Set(&si.Description)
	si.Metadata = mergeMetadata(si.Metadata, c.Metadata)
	put(t, &si)
	return &si, nil
}

// ConfirmSetupIntent is POST /v1/setup_intents/{id}/confirm.
type ConfirmSetupIntent struct {
	ID                string                 `form:"-"`
	PaymentMethod     Opt[string]            `form:"payment_method"`
	PaymentMethodData Opt[PaymentMethodData] `form:"payment_method_data"`
	ReturnURL         Opt[string]            `form:"return_url"`
	ClientSecret      Opt[string]            `form:"client_secret"`
	UseStripeSDK      Opt[bool]              `form:"use_stripe_sdk"`
}

func (c ConfirmSetupIntent) apply(t *tx) (Result, error) {
	before, err := t.setupAtPath(c.ID)
	if err != nil {
		return nil, err
	}
	if err := knows(c.ClientSecret, before.ClientSecret, "SetupIntent"); err != nil {
		return nil, err
	}
	if !open(before.Status) {
		return nil, unexpectedSetup(before, "You cannot confirm this SetupIntent because it has already %s.", finished(before.Status))
	}
	si := *before
	if err := t.chooseSetupMethod(&si, c.PaymentMethod, c.PaymentMethodData); err != nil {
		return nil, err
	}
	si.BySDK = c.UseStripeSDK.Or(false)
	return t.confirmSetup(&si, c.ReturnURL)
}

// CancelSetupIntent is POST /v1/setup_intents/{id}/cancel.
type CancelSetupIntent struct {
	ID     string      `form:"-"`
	Reason Opt[string] `form:"cancellation_reason"`
}

func (c CancelSetupIntent) apply(t *tx) (Result, error) {
	si, err := t.setupAtPath(c.ID)
	if err != nil {
		return nil, err
	}
	if !open(si.Status) {
		return nil, unexpectedSetup(si, "You cannot cancel this SetupIntent because it has a status of %s. Only a SetupIntent with one of the following "+
			"statuses may be canceled: requires_payment_method, requires_confirmation, requires_action.", si.Status)
	}
	next := *si
	next.Status, next.CancellationReason, next.NextAction = IntentCanceled, c.Reason.Or(""), nil
	put(t, &next)
	if a, ok := Get[SetupAttempt](t.world, si.LatestAttempt); ok && a.Status == "requires_action" {
		abandoned := *a
		abandoned.Status = "abandoned"
		put(t, &abandoned)
	}
	t.emit("setup_intent.canceled", &next)
	return &next, nil
}

// ListSetupIntents is GET /v1/setup_intents.
type ListSetupIntents struct {
	Page
	Created       Range       `form:"created"`
	Customer      Opt[string] `form:"customer"`
	PaymentMethod Opt[string] `form:"payment_method"`
}

func (q ListSetupIntents) run(w *World) (*Listing, error) {
	s := selection[SetupIntent]{index: "clock", cursorName: "setupintent"}
	if customer, ok := q.Customer.Get(); ok {
		s.index, s.value = "customer", customer
	}
	if pm, ok := q.PaymentMethod.Get(); ok {
		s.index, s.value = "payment_method", pm
	}
	s.keep = func(si *SetupIntent) bool {
		return q.Created.holds(si.Created) && q.Customer.Or(si.Customer) == si.Customer
	}
	return list(w, q.Page, s)
}

var _ = register(CreateSetupIntent{}, UpdateSetupIntent{}, ConfirmSetupIntent{}, CancelSetupIntent{})
