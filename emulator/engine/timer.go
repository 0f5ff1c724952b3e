package engine

import (
	"cmp"
	"slices"
)

// worldLine is the time line of everything that is on no test clock.
const worldLine = ""

// Timer is something that will happen: data, so that a world can be stored, forked and replayed.
type Timer struct {
	Due    int64
	Seq    int64 // order among timers that are due in the same second
	Line   string
	Kind   string
	Object string // the id of the object it is about

	gone bool // taken away, though a heap still holds it
}

// timerKey: an object has at most one timer of a kind.
type timerKey struct{ kind, object string }

// timerQueue holds the timers of all time lines. Heaps may hold timers that were taken away since; those say so themselves.
type timerQueue struct {
	seq   int64
	byKey map[timerKey]*Timer
	lines map[string]*timerHeap
}

func newTimerQueue() timerQueue {
	return timerQueue{byKey: map[timerKey]*Timer{}, lines: map[string]*timerHeap{}}
}

// peek is the next timer of a line, without taking it.
func (q *timerQueue) peek(line string) (Timer, bool) {
	h := q.lines[line]
	for h != nil && len(*h) > 0 {
		if first := (*h)[0].timer; !first.gone {
			return *first, true
		}
		h.pop()
	}
	return Timer{}, false
}

func (q *timerQueue) next(line string) (int64, bool) {
	timer, ok := q.peek(line)
	return timer.Due, ok
}

func (q *timerQueue) add(timer *Timer) {
	timer.gone = false
	q.byKey[timerKey{timer.Kind, timer.Object}] = timer
	h := q.lines[timer.Line]
	if h == nil {
		h = &timerHeap{}
		q.lines[timer.Line] = h
	}
	h.push(timerEntry{timer.Due, timer.Seq, timer})
}

func (q *timerQueue) drop(timer *Timer) {
	timer.gone = true
	delete(q.byKey, timerKey{timer.Kind, timer.Object})
}

// What a write to the queue was.
const (
	timerAdded int32 = iota
	timerDropped
)

// undo takes a write to the queue back.
func (q *timerQueue) undo(wrote int32, was any) {
	timer, _ := was.(*Timer)
	if wrote == timerAdded {
		q.drop(timer)
	} else {
		q.add(timer)
	}
}

// timerEntry is a timer in a heap, with what it is ordered by.
type timerEntry struct {
	due, seq int64
	timer    *Timer
}

func (a timerEntry) before(b timerEntry) bool {
	return a.due < b.due || a.due == b.due && a.seq < b.seq
}

// timerHeap is a heap of the standard library's kind, without its boxes.
type timerHeap []timerEntry

func (h *timerHeap) push(e timerEntry) {
	*h = append(*h, e)
	list, at := *h, len(*h)-1
	for at > 0 {
		parent := (at - 1) / 2
		if !e.before(list[parent]) {
			break
		}
		list[at] = list[parent]
		at = parent
	}
	list[at] = e
}

// pop takes the first entry away.
func (h *timerHeap) pop() {
	list := *h
	last := list[len(list)-1]
	list[len(list)-1] = timerEntry{}
	list = list[:len(list)-1]
	*h = list
	at := 0
	for {
		child := 2*at + 1
		if child >= len(list) {
			break
		}
		if child+1 < len(list) && list[child+1].before(list[child]) {
			child++
		}
		if !list[child].before(last) {
			break
		}
		list[at] = list[child]
		at = child
	}
	if len(list) > 0 {
		list[at] = last
	}
}

// schedule sets the object's one timer of this kind to be due on the current time line, in place of an earlier one.
func (t *tx) schedule(kind, object string, due int64) {
	if _, ok := timerHandlers[kind]; !ok {
		panic("engine: timer kind without handler: " + kind)
	}
	t.unschedule(kind, object)
	q := &t.world.timers
	q.seq++
	timer := &Timer{Due: due, Seq: q.seq, Line: t.line, Kind: kind, Object: object}
	q.add(timer)
	t.wrote(q, timerAdded, timer)
}

// unschedule takes the object's timer of this kind away, if it has one.
func (t *tx) unschedule(kind, object string) {
	q := &t.world.timers
	if timer, ok := q.byKey[timerKey{kind, object}]; ok {
		q.drop(timer)
		t.wrote(q, timerDropped, timer)
	}
}

// unscheduleLine takes all timers of a time line away.
func (t *tx) unscheduleLine(line string) {
	for {
		timer, ok := t.world.timers.peek(line)
		if !ok {
			return
		}
		t.unschedule(timer.Kind, timer.Object)
	}
}

// scheduled is when the object's timer of this kind is due.
func (t *tx) scheduled(kind, object string) (int64, bool) {
	if timer, ok := t.world.timers.byKey[timerKey{kind, object}]; ok {
		return timer.Due, true
	}
	return 0, false
}

// timerHandlers run a timer. They cannot fail: what a timer finds impossible it leaves alone.
var timerHandlers = map[string]func(t *tx, object string){}

// onTimer declares the handler of a timer kind. Files call it in init: handlers schedule timers in turn, which a variable could not.
func onTimer(kind string, handler func(t *tx, object string)) {
	if _, taken := timerHandlers[kind]; taken {
		panic("engine: timer kind declared twice: " + kind)
	}
	timerHandlers[kind] = handler
}

// fire takes the timer from the queue and runs it at its own time.
func (t *tx) fire(timer Timer) {
	t.unschedule(timer.Kind, timer.Object)
	timerHandlers[timer.Kind](t, timer.Object)
}

// sorted are all timers by line, time and order.
func (q *timerQueue) sorted() []Timer {
	out := make([]Timer, 0, len(q.byKey))
	for _, timer := range q.byKey {
		out = append(out, *timer)
	}
	slices.SortFunc(out, func(a, b Timer) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Due, b.Due), cmp.Compare(a.Seq, b.Seq))
	})
	return out
}
