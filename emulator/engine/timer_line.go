package engine

import "iter"

// timerLine holds the timers of one time line. What is set for the same distance ahead, again and again as time moves on, comes in the order in
// which it is due: the next hour's drafts, the next month's renewals. So there are a few runs that each stay in order, and a heap for what
// fits into none of them. A run costs less than a heap, and lies in memory in the order in which it is read.
type timerLine struct {
	runs [timerRuns]timerRun
	rest timerHeap
}

// timerRuns is how many runs there are: for an hour's, a week's, and a period's distance, and one more.
const timerRuns = 4

// push adds a timer to the first run that stays in order with it.
func (l *timerLine) push(e timerEntry) {
	for i := range l.runs {
		if r := &l.runs[i]; r.empty() || r.last().before(e) {
			r.push(e)
			return
		}
	}
	l.rest.push(e)
}

// first is the timer that is due first, also one that is gone; nil when there is none.
func (l *timerLine) first() *Timer {
	if at := l.next(); at >= 0 {
		return l.runs[at].first().timer
	}
	if len(l.rest) > 0 {
		return l.rest[0].timer
	}
	return nil
}

// pop takes the first timer away.
func (l *timerLine) pop() {
	if at := l.next(); at >= 0 {
		l.runs[at].pop()
	} else {
		l.rest.pop()
	}
}

// next is the run with the first timer of all, -1 when that one is in the rest, or there is none.
func (l *timerLine) next() int {
	at := -1
	var first timerEntry
	if len(l.rest) > 0 {
		first = l.rest[0]
	}
	for i := range l.runs {
		if r := &l.runs[i]; !r.empty() && (first.timer == nil || r.first().before(first)) {
			at, first = i, *r.first()
		}
	}
	return at
}

// timerRun is timers in the order in which they are due. Those before from are taken.
type timerRun struct {
	list []timerEntry
	from int
}

func (r *timerRun) empty() bool { return len(r.list) == 0 }

func (r *timerRun) first() *timerEntry { return &r.list[r.from] }

func (r *timerRun) last() *timerEntry { return &r.list[len(r.list)-1] }

func (r *timerRun) push(e timerEntry) {
	if len(r.list) == cap(r.list) && r.from > len(r.list)/2 { // what is taken makes room
		left := copy(r.list, r.list[r.from:])
		clear(r.list[left:])
		r.list, r.from = r.list[:left], 0
	}
	r.list = append(r.list, e)
}

func (r *timerRun) pop() {
	r.list[r.from] = timerEntry{}
	if r.from++; r.from == len(r.list) {
		r.list, r.from = r.list[:0], 0
	}
}

// timerEntry is a timer on a line, with what it is ordered by.
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

// all are the timers of the line that were not taken yet, in no order, also those that are gone.
func (l *timerLine) all() iter.Seq[timerEntry] {
	return func(yield func(timerEntry) bool) {
		for i := range l.runs {
			for _, e := range l.runs[i].list[l.runs[i].from:] {
				if !yield(e) {
					return
				}
			}
		}
		for _, e := range l.rest {
			if !yield(e) {
				return
			}
		}
	}
}
