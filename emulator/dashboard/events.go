package dashboard

import (
	"net/url"
	"time"

	"github.com/a-h/templ"

	"github.com/dues-billing/dues/emulator/engine"
	"github.com/dues-billing/dues/emulator/wire"
)

// eventRow is one event.
type eventRow struct {
	ID, Type, Object string
	Gone             bool // the object has no page: it was a preview, or it was deleted
	At               time.Time
}

func rowOf(w *engine.World, e *engine.Event) eventRow {
	row := eventRow{ID: e.ID, Type: e.Type, Object: idOf(e.Object), At: moment(e.Created)}
	_, there := wire.Find(w, row.Object)
	row.Gone = !there
	return row
}

// eventsView is the log of events.
type eventsView struct {
	Chrome chrome
	Type   string // the only type that is shown, "" is all
	Rows   []eventRow
	More   string
}

func (v *visit) events() (templ.Component, error) {
	asked := v.URL.Query()
	view := eventsView{Chrome: v.chrome("/events"), Type: asked.Get("type")}
	query := engine.ListEvents{Page: engine.Page{Limit: engine.Some[int64](rowsPage)}}
	if after := asked.Get("after"); after != "" {
		query.StartingAfter = engine.Some(after)
	}
	if view.Type != "" {
		query.Type = engine.Some(view.Type)
	}
	v.world.Read(func(w *engine.World, _ int64) {
		listing, err := w.Query(query)
		if err != nil {
			return // the place to go on from is gone: an empty page says so
		}
		for _, o := range listing.Data {
			view.Rows = append(view.Rows, rowOf(w, o.(*engine.Event)))
		}
		if listing.HasMore {
			next := url.Values{"after": {view.Rows[len(view.Rows)-1].ID}}
			if view.Type != "" {
				next.Set("type", view.Type)
			}
			view.More = v.path("/events?" + next.Encode())
		}
	})
	return eventsPage(view), nil
}

// eventView is one event with its deliveries.
type eventView struct {
	Chrome     chrome
	Event      eventRow
	Request    string // that caused it; empty when only time did
	Deliveries []wire.Delivery
	Endpoints  int // that would get it again
	Sent       string
	JSON       []jsonLine
}

// deliveriesMax is how many deliveries are searched for those of one event: all that the log holds.
const deliveriesMax = 2000

func (v *visit) event() (templ.Component, error) {
	id := v.PathValue("id")
	v.world.Read(func(w *engine.World, _ int64) {
		if n, ok := w.Notice(id); ok { // a thin event: its page is that of the event it tells about
			id = n.Event.ID
		}
	})
	body, ok := v.world.JSON(id)
	if !ok {
		return nil, errMissing
	}
	view := eventView{Chrome: v.chrome("/events")}
	v.world.Read(func(w *engine.World, _ int64) {
		event, ok := w.Event(id)
		if !ok {
			return // rewound in this moment
		}
		view.Event, view.Request = rowOf(w, event), event.Request.ID
		for _, e := range w.Endpoints() {
			if e.Takes(engine.Notice{Event: event, Type: event.Type}) {
				view.Endpoints++
			}
		}
		view.JSON = jsonLines(body, func(other string) bool {
			_, there := wire.Find(w, other)
			return there && other != id
		})
	})
	for _, d := range v.world.Deliveries(deliveriesMax) {
		if d.Event == id || d.Event == v.PathValue("id") {
			view.Deliveries = append(view.Deliveries, d)
		}
	}
	if v.URL.Query().Has("sent") {
		view.Sent = "Sent again. The newest attempt is the first below."
	}
	return eventPage(view), nil
}

// resend sends an event again, to every endpoint or to one.
func (v *visit) resend() (string, error) {
	id := v.PathValue("id")
	sent, err := v.world.Resend(id, v.PostFormValue("endpoint"))
	if err == nil && sent == 0 {
		err = &engine.Error{Status: 400, Message: "No webhook endpoint takes this event any more: create one, or let it want this type."}
	}
	return v.path("/events/" + url.PathEscape(id) + "?sent=1"), err
}

// rewind takes the account back to where an event had just happened.
func (v *visit) rewind() (string, error) {
	return v.path(""), v.world.RewindToEvent(v.PathValue("id"))
}
