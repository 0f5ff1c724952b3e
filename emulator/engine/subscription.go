package engine

import (
	"cmp"
	"slices"
)

// A subscription as state: how it is stored with its items, which timers follow from it, how it ends. The commands are in
// the files beside this one.

const (
	timerCycle    = "subscription.cycle"
	timerUpcoming = "subscription.upcoming"
	timerTrial    = "subscription.trial_will_end"
	timerExpire   = "subscription.expire"
	timerLeftover = "subscription.leftover"
)

func init() {
	onTimer(timerCycle, (*tx).cycleDue)
	onTimer(timerUpcoming, (*tx).upcomingDue)
	onTimer(timerTrial, (*tx).trialWillEnd)
	onTimer(timerExpire, (*tx).expireDue)
	onTimer(timerLeftover, (*tx).leftoverDue)
}

const (
	incompleteSeconds   = 23 * 3600         // how long a first invoice may stay unpaid
	trialWarningSeconds = 3 * secondsPerDay // trial_will_end comes so much ahead
)

// live says whether a subscription can still change; canceled and incomplete_expired are final.
func (s *Subscription) live() bool {
	return s.Status != SubCanceled && s.Status != SubIncompleteExpired
}

// cycling says whether periods go on.
func (s *Subscription) cycling() bool {
	return s.Status == SubTrialing || s.Status == SubActive || s.Status == SubPastDue || s.Status == SubUnpaid
}

// periodEnd is the end of the shortest running period; mixed intervals have several.
func (s *Subscription) periodEnd() int64 {
	end := s.Items[0].CurrentPeriodEnd
	for _, item := range s.Items {
		end = min(end, item.CurrentPeriodEnd)
	}
	return end
}

// periodStart is the start of the latest period among the items.
func (s *Subscription) periodStart() int64 {
	start := s.Items[0].CurrentPeriodStart
	for _, item := range s.Items {
		start = max(start, item.CurrentPeriodStart)
	}
	return start
}

// latestEnd is the end of the longest running period.
func (s *Subscription) latestEnd() int64 {
	end := s.Items[0].CurrentPeriodEnd
	for _, item := range s.Items {
		end = max(end, item.CurrentPeriodEnd)
	}
	return end
}

// item finds an item by id.
func (s *Subscription) item(id string) (*SubscriptionItem, bool) {
	i := slices.IndexFunc(s.Items, func(item *SubscriptionItem) bool { return item.ID == id })
	if i < 0 {
		return nil, false
	}
	return s.Items[i], true
}

// clone copies a subscription with its items, so that the copy can be changed freely before it is stored.
func (s *Subscription) clone() *Subscription {
	out := *s
	out.Items = make([]*SubscriptionItem, len(s.Items))
	for i, item := range s.Items {
		next := *item
		out.Items[i] = &next
	}
	return &out
}

// passing is the memory of a clone that nobody keeps: announcing a renewal needs one, and every subscription announces.
type passing struct {
	subscription Subscription
	items        []SubscriptionItem
}

// clone copies a subscription with its items, until the next one is copied.
func (p *passing) clone(s *Subscription) *Subscription {
	out := &p.subscription
	refs := out.Items[:0]
	p.items = p.items[:0]
	for _, item := range s.Items {
		p.items = append(p.items, *item)
	}
	for i := range p.items {
		refs = append(refs, &p.items[i])
	}
	*out = *s
	out.Items = refs
	return out
}

// keptClone is a clone of which every part is kept.
func (t *tx) keptClone(s *Subscription) *Subscription {
	out := t.world.tables.subscriptions.shelf.next(s)
	out.Items = make([]*SubscriptionItem, len(s.Items))
	for i, item := range s.Items {
		out.Items[i] = t.world.tables.items.shelf.next(item)
	}
	return out
}

// putSubscription stores the next state and emits customer.subscription.updated, unless the running command will.
func (t *tx) putSubscription(before, after *Subscription) *Subscription {
	t.storeSubscription(before, after)
	if t.held != after.ID {
		t.emitChange("customer.subscription.updated", before, after)
	}
	return after
}

// storeSubscription stores a subscription with its items, and sets the timers that follow from its state. before is nil
// for a new one.
func (t *tx) storeSubscription(before, after *Subscription) {
	t.regrant(before, after)
	for _, item := range after.Items {
		put(t, item)
	}
	if before != nil {
		for _, item := range before.Items {
			if _, kept := after.item(item.ID); !kept {
				t.world.tables.items.remove(t, item.ID)
			}
		}
	}
	put(t, after)
	t.plan(timerCycle, after.ID, after.cycleAt())
	t.plan(timerUpcoming, after.ID, t.future(after.upcomingAt(t.settings().UpcomingLeadDays)))
	t.plan(timerTrial, after.ID, t.future(after.trialWarningAt()))
	t.plan(timerExpire, after.ID, after.expiresAt())
	t.plan(timerUnpause, after.ID, after.resumesAt())
	t.plan(timerPending, after.ID, after.pendingEnds())
	if after.PendingItemInterval != nil || before != nil && before.PendingItemInterval != nil { // hardly anybody has one
		t.plan(timerItems, after.ID, after.itemsAt())
	}
}

