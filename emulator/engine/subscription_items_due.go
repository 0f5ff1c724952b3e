package engine

// pending_invoice_item_interval: what waits for a subscription is billed on a rhythm of its own, beside the renewals.

// ReasonPendingItems is the billing_reason of such an invoice.
const ReasonPendingItems = "automatic_pending_invoice_item_invoice"

const timerItems = "subscription.pending_items"

func init() { onTimer(timerItems, (*tx).pendingItemsDue) }

// ItemIntervalParams are pending_invoice_item_interval.
type ItemIntervalParams struct {
	Interval      Opt[string] `form:"interval"`
	IntervalCount Opt[int64]  `form:"interval_count"`
}

// setItemInterval applies the parameter.
func (t *tx) setItemInterval(s *Subscription, p Opt[ItemIntervalParams]) error {
	const param = "pending_invoice_item_interval"
	given, ok := p.Get()
	switch {
	case !p.Given():
		return nil
	case !ok:
		s.PendingItemInterval, s.NextPendingItemInvoice = nil, 0
		return nil
	case !given.Interval.Given():
		return required(param + "[interval]")
	}
	unit, count := given.Interval.Or(""), given.IntervalCount.Or(1)
	if err := oneOf(param+"[interval]", unit, "day", "month", "week", "year"); err != nil {
		return err
	}
	if err := within(count, 1, yearOf(unit), param+"[interval_count]"); err != nil {
		return err
	}
	s.PendingItemInterval = &Recurring{Interval: unit, IntervalCount: count}
	s.NextPendingItemInvoice = s.nextItems(t.now)
	return nil
}

// yearOf is how many of a unit make a year, the longest rhythm there is.
func yearOf(unit string) int64 {
	switch unit {
	case "day":
		return 365
	case "week":
		return 52
	case "month":
		return 12
	}
	return 1
}

// nextItems is when the rhythm comes round again: its moments are counted from the billing cycle's anchor, as periods are.
func (s *Subscription) nextItems(now int64) int64 {
	_, next := interval{s.PendingItemInterval.Interval, s.PendingItemInterval.IntervalCount}.containing(s.countedFrom(), now)
	return next
}

// itemsAt is when what waits is billed next; 0 is never.
func (s *Subscription) itemsAt() int64 {
	if s.PendingItemInterval == nil || !s.cycling() {
		return 0
	}
	return s.NextPendingItemInvoice
}

// pendingItemsDue bills what is tied to a subscription, if anything is, and waits for the next time.
func (t *tx) pendingItemsDue(id string) {
	before, ok := Get[Subscription](t.world, id)
	if !ok || before.itemsAt() == 0 {
		return
	}
	since := t.mark()
	s := *before
	s.NextPendingItemInvoice = s.nextItems(t.now)
	b := t.lastBill(&s, Period{s.periodStart(), t.now}, nil)
	if b.Reason = ReasonPendingItems; b.empty() {
		t.putSubscription(before, &s)
		return
	}
	inv := t.draft(b, t.advancing(s.Status != SubUnpaid && s.PauseCollection == nil))
	s.LatestInvoice = inv.ID
	t.putSubscription(before, &s)
	t.arrange(since, []string{"customer.subscription.updated", "invoice.created"})
	if s.PauseCollection != nil {
		t.dispose(inv, s.PauseCollection.Behavior)
	}
}
