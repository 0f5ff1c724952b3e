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
	number atomic.Uint64 // requests so far

	mu     sync.Mutex
	world  *engine.World
	outbox *outbox
	seen   int64                     // the newest event that was handed to the outbox
	prices map[int64][]*engine.Price // inside the objects of events, by the event's number
	alarm  *time.Timer               // wakes the world at its next timer
	closed bool
	broken error // a bug ended a command half way: nothing can be trusted any more

	listeners map[*listener]struct{} // the CLIs that listen
}

func newAccount(s *Server, key string) *account {
	a := &account{server: s, key: key, idem: newIdempotency(), listeners: map[*listener]struct{}{}}
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
	at := a.server.opts.Now().Unix()
	result, applied := a.world.Apply(cmd, e.request, at)
	a.collect()
	r := record{World: a.key, At: at, Number: e.number, Key: e.key}
	if e.reply != nil {
		r.Reply = e.reply(result, applied)
	}
	done := cmd
	if engine.Undone(applied) { // only time has passed, and what was typed in vain is nobody's business
		done = engine.Tick{}
	} else {
		r.Request = e.request
	}
	if err := a.journal(done, r); err != nil {
		return nil, err
	}
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
	settings := &a.server.opts.Settings
	return &view{
		world: a.world, base: settings.BaseURL, era: eraOf(settings.APIVersion), events: eraOf(settings.APIVersion), pending: a.outbox.pending, then: a.prices,
	}
}

func (a *account) journal(cmd engine.Command, r record) error {
	if a.server.journal == nil {
		return nil
	}
	r.Name = engine.NameOf(cmd)
	body, err := json.Marshal(cmd)
	if err != nil {
		return fmt.Errorf("journal %s: %w", r.Name, err)
	}
	r.Command = body
	return a.server.journal.append(r)
}

// replay applies a journalled command again.
func (a *account) replay(r record) error {
	a.number.Store(max(a.number.Load(), r.Number))
	if r.Reset {
		a.empty()
		return nil
	}
	if r.Done != nil {
		a.outbox.forget(r.Done.Endpoint, r.Done.Seq)
		return nil
	}
	cmd, ok := engine.CommandByName(r.Name)
	if !ok {
		return fmt.Errorf("unknown command %s; the file is of another version of this program", r.Name)
	}
	if err := json.Unmarshal(r.Command, cmd); err != nil {
		return fmt.Errorf("%s: %w", r.Name, err)
	}
	a.world.Apply(cmd, r.Request, r.At) //nolint:errcheck // an error was an answer then, and is the same answer now
	a.collect()
	if r.Reply != nil {
		a.idem.keep(r.Key, *r.Reply)
	}
	return nil
}

// collect hands new events to the outbox.
func (a *account) collect() {
	for _, event := range a.world.EventsSince(a.seen) {
		if prices := pricesIn(a.world, event); prices != nil {
			a.prices[event.Seq] = prices
		}
		a.outbox.add(event)
		for l := range a.listeners {
			l.add(event)
		}
		a.seen = event.Seq
	}
}

// afterwards starts what follows a command: sending webhooks, finishing a clock's advance, the next alarm.
func (a *account) afterwards(cmd engine.Command) {
	a.outbox.start()
	if advance, ok := cmd.(*engine.AdvanceTestClock); ok {
		a.finishAdvance(advance.ID)
	}
	a.setAlarm()
}

// resume starts what a replayed world was in the middle of.
func (a *account) resume() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.outbox.start()
	for _, clock := range a.world.AdvancingClocks() {
		a.finishAdvance(clock)
	}
	a.setAlarm()
}

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
	a.setAlarm()
}

// catchUp runs the timers that are due by now: a read must not see a world that lags behind its clock.
func (a *account) catchUp() error {
	now := a.world.Now(a.server.opts.Now().Unix())
	if due, ok := a.world.NextDue(); !ok || due > now {
		return nil
	}
	_, err := a.apply(engine.Tick{}, entry{})
	return err
}

// reset empties the world. Its seed stays, so a repeated run gets the ids of the first.
func (a *account) reset() error {
	if err := a.usable(); err != nil {
		return err
	}
	if j := a.server.journal; j != nil {
		if err := j.append(record{World: a.key, Reset: true}); err != nil {
			return err
		}
	}
	a.empty()
	a.setAlarm()
	return nil
}

func (a *account) empty() {
	if a.outbox != nil {
		a.outbox.close()
	}
	a.world = engine.New(a.server.opts.Seed+"\x00"+a.key, a.server.opts.Settings)
	a.outbox, a.seen, a.prices = newOutbox(a), 0, map[int64][]*engine.Price{}
	a.idem.clear()
}

func (a *account) close() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.closed = true
	a.alarm.Stop()
	a.outbox.close()
}
