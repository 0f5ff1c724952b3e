package httpapi

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"time"

	"github.com/MicahParks/keyfunc/v3"
	"github.com/golang-jwt/jwt/v5"
	"golang.org/x/time/rate"

	"github.com/dues-billing/dues/billing"
)

// JWT says which tokens prove who an end user is. Exactly one of Key and JWKSURL is set; Issuer and Audience are required,
// for a token made for somebody else must not open anything here. A token without expiry is refused.
type JWT struct {
	Algorithm string // HS256, RS256 or ES256; a token that names another is refused
	Key       []byte // the secret of HS256 (at least 32 bytes), or the public key of the others in PEM
	JWKSURL   string // where the app publishes its public keys
	Issuer    string
	Audience  string
	Claim     string // which claim holds the account id; "" means sub
	// RoleClaim is the claim that says who of an account's people this is: "owner" may do everything at /v1/me, every other role, and a token
	// without one, may only look. "" makes everybody an owner.
	RoleClaim string
}

const (
	secretBytesMin = 32               // as long as the hash of HS256, RFC 7518 section 3.2
	tokenBytes     = 512              // that most tokens stay below
	tokenLeeway    = 30 * time.Second // clocks of two machines differ
	jwksRefresh    = 15 * time.Minute // so long, and verifiedFor, may a withdrawn key still open
	jwksTimeout    = 5 * time.Second
	// A token with an unknown key id has the keys fetched again, but only so often: anybody can invent ids. Requests in
	// between are refused at once instead of waiting.
	jwksUnknownEvery = 30 * time.Second
)

// verifier turns a token into the account it speaks for.
type verifier struct {
	parser   *jwt.Parser
	key      jwt.Keyfunc
	claim    string
	role     string // the claim, "" when everybody is an owner
	now      func() time.Time
	verified verifiedTokens
}

// newVerifier returns nil without error when no tokens are configured. ctx ends the refresh of the JWKS.
func newVerifier(ctx context.Context, c JWT, now func() time.Time, log *slog.Logger) (*verifier, error) {
	if c.Algorithm == "" && len(c.Key) == 0 && c.JWKSURL == "" {
		return nil, nil
	}
	if err := c.check(); err != nil {
		return nil, fmt.Errorf("httpapi: jwt: %w", err)
	}
	key, err := c.keyfunc(ctx, log)
	if err != nil {
		return nil, fmt.Errorf("httpapi: jwt: %w", err)
	}
	claim := c.Claim
	if claim == "" {
		claim = "sub"
	}
	parser := jwt.NewParser(
		jwt.WithValidMethods([]string{c.Algorithm}),
		jwt.WithIssuer(c.Issuer),
		jwt.WithAudience(c.Audience),
		jwt.WithExpirationRequired(),
		jwt.WithLeeway(tokenLeeway),
		jwt.WithTimeFunc(now),
	)
	return &verifier{parser: parser, key: key, claim: claim, role: c.RoleClaim, now: now}, nil
}

func (c JWT) check() error {
	if c.Algorithm != "HS256" && c.Algorithm != "RS256" && c.Algorithm != "ES256" {
		return fmt.Errorf("algorithm %q is not HS256, RS256 or ES256", c.Algorithm)
	}
	if (len(c.Key) == 0) == (c.JWKSURL == "") {
		return errors.New("give either a key or a JWKS URL")
	}
	if c.JWKSURL != "" && c.Algorithm == "HS256" {
		return errors.New("a JWKS URL publishes public keys: use RS256 or ES256")
	}
	if c.Issuer == "" || c.Audience == "" {
		return errors.New("issuer and audience are required")
	}
	return nil
}

func (c JWT) keyfunc(ctx context.Context, log *slog.Logger) (jwt.Keyfunc, error) {
	if c.JWKSURL != "" {
		return remoteKeys(ctx, c.JWKSURL, log)
	}
	key, err := c.staticKey()
	if err != nil {
		return nil, err
	}
	return func(*jwt.Token) (any, error) { return key, nil }, nil
}

