package engine

import (
	"cmp"
	"iter"
	"slices"
	"strings"
)

// eventLog keeps the events of a world, which are never removed: eleven of them for every renewal. So an event is kept as a row of what
// cannot be worked out, and becomes an Event when somebody reads it: its number is its place, its id follows from the draw that was made
// for it, and what the events of one transaction share stands in one occasion. Finding an id needs no index either: draws only grow.
type eventLog struct {
	blocks [][]eventRow // all full but the last
	count  int
	kinds  []eventKind // as they were first told
	byType map[string]uint16
	signed []*signature // whose ids there are, oldest first
	listed int          // how many events the lists of the kinds have taken in
	recent [recentKinds]uint16
}

// recentKinds is how many kinds are found without the map: a renewal tells eleven, all of them again and again.
const recentKinds = 64

// eventRow is an event as it is kept.
type eventRow struct {
	when           *occasion
	object, before any
	draw           uint64 // of its id; greater than that of every event before
	kind           uint16 // a place in kinds
	side           byte   // of its id: what arrange makes it tell later does not change that
}

// occasion is what the events of one transaction have in common.
type occasion struct {
	request *Request
	at      int64
	told    int64 // when it could first be read, in time that was lived through
	line    string
	by      *signature
	version string
}

// eventKind is a type of events, with those events as far as somebody has asked for them.
type eventKind struct {
	name  string
	side  byte
	slots []int32
}

// The first block grows from a few rows, because most worlds are small.
const (
	blockBits = 10
	blockRows = 1 << blockBits
)

func newEventLog() *eventLog { return &eventLog{byType: map[string]uint16{}} }

func (l *eventLog) row(slot int) *eventRow { return &l.blocks[slot>>blockBits][slot&(blockRows-1)] }

// add tells an event.
func (l *eventLog) add(e eventRow) {
	if l.count&(blockRows-1) == 0 {
		l.blocks = append(l.blocks, nil)
		if l.count > 0 {
			l.blocks[len(l.blocks)-1] = make([]eventRow, 0, blockRows)
		}
	}
	last := &l.blocks[len(l.blocks)-1]
	*last = append(*last, e)
	l.count++
	if n := len(l.signed); n == 0 || l.signed[n-1] != e.when.by {
		l.signed = append(l.signed, e.when.by)
	}
}

// cut takes the events back that came after the first count.
func (l *eventLog) cut(count int) {
	for l.count > count {
		last := &l.blocks[len(l.blocks)-1]
		keep := max(0, len(*last)-(l.count-count))
		clear((*last)[keep:])
		l.count -= len(*last) - keep
		if *last = (*last)[:keep]; keep == 0 {
			l.blocks = l.blocks[:len(l.blocks)-1]
		}
	}
	if l.listed > count { // somebody read in the middle of a transaction
		l.listed = 0
		for i := range l.kinds {
			l.kinds[i].slots = nil
		}
	}
}

// kind is the number of a type of events.
func (l *eventLog) kind(name string) uint16 {
	recent := &l.recent[(len(name)+int(name[len(name)-1]))%recentKinds]
	if int(*recent) < len(l.kinds) && l.kinds[*recent].name == name {
		return *recent
	}
	*recent = l.find(name)
	return *recent
}

// find is the number of a type of events, a new one for a new type.
func (l *eventLog) find(name string) uint16 {
	if known, ok := l.byType[name]; ok {
		return known
	}
	side := byte(billingSide)
	if strings.HasPrefix(name, "payment_intent.") || strings.HasPrefix(name, "charge.") || strings.HasPrefix(name, "refund.") {
		side = paymentSide
	}
	kind := uint16(len(l.kinds)) // Stripe has some 300
	l.kinds = append(l.kinds, eventKind{name: name, side: side})
	l.byType[name] = kind
	return kind
}

