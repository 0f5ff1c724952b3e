package engine

// timerClock deletes a test clock that has had its time.
const timerClock = "clock.delete"

func init() {
	onTimer(timerClock, func(t *tx, id string) {
		if c, ok := Get[TestClock](t.world, id); ok {
			t.deleteClock(c)
		}
	})
}

// CreateTestClock is POST /v1/test_helpers/test_clocks.
type CreateTestClock struct {
	FrozenTime Opt[int64]  `form:"frozen_time"`
	Name       Opt[string] `form:"name"`
	Customer   Opt[string] `form:"customer"`
}

func (c CreateTestClock) apply(t *tx) (Result, error) {
	frozen, ok := c.FrozenTime.Get()
	if !ok {
		return nil, required("frozen_time")
	}
	if err := checkTimestamp(frozen, "frozen_time"); err != nil {
		return nil, err
	}
	clock := &TestClock{
		ID: t.long("clock_"), Created: t.now, Name: c.Name.Or(""), FrozenTime: frozen, Began: frozen, DeletesAfter: t.now + t.decided().ClockDaysKept*secondsPerDay,
		Status: ClockReady,
	}
	t.schedule(timerClock, clock.ID, clock.DeletesAfter)
	create(t, "test_helpers.test_clock.created", clock)
	if id, ok := c.Customer.Get(); ok {
		return clock, t.adoptCustomer(clock, id)
	}
	return clock, nil
}

// adoptCustomer puts an existing customer on a new clock. One who was billed already stays in the world's time: what happened there cannot
// have happened on the clock.
func (t *tx) adoptCustomer(clock *TestClock, id string) error {
	cus, ok := Get[Customer](t.world, id)
	if !ok || cus.Deleted {
		return noSuchParam("customer", id, "customer")
	}
	if cus.TestClock != "" {
		return invalid("customer", "", "The customer %s is on the test clock %s already, and can't be removed from it.", id, cus.TestClock)
	}
	if t.billed(id) {
		return invalid("customer", "", "The customer %s has subscriptions, invoices, quotes or payments, and stays in the time in which they were made.", id)
	}
	if err := t.enter(clock.ID); err != nil {
		return err
	}
	next := *cus
	next.TestClock = clock.ID
	update(t, "customer.updated", cus, &next)
	for _, pm := range t.world.tables.methods.all("customer", id) {
		t.awaitExpiry(pm)
	}
	return nil
}

// billed says whether anything was made for a customer that lives in time.
func (t *tx) billed(customer string) bool {
	ts := &t.world.tables
	return len(ts.subscriptions.refs("customer", customer)) > 0 || len(ts.schedules.refs("customer", customer)) > 0 || len(ts.invoices.refs("customer", customer)) > 0 ||
		len(ts.invoiceItems.refs("customer", customer)) > 0 || len(ts.quotes.refs("customer", customer)) > 0 ||
		len(ts.payments.refs("customer", customer)) > 0 || len(ts.setups.refs("customer", customer)) > 0
}

// AdvanceTestClock is POST /v1/test_helpers/test_clocks/{id}/advance. It only begins: FinishAdvance lives through the time.
type AdvanceTestClock struct {
	ID         string     `form:"-"`
	FrozenTime Opt[int64] `form:"frozen_time"`
}

func (c AdvanceTestClock) apply(t *tx) (Result, error) {
	clock, ok := Get[TestClock](t.world, c.ID)
	if !ok {
		return nil, NotFound("test_clock", c.ID, "test_clock")
	}
	target, ok := c.FrozenTime.Get()
	if !ok {
		return nil, required("frozen_time")
	}
	if clock.Status == ClockAdvancing {
		return nil, t.clockBusy()
	}
	if err := checkTimestamp(target, "frozen_time"); err != nil {
		return nil, err
	}
	if target <= clock.FrozenTime {
		return nil, invalid("frozen_time", "", "You can only advance a test clock forward: %d is not after its frozen time %d.", target, clock.FrozenTime)
	}
	if most := t.advanceLimit(clock); most != 0 && target > most {
		return nil, invalid("frozen_time", "", "You can advance a test clock by at most two intervals of the shortest subscription on it, "+
			"or by two years when there is none: not beyond %d.", most)
	}
	next := *clock
	next.Status, next.Target = ClockAdvancing, target
	put(t, &next)
	t.emit("test_helpers.test_clock.advancing", &next)
	return &next, nil
}

