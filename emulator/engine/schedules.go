package engine

import "reflect"

// CreateSubscriptionSchedule is POST /v1/subscription_schedules.
type CreateSubscriptionSchedule struct {
	BillingMode      Opt[BillingModeParams]      `form:"billing_mode"`
	Customer         Opt[string]                 `form:"customer"`
	DefaultSettings  Opt[ScheduleSettingsParams] `form:"default_settings"`
	EndBehavior      Opt[string]                 `form:"end_behavior"`
	FromSubscription Opt[string]                 `form:"from_subscription"`
	Metadata         Opt[map[string]string]      `form:"metadata"`
	Phases           Opt[[]PhaseParams]          `form:"phases"`
	StartDate        Opt[Instant]                `form:"start_date"`
}

func (c CreateSubscriptionSchedule) apply(t *tx) (Result, error) {
	if c.FromSubscription.Given() {
		return c.fromSubscription(t)
	}
	if !c.Customer.Given() {
		return nil, required("customer")
	}
	customer, err := t.enterCustomer(c.Customer.Or(""), "customer")
	if err != nil {
		return nil, err
	}
	sc, err := c.plan(t, customer)
	if err != nil {
		return nil, err
	}
	if err := t.roomForSubscription(customer); err != nil {
		return nil, err
	}
	if sc.Phases[0].Start > t.now {
		t.storeSchedule(sc)
		t.emit("subscription_schedule.created", sc)
		return sc, nil
	}
	since := t.mark()
	if sc, err = t.startSchedule(sc); err != nil {
		return nil, err
	}
	t.emit("subscription_schedule.created", sc)
	t.arrange(since, storyScheduled)
	return sc, nil
}

// plan checks a create and works out the schedule, which is not stored.
func (c CreateSubscriptionSchedule) plan(t *tx, customer *Customer) (*SubscriptionSchedule, error) {
	sc := &SubscriptionSchedule{
		ID: t.long("sub_sched_"), Created: t.now, TestClock: customer.TestClock, Customer: customer.ID, Status: ScheduleNotStarted,
		EndBehavior: EndRelease, Metadata: mergeMetadata(nil, c.Metadata),
		Defaults: PhaseSettings{BillingCycleAnchor: AnchorAutomatic, CollectionMethod: ChargeAutomatically},
	}
	var err error
	if sc.BillingMode, err = t.takeMode(c.BillingMode); err != nil {
		return nil, err
	}
	if err := sc.takeEnd(c.EndBehavior); err != nil {
		return nil, err
	}
	if sc.Defaults, err = t.phaseSettings(c.DefaultSettings.Or(ScheduleSettingsParams{}), sc.Defaults, customer.ID, "default_settings"); err != nil {
		return nil, err
	}
	start, ok := c.StartDate.Or(Now).Resolve(t.now)
	if !ok {
		return nil, invalid("start_date", "", "Invalid start_date: must be a Unix timestamp or now")
	}
	if err := checkTimestamp(start, "start_date"); err != nil {
		return nil, err
	}
	phases, _ := c.Phases.Get()
	if sc.Phases, err = t.planPhases(phases, planning{customer: customer.ID, mode: sc.BillingMode.Type, at: start}); err != nil {
		return nil, err
	}
	if start <= t.now && sc.index(t.now) != 0 {
		return nil, invalid("phases[0][end_date]", "", "The first phase of a schedule must end in the future.")
	}
	return sc, sc.checkDue()
}

// takeEnd takes end_behavior. Two words of it are older than release and cancel.
func (sc *SubscriptionSchedule) takeEnd(p Opt[string]) error {
	word := p.Or(sc.EndBehavior)
	if word == "none" || word == "renew" {
		return unsupported("end_behavior", word)
	}
	sc.EndBehavior = word
	return oneOf("end_behavior", word, EndCancelSchedule, EndRelease)
}

// checkDue checks that everybody who is sent invoices is told when to pay them.
func (sc *SubscriptionSchedule) checkDue() error {
	for _, p := range sc.Phases {
		mail := p.CollectionMethod == InvoiceByMail || p.CollectionMethod == "" && sc.Defaults.CollectionMethod == InvoiceByMail
		if due := func(s *PhaseInvoiceSettings) bool { return s != nil && s.DaysUntilDue != nil }; mail && !due(p.Invoices) && !due(sc.Defaults.Invoices) {
			return invalid("invoice_settings[days_until_due]", "", "If you set `collection_method` to `send_invoice`, you must also set `invoice_settings[days_until_due]`.")
		}
	}
	return nil
}

