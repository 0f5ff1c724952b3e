package engine

import "slices"

// table holds the objects of one kind by id and in creation order, with secondary indexes that are in creation order too. Listing from any
// index costs what it returns, not what is stored.
type table[T any] struct {
	kind    string
	key     func(*T) string
	objects []*T // in creation order; an object's place here, its slot, never changes. A removed object leaves nil.
	live    int  // objects that were not removed
	ids     hashed
	known   int // the slots below are in ids; new objects come in when somebody asks for what the guesses below do not find
	indexes []*index[T]
	shelf   shelf[T]
	// Whoever asks for an object asks again soon, and whoever goes through many goes in the order in which they were made.
	recent int32 // the slot that was found or made last
	found  int32 // the slot that was found last
}

// newTable opens a table whose objects have the id that key reads.
func newTable[T any](kind string, key func(*T) string) *table[T] {
	return &table[T]{kind: kind, key: key}
}

// by adds a secondary index that leaves objects without a value out. Tables are declared with all their indexes, before the first row.
func (tb *table[T]) by(name string, value func(*T) string) *table[T] {
	return tb.byAny(name, func(obj *T) string {
		if v := value(obj); v != "" {
			return v
		}
		return noIndex
	})
}

// byAny adds a secondary index in which "" is a value too.
func (tb *table[T]) byAny(name string, value func(*T) string) *table[T] {
	tb.indexes = append(tb.indexes, &index[T]{name: name, value: value, table: tb})
	return tb
}

func (tb *table[T]) get(id string) (*T, bool) {
	slot, ok := tb.slot(id)
	if !ok {
		return nil, false
	}
	return tb.objects[slot], true
}

// at is the object in a slot, nil where one was removed.
func (tb *table[T]) at(slot int32) *T { return tb.objects[slot] }

// slot is the place of the object with an id.
func (tb *table[T]) slot(id string) (int32, bool) {
	switch {
	case id == "":
		return 0, false
	case tb.holds(tb.recent, id):
		return tb.recent, true
	case tb.holds(tb.found+1, id):
		tb.found++
	default:
		at := tb.cell(id)
		if at < 0 {
			return 0, false
		}
		tb.found = tb.ids.cells[at].at
	}
	tb.recent = tb.found
	return tb.found, true
}

// holds reports whether the object with an id is in a slot.
func (tb *table[T]) holds(slot int32, id string) bool {
	if int(slot) >= len(tb.objects) {
		return false
	}
	obj := tb.objects[slot]
	return obj != nil && tb.key(obj) == id
}

// cell is where ids have an id, or -1.
func (tb *table[T]) cell(id string) int {
	for ; tb.known < len(tb.objects); tb.known++ {
		if obj := tb.objects[tb.known]; obj != nil {
			tb.ids.add(hashOf(tb.key(obj)), slotOf(tb.known))
		}
	}
	return tb.ids.find(hashOf(id), func(slot int32) bool { return tb.key(tb.objects[slot]) == id })
}

// len is how many objects the table holds.
func (tb *table[T]) len() int { return tb.live }

// put stores a new object or the next state of a stored one, and returns the state before (nil for a new one).
func (tb *table[T]) put(t *tx, obj *T) *T {
	id := tb.key(obj)
	slot, stored := tb.slot(id)
	if !stored {
		tb.add(t, obj)
		return nil
	}
	old := tb.objects[slot]
	tb.reindex(slot, old, obj)
	tb.objects[slot] = obj
	t.wrote(tb, slot, old)
	return old
}

// add stores an object that is known to be new, because its id was just drawn. Ids and indexes take it in when somebody asks them.
func (tb *table[T]) add(t *tx, obj *T) {
	t.world.created++
	slot := slotOf(len(tb.objects))
	tb.objects = append(tb.objects, obj)
	tb.live++
	tb.recent = slot
	t.wrote(tb, slot, (*T)(nil))
}

