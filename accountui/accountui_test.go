package accountui_test

import (
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues"
	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/catalog"
	"github.com/dues-billing/dues/emulator"
	"github.com/dues-billing/dues/service"
)

// customer is a browser without JavaScript before the pages of a whole Dues, whose application is another site.
type customer struct {
	t      *testing.T
	base   string
	app    *httptest.Server
	http   *http.Client // follows redirects
	dues   *dues.Service
	now    time.Time
	stripe *emulator.Server

	foreign bool // the page with the components is of another host than the application's
}

func open(t *testing.T) *customer {
	t.Helper()
	c := &customer{t: t, now: time.Date(2027, time.January, 4, 10, 0, 0, 0, time.UTC)}
	clock := func() time.Time { return c.now }
	c.stripe = emulator.Start(t, func(e *emulator.Options) { e.Now = clock })
	c.app = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, "the application") }))
	t.Cleanup(c.app.Close)
	server := httptest.NewUnstartedServer(nil)
	c.base = "http://" + server.Listener.Addr().String()
	svc, err := dues.Open(t.Context(), dues.Config{
		Stripe:   dues.Stripe{Key: c.stripe.Key, BaseURL: c.stripe.URL, WebhookSecrets: []string{"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}},
		Database: "sqlite:" + filepath.Join(t.TempDir(), "dues.db"), Catalog: catalog.Default(), PublicURL: c.base,
		ReturnHosts: []string{strings.TrimPrefix(c.app.URL, "http://")}, Clock: service.Clock{Business: clock, Wall: clock}, Brand: "Fieldnotes",
	})
	if err != nil {
		t.Fatal(err)
	}
	c.dues = svc
	server.Config.Handler = svc.Handler()
	server.Start()
	c.http = &http.Client{Transport: &http.Transport{}}
	t.Cleanup(func() {
		c.http.CloseIdleConnections()
		server.Close()
		if err := svc.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// visit makes an account, and opens its page.
func (c *customer) visit(id billing.AccountID, name string) service.AccountVisit {
	c.t.Helper()
	if _, _, err := c.dues.CreateAccount(c.t.Context(), service.NewAccount{ID: id, Email: "ada@example.com", Name: name}); err != nil {
		c.t.Fatal(err)
	}
	visit, err := c.dues.OpenAccountPage(c.t.Context(), id, service.AccountPage{ReturnURL: c.app.URL + "/settings"})
	if err != nil {
		c.t.Fatal(err)
	}
	return visit
}

// do asks, and returns the answer with its body.
func (c *customer) do(method, address string, form url.Values, header ...string) (*http.Response, string) {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), method, address, strings.NewReader(form.Encode()))
	if err != nil {
		c.t.Fatal(err)
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := c.http.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return resp, string(body)
}

func (c *customer) get(address string) string {
	c.t.Helper()
	resp, page := c.do(http.MethodGet, address, nil)
	if resp.StatusCode != http.StatusOK {
		c.t.Fatalf("%s: %s\n%s", address, resp.Status, page)
	}
	return page
}

func (c *customer) post(address string, form url.Values) string {
	c.t.Helper()
	resp, page := c.do(http.MethodPost, address, form)
	if resp.StatusCode != http.StatusOK {
		c.t.Fatalf("POST %s: %s\n%s", address, resp.Status, page)
	}
	return page
}

func (c *customer) shows(page string, words ...string) {
	c.t.Helper()
	for _, w := range words {
		if !strings.Contains(page, w) {
			c.t.Errorf("the page lacks %q:\n%s", w, page)
		}
	}
}

var hidden = regexp.MustCompile(`<input type="hidden" name="([a-z]+)" value="([^"]*)"`)

// hiddenIn are the hidden fields of a page's last form.
func hiddenIn(page string) url.Values {
	form := url.Values{}
	for _, m := range hidden.FindAllStringSubmatch(page, -1) {
		form.Set(m[1], html.UnescapeString(m[2]))
	}
	return form
}

var card = url.Values{"email": {"ada@example.com"}, "cardNumber": {"4242 4242 4242 4242"}, "cardExpiry": {"12/34"}, "cardCvc": {"123"}, "billingName": {"Ada"}, "billingPostalCode": {"12345"}}

// subscribe pays for premium by the month, on the page that the account's page leads to.
func (c *customer) subscribe(home string) string {
	c.t.Helper()
	c.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, _ := c.do(http.MethodPost, home+"/change", url.Values{"price": {"premium-monthly"}})
	c.http.CheckRedirect = nil
	checkout := resp.Header.Get("Location")
	if !strings.HasPrefix(checkout, c.stripe.URL) {
		c.t.Fatalf("choosing a plan led to %s %q, want Stripe's page", resp.Status, checkout)
	}
	return c.post(checkout, card)
}

func TestACustomerLooksAfterTheAccountWithoutJavaScript(t *testing.T) {
	t.Parallel()
	c := open(t)
	home := c.visit("ada", "Ada").URL(c.base)
	c.shows(c.get(home), "Starter", "There is no invoice yet.", "Back to Fieldnotes", c.app.URL+"/settings")
	c.shows(c.get(home+"/plans"), "Choose Premium", "€19.00")
	c.shows(c.get(home+"/change?price=premium-monthly"), "Continue to payment")
	c.shows(c.subscribe(home), "Your plan is ready", "Premium", "Renews on 4 Feb 2027", "Visa •••• 4242", "Paid")

	c.now = c.now.AddDate(0, 0, 10)
	if resp, page := c.do(http.MethodGet, home, nil); resp.StatusCode != http.StatusUnauthorized || !strings.Contains(page, c.app.URL+"/settings") {
		t.Errorf("the visit of ten days ago: %s, without a way back:\n%s", resp.Status, page)
	}
}

func TestAPlanIsChangedForWhatWasShown(t *testing.T) {
	t.Parallel()
	c := open(t)
	c.subscribe(c.visit("ada", "Ada").URL(c.base))
	c.now = c.now.AddDate(0, 0, 10)
	home := c.visit("ada", "Ada").URL(c.base)
	preview := c.get(home + "/change?price=premium-yearly")
	shown := regexp.MustCompile(`Change and pay (€[0-9.]+)`).FindStringSubmatch(preview)
	if shown == nil {
		t.Fatalf("no amount in\n%s", preview)
	}
	c.shows(c.post(home+"/change", hiddenIn(preview)), "Your plan has been changed", "per year", shown[1])

	down := c.get(home + "/change?price=premium-monthly")
	c.shows(down, "Nothing is charged now")
	c.shows(c.post(home+"/change", hiddenIn(down)), "The change is scheduled", "Stay on my plan")
	c.shows(c.post(home+"/keep", url.Values{}), "You stay on your plan")

	c.shows(c.get(home+"/cancel"), "You keep Premium until", "It is too expensive")
	c.shows(c.post(home+"/cancel", url.Values{"feedback": {"too_expensive"}, "comment": {"Too dear"}}), "has been cancelled", "Your plan ends on", "Keep my plan")
	c.shows(c.post(home+"/resume", url.Values{}), "Your plan goes on")
	status, err := c.dues.Status(t.Context(), "ada")
	if err != nil || status.Price != "premium-yearly" || !status.CancelAt.IsZero() {
		t.Errorf("the account is on %s until %s, %v", status.Price, status.CancelAt, err)
	}
}

func TestAnAmountThatIsStaleChangesNothing(t *testing.T) {
	t.Parallel()
	c := open(t)
	home := c.visit("ada", "Ada").URL(c.base)
	c.subscribe(home)
	preview := c.get(home + "/change?price=premium-yearly")
	account, err := c.dues.Account(t.Context(), "ada")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.stripe.Client().V1CustomerBalanceTransactions.Create(t.Context(), &stripe.CustomerBalanceTransactionCreateParams{
		Customer: stripe.String(string(account.Customer)), Amount: stripe.Int64(-500), Currency: stripe.String("eur"),
	}); err != nil {
		t.Fatal(err)
	}
	resp, page := c.do(http.MethodPost, home+"/change", hiddenIn(preview))
	c.shows(page, "It costs something else by now", "Credit")
	status, err := c.dues.Status(t.Context(), "ada")
	if resp.StatusCode != http.StatusConflict || err != nil || status.Price != "premium-monthly" {
		t.Errorf("%s, and the account is on %s, %v", resp.Status, status.Price, err)
	}
}

func TestNobodyOpensWhatIsNotHis(t *testing.T) {
	t.Parallel()
	c := open(t)
	visit := c.visit("ada", "Ada")
	body, mac, _ := strings.Cut(visit.Token, ".")
	other := c.visit("bob", "Bob")
	otherBody, _, _ := strings.Cut(other.Token, ".")
	for _, token := range []string{"", "x", body, body + ".", otherBody + "." + mac, visit.Token + "x", strings.ToUpper(visit.Token), "eyJhIjoiYWRhIn0." + mac} {
		if resp, page := c.do(http.MethodGet, c.base+"/account/"+token, nil); resp.StatusCode != http.StatusNotFound || strings.Contains(page, "ada@") {
			t.Errorf("%q: %s", token, resp.Status)
		}
	}
	c.now = c.now.Add(time.Hour)
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		resp, page := c.do(method, visit.URL(c.base)+"/cancel", nil)
		if resp.StatusCode != http.StatusUnauthorized || strings.Contains(page, "Starter") {
			t.Errorf("%s after an hour: %s", method, resp.Status)
		}
	}
	for _, wrong := range []service.AccountPage{{ReturnURL: "https://evil.example"}, {ReturnURL: "javascript:alert(1)"}, {Language: "not a language"}} {
		if _, err := c.dues.OpenAccountPage(t.Context(), "ada", wrong); billing.CodeOf(err) != billing.Invalid {
			t.Errorf("%+v: %v", wrong, err)
		}
	}
}

func TestAPageMayNeitherBeFramedNorMadeToLeadAstray(t *testing.T) {
	t.Parallel()
	c := open(t)
	visit := c.visit("ada", `<img src=x onerror=alert(1)>`)
	for _, address := range []string{visit.URL(c.base), c.base + "/pricing", visit.URL(c.base) + "?did=%3Cscript%3E", c.base + "/pricing?language=%22%3E%3Cscript%3E&every=%3Cb%3E&currency=%22"} {
		resp, page := c.do(http.MethodGet, address, nil)
		if csp := resp.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "frame-ancestors 'none'") || !strings.Contains(csp, "default-src 'none'") {
			t.Errorf("%s: %q", address, csp)
		}
		if strings.Contains(page, "<script") || strings.Contains(page, "<img") || len(resp.Cookies()) > 0 {
			t.Errorf("%s: somebody else's words stand in the page, or a cookie is set:\n%s", address, page)
		}
	}
	for _, choose := range []string{"https://evil.example/{price}", "javascript:alert('{price}')", "//evil.example/{price}", "https://" + strings.TrimPrefix(c.app.URL, "http://") + "@evil.example/"} {
		resp, page := c.do(http.MethodGet, c.base+"/pricing?choose="+url.QueryEscape(choose), nil)
		if resp.StatusCode < 400 || strings.Contains(page, "evil.example") || strings.Contains(page, "javascript:") {
			t.Errorf("%s: %s", choose, resp.Status)
		}
	}
	c.shows(c.get(c.base+"/pricing?choose="+url.QueryEscape(c.app.URL+"/signup?plan={price}")), c.app.URL+"/signup?plan=premium-monthly", "Monthly", "Yearly")
	c.shows(c.get(c.base+"/pricing?every=year&language=de-CH&choose="+url.QueryEscape(c.app.URL+"/signup")), "/signup?price=premium-yearly", "Tarife und Preise", `lang="de"`, "pro Jahr")
}

func TestAPartIsForThePagesOfTheApplicationAlone(t *testing.T) {
	t.Parallel()
	c := open(t)
	visit := c.visit("ada", "Ada")
	for origin, allowed := range map[string]string{c.app.URL: c.app.URL, "https://evil.example": "", "null": "", "": ""} {
		resp, page := c.do(http.MethodGet, visit.URL(c.base), nil, "Origin", origin, "Dues-Fragment", "component")
		if got := resp.Header.Get("Access-Control-Allow-Origin"); got != allowed || resp.Header.Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("from %q: allowed is %q", origin, got)
		}
		if strings.Contains(page, "<html") || !strings.Contains(page, `class="dues-part stack" lang="en"`) || !strings.Contains(page, c.base+"/_design/") {
			t.Errorf("no part:\n%s", page)
		}
		resp, _ = c.do(http.MethodOptions, visit.URL(c.base)+"/cancel", nil, "Origin", origin)
		if resp.StatusCode != http.StatusNoContent || resp.Header.Get("Access-Control-Allow-Origin") != allowed {
			t.Errorf("before it, from %q: %s", origin, resp.Status)
		}
	}
	plain := c.get(visit.URL(c.base) + "?fragment=1")
	c.shows(plain, c.base+"/account/"+visit.Token+"/plans")
	if strings.Contains(plain, "stylesheet") {
		t.Errorf("a page of the application brings its own style:\n%s", plain)
	}
	resp, page := c.do(http.MethodPost, visit.URL(c.base)+"/change", url.Values{"price": {"premium-monthly"}}, "Dues-Fragment", "component", "Origin", c.app.URL)
	if to := resp.Header.Get("Dues-Location"); resp.StatusCode != http.StatusOK || !strings.HasPrefix(to, c.stripe.URL) || !strings.Contains(page, `target="_top"`) {
		t.Errorf("paying leads to %q: %s", to, resp.Status)
	}
}

