package engine

// CreatePreview is POST /v1/invoices/create_preview: the next invoice of a subscription, of one after a change, or of one
// to be. It goes through the very code that would bill, up to the point where something would be stored, and takes back
// what it had to store on the way.
type CreatePreview struct {
	AutomaticTax        Opt[AutomaticTaxParam]         `form:"automatic_tax"`
	Customer            Opt[string]                    `form:"customer"`
	CustomerDetails     Opt[PreviewCustomerParams]     `form:"customer_details"`
	Currency            Opt[string]                    `form:"currency"`
	Discounts           Opt[[]DiscountParams]          `form:"discounts"`
	Issuer              Opt[IssuerParams]              `form:"issuer"`
	Schedule            Opt[string]                    `form:"schedule"`
	ScheduleDetails     Opt[PreviewScheduleParams]     `form:"schedule_details"`
	Subscription        Opt[string]                    `form:"subscription"`
	SubscriptionDetails Opt[PreviewSubscriptionParams] `form:"subscription_details"`
	InvoiceItems        Opt[[]PreviewItemParams]       `form:"invoice_items"`
	PreviewMode         Opt[string]                    `form:"preview_mode"`
}

// PreviewSubscriptionParams are subscription_details.
type PreviewSubscriptionParams struct {
	SubscriptionChange
	BillingMode Opt[BillingModeParams] `form:"billing_mode"`
	CancelNow   Opt[bool]              `form:"cancel_now"`
	Metadata    Opt[map[string]string] `form:"metadata"`
	Pause       Opt[PauseParams]       `form:"pause"`
	ResumeAt    Opt[string]            `form:"resume_at"`
	StartDate   Opt[int64]             `form:"start_date"`
}

func (c CreatePreview) apply(t *tx) (Result, error) {
	start := t.savepoint()
	inv, err := c.preview(t)
	if err == nil && c.Discounts.Given() {
		err = t.rediscount(inv, c.Discounts, granting{level: Discount{Customer: inv.Customer}, currency: inv.Currency, param: "discounts"})
		ending := min(0, inv.Total+inv.StartingBalance)
		inv.EndingBalance = &ending
	}
	t.rollbackTo(start)
	if err != nil {
		return nil, err
	}
	return inv, nil
}

func (c CreatePreview) preview(t *tx) (*Invoice, error) {
	if c.PreviewMode.Or("next") != "next" {
		return nil, unsupported("preview_mode", c.PreviewMode.Or(""))
	}
	if err := c.AutomaticTax.Or(AutomaticTaxParam{}).check("automatic_tax"); err != nil {
		return nil, err
	}
	if err := c.Issuer.Or(issuedByUs).check("issuer"); err != nil {
		return nil, err
	}
	if c.Schedule.Given() || c.ScheduleDetails.Given() {
		return c.ofSchedule(t)
	}
	if id, ok := c.Subscription.Get(); ok {
		s, found := Get[Subscription](t.world, id)
		if !found || c.Customer.Or(s.Customer) != s.Customer {
			return nil, noSuchParam("subscription", id, "subscription")
		}
		if _, err := c.enterDetailed(t, s.Customer); err != nil {
			return nil, err
		}
		return c.ofSubscription(t, s)
	}
	if !c.Customer.Given() && !c.CustomerDetails.Given() {
		return nil, required("customer")
	}
	customer, err := c.enterDetailed(t, c.Customer.Or(""))
	if err != nil {
		return nil, err
	}
	if c.SubscriptionDetails.Given() {
		return c.ofNew(t, customer)
	}
	for _, s := range t.world.tables.subscriptions.all("customer", customer.ID) {
		if s.cycling() {
			return c.ofSubscription(t, s)
		}
	}
	return c.ofCustomer(t, customer)
}

func nothingUpcoming(customer string) error {
	return &Error{Status: 404, Type: InvalidRequest, Code: "invoice_upcoming_none", Message: "No upcoming invoices for customer: " + customer}
}

