package story

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v86"
)

// A cutter ends a program after it has said so many lines: a moment that lies in the middle of its work, and that is found
// again when the test is run again.
type cutter struct {
	lines atomic.Int64 // said by all processes so far
	at    []int64      // when to cut, ascending
	cuts  atomic.Int64 // how often it has
	house atomic.Pointer[house]
}

// Write counts what the program says.
func (c *cutter) Write(p []byte) (int, error) {
	said := c.lines.Add(int64(strings.Count(string(p), "\n")))
	if len(c.at) > 0 && said >= c.at[0] {
		c.at = c.at[1:]
		c.cuts.Add(1)
		c.house.Load().pull()
	}
	return len(p), nil
}

// A walker goes the story's way by forms, as a browser without JavaScript does, and after a power cut goes on where things stand.
type walker struct {
	t              *testing.T
	dir            string
	addr, emulator string
	cutter         *cutter
	house          *house
	client         *http.Client
}

func newWalker(t *testing.T, cuts []int64) *walker {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	w := &walker{t: t, dir: t.TempDir(), addr: address(t), emulator: address(t), cutter: &cutter{at: cuts}, client: &http.Client{Jar: jar}}
	w.powerOn()
	return w
}

func (w *walker) powerOn() {
	w.t.Helper()
	w.house = startWatched(w.t, w.cutter, w.dir, w.addr, w.emulator, "--log-level", "debug")
}

// visit asks for a page; false means that the power went out, and is on again.
func (w *walker) visit(method, page string, form url.Values) (address, body string, ok bool) {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), method, page, strings.NewReader(form.Encode()))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := w.client.Do(req)
	if err == nil {
		body, err = readAll(resp)
	}
	if err == nil && resp.StatusCode < http.StatusInternalServerError {
		return resp.Request.URL.String(), body, true
	}
	if !w.house.ended() && err != nil {
		w.t.Fatalf("%s %s: %v, and the program still runs", method, page, err)
	}
	if !w.house.ended() {
		return "", "", false // half of the house answered for the other half, which is going down
	}
	w.powerOn()
	return "", "", false
}

// Each of the story's stops is reached by trying until the page says so, as a person would who knows where to go.
const triesMax = 60

// until repeats a step until the demo's page at path says want.
func (w *walker) until(path, want string, step func()) {
	w.t.Helper()
	var last string
	for range triesMax {
		if _, page, ok := w.visit(http.MethodGet, w.house.demo+path, nil); ok {
			if last = plain(page); strings.Contains(last, want) {
				return
			}
			step()
		}
	}
	w.t.Fatalf("%s never said %q; it says: %s", path, want, last)
}

func (w *walker) signUp() {
	w.until("/", "Your plan", func() {
		w.visit(http.MethodPost, w.house.demo+"/sign-up", url.Values{"email": {"ada@example.com"}})
	})
}

// upgrade asks for Premium and pays on the hosted page, with a challenge if there is one.
func (w *walker) upgrade(card string) {
	w.until("/", "Premium is paid for until", func() {
		at, _, ok := w.visit(http.MethodPost, w.house.demo+"/upgrade", url.Values{"price": {"premium-monthly"}})
		if ok && strings.Contains(at, "/c/pay/") {
			at, _, ok = w.visit(http.MethodPost, at, cardForm(card))
		}
		if ok && strings.Contains(at, "/3ds/") {
			w.visit(http.MethodPost, at, url.Values{"outcome": {"succeed"}})
		}
	})
}

// swapCard adds a card in the portal.
func (w *walker) swapCard(card string) {
	last4 := card[len(card)-4:]
	w.until("/billing", "ending in "+last4, func() {
		if at, page, ok := w.visit(http.MethodPost, w.house.demo+"/portal", nil); ok && !strings.Contains(plain(page), last4) {
			portal, _, _ := strings.Cut(at, "?")
			w.visit(http.MethodPost, strings.TrimSuffix(portal, "/home")+"/cards/new", cardForm(card))
		}
		if _, page, ok := w.visit(http.MethodPost, w.house.demo+"/portal", nil); ok {
			if back := returnLink.FindStringSubmatch(page); back != nil {
				w.visit(http.MethodGet, strings.ReplaceAll(back[1], "&amp;", "&"), nil)
			}
		}
	})
}

var (
	returnLink = regexp.MustCompile(`class="back" href="([^"]*/return/portal[^"]*)"`)
	present    = regexp.MustCompile(`<time datetime="([^"]+)"`)
)

// waitUntil moves the clock by the demo's buttons to a moment, never beyond it by a week.
func (w *walker) waitUntil(moment time.Time) {
	w.t.Helper()
	for range triesMax * 2 {
		_, page, ok := w.visit(http.MethodGet, w.house.demo+"/", nil)
		if !ok {
			continue
		}
		now := w.now(page)
		if !now.Before(moment) {
			return
		}
		by := "day"
		if moment.Sub(now) > 7*24*time.Hour {
			by = "week"
		}
		w.visit(http.MethodPost, w.house.demo+"/clock", url.Values{"by": {by}, "back": {"/"}})
	}
	w.t.Fatalf("the clock never came to %s", moment)
}

func (w *walker) now(page string) time.Time {
	w.t.Helper()
	found := present.FindAllStringSubmatch(page, -1)
	if found == nil {
		w.t.Fatalf("no time on the page: %s", plain(page))
	}
	now, err := time.Parse(time.RFC3339, found[len(found)-1][1]) // the time bar stands at the end
	if err != nil {
		w.t.Fatal(err)
	}
	return now
}