func (c JWT) staticKey() (any, error) {
	switch c.Algorithm {
	case "RS256":
		return jwt.ParseRSAPublicKeyFromPEM(c.Key)
	case "ES256":
		return jwt.ParseECPublicKeyFromPEM(c.Key)
	}
	// A public key used as a secret would let everybody who knows it sign tokens.
	if bytes.Contains(c.Key, []byte("-----BEGIN")) {
		return nil, errors.New("the key of HS256 is a secret, not a PEM file")
	}
	if len(c.Key) < secretBytesMin {
		return nil, fmt.Errorf("the secret of HS256 needs at least %d bytes", secretBytesMin)
	}
	return c.Key, nil
}

func remoteKeys(ctx context.Context, address string, log *slog.Logger) (jwt.Keyfunc, error) {
	u, err := url.Parse(address)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" {
		return nil, fmt.Errorf("JWKS URL %q is not an absolute http(s) URL", address)
	}
	keys, err := keyfunc.NewDefaultOverrideCtx(ctx, []string{address}, keyfunc.Override{
		HTTPTimeout:       jwksTimeout,
		RefreshInterval:   jwksRefresh,
		RefreshUnknownKID: rate.NewLimiter(rate.Every(jwksUnknownEvery), 1),
		// The limiter gives up at once when its turn comes later than this; the fetch itself has the same time.
		RateLimitWaitMax: jwksTimeout,
		RefreshErrorHandlerFunc: func(u string) func(context.Context, error) {
			return func(ctx context.Context, err error) {
				log.ErrorContext(ctx, "jwks: cannot fetch the public keys", "url", u, "error", err)
			}
		},
	})
	if err != nil {
		return nil, err
	}
	return keys.Keyfunc, nil
}

// ownerRole is the role that may do everything.
const ownerRole = "owner"

// account returns whose token it is, once it is verified.
func (v *verifier) account(token string) (billing.AccountID, error) {
	t, err := v.verify(token)
	return t.account, err
}

// verify returns what a token says, once it is found good. The reason of a refusal is for the log of the app's developer, so the
// error says what is wrong, never what would be right.
func (v *verifier) verify(token string) (verifiedToken, error) {
	hash, now := sha256.Sum256(append(make([]byte, 0, tokenBytes), token...)), v.now() // on the stack
	if t, ok := v.verified.account(hash, now); ok {
		return t, nil
	}
	claims := jwt.MapClaims{}
	if _, err := v.parser.ParseWithClaims(token, claims, v.key); err != nil {
		return verifiedToken{}, &billing.Error{Code: billing.Unauthorized, Message: tokenFault(err), Err: err}
	}
	text, _ := claims[v.claim].(string)
	if text == "" || len(text) > billing.AccountIDBytesMax {
		return verifiedToken{}, billing.Errorf(billing.Unauthorized, "the token holds no account id in its claim %q", v.claim)
	}
	good := verifiedToken{account: billing.AccountID(text), verifiedAt: now}
	good.subject, _ = claims["sub"].(string)
	if v.role != "" {
		role, _ := claims[v.role].(string)
		good.readsOnly = role != ownerRole
	}
	if expiry, err := claims.GetExpirationTime(); err == nil && expiry != nil { // the parser has seen to it
		good.endsAt = expiry.Add(tokenLeeway)
		v.verified.add(hash, good)
	}
	return good, nil
}

// tokenFault names the first fault in the order in which it must be mended.
func tokenFault(err error) string {
	faults := []struct {
		is   error
		says string
	}{
		{jwt.ErrTokenMalformed, "the bearer token is not a JWT"},
		{jwt.ErrTokenUnverifiable, "the token's key is not known"},
		{jwt.ErrTokenSignatureInvalid, "the token's signature or algorithm is not accepted"},
		{jwt.ErrTokenExpired, "the token has expired"},
		{jwt.ErrTokenNotValidYet, "the token is not valid yet"},
		{jwt.ErrTokenInvalidAudience, "the token was made for another audience"},
		{jwt.ErrTokenInvalidIssuer, "the token was made by another issuer"},
		{jwt.ErrTokenRequiredClaimMissing, "the token lacks a required claim: exp, iss and aud are needed"},
	}
	for _, f := range faults {
		if errors.Is(err, f.is) {
			return f.says
		}
	}
	return "the token is not valid"
}