// ofSubscription previews the next invoice of a subscription, after the change that was asked about.
func (c CreatePreview) ofSubscription(t *tx, before *Subscription) (*Invoice, error) {
	details := c.SubscriptionDetails.Or(PreviewSubscriptionParams{})
	resumes := details.ResumeAt.Given() && before.Status == SubPaused
	if !before.cycling() && !resumes {
		return nil, nothingUpcoming(before.Customer)
	}
	if err := c.fits(before); err != nil {
		return nil, err
	}
	if err := c.addItems(t, before); err != nil {
		return nil, err
	}
	if details.CancelNow.Or(false) {
		return t.previewCancel(before, details), nil
	}
	if pause, ok := details.Pause.Get(); ok {
		inv, err := t.previewPause(before, pause)
		return inv, inside(err, "subscription_details")
	}
	after := before.clone()
	after.Metadata = mergeMetadata(after.Metadata, details.Metadata)
	changed, err := t.changeOrResume(before, after, details)
	if err != nil {
		return nil, inside(err, "subscription_details")
	}
	if changed.invoiceNow {
		b := t.billOf(changed)
		b.Reason = "upcoming"
		return t.asPreview(t.compose(b)), nil
	}
	t.storeChange(before, changed)
	if s := changed.sub; s.endsAt(s.cycleAt()) && len(t.pendingFor(s)) == 0 && len(t.owed(s, s.cycleAt())) == 0 {
		return nil, nothingUpcoming(before.Customer)
	}
	inv := t.upcoming(changed.sub)
	inv.SubscriptionProration = changed.proratedAt
	return inv, nil
}

// fits refuses what is only for a subscription to be, and a currency that the subscription does not have.
func (c CreatePreview) fits(s *Subscription) error {
	details := c.SubscriptionDetails.Or(PreviewSubscriptionParams{})
	switch {
	case details.StartDate.Given():
		return invalid("subscription_details[start_date]", "", "You cannot set `start_date` for a subscription that exists already.")
	case details.BillingMode.Given():
		return invalid("subscription_details[billing_mode]", "", "The billing mode of a subscription cannot be changed by an update.")
	case c.Currency.Given() && !sameCurrency(c.Currency.Or(""), s.Currency):
		return invalid("currency", "", "The subscription %s is billed in `%s`; its invoices cannot be previewed in another currency.", s.ID, s.Currency)
	}
	return nil
}

// changeOrResume works out what the details ask of a subscription: to go on after a pause, or a change.
func (t *tx) changeOrResume(before, after *Subscription, details PreviewSubscriptionParams) (change, error) {
	if before.Status != SubPaused {
		return t.change(before, after, details.SubscriptionChange)
	}
	if details.Items.Given() || details.TrialEnd.Given() || details.CancelAt.Given() || details.CancelAtPeriodEnd.Given() || details.DefaultTaxRates.Given() {
		return change{}, invalid("resume_at", "", "You cannot preview other changes of a subscription together with its resumption.")
	}
	return ResumeSubscription{
		BillingCycleAnchor: details.BillingCycleAnchor, ProrationBehavior: details.ProrationBehavior, ProrationDate: details.ProrationDate,
	}.plan(t, after)
}

// previewCancel is the final invoice of a subscription that would end now.
func (t *tx) previewCancel(s *Subscription, details PreviewSubscriptionParams) *Invoice {
	var c change
	if details.ProrationBehavior.Or(t.settings().ProrationBehavior) != NoProrations {
		at := details.ProrationDate.Or(t.now)
		for _, item := range s.Items {
			t.addProrations(s, &c, item, prorate(at, t.bought(s, item), nil, t.ties()))
		}
	}
	c.sub, c.period, c.lines = s, Period{s.periodStart(), t.now}, t.owed(s, t.now)
	b := t.billOf(c)
	b.Reason = "upcoming"
	return t.asPreview(t.compose(b))
}

// ofCustomer previews an invoice of what waits for a customer without a subscription.
func (c CreatePreview) ofCustomer(t *tx, customer *Customer) (*Invoice, error) {
	s := &Subscription{Customer: customer.ID, Currency: customer.Currency}
	if s.Currency == "" {
		s.Currency = c.Currency.Or(t.settings().DefaultCurrency)
	}
	if err := c.addItems(t, s); err != nil {
		return nil, err
	}
	pending := t.pendingFor(s)
	if len(pending) == 0 {
		return nil, nothingUpcoming(customer.ID)
	}
	return t.asPreview(t.compose(bill{
		Customer: customer, Reason: "upcoming", Currency: s.Currency, Period: Period{t.now, t.now}, Pending: pending,
	})), nil
}

// asPreview gives a composed invoice what only previews have: ids of their own kind, and the balance as it would end.
func (t *tx) asPreview(inv *Invoice) *Invoice {
	inv.ID = t.long("upcoming_in_")
	for _, line := range inv.Lines {
		line.ID, line.Invoice = t.long("il_tmp_"), inv.ID
	}
	inv.EndingBalance, inv.BillingReason = t.world.memory.number(min(0, inv.Total+inv.StartingBalance)), "upcoming"
	inv.CustomerTaxIDs = append([]NamedTaxID{}, t.namedTaxIDs(inv.Customer)...)
	return inv
}
