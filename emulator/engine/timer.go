package engine

import (
	"cmp"
	"container/heap"
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
}

// timerKey: an object has at most one timer of a kind.
type timerKey struct{ kind, object string }

// timerQueue holds the timers of all time lines. Heaps may hold entries that were unscheduled since; byKey has the truth.
type timerQueue struct {
	seq   int64
	byKey map[timerKey]Timer
	lines map[string]*timerHeap
}

func newTimerQueue() timerQueue {
	return timerQueue{byKey: map[timerKey]Timer{}, lines: map[string]*timerHeap{}}
}

// peek is the next timer of a line, without taking it.
func (q *timerQueue) peek(line string) (Timer, bool) {
	h := q.lines[line]
	for h != nil && h.Len() > 0 {
		first := (*h)[0]
		if q.byKey[timerKey{first.Kind, first.Object}] == first {
			return first, true
		}
		heap.Pop(h)
	}
	return Timer{}, false
}

func (q *timerQueue) next(line string) (int64, bool) {
	timer, ok := q.peek(line)
	return timer.Due, ok
}

func (q *timerQueue) add(timer Timer) {
	q.byKey[timerKey{timer.Kind, timer.Object}] = timer
	h := q.lines[timer.Line]
	if h == nil {
		h = &timerHeap{}
		q.lines[timer.Line] = h
	}
	heap.Push(h, timer)
}

// timerHeap is ordered by (Due, Seq).
type timerHeap []Timer

func (h timerHeap) Len() int { return len(h) }
func (h timerHeap) Less(i, j int) bool {
	if h[i].Due != h[j].Due {
		return h[i].Due < h[j].Due
	}
	return h[i].Seq < h[j].Seq
}
func (h timerHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }

// Push is for container/heap.
func (h *timerHeap) Push(x any) { *h = append(*h, x.(Timer)) }

// Pop is for container/heap.
func (h *timerHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	*h = old[:len(old)-1]
	return last
}

// schedule sets the object's one timer of this kind to be due on the current time line, in place of an earlier one.
func (t *tx) schedule(kind, object string, due int64) {
	if _, ok := timerHandlers[kind]; !ok {
		panic("engine: timer kind without handler: " + kind)
	}
	t.unschedule(kind, object)
	q := &t.world.timers
	q.seq++
	timer := Timer{Due: due, Seq: q.seq, Line: t.line, Kind: kind, Object: object}
	q.add(timer)
	t.onUndo(func() { delete(q.byKey, timerKey{kind, object}) })
}

// unschedule takes the object's timer of this kind away, if it has one.
func (t *tx) unschedule(kind, object string) {
	q := &t.world.timers
	key := timerKey{kind, object}
	old, ok := q.byKey[key]
	if !ok {
		return
	}
	delete(q.byKey, key)
	t.onUndo(func() { q.add(old) })
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
	timer, ok := t.world.timers.byKey[timerKey{kind, object}]
	return timer.Due, ok
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
		out = append(out, timer)
	}
	slices.SortFunc(out, func(a, b Timer) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Due, b.Due), cmp.Compare(a.Seq, b.Seq))
	})
	return out
}