// fromSubscription puts a subscription under a schedule whose only phase is what it is now, up to the end of its period.
func (c CreateSubscriptionSchedule) fromSubscription(t *tx) (Result, error) {
	if c.Customer.Given() || c.DefaultSettings.Given() || c.EndBehavior.Given() || c.Metadata.Given() || c.Phases.Given() || c.StartDate.Given() {
		return nil, invalid("from_subscription", "", "You cannot set other parameters when `from_subscription` is set: create the schedule first, then update it.")
	}
	before, ok := Get[Subscription](t.world, c.FromSubscription.Or(""))
	if !ok {
		return nil, noSuchParam("subscription", c.FromSubscription.Or(""), "from_subscription")
	}
	if err := t.enter(before.TestClock); err != nil {
		return nil, err
	}
	if before.Schedule != "" {
		return nil, invalid("from_subscription", "", "The subscription %s is already managed by the subscription schedule %s.", before.ID, before.Schedule)
	}
	if !before.cycling() {
		return nil, invalid("from_subscription", "", "You cannot put a subscription under a schedule while it is %s.", before.Status)
	}
	if c.BillingMode.Given() {
		mode, err := t.takeMode(c.BillingMode)
		if err != nil {
			return nil, err
		}
		if mode.Type != before.BillingMode.Type {
			return nil, invalid("billing_mode", "", "The billing mode of a schedule is that of its subscription: %s.", before.BillingMode.Type)
		}
	}
	sc := t.scheduleOf(before)
	s := before.clone()
	s.Schedule, s.CancelAtPeriodEnd = sc.ID, false
	t.storeSchedule(sc)
	t.emit("subscription_schedule.created", sc)
	t.putSubscription(before, s)
	return sc, nil
}

// scheduleOf is a schedule that keeps a subscription as it is.
func (t *tx) scheduleOf(s *Subscription) *SubscriptionSchedule {
	phase := &Phase{
		Start: s.periodStart(), End: s.periodEnd(), Currency: s.Currency, ProrationBehavior: t.settings().ProrationBehavior, Discounts: keptDiscounts(s.Discounts),
		Metadata: s.Metadata, DefaultTaxRates: s.DefaultTaxRates,
	}
	if s.Status == SubTrialing {
		phase.TrialEnd = s.TrialEnd
	}
	for _, item := range s.Items {
		phase.Items = append(phase.Items, PhaseItem{
			Price: item.Price, Quantity: item.Quantity, Metadata: item.Metadata, Discounts: keptDiscounts(item.Discounts), TaxRates: item.TaxRates, UsageGTE: item.UsageGTE,
		})
	}
	sc := &SubscriptionSchedule{
		ID: t.long("sub_sched_"), Created: t.now, TestClock: s.TestClock, Customer: s.Customer, Status: ScheduleActive, BillingMode: s.BillingMode,
		EndBehavior: EndRelease, Phases: []*Phase{phase}, Subscription: s.ID, Current: &Period{phase.Start, phase.End},
		Defaults: PhaseSettings{
			BillingCycleAnchor: AnchorAutomatic, CollectionMethod: s.CollectionMethod, Thresholds: s.Thresholds, DefaultPaymentMethod: s.DefaultPaymentMethod, Description: s.Description,
		},
	}
	if s.DaysUntilDue != nil || !reflect.ValueOf(s.InvoiceSettings).IsZero() {
		sc.Defaults.Invoices = &PhaseInvoiceSettings{InvoiceSettings: s.InvoiceSettings, DaysUntilDue: s.DaysUntilDue}
	}
	if s.CancelAt != 0 {
		sc.EndBehavior, phase.End = EndCancelSchedule, s.CancelAt
		sc.Current.End = phase.End
	}
	return sc
}

func keptDiscounts(ids []string) []PhaseDiscount {
	var out []PhaseDiscount
	for _, id := range ids {
		out = append(out, PhaseDiscount{Discount: id})
	}
	return out
}

