package engine

import (
	"iter"
	"slices"
	"strings"
)

// PageV2 is the page of a list in the second version of the API: its token came in a page's next_page_url or previous_page_url.
type PageV2 struct {
	Limit Opt[int64]  `form:"limit"`
	Page  Opt[string] `form:"page"`
}

// pageDefaultV2 is how long a page is unless it was said. Stripe documents no number.
const pageDefaultV2 = 20

// The tokens of pages: what comes after an element, or before it.
const (
	pageAfter  = "after_"
	pageBefore = "before_"
)

// cutV2 cuts one page from a list that comes newest first.
func cutV2(p PageV2, all iter.Seq2[string, any]) (*Listing, error) {
	limit := int(p.Limit.Or(pageDefaultV2))
	if limit < 1 || limit > pageMax {
		return nil, badLimit()
	}
	token := p.Page.Or("")
	after, isAfter := strings.CutPrefix(token, pageAfter)
	before, isBefore := strings.CutPrefix(token, pageBefore)
	if token != "" && !isAfter && !isBefore {
		return nil, invalid("page", "", "Invalid page: it must be one that a list has answered.")
	}
	c := pageCut{limit: limit, begun: !isAfter, known: !isAfter && !isBefore}
	for id, o := range all {
		if isBefore && id == before {
			c.known, c.more = true, true
			break
		}
		if c.begun && !c.take(id, o, isBefore) {
			break
		}
		if isAfter && id == after {
			c.begun, c.known = true, true
		}
	}
	if !c.known {
		return nil, invalid("page", "", "Invalid page: it must be one that a list has answered.")
	}
	out := &Listing{Data: c.data, HasMore: c.more}
	if c.more {
		out.Next = pageAfter + c.ids[len(c.ids)-1]
	}
	if isAfter && len(c.ids) > 0 || c.dropped {
		out.Previous = pageBefore + c.ids[0]
	}
	return out, nil
}

// pageCut is a page that is being cut.
type pageCut struct {
	limit   int
	begun   bool // the cursor was passed
	known   bool // the cursor was met
	data    []any
	ids     []string
	more    bool
	dropped bool // there is something in front of the page
}

// take adds an element. Of what stands before a cursor the last ones are kept, else the first; false says that the page is full.
func (c *pageCut) take(id string, o any, last bool) bool {
	if len(c.data) == c.limit {
		if !last {
			c.more = true
			return false
		}
		c.data, c.ids, c.dropped = slices.Delete(c.data, 0, 1), slices.Delete(c.ids, 0, 1), true
	}
	c.data, c.ids = append(c.data, o), append(c.ids, id)
	return true
}

// ListThinEvents is GET /v2/core/events, newest first.
type ListThinEvents struct {
	PageV2
	Created  Range         `form:"created"`
	ObjectID Opt[string]   `form:"object_id"`
	Types    Opt[[]string] `form:"types"`

	Related func(*Event) string `form:"-"` // the id of the object that an event is about: only who renders knows
}

func (q ListThinEvents) run(w *World) (*Listing, error) {
	types, byType := q.Types.Get()
	if len(types) > eventTypesMax {
		return nil, invalid("types", "", "You can filter by at most %d event types.", eventTypesMax)
	}
	about, byObject := q.ObjectID.Get()
	return cutV2(q.PageV2, func(yield func(string, any) bool) {
		log := w.keptEvents()
		for slot := log.count - 1; slot >= log.first; slot-- {
			e := log.at(slotOf(slot))
			if !q.Created.holds(e.Created) || byObject && q.Related != nil && q.Related(e) != about {
				continue
			}
			for _, n := range slices.Backward(e.Thin()) {
				if (!byType || slices.Contains(types, n.Type)) && !yield(n.ID(), n) {
					return
				}
			}
		}
	})
}
