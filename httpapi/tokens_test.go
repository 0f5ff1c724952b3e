package httpapi

import (
	"crypto/sha256"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/dues-billing/dues/billing"
)

func TestATokenThatWasAcceptedEndsWhenItExpires(t *testing.T) {
	t.Parallel()
	secret, now := []byte("a secret of at least thirty-two bytes"), time.Date(2027, 1, 4, 10, 0, 0, 0, time.UTC)
	v, err := newVerifier(t.Context(), JWT{Algorithm: "HS256", Key: secret, Issuer: "app", Audience: "dues"}, func() time.Time { return now }, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	expiry := now.Add(20 * time.Second)
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{"sub": "ada", "iss": "app", "aud": "dues", "exp": expiry.Unix()}).SignedString(secret)
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []time.Time{now, now.Add(time.Second), expiry.Add(tokenLeeway - time.Microsecond)} {
		now = at
		if id, err := v.account(token); id != "ada" || err != nil {
			t.Errorf("%v before its expiry: %q, %v", expiry.Sub(at), id, err)
		}
	}
	now = expiry.Add(tokenLeeway)
	if id, err := v.account(token); billing.CodeOf(err) != billing.Unauthorized {
		t.Errorf("after expiry and leeway it opens %q, %v", id, err)
	}
	now = expiry
	for i := range token {
		other := []byte(token)
		other[i] ^= 1
		if id, err := v.account(string(other)); err == nil && string(other[:len(other)-1]) != token[:len(token)-1] {
			t.Errorf("with another byte %d it opens %q", i, id)
		}
	}
}

func TestATokenIsVerifiedAnewAfterAWhile(t *testing.T) {
	t.Parallel()
	at := time.Date(2027, 1, 4, 10, 0, 0, 0, time.UTC)
	hash := sha256.Sum256([]byte("a token"))
	var v verifiedTokens
	v.add(hash, verifiedToken{account: "ada", verifiedAt: at, endsAt: at.Add(time.Hour)})
	for _, c := range []struct {
		name  string
		now   time.Time
		taken bool
	}{
		{"at once", at, true},
		{"within the minute", at.Add(verifiedFor - 1), true},
		{"after the minute, when its key may have been withdrawn", at.Add(verifiedFor), false},
		{"before it was seen, when the clock was set back", at.Add(-1), false},
	} {
		if _, taken := v.account(hash, c.now); taken != c.taken {
			t.Errorf("%s: taken %v, want %v", c.name, taken, c.taken)
		}
	}
	if _, taken := v.account(sha256.Sum256([]byte("another")), at); taken {
		t.Error("a token that was never verified is taken")
	}
}

func TestRememberedTokensAreBounded(t *testing.T) {
	t.Parallel()
	at := time.Date(2027, 1, 4, 10, 0, 0, 0, time.UTC)
	var v verifiedTokens
	for i := range 3 * verifiedMax {
		v.add(sha256.Sum256([]byte(fmt.Sprint(i))), verifiedToken{account: "ada", verifiedAt: at, endsAt: at.Add(time.Hour)})
	}
	if n := len(v.younger) + len(v.older); n > 2*verifiedMax {
		t.Errorf("%d tokens are remembered, want %d at most", n, 2*verifiedMax)
	}
}
