package httpapi_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"log/slog"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/dues-billing/dues"
	"github.com/dues-billing/dues/httpapi"
	"github.com/dues-billing/dues/service"
)

// Rows: D3.
// Features: 98.
func TestATokenMustBeOursForUsAndFresh(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.signUp("ada")
	set := func(claim string, value any) func(jwt.MapClaims) { return func(c jwt.MapClaims) { c[claim] = value } }
	unset := func(claim string) func(jwt.MapClaims) { return func(c jwt.MapClaims) { delete(c, claim) } }
	foreign, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{"sub": "ada", "iss": issuer, "aud": audience, "exp": start.Add(time.Minute).Unix()}).
		SignedString([]byte("the secret of somebody else, as long"))
	if err != nil {
		t.Fatal(err)
	}
	good := token(t, "ada")
	parts := strings.Split(good, ".")
	none := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","typ":"JWT"}`))
	for name, c := range map[string]struct {
		token  string
		status int
	}{
		"a good one":                   {good, 200},
		"for several audiences":        {token(t, "ada", set("aud", []string{"other", audience})), 200},
		"expired within the leeway":    {token(t, "ada", set("exp", start.Add(-20*time.Second).Unix())), 200},
		"of an account never made":     {token(t, "bob"), 404},
		"signed by somebody else":      {foreign, 401},
		"expired":                      {token(t, "ada", set("exp", start.Add(-time.Minute).Unix())), 401},
		"without expiry":               {token(t, "ada", unset("exp")), 401},
		"not valid yet":                {token(t, "ada", set("nbf", start.Add(time.Hour).Unix())), 401},
		"for another audience":         {token(t, "ada", set("aud", "other")), 401},
		"without audience":             {token(t, "ada", unset("aud")), 401},
		"by another issuer":            {token(t, "ada", set("iss", "https://evil.example.com")), 401},
		"without issuer":               {token(t, "ada", unset("iss")), 401},
		"without account":              {token(t, "ada", unset("sub")), 401},
		"with a number as account":     {token(t, "ada", set("sub", 7)), 401},
		"with an empty account":        {token(t, ""), 401},
		"alg none, no signature":       {none + "." + parts[1] + ".", 401},
		"alg none, the old signature":  {none + "." + parts[1] + "." + parts[2], 401},
		"another body, old signature":  {parts[0] + "." + base64.RawURLEncoding.EncodeToString([]byte(`{"sub":"bob"}`)) + "." + parts[2], 401},
		"no JWT":                       {"nonsense", 401},
		"a server key":                 {serverKey, 401},
		"a server key in a token form": {serverKey + ".a.b", 401},
	} {
		for _, path := range []string{"/v1/me", "/v1/plans", "/v1/me/licenses", "/v1/me/invoices", "/v1/me/entitlements"} {
			if got := w.send(request{method: "GET", path: path, credential: c.token}); got.status != c.status {
				t.Errorf("%s, token %s: got %d, want %d: %s", path, name, got.status, c.status, got.body)
			}
		}
	}
}

// Rows: D3.
// Features: 99.
func TestEachAudienceStaysOnItsSide(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.signUp("ada")
	w.signUp("bob")
	ada := token(t, "ada")
	for _, c := range []struct {
		name, method, path, credential string
		status                         int
	}{
		{"nobody reads an account", "GET", "/v1/accounts/ada", "", 401},
		{"nobody makes an account", "POST", "/v1/accounts", "", 401},
		{"nobody is somebody", "GET", "/v1/me", "", 401},
		{"a wrong server key", "GET", "/v1/accounts/ada", serverKey + "x", 401},
		{"the beginning of the server key", "GET", "/v1/accounts/ada", serverKey[:10], 401},
		{"an end user does not find another account", "GET", "/v1/accounts/bob", ada, 404},
		{"nor what it may use", "GET", "/v1/accounts/bob/entitlements", ada, 404},
		{"nor one that does not exist", "GET", "/v1/accounts/nobody", ada, 404},
		{"nor himself among the servers' routes", "GET", "/v1/accounts/ada", ada, 404},
		{"an end user makes no account", "POST", "/v1/accounts", ada, 403},
		{"a server key is nobody's token", "GET", "/v1/me", serverKey, 401},
		{"nor buys", "POST", "/v1/me/checkout", serverKey, 401},
		{"nor opens a portal", "POST", "/v1/me/portal", serverKey, 401},
		{"nobody sees events", "GET", "/v1/events", "", 401},
		{"nor with a wrong key", "GET", "/v1/events", operatorKey + "x", 401},
		{"a server sees no events", "GET", "/v1/events", serverKey, 403},
		{"nor one that does not exist", "GET", "/v1/events/evt_1", serverKey, 403},
		{"nor retries any", "POST", "/v1/events/retry", serverKey, 403},
		{"nor one", "POST", "/v1/events/evt_1/retry", serverKey, 403},
		{"a server sees no effects", "GET", "/v1/effects", serverKey, 403},
		{"nor one that does not exist", "GET", "/v1/effects/welcome:ada", serverKey, 403},
		{"nor retries any", "POST", "/v1/effects/retry", serverKey, 403},
		{"nor one", "POST", "/v1/effects/welcome:ada/retry", serverKey, 403},
		{"an end user sees no events", "GET", "/v1/events", ada, 403},
		{"nor one", "GET", "/v1/events/evt_1", ada, 403},
		{"nor how one came", "GET", "/v1/events/evt_1/delivery", ada, 403},
		{"nor retries effects", "POST", "/v1/effects/retry", ada, 403},
		{"an operator is no server", "GET", "/v1/accounts/ada", operatorKey, 403},
		{"nor makes accounts", "POST", "/v1/accounts", operatorKey, 403},
		{"nor is an end user", "GET", "/v1/me", operatorKey, 401},
	} {
		if got := w.send(request{method: c.method, path: c.path, credential: c.credential}); got.status != c.status {
			t.Errorf("%s: got %d, want %d: %s", c.name, got.status, c.status, got.body)
		}
	}
	basic := w.send(request{method: "GET", path: "/v1/accounts/ada", header: http.Header{"Authorization": {"Basic " + serverKey}}})
	if basic.status != http.StatusUnauthorized {
		t.Errorf("Basic instead of Bearer: got %d, want 401", basic.status)
	}
}

