package engine

import (
	"iter"
	"slices"
)

// Event says that an object changed. Object and Before are the immutable states after and before; Before is set for *.updated only, and the
// wire renders previous_attributes from the difference.
type Event struct {
	ID      string
	Type    string
	Created int64
	Request *Request // never nil; shared by the events of one command
	Object  any
	Before  any
	Seq     int64 // 1, 2, 3, … in the order of emission
	Clock   string

	APIVersion string // the account's when it was emitted: what an event says is fixed, whatever the account's is later
}

// emit is the one place where events are made.
func (t *tx) emit(kind string, object any) { t.emitChange(kind, nil, object) }

// emitChange emits an event that carries the state before, for previous_attributes.
func (t *tx) emitChange(kind string, before, object any) {
	w := t.world
	w.counter++ // the draw of its id
	w.created++
	log := w.tables.events
	number := log.kind(kind)
	log.add(eventRow{t.occasion(), object, before, w.counter, number, log.kinds[number].side})
	t.mailOf(kind, object)
}

// occasion is what the next event shares with those of the same request and second.
func (t *tx) occasion() *occasion {
	if o := t.when; o == nil || o.at != t.now || o.request != t.req || o.line != t.line {
		t.when = t.world.memory.occasions.one()
		*t.when = occasion{t.req, t.now, t.world.until - t.world.jumped, t.line, t.world.signature, t.settings().APIVersion}
	}
	return t.when
}

// EventsSince are the events after the given sequence number, oldest first.
func (w *World) EventsSince(seq int64) []*Event { return slices.Collect(w.EventsAfter(seq)) }

// EventsAfter are the events after the given sequence number, oldest first, each made when its turn comes: after the advance of a year
// there are millions.
func (w *World) EventsAfter(seq int64) iter.Seq[*Event] { return w.tables.events.since(int(seq)) }

// ReplacedAfter are the states of one kind of object that the events after the given sequence number say are gone, oldest first: what was
// before an update, and what was deleted.
func ReplacedAfter[T any](w *World, seq int64) iter.Seq[*T] {
	return replaced[T](w.tables.events, int(seq))
}

// LastEventSeq is the sequence number of the newest event, 0 before the first.
func (w *World) LastEventSeq() int64 { return int64(w.tables.events.count) }

// Event finds an event by id, whatever its age: requests that read events go through Get, which finds those that Stripe still has.
func (w *World) Event(id string) (*Event, bool) { return w.tables.events.get(id) }

// EventBySeq finds an event by its sequence number.
func (w *World) EventBySeq(seq int64) (*Event, bool) {
	if seq < 1 || seq > w.LastEventSeq() {
		return nil, false
	}
	return w.tables.events.at(slotOf(int(seq - 1))), true
}