// read makes the event of a row.
func (l *eventLog) read(slot int, e *Event) *Event {
	row := l.row(slot)
	*e = Event{
		ID: l.id(row), Type: l.kinds[row.kind].name, Created: row.when.at, Request: row.when.request, Object: row.object, Before: row.before,
		Seq: int64(slot) + 1, Clock: row.when.line, APIVersion: row.when.version,
	}
	return e
}

const eventPrefix = "evt_"

func (l *eventLog) id(row *eventRow) string {
	var buffer [charactersMax]byte
	out := row.when.by.stamp(append(buffer[:0], eventPrefix...), row.side, row.when.at)
	return string(row.when.by.appendGroup(out, row.draw, group))
}

// slot finds an event by id: the end of the id tells its draw, and the log is in the order of the draws.
func (l *eventLog) slot(id string) (int32, bool) {
	for _, by := range l.signed {
		draw, ok := by.drawOf(id)
		if !ok {
			return 0, false
		}
		block, _ := slices.BinarySearchFunc(l.blocks, draw, func(rows []eventRow, draw uint64) int { return cmp.Compare(rows[len(rows)-1].draw, draw) })
		if block == len(l.blocks) {
			continue
		}
		place, found := slices.BinarySearchFunc(l.blocks[block], draw, func(row eventRow, draw uint64) int { return cmp.Compare(row.draw, draw) })
		if found && l.id(&l.blocks[block][place]) == id {
			return slotOf(block<<blockBits + place), true
		}
	}
	return 0, false
}

func (l *eventLog) get(id string) (*Event, bool) {
	slot, ok := l.slot(id)
	if !ok {
		return nil, false
	}
	return l.at(slot), true
}

func (l *eventLog) at(slot int32) *Event { return l.read(int(slot), new(Event)) }

// span is all events, or those of a type. The lists by type are made when somebody asks, for a simulated year asks for none.
func (l *eventLog) span(index, name string) span {
	if index == "" {
		return span{count: l.count}
	}
	for ; l.listed < l.count; l.listed++ {
		kind := &l.kinds[l.row(l.listed).kind]
		kind.slots = append(kind.slots, slotOf(l.listed))
	}
	kind, known := l.byType[name]
	if !known {
		return span{slots: []int32{}}
	}
	return span{count: len(l.kinds[kind].slots), slots: l.kinds[kind].slots}
}

// since are the events after the first count, oldest first, one by one.
func (l *eventLog) since(count int) iter.Seq[*Event] {
	return func(yield func(*Event) bool) {
		for slot := max(count, 0); slot < l.count; slot++ {
			if !yield(l.read(slot, new(Event))) {
				return
			}
		}
	}
}

// replaced are the states before updates and deletes of one kind of object, told after the first count.
func replaced[T any](l *eventLog, count int) iter.Seq[*T] {
	return func(yield func(*T) bool) {
		for slot := max(count, 0); slot < l.count; slot++ {
			row := l.row(slot)
			gone, ok := row.before.(*T)
			if !ok && strings.HasSuffix(l.kinds[row.kind].name, ".deleted") {
				gone, ok = row.object.(*T)
			}
			if ok && !yield(gone) {
				return
			}
		}
	}
}

func (l *eventLog) dump() dumpedTable {
	d := dumpedTable{Kind: "event"}
	for e := range l.since(0) {
		d.Rows = append(d.Rows, e)
	}
	return d
}

// copyTo gives the events to a world without any. Full blocks never change: both worlds have them.
func (l *eventLog) copyTo(t *tx, other anyTable) {
	to, ok := other.(*eventLog)
	if !ok {
		panic("engine: the tables of two worlds stand in another order")
	}
	to.blocks, to.count, to.signed = slices.Clone(l.blocks), l.count, slices.Clone(l.signed)
	if last := len(to.blocks) - 1; last >= 0 {
		to.blocks[last] = slices.Clone(to.blocks[last])
	}
	for _, kind := range l.kinds {
		to.kind(kind.name)
	}
	t.world.created += uint64(l.count)
}
