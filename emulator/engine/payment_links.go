package engine

import (
	"cmp"
	"slices"
)

// PaymentLink is a template of Checkout sessions behind an address of its own: whoever opens it begins a session.
type PaymentLink struct {
	ID              string
	Token           string // the unguessable part of its address
	Active          bool
	Mode            string // of its sessions: subscription when something recurs
	Currency        string
	Lines           []*CheckoutLine
	Asks            CheckoutAsks
	Template        PaymentLinkTemplate
	Completion      string // redirect or hosted_confirmation
	RedirectURL     string
	Message         string // of the confirmation
	InactiveMessage string
	Limit           int64 // completed sessions after which it closes, 0 for none
	Completed       int64
	Metadata        map[string]string
}

// PaymentLinkTemplate are the parameters that a link hands to its sessions as they are.
type PaymentLinkTemplate struct {
	AllowPromotionCodes     bool
	CustomerCreation        string
	OptionalItems           []CheckoutOptionalItem
	PaymentIntentData       PaymentLinkPaymentData
	PaymentMethodCollection string
	PaymentMethodTypes      []string
	SubmitType              string
	SubscriptionData        PaymentLinkSubscriptionData
}

// PaymentLinkPaymentData is what the PaymentIntents of a link are made with.
type PaymentLinkPaymentData struct {
	CaptureMethod       Opt[string]            `form:"capture_method"`
	Description         Opt[string]            `form:"description"`
	Metadata            Opt[map[string]string] `form:"metadata"`
	SetupFutureUsage    Opt[string]            `form:"setup_future_usage"`
	StatementDescriptor Opt[string]            `form:"statement_descriptor"`
}

// PaymentLinkSubscriptionData is what the subscriptions of a link are made with.
type PaymentLinkSubscriptionData struct {
	Description     Opt[string]              `form:"description"`
	Metadata        Opt[map[string]string]   `form:"metadata"`
	TrialPeriodDays Opt[int64]               `form:"trial_period_days"`
	TrialSettings   Opt[TrialSettingsParams] `form:"trial_settings"`
}

// PaymentLinkParams are the parameters that create and update share.
type PaymentLinkParams struct {
	After               Opt[PaymentLinkCompletion] `form:"after_completion"`
	AllowPromotionCodes Opt[bool]                  `form:"allow_promotion_codes"`
	AutomaticTax        Opt[AutomaticTaxParam]     `form:"automatic_tax"`
	CheckoutAskParams
	CustomerCreation        Opt[string]                      `form:"customer_creation"`
	InactiveMessage         Opt[string]                      `form:"inactive_message"`
	Metadata                Opt[map[string]string]           `form:"metadata"`
	OptionalItems           Opt[[]CheckoutOptionalItem]      `form:"optional_items"`
	PaymentIntentData       Opt[PaymentLinkPaymentData]      `form:"payment_intent_data"`
	PaymentMethodCollection Opt[string]                      `form:"payment_method_collection"`
	PaymentMethodTypes      Opt[[]string]                    `form:"payment_method_types"`
	Restrictions            Opt[PaymentLinkRestrictions]     `form:"restrictions"`
	SubmitType              Opt[string]                      `form:"submit_type"`
	SubscriptionData        Opt[PaymentLinkSubscriptionData] `form:"subscription_data"`
}

// PaymentLinkCompletion is what comes after a payment (after_completion).
type PaymentLinkCompletion struct {
	Type         string                        `form:"type"`
	Confirmation Opt[PortalConfirmationParams] `form:"hosted_confirmation"`
	Redirect     Opt[PaymentLinkRedirect]      `form:"redirect"`
}

// PaymentLinkRedirect is where the payer goes.
type PaymentLinkRedirect struct {
	URL string `form:"url"`
}

// PaymentLinkRestrictions are restrictions.
type PaymentLinkRestrictions struct {
	Completed PaymentLinkLimit `form:"completed_sessions"`
}

// PaymentLinkLimit is how often a link can be paid.
type PaymentLinkLimit struct {
	Limit int64 `form:"limit"`
}

// CreatePaymentLink is POST /v1/payment_links.
type CreatePaymentLink struct {
	PaymentLinkParams
	Currency  Opt[string]               `form:"currency"`
	LineItems Opt[[]CheckoutLineParams] `form:"line_items"`
}

// paymentLinkLinesMax is how many lines a link can have.
const paymentLinkLinesMax = 20

