package demo_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dues-billing/dues"
	"github.com/dues-billing/dues/catalog"
	"github.com/dues-billing/dues/emulator"
	"github.com/dues-billing/dues/httpapi"
	"github.com/dues-billing/dues/internal/demo"
	"github.com/dues-billing/dues/service"
)

const secret = "a secret of at least thirty-two bytes"

// handClock is a clock that the test moves; no Stripe hangs on it.
type handClock struct{ now time.Time }

func (c *handClock) Now(context.Context) (time.Time, error) { return c.now, nil }
func (c *handClock) Next(context.Context) (time.Time, bool, error) {
	return c.now.Add(3 * time.Hour), true, nil
}
func (c *handClock) Move(_ context.Context, to time.Time) error { c.now = to; return nil }

// browser visits Fieldnotes, which lives off a whole Dues with a Stripe of its own.
type browser struct {
	t      *testing.T
	base   string
	stripe string
	http   *http.Client
	clock  *handClock
}

func open(t *testing.T) *browser {
	t.Helper()
	start := time.Date(2027, time.January, 4, 10, 0, 0, 0, time.UTC)
	wall := func() time.Time { return start }
	stripe := emulator.Start(t, func(o *emulator.Options) { o.Now = wall })
	server := httptest.NewUnstartedServer(nil)
	address := "http://" + server.Listener.Addr().String()
	dir := t.TempDir()
	svc, err := dues.Open(t.Context(), dues.Config{
		Stripe:   dues.Stripe{Key: stripe.Key, BaseURL: stripe.URL},
		Database: "sqlite:" + filepath.Join(dir, "dues.db"), Catalog: catalog.Default(), PublicURL: address,
		ServerKeys: []string{"sk_dues_0123456789abcdef"}, Clock: service.Clock{Business: wall, Wall: wall},
		JWT: httpapi.JWT{Algorithm: "HS256", Key: []byte(secret), Issuer: "fieldnotes", Audience: "dues"},
	})
	if err != nil {
		t.Fatal(err)
	}
	clock := &handClock{now: start}
	app, err := demo.New(demo.Config{
		BasePath: "/demo", PublicURL: address + "/demo", Dir: dir, APIURL: address, ServerKey: "sk_dues_0123456789abcdef",
		JWT:   demo.JWT{Secret: []byte(secret), Issuer: "fieldnotes", Audience: "dues"},
		Clock: clock, InboxURL: address + "/inbox", DashboardURL: stripe.URL, Wall: wall, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/demo/", app)
	mux.Handle("/", svc.Handler())
	server.Config.Handler = mux
	server.Start()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	b := &browser{t: t, base: address + "/demo", stripe: stripe.URL, clock: clock, http: &http.Client{Jar: jar, Transport: &http.Transport{}}}
	t.Cleanup(func() {
		b.http.CloseIdleConnections()
		server.Close()
		if err := svc.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

// get returns the page's text; the status is checked.
func (b *browser) get(path string, status int) string {
	b.t.Helper()
	resp, err := b.http.Get(b.base + path)
	return b.read(resp, err, "GET "+path, status)
}

// post submits a form and follows where it leads.
func (b *browser) post(path string, status int, form ...string) string {
	b.t.Helper()
	values := url.Values{}
	for i := 0; i < len(form); i += 2 {
		values.Set(form[i], form[i+1])
	}
	resp, err := b.http.PostForm(b.base+path, values)
	return b.read(resp, err, "POST "+path, status)
}

func (b *browser) read(resp *http.Response, err error, what string, status int) string {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	if resp.StatusCode != status {
		b.t.Fatalf("%s: got %d, want %d: %s", what, resp.StatusCode, status, body)
	}
	return string(body)
}

func (b *browser) shows(page string, words ...string) {
	b.t.Helper()
	for _, w := range words {
		if !strings.Contains(page, w) {
			b.t.Errorf("the page lacks %q:\n%s", w, page)
		}
	}
}

// Rows: B1 D2 D3.
func TestAStrangerBecomesAUserOnStarter(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.shows(b.get("/", 200), "Start for free", "Mail inbox", "+1 month")
	b.shows(b.post("/sign-up", 422, "email", "ada"), "does not look like an e-mail address", `value="ada"`)
	home := b.post("/sign-up", 200, "email", "ada@example.com")
	b.shows(home, "Your projects", "1 of 3 projects", "Starter", "ada@example.com", "Spring bird count")
	if strings.Contains(home, "Renews") {
		t.Error("a plan that costs nothing is said to renew")
	}
	b.shows(b.post("/sign-up", 200, "email", "ada@example.com"), "1 of 3 projects")
	b.shows(b.get("/pricing", 200), "€19.00", "Upgrade to Premium monthly", "Your plan")
	b.shows(b.get("/billing", 200), "Billing", "No card is saved")
	b.shows(b.post("/sign-out", 200), "Start for free")
	b.shows(b.get("/billing", 200), "Start for free")
}

// Rows: D2.
func TestThePlanGatesProjectsExportAndHandbook(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.post("/sign-up", 200, "email", "ada@example.com")
	for i := range 2 {
		b.shows(b.post("/projects", 200, "name", fmt.Sprintf("Heath %d", i)), fmt.Sprintf("Heath %d", i))
	}
	b.shows(b.get("/", 200), "3 of 3 projects", "Your plan is full")
	if page := b.post("/projects", 403, "name", "One too many"); strings.Contains(page, "One too many</strong>") {
		t.Error("a fourth project was made on Starter")
	}
	b.shows(b.post("/projects/remove", 200, "id", "1"), "2 of 3 projects")
	b.shows(b.get("/export", 403), "Export comes with Premium")
	b.shows(b.get("/handbook", 403), "The Field Handbook comes with Premium")
	b.shows(b.get("/nowhere", 404), "There is no such page")
}

// Rows: B3 D6.
func TestUpgradeAndPortalLeadToStripe(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.post("/sign-up", 200, "email", "ada@example.com")
	b.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	for path, form := range map[string][]string{"/upgrade": {"price", "premium-monthly"}, "/portal": nil} {
		values := url.Values{}
		if form != nil {
			values.Set(form[0], form[1])
		}
		resp, err := b.http.PostForm(b.base+path, values)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if to := resp.Header.Get("Location"); resp.StatusCode != http.StatusSeeOther || !strings.HasPrefix(to, b.stripe) {
			t.Errorf("%s: got %d to %q, want 303 to a page of Stripe", path, resp.StatusCode, to)
		}
	}
	b.http.CheckRedirect = nil
	b.shows(b.post("/upgrade", 400, "price", "gold"), "That did not work")
}

func TestTheTimeBarMovesTheTimeForward(t *testing.T) {
	t.Parallel()
	b := open(t)
	for by, want := range map[string]time.Duration{"day": 24 * time.Hour, "week": 7 * 24 * time.Hour, "month": 31*24*time.Hour + 2*time.Hour, "next": 3 * time.Hour} {
		before := time.Date(2027, time.January, 4, 10, 0, 0, 0, time.UTC)
		b.clock.now = before
		b.post("/clock", 200, "by", by, "back", "/")
		if got := b.clock.now.Sub(before); got != want {
			t.Errorf("%s moved the time by %s, want %s", by, got, want)
		}
	}
	b.shows(b.post("/clock", 400, "by", "year"), "by a day, a week, a month")
}
