package engine

// Renewals: the end of a period, its announcement, and what becomes of pending items when nothing renews.

// cycleDue lives through the end of a period: the subscription ends if that was asked for, else the next period begins
// with a draft that is finalized after its hour.
func (t *tx) cycleDue(id string) {
	before, ok := Get[Subscription](t.world, id)
	if ok && before.Status == SubPaused && before.endsAt(t.now) {
		t.billLeftovers(t.end(before, ending{scheduled: true}), Period{before.periodEnd(), t.now}, nil)
		return
	}
	if !ok || !before.cycling() {
		return
	}
	before = t.dropPending(before)
	if due, ok := t.scheduled(timerPhase, before.Schedule); ok && due <= t.now && !before.endsAt(t.now) {
		t.unschedule(timerPhase, before.Schedule) // the next phase begins in this second: the subscription renews as that
		t.phaseDue(before.Schedule)
		if before = must[Subscription](t, id); !before.cycling() || before.cycleAt() > t.now {
			return
		}
	}
	if before.endsAt(t.now) {
		s := t.end(before, ending{scheduled: true})
		t.billLeftovers(s, Period{before.periodStart(), t.now}, t.owed(before, t.now))
		return
	}
	if before.Status == SubTrialing && !t.hasMethod(before) && t.trialEndsUnpaid(before, before.clone()) {
		return
	}
	t.renew(before, before, nil)
}

// renew begins the next period of a subscription as from, which is what it is or what a phase makes of it, and takes further items in.
func (t *tx) renew(before, from *Subscription, extras []*InvoiceItem) {
	since := t.mark()
	s, b := t.renewed(from, t.now)
	b.Pending = append(b.Pending, extras...)
	inv := t.draft(b, t.advancing(s.Status != SubUnpaid && s.PauseCollection == nil))
	s.LatestInvoice = inv.ID
	t.remember(s, inv)
	t.rememberPartial(s, inv)
	t.putSubscription(before, s)
	t.arrange(since, []string{"customer.subscription.updated", "invoice.created"})
	if s.PauseCollection != nil {
		t.dispose(inv, s.PauseCollection.Behavior)
	}
}

// advancing lets a draft that is being made be finalized by itself after the account's delay; held drafts stay.
func (t *tx) advancing(auto bool) func(*Invoice) {
	return func(inv *Invoice) {
		if inv.AutoAdvance = auto; !auto {
			return
		}
		inv.AutomaticallyFinalizesAt = t.now + t.settings().FinalizationDelay
		if inv.CollectionMethod == ChargeAutomatically {
			inv.NextPaymentAttempt = inv.AutomaticallyFinalizesAt
		}
		t.scheduleFirst(timerFinalize, inv.ID, inv.AutomaticallyFinalizesAt)
	}
}

// renewed is a subscription at the end of its period, with the bill of the next one. Nothing is stored: a preview asks the
// same question.
func (t *tx) renewed(before *Subscription, at int64) (*Subscription, bill) {
	s := t.keptClone(before)
	return s, t.renewing(before, s, at)
}

// renewing makes s, a clone of what was before, what it is after the end of a period, and answers the bill.
func (t *tx) renewing(before, s *Subscription, at int64) bill {
	if s.Status == SubTrialing && s.TrialEnd <= at {
		s.Status = SubActive
	}
	b := bill{
		Customer: must[Customer](t, s.Customer), Subscription: s, Reason: "subscription_cycle", At: at, Currency: s.Currency,
		Period: Period{before.periodStart(), at}, Pending: t.pendingFor(s),
	}
	for _, item := range s.Items {
		if item.CurrentPeriodEnd > at {
			continue
		}
		b.Lines = append(b.Lines, t.closing(before, item, at)...)
		whole := t.periodOf(s, item, at)
		item.CurrentPeriodStart, item.CurrentPeriodEnd = max(whole.Start, at), whole.End
		if whole.Start < at && !item.metered() { // a trial that ends short of the anchor that was asked for
			b.Lines = append(b.Lines, t.partialLine(s, item, at))
			continue
		}
		b.Lines = append(b.Lines, t.periodLines(s, item, whole)...)
	}
	t.followCancel(s, 0)
	return b
}