// walk goes the whole way and returns when the story has ended on Premium again.
func (w *walker) walk() {
	w.t.Helper()
	w.signUp()
	_, page, _ := w.visit(http.MethodGet, w.house.demo+"/", nil)
	for page == "" {
		_, page, _ = w.visit(http.MethodGet, w.house.demo+"/", nil)
	}
	begun := w.now(page)
	w.upgrade("4242424242424242")
	const day = 24 * time.Hour
	w.waitUntil(begun.Add(32 * day)) // renewed
	w.until("/billing", "Paid", func() {})
	w.swapCard("4000000000000341")
	w.waitUntil(begun.Add(64 * day)) // failed once
	w.until("/", "Past due", func() {})
	w.waitUntil(begun.Add(87 * day)) // retries run out
	w.until("/", "Starter costs nothing", func() {})
	w.upgrade("4000002500003155")
	w.waitUntil(begun.Add(90 * day)) // all that follows from it is done
}

func cardForm(card string) url.Values {
	return url.Values{
		"email": {"ada@example.com"}, "cardNumber": {card}, "cardExpiry": {"12 / 34"}, "cardCvc": {"123"},
		"billingName": {"Ada Lovelace"}, "billingPostalCode": {"10115"},
	}
}

// Ten power cuts at arbitrary moments of the story, and it still ends right: one customer, one live subscription, each
// charge once, each mail once.
//
// Rows: A6 B4.
func TestTheStorySurvivesTenPowerCuts(t *testing.T) {
	t.Parallel()
	whole := newWalker(t, nil)
	whole.walk()
	want := whole.outcome()
	lines := whole.cutter.lines.Load()
	whole.house.kill()

	const cuts = 10
	cut := newWalker(t, spread("power", cuts, lines*3/4)) // a day more or less makes it shorter
	cut.walk()
	if got := cut.outcome(); got != want {
		t.Errorf("after %d power cuts the story ended so:\n%s\nwithout any:\n%s", cuts, got, want)
	}
	if got := cut.cutter.cuts.Load(); got != cuts {
		t.Errorf("the power went out %d times, want %d: they were planned within the %d lines of the uncut story", got, cuts, lines)
	}
}

// spread chooses n moments below total, the same for the same seed.
func spread(seed string, n int, total int64) []int64 {
	at := make([]int64, n)
	for i := range at {
		h := fnv.New64a()
		fmt.Fprintf(h, "%s %d", seed, i)
		at[i] = 1 + int64(h.Sum64()%uint64(total))
	}
	slices.Sort(at)
	return at
}

// outcome is what the world looks like at the end, in words that do not depend on ids or on the time of day.
func (w *walker) outcome() string {
	w.t.Helper()
	ctx := context.WithoutCancel(w.t.Context())
	client := stripe.NewClient("sk_test_dues_dev", stripe.WithBackends(stripe.NewBackendsWithConfig(&stripe.BackendConfig{
		URL: stripe.String(w.house.stripe), LeveledLogger: &stripe.LeveledLogger{Level: stripe.LevelNull},
	})))
	counts := map[string]int{}
	for customer, err := range client.V1Customers.List(ctx, &stripe.CustomerListParams{}).All(ctx) {
		w.must(err)
		counts["customer "+customer.Email]++
	}
	for sub, err := range client.V1Subscriptions.List(ctx, &stripe.SubscriptionListParams{Status: stripe.String("all")}).All(ctx) {
		w.must(err)
		counts[fmt.Sprintf("subscription %s %d", sub.Status, sub.Items.Data[0].Price.UnitAmount)]++
	}
	for charge, err := range client.V1Charges.List(ctx, &stripe.ChargeListParams{}).All(ctx) {
		w.must(err)
		counts[fmt.Sprintf("charge %s %d", charge.Status, charge.Amount)]++
	}
	for subject, n := range w.mails() {
		counts["mail "+subject] += n
	}
	var out strings.Builder
	for _, what := range slices.Sorted(maps.Keys(counts)) {
		fmt.Fprintf(&out, "%3d %s\n", counts[what], what)
	}
	return out.String()
}

func (w *walker) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

var dates = regexp.MustCompile(`\d+ \w{3,9} \d{4}`)

// mails counts the messages by subject without dates. A message that was handed over twice, because the power went out
// between sending and noting it, carries the same Message-ID, by which mail programs show it once.
func (w *walker) mails() map[string]int {
	w.t.Helper()
	var messages []struct {
		Subject string
		Headers []struct{ Name, Value string }
	}
	w.must(json.Unmarshal([]byte(get(context.WithoutCancel(w.t.Context()), w.t, w.house.inbox+".json")), &messages))
	seen, counts := map[string]bool{}, map[string]int{}
	for _, m := range messages {
		for _, h := range m.Headers {
			if strings.EqualFold(h.Name, "Message-ID") && !seen[h.Value] {
				seen[h.Value] = true
				counts[dates.ReplaceAllString(m.Subject, "DATE")]++
			}
		}
	}
	return counts
}

var tags = regexp.MustCompile(`<[^>]*>`)

// plain is a page's text.
func plain(page string) string {
	return strings.Join(strings.Fields(tags.ReplaceAllString(page, " ")), " ")
}
