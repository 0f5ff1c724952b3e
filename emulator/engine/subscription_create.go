package engine

import "fmt"

// CreateSubscription is POST /v1/subscriptions.
type CreateSubscription struct {
	AutomaticTax             Opt[AutomaticTaxParam]         `form:"automatic_tax"`
	Customer                 Opt[string]                    `form:"customer"`
	InvoiceSettings          Opt[InvoiceSettingsParams]     `form:"invoice_settings"`
	Items                    Opt[[]SubscriptionItemParams]  `form:"items"`
	AddInvoiceItems          Opt[[]AddInvoiceItemParams]    `form:"add_invoice_items"`
	BackdateStartDate        Opt[int64]                     `form:"backdate_start_date"`
	BillingCycleAnchor       Opt[int64]                     `form:"billing_cycle_anchor"`
	BillingCycleAnchorConfig Opt[AnchorConfigParams]        `form:"billing_cycle_anchor_config"`
	BillingMode              Opt[BillingModeParams]         `form:"billing_mode"`
	BillingThresholds        Opt[ThresholdParams]           `form:"billing_thresholds"`
	CancelAt                 Opt[Instant]                   `form:"cancel_at"`
	CancelAtPeriodEnd        Opt[bool]                      `form:"cancel_at_period_end"`
	CollectionMethod         Opt[string]                    `form:"collection_method"`
	Currency                 Opt[string]                    `form:"currency"`
	DaysUntilDue             Opt[int64]                     `form:"days_until_due"`
	DefaultPaymentMethod     Opt[string]                    `form:"default_payment_method"`
	DefaultTaxRates          Opt[[]string]                  `form:"default_tax_rates"`
	Description              Opt[string]                    `form:"description"`
	Discounts                Opt[[]DiscountParams]          `form:"discounts"`
	Metadata                 Opt[map[string]string]         `form:"metadata"`
	OffSession               Opt[bool]                      `form:"off_session"`
	PaymentBehavior          Opt[string]                    `form:"payment_behavior"`
	PaymentSettings          Opt[SubscriptionPaymentParams] `form:"payment_settings"`
	PendingItemInterval      Opt[ItemIntervalParams]        `form:"pending_invoice_item_interval"`
	ProrationBehavior        Opt[string]                    `form:"proration_behavior"`
	TrialEnd                 Opt[Instant]                   `form:"trial_end"`
	TrialFromPlan            Opt[bool]                      `form:"trial_from_plan"`
	TrialPeriodDays          Opt[int64]                     `form:"trial_period_days"`
	TrialSettings            Opt[TrialSettingsParams]       `form:"trial_settings"`

	waits bool // the first invoice is a draft for its hour: a quote was accepted
}

// Limits of a subscription.
const (
	subscriptionItemsMax           = 20
	subscriptionsPerCustomer       = 500
	subscriptionsOnClock           = 3
	trialSecondsMax          int64 = 730 * secondsPerDay
)

func (c CreateSubscription) apply(t *tx) (Result, error) {
	who := onSession
	if c.OffSession.Or(false) {
		who = offSession
	}
	return t.createSubscription(c, who)
}

// newSubscription is a subscription to be, with its first bill (nil when nothing is billed at the start).
type newSubscription struct {
	sub   *Subscription
	first *bill
	waits bool // the first invoice is a draft for its hour, and nothing depends on its payment: a schedule starts it
}

// createSubscription is the body of POST /v1/subscriptions; Checkout comes here too when its payer is known.
func (t *tx) createSubscription(c CreateSubscription, who presence) (*Subscription, error) {
	if !c.Customer.Given() {
		return nil, required("customer")
	}
	customer, err := t.enterCustomer(c.Customer.Or(""), "customer")
	if err != nil {
		return nil, err
	}
	since := t.mark()
	planned, err := t.planSubscription(c, customer)
	if err != nil {
		return nil, err
	}
	if err := t.roomForSubscription(customer); err != nil {
		return nil, err
	}
	if _, err := t.fixCurrency(customer, planned.sub.Currency); err != nil {
		return nil, err
	}
	t.held = planned.sub.ID
	story, err := t.startSubscription(planned, c.PaymentBehavior.Or(AllowIncomplete), who)
	t.held = ""
	if err != nil {
		return nil, err
	}
	s := t.awaitSetup(must[Subscription](t, planned.sub.ID))
	t.emit("customer.subscription.created", s)
	if s.Status == SubTrialing && s.trialWarningAt() <= t.now {
		t.emit("customer.subscription.trial_will_end", s)
	}
	t.arrange(since, story)
	return s, nil
}

