package engine

import (
	"cmp"
	"slices"
)

// A schedule at work: it starts its subscription, changes it where a phase ends and the next begins, and lets go of it or ends it in the
// end. A phase is entered as an update: the same change, weighed and billed by the same code. Where the periods end in the very second that
// the phase begins, there is nothing to prorate: the subscription renews as what it has become.

const (
	timerPhase    = "schedule.phase"
	timerExpiring = "schedule.expiring"
)

func init() {
	onTimer(timerPhase, (*tx).phaseDue)
	onTimer(timerExpiring, (*tx).scheduleExpiring)
}

// storeSchedule stores a schedule and sets the timers that follow from its state.
func (t *tx) storeSchedule(sc *SubscriptionSchedule) *SubscriptionSchedule {
	put(t, sc)
	next, warning := int64(0), int64(0)
	switch sc.Status {
	case ScheduleNotStarted:
		next, warning = sc.Phases[0].Start, t.future(sc.end()-expiringSeconds)
	case ScheduleActive:
		next, warning = sc.Current.End, t.future(sc.end()-expiringSeconds)
	}
	t.plan(timerPhase, sc.ID, next)
	t.plan(timerExpiring, sc.ID, warning)
	return sc
}

func (t *tx) putSchedule(before, after *SubscriptionSchedule) *SubscriptionSchedule {
	t.storeSchedule(after)
	t.emitChange("subscription_schedule.updated", before, after)
	return after
}

func (t *tx) scheduleExpiring(id string) {
	if sc, ok := Get[SubscriptionSchedule](t.world, id); ok && sc.live() {
		t.emit("subscription_schedule.expiring", sc)
	}
}

// phaseDue starts a schedule, enters its next phase, or ends it.
func (t *tx) phaseDue(id string) {
	sc, ok := Get[SubscriptionSchedule](t.world, id)
	switch {
	case !ok || !sc.live():
	case sc.Status == ScheduleNotStarted:
		since := t.mark()
		after, err := t.startSchedule(sc)
		if err != nil {
			t.closeSchedule(sc, ScheduleCanceled, "subscription_schedule.canceled")
			return
		}
		t.emitChange("subscription_schedule.updated", sc, after)
		t.arrange(since, storyScheduled)
	case sc.index(t.now) < 0:
		t.finishSchedule(sc)
	default:
		after := sc.entered(t.now)
		t.putSchedule(sc, after)
		phase := after.phase()
		saved := t.savepoint()
		if err := t.enterPhase(after, phase, entering{behavior: phase.ProrationBehavior, fresh: true, alone: true}); err != nil {
			t.rollbackTo(saved) // a timer cannot fail: what cannot be entered is passed over
		}
	}
}

// storyScheduled is a subscription that a schedule starts.
var storyScheduled = []string{
	"customer.updated", "subscription_schedule.created", "subscription_schedule.updated", "customer.subscription.created", "invoiceitem.created",
	"invoice.created", "customer.subscription.trial_will_end",
}

// entered is a schedule in the phase that runs at a moment.
func (sc *SubscriptionSchedule) entered(at int64) *SubscriptionSchedule {
	next := *sc
	phase := next.Phases[next.index(at)]
	next.Status, next.Current = ScheduleActive, &Period{phase.Start, phase.End}
	return &next
}

// phase is the one that runs.
func (sc *SubscriptionSchedule) phase() *Phase { return sc.Phases[sc.index(sc.Current.Start)] }

