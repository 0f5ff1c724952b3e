package dashboard

import (
	"cmp"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/dues-billing/dues/emulator/engine"
	"github.com/dues-billing/dues/emulator/wire"
	"github.com/dues-billing/dues/internal/design"
)

// clock is the time of an account or of a test clock, with what it will bring.
type clock struct {
	Account string
	ID      string // of the test clock; empty is the account's own time
	Name    string
	Back    string // the object whose page it stands on
	Now     time.Time
	Moving  bool // a test clock is advancing
	Plan    []planned
	Last    time.Time // where the slider ends
}

// planned is something that time will bring.
type planned struct {
	At         time.Time
	Text, Href string
}

// plannedMax is how much of what is planned a clock shows.
const plannedMax = 12

// clockOf is the clock that an object lives by: a test clock's, or with "" the account's.
func clockOf(w *engine.World, now int64, id string) clock {
	c := clock{Account: w.AccountID(), ID: id, Now: moment(now)}
	if test, ok := engine.Get[engine.TestClock](w, id); ok {
		c.Now, c.Name, c.Moving = moment(test.FrozenTime), cmp.Or(test.Name, test.ID), test.Status == engine.ClockAdvancing
	}
	for _, timer := range w.Plan(id, plannedMax) {
		href := ""
		if timer.Object != "" {
			href = Path(c.Account) + "/objects/" + timer.Object
		}
		c.Plan = append(c.Plan, planned{moment(timer.Due), timerText(w, timer), href})
	}
	c.Last = c.Now.AddDate(1, 0, 0)
	return c
}

// next is the moment of what is planned first.
func (c clock) next() (time.Time, bool) {
	if len(c.Plan) == 0 {
		return time.Time{}, false
	}
	return c.Plan[0].At, true
}

func unix(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }

// moves are the buttons of a clock.
var moves = []struct{ value, text string }{{"1h", "+1 hour"}, {"1d", "+1 day"}, {"1w", "+1 week"}, {"1m", "+1 month"}}

// moveTime moves the account's time, or a test clock's. The form carries the time
// that was shown, so that a double press moves once.
func (v *visit) moveTime() (string, error) {
	seen, err := formTime(v, "seen")
	if err != nil {
		return "", err
	}
	at, events, id := int64(0), int64(0), v.PostFormValue("clock")
	v.world.Read(func(w *engine.World, now int64) {
		at, events = clockOf(w, now, id).Now.Unix(), w.LastEventSeq()
	})
	target, err := v.target(at, seen)
	if err != nil {
		return "", err
	}
	to := v.path("")
	if back := v.PostFormValue("back"); back != "" {
		to = v.path("/objects/" + url.PathEscape(back))
	}
	if target <= at {
		return to, nil
	}
	if err := v.advance(id, target); err != nil {
		return "", err
	}
	v.world.Read(func(w *engine.World, _ int64) { events = w.LastEventSeq() - events })
	return to + "?" + url.Values{"happened": {strconv.FormatInt(events, 10)}}.Encode(), nil
}

// advance lives through the time up to a moment.
func (v *visit) advance(id string, target int64) error {
	if id == "" {
		_, err := v.world.Apply(&engine.MoveTimeTo{At: target})
		return err
	}
	if _, err := v.world.Apply(&engine.AdvanceTestClock{ID: id, FrozenTime: engine.Some(target)}); err != nil {
		return err
	}
	// The wire finishes an advance in the background; whoever comes first does it, and the other is refused.
	_, _ = v.world.Apply(&engine.FinishAdvance{Clock: id})
	return nil
}

// target is the moment that a form asks for; one that has passed is no move.
func (v *visit) target(now, seen int64) (int64, error) {
	switch step := v.PostFormValue("move"); step {
	case "next":
		return formTime(v, "next")
	case "to":
		return formTime(v, "to")
	default:
		return timeTarget(now, seen, step), nil
	}
}

func formTime(v *visit, name string) (int64, error) {
	at, err := strconv.ParseInt(v.PostFormValue(name), 10, 64)
	if err != nil {
		return 0, &engine.Error{Status: 400, Param: name, Message: name + " must be a time in Unix seconds."}
	}
	return at, nil
}

// pressAgain is how long, in seconds, after a move the same press counts as its
// repetition.
const pressAgain = 10

// timeTarget is the time that a button means on a page that showed the time seen;
// 0 is no move. A press that finds the account where the same press would have
// brought it is a repetition. A page that was merely left open counts from now.
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

// happened is what a move brought, as the page after it says.
func (v *visit) happened(now time.Time) string {
	events, err := strconv.Atoi(v.URL.Query().Get("happened"))
	if err != nil {
		return ""
	}
	text := "It is now " + design.FormatTime(now) + ". "
	switch events {
	case 0:
		return text + "Nothing happened on the way."
	case 1:
		return text + "One event happened on the way."
	}
	return text + strconv.Itoa(events) + " events happened on the way."
}

// timerTexts say what a timer will do, by the engine's name for it; %s is whose.
var timerTexts = map[string]string{
	"invoice.finalize":            "the invoice of %s is finalized and charged",
	"invoice.collect":             "the invoice of %s is charged",
	"invoice.retry":               "the payment of %s is tried again",
	"invoice.due":                 "the invoice of %s is due",
	"invoice.past_due":            "the invoice of %s is overdue",
	"invoice.will_be_due":         "the reminder of the invoice of %s is sent",
	"invoice.reminder":            "the reminder of the invoice of %s is mailed",
	"invoice.challenge":           "the time for the challenge of %s runs out",
	"subscription.cycle":          "the subscription of %s renews or ends",
	"subscription.upcoming":       "the renewal of %s is announced",
	"subscription.trial_will_end": "the end of the trial of %s is announced",
	"subscription.expire":         "the unpaid subscription of %s expires",
	"subscription.leftover":       "what is left over of %s is billed",
	"subscription.pending_items":  "pending items of %s are billed",
	"subscription.pending_update": "the change that waits for %s is dropped",
	"subscription.unpause":        "the collection of %s begins again",
	"schedule.phase":              "the next phase of %s begins",
	"schedule.expiring":           "the end of a schedule of %s is announced",
	"charge.capture":              "the uncaptured payment of %s lapses",
	"charge.settle":               "a payment of %s is settled",
	"card.expiring":               "a card comes into its last month",
	"refund.settle":               "a refund is settled",
	"dispute.due":                 "the evidence of a dispute is due",
	"quote.expire":                "a quote expires",
	"coupon.redeem_by":            "a coupon ends",
	"discount.end":                "a discount of %s ends",
	"credit_grant.expires":        "credit of %s expires",
	"promotion_code.expires_at":   "a promotion code ends",
	"tax_id.verification":         "a tax number is verified",
	"clock.delete":                "a test clock is deleted",
	"checkout.expire":             "a checkout session expires",
}

func timerText(w *engine.World, timer engine.Timer) string {
	text, ok := timerTexts[timer.Kind]
	if !ok {
		text = strings.NewReplacer("_", " ", ".", " ").Replace(timer.Kind)
	}
	return strings.ReplaceAll(text, "%s", owner(w, timer.Object))
}

// owner is the customer that an object belongs to, by the name a person would use.
func owner(w *engine.World, id string) string {
	if o, ok := wire.Find(w, id); ok {
		if c, ok := engine.Get[engine.Customer](w, customerOf(o)); ok {
			return cmp.Or(c.Name, c.Email, c.ID)
		}
	}
	return id
}