func (c CreatePaymentLink) apply(t *tx) (Result, error) {
	link := &PaymentLink{Active: true, Completion: "hosted_confirmation", Mode: ModePayment}
	params, _ := c.LineItems.Get()
	if len(params) == 0 {
		return nil, required("line_items")
	}
	if len(params) > paymentLinkLinesMax {
		return nil, invalid("line_items", "", "A payment link can have at most %d line items.", paymentLinkLinesMax)
	}
	for i, p := range params {
		line, err := t.checkoutLine(p, c.Currency, element("line_items", i))
		if err != nil {
			return nil, err
		}
		if link.Currency = cmp.Or(link.Currency, line.Currency); link.Currency != line.Currency {
			return nil, invalid("line_items", "", "All prices on a payment link must use the same currency. Found %s and %s.", link.Currency, line.Currency)
		}
		if !line.OneTime {
			link.Mode = ModeSubscription
		}
		line.AmountTotal = line.Amount // a link knows neither discounts nor taxes
		link.Lines = append(link.Lines, line)
	}
	if err := c.fill(link); err != nil {
		return nil, err
	}
	if err := t.tryLink(link); err != nil {
		return nil, err
	}
	link.ID, link.Token = t.long("plink_"), "test_"+t.world.characters(14)
	return create(t, "payment_link.created", link), nil
}

// tryLink begins a session of a link and takes it back, so that what no session can be made with is refused with the link itself.
func (t *tx) tryLink(link *PaymentLink) error {
	back := t.savepoint()
	defer t.rollbackTo(back)
	_, err := link.session(OpenPaymentLink{}).apply(t)
	return err
}

// fill writes the given parameters into a link that is not stored yet.
func (p PaymentLinkParams) fill(link *PaymentLink) error {
	if p.AutomaticTax.Or(AutomaticTaxParam{}).Enabled.Or(false) {
		return unsupported("automatic_tax[enabled]", "true")
	}
	if err := p.completion(link); err != nil {
		return err
	}
	if err := p.CheckoutAskParams.fill(&link.Asks); err != nil {
		return err
	}
	template := &link.Template
	p.AllowPromotionCodes.Set(&template.AllowPromotionCodes)
	p.CustomerCreation.Set(&template.CustomerCreation)
	p.OptionalItems.Set(&template.OptionalItems)
	p.PaymentMethodCollection.Set(&template.PaymentMethodCollection)
	p.PaymentMethodTypes.Set(&template.PaymentMethodTypes)
	p.SubmitType.Set(&template.SubmitType)
	p.InactiveMessage.Set(&link.InactiveMessage)
	link.Metadata = mergeMetadata(link.Metadata, p.Metadata)
	if p.Restrictions.Given() {
		link.Limit = p.Restrictions.Or(PaymentLinkRestrictions{}).Completed.Limit
		if p.Restrictions.Cleared() {
			link.Limit = 0
		} else if link.Limit < 1 {
			return invalid("restrictions[completed_sessions][limit]", "parameter_invalid_integer", "This value must be greater than or equal to 1.")
		}
	}
	if p.PaymentIntentData.Given() && link.Mode != ModePayment {
		return invalid("payment_intent_data", "", "You can not pass `payment_intent_data` with recurring prices.")
	}
	if p.CustomerCreation.Given() && link.Mode != ModePayment {
		return invalid("customer_creation", "", "You can not pass `customer_creation` with recurring prices: they always make a customer.")
	}
	if p.PaymentMethodCollection.Given() && link.Mode != ModeSubscription {
		return invalid("payment_method_collection", "", "You can only pass `payment_method_collection` with recurring prices.")
	}
	if p.SubscriptionData.Given() && link.Mode != ModeSubscription {
		return invalid("subscription_data", "", "You can only pass `subscription_data` with recurring prices.")
	}
	p.PaymentIntentData.Or(PaymentLinkPaymentData{}).write(&template.PaymentIntentData)
	p.SubscriptionData.Or(PaymentLinkSubscriptionData{}).write(&template.SubscriptionData)
	return nil
}

func (p PaymentLinkParams) completion(link *PaymentLink) error {
	after, ok := p.After.Get()
	if !ok {
		return nil
	}
	if err := oneOf("after_completion[type]", after.Type, "hosted_confirmation", "redirect"); err != nil {
		return err
	}
	link.Completion, link.Message, link.RedirectURL = after.Type, after.Confirmation.Or(PortalConfirmationParams{}).CustomMessage.Or(""), after.Redirect.Or(PaymentLinkRedirect{}).URL
	if after.Type == "redirect" && link.RedirectURL == "" {
		return required("after_completion[redirect][url]")
	}
	if link.RedirectURL != "" && !httpURL(link.RedirectURL) {
		return invalid("after_completion[redirect][url]", "url_invalid", "Not a valid URL")
	}
	return nil
}

