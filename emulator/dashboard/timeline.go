package dashboard

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/dues-billing/dues/emulator/engine"
	"github.com/dues-billing/dues/emulator/pages"
	"github.com/dues-billing/dues/internal/design"
	"github.com/dues-billing/dues/money"
)

// timeline is the life of one customer: a bar for each subscription, a mark for each invoice, payment and event.
type timeline struct {
	From, Until, Now time.Time
	Bars             []lifeBar
	Rows             []markRow
}

// lifeBar is one subscription. Its spans follow one another; the last may lie ahead.
type lifeBar struct {
	ID, Name string
	Spans    []span
}

// span is a time in which a subscription had one status.
type span struct {
	From, Until time.Time
	Status      string
	Ahead       bool // it is what will be, if nothing changes
}

// markRow is a row of marks, such as the invoices.
type markRow struct {
	Name  string
	Marks []mark
}

// mark is a moment.
type mark struct {
	At   time.Time
	Text string // what a pointer that rests on it reads
	Link string // the id of its object
	Tone design.Tone
}

// marksMax is how many marks a row has; more cannot be told apart.
const marksMax = 200

// timelineOf reads a customer's life out of the objects and the events that are kept.
func timelineOf(w *engine.World, c *engine.Customer, now int64) timeline {
	line := timeline{From: moment(c.Created), Now: moment(now)}
	until := now
	histories, events := historyOf(w, c.ID)
	for _, sub := range slices.Backward(subscriptionsOf(w, c.ID)) {
		line.From = earlier(line.From, moment(sub.StartDate))
		name, _ := pages.PlanTexts(w, sub)
		bar := lifeBar{ID: sub.ID, Name: cmp.Or(name, sub.ID), Spans: spansOf(sub, histories[sub.ID], now)}
		line.Bars = append(line.Bars, bar)
		until = max(until, bar.Spans[len(bar.Spans)-1].Until.Unix())
	}
	line.Until = moment(until)
	if width := line.Until.Sub(line.From); width < 24*time.Hour {
		line.Until = line.From.Add(24 * time.Hour)
	} else {
		line.Until = line.Until.Add(width / 40)
	}
	for _, row := range []markRow{{"Invoices", invoiceMarks(w, c.ID)}, {"Payments", paymentMarks(w, c.ID)}, {"Events", events}} {
		if len(row.Marks) > 0 {
			row.Marks = row.Marks[max(0, len(row.Marks)-marksMax):]
			line.Rows = append(line.Rows, row)
		}
	}
	return line
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// turned is a moment at which a subscription took on a status.
type turned struct {
	at     int64
	status string
}

// historyOf reads the customer's events: when which subscription took on which status, and all of them as marks.
func historyOf(w *engine.World, customer string) (map[string][]turned, []mark) {
	histories := map[string][]turned{}
	var marks []mark
	for e := range w.EventsAfter(0) {
		if customerOf(e.Object) != customer {
			continue
		}
		marks = append(marks, mark{At: moment(e.Created), Text: e.Type, Link: e.ID})
		sub, ok := e.Object.(*engine.Subscription)
		if !ok || !strings.HasPrefix(e.Type, "customer.subscription.") {
			continue
		}
		history := histories[sub.ID]
		if len(history) == 0 || history[len(history)-1].status != sub.Status {
			histories[sub.ID] = append(history, turned{e.Created, sub.Status})
		}
	}
	return histories, marks
}

// spansOf are the statuses of a subscription one after the other, up to now, and what its period still holds.
func spansOf(sub *engine.Subscription, history []turned, now int64) []span {
	if len(history) == 0 { // its events are not kept any more
		history = []turned{{sub.StartDate, sub.Status}}
	}
	history[0].at = min(history[0].at, sub.StartDate)
	end := now
	if sub.EndedAt > 0 {
		end = min(now, sub.EndedAt)
	}
	var spans []span
	for i, h := range history {
		until := end
		if i+1 < len(history) {
			until = min(end, history[i+1].at)
		}
		if until > h.at || i+1 == len(history) && sub.EndedAt == 0 {
			spans = append(spans, span{From: moment(h.at), Until: moment(max(h.at, until)), Status: h.status})
		}
	}
	if len(spans) == 0 { // it ended in the second in which it began
		spans = []span{{From: moment(sub.StartDate), Until: moment(sub.StartDate), Status: sub.Status}}
	}
	ahead := pages.PeriodEnd(sub)
	if sub.CancelAt > 0 {
		ahead = sub.CancelAt
	}
	if sub.EndedAt == 0 && ahead > now {
		spans = append(spans, span{From: moment(now), Until: moment(ahead), Status: sub.Status, Ahead: true})
	}
	return spans
}

var invoiceTones = map[string]design.Tone{"paid": design.Good, "open": design.Warn, "uncollectible": design.Bad}

func invoiceMarks(w *engine.World, customer string) []mark {
	var marks []mark
	for _, inv := range slices.Backward(engine.All[engine.Invoice](w, engine.ListInvoices{Page: engine.WholePage, Customer: engine.Some(customer)})) {
		text := cmp.Or(inv.Number, inv.ID) + ", " + inv.Status + ", " + design.FormatMoney(money.New(inv.Total, money.Currency(inv.Currency)))
		marks = append(marks, mark{At: moment(inv.Created), Text: text, Link: inv.ID, Tone: invoiceTones[inv.Status]})
	}
	return marks
}

var chargeTones = map[string]design.Tone{"succeeded": design.Good, "failed": design.Bad}

func paymentMarks(w *engine.World, customer string) []mark {
	var marks []mark
	for _, c := range slices.Backward(engine.All[engine.Charge](w, engine.ListCharges{Page: engine.WholePage, Customer: engine.Some(customer)})) {
		text := design.FormatMoney(money.New(c.Amount, money.Currency(c.Currency))) + " " + c.Status
		if c.FailureMessage != "" {
			text += ": " + c.FailureMessage
		}
		marks = append(marks, mark{At: moment(c.Created), Text: text, Link: c.ID, Tone: chargeTones[c.Status]})
	}
	return marks
}
