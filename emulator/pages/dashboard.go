package pages

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dues-billing/dues/emulator/engine"
	"github.com/dues-billing/dues/internal/design"
)

func worldPath(account string) string { return "/_emulator/accounts/" + account }

// rowsMax is how many rows of each table the dashboard shows.
const rowsMax = 25

func (s *site) worlds(w http.ResponseWriter, r *http.Request) error {
	var v worldsView
	for _, world := range s.host.Worlds() {
		world.Read(func(eng *engine.World, now int64) {
			v.Worlds = append(v.Worlds, worldCard{
				Name: eng.Settings().AccountName, Key: world.Key(), Path: worldPath(eng.AccountID()),
				Now: moment(now), Events: eng.LastEventSeq(), Customers: customerCount(eng),
			})
		})
	}
	return show(w, r, http.StatusOK, worldsPage(v))
}

// customerCount is how many customers the account has outside of test clocks, as
// far as one list tells.
func customerCount(w *engine.World) string {
	listing, err := w.Query(engine.ListCustomers{Page: wholePage})
	if err != nil {
		return ""
	}
	count := strconv.Itoa(len(listing.Data))
	if listing.HasMore {
		count += "+"
	}
	return count
}

// toDashboard sends whoever opens the emulator's bare address in a browser to
// what can be seen there.
func (s *site) toDashboard(w http.ResponseWriter, r *http.Request) error {
	return move(w, r, "/_emulator")
}

func (s *site) findAccount(account string) (World, bool) {
	return find(s.host, func(eng *engine.World) bool { return eng.AccountID() == account })
}

func (s *site) world(w http.ResponseWriter, r *http.Request) error {
	world, ok := s.findAccount(r.PathValue("account"))
	if !ok {
		return missing(w, r, "account")
	}
	var v worldView
	world.Read(func(eng *engine.World, now int64) { v = worldViewOf(eng, now) })
	v.Key = world.Key()
	for _, d := range world.Deliveries(rowsMax) {
		v.Deliveries = append(v.Deliveries, worldDelivery{Type: d.Type, URL: d.URL, Status: d.Status, Tries: d.Tries, At: d.At.UTC(), Error: d.Error})
	}
	v.Requests = world.Requests(rowsMax)
	if events, err := strconv.Atoi(r.URL.Query().Get("events")); err == nil {
		v.Done = "It is now " + design.FormatTime(v.Now) + ". " + happened(events)
	}
	v.Failed = problemTexts[r.URL.Query().Get("problem")]
	return show(w, r, http.StatusOK, worldPage(v))
}

func happened(events int) string {
	switch events {
	case 0:
		return "Nothing happened on the way."
	case 1:
		return "One event happened on the way."
	}
	return strconv.Itoa(events) + " events happened on the way."
}

// moveTime moves the world's clock. The form carries the time that was shown, so
// that a double press moves once.
func (s *site) moveTime(w http.ResponseWriter, r *http.Request) error {
	world, ok := s.findAccount(r.PathValue("account"))
	if !ok {
		return missing(w, r, "account")
	}
	seen, seenErr := strconv.ParseInt(r.PostFormValue("seen"), 10, 64)
	next, nextErr := strconv.ParseInt(cmp.Or(r.PostFormValue("next"), "0"), 10, 64)
	if errors.Join(seenErr, nextErr) != nil {
		http.Error(w, "seen and next must be the times that the page showed, in Unix seconds", http.StatusBadRequest)
		return nil
	}
	var target, before int64
	world.Read(func(eng *engine.World, now int64) {
		before = eng.LastEventSeq()
		if step := r.PostFormValue("move"); step != "next" {
			target = timeTarget(now, seen, step)
		} else if next > now {
			target = next
		}
	})
	path := worldPath(r.PathValue("account"))
	if target == 0 {
		return move(w, r, path)
	}
	if _, err := world.Apply(&engine.MoveTimeTo{At: target}); err != nil {
		if _, err := refusal(err); err != nil {
			return err
		}
		return move(w, r, path+"?problem="+problemTooLate)
	}
	var after int64
	world.Read(func(eng *engine.World, _ int64) { after = eng.LastEventSeq() })
	return move(w, r, path+"?"+url.Values{"events": {strconv.FormatInt(after-before, 10)}}.Encode())
}

// pressAgain is how long, in seconds, after a move the same press counts as its
// repetition.
const pressAgain = 10

// timeTarget is the world time that a button means on a page that showed the
// time seen; 0 is no move. A press that finds the world where the same press
// would have brought it is a repetition. A page that was merely left open counts
// from now.
func timeTarget(now, seen int64, step string) int64 {
	moved, ok := timeStep(moment(seen), step)
	if !ok {
		return 0
	}
	if late := now - moved.Unix(); late >= 0 && late < pressAgain {
		return 0
	}
	target, _ := timeStep(moment(now), step)
	return target.Unix()
}

