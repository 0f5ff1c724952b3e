package httpapi_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/dues-billing/dues"
	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/httpapi"
)

func TestWhoAsksTooMuchIsToldWhenToComeAgain(t *testing.T) {
	t.Parallel()
	var passed atomic.Int64
	w := newWorld(t, func(c *dues.Config) {
		c.Limits = httpapi.Limits{Key: 4, Account: 2, Changes: 1}
		c.Clock.Wall = func() time.Time { return start.Add(time.Duration(passed.Load())) }
	})
	w.signUp("ada")
	w.signUp("bob")
	ada, key := token(t, "ada"), w.keyFor(billing.AccountsRead)
	until := func(n int, r request) answer {
		t.Helper()
		for range n {
			w.want(http.StatusOK, r)
		}
		got := w.want(http.StatusTooManyRequests, r)
		var problem struct{ Code string }
		if json.Unmarshal(got.body, &problem) != nil || problem.Code != "too_many_requests" || got.header.Get("Retry-After") != "1" {
			t.Errorf("%s: %s %v", r.path, got.body, got.header)
		}
		return got
	}
	got := until(20, request{method: "GET", path: "/v1/me", credential: ada})
	if policy := got.header.Get("RateLimit-Policy"); policy != `"account";q=20;w=10` {
		t.Errorf("the policy is %s", policy)
	}
	until(0, request{method: "GET", path: "/v1/accounts/ada", credential: key.Secret}) // about the same account
	until(20, request{method: "GET", path: "/v1/accounts/bob", credential: key.Secret})
	until(0, request{method: "GET", path: "/v1/accounts/bob", credential: serverKey}) // another key, and the same account
	passed.Store(int64(time.Second))
	until(2, request{method: "GET", path: "/v1/me", credential: ada})

	passed.Store(int64(time.Hour))
	bob := token(t, "bob", func(c jwt.MapClaims) { c["exp"] = start.Add(2 * time.Hour).Unix() })
	for range 10 {
		w.want(http.StatusBadRequest, request{method: "POST", path: "/v1/me/cancel", credential: bob, body: `{"nothing":1}`})
	}
	w.want(http.StatusTooManyRequests, request{method: "POST", path: "/v1/me/cancel", credential: bob, body: `{"nothing":1}`})
	w.want(http.StatusOK, request{method: "GET", path: "/v1/me", credential: bob})
	for range 100 { // what nobody signed costs nobody anything
		w.want(http.StatusUnauthorized, request{method: "GET", path: "/v1/accounts/ada", credential: "dues_nothing"})
	}
	w.want(http.StatusOK, request{method: "GET", path: "/v1/accounts/ada", credential: serverKey})

	passed.Store(int64(2 * time.Hour))
	for n := range 40 { // one key about many accounts
		w.want(http.StatusNotFound, request{method: "GET", path: fmt.Sprint("/v1/accounts/nobody-", n), credential: key.Secret})
	}
	got = w.want(http.StatusTooManyRequests, request{method: "GET", path: "/v1/accounts/nobody", credential: key.Secret})
	if limit := got.header.Get("RateLimit"); limit != `"key";r=0;t=1` {
		t.Errorf("the limit is %s", limit)
	}
}