// startSubscription stores a planned subscription and bills its start; it answers which story the events tell.
func (t *tx) startSubscription(planned newSubscription, behavior string, who presence) ([]string, error) {
	s := planned.sub
	s.Status = s.statusOnceStarted(t.now)
	t.storeSubscription(nil, s)
	if planned.first == nil {
		return storyCreated, nil
	}
	planned.first.Customer = must[Customer](t, s.Customer)
	waits := planned.waits || s.CollectionMethod == InvoiceByMail
	inv := t.draft(*planned.first, func(inv *Invoice) {
		inv.AutoAdvance, inv.Scheduled = true, planned.waits
		if waits {
			t.advancing(true)(inv)
		}
	})
	next := s.clone()
	next.LatestInvoice = inv.ID
	t.remember(next, inv)
	t.rememberPartial(next, inv)
	if !waits && inv.AmountDue >= minimum(inv.Currency) {
		next.Status = SubIncomplete
	}
	t.storeSubscription(s, next)
	if waits {
		return storyCreated, nil
	}
	if inv = t.finalize(inv); inv.Status == InvoicePaid {
		return storyCreatedFree, nil
	}
	return t.collectFirst(inv, behavior, who)
}

// collectFirst pays the first invoice as payment_behavior says.
func (t *tx) collectFirst(inv *Invoice, behavior string, who presence) ([]string, error) {
	if behavior == DefaultIncomplete {
		t.awaitConfirm(inv)
		return storyCreatedUnattempted, nil
	}
	if t.methodFor(inv) == "" {
		return nil, noPaymentMethod()
	}
	p := t.attempt(inv, who)
	switch {
	case p.paid:
		return storyCreated, nil
	case behavior == ErrorIfIncomplete:
		return nil, p.refusal(t.decided().FirstChallengeCode)
	}
	return storyCreatedUnpaid, nil
}

// refusal is the error of error_if_incomplete: nothing was made, so it names nothing that was.
func (p payment) refusal(challenge string) *Error {
	if p.err == nil {
		return &Error{Status: 402, Type: CardError, Code: challenge, Message: "Subscription creation failed because the payment requires " +
			"additional user action before completion."}
	}
	e := *p.err
	e.Keep, e.Charge, e.PaymentIntent = false, "", ""
	return &e
}

// roomForSubscription checks Stripe's limits per customer.
func (t *tx) roomForSubscription(c *Customer) error {
	most := subscriptionsPerCustomer
	if c.TestClock != "" {
		most = subscriptionsOnClock
	}
	count := 0
	for _, s := range t.world.tables.subscriptions.all("customer", c.ID) {
		if s.live() {
			count++
		}
	}
	for _, sc := range t.world.tables.schedules.all("customer", c.ID) {
		if sc.Status == ScheduleNotStarted {
			count++
		}
	}
	if count >= most {
		return invalid("customer", "customer_max_subscriptions", "Customer %s already has the maximum %d current subscriptions.", c.ID, most)
	}
	return nil
}

