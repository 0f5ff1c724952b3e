package emulator_test

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dues-billing/dues/emulator"
)

const day = 24 * time.Hour

// Stripe lists and finds events for thirty days.
func TestEventsAreReadForThirtyDays(t *testing.T) {
	t.Parallel()
	const hour = 3600
	var wall atomic.Int64
	wall.Store(1_800_000_000)
	a := behave(t, func(o *emulator.Options) { o.Now = func() time.Time { return time.Unix(wall.Load(), 0) } })
	live := func(d time.Duration) {
		wall.Add(int64(d / time.Second))
		a.MoveTime(0) // time is lived through when somebody does something, or once a day
	}
	first := a.do("POST /v1/customers", "name=Ada")
	live(20 * day)
	a.do("POST /v1/customers", "name=Ben")
	newest := object(a.do("GET /v1/events", "")["data"].([]any)[0].(map[string]any)).id()
	old := a.do("GET /v1/events?ending_before="+newest, "")
	a.want("nothing is newer", old.say("data"), "[]")
	old = object(a.do("GET /v1/events?starting_after="+newest, "")["data"].([]any)[0].(map[string]any))
	a.want("the older one", old.say("type data.object.id"), "customer.created "+first.id())
	thin := func() int {
		return len(eventIDs(askV2(t, a.Server, http.MethodGet, "/v2/core/events?types[0]=v1.customer.created", "", nil)))
	}

	live(10 * day)
	a.do("GET /v1/events/"+old.id(), "")
	a.want("after thirty days", a.events(false, "customer.created"), "customer.created customer.created")
	if got := thin(); got != 2 {
		t.Errorf("after thirty days: %d thin events", got)
	}
	live(time.Second)
	a.want("found", a.refuse("GET /v1/events/"+old.id(), ""), "404 invalid_request_error resource_missing id: No such event: '"+old.id()+"'")
	a.want("behind it", a.refuse("GET /v1/events?starting_after="+old.id(), ""), "400 invalid_request_error resource_missing starting_after: No such event: '"+old.id()+"'")
	a.want("listed", a.events(false, "customer.created"), "customer.created")
	page := a.do("GET /v1/events?type=customer.created&limit=1", "")
	a.want("listed by type", page.say("data.0.id has_more"), newest+" false")
	a.want("before it", a.do("GET /v1/events?ending_before="+newest, "").say("data has_more"), "[] false")
	if got := thin(); got != 1 {
		t.Errorf("a second later: %d thin events", got)
	}
	a.do("GET /v1/customers/"+first.id(), "") // only its event is forgotten

	wall.Add(20*24*hour + hour) // nobody does anything meanwhile
	a.want("of an idle account", a.events(false, ""), "")
}

// The thirty days are those of somebody who could have read: time that is jumped over takes no event away.
func TestTimeThatIsJumpedOverForgetsNoEvent(t *testing.T) {
	t.Parallel()
	a := behave(t)
	clock := a.clock("2027-01-31")
	a.subscribe(a.payer(clock, "pm_card_visa"), a.price("1000 usd month"))
	a.advance(clock, moment(t, "2028-01-31")+3600)
	a.want("a year", a.events(false, "invoice.paid"), strings.TrimSpace(strings.Repeat("invoice.paid ", 13)))
	b := behave(t)
	b.subscribe(b.payer("", "pm_card_visa"), b.price("1000 usd month"))
	b.MoveTime(370 * day)
	year := b.events(false, "invoice.paid")
	b.want("a year of the account's own", year, strings.TrimSpace(strings.Repeat("invoice.paid ", 13)))
	seen := object(b.do("GET /v1/events", "")["data"].([]any)[0].(map[string]any)).id()
	b.MoveTime(31 * day) // who reads on from what he saw last, as Dues does, goes on doing so
	b.want("what came since", b.do("GET /v1/events?type=invoice.paid&ending_before="+seen, "").say("data.0.type has_more"), "invoice.paid false")
	b.want("after a month more", b.events(false, "invoice.paid"), year+" invoice.paid")
}
