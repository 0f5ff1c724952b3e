package adminui_test

import (
	"html"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/dues-billing/dues/billing"
	operators "github.com/dues-billing/dues/internal/operator"
	"github.com/dues-billing/dues/service"
)

const ownPassword = "three words more"

var (
	linkOf   = regexp.MustCompile(`/admin/welcome/[a-z2-7]{52}`)
	secretOf = regexp.MustCompile(`class="secret-words">([A-Z2-7 ]+)<`)
	pathOf   = regexp.MustCompile(`/admin/operators/op_[a-z2-7]{16}`)
)

// anew lets the browser forget everything: somebody else sits down before it.
func (o *operator) anew() {
	o.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		o.t.Fatal(err)
	}
	o.http.Jar = jar
}

// token is that of the forms of a page.
func (o *operator) token(path string) string {
	o.t.Helper()
	found := csrf.FindStringSubmatch(o.get(path, 200))
	if found == nil {
		o.t.Fatalf("%s has no form", path)
	}
	return found[1]
}

func (o *operator) sessions() []operators.Session {
	o.t.Helper()
	all, err := o.dues.Operators().Sessions(o.t.Context())
	if err != nil {
		o.t.Fatal(err)
	}
	return all
}

// code is what the authenticator with this secret shows now.
func (o *operator) code(secret string) string {
	o.t.Helper()
	code, err := totp.GenerateCode(secret, o.now)
	if err != nil {
		o.t.Fatal(err)
	}
	return code
}

// invited adds somebody as the one who is signed in, and returns his link.
func (o *operator) invited(email, role string) (link string) {
	o.t.Helper()
	page := o.post("/admin/operators", 200, url.Values{"csrf": {o.token("/admin/operators")}, "email": {email}, "role": {role}})
	o.shows(page, "Send this link on", o.base+"/admin/welcome/")
	return linkOf.FindString(page)
}

// settled chooses a password with a link, and comes in with it. It returns the secret of the codes.
func (o *operator) settled(link string) (secret string) {
	o.t.Helper()
	o.anew()
	o.now = o.now.Add(time.Minute) // the tries before are forgotten
	page := o.get(link, 200)
	secret = strings.ReplaceAll(secretOf.FindStringSubmatch(page)[1], " ", "")
	o.shows(page, "Welcome", `<svg class="qr"`)
	o.post(link, 200, url.Values{"password": {ownPassword}, "code": {o.code(secret)}})
	return secret
}

// signInAs comes in by name, with a code that was not used yet.
func (o *operator) signInAs(email, secret string, status int) string {
	o.t.Helper()
	o.anew()
	o.now = o.now.Add(time.Minute)
	return o.post("/admin/sign-in", status, url.Values{"email": {email}, "password": {ownPassword}, "code": {o.code(secret)}})
}

func TestThePasswordOfTheSettingsOpensUntilAnOwnerHasAName(t *testing.T) {
	t.Parallel()
	o := open(t, password)
	o.post("/admin/sign-in", 200, url.Values{"password": {password}})
	o.shows(o.get("/admin/operators", 200), "Nobody has a name here yet", "You came with the password of the settings")
	shared := o.http.Jar
	link := o.invited("Ada@Example.com", "own")

	o.anew()
	o.shows(o.get("/admin/sign-in", 200), "Code", "With the password of the settings") // she may have mistyped her address: nobody is locked out
	for form, want := range map[string]string{"short": "A password has 12 characters or more", ownPassword: "This is not the code of now"} {
		o.shows(o.post(link, 400, url.Values{"password": {form}, "code": {"000000"}}), want)
	}
	secret := o.settled(link)
	o.shows(o.get("/admin/operators", 200), "ada@example.com", "Password and code", "1 session")
	o.shows(o.get(link, 404), "This link opens nothing any more")
	o.shows(o.post(link, 404, url.Values{"password": {ownPassword}, "code": {o.code(secret)}}), "This link opens nothing any more")

	ada := o.http.Jar
	o.http.Jar = shared
	if page := o.get("/admin/", 200); !strings.Contains(page, "Code") || strings.Contains(page, "settings") {
		t.Error("a session of the password of the settings goes on, or its form does")
	}
	o.anew()
	o.shows(o.post("/admin/sign-in", 401, url.Values{"password": {password}}), "opens nothing any more")
	o.http.Jar = ada
	o.shows(o.get("/admin/audit", 200), "ada@example.com", "POST /admin/welcome/{link}", "admin")
}

