package httpapi_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"

	"github.com/dues-billing/dues"
)

// The account is the organisation that a member's token names in a claim of its own, and its members share what it has bought.
//
// Features: 5.
func TestAnAccountCanBeAnOrganisationOfManyPeople(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *dues.Config) { c.JWT.Claim = "org" })
	w.want(http.StatusCreated, request{method: "POST", path: "/v1/accounts", credential: serverKey,
		body: map[string]string{"id": "org:acme/7", "email": "billing@acme.example", "name": "Acme"}})
	member := func(person, org string) string {
		return token(t, person, func(c jwt.MapClaims) { c["org"] = org })
	}
	for _, person := range []string{"ada", "bob"} {
		got := w.send(request{method: "GET", path: "/v1/me", credential: member(person, "org:acme/7")})
		if got.status != http.StatusOK || !strings.Contains(string(got.body), `"org:acme/7"`) {
			t.Errorf("%s is answered %d: %s; want the organisation's account", person, got.status, got.body)
		}
	}
	w.want(http.StatusNotFound, request{method: "GET", path: "/v1/me", credential: member("ada", "org:other")})
	w.want(http.StatusUnauthorized, request{method: "GET", path: "/v1/me", credential: token(t, "org:acme/7")})
}
