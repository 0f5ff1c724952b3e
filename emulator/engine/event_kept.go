package engine

import "sort"

// eventSeconds is how long Stripe lists and finds events (chapter 7.1). They age by time that was lived through, from when they could first be
// read: a test clock's year, or a jump of MoveTime, must not take away what a reader saw, or had no chance to see, a moment ago. The log keeps all
// of them: what waits for delivery is read from it.
const eventSeconds = 30 * secondsPerDay

// keptEvents are the events that requests read.
type keptEvents struct {
	*eventLog
	first int // the slot of the oldest
}

func (w *World) keptEvents() keptEvents {
	log, since := w.tables.events, w.now-w.jumped-eventSeconds
	return keptEvents{log, sort.Search(log.count, func(slot int) bool { return log.row(slot).when.told >= since })}
}

func (k keptEvents) get(id string) (*Event, bool) {
	slot, ok := k.slot(id)
	if !ok {
		return nil, false
	}
	return k.at(slot), true
}

func (k keptEvents) slot(id string) (int32, bool) {
	slot, ok := k.eventLog.slot(id)
	return slot, ok && int(slot) >= k.first
}

func (k keptEvents) span(index, name string) span {
	all := k.eventLog.span(index, name)
	if index == "" {
		return span{count: all.count - k.first, first: k.first}
	}
	kept := all.slots[all.place(slotOf(k.first)):]
	return span{count: len(kept), slots: kept}
}
