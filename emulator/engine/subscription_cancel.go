package engine

import "slices"

// CancelSubscription is DELETE /v1/subscriptions/{id}.
type CancelSubscription struct {
	ID                  string                  `form:"-"`
	CancellationDetails Opt[CancellationParams] `form:"cancellation_details"`
	InvoiceNow          Opt[bool]               `form:"invoice_now"`
	Prorate             Opt[bool]               `form:"prorate"`
}

func (c CancelSubscription) apply(t *tx) (Result, error) {
	before, err := t.subscriptionAtPath(c.ID, "id")
	if err != nil {
		return nil, err
	}
	if !before.live() {
		return nil, t.decided().canceledTwice(c.ID)
	}
	s := *before
	if d, ok := c.CancellationDetails.Get(); ok {
		if err := s.CancellationDetails.set(d); err != nil {
			return nil, err
		}
	}
	return t.cancel(&s, c.Prorate.Or(false), c.InvoiceNow.Or(false)), nil
}

// cancel ends a subscription at once. Without prorate and invoice_now, prorations that still wait are dropped; other
// pending items stay owed and are billed when the period would have ended.
func (t *tx) cancel(s *Subscription, prorated, invoiceNow bool) *Subscription {
	since := t.mark()
	if !prorated && !invoiceNow {
		t.dropProrations(s)
	}
	var usage []*InvoiceLine
	if s.cycling() && s.Status != SubTrialing {
		usage = t.owed(s, t.now)
		if prorated {
			for _, item := range t.settling(s, usage, invoiceNow) {
				create(t, "invoiceitem.created", item)
			}
		}
	}
	start, end := s.periodStart(), s.periodEnd()
	how := ending{reason: "cancellation_requested"}
	if s.Status == SubIncomplete {
		how.status = t.decided().IncompleteDeleted
	}
	ended := t.end(s, how)
	t.arrange(since, storyCanceled)
	if b := t.finalBill(ended, usage, Period{start, t.now}); invoiceNow && !b.empty() {
		return t.billFinal(ended, b)
	}
	t.plan(timerLeftover, ended.ID, t.future(end))
	return ended
}

func (t *tx) dropProrations(s *Subscription) {
	for _, item := range t.pendingFor(s) {
		if item.Proration && item.Subscription == s.ID {
			t.world.tables.invoiceItems.remove(t, item.ID)
			t.emit("invoiceitem.deleted", item)
		}
	}
}

// settling are the items that a prorated cancellation makes: credits for unused time, and the usage unless an invoice takes that at once.
func (t *tx) settling(s *Subscription, usage []*InvoiceLine, invoiceNow bool) []*InvoiceItem {
	var c change
	for _, item := range s.Items {
		t.addProrations(s, &c, item, prorate(t.now, t.bought(s, item), nil, t.ties()))
	}
	if !invoiceNow {
		for _, line := range slices.Backward(usage) {
			c.items = append(c.items, t.asItem(s, line))
		}
	}
	return c.items
}

// finalBill is what an ended subscription still owes, or is owed, at once.
func (t *tx) finalBill(s *Subscription, usage []*InvoiceLine, period Period) bill {
	return bill{
		Customer: must[Customer](t, s.Customer), Subscription: s, Reason: "subscription_update", Currency: s.Currency, Period: period,
		Pending: t.pendingFor(s), Lines: usage,
	}
}

// billFinal invoices an ended subscription at once.
func (t *tx) billFinal(s *Subscription, b bill) *Subscription {
	inv := t.draft(b, func(inv *Invoice) { inv.AutoAdvance = true })
	after := *s
	after.LatestInvoice = inv.ID
	t.storeSubscription(s, &after)
	if inv = t.finalize(inv); inv.Status == InvoiceOpen && inv.CollectionMethod == ChargeAutomatically {
		t.attempt(inv, offSession)
	}
	return must[Subscription](t, s.ID)
}

var _ = register(CreateSubscription{}, UpdateSubscription{}, CancelSubscription{})
