package engine

import (
	"slices"
	"sort"
)

// table holds the objects of one kind by id and in creation order, with secondary indexes that are in creation order too. Listing from any
// index costs what it returns, not what is stored.
type table[T any] struct {
	kind    string
	key     func(*T) string
	rows    map[string]row[T]
	order   []ref
	indexes map[string]*index[T]
}

// row is a stored object and its place in the creation order.
type row[T any] struct {
	seq uint64
	obj *T
}

// ref is an entry of an ordered list: an id and its place in the creation order.
type ref struct {
	seq uint64
	id  string
}

// index lists the ids of the objects that share a value, in creation order.
type index[T any] struct {
	value func(*T) string // noIndex leaves the object out
	refs  map[string][]ref
}

// noIndex is the value of an object that an index leaves out.
const noIndex = "\x00"

func newTable[T any](kind string, key func(*T) string) *table[T] {
	return &table[T]{kind: kind, key: key, rows: map[string]row[T]{}, indexes: map[string]*index[T]{}}
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
	tb.indexes[name] = &index[T]{value: value, refs: map[string][]ref{}}
	return tb
}

func (tb *table[T]) get(id string) (*T, bool) {
	r, ok := tb.rows[id]
	return r.obj, ok
}

// put stores a new object or the next state of a stored one, and returns the state before (nil for a new one).
func (tb *table[T]) put(t *tx, obj *T) *T {
	id := tb.key(obj)
	old, existed := tb.rows[id]
	if existed {
		tb.rows[id] = row[T]{seq: old.seq, obj: obj}
		tb.reindex(id, old.seq, old.obj, obj)
		t.onUndo(func() {
			tb.rows[id] = old
			tb.reindex(id, old.seq, obj, old.obj)
		})
		return old.obj
	}
	t.world.created++
	seq := t.world.created
	tb.rows[id] = row[T]{seq: seq, obj: obj}
	tb.order = append(tb.order, ref{seq, id})
	tb.reindex(id, seq, nil, obj)
	t.onUndo(func() {
		delete(tb.rows, id)
		tb.order = tb.order[:len(tb.order)-1]
		tb.reindex(id, seq, obj, nil)
	})
	return nil
}

// remove deletes an object. Its entry in the order stays, and is passed over: deletes are rare.
func (tb *table[T]) remove(t *tx, id string) {
	old, ok := tb.rows[id]
	if !ok {
		panic("engine: remove of an unknown " + tb.kind + " " + id)
	}
	delete(tb.rows, id)
	tb.reindex(id, old.seq, old.obj, nil)
	t.onUndo(func() {
		tb.rows[id] = old
		tb.reindex(id, old.seq, nil, old.obj)
	})
}

// reindex moves one object from the index lists of its old state to those of its new one.
func (tb *table[T]) reindex(id string, seq uint64, old, obj *T) {
	for _, ix := range tb.indexes {
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
			ix.drop(was, seq)
		}
		if is != noIndex {
			ix.add(is, ref{seq, id})
		}
	}
}

func (ix *index[T]) add(value string, r ref) {
	list := ix.refs[value]
	if n := len(list); n == 0 || list[n-1].seq < r.seq {
		ix.refs[value] = append(list, r)
		return
	}
	ix.refs[value] = slices.Insert(list, place(list, r.seq), r)
}

func (ix *index[T]) drop(value string, seq uint64) {
	list := ix.refs[value]
	at := place(list, seq)
	if len(list) == 1 {
		delete(ix.refs, value)
		return
	}
	ix.refs[value] = slices.Delete(list, at, at+1)
}

// place is the position of the first entry that is not older than seq.
func place(list []ref, seq uint64) int {
	return sort.Search(len(list), func(i int) bool { return list[i].seq >= seq })
}

// refs is the ordered list for an index value, or the whole table for the index name "".
func (tb *table[T]) refs(indexName, value string) []ref {
	if indexName == "" {
		return tb.order
	}
	return tb.indexes[indexName].refs[value]
}

// each calls f for the live objects of an index value, oldest first, until f says stop. The list is the one at the moment of the call.
func (tb *table[T]) each(indexName, value string, f func(*T) bool) {
	for _, r := range slices.Clone(tb.refs(indexName, value)) {
		if row, ok := tb.rows[r.id]; ok && row.seq == r.seq && !f(row.obj) {
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
