package engine

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// A table is what a map and a list say, whatever is written, removed and taken back.
func TestTableIsTheListOfItsRows(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		tb := newTable("coupon", func(o *Coupon) string { return o.ID }).
			by("name", func(o *Coupon) string { return o.Name }).
			byAny("currency", func(o *Coupon) string { return o.Currency })
		tx := New("rows", DefaultSettings()).begin(worldLine, 0, Request{})
		type state struct {
			rows  map[string]*Coupon
			order []string
			point savepoint
		}
		now := state{rows: map[string]*Coupon{}, point: tx.savepoint()}
		var points []state
		for range rapid.IntRange(1, 120).Draw(r, "steps") {
			id := fmt.Sprint(rapid.IntRange(0, 30).Draw(r, "id"))
			_, known := now.rows[id]
			switch action := rapid.IntRange(0, 9).Draw(r, "action"); {
			case action == 0:
				points = append(points, state{maps.Clone(now.rows), slices.Clone(now.order), tx.savepoint()})
			case action == 1 && len(points) > 0:
				now, points = points[len(points)-1], points[:len(points)-1]
				tx.rollbackTo(now.point)
			case action <= 3 && known:
				tb.remove(tx, id)
				delete(now.rows, id)
				now.order = slices.DeleteFunc(now.order, func(other string) bool { return other == id })
			case action > 3:
				obj := &Coupon{ID: id, Name: rapid.SampledFrom([]string{"", "a", "b"}).Draw(r, "name"), Currency: rapid.SampledFrom([]string{"", "usd"}).Draw(r, "currency")}
				if tb.put(tx, obj); !known {
					now.order = append(now.order, id)
				}
				now.rows[id] = obj
			}
			if rapid.Bool().Draw(r, "asked") { // an index takes new rows in when it is asked, which may be much later
				if err := consistent(tb); err != nil {
					r.Fatal(err)
				}
			}
			var order []string
			tb.each("", "", func(o *Coupon) bool { order = append(order, o.ID); return true })
			if !slices.Equal(order, now.order) {
				r.Fatalf("the table has %v, want %v", order, now.order)
			}
			for id, want := range now.rows {
				if got, ok := tb.get(id); !ok || got != want {
					r.Fatalf("%s is %v, want %v", id, got, want)
				}
			}
		}
	})
}

// Entries stay within reach whatever is added and removed around them.
func TestHashedFindsWhatItHolds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		var h hashed
		held := map[int32]uint32{}
		for range rapid.IntRange(1, 200).Draw(r, "steps") {
			at, hash := rapid.Int32Range(-40, 40).Draw(r, "at"), rapid.Uint32Range(0, 9).Draw(r, "hash")<<1|1
			if known, ok := held[at]; ok {
				h.remove(h.find(known, func(other int32) bool { return other == at }))
				delete(held, at)
			} else {
				h.add(hash, at)
				held[at] = hash
			}
			for at, hash := range held {
				if cell := h.find(hash, func(other int32) bool { return other == at }); cell < 0 || h.cells[cell].at != at {
					r.Fatalf("%d is lost among %v", at, held)
				}
			}
			if h.used != len(held) {
				r.Fatalf("%d entries, want %d", h.used, len(held))
			}
		}
	})
}

// The work of a page and of a lookup stays the same when a table becomes ten times as large: a page looks at what it shows and one more,
// a lookup at one object.
func TestReadingDoesNotGrowWithTheTable(t *testing.T) {
	t.Parallel()
	for _, size := range []int{10_000, 100_000} {
		w := New("flat", DefaultSettings())
		tx := w.begin(worldLine, 0, Request{})
		for i := range size {
			put(tx, &Customer{ID: fmt.Sprint("cus_", i), Email: fmt.Sprint(i % 7)})
		}
		for _, s := range []selection[Customer]{{}, {index: "clock"}, {index: "email", value: "3"}} {
			seen := 0
			s.keep = func(*Customer) bool { seen++; return true }
			middle := fmt.Sprint("cus_", size/2)
			for _, page := range []Page{{}, {StartingAfter: Some(middle)}, {EndingBefore: Some(middle)}} {
				seen = 0
				if got, err := list(w, page, s); err != nil || len(got.Data) != pageDefault || seen != pageDefault+1 {
					t.Errorf("a page by %q of %d looked at %d objects, want %d (%v)", s.index, size, seen, pageDefault+1, err)
				}
			}
		}
		ids, compared := &w.tables.customers.ids, 0
		for i := range size {
			id := fmt.Sprint("cus_", i)
			ids.find(hashOf(id), func(at int32) bool { compared++; return int(at) == i })
		}
		if compared > size*101/100 {
			t.Errorf("%d lookups compared %d ids", size, compared)
		}
	}
}
