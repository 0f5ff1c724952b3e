package wire

import (
	"encoding/json"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dues-billing/dues/emulator/engine"
)

// account is the world of one API key, with all that the wire keeps about it. Its mutex serialises everything that touches the world.
type account struct {
	server *Server
	key    string
	id     string // of the account (acct_…)
	idem   *idempotency
	idemV2 *idempotency  // of the second version of the API
	number atomic.Uint64 // requests so far

	version atomic.Pointer[string]           // of requests that name none
	decided atomic.Pointer[engine.Decisions] // what the wire reads of them
	rate    rateLimit

	mu        sync.Mutex
	world     *engine.World
	history   history // what made the world
	snapshots map[string]*snapshot
	outbox    *outbox
	chaos     []Chaos
	requests  requestLog
	seen      int64 // the newest event that was handed to the outbox
	prices    pastPrices
	alarm     *time.Timer // wakes the world at its next timer
	closed    bool
	broken    error // a bug ended a command half way: nothing can be trusted any more

	listeners map[*listener]struct{} // the CLIs that listen
	tails     atomic.Int32           // those that follow the log of requests
}

func newAccount(s *Server, key string) *account {
	a := &account{server: s, key: key, idem: newIdempotency(), idemV2: newIdempotency(), listeners: map[*listener]struct{}{}, snapshots: map[string]*snapshot{}}
	a.idemV2.seconds = idempotencyV2
	a.empty()
	a.id = a.world.AccountID()
	a.alarm = time.AfterFunc(time.Hour, a.wake)
	return a
}

// entry is what a command is journalled with.
type entry struct {
	request engine.Request
	number  uint64
	key     string // idempotency key
	reply   func(result engine.Result, err error) *reply
}

// apply runs a command on the locked world, journals it and hands its events out. The error is *engine.Error when Stripe would answer it,
// anything else is a failure of the emulator itself.
func (a *account) apply(cmd engine.Command, e entry) (_ engine.Result, err error) {
	if err := a.usable(); err != nil {
		return nil, err
	}
	defer a.guard(cmd, &err)
	now := a.server.opts.Now().Unix()
	result, applied := a.world.Apply(cmd, e.request, now)
	a.collect()
	r := record{World: a.key, At: now, Number: e.number, Key: e.key}
	if e.reply != nil {
		r.Reply = e.reply(result, applied)
	}
	done := cmd
	if engine.Undone(applied) { // only time has passed, and what was typed in vain is nobody's business
		done = engine.Tick{}
	} else {
		r.Request = e.request
	}
	at, err := a.journal(done, r)
	if err != nil {
		return nil, err
	}
	a.remember(done, r, at)
	a.afterwards(cmd)
	return result, applied
}

// guard keeps a bug that a command met within its world: the other worlds go on, this one answers nothing but the bug until the emulator is
// started again, for its state may be half changed. The command is not in the journal.
func (a *account) guard(cmd engine.Command, err *error) {
	if bug := recover(); bug != nil {
		a.broken = fmt.Errorf("%w: %T: %v", errBroken, cmd, bug)
		a.server.opts.Log.Error("emulator bug", "command", fmt.Sprintf("%T", cmd), "panic", bug, "stack", string(debug.Stack()))
		*err = a.broken
	}
}

func (a *account) usable() error {
	if a.closed {
		return errClosed
	}
	return a.broken
}

// view renders the locked world.
func (a *account) view() *view {
	base := a.server.opts.Settings.BaseURL
	if a.world.Forked() { // its objects have the ids that they have in its source: only the address tells whose page is meant
		base += "/w/" + a.world.AccountID()
	}
	return &view{
		world: a.world, base: base, era: eraOf(*a.version.Load()), events: eraOf, pending: a.outbox.pending, prices: a.prices,
	}
}

func (a *account) journal(cmd engine.Command, r record) (place, error) {
	if a.server.journal == nil {
		return place{}, nil
	}
	r.Name = engine.NameOf(cmd)
	body, err := json.Marshal(cmd)
	if err != nil {
		return place{}, fmt.Errorf("journal %s: %w", r.Name, err)
	}
	r.Command = body
	return a.server.journal.append(r)
}

// remember makes a command that happened part of the world's history.
func (a *account) remember(cmd engine.Command, r record, at place) {
	s := step{place: at}
	_, s.tick = cmd.(engine.Tick)
	if _, pointer := cmd.(*engine.Tick); pointer {
		s.tick = true
	}
	if at.length == 0 {
		s.at, s.request, s.command = r.At, r.Request, cmd
	}
	a.history.add(s)
	a.adopt()
}