// plan makes a timer due then; 0 takes it away.
func (t *tx) plan(kind, id string, due int64) {
	switch was, ok := t.scheduled(kind, id); {
	case due == 0:
		t.unschedule(kind, id)
	case !ok || was != due:
		t.schedule(kind, id, due)
	}
}

// future is a time that is still to come, else 0.
func (t *tx) future(at int64) int64 {
	if at <= t.now {
		return 0
	}
	return at
}

func (s *Subscription) cycleAt() int64 {
	if s.Status == SubPaused && !s.CancelAtPeriodEnd { // its periods stand still, also one that an update began during the pause
		return s.CancelAt
	}
	if !s.cycling() {
		return 0
	}
	if s.CancelAt != 0 {
		return min(s.CancelAt, s.periodEnd())
	}
	return s.periodEnd()
}

func (s *Subscription) upcomingAt(leadDays int64) int64 {
	end := s.cycleAt()
	if end == 0 || leadDays == 0 || s.Status == SubUnpaid || s.PauseCollection != nil || s.endsAt(end) {
		return 0
	}
	return end - leadDays*secondsPerDay
}

func (s *Subscription) trialWarningAt() int64 {
	if s.Status != SubTrialing {
		return 0
	}
	return s.TrialEnd - trialWarningSeconds
}

func (s *Subscription) expiresAt() int64 {
	if s.Status != SubIncomplete {
		return 0
	}
	return s.Created + incompleteSeconds
}

// endsAt says whether a cancellation that was asked for earlier takes effect at the end of a period.
func (s *Subscription) endsAt(end int64) bool {
	return s.CancelAtPeriodEnd && end >= s.periodEnd() || s.CancelAt != 0 && s.CancelAt <= end
}

// ending says how a subscription ends.
type ending struct {
	reason    string // "" keeps what an earlier request said
	status    string // "" is canceled
	scheduled bool   // as asked for earlier: the fields of that request stay
}

// end makes a subscription canceled. Its drafts and open invoices do not advance by themselves any more.
func (t *tx) end(before *Subscription, e ending) *Subscription {
	before = t.dropPending(before)
	s := *before
	s.Status, s.EndedAt = cmp.Or(e.status, SubCanceled), t.now
	if s.CanceledAt == 0 {
		s.CanceledAt = t.now
	}
	if !e.scheduled {
		s.CancelAt, s.CancelAtPeriodEnd = 0, false
	}
	if e.reason != "" {
		s.CancellationDetails.Reason = e.reason
	}
	t.storeSubscription(before, &s)
	t.emitEnd(before, &s)
	t.scheduleFollows(&s, e)
	for _, inv := range t.world.tables.invoices.all("subscription", s.ID) {
		if inv.Status == InvoiceDraft || inv.Status == InvoiceOpen {
			t.halt(inv)
		}
	}
	return &s
}

// halt stops an invoice from advancing by itself.
func (t *tx) halt(before *Invoice) {
	inv := *before
	inv.AutoAdvance, inv.NextPaymentAttempt, inv.AutomaticallyFinalizesAt = false, 0, 0
	t.unschedule(timerFinalize, inv.ID)
	t.unschedule(timerRetry, inv.ID)
	update(t, "invoice.updated", before, &inv)
}

// cancelNow ends a subscription because its customer is deleted.
func (t *tx) cancelNow(s *Subscription) { t.end(s, ending{reason: "cancellation_requested"}) }

// subscriptionPaid lets a subscription follow an invoice that was just paid.
func (t *tx) subscriptionPaid(inv *Invoice, intent *PaymentIntent) {
	before, ok := Get[Subscription](t.world, inv.Subscription)
	if !ok || !before.live() {
		return
	}
	status, method := before.Status, before.DefaultPaymentMethod
	if intent != nil && before.SaveDefaultPaymentMethod == "on_subscription" && intent.PaymentMethod != "" {
		method = intent.PaymentMethod
	}
	if before.LatestInvoice == inv.ID {
		switch status {
		case SubIncomplete:
			status = before.statusOnceStarted(t.now)
		case SubPastDue, SubUnpaid:
			status = SubActive
		}
	}
	p := before.PendingUpdate
	waited := p != nil && p.Invoice == inv.ID
	if !waited && status == before.Status && method == before.DefaultPaymentMethod {
		return
	}
	s := *before
	s.Status, s.DefaultPaymentMethod = status, method
	if !waited {
		t.putSubscription(before, &s)
		return
	}
	after := p.applied(&s)
	t.putSubscription(before, after)
	event := "customer.subscription.pending_update_applied"
	if p.Resumes {
		event = "customer.subscription.resumed"
	}
	t.emit(event, after)
}

