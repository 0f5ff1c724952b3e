package adminui_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/dues-billing/dues/service"
)

var secret = regexp.MustCompile(`<p class="secret"><code>([^<]+)</code>`)

// asks is what the API answers to who sends a secret.
func (o *operator) asks(secret string) int {
	o.t.Helper()
	req, err := http.NewRequestWithContext(o.t.Context(), http.MethodGet, o.base+"/v1/accounts/nobody", nil)
	if err != nil {
		o.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+secret)
	resp, err := o.http.Do(req)
	if err != nil {
		o.t.Fatal(err)
	}
	defer resp.Body.Close()
	return resp.StatusCode
}

// Features: 103.
func TestAKeyIsMadeRotatedAndRevokedOnThePage(t *testing.T) {
	t.Parallel()
	o := open(t, password)
	token := csrf.FindStringSubmatch(o.post("/admin/sign-in", 200, url.Values{"password": {password}}))[1]
	o.shows(o.get("/admin/keys", 200), "No key was made yet", "accounts:read", "usage by days")

	made := o.post("/admin/keys", 200, url.Values{"csrf": {token}, "name": {"web <backend>"}, "scope": {"accounts:read", "usage:read"}, "days": {"90"}})
	o.shows(made, "web &lt;backend&gt;", "it is shown this once", "accounts:read, usage:read", "Valid")
	first := secret.FindStringSubmatch(made)[1]
	if got := o.asks(first); got != 404 {
		t.Errorf("with the secret: %d, want that there is no such account", got)
	}
	list := o.get("/admin/keys", 200)
	o.shows(list, "web &lt;backend&gt;")
	path := regexp.MustCompile(`/admin/keys/key_[a-z0-9]+`).FindString(list)
	if page := o.get(path, 200); strings.Contains(page, first) || secret.MatchString(page) {
		t.Error("the secret is shown again")
	}

	rotated := o.post(path+"/rotate", 200, url.Values{"csrf": {token}, "hours": {"24"}})
	o.shows(rotated, "Being rotated")
	second := secret.FindStringSubmatch(rotated)[1]
	if a, b := o.asks(first), o.asks(second); a != 404 || b != 404 || first == second {
		t.Errorf("the secret before answers %d, the new one %d; want both to open", a, b)
	}
	o.shows(o.post(path+"/rotate", 409, url.Values{"csrf": {token}, "hours": {"24"}}), "That is not possible", "was rotated")
	o.now = o.now.Add(25 * time.Hour)
	token = csrf.FindStringSubmatch(o.post("/admin/sign-in", 200, url.Values{"password": {password}}))[1]
	if a, b := o.asks(first), o.asks(second); a != 401 || b != 404 {
		t.Errorf("a day later the secret before answers %d, the new one %d; want 401 and 404", a, b)
	}

	o.shows(o.post(path+"/revoke", 200, url.Values{"csrf": {token}}), "The key is revoked", "Revoked")
	if got := o.asks(second); got != 401 {
		t.Errorf("a revoked key answers %d", got)
	}
	if page := o.get(path, 200); strings.Contains(page, "/rotate") || strings.Contains(page, "/revoke") {
		t.Error("what is revoked can be rotated or revoked")
	}
	acts, _, err := o.dues.Acts(t.Context(), service.ActFilter{}, service.Page{Limit: 10})
	if err != nil || len(acts) != 6 {
		t.Fatalf("%d lines in the audit log, %v; want one of each change and of both sign-ins", len(acts), err)
	}
}

func TestAKeyThatCannotBeMadeSaysWhyBesideWhatWasEntered(t *testing.T) {
	t.Parallel()
	o := open(t, password)
	token := csrf.FindStringSubmatch(o.post("/admin/sign-in", 200, url.Values{"password": {password}}))[1]
	page := o.post("/admin/keys", 400, url.Values{"csrf": {token}, "name": {"backend"}, "days": {"30"}})
	o.shows(page, "No key was made", "needs a scope or more", `value="backend"`, `value="30" selected`)
	page = o.post("/admin/keys", 400, url.Values{"csrf": {token}, "name": {" "}, "scope": {"admin"}})
	o.shows(page, "says what the key is for", `value="admin" checked`)
	o.shows(o.post("/admin/keys", 400, url.Values{"csrf": {token}, "name": {"backend"}, "scope": {"everything"}}), "there is no scope")
	for _, days := range []string{"0", "soon", "-1", "99999"} {
		o.post("/admin/keys", 400, url.Values{"csrf": {token}, "name": {"backend"}, "scope": {"admin"}, "days": {days}})
	}
	o.post("/admin/keys", 403, url.Values{"name": {"backend"}, "scope": {"admin"}})
	o.shows(o.get("/admin/keys/key_none", 404), "It is not there any more")
	o.post("/admin/keys/key_none/revoke", 404, url.Values{"csrf": {token}})
	o.post("/admin/keys/key_none/rotate", 400, url.Values{"csrf": {token}, "hours": {"many"}})
	o.shows(o.get("/admin/keys", 200), "No key was made yet")
}

func TestThePageOfOwedPaymentsIsThereWhenNobodyOwes(t *testing.T) {
	t.Parallel()
	o := open(t, password)
	o.post("/admin/sign-in", 200, url.Values{"password": {password}})
	o.shows(o.get("/admin/dunning", 200), "Payments owed", "Nobody owes a payment")
	o.shows(o.get("/admin/dunning?after=made-up", 400), "That is not possible")
}