// adopt takes over what the wire reads of the world's settings without its lock.
func (a *account) adopt() {
	if settings := a.world.Settings(); a.version.Load() == nil || *a.version.Load() != settings.APIVersion {
		version := settings.APIVersion
		a.version.Store(&version)
	}
	if decided := a.world.Settings().Decisions; a.decided.Load() == nil || *a.decided.Load() != decided {
		a.decided.Store(&decided)
	}
}

// replay makes what a line of the journal tells happen again.
func (a *account) replay(r record, at place) error {
	a.number.Store(max(a.number.Load(), r.Number))
	switch {
	case r.Turn != nil:
		return a.make(*r.Turn, r.At)
	case r.Chaos != nil:
		a.chaos = *r.Chaos
		return nil
	case r.Done != nil:
		a.outbox.forget(*r.Done)
		return nil
	}
	cmd, err := r.command()
	if err != nil {
		return err
	}
	a.world.Apply(cmd, r.Request, r.At) //nolint:errcheck // an error was an answer then, and is the same answer now
	a.collect()
	a.remember(cmd, r, at)
	if r.Reply != nil {
		a.idemOf(r.Key).keep(r.Key, *r.Reply)
	}
	return nil
}

// collect hands new events to the outbox. The advance of a year leaves millions, so they are made only for those who listen.
func (a *account) collect() {
	if a.seen == a.world.LastEventSeq() {
		return
	}
	a.prices.note(a.world, a.seen)
	if len(a.listeners) > 0 {
		for event := range a.world.EventsAfter(a.seen) {
			for l := range a.listeners {
				l.add(sending{event: event})
			}
		}
	}
	a.outbox.add(a.seen)
	a.seen = a.world.LastEventSeq()
}

// afterwards starts what follows a command: sending webhooks, finishing a clock's advance, the next alarm.
func (a *account) afterwards(cmd engine.Command) {
	a.outbox.due()
	a.outbox.start()
	if advance, ok := cmd.(*engine.AdvanceTestClock); ok {
		a.finishAdvance(advance.ID)
	}
	a.setAlarm()
}

// resume starts what a replayed world was in the middle of.
func (a *account) resume() { a.locked(a.goOn) }

// finishAdvance lets a test clock live through its time, outside of the request that asked for it.
func (a *account) finishAdvance(clock string) {
	a.server.background(func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		// The only errors are that the clock was deleted meanwhile or that the emulator is closing: both need nothing more.
		if _, err := a.apply(&engine.FinishAdvance{Clock: clock}, entry{}); err != nil {
			a.server.opts.Log.Debug("finish advance", "clock", clock, "err", err)
		}
	})
}

// alarmMax bounds the sleep, so that a wall clock that was set is noticed.
const alarmMax = time.Minute

func (a *account) setAlarm() {
	wait := alarmMax
	if due, ok := a.world.NextDue(); ok {
		now := a.world.Now(a.server.opts.Now().Unix())
		wait = min(max(time.Duration(due-now)*time.Second, 10*time.Millisecond), alarmMax)
	}
	if !a.closed {
		a.alarm.Reset(wait)
	}
}

// wake runs what is due by now without anybody asking.
func (a *account) wake() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed {
		return
	}
	if err := a.catchUp(); err != nil {
		a.server.opts.Log.Error("emulator timer", "err", err)
	}
	a.outbox.due()
	a.setAlarm()
}

// lagSeconds is how far a world may lag behind its clock while nothing is due: what it forgets by age is a day late at most.
const lagSeconds = 24 * 60 * 60

// catchUp runs the timers that are due by now: a read must not see a world that lags behind its clock.
func (a *account) catchUp() error {
	now := a.world.Now(a.server.opts.Now().Unix())
	if due, ok := a.world.NextDue(); (!ok || due > now) && now-a.world.Reached() < lagSeconds {
		return nil
	}
	_, err := a.apply(engine.Tick{}, entry{})
	return err
}

// seed is that of the key's ids.
func (a *account) seed() string { return a.server.opts.Seed + "\x00" + a.key }

func (a *account) empty() {
	if a.outbox != nil {
		a.outbox.close()
	}
	a.history = history{seed: a.seed(), base: a.server.opts.Settings}
	a.world = a.history.open()
	a.outbox, a.seen, a.prices = newOutbox(a), 0, pastPrices{}
	a.forgetKeys()
	a.adopt()
}

func (a *account) close() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.closed = true
	a.alarm.Stop()
	a.outbox.close()
}
