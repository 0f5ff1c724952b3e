package engine

import "slices"

// PauseSubscription is POST /v1/subscriptions/{id}/pause: service and invoices stop at once, until the subscription is resumed.
type PauseSubscription struct {
	ID string `form:"-"`
	PauseParams
}

// PauseParams are what a pause bills, and how. The only type there is, subscription, is also the silent one.
type PauseParams struct {
	BillFor           Opt[PauseBillParams] `form:"bill_for"`
	InvoicingBehavior Opt[string]          `form:"invoicing_behavior"`
	Type              Opt[string]          `form:"type"`
}

// PauseBillParams say from when unused time is given back, and until when usage is billed.
type PauseBillParams struct {
	OutstandingUsageThrough Opt[PauseTimeParams] `form:"outstanding_usage_through"`
	UnusedTimeFrom          Opt[PauseTimeParams] `form:"unused_time_from"`
}

// PauseTimeParams are one of these moments, as a word.
type PauseTimeParams struct {
	Type Opt[string] `form:"type"`
}

// The words of a pause.
const (
	pauseNow         = "now"
	pauseNone        = "none"
	pausePeriodStart = "item_current_period_start"
	pauseInvoice     = "invoice"
	pausePending     = "pending_invoice_item"
)

func (c PauseSubscription) apply(t *tx) (Result, error) {
	before, err := t.subscriptionAtPath(c.ID, "id")
	if err != nil {
		return nil, err
	}
	if err := before.pausable(); err != nil {
		return nil, err
	}
	plan, err := c.plan(t, before)
	if err != nil {
		return nil, err
	}
	before = t.dropPending(before)
	since := t.mark()
	t.held = before.ID
	t.storeSubscription(before, plan.sub)
	if plan.invoiceNow {
		err = t.billChange(plan, unattended, offSession)
	}
	t.held = ""
	if err != nil {
		return nil, err
	}
	after := must[Subscription](t, before.ID)
	t.emit("customer.subscription.paused", after)
	t.emitChange("customer.subscription.updated", before, after)
	if plan.invoiceNow {
		story := slices.Clone(storyInvoiced)
		if must[Invoice](t, after.LatestInvoice).PaymentIntent == "" {
			story = slices.Clone(storyInvoicedFree)
		}
		at := slices.Index(story, "customer.subscription.updated")
		t.arrange(since, slices.Insert(story, at, "customer.subscription.paused"))
		return after, nil
	}
	for _, item := range plan.items {
		create(t, "invoiceitem.created", item)
	}
	return after, nil
}

// pausable refuses the subscriptions that cannot be paused.
func (s *Subscription) pausable() error {
	switch {
	case s.Status == SubTrialing:
		return invalid("", "", "You cannot pause a subscription during its trial.")
	case !s.cycling():
		return invalid("", "", "You cannot pause a subscription that is %s.", s.Status)
	case s.BillingMode.Type != ModeFlexible:
		return invalid("", "", "You can only pause a subscription whose `billing_mode[type]` is `flexible`.")
	case s.CollectionMethod != ChargeAutomatically:
		return invalid("", "", "You can only pause a subscription whose `collection_method` is `charge_automatically`.")
	case s.Schedule != "":
		return invalid("", "", "You cannot pause a subscription that is managed by the subscription schedule %s.", s.Schedule)
	}
	return nil
}

// plan works out what a pause makes of a subscription, and what it bills: a credit for the time that nobody uses any more, and the usage so far.
// The running period ends with it.
func (c PauseParams) plan(t *tx, before *Subscription) (change, error) {
	s := before.clone()
	s.Status, s.Pausing, s.PendingUpdate = SubPaused, &Pausing{At: t.now, Why: PausedByRequest}, nil
	plan := change{sub: s, period: Period{before.periodStart(), t.now}}
	if err := oneOf("type", c.Type.Or("subscription"), "subscription"); err != nil {
		return plan, err
	}
	how := c.InvoicingBehavior.Or(pausePending)
	if err := oneOf("invoicing_behavior", how, pauseInvoice, pausePending); err != nil {
		return plan, err
	}
	bills := c.BillFor.Or(PauseBillParams{})
	from, err := pauseWord(bills.UnusedTimeFrom, "bill_for[unused_time_from][type]", pauseNow, pauseNone, pausePeriodStart)
	if err != nil {
		return plan, err
	}
	through, err := pauseWord(bills.OutstandingUsageThrough, "bill_for[outstanding_usage_through][type]", pauseNow, pauseNone)
	if err != nil {
		return plan, err
	}
	for _, item := range before.Items {
		at := t.now
		if from == pausePeriodStart {
			at = item.CurrentPeriodStart
		}
		if from != pauseNone {
			t.addProrations(before, &plan, item, prorate(at, t.bought(before, item), nil, t.ties()))
		}
	}
	if through == pauseNow {
		plan.lines = t.owed(before, t.now)
	}
	if how == pausePending {
		for _, line := range plan.lines {
			plan.items = append(plan.items, t.asItem(before, line))
		}
		plan.lines = nil
	}
	plan.invoiceNow = how == pauseInvoice && len(plan.items)+len(plan.lines) > 0
	for _, item := range s.Items {
		item.CurrentPeriodEnd, item.UsageFrom, item.Debits = t.now, t.now, nil
	}
	return plan, nil
}

// previewPause is the invoice that pausing would make; there is none when the pause only leaves items pending.
func (t *tx) previewPause(before *Subscription, p PauseParams) (*Invoice, error) {
	if err := before.pausable(); err != nil {
		return nil, err
	}
	plan, err := p.plan(t, before)
	if err != nil {
		return nil, err
	}
	if !plan.invoiceNow {
		return nil, nothingUpcoming(before.Customer)
	}
	b := t.billOf(plan)
	b.Reason = "upcoming"
	return t.asPreview(t.compose(b)), nil
}

// pauseWord is what a word of a pause says: now, unless another is given.
func pauseWord(p Opt[PauseTimeParams], param string, words ...string) (string, error) {
	given, ok := p.Get()
	if !ok {
		return pauseNow, nil
	}
	word, ok := given.Type.Get()
	if !ok {
		return "", required(param)
	}
	return word, oneOf(param, word, words...)
}

// resumeFailed ends a pause by a payment that was tried and failed: the subscription goes on, past due, unless it waits for a payment that
// goes through.
func (t *tx) resumeFailed(inv *Invoice) {
	s, ok := Get[Subscription](t.world, inv.Subscription)
	if !ok || s.PendingUpdate == nil || !s.PendingUpdate.Resumes || s.PendingUpdate.OnSuccess || s.PendingUpdate.Invoice != inv.ID {
		return
	}
	after := s.PendingUpdate.applied(s)
	after.Status = SubPastDue
	t.putSubscription(s, after)
	t.emit("customer.subscription.resumed", after)
	t.setDelinquent(inv.Customer, true)
}

var _ = register(PauseSubscription{})