// UpdateSubscriptionSchedule is POST /v1/subscription_schedules/{id}. Phases that are given stand for the one that runs and all to come.
type UpdateSubscriptionSchedule struct {
	ID                string                      `form:"-"`
	DefaultSettings   Opt[ScheduleSettingsParams] `form:"default_settings"`
	EndBehavior       Opt[string]                 `form:"end_behavior"`
	Metadata          Opt[map[string]string]      `form:"metadata"`
	Phases            Opt[[]PhaseParams]          `form:"phases"`
	ProrationBehavior Opt[string]                 `form:"proration_behavior"`
}

func (c UpdateSubscriptionSchedule) apply(t *tx) (Result, error) {
	before, err := t.liveSchedule(c.ID, "update")
	if err != nil {
		return nil, err
	}
	after, fresh, err := c.replan(t, before)
	if err != nil {
		return nil, err
	}
	if before.Status == ScheduleNotStarted && after.Phases[0].Start <= t.now {
		since := t.mark()
		if after, err = t.startSchedule(after); err != nil {
			return nil, err
		}
		t.emitChange("subscription_schedule.updated", before, after)
		t.arrange(since, storyScheduled)
		return after, nil
	}
	if !reflect.DeepEqual(before, after) {
		t.putSchedule(before, after)
	}
	if after.Status != ScheduleActive {
		return after, nil
	}
	how := entering{behavior: c.ProrationBehavior.Or(t.settings().ProrationBehavior), fresh: fresh}
	if fresh {
		how.behavior = after.phase().ProrationBehavior
	}
	if err := t.enterPhase(after, after.phase(), how); err != nil {
		return nil, err
	}
	return must[SubscriptionSchedule](t, after.ID), nil
}

// replan works out the next state of a schedule; fresh says that a phase begins now.
func (c UpdateSubscriptionSchedule) replan(t *tx, before *SubscriptionSchedule) (*SubscriptionSchedule, bool, error) {
	after := *before
	after.Metadata = mergeMetadata(after.Metadata, c.Metadata)
	if err := after.takeEnd(c.EndBehavior); err != nil {
		return nil, false, err
	}
	behavior := c.ProrationBehavior.Or(t.settings().ProrationBehavior)
	if err := oneOf("proration_behavior", behavior, CreateProrations, AlwaysInvoice, NoProrations); err != nil {
		return nil, false, err
	}
	var err error
	if after.Defaults, err = t.phaseSettings(c.DefaultSettings.Or(ScheduleSettingsParams{}), after.Defaults, after.Customer, "default_settings"); err != nil {
		return nil, false, err
	}
	fresh := false
	if list, ok := c.Phases.Get(); ok {
		if fresh, err = t.rephase(&after, list); err != nil {
			return nil, false, err
		}
	}
	return &after, fresh, after.checkDue()
}

// rephase gives a schedule other phases from its running one on. Those that are over stay.
func (t *tx) rephase(sc *SubscriptionSchedule, list []PhaseParams) (fresh bool, err error) {
	if len(list) == 0 {
		return false, required("phases")
	}
	given, ok := list[0].StartDate.Get()
	if !ok && sc.Status == ScheduleActive {
		return false, required("phases[0][start_date]")
	}
	start := sc.Phases[0].Start
	if ok {
		if start, ok = given.Resolve(t.now); !ok {
			return false, invalid("phases[0][start_date]", "", "Invalid start_date: must be a Unix timestamp or now")
		}
	}
	at := planning{customer: sc.Customer, mode: sc.BillingMode.Type, at: start}
	var past []*Phase
	if sc.Status == ScheduleActive {
		s := must[Subscription](t, sc.Subscription)
		at.currency, at.anchor = s.Currency, s.countedFrom()
		if past, err = sc.before(start, t.now); err != nil {
			return false, err
		}
	}
	planned, err := t.planPhases(list, at)
	if err != nil {
		return false, err
	}
	sc.Phases = append(past, planned...)
	running := sc.index(t.now)
	if running < 0 && start <= t.now {
		return false, invalid("phases", "", "The last phase of a schedule must end in the future.")
	}
	if sc.Status == ScheduleActive {
		was := sc.Current.Start
		*sc = *sc.entered(t.now)
		fresh = sc.Current.Start != was
	}
	return fresh, nil
}

// before are the phases that a schedule has been through when others begin at start: a past phase's start, the running one's, or now.
func (sc *SubscriptionSchedule) before(start, now int64) ([]*Phase, error) {
	var past []*Phase
	for _, p := range sc.Phases {
		switch {
		case p.Start == start:
			return past, nil
		case start == now && p.Start < now && now < p.End:
			cut := *p
			cut.End = now
			return append(past, &cut), nil
		}
		past = append(past, p)
	}
	return nil, invalid("phases[0][start_date]", "", "You can not modify the start date of the current phase: it is %d.", sc.Current.Start)
}

