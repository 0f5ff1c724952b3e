package engine

// Previews of what a schedule will bill. The phases are lived through as they will be, up to the next invoice, and then taken back.

// PreviewScheduleParams are schedule_details.
type PreviewScheduleParams struct {
	BillingMode       Opt[BillingModeParams] `form:"billing_mode"`
	EndBehavior       Opt[string]            `form:"end_behavior"`
	Phases            Opt[[]PhaseParams]     `form:"phases"`
	ProrationBehavior Opt[string]            `form:"proration_behavior"`
}

// nextBill is the bill of a subscription's next renewal, or an earlier one that a phase brings. It leaves the world at that moment, for the
// caller to take back.
func (t *tx) nextBill(s *Subscription) bill {
	for {
		due, scheduled := t.scheduled(timerPhase, s.Schedule)
		end := s.cycleAt()
		if !scheduled || due > end {
			break
		}
		sc := must[SubscriptionSchedule](t, s.Schedule)
		if sc.index(due) < 0 {
			break // it ends, and the subscription is what it was
		}
		t.now = due
		after := sc.entered(due)
		t.storeSchedule(after)
		phase := after.phase()
		if due == end && (s.latestEnd() > due || phase.TrialEnd <= due) {
			return t.turnedBill(s, after, phase)
		}
		changed, err := t.phaseChange(s, after, phase, entering{behavior: phase.ProrationBehavior, fresh: true})
		if err != nil {
			break
		}
		if changed.invoiceNow {
			return t.billOf(changed)
		}
		t.storeChange(s, changed)
		s = changed.sub
	}
	at := s.cycleAt()
	if s.endsAt(at) {
		b := t.lastBill(s, Period{s.periodStart(), at}, t.owed(s, at))
		b.At = at
		return b
	}
	return t.renewing(s, t.world.memory.passing.clone(s), at)
}

// turnedBill is the bill of a renewal in the second in which a phase begins.
func (t *tx) turnedBill(s *Subscription, sc *SubscriptionSchedule, phase *Phase) bill {
	if s.latestEnd() <= t.now {
		if next, extras, err := t.turned(s, sc, phase); err == nil {
			_, b := t.renewed(next, t.now)
			b.Pending = append(b.Pending, extras...)
			return b
		}
	}
	_, b := t.renewed(s, t.now)
	return b
}

// storeChange stores a change that bills nothing now, without its events.
func (t *tx) storeChange(before *Subscription, c change) {
	held := t.held
	t.held = before.ID
	t.storeSubscription(before, c.sub)
	for _, item := range c.items {
		put(t, item)
	}
	t.held = held
}

// ofSchedule previews the next invoice of a schedule, after the change that was asked about.
func (c CreatePreview) ofSchedule(t *tx) (*Invoice, error) {
	if c.Subscription.Given() || c.SubscriptionDetails.Given() {
		return nil, invalid("", "parameters_exclusive", "You cannot use `schedule` or `schedule_details` with `subscription` or `subscription_details`.")
	}
	details := c.ScheduleDetails.Or(PreviewScheduleParams{})
	if !c.Schedule.Given() {
		return c.ofNewSchedule(t, details)
	}
	if details.BillingMode.Given() {
		return nil, invalid("schedule_details[billing_mode]", "", "The billing mode of a schedule cannot be changed.")
	}
	sc, ok := Get[SubscriptionSchedule](t.world, c.Schedule.Or(""))
	if !ok || c.Customer.Or(sc.Customer) != sc.Customer {
		return nil, noSuchParam("subscription_schedule", c.Schedule.Or(""), "schedule")
	}
	if _, err := c.enterDetailed(t, sc.Customer); err != nil {
		return nil, err
	}
	if !sc.live() {
		return nil, nothingUpcoming(sc.Customer)
	}
	update := UpdateSubscriptionSchedule{EndBehavior: details.EndBehavior, Phases: details.Phases, ProrationBehavior: details.ProrationBehavior}
	after, fresh, err := update.replan(t, sc)
	if err != nil {
		return nil, err
	}
	if after.Status == ScheduleNotStarted {
		return c.ofStart(t, after)
	}
	t.storeSchedule(after)
	s := must[Subscription](t, after.Subscription)
	if err := c.addItems(t, s); err != nil {
		return nil, err
	}
	changed, err := t.phaseChange(s, after, after.phase(), entering{behavior: update.ProrationBehavior.Or(t.settings().ProrationBehavior), fresh: fresh})
	if err != nil {
		return nil, err
	}
	if changed.invoiceNow {
		b := t.billOf(changed)
		b.Reason = "upcoming"
		return t.asPreview(t.compose(b)), nil
	}
	t.storeChange(s, changed)
	if s := changed.sub; !s.cycling() || s.endsAt(s.cycleAt()) && len(t.pendingFor(s)) == 0 && len(t.owed(s, s.cycleAt())) == 0 {
		return nil, nothingUpcoming(s.Customer)
	}
	return t.upcoming(changed.sub), nil
}

// ofNewSchedule previews the first invoice of a schedule that does not exist yet.
func (c CreatePreview) ofNewSchedule(t *tx, details PreviewScheduleParams) (*Invoice, error) {
	if !c.Customer.Given() && !c.CustomerDetails.Given() {
		return nil, required("customer")
	}
	customer, err := c.enterDetailed(t, c.Customer.Or(""))
	if err != nil {
		return nil, err
	}
	create := CreateSubscriptionSchedule{BillingMode: details.BillingMode, EndBehavior: details.EndBehavior, Phases: details.Phases}
	if phases, ok := details.Phases.Get(); ok && len(phases) > 0 {
		create.StartDate = phases[0].StartDate
	}
	sc, err := create.plan(t, customer)
	if err != nil {
		return nil, err
	}
	return c.ofStart(t, sc)
}

// ofStart previews the invoice with which a schedule starts its subscription.
func (c CreatePreview) ofStart(t *tx, sc *SubscriptionSchedule) (*Invoice, error) {
	t.now = max(t.now, sc.Phases[0].Start)
	if err := c.addItems(t, &Subscription{Customer: sc.Customer, Currency: sc.Phases[0].Currency}); err != nil {
		return nil, err
	}
	planned, err := t.planScheduled(sc.entered(t.now))
	if err != nil {
		return nil, err
	}
	if planned.first == nil {
		return nil, nothingUpcoming(sc.Customer)
	}
	planned.first.Reason = "upcoming"
	return t.asPreview(t.compose(*planned.first)), nil
}
