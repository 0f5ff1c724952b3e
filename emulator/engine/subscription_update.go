package engine

import "slices"

// UpdateSubscription is POST /v1/subscriptions/{id}.
type UpdateSubscription struct {
	ID string `form:"-"`
	SubscriptionChange
	AddInvoiceItems      Opt[[]AddInvoiceItemParams]    `form:"add_invoice_items"`
	AutomaticTax         Opt[AutomaticTaxParam]         `form:"automatic_tax"`
	BillingThresholds    Opt[ThresholdParams]           `form:"billing_thresholds"`
	CancellationDetails  Opt[CancellationParams]        `form:"cancellation_details"`
	CollectionMethod     Opt[string]                    `form:"collection_method"`
	DaysUntilDue         Opt[int64]                     `form:"days_until_due"`
	DefaultPaymentMethod Opt[string]                    `form:"default_payment_method"`
	Description          Opt[string]                    `form:"description"`
	InvoiceSettings      Opt[InvoiceSettingsParams]     `form:"invoice_settings"`
	Metadata             Opt[map[string]string]         `form:"metadata"`
	OffSession           Opt[bool]                      `form:"off_session"`
	PauseCollection      Opt[PauseCollectionParams]     `form:"pause_collection"`
	PaymentBehavior      Opt[string]                    `form:"payment_behavior"`
	PaymentSettings      Opt[SubscriptionPaymentParams] `form:"payment_settings"`
	PendingItemInterval  Opt[ItemIntervalParams]        `form:"pending_invoice_item_interval"`
	TrialSettings        Opt[TrialSettingsParams]       `form:"trial_settings"`
}

// SubscriptionChange are the parameters that may move money: an update applies them, a preview works them out.
type SubscriptionChange struct {
	BillingCycleAnchor Opt[AnchorParams]     `form:"billing_cycle_anchor"`
	CancelAt           Opt[Instant]          `form:"cancel_at"`
	CancelAtPeriodEnd  Opt[bool]             `form:"cancel_at_period_end"`
	DefaultTaxRates    Opt[[]string]         `form:"default_tax_rates"`
	Discounts          Opt[[]DiscountParams] `form:"discounts"`
	Items              Opt[[]ItemChange]     `form:"items"`
	ProrationBehavior  Opt[string]           `form:"proration_behavior"`
	ProrationDate      Opt[int64]            `form:"proration_date"`
	TrialEnd           Opt[Instant]          `form:"trial_end"`
}

// AnchorParams is billing_cycle_anchor on update: now or unchanged, written as a word or, from endive on, as an object.
type AnchorParams struct {
	Type string `form:"type"`
}

// FromScalar reads billing_cycle_anchor=now.
func (p *AnchorParams) FromScalar(text string) error {
	p.Type = text
	return nil
}

// ItemChange is one element of items on update: with an id it changes that item, without one it adds an item.
type ItemChange struct {
	ID         Opt[string] `form:"id"`
	ClearUsage Opt[bool]   `form:"clear_usage"`
	Deleted    Opt[bool]   `form:"deleted"`
	SubscriptionItemParams
}

// CancellationParams are cancellation_details.
type CancellationParams struct {
	Comment  Opt[string] `form:"comment"`
	Feedback Opt[string] `form:"feedback"`
}

func (c UpdateSubscription) apply(t *tx) (Result, error) {
	before, err := t.subscriptionAtPath(c.ID, "id")
	if err != nil {
		return nil, err
	}
	if c.movesMoney() && before.live() {
		before = t.dropPending(before)
	}
	parks := c.PaymentBehavior.Or("") == PendingIfIncomplete
	if parks {
		if err := c.pendable(before); err != nil {
			return nil, err
		}
	}
	s := before.clone()
	if err := c.setPlain(t, s); err != nil {
		return nil, err
	}
	if !before.live() {
		if !c.onlyAfterEnd() {
			return nil, invalid("", "invalid_canceled_subscription_fields", canceledMessage)
		}
		t.putChanged(before, s)
		return s, nil
	}
	if before.Schedule != "" && (c.CancelAt.Given() || c.CancelAtPeriodEnd.Given()) {
		return nil, invalid("", "", "The subscription is managed by the subscription schedule `%s`, and updating any cancelation behavior directly "+
			"is not allowed. Please update the schedule instead.", before.Schedule)
	}
	if before.Status == SubIncomplete && c.movesMoney() {
		return nil, invalid("", "", "This subscription is incomplete: only its metadata, description and payment method can change until its first invoice is paid.")
	}
	if c.endsTrialOnly() && before.Status == SubTrialing && !t.hasMethod(s) && t.trialCutShort(before, s) {
		return must[Subscription](t, s.ID), nil
	}
	changed, err := t.change(before, s, c.SubscriptionChange)
	if err != nil {
		return nil, err
	}
	if err := t.checkThresholds(changed.sub); err != nil {
		return nil, err
	}
	extras, err := t.extraItems(s, c.AddInvoiceItems)
	if err != nil {
		return nil, err
	}
	changed.items = append(changed.items, extras...)
	who := onSession
	if c.OffSession.Or(false) {
		who = offSession
	}
	if parks {
		return t.park(before, changed, parking{who: who})
	}
	return t.applyChange(before, changed, c.PaymentBehavior.Or(AllowIncomplete), who)
}

