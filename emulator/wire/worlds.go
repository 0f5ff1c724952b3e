package wire

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/dues-billing/dues/emulator/engine"
)

// turn is something that happens to a whole world, as the journal tells it.
type turn struct {
	Op       string `json:"op"`
	Snapshot string `json:"snapshot,omitempty"`
	Of       string `json:"of,omitempty"`   // the snapshot that is kept under another name
	From     string `json:"from,omitempty"` // the key whose snapshot is forked
	Steps    int    `json:"steps,omitempty"`
}

// The turns of a world.
const (
	turnReset   = "reset"
	turnKeep    = "snapshot"
	turnForget  = "forget"
	turnRestore = "restore"
	turnRewind  = "rewind"
	turnFork    = "fork"
)

// snapshot is a world as it was. Nobody changes it.
type snapshot struct {
	past
	at int64 // wall time at which it was taken
}

const (
	snapshotsMax    = 100 // per world; each holds the tables of a world
	snapshotNameMax = 100
	hiddenSnapshot  = "\x00" // begins the name of a snapshot that only lives until it is forked
)

// kept is the world as it is, for keeping.
func (a *account) kept(at int64) *snapshot {
	return &snapshot{past{a.world.Clone(), maps.Clone(a.prices), a.history.first(len(a.history.steps))}, at}
}

// copy is a world of the snapshot's that may live.
func (s *snapshot) copy() past {
	return past{s.world.Clone(), maps.Clone(s.prices), s.history.first(len(s.history.steps))}
}

// alter journals a turn of the locked world and makes it.
func (a *account) alter(c turn) error {
	if err := a.usable(); err != nil {
		return err
	}
	at := a.server.opts.Now().Unix()
	if j := a.server.journal; j != nil {
		if _, err := j.append(record{World: a.key, At: at, Turn: &c}); err != nil {
			return err
		}
	}
	if err := a.make(c, at); err != nil {
		a.broken = fmt.Errorf("%w: %s: %w", errBroken, c.Op, err)
		return a.broken
	}
	a.goOn()
	return nil
}

// make makes a turn that was found possible, or that a journal tells.
func (a *account) make(c turn, at int64) error {
	switch c.Op {
	case turnReset:
		a.empty()
	case turnKeep:
		kept := a.snapshots[c.Of]
		if c.Of == "" {
			kept = a.kept(at)
		}
		a.snapshots[c.Snapshot] = kept
	case turnForget:
		delete(a.snapshots, c.Snapshot)
	case turnRestore:
		a.install(a.snapshots[c.Snapshot].copy(), at)
	case turnRewind:
		p, err := a.history.first(c.Steps).relive(a.server.journal, nil)
		if err != nil {
			return err
		}
		a.install(p, at)
	case turnFork:
		source := a.server.account(c.From)
		p := source.snapshots[c.Snapshot].copy()
		delete(source.snapshots, c.Snapshot)
		p.world.Reseed(a.seed())
		p.history.add(step{reseed: a.seed()})
		a.install(p, at)
	default:
		return fmt.Errorf("unknown turn %q; the file is of another version of this program", c.Op)
	}
	return nil
}

// install makes a world of the past the account's. Its time goes on from where it stood, its webhooks are those to come, and no idempotency
// key is known in it.
func (a *account) install(p past, at int64) {
	p.world.Rebase(at)
	p.history.add(step{at: at, rebase: true})
	a.outbox.close()
	a.world, a.prices, a.history, a.seen = p.world, p.prices, p.history, p.world.LastEventSeq()
	a.outbox = newOutbox(a)
	a.forgetKeys()
	a.adopt()
}

// goOn starts what a world is in the middle of: webhooks, advances, its next alarm.
func (a *account) goOn() {
	a.outbox.start()
	for _, clock := range a.world.AdvancingClocks() {
		a.finishAdvance(clock)
	}
	a.setAlarm()
}

// keep takes a snapshot, in place of an earlier one of that name.
func (a *account) keep(name string) error {
	if name == "" || len(name) > snapshotNameMax || strings.HasPrefix(name, hiddenSnapshot) {
		return badRequest("", "name", "Invalid name: a snapshot's name has 1 to %d characters.", snapshotNameMax)
	}
	if a.snapshots[name] == nil && len(a.snapshots) >= snapshotsMax {
		return badRequest("", "name", "This world has %d snapshots, which is the most; delete one.", snapshotsMax)
	}
	if err := a.catchUp(); err != nil {
		return err
	}
	return a.alter(turn{Op: turnKeep, Snapshot: name})
}

func (a *account) known(snapshot string) error {
	if a.snapshots[snapshot] == nil {
		return failure(404, "resource_missing", "No such snapshot: '%s'", shorten(snapshot))
	}
	return nil
}

func (a *account) forget(name string) error {
	if err := a.known(name); err != nil {
		return err
	}
	return a.alter(turn{Op: turnForget, Snapshot: name})
}

