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

	gone   bool    // taken away, though a heap still holds it
	next   *Timer  // of its object
	agenda *agenda // its object's, while it is not gone
}

// agenda is what waits for one object, at most one timer of a kind.
type agenda struct {
	object string
	first  *Timer
	kept   bool // the queue holds it: it has or had a timer
}

// of is the timer of a kind, nil without one.
func (a *agenda) of(kind string) *Timer {
	for timer := a.first; timer != nil; timer = timer.next {
		if timer.Kind == kind {
			return timer
		}
	}
	return nil
}

// timerQueue holds the timers of all time lines. Heaps may hold timers that were taken away since; those say so themselves.
type timerQueue struct {
	seq      int64
	byObject map[string]*agenda
	// A command sets and clears many timers of one object or two. These were asked for last; all others have timers.
	recent, before *agenda
	spare          *agenda // to be used again
	world          timerHeap
	clocks         map[string]*timerHeap
}

func newTimerQueue() timerQueue {
	return timerQueue{byObject: map[string]*agenda{}, recent: &agenda{}, before: &agenda{}, clocks: map[string]*timerHeap{}}
}

// agenda is that of an object. An empty one is good until two others were asked for.
func (q *timerQueue) agenda(object string) *agenda {
	switch object {
	case q.recent.object:
		return q.recent
	case q.before.object:
		return q.turnTo(q.before)
	}
	if found, ok := q.byObject[object]; ok {
		return q.turnTo(found)
	}
	if q.spare == nil {
		q.spare = &agenda{}
	}
	blank := q.spare
	*blank, q.spare = agenda{object: object}, nil
	return q.turnTo(blank)
}

// turnTo makes an agenda the one that was asked for last.
func (q *timerQueue) turnTo(a *agenda) *agenda {
	if a == q.recent {
		return a
	}
	if a != q.before && q.before.first == nil {
		if q.before.kept {
			delete(q.byObject, q.before.object)
		}
		q.spare = q.before
	}
	q.recent, q.before = a, q.recent
	return a
}

// line is the heap of a time line, nil for a clock that never had a timer.
func (q *timerQueue) line(name string) *timerHeap {
	if name == worldLine {
		return &q.world
	}
	return q.clocks[name]
}

// peek is the next timer of a line, without taking it.
func (q *timerQueue) peek(line string) (Timer, bool) {
	h := q.line(line)
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
	a := q.agenda(timer.Object)
	timer.gone, timer.next, timer.agenda, a.first = false, a.first, a, timer
	if !a.kept {
		a.kept = true
		q.byObject[a.object] = a
	}
	h := q.line(timer.Line)
	if h == nil {
		h = &timerHeap{}
		q.clocks[timer.Line] = h
	}
	h.push(timerEntry{timer.Due, timer.Seq, timer})
}

func (q *timerQueue) drop(timer *Timer) {
	timer.gone = true
	link := &q.turnTo(timer.agenda).first
	for *link != timer {
		link = &(*link).next
	}
	*link = timer.next
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
	if timer := q.agenda(object).of(kind); timer != nil {
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
	if object == "" {
		return 0, false
	}
	timer := t.world.timers.agenda(object).of(kind)
	if timer == nil {
		return 0, false
	}
	return timer.Due, true
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
	t.world.timers.turnTo(timer.agenda)
	t.unschedule(timer.Kind, timer.Object)
	timerHandlers[timer.Kind](t, timer.Object)
}

// sorted are all timers by line, time and order.
func (q *timerQueue) sorted() []Timer {
	out := make([]Timer, 0, len(q.byObject))
	for _, a := range q.byObject {
		for timer := a.first; timer != nil; timer = timer.next {
			plain := *timer
			plain.next, plain.agenda = nil, nil
			out = append(out, plain)
		}
	}
	slices.SortFunc(out, func(a, b Timer) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Due, b.Due), cmp.Compare(a.Seq, b.Seq))
	})
	return out
}