// planSubscription checks a create and works out what it would make. Nothing is stored, so that a preview and Checkout's
// amount come from here too; prices made inline are the one exception.
func (t *tx) planSubscription(c CreateSubscription, customer *Customer) (newSubscription, error) {
	s := &Subscription{
		ID: t.long("sub_"), Created: t.now, StartDate: t.now, TestClock: customer.TestClock, Customer: customer.ID,
		CollectionMethod:     c.CollectionMethod.Or(ChargeAutomatically),
		Description:          c.Description.Or(""),
		DefaultPaymentMethod: c.DefaultPaymentMethod.Or(""),
		MissingPaymentMethod: "create_invoice", SaveDefaultPaymentMethod: "off",
		Metadata: mergeMetadata(nil, c.Metadata),
	}
	var err error
	if s.BillingMode, err = t.takeMode(c.BillingMode); err != nil {
		return newSubscription{}, err
	}
	if err := t.checkCreate(c, s); err != nil {
		return newSubscription{}, err
	}
	s.startEarly(c, t.now)
	items, _ := c.Items.Get()
	for i, p := range items {
		item, err := t.newItem(s, p, c.Currency.Or(""), fmt.Sprintf("items[%d]", i))
		if err != nil {
			return newSubscription{}, err
		}
		s.Items = append(s.Items, item)
	}
	if err := t.checkRhythm(s); err != nil {
		return newSubscription{}, err
	}
	if s.Thresholds, err = takeThresholds(c.BillingThresholds, nil, "billing_thresholds"); err != nil {
		return newSubscription{}, err
	}
	if err := t.checkThresholds(s); err != nil {
		return newSubscription{}, err
	}
	if s.Discounts, err = t.grant(c.Discounts, granting{
		level: Discount{Customer: s.Customer, Subscription: s.ID}, currency: s.Currency, param: "discounts", worth: t.worth(s), from: s.counted(t.now),
	}); err != nil {
		return newSubscription{}, err
	}
	partial, err := t.placeFirstPeriod(c, s)
	if err != nil {
		return newSubscription{}, err
	}
	if err := t.setCancelAt(s, c.CancelAt, c.CancelAtPeriodEnd); err != nil {
		return newSubscription{}, err
	}
	if err := t.setItemInterval(s, c.PendingItemInterval); err != nil {
		return newSubscription{}, err
	}
	first, err := t.firstBill(c, s, customer, partial)
	return newSubscription{sub: s, first: first, waits: c.waits}, err
}

// takeMode is the billing mode that was asked for, or the one for those who do not say.
func (t *tx) takeMode(p Opt[BillingModeParams]) (BillingMode, error) {
	mode := BillingMode{Type: t.defaultMode(), UpdatedAt: t.now}
	given, ok := p.Get()
	if ok {
		mode.Type = given.Type.Or(ModeFlexible)
	}
	if err := oneOf("billing_mode[type]", mode.Type, ModeClassic, ModeFlexible); err != nil {
		return mode, err
	}
	if mode.Type == ModeClassic {
		if given.Flexible.Given() {
			return mode, invalid("billing_mode[flexible]", "", "You can only set `billing_mode[flexible]` if `billing_mode[type]` is `flexible`.")
		}
		return mode, nil
	}
	mode.ProrationDiscounts = given.Flexible.Or(FlexibleParams{}).ProrationDiscounts.Or(discountsIncluded)
	return mode, oneOf("billing_mode[flexible][proration_discounts]", mode.ProrationDiscounts, discountsIncluded, discountsItemized)
}

// flexibleSince is the first API version whose subscriptions are flexible unless they say otherwise.
const flexibleSince = "2025-09-30"

// defaultMode is the billing mode of a create that does not say: the account's, but classic for requests of old versions.
func (t *tx) defaultMode() string {
	if v := t.req.Version; v != "" && v < flexibleSince {
		return ModeClassic
	}
	return t.settings().BillingMode
}

