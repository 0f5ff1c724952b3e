package engine

// ResumeSubscription is POST /v1/subscriptions/{id}/resume: a paused subscription goes on, at once or when the invoice of it is paid. Nobody
// attempts that payment but whoever calls, unless payment_behavior says so; without an attempt the invoice is void after 23 hours and the
// subscription stays paused.
type ResumeSubscription struct {
	ID                 string            `form:"-"`
	BillingCycleAnchor Opt[AnchorParams] `form:"billing_cycle_anchor"`
	PaymentBehavior    Opt[string]       `form:"payment_behavior"`
	ProrationBehavior  Opt[string]       `form:"proration_behavior"`
	ProrationDate      Opt[int64]        `form:"proration_date"`
}

// The values of payment_behavior when a subscription is resumed.
const (
	resumeOnAttempt = "resume_on_payment_attempt"
	resumeOnSuccess = "resume_on_payment_success"
)

func (c ResumeSubscription) apply(t *tx) (Result, error) {
	before, err := t.subscriptionAtPath(c.ID, "id")
	if err != nil {
		return nil, err
	}
	if before.Status != SubPaused {
		return nil, invalid("", "", "You can only resume a subscription that is paused; this one is %s.", before.Status)
	}
	if before.CollectionMethod != ChargeAutomatically {
		return nil, invalid("", "", "You can only resume a subscription whose `collection_method` is `charge_automatically`.")
	}
	behavior := c.PaymentBehavior.Or(resumeOnAttempt)
	if err := oneOf("payment_behavior", behavior, resumeOnAttempt, resumeOnSuccess); err != nil {
		return nil, err
	}
	if behavior == resumeOnSuccess && before.BillingMode.Type != ModeFlexible {
		return nil, invalid("payment_behavior", "", "You can only use `resume_on_payment_success` with subscriptions whose `billing_mode[type]` is `flexible`.")
	}
	plan, err := c.plan(t, t.dropPending(before))
	if err != nil {
		return nil, err
	}
	before = must[Subscription](t, before.ID)
	if plan.invoiceNow {
		return t.park(before, plan, parking{who: offSession, resumes: true, pays: behavior == resumeOnSuccess})
	}
	t.putSubscription(before, plan.sub)
	t.emit("customer.subscription.resumed", plan.sub)
	for _, item := range plan.items {
		create(t, "invoiceitem.created", item)
	}
	return plan.sub, nil
}

// plan works out what resuming makes of a subscription: a new period from now on, or the rest of the one that the calendar has.
func (c ResumeSubscription) plan(t *tx, before *Subscription) (change, error) {
	s := before.clone()
	s.Status, s.Pausing = SubActive, nil
	if s.CancelAtPeriodEnd { // of the period that begins now, not of the one that the pause ended
		s.CancelAt = 0
		defer func() { s.CancelAt = s.periodEnd() }()
	}
	plan := change{sub: s, period: Period{t.now, t.now}}
	anchor := c.BillingCycleAnchor.Or(AnchorParams{Type: "now"}).Type
	if err := oneOf("billing_cycle_anchor", anchor, "now", "unchanged"); err != nil {
		return plan, err
	}
	behavior := c.ProrationBehavior.Or(t.settings().ProrationBehavior)
	if err := oneOf("proration_behavior", behavior, CreateProrations, AlwaysInvoice, NoProrations); err != nil {
		return plan, err
	}
	if anchor == "now" {
		if c.ProrationDate.Given() {
			return plan, invalid("proration_date", "", "You can only set `proration_date` if `billing_cycle_anchor` is `unchanged`.")
		}
		t.moveAnchor(s, weighing{reset: true})
		t.beginPeriod(&plan)
		t.followCancel(s, 0)
		return plan, nil
	}
	for _, item := range s.Items {
		period := t.periodOf(s, item, t.now)
		item.CurrentPeriodStart, item.CurrentPeriodEnd, item.Debits, item.UsageFrom = period.Start, period.End, nil, t.now
		s.cut(item)
	}
	at, err := t.prorationTime(s, c.ProrationDate)
	if err != nil || behavior == NoProrations {
		return plan, err
	}
	for _, item := range s.Items {
		if item.metered() {
			continue
		}
		debit := t.debitOf(s, item, t.wholePeriod(s, item))
		made := t.addProrations(s, &plan, item, prorate(at, nil, []Debit{debit}, t.ties()))
		debit.InvoiceItem, debit.Since = made.ID, made.Period.Start
		item.Debits = []Debit{debit}
	}
	if c.ProrationDate.Given() {
		plan.proratedAt = at
	}
	plan.invoiceNow = behavior == AlwaysInvoice && len(plan.items) > 0
	return plan, nil
}

// MigrateSubscription is POST /v1/subscriptions/{id}/migrate: classic billing becomes flexible, for good.
type MigrateSubscription struct {
	ID          string                 `form:"-"`
	BillingMode Opt[BillingModeParams] `form:"billing_mode"`
}

func (c MigrateSubscription) apply(t *tx) (Result, error) {
	before, err := t.subscriptionAtPath(c.ID, "id")
	if err != nil {
		return nil, err
	}
	if !c.BillingMode.Given() {
		return nil, required("billing_mode")
	}
	mode, err := t.takeMode(c.BillingMode)
	if err != nil {
		return nil, err
	}
	switch {
	case mode.Type != ModeFlexible:
		return nil, invalid("billing_mode[type]", "", "Invalid billing_mode[type]: must be flexible")
	case !before.live():
		return nil, invalid("", "", "You cannot migrate a subscription that is %s.", before.Status)
	case before.BillingMode.Type == ModeFlexible:
		return nil, invalid("billing_mode[type]", "", "The subscription %s is already in the flexible billing mode.", before.ID)
	}
	s := before.clone()
	s.BillingMode = mode
	t.putSubscription(before, s)
	if sc, ok := Get[SubscriptionSchedule](t.world, s.Schedule); ok && sc.live() {
		after := *sc
		after.BillingMode = mode
		t.putSchedule(sc, &after)
	}
	return s, nil
}

var _ = register(ResumeSubscription{}, MigrateSubscription{})
