package httpapi_test

import (
	"crypto/ed25519"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dues-billing/dues"
	"github.com/dues-billing/dues/internal/testenv"
	"github.com/dues-billing/dues/license"
)

func TestATokenOfEntitlementsIsCheckedByTheKeysThatArePublished(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *dues.Config) {
		c.Licenses.Key = ed25519.NewKeyFromSeed([]byte(strings.Repeat("k", ed25519.SeedSize)))
	})
	ada := w.premium("ada")
	published := w.want(http.StatusOK, request{method: "GET", path: "/.well-known/jwks.json"})
	keys, err := license.ParseJWKS(published.body)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"Content-Type": "application/jwk-set+json", "Cache-Control": "public, max-age=300", "Access-Control-Allow-Origin": "*"} {
		if got := published.header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	for _, r := range []request{
		{method: "GET", path: "/v1/me/entitlements/token", credential: ada},
		{method: "GET", path: "/v1/accounts/ada/entitlements/token", credential: serverKey},
	} {
		var answer struct {
			Token  string
			EndsAt time.Time `json:"ends_at"`
		}
		if err := json.Unmarshal(w.want(http.StatusOK, r).body, &answer); err != nil {
			t.Fatal(err)
		}
		may, err := keys.VerifyEntitlements(answer.Token, w.url, start)
		if err != nil || may.Account != "ada" || may.Plan != "premium" || !may.EndsAt.Equal(answer.EndsAt) || !may.EndsAt.Equal(start.Add(15*time.Minute)) {
			t.Errorf("%s: %+v, %v", r.path, may, err)
		}
		w.want(http.StatusUnauthorized, request{method: "GET", path: "/v1/me", credential: answer.Token}) // it opens nothing here
		w.want(http.StatusUnauthorized, request{method: "GET", path: "/v1/accounts/ada", credential: answer.Token})
	}
	w.want(http.StatusNotFound, request{method: "GET", path: "/v1/accounts/bob/entitlements/token", credential: serverKey})
	w.want(http.StatusNotFound, request{method: "GET", path: "/v1/accounts/bob/entitlements/token", credential: ada})
	w.want(http.StatusUnauthorized, request{method: "GET", path: "/v1/me/entitlements/token"})

	none := newWorld(t)
	none.signUp("ada")
	none.want(http.StatusConflict, request{method: "GET", path: "/v1/me/entitlements/token", credential: token(t, "ada")})
	if got := none.want(http.StatusOK, request{method: "GET", path: "/.well-known/jwks.json"}); string(got.body) != `{"keys":[]}` {
		t.Errorf("without a key, published is %s", got.body)
	}
}

func TestTheCheckInTheDocumentationTakesWhatDuesSignsAndNothingElse(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../docs/entitlement-tokens.md")
	if err != nil {
		t.Fatal(err)
	}
	_, code, found := strings.Cut(string(text), "```js\n")
	code, _, ended := strings.Cut(code, "```\n")
	if !found || !ended {
		t.Fatal("the documentation has no check")
	}
	file := filepath.Join(t.TempDir(), "check.mjs")
	if err := os.WriteFile(file, []byte(code), 0o600); err != nil {
		t.Fatal(err)
	}
	key := ed25519.NewKeyFromSeed([]byte(strings.Repeat("k", ed25519.SeedSize)))
	w := newWorld(t, func(c *dues.Config) { c.Licenses.Key = key })
	now := time.Now() // Node's clock is the machine's
	sign := func(key ed25519.PrivateKey, issuer string, ends time.Time) string {
		token, err := license.SignEntitlements(key, license.Entitlements{
			Issuer: issuer, Account: "ada", Plan: "premium", Level: "full", Features: map[string]license.Feature{"export": {}, "projects": {Limit: 3}},
			IssuedAt: now, EndsAt: ends,
		})
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	good := sign(key, w.url, now.Add(time.Hour))
	header, rest, _ := strings.Cut(good, ".")
	for name, c := range map[string]struct{ token, says string }{
		"a good one":        {good, "ada is on premium, may export: true, projects: 3"},
		"expired":           {sign(key, w.url, now), ""},
		"of another issuer": {sign(key, "https://other.example.com", now.Add(time.Hour)), ""},
		"by another key":    {sign(ed25519.NewKeyFromSeed([]byte(strings.Repeat("x", 32))), w.url, now.Add(time.Hour)), ""},
		"changed":           {header + "." + "e30" + strings.TrimLeft(rest, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"), ""},
		"no token":          {"nonsense", ""},
	} {
		node := exec.CommandContext(t.Context(), testenv.Node(t), file, c.token)
		node.Env = []string{"DUES_URL=" + w.url}
		out, err := node.CombinedOutput()
		if good := c.says != ""; (err == nil) != good || good && strings.TrimSpace(string(out)) != c.says {
			t.Errorf("%s: %v: %s", name, err, out)
		}
	}
}
