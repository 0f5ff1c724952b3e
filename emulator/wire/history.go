package wire

import (
	"encoding/json"
	"fmt"

	"github.com/dues-billing/dues/emulator/engine"
)

// history is everything that made a world what it is. A world is a pure function of it, so a shorter history is the world of an earlier
// moment. Histories share their beginnings: a step is never changed, and a history that is cut copies before it grows again.
type history struct {
	seed  string
	base  engine.Settings // that the world was opened with
	steps []step
	lost  bool // it became longer than memory should hold
}

// historyMax is how many steps are kept in memory. With a journal there is no limit: a step is then a place in the file.
const historyMax = 100_000

// step is one thing that happened to a world: a command, a new seed (of a fork), or the time going on from where it was kept.
type step struct {
	at      int64 // wall time
	request engine.Request
	command engine.Command // nil when the journal has it
	place   place
	tick    bool // only time has passed
	reseed  string
	rebase  bool
}

func (h *history) add(s step) {
	if h.lost || len(h.steps) == historyMax && s.place.length == 0 {
		h.steps, h.lost = nil, true
		return
	}
	h.steps = append(h.steps, s)
}

// first are the first n steps, as a history of its own.
func (h history) first(n int) history {
	h.steps = h.steps[:n:n]
	return h
}

// commands is how many of the steps did something.
func (h history) commands() int {
	n := 0
	for _, s := range h.steps {
		if !s.quiet() {
			n++
		}
	}
	return n
}

// quiet says that a step is no command of anybody's: only time has passed, or the world was put in place.
func (s step) quiet() bool { return s.tick || s.rebase || s.reseed != "" }

var errHistoryLost = fmt.Errorf("this world has had more than %d commands, which are not kept in memory: run the emulator with a state file", historyMax)

// open is the empty world that a history begins with.
func (h history) open() *engine.World { return engine.New(h.seed, h.base) }

// take lets a step happen to a world.
func (s step) take(w *engine.World, j *journal) error {
	switch {
	case s.reseed != "":
		w.Reseed(s.reseed)
		return nil
	case s.rebase:
		w.Rebase(s.at)
		return nil
	case s.command != nil:
		_, _ = w.Apply(s.command, s.request, s.at) // an error was an answer then, and is the same answer now
		return nil
	}
	var r record
	if err := j.read(s.place, &r); err != nil {
		return err
	}
	cmd, err := r.command()
	if err != nil {
		return err
	}
	_, _ = w.Apply(cmd, r.Request, r.At) // as above
	return nil
}

// command is the command of a journal's line.
func (r record) command() (engine.Command, error) {
	cmd, ok := engine.CommandByName(r.Name)
	if !ok {
		return nil, fmt.Errorf("unknown command %s; the file is of another version of this program", r.Name)
	}
	if err := json.Unmarshal(r.Command, cmd); err != nil {
		return nil, fmt.Errorf("%s: %w", r.Name, err)
	}
	return cmd, nil
}

// past is a world together with what the wire keeps beside it. Its maker owns it: the world is nobody else's.
type past struct {
	world   *engine.World
	prices  pastPrices
	history history
}

// relive lives through a history again. after is told of every step and says when it is enough; nil lives through all of it.
func (h history) relive(j *journal, after func(steps int, w *engine.World) bool) (past, error) {
	if h.lost {
		return past{}, errHistoryLost
	}
	p := past{world: h.open(), prices: pastPrices{}}
	seen := int64(0)
	for i, s := range h.steps {
		if err := s.take(p.world, j); err != nil {
			return past{}, err
		}
		p.prices.note(p.world, seen)
		seen = p.world.LastEventSeq()
		if after != nil && after(i+1, p.world) {
			p.history = h.first(i + 1)
			return p, nil
		}
	}
	p.history = h.first(len(h.steps))
	return p, nil
}
