package license_test

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/dues-billing/dues/license"
)

const issuer = "https://billing.example.com"

var (
	tokenNow = time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC)
	says     = license.Entitlements{
		Issuer: issuer, Account: "ada", Plan: "premium", Level: "full", Features: map[string]license.Feature{"export": {}, "projects": {Limit: 3}},
		IssuedAt: tokenNow, EndsAt: tokenNow.Add(15 * time.Minute),
	}
)

func keyOf(letter string) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed([]byte(strings.Repeat(letter, ed25519.SeedSize)))
}

func signed(t *testing.T, key ed25519.PrivateKey, e license.Entitlements) string {
	t.Helper()
	token, err := license.SignEntitlements(key, e)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// forged is a token with parts of its own, signed by a key that is trusted: what a seller's other tokens may look like.
func forged(key ed25519.PrivateKey, header, claims string) string {
	text := base64.RawURLEncoding.EncodeToString([]byte(header)) + "." + base64.RawURLEncoding.EncodeToString([]byte(claims))
	return text + "." + base64.RawURLEncoding.EncodeToString(ed25519.Sign(key, []byte(text)))
}

func TestATokenSaysWhatWasSignedForHereAndNow(t *testing.T) {
	t.Parallel()
	key := keyOf("k")
	public := key.Public().(ed25519.PublicKey)
	keys, kid := license.NewKeys(public), license.KeyID(public)
	good := signed(t, key, says)
	parts := strings.Split(good, ".")
	header := func(alg, typ string) string { return fmt.Sprintf(`{"alg":%q,"typ":%q,"kid":%q}`, alg, typ, kid) }
	const rightType = "dues-entitlements+jwt"
	claims := fmt.Sprintf(`{"iss":%q,"sub":"ada","iat":%d,"exp":%d}`, issuer, tokenNow.Unix(), tokenNow.Add(time.Hour).Unix())
	elsewhere := says
	elsewhere.Issuer = "https://other.example.com"
	file, err := license.Sign(key, license.License{Account: "ada", Asset: "handbook", StartsAt: tokenNow, EndsAt: tokenNow.AddDate(0, 1, 0)})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		token string
		at    time.Time
		want  error
	}{
		"a good one":                  {good, tokenNow, nil},
		"in its last second":          {good, says.EndsAt.Add(-1), nil},
		"at its end":                  {good, says.EndsAt, license.ErrEnded},
		"later":                       {good, says.EndsAt.AddDate(1, 0, 0), license.ErrEnded},
		"signed by another":           {signed(t, keyOf("x"), says), tokenNow, license.ErrUnknownKey},
		"of another issuer":           {signed(t, key, elsewhere), tokenNow, license.ErrToken},
		"other claims, old signature": {parts[0] + "." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + "." + parts[2], tokenNow, license.ErrSignature},
		"no signature":                {parts[0] + "." + parts[1] + ".", tokenNow, license.ErrSignature},
		"half a signature":            {good[:len(good)-40], tokenNow, license.ErrSignature},
		"alg none":                    {base64.RawURLEncoding.EncodeToString([]byte(header("none", rightType))) + "." + parts[1] + ".", tokenNow, license.ErrToken},
		"alg HS256":                   {forged(key, header("HS256", rightType), claims), tokenNow, license.ErrToken},
		"alg in lower case":           {forged(key, header("eddsa", rightType), claims), tokenNow, license.ErrToken},
		"another kind of JWT":         {forged(key, header("EdDSA", "JWT"), claims), tokenNow, license.ErrToken},
		"without type":                {forged(key, header("EdDSA", ""), claims), tokenNow, license.ErrToken},
		"the kind, by hand":           {forged(key, header("EdDSA", rightType), claims), tokenNow, nil},
		"what must be understood":     {forged(key, fmt.Sprintf(`{"alg":"EdDSA","typ":%q,"kid":%q,"crit":["exp"]}`, rightType, kid), claims), tokenNow, license.ErrToken},
		"without end":                 {forged(key, header("EdDSA", rightType), fmt.Sprintf(`{"iss":%q,"sub":"ada"}`, issuer)), tokenNow, license.ErrEnded},
		"without account":             {forged(key, header("EdDSA", rightType), fmt.Sprintf(`{"iss":%q,"exp":%d}`, issuer, says.EndsAt.Unix())), tokenNow, license.ErrToken},
		"claims that are no JSON":     {forged(key, header("EdDSA", rightType), `iss`), tokenNow, license.ErrToken},
		"four parts":                  {good + ".x", tokenNow, license.ErrToken},
		"nothing":                     {"", tokenNow, license.ErrToken},
		"far too long":                {good + strings.Repeat("a", 20_000), tokenNow, license.ErrToken},
		"a licence file":              {string(file), tokenNow, license.ErrToken},
	} {
		got, err := keys.VerifyEntitlements(c.token, issuer, c.at)
		if !errors.Is(err, c.want) || err != nil && got.Account != "" {
			t.Errorf("%s: %+v, %v, want %v", name, got, err, c.want)
		}
	}
	if got, _ := keys.VerifyEntitlements(good, issuer, tokenNow); !reflect.DeepEqual(got, says) || !got.May("export") || got.May("admin") || got.Features["projects"].Limit != 3 {
		t.Errorf("read back %+v, want %+v", got, says)
	}
	if _, err := keys.Verify([]byte(good)); err == nil {
		t.Error("a token is taken for a licence file")
	}
}

