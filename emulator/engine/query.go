package engine

import (
	"slices"
	"strconv"
)

// Limits of a list page.
const (
	pageDefault = 10
	pageMax     = 100
)

// Page is the cursor part of every list.
type Page struct {
	Limit         Opt[int64]  `form:"limit"`
	StartingAfter Opt[string] `form:"starting_after"`
	EndingBefore  Opt[string] `form:"ending_before"`
}

// Range filters by time: exactly, or by bounds.
type Range struct {
	Exact Opt[int64] `form:"-"`
	GT    Opt[int64] `form:"gt"`
	GTE   Opt[int64] `form:"gte"`
	LT    Opt[int64] `form:"lt"`
	LTE   Opt[int64] `form:"lte"`
}

// holds says whether v lies in the range.
func (r Range) holds(v int64) bool {
	ok := func(o Opt[int64], cmp func(bound int64) bool) bool {
		bound, given := o.Get()
		return !given || cmp(bound)
	}
	return ok(r.Exact, func(b int64) bool { return v == b }) &&
		ok(r.GT, func(b int64) bool { return v > b }) && ok(r.GTE, func(b int64) bool { return v >= b }) &&
		ok(r.LT, func(b int64) bool { return v < b }) && ok(r.LTE, func(b int64) bool { return v <= b })
}

// Query is a list request: a struct whose form fields are the filters it honours. It never changes the world.
type Query interface {
	run(w *World) (*Listing, error)
}

// Listing is one page of a list, in the order it is answered.
type Listing struct {
	Data    []any
	HasMore bool
	Search  *Search // nil for a list

	Next, Previous string // the pages beside this one, in the second version of the API; "" is none
}

// Query runs a list request.
func (w *World) Query(q Query) (*Listing, error) { return q.run(w) }

// Get finds an object by id.
func Get[T any](w *World, id string) (*T, bool) { return rowsOf[T](w).get(id) }

// selection says what a list is made of: an index of the table and what must hold of each object.
type selection[T any] struct {
	index, value string // "" for the whole table
	keep         func(*T) bool
	cursorName   string // how the object is called when a cursor is unknown
}

func badLimit() *Error {
	return invalid("limit", "parameter_invalid_integer", "This value must be between 1 and %d.", pageMax)
}

// list cuts one page, newest first, from the selected objects.
func list[T any](w *World, page Page, s selection[T]) (*Listing, error) {
	limit := page.Limit.Or(pageDefault)
	if limit < 1 || limit > pageMax {
		return nil, badLimit()
	}
	tb := rowsOf[T](w)
	after, hasAfter := page.StartingAfter.Get()
	before, hasBefore := page.EndingBefore.Get()
	if hasAfter && hasBefore {
		return nil, invalid("", "", "You cannot use both `starting_after` and `ending_before` in the same request.")
	}
	found := tb.span(s.index, s.value)
	out := &Listing{Data: []any{}}
	add := func(i int) {
		obj := tb.at(found.at(i))
		if obj == nil || s.keep != nil && !s.keep(obj) {
			return
		}
		if int64(len(out.Data)) == limit {
			out.HasMore = true
			return
		}
		out.Data = append(out.Data, obj)
	}
	if hasBefore { // travel from the cursor towards newer objects, then turn the page round
		cursor, ok := tb.slot(before)
		if !ok {
			return nil, noSuchParam(s.cursorName, before, "ending_before")
		}
		for i := found.place(cursor + 1); i < found.count && !out.HasMore; i++ {
			add(i)
		}
		slices.Reverse(out.Data)
		return out, nil
	}
	end := found.count
	if hasAfter {
		cursor, ok := tb.slot(after)
		if !ok {
			return nil, noSuchParam(s.cursorName, after, "starting_after")
		}
		end = found.place(cursor)
	}
	for i := end - 1; i >= 0 && !out.HasMore; i-- {
		add(i)
	}
	return out, nil
}

// FromScalar reads created=5: exactly that time.
func (r *Range) FromScalar(text string) error {
	unix, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return err
	}
	*r = Range{Exact: Some(unix)}
	return nil
}

// listEmbedded cuts one page from objects that live inside another one, in their own order.
func listEmbedded[T any](page Page, all []*T, cursorName string, id func(*T) string) (*Listing, error) {
	limit := page.Limit.Or(pageDefault)
	if limit < 1 || limit > pageMax {
		return nil, badLimit()
	}
	position := func(cursor, param string) (int, error) {
		i := slices.IndexFunc(all, func(o *T) bool { return id(o) == cursor })
		if i < 0 {
			return 0, noSuchParam(cursorName, cursor, param)
		}
		return i, nil
	}
	from, to := 0, len(all)
	if after, ok := page.StartingAfter.Get(); ok {
		i, err := position(after, "starting_after")
		if err != nil {
			return nil, err
		}
		from = i + 1
	}
	more := to-from > int(limit)
	to = min(to, from+int(limit))
	if before, ok := page.EndingBefore.Get(); ok {
		i, err := position(before, "ending_before")
		if err != nil {
			return nil, err
		}
		from, to, more = max(0, i-int(limit)), i, i > int(limit)
	}
	out := &Listing{Data: []any{}, HasMore: more}
	for _, o := range all[from:to] {
		out.Data = append(out.Data, o)
	}
	return out, nil
}

// WholePage asks for the longest page of a list.
var WholePage = Page{Limit: Some[int64](pageMax)}

// All is one page of a list of one kind of object; a query that is refused, for one about a customer that is gone, has none.
func All[T any](w *World, q Query) []*T {
	listing, err := q.run(w)
	if err != nil {
		return nil
	}
	out := make([]*T, len(listing.Data))
	for i, o := range listing.Data {
		out[i] = o.(*T)
	}
	return out
}