func (t *tx) clockBusy() *Error {
	return &Error{Status: 429, Type: InvalidRequest, Code: t.decided().ClockBusyCode,
		Message: "Test clock advancement underway - cannot perform modifications."}
}

// advanceLimit is how far a clock may be moved in one go; 0 is no limit.
func (t *tx) advanceLimit(clock *TestClock) int64 {
	intervals := t.settings().AdvanceIntervals
	if intervals == 0 {
		return 0
	}
	from := clock.FrozenTime
	if t.decided().ClockLimitFrom == LimitFromStart {
		from = clock.Began
	}
	most, found := int64(0), false
	for _, sub := range t.world.tables.subscriptions.all("clock", clock.ID) {
		if !sub.live() {
			continue
		}
		for _, item := range sub.Items {
			end := intervalOf(must[Price](t, item.Price)).at(from, intervals)
			if !found || end < most {
				most, found = end, true
			}
		}
	}
	if !found {
		return interval{Unit: IntervalYear, Count: 1}.at(from, 2)
	}
	return most
}

// FinishAdvance lives through the time that AdvanceTestClock has set: every timer of the clock in simulated order, each at its own time.
// It is the emulator's own command, applied right after the advance was answered.
type FinishAdvance struct {
	Clock string `form:"-"`
}

func (c FinishAdvance) apply(t *tx) (Result, error) {
	clock, ok := Get[TestClock](t.world, c.Clock)
	if !ok || clock.Status != ClockAdvancing {
		return nil, NotFound("test_clock", c.Clock, "test_clock")
	}
	t.req = &ownDoing
	t.line = clock.ID
	for {
		timer := t.world.timers.peek(clock.ID)
		if timer == nil || timer.Due > clock.Target {
			break
		}
		t.now = max(clock.FrozenTime, timer.Due)
		t.fire(timer)
		t.finish()
		t.commit() // a timer cannot fail: what it did stands, and the undo log of years need not be kept
	}
	t.line, t.now = worldLine, t.world.now
	next := *clock
	next.Status, next.FrozenTime, next.Target = ClockReady, clock.Target, 0
	put(t, &next)
	t.emit("test_helpers.test_clock.ready", &next)
	return &next, nil
}

// DeleteTestClock is DELETE /v1/test_helpers/test_clocks/{id}: its customers go with it, and their subscriptions end.
type DeleteTestClock struct {
	ID string `form:"-"`
}

func (c DeleteTestClock) apply(t *tx) (Result, error) {
	clock, ok := Get[TestClock](t.world, c.ID)
	if !ok {
		return nil, NotFound("test_clock", c.ID, "test_clock")
	}
	if clock.Status == ClockAdvancing {
		return nil, t.clockBusy()
	}
	t.deleteClock(clock)
	return &Deleted{ID: c.ID, Object: "test_helpers.test_clock"}, nil
}

func (t *tx) deleteClock(clock *TestClock) {
	t.line, t.now = clock.ID, clock.FrozenTime
	for _, cus := range t.world.tables.customers.all("clock", clock.ID) {
		t.deleteCustomer(cus)
	}
	t.unscheduleLine(clock.ID)
	t.line, t.now = worldLine, t.world.now
	t.unschedule(timerClock, clock.ID)
	t.world.tables.clocks.remove(t, clock.ID)
	t.emit("test_helpers.test_clock.deleted", clock)
}

// ListTestClocks is GET /v1/test_helpers/test_clocks.
type ListTestClocks struct {
	Page
}

func (q ListTestClocks) run(w *World) (*Listing, error) {
	return list(w, q.Page, selection[TestClock]{cursorName: "test_clock"})
}

// AdvancingClocks are the clocks that still have to be finished, for instance after a restart.
func (w *World) AdvancingClocks() []string {
	var out []string
	for _, c := range w.tables.clocks.all("", "") {
		if c.Status == ClockAdvancing {
			out = append(out, c.ID)
		}
	}
	return out
}

var _ = register(CreateTestClock{}, AdvanceTestClock{}, FinishAdvance{}, DeleteTestClock{})
