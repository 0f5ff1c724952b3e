package httpapi_test

import (
	"strings"
	"testing"

	"github.com/dues-billing/dues"
	"github.com/dues-billing/dues/catalog"
)

// Features: 89.
func TestAServerGivesSeatsToPeople(t *testing.T) {
	t.Parallel()
	sold, err := catalog.Parse([]byte(strings.NewReplacer("features: {projects: 3}", "features: {projects: 3, seats: 1}", "features:\n", "features:\n  - {id: seats, name: Seats, type: limit}\n").
		Replace(string(catalog.DefaultFile()))))
	if err != nil {
		t.Fatal(err)
	}
	s := &script{world: newWorld(t, func(c *dues.Config) { c.Catalog = sold })}
	s.signUp("ada")
	path := "/v1/accounts/ada/seats"
	s.do(request{method: "POST", path: path, credential: serverKey, body: map[string]any{"holder": "bob"}})
	s.do(request{method: "POST", path: path, credential: serverKey, body: map[string]any{"holder": "eve"}})
	s.do(request{method: "POST", path: path + "/release", credential: serverKey, body: map[string]any{"holder": "eve"}})
	s.do(request{method: "POST", path: path + "/release", credential: serverKey, body: map[string]any{"holder": "bob"}})
	s.do(request{method: "GET", path: "/v1/me/seats", credential: token(t, "ada")})
	s.check("seats")
	for _, at := range []string{path, path + "/release"} {
		bad := append(bodies("POST", at, serverKey, `{"holder":"bob"}`), fields("POST", at, serverKey, "holder", put(map[string]string{"holder": "bob"}, "holder"))...)
		for _, c := range bad {
			checkProblem(t, c, s.send(c.req))
		}
	}
}