// startSchedule makes the subscription of a schedule. Its first invoice waits for its hour as a draft.
func (t *tx) startSchedule(sc *SubscriptionSchedule) (*SubscriptionSchedule, error) {
	after := sc.entered(t.now)
	planned, err := t.planScheduled(after)
	if err != nil {
		return nil, err
	}
	after.Subscription = planned.sub.ID
	if _, err := t.fixCurrency(must[Customer](t, sc.Customer), planned.sub.Currency); err != nil {
		return nil, err
	}
	t.held = planned.sub.ID
	_, err = t.startSubscription(planned, AllowIncomplete, offSession)
	t.held = ""
	if err != nil {
		return nil, err
	}
	s := must[Subscription](t, planned.sub.ID)
	t.emit("customer.subscription.created", s)
	if s.Status == SubTrialing && s.trialWarningAt() <= t.now {
		t.emit("customer.subscription.trial_will_end", s)
	}
	return t.storeSchedule(after), nil
}

// planScheduled works out the subscription that the running phase of a schedule starts, and its first bill.
func (t *tx) planScheduled(sc *SubscriptionSchedule) (newSubscription, error) {
	customer, phase := must[Customer](t, sc.Customer), sc.phase()
	s := &Subscription{
		ID: t.long("sub_"), Created: t.now, StartDate: sc.Phases[0].Start, TestClock: sc.TestClock, Customer: sc.Customer, Currency: phase.Currency,
		BillingMode: sc.BillingMode, MissingPaymentMethod: "create_invoice", SaveDefaultPaymentMethod: "off", Schedule: sc.ID,
	}
	t.configure(s, sc, phase)
	if err := t.takePhase(s, nil, phase); err != nil {
		return newSubscription{}, err
	}
	c := CreateSubscription{ProrationBehavior: Some(phase.ProrationBehavior)}
	if phase.TrialEnd > t.now {
		c.TrialEnd = Some(At(phase.TrialEnd))
	}
	if s.StartDate < t.now {
		c.BackdateStartDate = Some(s.StartDate)
		if phase.BillingCycleAnchor == AnchorPhaseStart {
			c.BillingCycleAnchor = Some(phase.Start)
		}
	}
	partial, err := t.placeFirstPeriod(c, s)
	if err != nil {
		return newSubscription{}, err
	}
	if sc.EndBehavior == EndCancelSchedule {
		s.cancelWith(sc, t.now)
	}
	first, err := t.firstBill(c, s, customer, partial)
	if err != nil {
		return newSubscription{}, err
	}
	extras, err := t.phaseExtras(s, phase)
	if len(extras) > 0 {
		if first == nil {
			first = &bill{Customer: customer, Subscription: s, Reason: "subscription_create", Currency: s.Currency, Period: Period{t.now, t.now}}
		}
		first.Pending = append(first.Pending, extras...)
	}
	return newSubscription{sub: s, first: first, waits: true}, err
}

// cancelWith notes on a subscription that its schedule will end it.
func (s *Subscription) cancelWith(sc *SubscriptionSchedule, now int64) {
	s.CancelAt, s.CanceledAt, s.CancellationDetails.Reason = sc.end(), now, "cancellation_requested"
}

// entering is how a phase is entered.
type entering struct {
	behavior string // of prorations
	fresh    bool   // it begins now; else a phase that runs was changed
	alone    bool   // nobody asked just now: a payment that fails is no error
}

// enterPhase changes a schedule's subscription into what a phase says.
func (t *tx) enterPhase(sc *SubscriptionSchedule, phase *Phase, how entering) error {
	before := t.dropPending(must[Subscription](t, sc.Subscription))
	if how.fresh && before.cycling() && before.periodEnd() <= t.now {
		if before.latestEnd() <= t.now && phase.TrialEnd <= t.now {
			return t.renewInto(before, sc, phase)
		}
		t.renew(before, before, nil) // some items' periods end, others' go on
		before = must[Subscription](t, sc.Subscription)
	}
	changed, err := t.phaseChange(before, sc, phase, how)
	if err != nil {
		return err
	}
	behavior := AllowIncomplete
	if how.alone {
		behavior = unattended
	}
	_, err = t.applyChange(before, changed, behavior, offSession)
	return err
}

