package engine

// tx is one command or one timer at work on the world. It knows which time line it runs on, what time it is there, who asked, and how to
// undo every write.
type tx struct {
	world *World
	line  string // "" or the id of a test clock
	now   int64  // the time on that line
	req   Request
	undo  []func()
	held  string // a subscription whose updated events wait: its command emits one in the end
	start counters

	moving bool // MoveTime is living through this time: nobody can answer meanwhile

	adopted string // a PaymentIntent that the next invoice takes over: the payer began it on a Checkout page
}

// counters are the plain numbers of the world that a rollback restores.
type counters struct {
	counter, created uint64
	eventSeq         int64
	timerSeq         int64
	offset           int64
}

func (w *World) begin(line string, now int64, req Request) *tx {
	return &tx{world: w, line: line, now: now, req: req, start: w.numbers()}
}

func (w *World) numbers() counters {
	return counters{counter: w.counter, created: w.created, eventSeq: w.eventSeq, timerSeq: w.timers.seq, offset: w.offset}
}

// onUndo remembers how to take one write back.
func (t *tx) onUndo(f func()) { t.undo = append(t.undo, f) }

func (t *tx) commit() { t.undo = nil }

func (t *tx) rollback() { t.rollbackTo(savepoint{counters: t.start}) }

// savepoint is a moment inside a transaction to which it can go back.
type savepoint struct {
	writes   int
	counters counters
}

func (t *tx) savepoint() savepoint { return savepoint{len(t.undo), t.world.numbers()} }

// rollbackTo takes back everything since the savepoint.
func (t *tx) rollbackTo(s savepoint) {
	for i := len(t.undo) - 1; i >= s.writes; i-- {
		t.undo[i]()
	}
	t.undo = t.undo[:s.writes]
	w, c := t.world, s.counters
	w.counter, w.created, w.eventSeq, w.timers.seq, w.offset = c.counter, c.created, c.eventSeq, c.timerSeq, c.offset
	w.eventLog = w.eventLog[:c.eventSeq]
}

// settings are those of the world.
func (t *tx) settings() *Settings { return &t.world.settings }

// enter moves the transaction to the time line of a test clock (or stays on the world's own for ""): from here on created times and timers
// are those of the clock. Writes to a clock that is advancing are refused, as Stripe does, and one request cannot touch two clocks.
func (t *tx) enter(clock string) error {
	if clock == t.line {
		return nil
	}
	if t.line != worldLine {
		return invalid("", "", "The objects of one request must be on the same test clock, but these are on %s and %q.", t.line, clock)
	}
	c, ok := Get[TestClock](t.world, clock)
	if !ok { // the customer was deleted together with its clock
		return noSuchParam("test_clock", clock, "test_clock")
	}
	if c.Status == ClockAdvancing {
		return clockBusy()
	}
	t.line, t.now = c.ID, c.FrozenTime
	return nil
}

// enterCustomer finds a customer that is not deleted and moves to its time line.
func (t *tx) enterCustomer(id, param string) (*Customer, error) {
	c, ok := Get[Customer](t.world, id)
	if !ok || c.Deleted {
		return nil, noSuchParam("customer", id, param)
	}
	return c, t.enter(c.TestClock)
}