func TestNobodyComesInWithoutAddressPasswordAndANewCode(t *testing.T) {
	t.Parallel()
	o := open(t, password)
	o.post("/admin/sign-in", 200, url.Values{"password": {password}})
	secret := o.settled(o.invited("ada@example.com", "own"))
	used := o.code(secret)
	o.anew()
	for _, wrong := range []url.Values{
		{"email": {"ada@example.com"}, "password": {ownPassword}, "code": {used}},
		{"email": {"ada@example.com"}, "password": {ownPassword}, "code": {"123456"}},
		{"email": {"ada@example.com"}, "password": {ownPassword}},
		{"email": {"ada@example.com"}, "password": {password}, "code": {o.code(secret)}},
		{"email": {"eve@example.com"}, "password": {ownPassword}, "code": {o.code(secret)}},
		{"email": {""}, "password": {""}, "code": {""}},
		{"password": {ownPassword}},
	} {
		o.now = o.now.Add(2 * time.Second)
		o.post("/admin/sign-in", 401, wrong)
	}
	unknown := o.post("/admin/sign-in", 401, url.Values{"email": {"eve@example.com"}, "password": {"a"}, "code": {"1"}})
	known := o.post("/admin/sign-in", 401, url.Values{"email": {"ada@example.com"}, "password": {"a"}, "code": {"1"}})
	if strings.ReplaceAll(known, "ada@", "eve@") != unknown {
		t.Error("the answer tells who works here")
	}
	o.shows(o.signInAs("ADA@example.com ", secret, 200), "No account was made yet")
}

// Features: 100 103.
func TestARoleOpensWhatItSaysAndNoFormMore(t *testing.T) {
	t.Parallel()
	o := open(t, password)
	if _, _, err := o.dues.CreateAccount(t.Context(), service.NewAccount{ID: "ada", Email: "ada@example.com"}); err != nil {
		t.Fatal(err)
	}
	o.post("/admin/sign-in", 200, url.Values{"password": {password}})
	secrets := map[string]string{}
	links := map[string]string{"read": o.invited("read@example.com", "read"), "operate": o.invited("operate@example.com", "operate"), "own": o.invited("own@example.com", "own")}
	for _, role := range []string{"read", "operate", "own"} {
		secrets[role] = o.settled(links[role])
	}
	pages := map[string]string{ // what each form needs
		"/admin/accounts/ada/sync": "operate", "/admin/accounts/ada/refund": "operate", "/admin/accounts/ada/grants": "operate", "/admin/accounts/ada/grants/end": "operate",
		"/admin/accounts/ada/purchases/capture": "operate", "/admin/accounts/ada/purchases/release": "operate", "/admin/queues/retry": "operate",
		"/admin/keys": "own", "/admin/keys/key_1/rotate": "own", "/admin/keys/key_1/revoke": "own", "/admin/operators": "own", "/admin/operators/op_1/role": "own",
		"/admin/operators/op_1/link": "own", "/admin/operators/op_1/remove": "own", "/admin/operators/op_1/end": "own",
	}
	for _, role := range []string{"read", "operate", "own"} {
		o.signInAs(role+"@example.com", secrets[role], 200)
		token := o.token("/admin/you")
		for path, needs := range pages {
			may := operators.Role(role).May(operators.Role(needs))
			if got := o.status(path, url.Values{"csrf": {token}}); (got != 403) != may {
				t.Errorf("%s: POST %s answers %d", role, path, got)
			}
		}
		account, home := o.get("/admin/accounts/ada", 200), o.get("/admin/", 200)
		if strings.Contains(account, "Fetch from Stripe now") != (role != "read") || strings.Contains(account, "Give something") != (role != "read") {
			t.Errorf("%s sees forms that are not for that role, or lacks one", role)
		}
		if strings.Contains(home, "/admin/operators") != (role == "own") || strings.Contains(home, "/admin/keys") != (role == "own") {
			t.Errorf("%s is shown the way to what is not for that role, or not to what is", role)
		}
	}
}

// status is what a form answers, redirects left alone.
func (o *operator) status(path string, form url.Values) int {
	o.t.Helper()
	stay := *o.http
	stay.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := stay.PostForm(o.base+path, form)
	if err != nil {
		o.t.Fatal(err)
	}
	defer resp.Body.Close()
	return resp.StatusCode
}

func TestAnOwnerEndsSessionsAndTakesOperatorsAway(t *testing.T) {
	t.Parallel()
	o := open(t, password)
	o.post("/admin/sign-in", 200, url.Values{"password": {password}})
	bobs := o.invited("bob@example.com", "read")
	ada := o.settled(o.invited("ada@example.com", "own"))
	bob := o.settled(bobs)
	first := o.http.Jar
	o.signInAs("bob@example.com", bob, 200)

	token := o.token("/admin/you")
	for _, s := range o.sessions() { // an operator ends his own, and nobody else's
		if mine := s.Operator == o.sessions()[0].Operator; !mine {
			o.post("/admin/you/sessions/end", 404, url.Values{"csrf": {token}, "id": {string(s.ID)}})
		} else if s.ID != o.sessions()[0].ID {
			o.shows(o.post("/admin/you/sessions/end", 200, url.Values{"csrf": {token}, "id": {string(s.ID)}}), "The session is ended")
		}
	}
	bobsNow := o.http.Jar
	o.http.Jar = first
	if strings.Contains(o.get("/admin/you", 200), "bob@example.com") {
		t.Error("a session that its operator ended lets in")
	}

	o.signInAs("ada@example.com", ada, 200)
	page := o.get("/admin/operators", 200)
	var path string
	for _, p := range pathOf.FindAllString(page, -1) {
		if strings.Contains(o.get(p, 200), "<h1>bob@example.com") {
			path = p
		}
	}
	token = o.token(path)
	o.shows(o.post(path+"/role", 200, url.Values{"csrf": {token}, "role": {"operate"}}), "The role is changed", "operate")
	o.shows(o.post(path+"/role", 400, url.Values{"csrf": {token}, "role": {"root"}}), "a role is read, operate or own")
	o.shows(o.post(path+"/end", 200, url.Values{"csrf": {token}}), "The sessions are ended", "Nobody is signed in")
	adas := o.http.Jar
	o.http.Jar = bobsNow
	if strings.Contains(o.get("/admin/you", 200), "bob@example.com") {
		t.Error("a session that an owner ended lets in")
	}
	o.http.Jar = adas
	o.shows(o.post(path+"/remove", 200, url.Values{"csrf": {token}}), "The operator is removed")
	o.signInAs("bob@example.com", bob, 401)
	o.signInAs("ada@example.com", ada, 200)
	own := pathOf.FindString(o.get("/admin/operators", 200))
	for _, form := range []string{"/remove", "/role"} { // nobody would be left to say who works here
		o.shows(o.post(own+form, 409, url.Values{"csrf": {o.token("/admin/you")}, "role": {"read"}}), "is the last owner")
	}
}