// setPlain takes the parameters that never bill anything.
func (c UpdateSubscription) setPlain(t *tx, s *Subscription) error {
	if err := t.checkMethod(c.DefaultPaymentMethod.Or(""), s.Customer, "default_payment_method"); err != nil {
		return err
	}
	if err := oneOf("payment_behavior", c.PaymentBehavior.Or(AllowIncomplete), AllowIncomplete, DefaultIncomplete, ErrorIfIncomplete, PendingIfIncomplete); err != nil {
		return err
	}
	c.DefaultPaymentMethod.Set(&s.DefaultPaymentMethod)
	c.Description.Set(&s.Description)
	s.Metadata = mergeMetadata(s.Metadata, c.Metadata)
	if d, ok := c.CancellationDetails.Get(); ok {
		if err := s.CancellationDetails.set(d); err != nil {
			return err
		}
	}
	if method, ok := c.CollectionMethod.Get(); ok {
		if err := oneOf("collection_method", method, ChargeAutomatically, InvoiceByMail); err != nil {
			return err
		}
		s.CollectionMethod = method
	}
	if err := s.setCollection(c.DaysUntilDue); err != nil {
		return err
	}
	var err error
	if s.Thresholds, err = takeThresholds(c.BillingThresholds, s.Thresholds, "billing_thresholds"); err != nil {
		return err
	}
	if err := t.setPause(s, c.PauseCollection); err != nil {
		return err
	}
	if err := c.AutomaticTax.Or(AutomaticTaxParam{}).check("automatic_tax"); err != nil {
		return err
	}
	if err := s.InvoiceSettings.take(c.InvoiceSettings, "invoice_settings"); err != nil {
		return err
	}
	if err := s.setPaymentSettings(c.PaymentSettings); err != nil {
		return err
	}
	if err := t.setItemInterval(s, c.PendingItemInterval); err != nil {
		return err
	}
	return s.setTrialSettings(c.TrialSettings)
}

var feedbacks = []string{
	"customer_service", "low_quality", "missing_features", "other", "switched_service", "too_complex", "too_expensive", "unused",
}

func (d *CancellationDetails) set(p CancellationParams) error {
	if word, ok := p.Feedback.Get(); ok {
		if err := oneOf("cancellation_details[feedback]", word, feedbacks...); err != nil {
			return err
		}
	}
	p.Comment.Set(&d.Comment)
	p.Feedback.Set(&d.Feedback)
	return nil
}

// onlyAfterEnd says whether an update keeps to what may change once a subscription has ended.
func (c UpdateSubscription) onlyAfterEnd() bool {
	return !c.movesMoney() && !c.CollectionMethod.Given() && !c.DaysUntilDue.Given() && !c.DefaultPaymentMethod.Given() &&
		!c.Description.Given() && !c.PaymentSettings.Given() && !c.TrialSettings.Given() &&
		!c.OffSession.Given() && !c.PendingItemInterval.Given() && !c.BillingThresholds.Given() && !c.InvoiceSettings.Given() && !c.PauseCollection.Given()
}

func (c UpdateSubscription) movesMoney() bool {
	return c.BillingCycleAnchor.Given() || c.CancelAt.Given() || c.CancelAtPeriodEnd.Given() || c.Items.Given() || c.TrialEnd.Given() ||
		c.AddInvoiceItems.Given() || c.Discounts.Given() || c.DefaultTaxRates.Given()
}

// applyChange stores a change that was worked out, and bills it now or with the next invoice.
func (t *tx) applyChange(before *Subscription, c change, behavior string, who presence) (*Subscription, error) {
	s := c.sub
	if !c.invoiceNow {
		t.putChanged(before, s)
		for _, item := range c.items {
			create(t, "invoiceitem.created", item)
		}
		return s, nil
	}
	since := t.mark()
	t.held = s.ID
	t.storeSubscription(before, s)
	err := t.billChange(c, behavior, who)
	t.held = ""
	if err != nil {
		return nil, err
	}
	after := must[Subscription](t, s.ID)
	t.emitChange("customer.subscription.updated", before, after)
	story := storyInvoiced
	if must[Invoice](t, after.LatestInvoice).PaymentIntent == "" {
		story = storyInvoicedFree
	}
	t.arrange(since, story)
	return after, nil
}

// putChanged stores the next state, with an event if it differs.
func (t *tx) putChanged(before, after *Subscription) {
	if sameSubscription(before, after) {
		return
	}
	t.putSubscription(before, after)
}

// billChange invoices a change at once, as payment_behavior says.
func (t *tx) billChange(c change, behavior string, who presence) error {
	inv := t.draft(t.billOf(c), func(inv *Invoice) { inv.AutoAdvance = true })
	s := c.sub.clone()
	s.LatestInvoice = inv.ID
	t.remember(s, inv)
	t.storeSubscription(c.sub, s)
	switch inv = t.finalize(inv); {
	case inv.Status != InvoiceOpen:
		return nil
	case inv.CollectionMethod == InvoiceByMail:
		t.emit("invoice.sent", inv)
		return nil
	case behavior == DefaultIncomplete:
		t.awaitConfirm(inv)
		t.turnPastDue(inv) // until the payer confirms
		return nil
	}
	if t.methodFor(inv) == "" && behavior != unattended {
		return noPaymentMethod()
	}
	if p := t.attempt(inv, who); !p.paid && behavior == ErrorIfIncomplete {
		return p.refusal(t.decided().FirstChallengeCode)
	}
	return nil
}

// billOf is the invoice of a change that is billed at once: what waits for the subscription, its own prorations, then the
// ordinary lines of a new period.
func (t *tx) billOf(c change) bill {
	return bill{
		Customer: must[Customer](t, c.sub.Customer), Subscription: c.sub, Reason: "subscription_update", Currency: c.sub.Currency,
		Period: c.period, Pending: slices.Concat(t.pendingFor(c.sub), c.items), Lines: c.lines, ProratedAt: c.proratedAt,
	}
}