func TestASetOfKeysIsWrittenAndReadAndOtherKindsAreLeftOut(t *testing.T) {
	t.Parallel()
	old, young := keyOf("o").Public().(ed25519.PublicKey), keyOf("y").Public().(ed25519.PublicKey)
	text, err := license.EncodeJWKS(young, old)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := license.ParseJWKS([]byte(strings.Replace(string(text), `{"keys":[`, `{"keys":[{"kty":"RSA","n":"AQAB"},{"kty":"OKP","crv":"X25519","x":"AA"},{"kty":"OKP","crv":"Ed25519","x":"AA"},`, 1)))
	if err != nil || len(keys) != 2 {
		t.Fatalf("read %d keys, %v", len(keys), err)
	}
	for _, letter := range []string{"o", "y"} { // while a key is replaced, both sign
		if _, err := keys.VerifyEntitlements(signed(t, keyOf(letter), says), issuer, tokenNow); err != nil {
			t.Errorf("signed by %s: %v", letter, err)
		}
	}
	if none, err := license.EncodeJWKS(); err != nil || string(none) != `{"keys":[]}` {
		t.Errorf("no keys are %s, %v", none, err)
	}
	if _, err := license.ParseJWKS([]byte("<html>")); err == nil {
		t.Error("a page is taken for a set of keys")
	}
}

func TestATokenIsNotSignedForNobody(t *testing.T) {
	t.Parallel()
	huge := map[string]license.Feature{}
	for i := range 2000 {
		huge[fmt.Sprint("feature-", i)] = license.Feature{Limit: 1}
	}
	for name, change := range map[string]func(*license.Entitlements){
		"no issuer": func(e *license.Entitlements) { e.Issuer = "" }, "no account": func(e *license.Entitlements) { e.Account = "" },
		"more than fits": func(e *license.Entitlements) { e.Features = huge },
	} {
		e := says
		change(&e)
		if token, err := license.SignEntitlements(keyOf("k"), e); err == nil {
			t.Errorf("%s: %s", name, token)
		}
	}
	if _, err := license.SignEntitlements(nil, says); err == nil {
		t.Error("signed without a key")
	}
}

// An application knows what its user may do, and asks nobody.
func ExampleKeys_VerifyEntitlements() {
	seller := ed25519.NewKeyFromSeed([]byte("a secret of exactly 32 bytes ..!"))
	now := time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC)
	token, _ := license.SignEntitlements(seller, license.Entitlements{ // GET /v1/me/entitlements/token does this
		Issuer: "https://billing.example.com", Account: "ada", Plan: "premium", Level: "full",
		Features: map[string]license.Feature{"export": {}, "projects": {Limit: 3}}, IssuedAt: now, EndsAt: now.Add(15 * time.Minute),
	})
	published, _ := license.EncodeJWKS(seller.Public().(ed25519.PublicKey)) // GET /.well-known/jwks.json

	keys, err := license.ParseJWKS(published)
	if err != nil {
		fmt.Println(err)
		return
	}
	may, err := keys.VerifyEntitlements(token, "https://billing.example.com", now)
	fmt.Println(may.Account, may.Plan, may.May("export"), may.Features["projects"].Limit, err)
	_, err = keys.VerifyEntitlements(token, "https://billing.example.com", now.Add(time.Hour))
	fmt.Println(err)
	// Output:
	// ada premium true 3 <nil>
	// license: the licence has ended: the token was good until 2027-03-01T12:15:00Z
}
