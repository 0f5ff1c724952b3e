package httpapi_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"

	"github.com/dues-billing/dues"
)

// Features: 100.
func TestAMemberLooksAndAnOwnerSpends(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *dues.Config) { c.JWT.RoleClaim = "role" })
	w.signUp("ada")
	role := func(value any) string { return token(t, "ada", func(c jwt.MapClaims) { c["role"] = value }) }
	var document struct {
		Paths map[string]map[string]json.RawMessage
	}
	if err := json.Unmarshal(w.want(http.StatusOK, request{method: "GET", path: "/openapi.json"}).body, &document); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		credential string
		owner      bool
	}{
		"an owner": {role("owner"), true}, "a member": {role("member"), false}, "a role that Dues does not know": {role("root"), false},
		"another spelling": {role("Owner"), false}, "no text": {role([]string{"owner"}), false}, "no role": {token(t, "ada"), false},
	} {
		asked := 0
		for path, methods := range document.Paths {
			for method := range methods {
				if !strings.HasPrefix(path, "/v1/me") {
					continue
				}
				asked++
				looks := method == "get" || path == "/v1/me/check" || path == "/v1/me/preview"
				path := strings.NewReplacer("{method}", "pm_1", "{asset}", "handbook").Replace(path)
				for range 2 { // the second time from memory
					got := w.send(request{method: strings.ToUpper(method), path: path, credential: c.credential, body: `{"nothing":1}`})
					if refused := got.status == http.StatusForbidden; refused != (!c.owner && !looks) {
						t.Errorf("%s: %s %s answers %d %s", name, method, path, got.status, got.body)
					}
				}
			}
		}
		if asked < 20 {
			t.Errorf("only %d operations were asked for", asked)
		}
	}
}
