package adminui_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// cookieOf signs in from a browser that has a cookie already, or none, and returns the one that it has then.
func (o *operator) cookieOf(before string) *http.Cookie {
	o.t.Helper()
	req, err := http.NewRequestWithContext(o.t.Context(), http.MethodPost, o.base+"/admin/sign-in", strings.NewReader(url.Values{"password": {password}}.Encode()))
	if err != nil {
		o.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("X-Forwarded-Proto", "https")
	if before != "" {
		req.AddCookie(&http.Cookie{Name: "dues_admin", Value: before})
	}
	resp, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
	if err != nil {
		o.t.Fatal(err)
	}
	defer resp.Body.Close()
	if len(resp.Cookies()) != 1 {
		o.t.Fatalf("%s with %d cookies", resp.Status, len(resp.Cookies()))
	}
	return resp.Cookies()[0]
}

// opens reports whether a cookie lets somebody in.
func (o *operator) opens(cookie string) bool {
	o.t.Helper()
	req, err := http.NewRequestWithContext(o.t.Context(), http.MethodGet, o.base+"/admin/", nil)
	if err != nil {
		o.t.Fatal(err)
	}
	req.AddCookie(&http.Cookie{Name: "dues_admin", Value: cookie})
	resp, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
	if err != nil {
		o.t.Fatal(err)
	}
	defer resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

func TestASessionIsMadeByWhoSignsInAndByNobodyElse(t *testing.T) {
	t.Parallel()
	o := open(t, password)
	planted := strings.Repeat("a", 52)
	if o.opens(planted) {
		t.Fatal("a session that somebody made up lets in")
	}
	first, second := o.cookieOf(planted), o.cookieOf("")
	if first.Value == planted || o.opens(planted) {
		t.Error("signing in took on the session that was planted before")
	}
	if first.Value == second.Value {
		t.Error("two sign-ins in one second are one session")
	}
	if !o.opens(first.Value) || !o.opens(second.Value) {
		t.Error("a session does not let in")
	}
	if o.opens(first.Value+"0") || o.opens(first.Value[1:]) || o.opens(strings.ToUpper(first.Value)) || o.opens(string(o.sessions()[0].ID)) {
		t.Error("what is no session lets in, or what the database keeps of one")
	}
	if !first.HttpOnly || !first.Secure || first.SameSite != http.SameSiteStrictMode || first.Path != "/admin" || first.Domain != "" {
		t.Errorf("the cookie is for more than it has to be: %+v", first)
	}
}