func TestANewPasswordEndsTheOtherSessionsAndANewLinkAll(t *testing.T) {
	t.Parallel()
	o := open(t, password)
	o.post("/admin/sign-in", 200, url.Values{"password": {password}})
	ada := o.settled(o.invited("ada@example.com", "own"))
	old := o.http.Jar
	o.signInAs("ada@example.com", ada, 200)
	token := o.token("/admin/you")
	o.shows(o.post("/admin/you/password", 400, url.Values{"csrf": {token}, "before": {"wrong"}, "password": {"another long one"}}), "This is not the password of now")
	o.shows(o.post("/admin/you/password", 400, url.Values{"csrf": {token}, "before": {ownPassword}, "password": {"short"}}), "12 characters or more")
	o.shows(o.post("/admin/you/password", 200, url.Values{"csrf": {token}, "before": {ownPassword}, "password": {"another long one"}}), "Your password is changed")
	if len(o.sessions()) != 1 {
		t.Errorf("%d sessions, want the one of now", len(o.sessions()))
	}
	o.http.Jar, old = old, o.http.Jar
	o.shows(o.get("/admin/you", 200), "Sign in")
	o.http.Jar = old
	path := pathOf.FindString(o.get("/admin/operators", 200))
	page := o.post(path+"/link", 200, url.Values{"csrf": {token}})
	o.shows(page, "Send this link on", "Link not used yet")
	if len(o.sessions()) != 0 {
		t.Error("a new link left a session open")
	}
	link := linkOf.FindString(page)
	o.now = o.now.Add(operators.InviteLife)
	o.shows(o.get(link, 404), "opens nothing any more")
}

func TestAfterSigningInSomebodyIsWhereHeWasGoingAndNowhereElse(t *testing.T) {
	t.Parallel()
	o := open(t, password)
	stay := *o.http
	stay.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := stay.Get(o.base + "/admin/queues?state=dead&type=a%26b")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	form := o.get(resp.Header.Get("Location"), 200)
	next := html.UnescapeString(regexp.MustCompile(`name="next" value="([^"]*)"`).FindStringSubmatch(form)[1])
	for given, want := range map[string]string{
		next: "/admin/queues?state=dead&type=a%26b", "": "/admin/", "https://evil.example.com/admin/": "/admin/", "//evil.example.com/admin/": "/admin/", `/\evil.example.com`: "/admin/",
		"/admin/../elsewhere": "/admin/", "/elsewhere": "/admin/", "javascript:alert(1)": "/admin/", "/admin//evil.example.com": "/admin/", "/admin/%2e%2e/x": "/admin/", "/admin/sign-out": "/admin/",
		"/admin/\r\nSet-Cookie: a=b": "/admin/",
	} {
		o.now = o.now.Add(10 * time.Second)
		resp, err := stay.PostForm(o.base+"/admin/sign-in", url.Values{"password": {password}, "next": {given}})
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if got := resp.Header.Get("Location"); got != want {
			t.Errorf("next %q leads to %q, want %q", given, got, want)
		}
	}
}

func TestWithAnOperatorThePagesNeedNoPasswordInTheSettings(t *testing.T) {
	t.Parallel()
	o := open(t, "")
	o.get("/admin/", 404)
	made, err := o.dues.Operators().Add(t.Context(), "ada@example.com", operators.Own, "Dues")
	if err != nil {
		t.Fatal(err)
	}
	o.settled("/admin/welcome/" + made.Link)
	o.shows(o.get("/admin/", 200), "No account was made yet")
	o.anew()
	o.post("/admin/sign-in", 401, url.Values{"password": {""}})
	if _, err := o.dues.Operators().Enter(t.Context(), "", "curl"); billing.CodeOf(err) != billing.Unauthorized {
		t.Errorf("the password of no settings lets in: %v", err)
	}
}
