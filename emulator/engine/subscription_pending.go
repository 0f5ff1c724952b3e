package engine

import (
	"maps"
	"slices"
)

// payment_behavior=pending_if_incomplete: an update waits for the payment of its invoice, and the subscription stays what it was until then.

// PendingIfIncomplete parks an update whose payment does not go through.
const PendingIfIncomplete = "pending_if_incomplete"

const timerPending = "subscription.pending_update"

func init() {
	onTimer(timerPending, func(t *tx, id string) {
		s, ok := Get[Subscription](t.world, id)
		if !ok || s.PendingUpdate == nil {
			return
		}
		if p := *s.PendingUpdate; p.Resumes && !p.OnSuccess && must[Invoice](t, p.Invoice).Attempted {
			p.ExpiresAt = 0 // a payment was tried: the invoice stays open for another
			after := *s
			after.PendingUpdate = &p
			t.storeSubscription(s, &after)
			return
		}
		t.dropPending(s)
	})
}

// PendingUpdate is an update that waits for its invoice to be paid.
type PendingUpdate struct {
	Resumes   bool // it ends a pause
	OnSuccess bool // and only a payment that goes through does
	Invoice   string
	ExpiresAt int64
	After     *Subscription // what the subscription becomes
	Anchored  bool          // the billing cycle begins anew
	Trial     bool          // the trial is another
	Redeemed  bool          // the discounts are others
	Described bool          // the metadata are others
}

// pendable refuses the parameters that cannot wait.
func (c UpdateSubscription) pendable(before *Subscription) error {
	if before.CollectionMethod != ChargeAutomatically {
		return invalid("payment_behavior", "", "`payment_behavior=pending_if_incomplete` needs `collection_method=charge_automatically`.")
	}
	for _, p := range []struct {
		name  string
		given bool
	}{
		{"cancel_at", c.CancelAt.Given()}, {"cancel_at_period_end", c.CancelAtPeriodEnd.Given()}, {"cancellation_details", c.CancellationDetails.Given()},
		{"collection_method", c.CollectionMethod.Given()}, {"days_until_due", c.DaysUntilDue.Given()},
		{"default_payment_method", c.DefaultPaymentMethod.Given()}, {"description", c.Description.Given()},
		{"invoice_settings", c.InvoiceSettings.Given()}, {"off_session", c.OffSession.Given()}, {"pause_collection", c.PauseCollection.Given()},
		{"payment_settings", c.PaymentSettings.Given()}, {"pending_invoice_item_interval", c.PendingItemInterval.Given()}, {"trial_settings", c.TrialSettings.Given()},
	} {
		if p.given {
			return invalid(p.name, "", "When `payment_behavior` is set to `pending_if_incomplete`, you cannot pass `%s`.", p.name)
		}
	}
	changes, _ := c.Items.Get()
	for _, item := range changes {
		if item.Metadata.Given() || item.Discounts.Given() {
			return invalid("items", "", "When `payment_behavior` is set to `pending_if_incomplete`, only `price`, `quantity` and `deleted` of an item can change.")
		}
	}
	return nil
}

// parking is how a change waits.
type parking struct {
	who     presence
	resumes bool // it ends a pause, and nobody attempts the payment
	pays    bool // but now, and only its success ends the pause
}

// park bills a change and waits with it until the invoice is paid, which may be at once.
func (t *tx) park(before *Subscription, c change, how parking) (*Subscription, error) {
	if !c.invoiceNow {
		return t.applyChange(before, c, AllowIncomplete, how.who)
	}
	since := t.mark()
	inv := t.draft(t.billOf(c), func(inv *Invoice) { inv.AutoAdvance, inv.ForPending = true, !how.pays })
	after := c.sub.clone()
	after.LatestInvoice = inv.ID
	t.remember(after, inv)
	t.held = before.ID
	waiting := before.clone()
	waiting.LatestInvoice = inv.ID
	waiting.usageBilled(inv)
	waiting.PendingUpdate = &PendingUpdate{
		Invoice: inv.ID, After: after, ExpiresAt: before.pendingUntil(t.now), Resumes: how.resumes, OnSuccess: how.pays, Anchored: after.BillingCycleAnchor != before.BillingCycleAnchor,
		Trial: after.TrialEnd != before.TrialEnd, Redeemed: !slices.Equal(after.Discounts, before.Discounts),
		Described: !maps.Equal(after.Metadata, before.Metadata),
	}
	if how.pays {
		waiting.PendingUpdate.ExpiresAt = addMonths(t.now, 12)
	}
	t.storeSubscription(before, waiting)
	if inv = t.finalize(inv); inv.Status == InvoiceOpen && (how.pays || !how.resumes) {
		if t.methodFor(inv) == "" {
			t.held = ""
			return nil, noPaymentMethod()
		}
		t.attempt(inv, how.who)
	}
	t.held = ""
	stored := must[Subscription](t, before.ID)
	t.emitChange("customer.subscription.updated", before, stored)
	story := storyInvoiced
	if must[Invoice](t, inv.ID).PaymentIntent == "" {
		story = storyInvoicedFree
	}
	t.arrange(since, append(slices.Clone(story), "customer.subscription.pending_update_applied", "customer.subscription.resumed"))
	return stored, nil
}

// usageBilled leaves to an invoice the usage that it bills: when the update expires and the invoice is void, nobody else bills it.
func (s *Subscription) usageBilled(inv *Invoice) {
	for _, line := range inv.Lines {
		if item, there := s.item(line.SubscriptionItem); there && line.Used != nil {
			item.UsageFrom = max(item.UsageFrom, line.Period.End)
		}
	}
}

// pendingUntil is how long an update may wait: 23 hours, but not beyond the period or the trial.
func (s *Subscription) pendingUntil(now int64) int64 {
	if s.Status == SubPaused {
		return now + incompleteSeconds
	}
	until := min(now+incompleteSeconds, s.periodEnd())
	if s.Status == SubTrialing {
		until = min(until, s.TrialEnd)
	}
	return until
}

func (s *Subscription) pendingEnds() int64 {
	if s.PendingUpdate == nil {
		return 0
	}
	return s.PendingUpdate.ExpiresAt
}

// applied is a subscription as the update that waited wants it. What changed meanwhile and is not the update's stays.
func (p *PendingUpdate) applied(s *Subscription) *Subscription {
	next := p.After.clone()
	kept := *s
	kept.Items, kept.BillingCycleAnchor, kept.CountedFrom, kept.Discounts = next.Items, next.BillingCycleAnchor, next.CountedFrom, next.Discounts
	kept.TrialStart, kept.TrialEnd, kept.Metadata, kept.CancelAt = next.TrialStart, next.TrialEnd, next.Metadata, next.CancelAt
	if kept.PendingUpdate = nil; p.Resumes || p.Trial {
		kept.Status, kept.Pausing = next.Status, next.Pausing
	}
	return &kept
}

// dropPending gives up an update that waits, and voids its invoice.
func (t *tx) dropPending(before *Subscription) *Subscription {
	p := before.PendingUpdate
	if p == nil {
		return before
	}
	s := before.clone()
	s.PendingUpdate = nil
	t.putSubscription(before, s)
	if inv := must[Invoice](t, p.Invoice); inv.Status == InvoiceOpen {
		t.void(inv)
	}
	if !p.Resumes {
		t.emit("customer.subscription.pending_update_expired", s)
	}
	return s
}
