package adminui_test

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dues-billing/dues"
	"github.com/dues-billing/dues/adminui"
	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/catalog"
	"github.com/dues-billing/dues/emulator"
	"github.com/dues-billing/dues/service"
)

const password = "correct horse battery staple"

// operator is a browser before the admin of a whole Dues.
type operator struct {
	t    *testing.T
	base string
	http *http.Client
	dues *dues.Service
	now  time.Time
	told atomic.Int32 // deliveries of notices

	stripe *emulator.Server
}

func open(t *testing.T, password string) *operator {
	t.Helper()
	return openAt(t, password, nil)
}

// openAt is open with an OpenID provider, nil for none.
func openAt(t *testing.T, password string, at *organisation) *operator {
	t.Helper()
	o := &operator{t: t, now: time.Date(2027, time.January, 4, 10, 0, 0, 0, time.UTC)}
	clock := func() time.Time { return o.now }
	stripe := emulator.Start(t, func(e *emulator.Options) { e.Now = clock })
	app := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { o.told.Add(1) }))
	t.Cleanup(app.Close)
	server := httptest.NewUnstartedServer(nil)
	o.base = "http://" + server.Listener.Addr().String()
	var oidc adminui.OIDC
	if at != nil {
		at.now = clock
		oidc = adminui.OIDC{Issuer: at.url, ClientID: clientID, ClientSecret: clientSecret}
	}
	svc, err := dues.Open(t.Context(), dues.Config{
		Stripe: dues.Stripe{Key: stripe.Key, BaseURL: stripe.URL, WebhookSecrets: []string{webhookSecret}}, Database: "sqlite:" + filepath.Join(t.TempDir(), "dues.db"),
		Catalog: catalog.Default(), PublicURL: o.base, AdminPassword: password, AdminOIDC: oidc, Clock: service.Clock{Business: clock, Wall: clock},
		Endpoints: []service.Endpoint{{Name: "app", URL: app.URL, Secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	o.dues, o.stripe = svc, stripe
	server.Config.Handler = svc.Handler()
	server.Start()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	o.http = &http.Client{Jar: jar, Transport: &http.Transport{}}
	t.Cleanup(func() {
		o.http.CloseIdleConnections()
		server.Close()
		if err := svc.Close(); err != nil {
			t.Error(err)
		}
	})
	return o
}

func (o *operator) get(path string, status int) string {
	o.t.Helper()
	resp, err := o.http.Get(o.base + path)
	return o.read(resp, err, "GET "+path, status)
}

func (o *operator) post(path string, status int, form url.Values) string {
	o.t.Helper()
	resp, err := o.http.PostForm(o.base+path, form)
	return o.read(resp, err, "POST "+path, status)
}

func (o *operator) read(resp *http.Response, err error, what string, status int) string {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		o.t.Fatal(err)
	}
	if resp.StatusCode != status {
		o.t.Fatalf("%s: got %d, want %d: %s", what, resp.StatusCode, status, body)
	}
	return string(body)
}

func (o *operator) shows(page string, words ...string) {
	o.t.Helper()
	for _, w := range words {
		if !strings.Contains(page, w) {
			o.t.Errorf("the page lacks %q:\n%s", w, page)
		}
	}
}

var csrf = regexp.MustCompile(`name="csrf" value="([0-9a-f]{64})"`)

func TestWithoutAPasswordThePagesAreShut(t *testing.T) {
	t.Parallel()
	o := open(t, "")
	for _, path := range []string{"/admin/", "/admin/sign-in", "/admin/accounts/ada"} {
		o.shows(o.get(path, 404), "switched off")
	}
}

func TestOnlyTheOperatorGetsInAndNotByGuessing(t *testing.T) {
	t.Parallel()
	o := open(t, password)
	o.shows(o.get("/admin/", 200), "Operator&#39;s password")
	o.shows(o.get("/admin/accounts/ada", 200), "Operator&#39;s password")
	for range 5 {
		o.shows(o.post("/admin/sign-in", 401, url.Values{"password": {"guess"}}), "This is not the password.")
	}
	o.shows(o.post("/admin/sign-in", 429, url.Values{"password": {password}}), "Too many tries")
	o.now = o.now.Add(10 * time.Second)
	o.shows(o.post("/admin/sign-in", 200, url.Values{"password": {password}}), "No account was made yet")
	o.now = o.now.Add(13 * time.Hour)
	o.shows(o.get("/admin/", 200), "Operator&#39;s password")
}

func TestAFormNeedsItsToken(t *testing.T) {
	t.Parallel()
	o := open(t, password)
	home := o.post("/admin/sign-in", 200, url.Values{"password": {password}})
	o.shows(o.post("/admin/sign-out", 403, url.Values{"csrf": {strings.Repeat("0", 64)}}), "no longer valid")
	found := csrf.FindStringSubmatch(home)
	if found == nil {
		t.Fatalf("no token in\n%s", home)
	}
	req, err := http.NewRequest(http.MethodPost, o.base+"/admin/sign-out", strings.NewReader("csrf="+found[1]))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	resp, err := o.http.Do(req)
	o.read(resp, err, "POST from another site", 403)
	o.shows(o.post("/admin/sign-out", 200, url.Values{"csrf": {found[1]}}), "Operator&#39;s password")
}

// Rows: D1 D2.
// Features: 103.
func TestTheAccountsPageAnswersWhy(t *testing.T) {
	t.Parallel()
	o := open(t, password)
	for _, id := range []string{"ada", "bob"} {
		if _, _, err := o.dues.CreateAccount(t.Context(), service.NewAccount{ID: billing.AccountID("user/" + id), Email: id + "@example.com", Name: strings.ToUpper(id)}); err != nil {
			t.Fatal(err)
		}
	}
	o.shows(o.post("/admin/sign-in", 200, url.Values{"password": {password}}), "ada@example.com", "bob@example.com", "Starter")
	o.shows(o.get("/admin/?q=nobody", 200), "No account has this")
	page := o.get("/admin/?q=ada@", 200)
	o.shows(page, "ada@example.com has full access to Starter", "is active at Stripe, on Starter, €0.00 per month", "Mail: welcome", "user/ada")
	if strings.Contains(page, "bob@") {
		t.Error("another account shows on ada's page")
	}
	token := csrf.FindStringSubmatch(page)
	o.shows(o.post("/admin/accounts/user%2Fada/sync", 200, url.Values{"csrf": {token[1]}}), "Fetched from Stripe just now")
	o.shows(o.get("/admin/accounts/nobody", 404), "There is no such account")
	o.shows(o.get("/admin/queues", 200), "Events waiting", "Mail: welcome")
	o.shows(o.post("/admin/queues/retry", 200, url.Values{"csrf": {token[1]}}), "Everything you chose is tried again")
	if err := o.dues.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	o.shows(o.get("/admin/queues", 200), "Notice to app: access.changed", "Send again")
	before := o.told.Load()
	again := url.Values{"csrf": {token[1]}, "key": {"notice:app:access:user/ada:2"}}
	o.shows(o.post("/admin/queues/retry", 200, again), "It is tried again")
	if err := o.dues.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := o.told.Load() - before; before == 0 || n != 1 {
		t.Errorf("the application got %d notices, and %d more by the button, want 1 more", before, n)
	}
}
