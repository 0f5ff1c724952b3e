package engine

// tx is one command or one timer at work on the world. It knows which time line it runs on, what time it is there, who asked, and how to
// undo every write.
type tx struct {
	world *World
	line  string // "" or the id of a test clock
	now   int64  // the time on that line
	req   *Request
	undo  []write
	held  string // a subscription whose updated events wait: its command emits one in the end
	start counters
	when  *occasion // of the event that was emitted last

	moving bool // MoveTime is living through this time: nobody can answer meanwhile

	entitling []string // customers whose entitlements are looked at in the end
	last      []func() // what comes when the command or the timer has said everything else

	adopted string // a PaymentIntent that the next invoice takes over: the payer began it on a Checkout page
}

// counters are the plain numbers of the world that a rollback restores.
type counters struct {
	counter, created uint64
	timerSeq         int64
	offset, jumped   int64
	events           int
}

// again makes a transaction that was committed begin anew, on the world's own line.
func (t *tx) again(now int64) {
	w, undo := t.world, t.undo
	w.undo = nil
	*t = tx{world: w, line: worldLine, now: now, req: &ownDoing, start: w.numbers(), undo: undo, moving: t.moving}
}

// ownDoing is the request of everything that no request caused.
var ownDoing Request

func (w *World) begin(line string, now int64, req Request) *tx {
	t := &tx{world: w, line: line, now: now, req: &ownDoing, start: w.numbers(), undo: w.undo}
	if req != ownDoing {
		t.req = &req
	}
	w.undo = nil // a transaction inside another one, for MoveTime, has its own log
	return t
}

func (w *World) numbers() counters {
	return counters{counter: w.counter, created: w.created, timerSeq: w.timers.seq, offset: w.offset, jumped: w.jumped, events: w.tables.events.count}
}

// write is what takes one write back: to a slot of a table, or to anything else.
type write struct {
	table interface{ undo(slot int32, was any) } // nil when back says how
	slot  int32
	was   any // the object before, a nil pointer when there was none
	back  func()
}

// onUndo remembers how to take one write back.
func (t *tx) onUndo(f func()) { t.undo = append(t.undo, write{back: f}) }

// wrote remembers what stood in a slot of a table before a write. The queue of timers knows what its slots mean.
func (t *tx) wrote(tb interface{ undo(slot int32, was any) }, slot int32, was any) {
	t.undo = append(t.undo, write{table: tb, slot: slot, was: was})
}

// commit lets every write stand. The next transaction goes on with the memory of the log.
func (t *tx) commit() {
	t.settleEntitlements()
	clear(t.undo)
	t.undo = t.undo[:0]
	if cap(t.undo) <= undoKept {
		t.world.undo = t.undo
	}
}

// undoKept is how long a log may be to be used again: more than a renewal writes, and not what the advance of a year did.
const undoKept = 1024

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
		if c := t.undo[i]; c.table != nil {
			c.table.undo(c.slot, c.was)
		} else {
			c.back()
		}
	}
	clear(t.undo[s.writes:])
	t.undo = t.undo[:s.writes]
	w, c := t.world, s.counters
	w.counter, w.created, w.timers.seq, w.offset, w.jumped = c.counter, c.created, c.timerSeq, c.offset, c.jumped
	w.tables.events.cut(c.events)
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
		return t.clockBusy()
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
