package engine

import (
	"cmp"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestALineGivesItsTimersInOrderHoweverTheyCame(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var line timerLine
		var waiting []timerEntry
		seq, now := int64(0), int64(0)
		for range rapid.IntRange(0, 200).Draw(t, "steps") {
			if len(waiting) > 0 && rapid.Bool().Draw(t, "pop") {
				if first := line.first(); first != waiting[0].timer {
					t.Fatalf("%+v is first, not %+v", first, waiting[0].timer)
				}
				line.pop()
				now, waiting = waiting[0].due, waiting[1:]
				continue
			}
			seq++
			ahead := rapid.OneOf(rapid.SampledFrom([]int64{0, 3600, 604800, 2678400}), rapid.Int64Range(0, 100)).Draw(t, "ahead")
			at := seq
			if rapid.IntRange(0, 9).Draw(t, "undone") == 0 { // a timer that is put back has the number that it had
				at = rapid.Int64Range(1, seq).Draw(t, "seq")
			}
			e := timerEntry{now + ahead, at, &Timer{Due: now + ahead, Seq: at}}
			if slices.ContainsFunc(waiting, func(w timerEntry) bool { return w.due == e.due && w.seq == e.seq }) {
				continue
			}
			line.push(e)
			waiting = append(waiting, e)
			slices.SortFunc(waiting, func(a, b timerEntry) int { return cmp.Or(cmp.Compare(a.due, b.due), cmp.Compare(a.seq, b.seq)) })
		}
		for _, e := range waiting {
			if first := line.first(); first != e.timer {
				t.Fatalf("%+v is first, not %+v", first, e.timer)
			}
			line.pop()
		}
		if line.first() != nil {
			t.Fatal("a line that gave everything still has a timer")
		}
	})
}

func TestAgendasOfNewObjectsAreFoundByTheirIDs(t *testing.T) {
	t.Parallel()
	w := New("young", DefaultSettings())
	tx := w.begin(worldLine, 0, Request{})
	const many = 100
	ids := make([]string, many)
	for i := range ids {
		ids[i] = tx.long("in_")
		tx.scheduleFirst(timerFinalize, ids[i], int64(1+i))
	}
	for i := range many / 2 { // done with in the order in which they came
		timer := w.timers.peek(worldLine)
		if timer == nil || timer.Object != ids[i] {
			t.Fatalf("%+v is first, not the timer of %s", timer, ids[i])
		}
		tx.dropTimer(timer)
	}
	for i, id := range ids {
		if due, planned := tx.scheduled(timerFinalize, id); planned != (i >= many/2) || planned && due != int64(1+i) {
			t.Errorf("%d: planned %t for %d", i, planned, due)
		}
	}
	tx.scheduleFirst(timerFinalize, tx.long("in_"), 1)
	if got, want := len(w.timers.sorted()), many/2+1; got != want {
		t.Errorf("%d timers wait, not %d", got, want)
	}
	tx.rollback()
	if left := w.timers.sorted(); len(left) > 0 {
		t.Errorf("%d timers outlive what made them", len(left))
	}
}
