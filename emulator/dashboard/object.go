package dashboard

import (
	"slices"

	"github.com/a-h/templ"

	"github.com/dues-billing/dues/emulator/engine"
	"github.com/dues-billing/dues/emulator/pages"
	"github.com/dues-billing/dues/emulator/wire"
)

// objectView is the page of one object.
type objectView struct {
	Chrome chrome
	Object summary
	Done   string
	Clock  *clock // of a customer, and of a test clock
	Line   *timeline
	Parts  []part
	Events []eventRow
	JSON   []jsonLine
}

// part is a list of objects that belong to the one of the page.
type part struct {
	Title string
	Rows  []summary
}

func (v *visit) object() (templ.Component, error) {
	id := v.PathValue("id")
	body, ok := v.world.JSON(id)
	if !ok {
		return nil, errMissing
	}
	view := objectView{Chrome: v.chrome("/objects"), Object: summaryOf(body)}
	if named := v.summaries([]string{id}); len(named) == 1 {
		view.Object = named[0]
	}
	var parts []partIDs
	v.world.Read(func(w *engine.World, now int64) {
		view.JSON = jsonLines(body, func(other string) bool {
			_, there := wire.Find(w, other)
			return there && other != id
		})
		view.Events = eventsAbout(w, id)
		parts = partsOf(w, id)
		if customer, ok := engine.Get[engine.Customer](w, id); ok {
			view.setClock(w, now, customer.TestClock, id)
			line := timelineOf(w, customer, view.Clock.Now.Unix())
			view.Line = &line
		} else if _, ok := engine.Get[engine.TestClock](w, id); ok {
			view.setClock(w, now, id, id)
		}
	})
	for _, p := range parts {
		view.Parts = append(view.Parts, part{p.title, v.summaries(p.ids)})
	}
	if view.Clock != nil {
		view.Done = v.happened(view.Clock.Now)
	}
	return objectPage(view), nil
}

func (v *objectView) setClock(w *engine.World, now int64, clock, back string) {
	c := clockOf(w, now, clock)
	c.Back = back
	v.Clock = &c
}

// summaries reads objects by their ids. One that went away meanwhile is left out.
func (v *visit) summaries(ids []string) []summary {
	var out []summary
	for _, id := range ids {
		if body, ok := v.world.JSON(id); ok {
			out = append(out, summaryOf(body))
		}
	}
	v.world.Read(func(w *engine.World, _ int64) {
		for i := range out {
			if sub, ok := engine.Get[engine.Subscription](w, out[i].ID); ok { // it has no name of its own
				out[i].Name, out[i].Amount = pages.PlanTexts(w, sub)
			}
		}
	})
	return out
}

// partIDs are the ids of a part, while the world stands still.
type partIDs struct {
	title string
	ids   []string
}

// partsOf are the objects that belong to another: what a customer has, the invoices of a subscription, the prices of a product.
func partsOf(w *engine.World, id string) []partIDs {
	var parts []partIDs
	add := func(title string, queries ...engine.Query) {
		for _, query := range queries {
			if listing, err := w.Query(query); err == nil && len(listing.Data) > 0 {
				p := partIDs{title: title}
				for _, o := range listing.Data {
					p.ids = append(p.ids, idOf(o))
				}
				parts = append(parts, p)
			}
		}
	}
	own := engine.Some(id)
	switch o, _ := wire.Find(w, id); o.(type) {
	case *engine.Customer:
		add("Subscriptions", engine.ListSubscriptions{Page: engine.WholePage, Customer: own, Status: engine.Some("all")})
		add("Invoices", engine.ListInvoices{Page: engine.WholePage, Customer: own})
		add("Payments", engine.ListPaymentIntents{Page: engine.WholePage, Customer: own})
		add("Payment methods", engine.ListPaymentMethods{Page: engine.WholePage, Customer: own})
		add("Checkout sessions", engine.ListCheckoutSessions{Page: engine.WholePage, Customer: own})
	case *engine.Subscription:
		add("Invoices", engine.ListInvoices{Page: engine.WholePage, Subscription: own})
	case *engine.PaymentIntent:
		add("Charges", engine.ListCharges{Page: engine.WholePage, PaymentIntent: own})
	case *engine.Charge:
		add("Refunds", engine.ListRefunds{Page: engine.WholePage, Charge: own})
	case *engine.Product:
		add("Prices", engine.ListPrices{Page: engine.WholePage, Product: own})
	case *engine.Price:
		add("Subscriptions", engine.ListSubscriptions{Page: engine.WholePage, Price: own, Status: engine.Some("all")})
	case *engine.TestClock:
		add("Customers", engine.ListCustomers{Page: engine.WholePage, TestClock: own})
		add("Subscriptions", engine.ListSubscriptions{Page: engine.WholePage, TestClock: own, Status: engine.Some("all")})
	}
	return parts
}

// eventsShown is how many events the page of an object has.
const eventsShown = 25

// eventsAbout are the newest events about an object, or about what belongs to a customer, the newest first.
func eventsAbout(w *engine.World, id string) []eventRow {
	var newest []*engine.Event
	for e := range w.EventsAfter(0) {
		if idOf(e.Object) == id || customerOf(e.Object) == id {
			newest = append(newest, e)
		}
	}
	var rows []eventRow
	for _, e := range slices.Backward(newest[max(0, len(newest)-eventsShown):]) {
		rows = append(rows, rowOf(w, e))
	}
	return rows
}
