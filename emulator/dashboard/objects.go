package dashboard

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"github.com/dues-billing/dues/emulator/engine"
	"github.com/dues-billing/dues/emulator/wire"
)

// kind is a list of objects, as the page offers it.
type kind struct {
	path, text string
	query      func(p engine.Page, clock engine.Opt[string]) engine.Query
}

var kinds = []kind{
	{"customers", "Customers", func(p engine.Page, clock engine.Opt[string]) engine.Query {
		return engine.ListCustomers{Page: p, TestClock: clock}
	}},
	{"subscriptions", "Subscriptions", func(p engine.Page, clock engine.Opt[string]) engine.Query {
		return engine.ListSubscriptions{Page: p, Status: engine.Some("all"), TestClock: clock}
	}},
	{"invoices", "Invoices", onlyPage(func(p engine.Page) engine.Query { return engine.ListInvoices{Page: p} })},
	{"payments", "Payments", onlyPage(func(p engine.Page) engine.Query { return engine.ListPaymentIntents{Page: p} })},
	{"refunds", "Refunds", onlyPage(func(p engine.Page) engine.Query { return engine.ListRefunds{Page: p} })},
	{"checkouts", "Checkout sessions", onlyPage(func(p engine.Page) engine.Query { return engine.ListCheckoutSessions{Page: p} })},
	{"products", "Products", onlyPage(func(p engine.Page) engine.Query { return engine.ListProducts{Page: p} })},
	{"prices", "Prices", onlyPage(func(p engine.Page) engine.Query { return engine.ListPrices{Page: p} })},
	{"coupons", "Coupons", onlyPage(func(p engine.Page) engine.Query { return engine.ListCoupons{Page: p} })},
	{"clocks", "Test clocks", onlyPage(func(p engine.Page) engine.Query { return engine.ListTestClocks{Page: p} })},
}

func onlyPage(query func(p engine.Page) engine.Query) func(engine.Page, engine.Opt[string]) engine.Query {
	return func(p engine.Page, _ engine.Opt[string]) engine.Query { return query(p) }
}

// objectsView is one list of objects.
type objectsView struct {
	Chrome chrome
	Kind   string
	Clock  string // whose objects they are; empty is outside of all test clocks
	Rows   []summary
	More   string // where the list goes on; empty at its end
}

// rowsPage is how many rows a page of a list has.
const rowsPage = 50

func (v *visit) objects() (templ.Component, error) {
	asked := v.URL.Query()
	at := max(0, slices.IndexFunc(kinds, func(k kind) bool { return k.path == asked.Get("kind") }))
	view := objectsView{Chrome: v.chrome("/objects"), Kind: kinds[at].path, Clock: asked.Get("clock")}
	page := engine.Page{Limit: engine.Some[int64](rowsPage)}
	if after := asked.Get("after"); after != "" {
		page.StartingAfter = engine.Some(after)
	}
	clock := engine.Opt[string]{}
	if view.Clock != "" {
		clock = engine.Some(view.Clock)
	}
	var ids []string
	more := false
	v.world.Read(func(w *engine.World, _ int64) {
		listing, err := w.Query(kinds[at].query(page, clock))
		if err != nil {
			return // the place to go on from is gone: an empty page says so
		}
		more = listing.HasMore
		for _, o := range listing.Data {
			ids = append(ids, idOf(o))
		}
	})
	view.Rows = v.summaries(ids)
	if more && len(ids) > 0 {
		next := url.Values{"kind": {view.Kind}, "after": {ids[len(ids)-1]}}
		if view.Clock != "" {
			next.Set("clock", view.Clock)
		}
		view.More = v.path("/objects?" + next.Encode())
	}
	return objectsPage(view), nil
}

// find leads to what an id names: an object, an event or a request.
func (v *visit) find() (string, error) {
	id := strings.TrimSpace(v.PostFormValue("id"))
	known := false
	v.world.Read(func(w *engine.World, _ int64) { _, known = wire.Find(w, id) })
	switch {
	case known && strings.HasPrefix(id, "evt_"):
		return v.path("/events/" + url.PathEscape(id)), nil
	case known:
		return v.path("/objects/" + url.PathEscape(id)), nil
	case strings.HasPrefix(id, "req_"):
		return v.path("/requests/" + url.PathEscape(id)), nil
	}
	return "", &engine.Error{Status: 404, Message: "Nothing in this account has the id " + strconv.Quote(id) + ". An id is what begins with cus_, sub_, in_, evt_, req_ and the like."}
}
