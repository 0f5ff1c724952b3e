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
	young  bool // not among byObject yet, but in place of young
	place  int
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

// timerQueue holds the timers of all time lines. Lines may hold timers that were taken away since; those say so themselves.
type timerQueue struct {
	seq      int64
	byObject map[string]*agenda
	// A command sets and clears many timers of one object or two. These were asked for last; all others have timers.
	recent, before *agenda
	spare          *agenda // to be used again
	// The agendas of objects that had just been made. Most of them, the drafts of a renewal, are done with before anybody asks for them by
	// their ids, and never come into byObject.
	young     []*agenda // nil where one was done with
	youngLeft int
	world     timerLine
	clocks    map[string]*timerLine
}

func newTimerQueue() timerQueue {
	return timerQueue{byObject: map[string]*agenda{}, recent: &agenda{}, before: &agenda{}, clocks: map[string]*timerLine{}}
}

// agenda is that of an object. An empty one is good until two others were asked for.
func (q *timerQueue) agenda(object string) *agenda {
	switch object {
	case q.recent.object:
		return q.recent
	case q.before.object:
		return q.turnTo(q.before)
	}
	q.growUp()
	if found, ok := q.byObject[object]; ok {
		return q.turnTo(found)
	}
	return q.blank(agenda{object: object})
}

// blank takes an empty agenda.
func (q *timerQueue) blank(a agenda) *agenda {
	if q.spare == nil {
		q.spare = &agenda{}
	}
	blank := q.spare
	*blank, q.spare = a, nil
	return q.turnTo(blank)
}

// keep holds an agenda that gets its first timer.
func (q *timerQueue) keep(a *agenda) {
	a.kept = true
	if !a.young {
		q.byObject[a.object] = a
		return
	}
	if len(q.young) == cap(q.young) && q.youngLeft <= len(q.young)/2 {
		q.young = slices.DeleteFunc(q.young, func(a *agenda) bool { return a == nil })
		for i, a := range q.young {
			a.place = i
		}
	}
	a.place = len(q.young)
	q.young = append(q.young, a)
	q.youngLeft++
}

// forget lets go of an agenda that is held, and empty.
func (q *timerQueue) forget(a *agenda) {
	if !a.young {
		delete(q.byObject, a.object)
		return
	}
	q.young[a.place] = nil
	if q.youngLeft--; q.youngLeft == 0 {
		q.young = q.young[:0]
	}
}

// growUp takes the young agendas in among those that are found by their ids.
func (q *timerQueue) growUp() {
	for _, a := range q.young {
		if a != nil {
			a.young = false
			q.byObject[a.object] = a
		}
	}
	clear(q.young)
	q.young, q.youngLeft = q.young[:0], 0
}

// turnTo makes an agenda the one that was asked for last.
func (q *timerQueue) turnTo(a *agenda) *agenda {
	if a == q.recent {
		return a
	}
	if a != q.before && q.before.first == nil {
		if q.before.kept {
			q.forget(q.before)
		}
		q.spare = q.before
	}
	q.recent, q.before = a, q.recent
	return a
}

// line is that of a name, nil for a clock that never had a timer.
func (q *timerQueue) line(name string) *timerLine {
	if name == worldLine {
		return &q.world
	}
	return q.clocks[name]
}

// peek is the next timer of a line, without taking it; nil when there is none.
func (q *timerQueue) peek(line string) *Timer {
	l := q.line(line)
	if l == nil {
		return nil
	}
	for {
		if first := l.first(); first == nil || !first.gone {
			return first
		}
		l.pop()
	}
}

func (q *timerQueue) add(timer *Timer) {
	a := q.agenda(timer.Object)
	timer.gone, timer.next, timer.agenda, a.first = false, a.first, a, timer
	if !a.kept {
		q.keep(a)
	}
	l := q.line(timer.Line)
	if l == nil {
		l = &timerLine{}
		q.clocks[timer.Line] = l
	}
	l.push(timerEntry{timer.Due, timer.Seq, timer})
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

// schedule sets the object's one timer of this kind to be due on the current time line, in place of an earlier one.
func (t *tx) schedule(kind, object string, due int64) {
	t.unschedule(kind, object)
	t.setTimer(kind, object, due)
}

// scheduleFirst is schedule for an object that was just made, and has no timer of any kind.
func (t *tx) scheduleFirst(kind, object string, due int64) {
	t.world.timers.blank(agenda{object: object, young: true})
	t.setTimer(kind, object, due)
}

func (t *tx) setTimer(kind, object string, due int64) {
	if _, ok := timerHandlers[kind]; !ok {
		panic("engine: timer kind without handler: " + kind)
	}
	q := &t.world.timers
	q.seq++
	timer := &Timer{Due: due, Seq: q.seq, Line: t.line, Kind: kind, Object: object}
	q.add(timer)
	t.wrote(q, timerAdded, timer)
}

// unschedule takes the object's timer of this kind away, if it has one.
func (t *tx) unschedule(kind, object string) {
	if timer := t.world.timers.agenda(object).of(kind); timer != nil {
		t.dropTimer(timer)
	}
}

func (t *tx) dropTimer(timer *Timer) {
	q := &t.world.timers
	q.drop(timer)
	t.wrote(q, timerDropped, timer)
}

// unscheduleLine takes all timers of a time line away.
func (t *tx) unscheduleLine(line string) {
	for {
		timer := t.world.timers.peek(line)
		if timer == nil {
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
func (t *tx) fire(timer *Timer) {
	t.dropTimer(timer)
	timerHandlers[timer.Kind](t, timer.Object)
}

// sorted are all timers by line, time and order.
func (q *timerQueue) sorted() []Timer {
	q.growUp()
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