// CancelSubscriptionSchedule is POST /v1/subscription_schedules/{id}/cancel: the subscription ends with it.
type CancelSubscriptionSchedule struct {
	ID         string    `form:"-"`
	InvoiceNow Opt[bool] `form:"invoice_now"`
	Prorate    Opt[bool] `form:"prorate"`
}

func (c CancelSubscriptionSchedule) apply(t *tx) (Result, error) {
	sc, err := t.liveSchedule(c.ID, "cancel")
	if err != nil {
		return nil, err
	}
	s, ok := Get[Subscription](t.world, sc.Subscription)
	if !ok {
		return t.closeSchedule(sc, ScheduleCanceled, "subscription_schedule.canceled"), nil
	}
	t.cancel(s, c.Prorate.Or(true), c.InvoiceNow.Or(true))
	return must[SubscriptionSchedule](t, sc.ID), nil
}

// ReleaseSubscriptionSchedule is POST /v1/subscription_schedules/{id}/release: the subscription goes on without it.
type ReleaseSubscriptionSchedule struct {
	ID                 string    `form:"-"`
	PreserveCancelDate Opt[bool] `form:"preserve_cancel_date"`
}

func (c ReleaseSubscriptionSchedule) apply(t *tx) (Result, error) {
	sc, err := t.liveSchedule(c.ID, "release")
	if err != nil {
		return nil, err
	}
	return t.releaseSchedule(sc, c.PreserveCancelDate.Or(false)), nil
}

// liveSchedule finds the schedule that a route names, which must have something left to do.
func (t *tx) liveSchedule(id, what string) (*SubscriptionSchedule, error) {
	sc, ok := Get[SubscriptionSchedule](t.world, id)
	if !ok {
		return nil, NotFound("subscription_schedule", id, "schedule")
	}
	if err := t.enter(sc.TestClock); err != nil {
		return nil, err
	}
	if !sc.live() {
		return nil, invalid("", "", "You cannot %s a subscription schedule that is currently in the `%s` status. It must be `not_started` or `active`.", what, sc.Status)
	}
	return sc, nil
}

// ListSubscriptionSchedules is GET /v1/subscription_schedules.
type ListSubscriptionSchedules struct {
	Page
	CanceledAt  Range       `form:"canceled_at"`
	CompletedAt Range       `form:"completed_at"`
	Created     Range       `form:"created"`
	Customer    Opt[string] `form:"customer"`
	ReleasedAt  Range       `form:"released_at"`
	Scheduled   Opt[bool]   `form:"scheduled"`
}

func (q ListSubscriptionSchedules) run(w *World) (*Listing, error) {
	s := selection[SubscriptionSchedule]{index: "clock", cursorName: "subscription_schedule"}
	if customer, ok := q.Customer.Get(); ok {
		s.index, s.value = "customer", customer
	}
	s.keep = func(sc *SubscriptionSchedule) bool {
		return q.Created.holds(sc.Created) && q.CanceledAt.happened(sc.CanceledAt) && q.CompletedAt.happened(sc.CompletedAt) &&
			q.ReleasedAt.happened(sc.ReleasedAt) && (!q.Scheduled.Or(false) || sc.Status == ScheduleNotStarted)
	}
	return list(w, q.Page, s)
}

// happened says whether something came to pass in the range, or may not have done so when nobody asks.
func (r Range) happened(at int64) bool { return r == (Range{}) || at != 0 && r.holds(at) }

// scheduleTables hold what is planned for subscriptions.
type scheduleTables struct {
	schedules *table[SubscriptionSchedule]
}

func (ts *scheduleTables) open() []anyTable {
	ts.schedules = newTable("subscription_schedule", func(o *SubscriptionSchedule) string { return o.ID }).
		by("customer", func(o *SubscriptionSchedule) string { return o.Customer }).
		byAny("clock", func(o *SubscriptionSchedule) string { return o.TestClock })
	return []anyTable{ts.schedules}
}

var _ = register(CreateSubscriptionSchedule{}, UpdateSubscriptionSchedule{}, CancelSubscriptionSchedule{}, ReleaseSubscriptionSchedule{})
