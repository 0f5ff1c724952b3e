package license

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Entitlements say what an account may use, for some minutes. They travel as a JWT (EdDSA), which an application checks without asking anybody: in Go
// with VerifyEntitlements, elsewhere with any library for JWTs and the keys at /.well-known/jwks.json.
type Entitlements struct {
	Issuer   string // Dues' public URL
	Account  string
	Plan     string
	Level    string // full, limited, free or none
	Features map[string]Feature
	IssuedAt time.Time
	EndsAt   time.Time // exclusive; both to the second
}

// Feature is one that the account may use now. What it may not use has none.
type Feature struct {
	Limit int64 `json:"limit,omitempty"` // how many; 0 of what is on or off, and of a metered feature without limit
}

// May reports whether the account may use a feature.
func (e Entitlements) May(feature string) bool {
	_, may := e.Features[feature]
	return may
}

// The outside of a token. The type keeps a JWT that was signed for something else from being taken for one of these.
const (
	tokenType     = "dues-entitlements+jwt"
	tokenAlg      = "EdDSA"
	tokenBytesMax = 16 << 10
)

type tokenHeader struct {
	Alg  string   `json:"alg"`
	Kid  string   `json:"kid"`
	Typ  string   `json:"typ"`
	Crit []string `json:"crit,omitempty"` // what must be understood: nothing is
}

type tokenClaims struct {
	Issuer   string             `json:"iss"`
	Account  string             `json:"sub"`
	IssuedAt int64              `json:"iat"`
	EndsAt   int64              `json:"exp"`
	Plan     string             `json:"plan"`
	Level    string             `json:"level"`
	Features map[string]Feature `json:"features"`
}

// SignEntitlements returns the token.
func SignEntitlements(key ed25519.PrivateKey, e Entitlements) (string, error) {
	if e.Issuer == "" || e.Account == "" {
		return "", errors.New("license: an issuer and an account are needed")
	}
	if len(key) != ed25519.PrivateKeySize {
		return "", errors.New("license: this is not an Ed25519 private key")
	}
	header, err := encodePart(tokenHeader{Alg: tokenAlg, Kid: KeyID(key.Public().(ed25519.PublicKey)), Typ: tokenType})
	if err != nil {
		return "", err
	}
	claims, err := encodePart(tokenClaims{
		Issuer: e.Issuer, Account: e.Account, IssuedAt: e.IssuedAt.Unix(), EndsAt: e.EndsAt.Unix(), Plan: e.Plan, Level: e.Level, Features: e.Features,
	})
	if err != nil {
		return "", err
	}
	signed := header + "." + claims
	token := signed + "." + base64.RawURLEncoding.EncodeToString(ed25519.Sign(key, []byte(signed)))
	if len(token) > tokenBytesMax {
		return "", fmt.Errorf("license: the token has %d bytes; the limit is %d", len(token), tokenBytesMax)
	}
	return token, nil
}

func encodePart(part any) (string, error) {
	text, err := json.Marshal(part)
	if err != nil {
		return "", fmt.Errorf("license: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(text), nil
}

// ErrToken is what VerifyEntitlements answers when a text is no token of this kind and issuer.
var ErrToken = errors.New("license: this is not a token of entitlements for here")

// VerifyEntitlements returns what a token says, if it was signed with one of the keys, by this issuer, and holds now. Its errors are ErrToken,
// ErrUnknownKey (fetch the keys again: they may have been replaced), ErrSignature and ErrEnded (ask for a new token).
func (k Keys) VerifyEntitlements(token, issuer string, now time.Time) (Entitlements, error) {
	parts := strings.Split(token, ".")
	if len(token) > tokenBytesMax || len(parts) != 3 {
		return Entitlements{}, ErrToken
	}
	var header tokenHeader
	if decodePart(parts[0], &header) != nil || header.Alg != tokenAlg || header.Typ != tokenType || header.Crit != nil {
		return Entitlements{}, ErrToken
	}
	key, ok := k[header.Kid]
	if !ok {
		return Entitlements{}, ErrUnknownKey
	}
	signature, err := base64.RawURLEncoding.Strict().DecodeString(parts[2])
	if err != nil || !ed25519.Verify(key, []byte(parts[0]+"."+parts[1]), signature) {
		return Entitlements{}, ErrSignature
	}
	var c tokenClaims
	if decodePart(parts[1], &c) != nil || c.Issuer != issuer || c.Account == "" {
		return Entitlements{}, ErrToken
	}
	ends := time.Unix(c.EndsAt, 0).UTC()
	if !now.Before(ends) {
		return Entitlements{}, fmt.Errorf("%w: the token was good until %s", ErrEnded, ends.Format(time.RFC3339))
	}
	return Entitlements{
		Issuer: c.Issuer, Account: c.Account, Plan: c.Plan, Level: c.Level, Features: c.Features, IssuedAt: time.Unix(c.IssuedAt, 0).UTC(), EndsAt: ends,
	}, nil
}

func decodePart(text string, part any) error {
	decoded, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil {
		return err
	}
	return json.NewDecoder(bytes.NewReader(decoded)).Decode(part)
}

// jwk is a public key as RFC 8037 has it.
type jwk struct {
	Kty string `json:"kty"`
	Crv string `json:"crv"`
	X   string `json:"x"`
	Kid string `json:"kid"`
	Use string `json:"use"`
	Alg string `json:"alg"`
}

// EncodeJWKS writes public keys as a JSON Web Key Set, in their order.
func EncodeJWKS(keys ...ed25519.PublicKey) ([]byte, error) {
	set := struct {
		Keys []jwk `json:"keys"`
	}{Keys: []jwk{}}
	for _, key := range keys {
		set.Keys = append(set.Keys, jwk{Kty: "OKP", Crv: "Ed25519", X: base64.RawURLEncoding.EncodeToString(key), Kid: KeyID(key), Use: "sig", Alg: tokenAlg})
	}
	return json.Marshal(set)
}

// ParseJWKS reads the keys of a JSON Web Key Set that are of this kind, and leaves out the others.
func ParseJWKS(text []byte) (Keys, error) {
	var set struct{ Keys []jwk }
	if err := json.Unmarshal(text, &set); err != nil {
		return nil, fmt.Errorf("license: this is not a JSON Web Key Set: %w", err)
	}
	var keys []ed25519.PublicKey
	for _, key := range set.Keys {
		public, err := base64.RawURLEncoding.DecodeString(key.X)
		if key.Kty == "OKP" && key.Crv == "Ed25519" && err == nil && len(public) == ed25519.PublicKeySize {
			keys = append(keys, public)
		}
	}
	return NewKeys(keys...), nil
}
