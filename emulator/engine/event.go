package engine

import "strings"

// Event says that an object changed. Object and Before are the immutable states after and before; Before is set for *.updated only, and the
// wire renders previous_attributes from the difference.
type Event struct {
	ID      string
	Type    string
	Created int64
	Request Request
	Object  any
	Before  any
	Seq     int64 // 1, 2, 3, … in the order of emission
	Clock   string
}

// emit is the one place where events are made.
func (t *tx) emit(kind string, object any) { t.emitChange(kind, nil, object) }

// emitChange emits an event that carries the state before, for previous_attributes.
func (t *tx) emitChange(kind string, before, object any) {
	w := t.world
	w.eventSeq++
	prefix := "1"
	if strings.HasPrefix(kind, "payment_intent.") || strings.HasPrefix(kind, "charge.") || strings.HasPrefix(kind, "refund.") {
		prefix = "3"
	}
	e := &Event{
		ID:   "evt_" + prefix + timeCharacters(t.now) + w.account + w.characters(8),
		Type: kind, Created: t.now, Request: t.req, Object: object, Before: before, Seq: w.eventSeq, Clock: t.line,
	}
	w.eventLog = append(w.eventLog, e)
	w.tables.events.put(t, e)
}

// EventsSince are the events after the given sequence number, oldest first.
func (w *World) EventsSince(seq int64) []*Event {
	if seq >= w.eventSeq {
		return nil
	}
	return w.eventLog[max(seq, 0):w.eventSeq:w.eventSeq]
}

// LastEventSeq is the sequence number of the newest event, 0 before the first.
func (w *World) LastEventSeq() int64 { return w.eventSeq }

// Event finds an event by id.
func (w *World) Event(id string) (*Event, bool) { return w.tables.events.get(id) }
