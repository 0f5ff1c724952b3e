package engine

// CreatePreview is POST /v1/invoices/create_preview: the next invoice of a subscription, of one after a change, or of one
// to be. It goes through the very code that would bill, up to the point where something would be stored, and takes back
// what it had to store on the way.
type CreatePreview struct {
	Customer            Opt[string]                    `form:"customer"`
	Currency            Opt[string]                    `form:"currency"`
	Discounts           Opt[[]DiscountParams]          `form:"discounts"`
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
}

// PreviewItemParams are one element of invoice_items.
type PreviewItemParams struct {
	Amount      Opt[int64]    `form:"amount"`
	Currency    Opt[string]   `form:"currency"`
	Description Opt[string]   `form:"description"`
	Price       Opt[string]   `form:"price"`
	Quantity    Opt[int64]    `form:"quantity"`
	TaxRates    Opt[[]string] `form:"tax_rates"`
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
	if c.Schedule.Given() || c.ScheduleDetails.Given() {
		return c.ofSchedule(t)
	}
	if id, ok := c.Subscription.Get(); ok {
		s, found := Get[Subscription](t.world, id)
		if !found || c.Customer.Or(s.Customer) != s.Customer {
			return nil, noSuchParam("subscription", id, "subscription")
		}
		if err := t.enter(s.TestClock); err != nil {
			return nil, err
		}
		return c.ofSubscription(t, s)
	}
	if !c.Customer.Given() {
		return nil, required("customer")
	}
	customer, err := t.enterCustomer(c.Customer.Or(""), "customer")
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
	if !before.cycling() {
		return nil, nothingUpcoming(before.Customer)
	}
	if err := c.addItems(t, before); err != nil {
		return nil, err
	}
	changed, err := t.change(before, before.clone(), details.SubscriptionChange)
	if err != nil {
		return nil, err
	}
	if details.CancelNow.Or(false) {
		return t.previewCancel(before, details), nil
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

// previewCancel is the final invoice of a subscription that would end now.
func (t *tx) previewCancel(s *Subscription, details PreviewSubscriptionParams) *Invoice {
	var c change
	if details.ProrationBehavior.Or(t.settings().ProrationBehavior) != NoProrations {
		at := details.ProrationDate.Or(t.now)
		for _, item := range s.Items {
			t.addProrations(s, &c, item, prorate(at, t.bought(s, item), nil))
		}
	}
	c.sub, c.period, c.lines = s, Period{s.periodStart(), t.now}, t.owed(s, t.now)
	b := t.billOf(c)
	b.Reason = "upcoming"
	return t.asPreview(t.compose(b))
}

// ofNew previews the first invoice of a subscription that does not exist yet.
func (c CreatePreview) ofNew(t *tx, customer *Customer) (*Invoice, error) {
	details := c.SubscriptionDetails.Or(PreviewSubscriptionParams{})
	create := CreateSubscription{
		Customer: Some(customer.ID), Currency: c.Currency, BillingMode: details.BillingMode, CancelAt: details.CancelAt,
		CancelAtPeriodEnd: details.CancelAtPeriodEnd, DefaultTaxRates: details.DefaultTaxRates, ProrationBehavior: details.ProrationBehavior, TrialEnd: details.TrialEnd,
	}
	changes, _ := details.Items.Get()
	var items []SubscriptionItemParams
	for _, item := range changes {
		items = append(items, item.SubscriptionItemParams)
	}
	create.Items = Some(items)
	planned, err := t.planSubscription(create, customer)
	if err != nil {
		return nil, err
	}
	if err := c.addItems(t, planned.sub); err != nil {
		return nil, err
	}
	if planned.first == nil {
		return nil, nothingUpcoming(customer.ID)
	}
	planned.first.Pending = t.pendingFor(planned.sub)
	planned.first.Reason = "upcoming"
	return t.asPreview(t.compose(*planned.first)), nil
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

// addItems puts the items that the preview shall hold beside the real ones.
func (c CreatePreview) addItems(t *tx, s *Subscription) error {
	items, _ := c.InvoiceItems.Get()
	for _, p := range items {
		item, err := t.newInvoiceItem(CreateInvoiceItem{
			Amount: p.Amount, Currency: p.Currency, Description: p.Description, Quantity: p.Quantity,
			Pricing: Some(PricingParams{Price: p.Price}), TaxRates: p.TaxRates,
		}, must[Customer](t, s.Customer))
		if err != nil {
			return err
		}
		put(t, item)
	}
	return nil
}

// asPreview gives a composed invoice what only previews have: ids of their own kind, and the balance as it would end.
func (t *tx) asPreview(inv *Invoice) *Invoice {
	inv.ID = t.long("upcoming_in_")
	for _, line := range inv.Lines {
		line.ID, line.Invoice = t.long("il_tmp_"), inv.ID
	}
	ending := min(0, inv.Total+inv.StartingBalance)
	inv.EndingBalance, inv.BillingReason = &ending, "upcoming"
	return inv
}