// subscriptionVoided lets a subscription follow its latest invoice being voided by hand (chapter 5.9): a first invoice that
// is void ends an incomplete subscription; else the newest invoice that is not void decides.
func (t *tx) subscriptionVoided(inv *Invoice) {
	before, ok := Get[Subscription](t.world, inv.Subscription)
	if !ok || before.LatestInvoice != inv.ID {
		return
	}
	if p := before.PendingUpdate; p != nil && p.Invoice == inv.ID {
		before = t.dropPending(before)
	}
	s := *before
	switch s.Status {
	case SubIncomplete:
		s.Status, s.EndedAt = SubIncompleteExpired, t.now
	case SubPastDue, SubUnpaid:
		s.Status = t.statusByInvoices(inv)
	}
	if s.Status == SubIncompleteExpired {
		t.expire(before, &s)
	} else if s.Status != before.Status {
		t.putSubscription(before, &s)
	}
}

// statusByInvoices is what a subscription is once an invoice is void: the newest of the others that says something decides. One whose retries
// still run says nothing.
func (t *tx) statusByInvoices(voided *Invoice) string {
	for _, inv := range slices.Backward(t.world.tables.invoices.all("subscription", voided.Subscription)) {
		switch {
		case inv.Status == InvoicePaid || inv.Status == InvoiceUncollectible:
			return SubActive
		case inv.Status != InvoiceOpen:
		case inv.CollectionMethod == InvoiceByMail && inv.DueDate != 0 && inv.DueDate <= t.now:
			return SubPastDue
		case t.exhausted(inv) && t.settings().EndOfDunning == EndUnpaid:
			return SubUnpaid
		case t.exhausted(inv):
			return SubPastDue // one that ended with its retries is ended already
		}
	}
	return SubActive
}

// statusOnceStarted is the status of a subscription whose first invoice is no obstacle.
func (s *Subscription) statusOnceStarted(now int64) string {
	if s.TrialEnd > now {
		return SubTrialing
	}
	return SubActive
}

// expireDue ends a subscription whose first invoice was not paid in time; the invoice is void.
func (t *tx) expireDue(id string) {
	before, ok := Get[Subscription](t.world, id)
	if !ok || before.Status != SubIncomplete {
		return
	}
	if inv, ok := Get[Invoice](t.world, before.LatestInvoice); ok && inv.Status == InvoiceOpen {
		t.void(inv)
	}
	s := *before
	s.Status, s.EndedAt = SubIncompleteExpired, t.now
	t.expire(before, &s)
}

// expire stores a subscription that has become incomplete_expired.
func (t *tx) expire(before, after *Subscription) {
	t.storeSubscription(before, after)
	t.emitChange("customer.subscription.updated", before, after)
	if t.decided().ExpiredDeleted {
		t.emit("customer.subscription.deleted", after)
	}
}

// emitEnd tells that a subscription has ended. One that is incomplete_expired has only changed, unless the account decided otherwise.
func (t *tx) emitEnd(before, after *Subscription) {
	if after.Status == SubIncompleteExpired && !t.decided().ExpiredDeleted {
		t.emitChange("customer.subscription.updated", before, after)
		return
	}
	t.emit("customer.subscription.deleted", after)
}

func (t *tx) trialWillEnd(id string) {
	if s, ok := Get[Subscription](t.world, id); ok && s.Status == SubTrialing {
		t.emit("customer.subscription.trial_will_end", s)
	}
}

// pendingFor are the items that an invoice of a subscription takes in: its own and the customer's that are tied to none.
func (t *tx) pendingFor(s *Subscription) []*InvoiceItem {
	var out []*InvoiceItem
	t.world.tables.invoiceItems.each("pending", s.Customer, func(item *InvoiceItem) bool {
		if item.Currency == s.Currency && (item.Subscription == "" || item.Subscription == s.ID) {
			out = append(out, item)
		}
		return len(out) < invoiceItemsMax // the others wait for the invoice after
	})
	return out
}

// remember notes on the items of a clone what an invoice billed for their periods: the base of credits to come.
func (t *tx) remember(s *Subscription, inv *Invoice) {
	for _, item := range s.Items {
		var debits []Debit
		for _, line := range inv.Lines {
			if line.SubscriptionItem != item.ID || line.Proration || !line.FromSubscription || line.Used != nil || line.past(item) {
				continue
			}
			if len(debits) > 0 { // a further tier of the same purchase
				debits[0].Full = debits[0].Full.plus(DecimalOf(line.net()))
				debits[0].itemize(s, debits[0].Gross.plus(DecimalOf(line.Amount)), line.reductions(debits[0].Reductions))
				continue
			}
			debit := Debit{
				Price: item.Price, Quantity: item.quantity(), Full: DecimalOf(line.net()), PercentOff: t.percentOn(line), TaxRates: inv.rated(line),
				Period: line.Period, Invoice: inv.ID, Line: line.ID,
			}
			debit.itemize(s, DecimalOf(line.Amount), line.reductions(nil))
			debits = append(debits, debit)
		}
		if debits != nil {
			item.Debits = debits
		}
	}
}