// Rows: D3.
func TestAPublicKeyIsNeverASecret(t *testing.T) {
	t.Parallel()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	public := publicPEM(t, &key.PublicKey)
	w := newWorld(t, func(c *dues.Config) {
		c.JWT = httpapi.JWT{Algorithm: "RS256", Key: public, Issuer: issuer, Audience: audience, Claim: "account"}
	})
	w.signUp("ada")
	claims := jwt.MapClaims{"account": "ada", "iss": issuer, "aud": audience, "exp": start.Add(time.Minute).Unix()}
	sign := func(method jwt.SigningMethod, key any) string {
		signed, err := jwt.NewWithClaims(method, claims).SignedString(key)
		if err != nil {
			t.Fatal(err)
		}
		return signed
	}
	w.want(http.StatusOK, request{method: "GET", path: "/v1/me", credential: sign(jwt.SigningMethodRS256, key)})
	w.want(http.StatusUnauthorized, request{method: "GET", path: "/v1/me", credential: sign(jwt.SigningMethodHS256, public)})
	w.want(http.StatusUnauthorized, request{method: "GET", path: "/v1/me", credential: sign(jwt.SigningMethodRS512, key)})
}

// Rows: D3.
// Features: 98.
func TestKeysComeFromTheJWKS(t *testing.T) {
	t.Parallel()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	published := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		coordinate := func(n *big.Int) string { return base64.RawURLEncoding.EncodeToString(n.FillBytes(make([]byte, 32))) }
		_ = json.NewEncoder(w).Encode(map[string]any{"keys": []any{map[string]string{
			"kty": "EC", "crv": "P-256", "kid": "2027", "alg": "ES256", "use": "sig", "x": coordinate(key.X), "y": coordinate(key.Y),
		}}})
	}))
	t.Cleanup(published.Close)
	w := newWorld(t, func(c *dues.Config) {
		c.JWT = httpapi.JWT{Algorithm: "ES256", JWKSURL: published.URL, Issuer: issuer, Audience: audience}
	})
	w.signUp("ada")
	sign := func(kid string) string {
		token := jwt.NewWithClaims(jwt.SigningMethodES256, jwt.MapClaims{"sub": "ada", "iss": issuer, "aud": audience, "exp": start.Add(time.Minute).Unix()})
		token.Header["kid"] = kid
		signed, err := token.SignedString(key)
		if err != nil {
			t.Fatal(err)
		}
		return signed
	}
	w.want(http.StatusOK, request{method: "GET", path: "/v1/me", credential: sign("2027")})
	for range 3 { // the second has no fetch left to wait for, and is refused at once
		w.want(http.StatusUnauthorized, request{method: "GET", path: "/v1/me", credential: sign("2028")})
	}
}

func TestAConfigThatLeavesADoorOpenIsRefused(t *testing.T) {
	t.Parallel()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	public := publicPEM(t, &key.PublicKey)
	long := []byte(secret)
	for name, c := range map[string]httpapi.JWT{
		"no algorithm":              {Key: long, Issuer: issuer, Audience: audience},
		"alg none":                  {Algorithm: "none", Key: long, Issuer: issuer, Audience: audience},
		"no key":                    {Algorithm: "HS256", Issuer: issuer, Audience: audience},
		"two keys":                  {Algorithm: "RS256", Key: public, JWKSURL: "https://example.com", Issuer: issuer, Audience: audience},
		"a short secret":            {Algorithm: "HS256", Key: []byte("short"), Issuer: issuer, Audience: audience},
		"a public key as a secret":  {Algorithm: "HS256", Key: public, Issuer: issuer, Audience: audience},
		"a secret as a public key":  {Algorithm: "RS256", Key: long, Issuer: issuer, Audience: audience},
		"an RSA key for ES256":      {Algorithm: "ES256", Key: public, Issuer: issuer, Audience: audience},
		"secrets from a JWKS":       {Algorithm: "HS256", JWKSURL: "https://example.com", Issuer: issuer, Audience: audience},
		"a JWKS that is no address": {Algorithm: "RS256", JWKSURL: "keys.json", Issuer: issuer, Audience: audience},
		"no issuer":                 {Algorithm: "HS256", Key: long, Audience: audience},
		"no audience":               {Algorithm: "HS256", Key: long, Issuer: issuer},
	} {
		config := httpapi.Config{Service: &service.Service{}, Clock: service.Clock{Business: clock, Wall: clock}, Log: slog.New(slog.DiscardHandler), JWT: c}
		if _, err := httpapi.New(t.Context(), config); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	config := httpapi.Config{Service: &service.Service{}, Clock: service.Clock{Business: clock, Wall: clock}, Log: slog.New(slog.DiscardHandler), ServerKeys: []string{"short"}}
	if _, err := httpapi.New(t.Context(), config); err == nil {
		t.Error("a short server key: accepted")
	}
	for name, key := range map[string]string{"a short operator key": "short", "a server key as an operator key": serverKey} {
		config.ServerKeys, config.OperatorKeys = []string{serverKey}, []string{key}
		if _, err := httpapi.New(t.Context(), config); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func publicPEM(t *testing.T, key *rsa.PublicKey) []byte {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
}