func TestAProgramThatChangesWithoutEndIsHeldUp(t *testing.T) {
	t.Parallel()
	c := open(t)
	home := c.visit("ada", "Ada").URL(c.base)
	held := 0
	for range 25 {
		if resp, _ := c.do(http.MethodPost, home+"/keep", url.Values{}); resp.StatusCode == http.StatusTooManyRequests {
			held++
		}
	}
	if held != 5 {
		t.Errorf("%d of 25 changes in one moment were held up, want 5", held)
	}
	c.now = c.now.Add(time.Minute)
	if resp, _ := c.do(http.MethodPost, home+"/keep", url.Values{}); resp.StatusCode == http.StatusTooManyRequests {
		t.Error("a minute later it is still held up")
	}
}

func TestAFormThatIsTooLongChangesNothing(t *testing.T) {
	t.Parallel()
	c := open(t)
	home := c.visit("ada", "Ada").URL(c.base)
	c.subscribe(home)
	long := url.Values{"comment": {strings.Repeat("long ", 10_000)}}
	for _, address := range []string{home + "/cancel", c.base + "/account/nobody/cancel"} {
		if resp, _ := c.do(http.MethodPost, address, long); resp.StatusCode < 400 {
			t.Errorf("%s: %s", address, resp.Status)
		}
	}
	if status, err := c.dues.Status(t.Context(), "ada"); err != nil || !status.CancelAt.IsZero() {
		t.Errorf("the plan ends on %s, %v", status.CancelAt, err)
	}
}
