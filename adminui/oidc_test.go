package adminui_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	operators "github.com/dues-billing/dues/internal/operator"
)

// organisation is an OpenID provider, with what it says of who comes: OpenID Connect Core 1.0, the code flow with PKCE.
type organisation struct {
	t     *testing.T
	url   string
	key   *rsa.PrivateKey
	now   func() time.Time
	asked url.Values                 // of the last one who came
	says  func(claims jwt.MapClaims) // changes what it says
	signs func() *rsa.PrivateKey
}

const clientID, clientSecret = "dues", "a secret of two"

func newOrganisation(t *testing.T) *organisation {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	o := &organisation{t: t, key: key, says: func(jwt.MapClaims) {}}
	o.signs = func() *rsa.PrivateKey { return o.key }
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		o.answer(w, map[string]any{
			"issuer": o.url, "authorization_endpoint": o.url + "/authorize", "token_endpoint": o.url + "/token", "jwks_uri": o.url + "/keys",
			"response_types_supported": []string{"code"}, "subject_types_supported": []string{"public"}, "id_token_signing_alg_values_supported": []string{"RS256"},
		})
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		n, e := base64.RawURLEncoding.EncodeToString(o.key.N.Bytes()), base64.RawURLEncoding.EncodeToString(big.NewInt(int64(o.key.E)).Bytes())
		o.answer(w, map[string]any{"keys": []map[string]string{{"kty": "RSA", "use": "sig", "alg": "RS256", "kid": "1", "n": n, "e": e}}})
	})
	mux.HandleFunc("GET /authorize", func(w http.ResponseWriter, r *http.Request) {
		o.asked = r.URL.Query()
		http.Redirect(w, r, o.asked.Get("redirect_uri")+"?"+url.Values{"code": {"the code"}, "state": {o.asked.Get("state")}}.Encode(), http.StatusFound)
	})
	mux.HandleFunc("POST /token", o.token)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	o.url = server.URL
	return o
}

func (o *organisation) answer(w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(body); err != nil {
		o.t.Error(err)
	}
}

func (o *organisation) token(w http.ResponseWriter, r *http.Request) {
	id, secret, _ := r.BasicAuth()
	hash := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	if id != clientID || secret != url.QueryEscape(clientSecret) || r.PostFormValue("code") != "the code" || base64.RawURLEncoding.EncodeToString(hash[:]) != o.asked.Get("code_challenge") {
		w.WriteHeader(http.StatusBadRequest)
		o.answer(w, map[string]string{"error": "invalid_grant"})
		return
	}
	claims := jwt.MapClaims{
		"iss": o.url, "sub": "person-1", "aud": clientID, "exp": o.now().Add(time.Hour).Unix(), "iat": o.now().Unix(), "nonce": o.asked.Get("nonce"),
		"email": "ada@example.com", "email_verified": true,
	}
	o.says(claims)
	token := jwt.NewWithClaims(jwt.SigningMethodRS256, claims)
	token.Header["kid"] = "1"
	signed, err := token.SignedString(o.signs())
	if err != nil {
		o.t.Error(err)
	}
	o.answer(w, map[string]any{"access_token": "none of our business", "token_type": "Bearer", "id_token": signed})
}

func TestAnOperatorComesInThroughTheOrganisation(t *testing.T) {
	t.Parallel()
	at := newOrganisation(t)
	o := openAt(t, "", at)
	o.shows(o.get("/admin/sign-in", 200), "Sign in with your organisation", "Nobody has a name here yet")
	o.shows(o.get("/admin/oidc", 403), "Nobody with the address ada@example.com works here")
	if _, err := o.dues.Operators().Add(t.Context(), "ada@example.com", operators.Operate, "Dues"); err != nil {
		t.Fatal(err)
	}
	o.shows(o.get("/admin/oidc?next=/admin/queues", 200), "You are signed in", `href="/admin/queues"`)
	o.shows(o.get("/admin/you", 200), "ada@example.com", "operate", "Where you are signed in")
	if at.asked.Get("code_challenge_method") != "S256" || !strings.Contains(at.asked.Get("scope"), "email") || at.asked.Get("redirect_uri") != o.base+"/admin/oidc/callback" {
		t.Errorf("the provider was asked %v", at.asked)
	}
}

func TestNobodyComesInByAnAnswerThatTheOrganisationDidNotGive(t *testing.T) {
	t.Parallel()
	at := newOrganisation(t)
	o := openAt(t, "", at)
	if _, err := o.dues.Operators().Add(t.Context(), "ada@example.com", operators.Own, "Dues"); err != nil {
		t.Fatal(err)
	}
	for what, says := range map[string]func(jwt.MapClaims){
		"made for another application":      func(c jwt.MapClaims) { c["aud"] = "another" },
		"made by another provider":          func(c jwt.MapClaims) { c["iss"] = "https://evil.example.com" },
		"made for another sign-in":          func(c jwt.MapClaims) { c["nonce"] = "another" },
		"too old":                           func(c jwt.MapClaims) { c["exp"] = o.now.Add(-time.Minute).Unix() },
		"of an address that nobody checked": func(c jwt.MapClaims) { c["email_verified"] = false },
		"without an address":                func(c jwt.MapClaims) { delete(c, "email") },
		"with an address to be checked":     func(c jwt.MapClaims) { delete(c, "email_verified") },
	} {
		at.says = says
		if page := o.get("/admin/oidc", 401); !strings.Contains(page, "lets nobody in") {
			t.Errorf("a token %s: %s", what, page)
		}
	}
	at.says = func(jwt.MapClaims) {}
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	at.signs = func() *rsa.PrivateKey { return other }
	o.get("/admin/oidc", 401)
	at.signs = func() *rsa.PrivateKey { return at.key }
	o.shows(o.get("/admin/oidc/callback?code=the+code&state=made+up", 400), "This did not begin here")
	o.shows(o.get("/admin/oidc", 200), "You are signed in")
	o.shows(o.get("/admin/oidc/callback?code=the+code&state="+url.QueryEscape(at.asked.Get("state")), 400), "This did not begin here") // once more
	o.anew()
	at.says = func(c jwt.MapClaims) { c["sub"] = "person-2" }
	o.shows(o.get("/admin/oidc", 403), "was somebody else at the provider before")
	if len(o.sessions()) != 1 {
		t.Errorf("%d sessions, want the one that was let in", len(o.sessions()))
	}
}

func TestAnOrganisationThatIsDownKeepsNobodyElseOut(t *testing.T) {
	t.Parallel()
	at := newOrganisation(t)
	o := openAt(t, password, at)
	at.url, at.now = "http://elsewhere.example.com", nil // it says that it is another
	o.shows(o.get("/admin/oidc", 503), "That failed on our side")
	o.post("/admin/sign-in", 200, url.Values{"password": {password}})
}