// phaseChange works out what entering a phase does to a subscription in the middle of its periods.
func (t *tx) phaseChange(before *Subscription, sc *SubscriptionSchedule, phase *Phase, how entering) (change, error) {
	s := before.clone()
	t.configure(s, sc, phase)
	if err := t.takePhase(s, before, phase); err != nil {
		return change{}, err
	}
	p := SubscriptionChange{ProrationBehavior: Some(how.behavior), TrialEnd: phase.trial(before, how.fresh, t.now)}
	if how.fresh && phase.anchored(sc) {
		p.BillingCycleAnchor = Some(AnchorParams{Type: "now"})
	}
	p.CancelAt = sc.cancels(before)
	changed, err := t.change(before, s, p)
	if err != nil || !how.fresh {
		return changed, err
	}
	extras, err := t.phaseExtras(s, phase)
	changed.items = append(changed.items, extras...)
	return changed, err
}

// renewInto renews a subscription whose periods end where a phase begins, as what the phase makes of it.
func (t *tx) renewInto(before *Subscription, sc *SubscriptionSchedule, phase *Phase) error {
	s, extras, err := t.turned(before, sc, phase)
	if err != nil {
		return err
	}
	if before.Status == SubTrialing && !t.hasMethod(before) && t.trialEndsUnpaid(before, s) {
		return nil
	}
	t.renew(before, s, extras)
	return nil
}

// turned is a subscription at the end of its periods as the next phase wants it, with what the phase adds to the next invoice.
func (t *tx) turned(before *Subscription, sc *SubscriptionSchedule, phase *Phase) (*Subscription, []*InvoiceItem, error) {
	s := before.clone()
	t.configure(s, sc, phase)
	if err := t.takePhase(s, before, phase); err != nil {
		return nil, nil, err
	}
	gone := change{sub: s}
	for _, old := range before.Items {
		if _, kept := s.item(old.ID); !kept && before.Status != SubTrialing {
			t.billRemoved(before, &gone, old)
		}
	}
	reset, _ := t.resetsAnchor(before, s, Opt[AnchorParams]{})
	if reset || phase.anchored(sc) {
		s.anchor(phase.Start)
	}
	for _, item := range s.Items {
		if item.CurrentPeriodEnd == 0 || item.CurrentPeriodEnd > phase.Start {
			item.CurrentPeriodStart, item.CurrentPeriodEnd = before.periodStart(), phase.Start
		}
	}
	extras, err := t.phaseExtras(s, phase)
	return s, append(gone.items, extras...), err
}

// trial is what a phase says about the trial of a subscription that is in it already or comes into it.
func (p *Phase) trial(before *Subscription, fresh bool, now int64) Opt[Instant] {
	switch {
	case p.TrialEnd > now && (before.Status != SubTrialing || before.TrialEnd != p.TrialEnd):
		return Some(At(p.TrialEnd))
	case p.TrialEnd <= now && before.Status == SubTrialing && (fresh || p.TrialEnd != 0 || before.TrialEnd > now):
		return Some(Now)
	}
	return Opt[Instant]{}
}

// anchored says whether a phase begins a new billing cycle.
func (p *Phase) anchored(sc *SubscriptionSchedule) bool {
	return p.TrialEnd == 0 && cmp.Or(p.BillingCycleAnchor, sc.Defaults.BillingCycleAnchor) == AnchorPhaseStart
}

// cancels is the cancel_at that a schedule asks of its subscription.
func (sc *SubscriptionSchedule) cancels(s *Subscription) Opt[Instant] {
	switch {
	case sc.EndBehavior == EndCancelSchedule && s.CancelAt != sc.end():
		return Some(At(sc.end()))
	case sc.EndBehavior != EndCancelSchedule && s.CancelAt != 0:
		return Clear[Instant]()
	}
	return Opt[Instant]{}
}

