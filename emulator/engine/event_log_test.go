package engine

import (
	"fmt"
	"slices"
)

// verify reads every event by its id, and by its type.
func (l *eventLog) verify() error {
	byType := map[string][]int32{}
	for slot := range l.count {
		e := l.at(int32(slot))
		if at, ok := l.slot(e.ID); !ok || int(at) != slot || e.Seq != int64(slot)+1 {
			return fmt.Errorf("event %d is %s %d, which leads to %d", slot, e.ID, e.Seq, at)
		}
		byType[e.Type] = append(byType[e.Type], int32(slot))
	}
	for name, want := range byType {
		if got := l.span("type", name); got.count != len(want) || !slices.Equal(got.slots, want) {
			return fmt.Errorf("events of type %s: %v, want %v", name, got.slots, want)
		}
	}
	return nil
}

// pointers are the rows themselves: they hold the pointers to what the events tell of.
func (l *eventLog) pointers(out []any) []any {
	for slot := range l.count {
		out = append(out, *l.row(slot))
	}
	return out
}
