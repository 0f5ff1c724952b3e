package engine

import "strings"

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
}

// emit is the one place where events are made.
func (t *tx) emit(kind string, object any) { t.emitChange(kind, nil, object) }

// emitChange emits an event that carries the state before, for previous_attributes.
func (t *tx) emitChange(kind string, before, object any) {
	side := byte(billingSide)
	if strings.HasPrefix(kind, "payment_intent.") || strings.HasPrefix(kind, "charge.") || strings.HasPrefix(kind, "refund.") {
		side = paymentSide
	}
	events := t.world.tables.events
	e := events.shelf.one()
	e.ID, e.Type, e.Created, e.Request, e.Object, e.Before = t.stamped("evt_", side), kind, t.now, t.req, object, before
	e.Seq, e.Clock = t.world.LastEventSeq()+1, t.line
	events.add(t, hashOf(e.ID), e)
	t.mailOf(kind, object)
}

// EventsSince are the events after the given sequence number, oldest first.
func (w *World) EventsSince(seq int64) []*Event {
	log, last := w.tables.events.objects, w.LastEventSeq()
	if seq >= last {
		return nil
	}
	return log[max(seq, 0):last:last]
}

// LastEventSeq is the sequence number of the newest event, 0 before the first. Events are never removed, so they stand in their table by it.
func (w *World) LastEventSeq() int64 { return int64(len(w.tables.events.objects)) }

// Event finds an event by id.
func (w *World) Event(id string) (*Event, bool) { return w.tables.events.get(id) }
