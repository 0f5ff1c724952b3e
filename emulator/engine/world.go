// Package engine is a pure, deterministic Stripe Billing account in test mode.
//
// A World holds the objects of one account. Everything that happens to it goes through Apply: a command, the request that caused it and
// the wall time at which it came. The engine reads no clock, draws no random number, does no I/O and starts no goroutine, so the same seed
// and the same commands always give the same objects, the same ids and the same events, byte for byte.
//
// Objects are immutable once stored: an update copies the struct, changes the copy and stores that. So events keep plain pointers to what
// the object was, and a failed command is rolled back by an undo log of writes.
package engine

import "sync/atomic"

// World is one Stripe account in test mode. It is not safe for concurrent use: its owner serialises Apply and the reads.
type World struct {
	seed      string
	signature *signature // of the ids to come; it never changes, another seed brings another one
	settings  Settings

	offset  int64  // what MoveTime added to the caller's wall time, seconds
	jumped  int64  // all that MoveTime added, which nobody lived through
	now     int64  // latest world time seen; never runs backwards
	until   int64  // the world time at which somebody can look again; every Apply says it anew, so a clone needs none
	counter uint64 // draws of the id generator
	created uint64 // rows ever stored: the creation order of all lists
	forked  bool   // it began as another account

	tables tables
	timers timerQueue
	undo   []write // the empty undo log that the next transaction takes

	memory  memory      // what makes work cheaper and is no state: a clone begins with none
	running atomic.Bool // guards against concurrent Apply, which would be a bug of the owner
}

// accountCharacters is how many characters the ids of one account share.
const accountCharacters = 10

// New opens an empty world. Two worlds with the same seed and settings that apply the same commands are equal to the byte.
func New(seed string, s Settings) *World {
	w := &World{seed: seed, settings: s}
	w.sign()
	w.tables = newTables()
	w.timers = newTimerQueue()
	return w
}

// sign makes the signature of the world's seed.
func (w *World) sign() {
	w.signature = &signature{newScatter(w.seed), w.fixedCharacters("account", accountCharacters)}
}

// Settings returns the account settings as they are now.
func (w *World) Settings() Settings { return w.settings }

// AccountID is the id of the account that this world stands for (acct_…). It ends in the characters that the account's ids share.
func (w *World) AccountID() string {
	return "acct_1" + w.fixedCharacters("acct", 5) + w.signature.account
}

// Now is the world time that belongs to the wall time at: the wall time moved by MoveTime, and never earlier than any time already seen.
func (w *World) Now(at int64) int64 { return max(at+w.offset, w.now) }

// NextDue is the world time of the next timer outside of all test clocks, if there is one.
func (w *World) NextDue() (int64, bool) {
	timer, ok := w.NextTimer()
	return timer.Due, ok
}

// Apply runs every timer of the world's own time line that is due at wall time at, then the command. An error leaves the world as it was
// before the command, unless it is an *Error with Keep set: then the command's writes stand (a declined payment leaves its charge behind).
func (w *World) Apply(cmd Command, req Request, at int64) (Result, error) {
	if !w.running.CompareAndSwap(false, true) {
		panic("engine: concurrent Apply on one world")
	}
	defer w.running.Store(false)
	w.runUntil(w.Now(at), false)
	tx := w.begin(worldLine, w.now, req)
	done := false
	defer func() {
		if !done { // a panic is a bug, but it must not leave half a command behind
			tx.rollback()
		}
	}()
	res, err := cmd.apply(tx)
	done = err == nil || keeps(err)
	if !done {
		return nil, err
	}
	tx.finish()
	tx.commit()
	return res, err
}

// runUntil runs the timers of the world's own line up to and including the given world time, each at its own due time. moving says
// that MoveTime is at work.
func (w *World) runUntil(until int64, moving bool) {
	w.until = max(w.now, until)
	var t *tx
	for {
		timer := w.timers.peek(worldLine)
		if timer == nil || timer.Due > until {
			break
		}
		w.now = max(w.now, timer.Due)
		if t == nil {
			t = w.begin(worldLine, w.now, Request{})
			t.moving = moving
		}
		t.again(w.now)
		t.fire(timer)
		t.finish()
		t.commit()
	}
	w.now = max(w.now, until)
}

// Tick is the command that only lets the world's own time line catch up with the wall time.
type Tick struct{}

func (Tick) apply(*tx) (Result, error) { return nil, nil }

// MoveTime moves the world's own time line forward by By seconds and runs everything that becomes due. It is the emulator's own command.
type MoveTime struct {
	By int64 `form:"by"`
}

func (c MoveTime) apply(t *tx) (Result, error) {
	if c.By < 0 {
		return nil, invalid("by", "", "Time only moves forward, got %d seconds.", c.By)
	}
	return nil, t.moveWorld(c.By, "by")
}

// MoveTimeTo moves the world's own time line forward to the world time At and runs everything that becomes due.
type MoveTimeTo struct {
	At int64 `form:"at"`
}

func (c MoveTimeTo) apply(t *tx) (Result, error) {
	if c.At < t.world.now {
		return nil, invalid("at", "", "Time only moves forward: %d is before %d.", c.At, t.world.now)
	}
	return nil, t.moveWorld(c.At-t.world.now, "at")
}

// moveWorld lives through the given seconds.
func (t *tx) moveWorld(by int64, param string) error {
	if by > moveSecondsMax {
		return invalid(param, "", "Time moves by at most ten years at once, got %d seconds.", by)
	}
	w := t.world
	w.offset += by
	w.jumped += by
	w.runUntil(w.now+by, true)
	return nil
}

var _ = register(Tick{}, MoveTime{}, MoveTimeTo{})