// write puts what is given in place of what there is; what was cleared goes.
func (d PaymentLinkPaymentData) write(into *PaymentLinkPaymentData) {
	for _, part := range []struct {
		given Opt[string]
		field *Opt[string]
	}{
		{d.CaptureMethod, &into.CaptureMethod}, {d.Description, &into.Description}, {d.SetupFutureUsage, &into.SetupFutureUsage},
		{d.StatementDescriptor, &into.StatementDescriptor},
	} {
		replace(part.given, part.field)
	}
	merged(d.Metadata, &into.Metadata)
}

func (d PaymentLinkSubscriptionData) write(into *PaymentLinkSubscriptionData) {
	replace(d.Description, &into.Description)
	replace(d.TrialPeriodDays, &into.TrialPeriodDays)
	replace(d.TrialSettings, &into.TrialSettings)
	merged(d.Metadata, &into.Metadata)
}

func replace[T any](given Opt[T], field *Opt[T]) {
	if given.Cleared() {
		*field = Opt[T]{}
	} else if given.Given() {
		*field = given
	}
}

func merged(given Opt[map[string]string], field *Opt[map[string]string]) {
	if all := mergeMetadata(field.Or(nil), given); len(all) > 0 {
		*field = Some(all)
	} else {
		*field = Opt[map[string]string]{}
	}
}

// hostedConfirmationURL is what the sessions of a link say of where they end when the link shows its own confirmation.
const hostedConfirmationURL = "https://stripe.com"

// session is the command that begins a session of the link. What is asked is copied after it.
func (l *PaymentLink) session(opened OpenPaymentLink) CreateCheckoutSession {
	d := l.Template
	c := CreateCheckoutSession{
		Mode: Some(l.Mode), SuccessURL: Some(cmp.Or(l.RedirectURL, hostedConfirmationURL)), Currency: Some(l.Currency), Metadata: Some(l.Metadata),
		AllowPromotionCodes: Some(d.AllowPromotionCodes), OptionalItems: Some(d.OptionalItems),
	}
	for _, part := range []struct {
		value string
		field *Opt[string]
	}{
		{d.SubmitType, &c.SubmitType}, {opened.Email, &c.CustomerEmail}, {opened.Reference, &c.ClientReferenceID}, {opened.Locale, &c.Locale},
	} {
		if part.value != "" {
			*part.field = Some(part.value)
		}
	}
	if len(d.PaymentMethodTypes) > 0 {
		c.Types = Some(d.PaymentMethodTypes)
	}
	var lines []CheckoutLineParams
	for _, line := range l.Lines {
		p := CheckoutLineParams{Price: Some(line.Price)}
		if !line.Metered {
			p.Quantity = Some(line.Quantity)
		}
		if line.Adjustable != nil {
			p.Adjustable = Some(*line.Adjustable)
		}
		lines = append(lines, p)
	}
	c.LineItems = Some(lines)
	if l.Mode == ModeSubscription {
		if d.PaymentMethodCollection != "" {
			c.PaymentMethodCollection = Some(d.PaymentMethodCollection)
		}
		s := d.SubscriptionData
		c.SubscriptionData = Some(CheckoutSubscriptionData{
			Description: s.Description, Metadata: s.Metadata, TrialPeriodDays: s.TrialPeriodDays, TrialSettings: s.TrialSettings,
		})
		return c
	}
	if d.CustomerCreation != "" {
		c.CustomerCreation = Some(d.CustomerCreation)
	}
	p := d.PaymentIntentData
	c.PaymentIntentData = Some(CheckoutPaymentData{
		CaptureMethod: p.CaptureMethod, Description: p.Description, Metadata: p.Metadata, SetupFutureUsage: p.SetupFutureUsage,
		StatementDescriptor: p.StatementDescriptor,
	})
	return c
}

// UpdatePaymentLink is POST /v1/payment_links/{id}.
type UpdatePaymentLink struct {
	ID string `form:"-"`
	PaymentLinkParams
	Active    Opt[bool]                    `form:"active"`
	LineItems Opt[[]PaymentLinkLineChange] `form:"line_items"`
}

// PaymentLinkLineChange changes one line of a link.
type PaymentLinkLineChange struct {
	ID         string                `form:"id"`
	Adjustable Opt[AdjustableParams] `form:"adjustable_quantity"`
	Quantity   Opt[int64]            `form:"quantity"`
}