// remove deletes an object. Its slot stays empty, and is passed over: deletes are rare.
func (tb *table[T]) remove(t *tx, id string) {
	at := tb.cell(id)
	if at < 0 {
		panic("engine: remove of an unknown " + tb.kind + " " + id)
	}
	slot := tb.ids.cells[at].at
	old := tb.objects[slot]
	tb.take(slot, at)
	t.wrote(tb, slot, old)
}

// take empties a slot, whose object ids have in a cell.
func (tb *table[T]) take(slot int32, cell int) {
	tb.reindex(slot, tb.objects[slot], nil)
	tb.ids.remove(cell)
	tb.objects[slot] = nil
	tb.live--
}

// undo takes back the newest write to a slot: was is what stood there before.
func (tb *table[T]) undo(slot int32, was any) {
	before, _ := was.(*T)
	now := tb.objects[slot]
	switch {
	case before == nil:
		tb.take(slot, tb.cell(tb.key(now)))
		tb.objects, tb.known = tb.objects[:slot], int(slot)
		for _, ix := range tb.indexes {
			ix.known = min(ix.known, int(slot))
		}
	case now == nil:
		tb.ids.add(hashOf(tb.key(before)), slot) // remove found it there, so its slot is known
		tb.reindex(slot, nil, before)
		tb.objects[slot] = before
		tb.live++
	default:
		tb.reindex(slot, now, before)
		tb.objects[slot] = before
	}
}

// reindex moves one object from the index lists of its old state to those of its new one, in the indexes that know its slot. The slot still
// holds the old state.
func (tb *table[T]) reindex(slot int32, old, obj *T) {
	for _, ix := range tb.indexes {
		if int(slot) >= ix.known {
			continue
		}
		was, is := noIndex, noIndex
		if old != nil {
			was = ix.value(old)
		}
		if obj != nil {
			is = ix.value(obj)
		}
		if was == is {
			continue
		}
		if was != noIndex {
			ix.drop(was, slot)
		}
		if is != noIndex {
			ix.add(is, slot)
		}
	}
}

// refs are the slots of an index value in creation order. They are for reading, until the next write.
func (tb *table[T]) refs(indexName, value string) []int32 {
	for _, ix := range tb.indexes {
		if ix.name == indexName {
			return ix.refs(value)
		}
	}
	panic("engine: " + tb.kind + " has no index " + indexName)
}

// span is a run of slots in creation order: those of an index value, or the whole table.
type span struct {
	count int
	slots []int32 // nil for the whole table
	first int     // the slot with which the whole table begins
}

// span is what an index has for a value, or the whole table for the index name "".
func (tb *table[T]) span(indexName, value string) span {
	if indexName == "" {
		return span{count: len(tb.objects)}
	}
	slots := tb.refs(indexName, value)
	return span{count: len(slots), slots: slots}
}

func (s span) at(i int) int32 {
	if s.slots == nil {
		return int32(s.first + i)
	}
	return s.slots[i]
}

// place is the position of the first slot that is not before the given one.
func (s span) place(slot int32) int {
	if s.slots == nil {
		return min(max(int(slot)-s.first, 0), s.count)
	}
	at, _ := slices.BinarySearch(s.slots, slot)
	return at
}

// each calls f for the live objects of an index value, oldest first, until f says stop. The list is the one at the moment of the call.
func (tb *table[T]) each(indexName, value string, f func(*T) bool) {
	s := tb.span(indexName, value)
	var few [8]int32 // most lists fit in here, and f may change the one in the index
	if s.slots != nil {
		s.slots = append(few[:0], s.slots...)
	}
	for i := range s.count {
		if obj := tb.objects[s.at(i)]; obj != nil && !f(obj) {
			return
		}
	}
}

// all returns the live objects of an index value, oldest first.
func (tb *table[T]) all(indexName, value string) []*T {
	var out []*T
	tb.each(indexName, value, func(obj *T) bool { out = append(out, obj); return true })
	return out
}
