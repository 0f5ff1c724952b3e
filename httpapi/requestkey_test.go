package httpapi_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/golang-jwt/jwt/v5"
)

func withKey(r request, keys ...string) request {
	r.header = http.Header{"Idempotency-Key": keys}
	return r
}

// given is how many grants ada has: a request that gives one makes one more each time it happens.
func (w *world) given() int {
	w.t.Helper()
	var list struct{ Grants []struct{ ID string } }
	got := w.want(http.StatusOK, request{method: "GET", path: "/v1/accounts/ada/grants", credential: serverKey})
	if err := json.Unmarshal(got.body, &list); err != nil {
		w.t.Fatal(err)
	}
	return len(list.Grants)
}

var giveGrant = request{method: "POST", path: "/v1/accounts/ada/grants", credential: serverKey, body: `{"feature":"export"}`}

// Features: 101.
func TestARequestWithAnIdempotencyKeyHappensOnceAndIsAnsweredAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.signUp("ada")
	var answers [100]answer
	var all sync.WaitGroup
	for i := range answers {
		all.Go(func() { answers[i] = w.send(withKey(giveGrant, "grant-1")) })
	}
	all.Wait()
	again := w.want(http.StatusCreated, withKey(giveGrant, "grant-1"))
	if again.header.Get("Idempotent-Replayed") != "true" || again.header.Get("Content-Type") != "application/json" {
		t.Errorf("an answer that is given again has the headers %v", again.header)
	}
	fresh := 0
	for _, got := range answers {
		switch {
		case got.status == http.StatusConflict: // while the first was under way
			checkProblem(t, refusal{"under way", giveGrant, 409, "Idempotency-Key"}, got)
		case got.status != http.StatusCreated || string(got.body) != string(again.body):
			t.Errorf("got %d %s, want 201 %s", got.status, got.body, again.body)
		case got.header.Get("Idempotent-Replayed") == "":
			fresh++
		}
	}
	if n := w.given(); n != 1 || fresh != 1 {
		t.Errorf("100 requests with one key gave %d grants, %d of them as the first; want one", n, fresh)
	}
	w.want(http.StatusCreated, withKey(giveGrant, "grant-2"))
	w.want(http.StatusCreated, giveGrant)
	if n := w.given(); n != 3 {
		t.Errorf("with another key and without one there are %d grants, want 3", n)
	}
}

// Features: 101.
func TestAnIdempotencyKeyIsOfOneRequestAndOneCaller(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.signUp("ada")
	w.signUp("bob")
	w.want(http.StatusCreated, withKey(giveGrant, "k"))
	for name, other := range map[string]request{
		"another body":   {method: "POST", path: giveGrant.path, credential: serverKey, body: `{"feature":"export","note":"again"}`},
		"another path":   {method: "POST", path: "/v1/accounts/bob/grants", credential: serverKey, body: giveGrant.body},
		"another query":  {method: "POST", path: giveGrant.path + "?a=b", credential: serverKey, body: giveGrant.body},
		"another method": {method: "DELETE", path: "/v1/accounts/ada/grants/grant_1", credential: serverKey},
	} {
		checkProblem(t, refusal{name, other, 400, "Idempotency-Key"}, w.send(withKey(other, "k")))
	}
	if n := w.given(); n != 1 {
		t.Errorf("other requests under the key left %d grants, want 1", n)
	}
	ask := request{method: "POST", path: "/v1/me/portal", body: map[string]any{"return_url": "https://app.example.com/billing"}}
	var first []string
	for _, who := range []string{"ada", "bob"} {
		ask.credential = token(t, who)
		got := w.want(http.StatusOK, withKey(ask, "k"))
		if got.header.Get("Idempotent-Replayed") != "" {
			t.Errorf("%s is answered what somebody else asked", who)
		}
		ask.credential = token(t, who, func(c jwt.MapClaims) { c["jti"] = "another token of the same" })
		if again := w.want(http.StatusOK, withKey(ask, "k")); again.header.Get("Idempotent-Replayed") != "true" || string(again.body) != string(got.body) {
			t.Errorf("%s asks again and gets %s, want %s", who, again.body, got.body)
		}
		first = append(first, string(got.body))
	}
	if first[0] == first[1] {
		t.Error("two users got one page")
	}
	// Who may not ask is told nothing of what was answered.
	giveAsUser := giveGrant
	giveAsUser.credential = "sk_dues_of_somebody_else"
	w.want(http.StatusUnauthorized, withKey(giveAsUser, "k"))
}

// What failed has changed nothing, so its key is free: mended, or when the reason is gone, the request may come again under it.
func TestAnIdempotencyKeyIsFreeAfterAFailure(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.want(http.StatusNotFound, withKey(giveGrant, "k"))
	w.signUp("ada")
	bad := giveGrant
	bad.body = `{"feature":"no such"}`
	w.want(http.StatusBadRequest, withKey(bad, "k"))
	if got := w.want(http.StatusCreated, withKey(giveGrant, "k")); got.header.Get("Idempotent-Replayed") != "" {
		t.Error("a failure was kept")
	}
	var made struct{ ID string }
	if err := json.Unmarshal(w.want(http.StatusCreated, withKey(giveGrant, "k")).body, &made); err != nil {
		t.Fatal(err)
	}
	end := request{method: "DELETE", path: "/v1/accounts/ada/grants/" + made.ID, credential: serverKey}
	w.want(http.StatusOK, withKey(end, "end"))
	if got := w.want(http.StatusOK, withKey(end, "end")); got.header.Get("Idempotent-Replayed") != "true" {
		t.Error("a DELETE is carried out again")
	}
}

func TestAnIdempotencyKeyThatCannotBeOneIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.signUp("ada")
	large := giveGrant
	large.body = fmt.Sprintf(`{"note":%q}`, strings.Repeat("a", megabyte))
	for _, c := range []refusal{
		{"empty", withKey(giveGrant, ""), 400, "Idempotency-Key"},
		{"too long", withKey(giveGrant, strings.Repeat("k", 256)), 400, "Idempotency-Key"},
		{"not ASCII", withKey(giveGrant, "schlüssel"), 400, "Idempotency-Key"},
		{"with a tab", withKey(giveGrant, "a\tb"), 400, "Idempotency-Key"},
		{"two of them", withKey(giveGrant, "a", "b"), 400, "Idempotency-Key"},
		{"a body over 1 MB", withKey(large, "a"), 413, ""},
	} {
		checkProblem(t, c, w.send(c.req))
	}
	if n := w.given(); n != 0 {
		t.Errorf("refused requests gave %d grants", n)
	}
	w.want(http.StatusCreated, withKey(giveGrant, strings.Repeat("k", 255)))
}