func (a *account) restore(name string) error {
	if err := a.known(name); err != nil {
		return err
	}
	return a.alter(turn{Op: turnRestore, Snapshot: name})
}

// reset empties the world. Its seed stays, so a repeated run gets the ids of the first; its snapshots stay too.
func (a *account) reset() error { return a.alter(turn{Op: turnReset}) }

// fork makes the world of another key equal to this world, or to a snapshot of it. The other key must be unused.
func (s *Server) fork(from, to, name string) error {
	if !isTestKey(to) {
		return badRequest("", "to", "Invalid to: must be an API key of test mode, such as sk_test_second.")
	}
	if from == to {
		return badRequest("", "to", "A world cannot be forked onto itself: rewind it or restore a snapshot.")
	}
	s.forks.Lock()
	defer s.forks.Unlock()
	hidden := hiddenSnapshot + to
	source := s.account(from)
	if err := source.hide(name, hidden); err != nil {
		return err
	}
	target := s.account(to)
	target.mu.Lock()
	defer target.mu.Unlock()
	if n := target.history.commands(); n > 0 || target.history.lost {
		source.locked(func() { delete(source.snapshots, hidden) })
		return failure(409, "", "The key %s has a world already: reset it first, or take another key.", mask(to))
	}
	return target.alterFrom(source, turn{Op: turnFork, From: from, Snapshot: hidden})
}

// hide keeps a snapshot, or the world as it is, under a name that nobody else can take.
func (a *account) hide(name, hidden string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if name == "" {
		if err := a.catchUp(); err != nil {
			return err
		}
	} else if err := a.known(name); err != nil {
		return err
	}
	return a.alter(turn{Op: turnKeep, Of: name, Snapshot: hidden})
}

func (a *account) locked(f func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	f()
}

// alterFrom is alter for a turn that takes something from another account, which is locked meanwhile: nobody forks back while it waits,
// for forks come one after the other.
func (a *account) alterFrom(source *account, c turn) error {
	source.mu.Lock()
	defer source.mu.Unlock()
	return a.alter(c)
}

// rewind takes the world back to how it was after so many of its commands.
func (a *account) rewindTo(commands int) error {
	steps, done := 0, 0
	for steps < len(a.history.steps) && (done < commands || a.history.steps[steps].quiet()) {
		if !a.history.steps[steps].quiet() {
			done++
		}
		steps++
	}
	if commands < 0 || done < commands {
		return badRequest("", "commands", "This world has had %d commands; it can be rewound to any number up to that.", a.history.commands())
	}
	if a.history.lost {
		return failure(409, "", "%s", errHistoryLost)
	}
	return a.alter(turn{Op: turnRewind, Steps: steps})
}

// rewindToTime takes the world back to a time of its own line.
func (a *account) rewindToTime(at int64) error {
	if now := a.world.Now(a.server.opts.Now().Unix()); at > now {
		return badRequest("", "time", "A rewind goes back: %d is after the world's time, %d.", at, now)
	}
	steps := 0
	_, err := a.relive(func(n int, w *engine.World) bool {
		if w.Reached() > at {
			return true
		}
		steps = n
		return false
	})
	if err != nil {
		return err
	}
	if steps == 0 {
		return badRequest("", "time", "The world's first command came after %d.", at)
	}
	if err := a.alter(turn{Op: turnRewind, Steps: steps}); err != nil {
		return err
	}
	if at <= a.world.Now(a.server.opts.Now().Unix()) {
		return nil
	}
	_, err = a.apply(&engine.MoveTimeTo{At: at}, entry{})
	return err
}

// rewindToEvent takes the world back to where the event had just happened. What the same command did after it is there too, unless only
// time had passed: then the world stops at the event's second.
func (a *account) rewindToEvent(id string) error {
	event, ok := a.world.Event(id)
	if !ok {
		return engine.NotFound("event", id, "event")
	}
	steps, before, after := 0, int64(0), int64(0)
	_, err := a.relive(func(n int, w *engine.World) bool {
		steps, after = n, w.Reached()
		if w.LastEventSeq() >= event.Seq {
			return true
		}
		before = w.Reached()
		return false
	})
	if err != nil {
		return err
	}
	if event.Clock == "" && event.Created > before && steps > 1 && after > event.Created {
		return a.rewindToTime(event.Created)
	}
	return a.alter(turn{Op: turnRewind, Steps: steps})
}

func (a *account) relive(after func(int, *engine.World) bool) (past, error) {
	p, err := a.history.relive(a.server.journal, after)
	if errors.Is(err, errHistoryLost) {
		return p, failure(409, "", "%s", err)
	}
	return p, err
}

// snapshotNames are the names of the world's snapshots, sorted.
func (a *account) snapshotNames() []string {
	names := slices.Sorted(maps.Keys(a.snapshots))
	return slices.DeleteFunc(names, func(name string) bool { return strings.HasPrefix(name, hiddenSnapshot) })
}