// timeStep is the moment that lies one step after another.
func timeStep(from time.Time, step string) (time.Time, bool) {
	switch step {
	case "1h":
		return from.Add(time.Hour), true
	case "1d":
		return from.AddDate(0, 0, 1), true
	case "1w":
		return from.AddDate(0, 0, 7), true
	case "1m":
		return nextMonth(from), true
	}
	return from, false
}

// nextMonth is the same day of the next month, or its last day: what a person
// means by a month, and what a monthly subscription does.
func nextMonth(at time.Time) time.Time {
	next := at.AddDate(0, 1, 0)
	if next.Day() != at.Day() {
		next = next.AddDate(0, 0, -next.Day())
	}
	return next
}

func worldViewOf(w *engine.World, now int64) worldView {
	v := worldView{Account: w.AccountID(), Name: w.Settings().AccountName, Now: moment(now)}
	if timer, ok := w.NextTimer(); ok {
		next := moment(timer.Due)
		v.Next, v.NextText = &next, timerText(w, timer)
	}
	newest := engine.Page{Limit: engine.Some[int64](rowsMax)}
	for _, c := range all[engine.Customer](w, engine.ListCustomers{Page: newest}) {
		row := worldCustomer{ID: c.ID, Name: c.Name, Email: c.Email, Created: moment(c.Created)}
		for _, sub := range all[engine.Subscription](w, engine.ListSubscriptions{Page: wholePage, Customer: engine.Some(c.ID), Status: engine.Some("all")}) {
			name, _ := planTexts(w, sub)
			row.Plans = append(row.Plans, worldPlan{Name: name, Status: sub.Status})
		}
		v.Customers = append(v.Customers, row)
	}
	for _, e := range all[engine.Event](w, engine.ListEvents{Page: newest}) {
		v.Events = append(v.Events, worldEvent{Type: e.Type, Object: idOf(e.Object), At: moment(e.Created)})
	}
	mails := w.Mails("")
	for _, m := range slices.Backward(mails[max(0, len(mails)-rowsMax):]) {
		v.Mails = append(v.Mails, worldMail{Kind: m.Kind, To: m.To, Object: m.Object, At: moment(m.Created)})
	}
	for _, e := range all[engine.WebhookEndpoint](w, engine.ListWebhookEndpoints{Page: newest}) {
		row := worldEndpoint{URL: e.URL, Version: e.APIVersion, Events: strings.Join(e.EnabledEvents, ", "), Disabled: e.Disabled}
		if row.Events == "*" {
			row.Events = "all"
		}
		v.Endpoints = append(v.Endpoints, row)
	}
	for _, c := range all[engine.TestClock](w, engine.ListTestClocks{Page: newest}) {
		v.Clocks = append(v.Clocks, worldClock{ID: c.ID, Name: c.Name, Status: c.Status, Now: moment(c.FrozenTime)})
	}
	return v
}

// idOf is the id of an event's object, whatever kind it is.
func idOf(object any) string {
	v := reflect.Indirect(reflect.ValueOf(object))
	if v.Kind() != reflect.Struct {
		return ""
	}
	if id := v.FieldByName("ID"); id.IsValid() && id.Kind() == reflect.String {
		return id.String()
	}
	return ""
}

// timerTexts say what a timer will do, by the engine's name for it; %s is whose.
var timerTexts = map[string]string{
	"invoice.finalize":            "the invoice of %s is finalized and charged",
	"invoice.retry":               "the payment of %s is tried again",
	"invoice.due":                 "the invoice of %s is overdue",
	"subscription.cycle":          "the subscription of %s renews or ends",
	"subscription.upcoming":       "the renewal of %s is announced",
	"subscription.trial_will_end": "the end of the trial of %s is announced",
	"subscription.expire":         "the unpaid subscription of %s expires",
	"subscription.leftover":       "what is left over of %s is billed",
	"invoice.will_be_due":         "the reminder of the invoice of %s is sent",
	"invoice.reminder":            "the reminder of the invoice of %s is mailed",
	"card.expiring":               "a card comes into its last month",
	"refund.settle":               "a refund is settled",
	"clock.delete":                "a test clock is deleted",
	"checkout.expire":             "a checkout session expires",
}

func timerText(w *engine.World, timer engine.Timer) string {
	text, ok := timerTexts[timer.Kind]
	if !ok {
		return strings.ReplaceAll(timer.Kind, "_", " ")
	}
	return strings.ReplaceAll(text, "%s", owner(w, timer.Object))
}

// owner is the customer that an invoice or subscription belongs to.
func owner(w *engine.World, object string) string {
	customer := ""
	if inv, ok := engine.Get[engine.Invoice](w, object); ok {
		customer = inv.Customer
	}
	if sub, ok := engine.Get[engine.Subscription](w, object); ok {
		customer = sub.Customer
	}
	if c, ok := engine.Get[engine.Customer](w, customer); ok {
		return cmp.Or(c.Name, c.Email, c.ID)
	}
	return object
}