// checkCreate checks the parameters that stand alone, and takes those that need no more.
func (t *tx) checkCreate(c CreateSubscription, s *Subscription) error {
	items, _ := c.Items.Get()
	if len(items) == 0 {
		return required("items")
	}
	if len(items) > subscriptionItemsMax {
		return invalid("items", "", "A subscription can have at most %d items.", subscriptionItemsMax)
	}
	if err := oneOf("collection_method", s.CollectionMethod, ChargeAutomatically, InvoiceByMail); err != nil {
		return err
	}
	behavior := c.PaymentBehavior.Or(AllowIncomplete)
	if err := oneOf("payment_behavior", behavior, AllowIncomplete, DefaultIncomplete, ErrorIfIncomplete); err != nil {
		return err
	}
	if err := oneOf("proration_behavior", c.ProrationBehavior.Or(t.settings().ProrationBehavior), CreateProrations, AlwaysInvoice, NoProrations); err != nil {
		return err
	}
	if err := s.setCollection(c.DaysUntilDue); err != nil {
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
	if err := s.setTrialSettings(c.TrialSettings); err != nil {
		return err
	}
	rates, err := t.taxRatesParam(c.DefaultTaxRates, nil, "default_tax_rates")
	if err != nil {
		return err
	}
	s.DefaultTaxRates = rates
	return t.checkMethod(s.DefaultPaymentMethod, s.Customer, "default_payment_method")
}

// placeFirstPeriod sets anchor, trial and the items' first period. partial says that the first period ends at an anchor
// that was asked for, and is billed by its share.
func (t *tx) placeFirstPeriod(c CreateSubscription, s *Subscription) (partial bool, err error) {
	s.BillingCycleAnchor = t.now
	if err := t.takeBackdate(c, s); err != nil {
		return false, err
	}
	if s.TrialEnd, err = t.trialEnd(c, s); err != nil {
		return false, err
	}
	anchor, anchored, err := t.askedAnchor(c, s)
	if err != nil {
		return false, err
	}
	if anchored {
		s.BillingCycleAnchor = anchor
	}
	if s.TrialEnd != 0 {
		s.TrialStart = t.now
		if !anchored {
			s.BillingCycleAnchor = s.TrialEnd
		}
	}
	for _, item := range s.Items {
		item.CurrentPeriodStart, item.CurrentPeriodEnd = t.now, s.TrialEnd
		if s.TrialEnd == 0 {
			period := t.periodOf(s, item, t.now)
			item.CurrentPeriodEnd = period.End
			if s.BillingCycleAnchor < t.now { // a schedule that began in the past and keeps its own rhythm
				item.CurrentPeriodStart = period.Start
			}
		}
	}
	return anchored && s.TrialEnd == 0 && anchor > t.now, nil
}

// trialEnd is the end of the trial that was asked for, 0 for none.
func (t *tx) trialEnd(c CreateSubscription, s *Subscription) (int64, error) {
	end, asked := c.TrialEnd.Get()
	days, byDays := c.TrialPeriodDays.Get()
	switch {
	case asked && byDays:
		return 0, invalid("", "parameters_exclusive", "You may only specify one of these parameters: trial_end, trial_period_days.")
	case asked && c.TrialFromPlan.Or(false):
		return 0, invalid("", "parameters_exclusive", "You may only specify one of these parameters: trial_end, trial_from_plan.")
	case asked:
		at, ok := end.Resolve(t.now)
		if !ok || end.Word == "" && at <= t.now {
			return 0, invalid("trial_end", "", "Invalid timestamp: must be an integer Unix timestamp in the future.")
		}
		if at-t.now > trialSecondsMax {
			return 0, invalid("trial_end", "", "Invalid timestamp: trial_end can be no more than two years in the future.")
		}
		return t.future(at), nil
	case byDays:
		if days < 0 || days > trialDaysMax {
			return 0, invalid("trial_period_days", "parameter_invalid_integer", "The maximum number of trial period days is %d (2 years).", trialDaysMax)
		}
	case c.TrialFromPlan.Or(false):
		for _, item := range s.Items {
			days = max(days, must[Price](t, item.Price).Recurring.TrialPeriodDays)
		}
	}
	return t.future(t.now + days*secondsPerDay), nil
}

// checkAnchor checks that a billing_cycle_anchor lies ahead, within one period.
func (t *tx) checkAnchor(s *Subscription, anchor int64) error {
	if anchor < t.now && anchor != s.StartDate {
		return invalid("billing_cycle_anchor", "", "billing_cycle_anchor must be a Unix timestamp that is not in the past.")
	}
	for _, item := range s.Items {
		if _, next := intervalOf(must[Price](t, item.Price)).containing(t.now, t.now); anchor > next {
			return invalid("billing_cycle_anchor", "", "billing_cycle_anchor cannot be later than next natural billing date (%d) for plan", next)
		}
	}
	return nil
}

// firstBill is what the start of a subscription bills: nil for nothing, which is only so without a trial when the time up
// to an anchor is given away.
func (t *tx) firstBill(c CreateSubscription, s *Subscription, customer *Customer, partial bool) (*bill, error) {
	b := &bill{
		Customer: customer, Subscription: s, Reason: "subscription_create", Currency: s.Currency, Period: Period{t.now, t.now},
	}
	if customer.ID != "" {
		b.Pending = t.pendingFor(s)
	}
	extras, err := t.extraItems(s, c.AddInvoiceItems)
	if err != nil {
		return nil, err
	}
	b.Pending = append(b.Pending, extras...)
	for _, item := range s.Items {
		if c.ProrationBehavior.Or(t.settings().ProrationBehavior) != NoProrations {
			b.Lines = append(b.Lines, t.pastLines(s, item)...)
		}
		period := Period{item.CurrentPeriodStart, item.CurrentPeriodEnd}
		switch {
		case item.metered():
			b.Lines = append(b.Lines, t.opening(s, item)...)
		case s.TrialEnd != 0:
			b.Lines = append(b.Lines, t.trialLine(s, item, period))
		case !partial && s.BillingMode.Type == ModeFlexible && c.ProrationBehavior.Or(t.settings().ProrationBehavior) == NoProrations:
			b.Lines = append(b.Lines, t.wholeLines(s, item, period)...)
		case !partial:
			b.Lines = append(b.Lines, t.periodLines(s, item, period)...)
		case c.ProrationBehavior.Or(t.settings().ProrationBehavior) != NoProrations:
			b.Lines = append(b.Lines, t.partialLine(s, item, period.Start))
		default:
			s.cut(item)
		}
	}
	t.followCancel(s, 0)
	if b.empty() {
		return nil, nil
	}
	return b, nil
}

// partialLine bills the time from a moment to an anchor ahead, or to an end before that, as a share of the period that ends at the anchor.
func (t *tx) partialLine(s *Subscription, item *SubscriptionItem, from int64) *InvoiceLine {
	s.cut(item)
	debit := t.debitOf(s, item, t.wholePeriod(s, item))
	return t.shareLine(s, item, prorate(from, nil, []Debit{debit}, t.ties())[0])
}

// shareLine is the line of a part of a period that was not bought in the middle of another.
func (t *tx) shareLine(s *Subscription, item *SubscriptionItem, share prorated) *InvoiceLine {
	quantity := share.Quantity
	line := t.itemLine(s, item, share.Period)
	line.Amount, line.Quantity, line.Proration, line.Discountable, line.Reduced = share.Amount, &quantity, true, false, share.Reduced
	line.Description = t.prorationText(share, must[Product](t, line.Product))
	return line
}

// wholePeriod is the calendar period around an item's current one, which may be cut by an anchor or a cancellation.
func (t *tx) wholePeriod(s *Subscription, item *SubscriptionItem) Period {
	return t.periodOf(s, item, max(item.CurrentPeriodStart, item.CurrentPeriodEnd-1))
}

// rememberPartial notes a first partial period as the share of a whole one that it was.
func (t *tx) rememberPartial(s *Subscription, inv *Invoice) {
	for _, line := range inv.Lines {
		item, ok := s.item(line.SubscriptionItem)
		if !ok || !line.Proration || line.InvoiceItem != "" || line.past(item) {
			continue
		}
		debit := t.debitOf(s, item, t.wholePeriod(s, item))
		debit.Invoice, debit.Line, debit.Since = inv.ID, line.ID, line.Period.Start
		item.Debits = []Debit{debit}
	}
}
