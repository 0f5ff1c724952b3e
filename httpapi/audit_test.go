package httpapi_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"

	"github.com/dues-billing/dues"
	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// acts are the lines of the audit log as the API has them, oldest first.
func (w *world) acts(query string) (lines []string) {
	w.t.Helper()
	reader := w.keyFor(billing.AuditRead)
	var log struct {
		Acts []struct {
			Kind, Who, Action, Account, Object, Outcome string
			Request                                     string `json:"request_id"`
		}
	}
	if err := json.Unmarshal(w.want(http.StatusOK, request{method: "GET", path: "/v1/audit" + query, credential: reader.Secret}).body, &log); err != nil {
		w.t.Fatal(err)
	}
	for _, a := range slices.Backward(log.Acts) {
		if a.Request != "test" {
			w.t.Errorf("%s has the request %q", a.Action, a.Request)
		}
		lines = append(lines, fmt.Sprintf("%s:%s %s %s/%s %s", a.Kind, a.Who, a.Action, a.Account, a.Object, a.Outcome))
	}
	return lines
}

func TestWhoeverChangesSomethingIsInTheLogOnceAndWhoDoesNotIsNot(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *dues.Config) { c.JWT.Claim = "org" })
	person := token(t, "grace", func(c jwt.MapClaims) { c["org"] = "ada" })
	key := w.keyFor(billing.Admin)
	as := func(credential, method, path string, body any, status int, header ...string) answer {
		t.Helper()
		r := request{method: method, path: path, credential: credential, body: body}
		if len(header) > 0 {
			r.header = http.Header{header[0]: {header[1]}}
		}
		return w.want(status, r)
	}
	as(serverKey, "POST", "/v1/accounts", map[string]string{"id": "ada", "email": "ada@example.com"}, 201)
	for range 2 { // the second time it is answered from before
		as(key.Secret, "POST", "/v1/accounts/ada/seats", map[string]string{"holder": "bob@example.com"}, 409, "Idempotency-Key", "seat")
		as(key.Secret, "POST", "/v1/accounts/ada/grants", map[string]any{"feature": "projects", "limit": 2}, 201, "Idempotency-Key", "grant")
	}
	as(person, "POST", "/v1/me/portal", map[string]string{"return_url": "https://app.example.com/account"}, 200)
	as(operatorKey, "POST", "/v1/events/retry", map[string]string{}, 200)
	var issued struct{ Key struct{ ID string } }
	if err := json.Unmarshal(as(key.Secret, "POST", "/v1/keys", map[string]any{"name": "web", "scopes": []string{"usage:write"}}, 201).body, &issued); err != nil {
		t.Fatal(err)
	}
	as(key.Secret, "DELETE", "/v1/keys/"+issued.Key.ID, nil, 200)
	as(person, "POST", "/v1/me/cancel", map[string]string{"when": "period_end"}, 409)
	// What changes nothing.
	as(person, "GET", "/v1/me", nil, 200)
	as(person, "POST", "/v1/me/check", map[string]any{"checks": []any{map[string]string{"feature": "projects"}}}, 200)
	as(person, "POST", "/v1/me/cancel", `{"nothing":1}`, 400)
	as(person, "DELETE", "/v1/me/payment-methods/pm_none", nil, 404)
	as(person, "POST", "/v1/accounts", map[string]string{"id": "eve"}, 403)
	as("nobody", "POST", "/v1/accounts", map[string]string{"id": "eve"}, 401)

	by := "key:" + string(key.ID)
	grant := w.grantOf("ada")
	want := []string{
		"server:1 createAccount ada/ done",
		by + " assignSeat ada/ refused",
		by + " accountGrant ada/" + grant + " done",
		by + " assignSeat ada/ refused",
		"user:grace portal ada/ done",
		"operator:1 retryEvents / done",
		by + " createKey /" + issued.Key.ID + " done",
		by + " revokeKey /" + issued.Key.ID + " done",
		"user:grace cancel ada/ refused",
	}
	if got := w.acts(""); !slices.Equal(got, want) {
		t.Errorf("the log has\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if got := w.acts("?account=ada&kind=user"); !slices.Equal(got, []string{want[4], want[8]}) {
		t.Errorf("of ada's people it has %q", got)
	}
	as(serverKey, "DELETE", "/v1/accounts/ada", nil, 200)
	want = []string{
		"server:1 createAccount ada/ done", by + " assignSeat ada/ refused", by + " accountGrant ada/ done", by + " assignSeat ada/ refused",
		"user: portal ada/ done", "user: cancel ada/ refused", "server:1 deleteAccount ada/ done",
	}
	if got := w.acts("?account=ada"); !slices.Equal(got, want) {
		t.Errorf("of the deleted account it has %q, want %q", got, want)
	}
	as(key.Secret, "GET", "/v1/audit?kind=somebody", nil, 400)
	as(key.Secret, "GET", "/v1/audit?actor=ada", nil, 400)
}

func (w *world) grantOf(account billing.AccountID) string {
	w.t.Helper()
	all, err := w.dues.Grants(w.t.Context(), account)
	if err != nil || len(all) != 1 {
		w.t.Fatalf("grants %v, %v", all, err)
	}
	return string(all[0].ID)
}

// A change of which nobody could say afterwards who made it is not made.
func TestWithoutALineInTheLogNothingIsChanged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.signUp("ada")
	key, err := w.dues.CreateKey(t.Context(), service.NewKey{Name: "web", Scopes: []billing.Scope{billing.GrantsWrite}})
	if err != nil {
		t.Fatal(err)
	}
	w.want(http.StatusBadRequest, request{method: "POST", path: "/v1/accounts/ada/grants", credential: key.Secret, body: map[string]string{}}) // it is known by now
	if err := w.dues.Close(); err != nil {
		t.Fatal(err)
	}
	if got := w.send(request{method: "POST", path: "/v1/accounts/ada/grants", credential: key.Secret, body: map[string]any{"feature": "projects", "limit": 2}}); got.status < 500 {
		t.Errorf("without a database: %d %s", got.status, got.body)
	}
}