func (c UpdatePaymentLink) apply(t *tx) (Result, error) {
	before, ok := Get[PaymentLink](t.world, c.ID)
	if !ok {
		return nil, NotFound("payment_link", c.ID, "payment_link")
	}
	link := *before
	link.Active = c.Active.Or(link.Active)
	if err := c.fill(&link); err != nil {
		return nil, err
	}
	changes, _ := c.LineItems.Get()
	for i, change := range changes {
		if err := change.apply(t, &link, element("line_items", i)); err != nil {
			return nil, err
		}
	}
	if err := t.tryLink(&link); err != nil {
		return nil, err
	}
	return update(t, "payment_link.updated", before, &link), nil
}

func (c PaymentLinkLineChange) apply(t *tx, link *PaymentLink, param string) error {
	at := slices.IndexFunc(link.Lines, func(l *CheckoutLine) bool { return l.ID == c.ID })
	if at < 0 {
		return noSuchParam("line item", c.ID, param+"[id]")
	}
	old := link.Lines[at]
	p := CheckoutLineParams{Price: Some(old.Price), Adjustable: c.Adjustable}
	if !old.Metered {
		p.Quantity = Some(c.Quantity.Or(old.Quantity))
	}
	if old.Adjustable != nil && !c.Adjustable.Given() {
		p.Adjustable = Some(*old.Adjustable)
	}
	line, err := t.checkoutLine(p, Some(link.Currency), param)
	if err != nil {
		return err
	}
	line.ID, line.AmountTotal = old.ID, line.Amount
	link.Lines = slices.Clone(link.Lines)
	link.Lines[at] = line
	return nil
}

// OpenPaymentLink begins a Checkout session, as everybody does who opens the address of a link. What stands in the address is filled in.
type OpenPaymentLink struct {
	Link      string `form:"-"`
	Email     string `form:"prefilled_email"`
	Code      string `form:"prefilled_promo_code"`
	Reference string `form:"client_reference_id"`
	Locale    string `form:"locale"`
}

func (c OpenPaymentLink) apply(t *tx) (Result, error) {
	link, ok := Get[PaymentLink](t.world, c.Link)
	if !ok {
		return nil, NotFound("payment_link", c.Link, "payment_link")
	}
	if !link.Active {
		return nil, invalid("", "", "The payment link %s is not active.", link.ID)
	}
	if !emailLike(c.Email) {
		c.Email = ""
	}
	made, err := link.session(c).apply(t)
	if err != nil {
		return nil, err
	}
	s := *made.(*CheckoutSession)
	s.PaymentLink, s.Asks = link.ID, link.Asks
	put(t, &s)
	if c.Code == "" {
		return &s, nil
	}
	if priced, err := (ChangeCheckout{Session: s.ID, Code: Some(c.Code)}).apply(t); err == nil { // a wrong code opens the page all the same
		return priced, nil
	}
	return &s, nil
}

// countLink counts a session that was completed on its link, which closes at its limit.
func (t *tx) countLink(s *CheckoutSession) {
	before, ok := Get[PaymentLink](t.world, s.PaymentLink)
	if !ok {
		return
	}
	link := *before
	link.Completed++
	if link.Limit == 0 || link.Completed < link.Limit {
		put(t, &link)
		return
	}
	link.Active = false
	update(t, "payment_link.updated", before, &link)
}

// ListPaymentLinks is GET /v1/payment_links.
type ListPaymentLinks struct {
	Page
	Active Opt[bool] `form:"active"`
}

func (q ListPaymentLinks) run(w *World) (*Listing, error) {
	return list(w, q.Page, selection[PaymentLink]{cursorName: "payment_link", keep: func(l *PaymentLink) bool { return q.Active.Or(l.Active) == l.Active }})
}

// ListPaymentLinkLines is GET /v1/payment_links/{id}/line_items.
type ListPaymentLinkLines struct {
	Page
	Link string `form:"-"`
}

func (q ListPaymentLinkLines) run(w *World) (*Listing, error) {
	link, ok := Get[PaymentLink](w, q.Link)
	if !ok {
		return nil, NotFound("payment_link", q.Link, "payment_link")
	}
	return listEmbedded(q.Page, link.Lines, "item", func(l *CheckoutLine) string { return l.ID })
}

// PaymentLinkByToken finds a payment link by the token in its URL.
func (w *World) PaymentLinkByToken(token string) (*PaymentLink, bool) {
	return one(w.tables.links.all("token", token))
}

var _ = register(CreatePaymentLink{}, UpdatePaymentLink{}, OpenPaymentLink{})