// configure takes the settings of a phase that bill nothing. What neither it nor the schedule says stays.
func (t *tx) configure(s *Subscription, sc *SubscriptionSchedule, p *Phase) {
	s.CollectionMethod = cmp.Or(p.CollectionMethod, sc.Defaults.CollectionMethod, ChargeAutomatically)
	s.DefaultPaymentMethod = cmp.Or(p.DefaultPaymentMethod, sc.Defaults.DefaultPaymentMethod, s.DefaultPaymentMethod)
	s.Description = cmp.Or(p.Description, sc.Defaults.Description, s.Description)
	if s.Thresholds = sc.Defaults.Thresholds; p.Thresholds != nil {
		s.Thresholds = p.Thresholds
	}
	s.DaysUntilDue = nil
	for _, invoices := range []*PhaseInvoiceSettings{sc.Defaults.Invoices, p.Invoices} {
		if invoices == nil {
			continue
		}
		s.InvoiceSettings = invoices.InvoiceSettings
		if s.CollectionMethod == InvoiceByMail && invoices.DaysUntilDue != nil {
			s.DaysUntilDue = invoices.DaysUntilDue
		}
	}
	if p.Metadata != nil {
		s.Metadata = mergeMetadata(s.Metadata, Some(p.Metadata))
	}
}

// takePhase gives a subscription the items and discounts of a phase. An item whose price stays is the same item; before is nil for a
// subscription that begins.
func (t *tx) takePhase(s, before *Subscription, p *Phase) error {
	old := s.Items
	s.Items, s.DefaultTaxRates = nil, p.DefaultTaxRates
	var added []*SubscriptionItem
	for _, want := range p.Items {
		at := slices.IndexFunc(old, func(item *SubscriptionItem) bool { return item.Price == want.Price })
		item := &SubscriptionItem{ID: t.short("si_"), Created: t.now, Subscription: s.ID, Price: want.Price, UsageFrom: t.now}
		if at >= 0 {
			item = old[at]
			s.Items = append(s.Items, item)
		} else {
			added = append(added, item)
		}
		item.Quantity, item.TaxRates, item.UsageGTE = want.Quantity, want.TaxRates, want.UsageGTE
		if want.Metadata != nil {
			item.Metadata = mergeMetadata(item.Metadata, Some(want.Metadata))
		}
		given := t.phaseGrants(want.Discounts, item.Discounts, s)
		if err := t.grantItem(s, item, given, "items"); err != nil {
			return err
		}
	}
	slices.SortStableFunc(s.Items, func(a, b *SubscriptionItem) int { return slices.Index(old, a) - slices.Index(old, b) })
	s.Items = append(s.Items, added...)
	var has []string
	if before != nil {
		has = before.Discounts
	}
	var err error
	s.Discounts, err = t.grant(t.phaseGrants(p.Discounts, has, s), granting{
		level: Discount{Customer: s.Customer, Subscription: s.ID}, has: has, currency: s.Currency, param: "discounts", worth: t.worth(s),
	})
	return err
}

// phaseGrants are the discounts to give for a phase: one that is there already goes on, one that cannot be redeemed any more is passed over.
func (t *tx) phaseGrants(list []PhaseDiscount, has []string, s *Subscription) Opt[[]DiscountParams] {
	out := []DiscountParams{}
	for _, d := range list {
		kept := slices.IndexFunc(has, func(id string) bool {
			old := must[Discount](t, id)
			return id == d.Discount || d.Coupon != "" && old.Coupon == d.Coupon || d.PromotionCode != "" && old.PromotionCode == d.PromotionCode
		})
		p := d.params()
		if kept >= 0 {
			p = DiscountParams{Discount: Some(has[kept])}
		}
		if _, err := t.asked(p, granting{level: Discount{Customer: s.Customer}, has: has, currency: s.Currency, worth: t.worth(s)}, ""); err == nil {
			out = append(out, p)
		}
	}
	return Some(out)
}

