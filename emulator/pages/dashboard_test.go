package pages

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

func (b *bench) world() string { return worldPath(b.eng.AccountID()) }

// hidden reads a hidden value of a page's form.
func (s shown) hidden(name string) string {
	_, after, _ := strings.Cut(s.html, `name="`+name+`" value="`)
	value, _, _ := strings.Cut(after, `"`)
	return value
}

func TestTheDashboardShowsTheWorldAndMovesItsClock(t *testing.T) {
	t.Parallel()
	s := newSubscriber(t, nil)
	s.get("/_emulator").says(http.StatusOK, "Northwind", "sk_test_bench", "2026, 12:00:00 UTC 1 ")
	page := s.get(s.world()).says(http.StatusOK, "Saturday, 5 December 2026", "Ada Lovelace", "ada@example.com", "Premium", "Active",
		"checkout.session.completed", "Next:")
	moved := s.post(s.world()+"/time", "move", "1m", "seen", page.hidden("seen")).leads(s.world())
	s.get(moved).says(http.StatusOK, "Tuesday, 5 January 2027", "It is now 5 Jan 2027, 12:00:00 UTC.", "events happened on the way")
}

func TestPressingAMoveTwiceMovesOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	seen := b.get(b.world()).hidden("seen")
	for range 2 {
		b.post(b.world()+"/time", "move", "1w", "seen", seen).leads(b.world())
	}
	if got, want := b.eng.Now(testAt), testAt+7*24*3600; got != want {
		t.Errorf("the world is at %s, want %s", moment(got), moment(want))
	}
}

func TestAPageLeftOpenMovesFromNow(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	old := strconv.FormatInt(testAt-3*24*3600, 10)
	b.post(b.world()+"/time", "move", "1h", "seen", old).leads(b.world())
	if got, want := b.eng.Now(testAt), testAt+3600; got != want {
		t.Errorf("the world is at %s, want %s", moment(got), moment(want))
	}
}

func TestTheNextEventIsReachedExactly(t *testing.T) {
	t.Parallel()
	s := newSubscriber(t, nil)
	due, ok := s.eng.NextDue()
	if !ok {
		t.Fatal("nothing is planned")
	}
	page := s.get(s.world())
	for range 2 { // the second press comes from the same page and moves nothing
		s.post(s.world()+"/time", "move", "next", "seen", page.hidden("seen"), "next", page.hidden("next")).leads(s.world())
	}
	if got := s.eng.Now(testAt); got != due {
		t.Errorf("the world is at %s, want %s", moment(got), moment(due))
	}
}

func TestTheClockTakesNoNonsense(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.post(b.world()+"/time", "move", "1h").says(http.StatusBadRequest)
	b.post(b.world()+"/time", "move", "1h", "seen", "soon").says(http.StatusBadRequest)
	b.post(b.world()+"/time", "move", "-1h", "seen", strconv.FormatInt(testAt, 10)).leads(b.world())
	b.post("/_emulator/accounts/acct_unknown/time", "move", "1h", "seen", "0").says(http.StatusNotFound)
	if got := b.eng.Now(testAt); got != testAt {
		t.Errorf("the world moved to %s", moment(got))
	}
}

func TestAMonthOnTheDashboardKeepsTheDay(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ from, want string }{
		{"2026-01-15", "2026-02-15"}, {"2026-01-31", "2026-02-28"}, {"2028-01-31", "2028-02-29"}, {"2026-12-31", "2027-01-31"},
	} {
		from, err := time.Parse(time.DateOnly, c.from)
		if err != nil {
			t.Fatal(err)
		}
		if got := nextMonth(from).Format(time.DateOnly); got != c.want {
			t.Errorf("a month after %s: got %s, want %s", c.from, got, c.want)
		}
	}
}

func TestWithoutAnyAccountTheDashboardSaysHowToBegin(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	Register(mux, nobody{})
	b := &bench{t: t, mux: mux}
	b.get("/_emulator").says(http.StatusOK, "No account yet", "sk_test_")
}

// nobody is an emulator that was not asked anything yet.
type nobody struct{}

// Worlds implements Host.
func (nobody) Worlds() []World { return nil }

var _ Host = (*bench)(nil)

func TestTheBareAddressLeadsToTheDashboard(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.get("/").leads("/_emulator")
	b.get("/_emulator/").leads("/_emulator")
}