// periodLines bills an item for a whole period, or up to cancel_at when that lies inside: the period is cut there, and the
// amounts with it.
func (t *tx) periodLines(s *Subscription, item *SubscriptionItem, whole Period) []*InvoiceLine {
	lines := t.itemLines(s, item, whole)
	cut := s.CancelAt
	if cut <= whole.Start || cut >= whole.End {
		return lines
	}
	item.CurrentPeriodEnd = cut
	for _, line := range lines {
		line.Amount, line.Period.End = share(line.Amount, cut-whole.Start, whole.End-whole.Start), cut
	}
	return lines
}

// wholeLines bills the price of a whole period although cancel_at cuts that short: flexible billing without prorations, when it begins.
func (t *tx) wholeLines(s *Subscription, item *SubscriptionItem, whole Period) []*InvoiceLine {
	lines := t.itemLines(s, item, whole)
	s.cut(item)
	for _, line := range lines {
		line.Period.End = item.CurrentPeriodEnd
	}
	return lines
}

// cut lets the period of an item end at a cancel_at that lies inside it.
func (s *Subscription) cut(item *SubscriptionItem) {
	if s.CancelAt > item.CurrentPeriodStart {
		item.CurrentPeriodEnd = min(item.CurrentPeriodEnd, s.CancelAt)
	}
}

// periodOf is the period of an item that holds a moment: f(anchor, n), never f(the period before).
func (t *tx) periodOf(s *Subscription, item *SubscriptionItem, at int64) Period {
	start, end := intervalOf(must[Price](t, item.Price)).containing(s.countedFrom(), at)
	return Period{start, end}
}

// hasMethod says whether a subscription could be charged.
func (t *tx) hasMethod(s *Subscription) bool {
	return s.CollectionMethod == InvoiceByMail || s.DefaultPaymentMethod != "" ||
		must[Customer](t, s.Customer).paysWith() != ""
}

// upcomingDue announces a renewal with the invoice it will bring.
func (t *tx) upcomingDue(id string) {
	s, ok := Get[Subscription](t.world, id)
	if !ok || s.cycleAt() == 0 {
		return
	}
	t.emit("invoice.upcoming", t.upcoming(s))
}

// upcoming is the invoice that the next renewal will bring, as a preview. Of a subscription that ends instead it is the last one.
func (t *tx) upcoming(s *Subscription) *Invoice {
	now, saved := t.now, t.savepoint()
	b := t.nextBill(s)
	b.Reason = "upcoming"
	inv := t.compose(b)
	t.shareLatest(inv, s)
	if s.Schedule != "" {
		t.now = now
		t.rollbackTo(saved)
	}
	inv = t.asPreview(inv)
	inv.NextPaymentAttempt = inv.Created + t.settings().FinalizationDelay
	return inv
}

// lastBill is what a subscription still owes when it has ended: its usage, and the items that wait, which are never prorated.
func (t *tx) lastBill(s *Subscription, period Period, usage []*InvoiceLine) bill {
	b := bill{
		Customer: must[Customer](t, s.Customer), Subscription: s, Reason: "subscription_cycle", Currency: s.Currency, Period: period, Lines: usage,
	}
	for _, item := range t.pendingFor(s) {
		if item.Subscription == s.ID {
			b.Pending = append(b.Pending, item)
		}
	}
	return b
}

// empty says whether there is nothing to bill.
func (b bill) empty() bool { return len(b.Lines) == 0 && len(b.Pending) == 0 }

// billLeftovers bills what is still owed when a subscription has ended.
func (t *tx) billLeftovers(s *Subscription, period Period, usage []*InvoiceLine) {
	if b := t.lastBill(s, period, usage); !b.empty() && !b.Customer.Deleted {
		t.draft(b, t.advancing(true))
	}
}

// leftoverDue is the end of the period in which a subscription was canceled at once.
func (t *tx) leftoverDue(id string) {
	if s, ok := Get[Subscription](t.world, id); ok && !s.live() {
		t.billLeftovers(s, Period{s.periodStart(), t.now}, nil)
	}
}
