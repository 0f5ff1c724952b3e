package dashboard

import (
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/dues-billing/dues/emulator/engine"
	"github.com/dues-billing/dues/emulator/pages"
	"github.com/dues-billing/dues/emulator/wire"
)

// overviewView is the first page of an account.
type overviewView struct {
	Chrome     chrome
	Clock      clock
	Done       string
	Customers  []customerRow
	Events     []eventRow
	Mails      []mailRow
	Deliveries []wire.Delivery
	Endpoints  int
	Requests   []wire.LoggedRequest
	Clocks     []clockRow
}

// customerRow is a customer with what it has.
type customerRow struct {
	ID, Name, Email string
	Plans           []plan
	Created         time.Time
}

// plan is a subscription in a word and a state.
type plan struct{ ID, Name, Status string }

// mailRow is one e-mail that Stripe would have sent.
type mailRow struct {
	Kind, To, Object string
	At               time.Time
}

// clockRow is a test clock.
type clockRow struct {
	ID, Name, Status string
	Now              time.Time
}

// rowsFirst is how many rows of each table the first page shows.
const rowsFirst = 10

func (v *visit) overview() (templ.Component, error) {
	view := overviewView{Chrome: v.chrome("")}
	v.world.Read(func(w *engine.World, now int64) {
		view.Clock = clockOf(w, now, "")
		view.read(w)
	})
	view.Done = v.happened(view.Clock.Now)
	view.Deliveries, view.Requests = v.world.Deliveries(rowsFirst), v.world.Requests(rowsFirst)
	return overviewPage(view), nil
}

func (v *overviewView) read(w *engine.World) {
	newest := engine.Page{Limit: engine.Some[int64](rowsFirst)}
	for _, c := range engine.All[engine.Customer](w, engine.ListCustomers{Page: newest}) {
		v.Customers = append(v.Customers, customerRow{ID: c.ID, Name: c.Name, Email: c.Email, Created: moment(c.Created), Plans: plansOf(w, c.ID)})
	}
	for _, e := range engine.All[engine.Event](w, engine.ListEvents{Page: newest}) {
		v.Events = append(v.Events, rowOf(w, e))
	}
	mails := w.Mails("")
	for _, m := range slices.Backward(mails[max(0, len(mails)-rowsFirst):]) {
		v.Mails = append(v.Mails, mailRow{Kind: m.Kind, To: m.To, Object: m.Object, At: moment(m.Created)})
	}
	v.Endpoints = len(w.Endpoints())
	for _, c := range engine.All[engine.TestClock](w, engine.ListTestClocks{Page: newest}) {
		v.Clocks = append(v.Clocks, clockRow{ID: c.ID, Name: c.Name, Status: c.Status, Now: moment(c.FrozenTime)})
	}
}

// subscriptionsOf are a customer's, the newest first.
func subscriptionsOf(w *engine.World, customer string) []*engine.Subscription {
	return engine.All[engine.Subscription](w, engine.ListSubscriptions{Page: engine.WholePage, Customer: engine.Some(customer), Status: engine.Some("all")})
}

func plansOf(w *engine.World, customer string) []plan {
	var plans []plan
	for _, sub := range subscriptionsOf(w, customer) {
		name, _ := pages.PlanTexts(w, sub)
		plans = append(plans, plan{sub.ID, name, sub.Status})
	}
	return plans
}

// typesText is what an endpoint wants, in words.
func typesText(types []string) string {
	if slices.Equal(types, []string{"*"}) {
		return "all"
	}
	return strings.Join(types, ", ")
}