func (d PhaseDiscount) params() DiscountParams {
	word := func(s string) Opt[string] {
		if s == "" {
			return Opt[string]{}
		}
		return Some(s)
	}
	return DiscountParams{Coupon: word(d.Coupon), Discount: word(d.Discount), PromotionCode: word(d.PromotionCode)}
}

// phaseExtras are the invoice items that entering a phase makes.
func (t *tx) phaseExtras(s *Subscription, p *Phase) ([]*InvoiceItem, error) {
	var out []*InvoiceItem
	for _, extra := range p.Extras {
		item := t.pricedItem(s.Customer, must[Price](t, extra.Price), s.Currency, extra.Quantity)
		item.TestClock, item.Subscription, item.Metadata, item.TaxRates = s.TestClock, s.ID, extra.Metadata, extra.TaxRates
		item.Period = Period{extra.Start.at(s, Period{p.Start, p.End}, t.now), extra.End.at(s, Period{p.Start, p.End}, t.now)}
		if extra.Discountable != nil {
			item.Discountable = *extra.Discountable
		}
		var err error
		if item.Discounts, err = t.grant(t.phaseGrants(extra.Discounts, nil, s), granting{
			level: Discount{Customer: s.Customer, InvoiceItem: item.ID}, currency: s.Currency, param: "discounts",
		}); err != nil {
			return nil, err
		}
		out = append(out, item)
	}
	return out, nil
}

// finishSchedule is the end of the last phase.
func (t *tx) finishSchedule(sc *SubscriptionSchedule) {
	if sc.EndBehavior != EndCancelSchedule {
		t.releaseSchedule(sc, false)
		return
	}
	if s := must[Subscription](t, sc.Subscription); s.cycling() {
		t.cycleDue(s.ID)
	} else {
		t.end(s, ending{scheduled: true})
	}
}

// releaseSchedule lets go of the subscription, which goes on as it is. Unless asked to, it takes back the end that the schedule had set.
func (t *tx) releaseSchedule(sc *SubscriptionSchedule, keepEnd bool) *SubscriptionSchedule {
	after := *sc
	after.Status, after.ReleasedAt, after.Current = ScheduleReleased, t.now, nil
	after.ReleasedSubscription, after.Subscription = sc.Subscription, ""
	t.storeSchedule(&after)
	t.emit("subscription_schedule.released", &after)
	before, ok := Get[Subscription](t.world, sc.Subscription)
	if !ok {
		return &after
	}
	s := before.clone()
	s.Schedule = ""
	if before.CancelAt == 0 || keepEnd || sc.EndBehavior != EndCancelSchedule {
		t.putSubscription(before, s)
		return &after
	}
	p := SubscriptionChange{CancelAt: Clear[Instant](), ProrationBehavior: Some(sc.phase().ProrationBehavior)}
	if changed, err := t.change(before, s, p); err == nil {
		_, _ = t.applyChange(before, changed, unattended, offSession)
	}
	return &after
}

// scheduleFollows ends the schedule of a subscription that has ended.
func (t *tx) scheduleFollows(s *Subscription, e ending) {
	sc, ok := Get[SubscriptionSchedule](t.world, s.Schedule)
	switch {
	case !ok || !sc.live():
	case sc.EndBehavior == EndCancelSchedule && t.now >= sc.end():
		t.closeSchedule(sc, ScheduleCompleted, "subscription_schedule.completed")
	case e.reason == "payment_failed":
		t.closeSchedule(sc, ScheduleCanceled, "subscription_schedule.aborted")
	default:
		t.closeSchedule(sc, ScheduleCanceled, "subscription_schedule.canceled")
	}
}

func (t *tx) closeSchedule(sc *SubscriptionSchedule, status, event string) *SubscriptionSchedule {
	after := *sc
	after.Status, after.Current = status, nil
	if status == ScheduleCompleted {
		after.CompletedAt = t.now
	} else {
		after.CanceledAt = t.now
	}
	t.storeSchedule(&after)
	t.emit(event, &after)
	return &after
}
