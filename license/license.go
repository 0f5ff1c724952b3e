// Package license signs and checks licence files: proof, without a network, that an account holds an asset until a date.
//
// The seller signs with an Ed25519 key. An application carries the public keys it trusts and checks a file with no more than
// this package, which needs the standard library only:
//
//	keys, err := license.ParseKeys("mc8a…=")           // more than one while a key is being replaced
//	held, err := keys.Verify(file)                     // who holds what; the signature is right
//	err = held.Check(now)                              // and now is inside its time
//
// A file cannot be taken back: it stays right until its end. Sign for short times and renew, rather than for years.
package license

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"time"
)

// The ways a file can fail. Errors of this package wrap one of them.
var (
	ErrFormat     = errors.New("license: this is not a licence file")
	ErrUnknownKey = errors.New("license: the file was signed with a key that is not trusted here")
	ErrSignature  = errors.New("license: the signature does not match: the file was changed")
	ErrNotYet     = errors.New("license: the licence has not begun")
	ErrEnded      = errors.New("license: the licence has ended")
)

// The outside of a file. The label is signed too, so that a signature made for something else is never a licence.
const (
	blockType    = "DUES LICENSE"
	keyHeader    = "Key"
	label        = "dues license v1\n"
	version      = 1
	fileBytesMax = 64 << 10
)

// License says that Account may use Asset from StartsAt until EndsAt.
type License struct {
	Account  string            `json:"account"`
	Asset    string            `json:"asset"`
	StartsAt time.Time         `json:"starts_at"` // inclusive
	EndsAt   time.Time         `json:"ends_at"`   // exclusive
	IssuedAt time.Time         `json:"issued_at"`
	Claims   map[string]string `json:"claims,omitempty"` // what else the application wants to know, such as seats
}

// Check returns ErrNotYet or ErrEnded when now is outside the licence's time.
func (l License) Check(now time.Time) error {
	switch {
	case now.Before(l.StartsAt):
		return fmt.Errorf("%w: it begins on %s", ErrNotYet, l.StartsAt.UTC().Format(time.DateOnly))
	case !now.Before(l.EndsAt):
		return fmt.Errorf("%w: it was valid until %s", ErrEnded, l.EndsAt.UTC().Format(time.DateOnly))
	}
	return nil
}

// content is what is signed.
type content struct {
	Version int `json:"version"`
	License
}

// Sign returns the file that proves the licence, as text of a few lines.
func Sign(key ed25519.PrivateKey, l License) ([]byte, error) {
	if l.Account == "" || l.Asset == "" || !l.StartsAt.Before(l.EndsAt) {
		return nil, errors.New("license: an account, an asset and a start before the end are needed")
	}
	if len(key) != ed25519.PrivateKeySize {
		return nil, errors.New("license: this is not an Ed25519 private key")
	}
	l.StartsAt, l.EndsAt, l.IssuedAt = l.StartsAt.UTC(), l.EndsAt.UTC(), l.IssuedAt.UTC()
	text, err := json.Marshal(content{version, l})
	if err != nil {
		return nil, fmt.Errorf("license: %w", err)
	}
	public := key.Public().(ed25519.PublicKey)
	file := pem.EncodeToMemory(&pem.Block{
		Type:    blockType,
		Headers: map[string]string{keyHeader: KeyID(public)},
		Bytes:   append(ed25519.Sign(key, signedBytes(public, text)), text...),
	})
	if len(file) > fileBytesMax {
		return nil, fmt.Errorf("license: the file has %d bytes; the limit is %d", len(file), fileBytesMax)
	}
	return file, nil
}

// signedBytes binds the text to its purpose and its key.
func signedBytes(key ed25519.PublicKey, text []byte) []byte {
	return append([]byte(label+KeyID(key)+"\n"), text...)
}

// KeyID names a public key in licence files: the start of its hash.
func KeyID(key ed25519.PublicKey) string {
	sum := sha256.Sum256(key)
	return hex.EncodeToString(sum[:8])
}

// Keys are the public keys that are trusted, by KeyID. To replace a key, trust the old and the new one until the last file
// of the old one has ended.
type Keys map[string]ed25519.PublicKey

// NewKeys returns the keys as a set.
func NewKeys(keys ...ed25519.PublicKey) Keys {
	set := Keys{}
	for _, key := range keys {
		set[KeyID(key)] = key
	}
	return set
}

// ParseKeys reads public keys as EncodeKey writes them.
func ParseKeys(texts ...string) (Keys, error) {
	var keys []ed25519.PublicKey
	for _, text := range texts {
		key, err := base64.StdEncoding.DecodeString(text)
		if err != nil || len(key) != ed25519.PublicKeySize {
			return nil, fmt.Errorf("license: %q is not a public key", text)
		}
		keys = append(keys, key)
	}
	return NewKeys(keys...), nil
}

// EncodeKey writes a public key as a line of text, to be put into an application's source.
func EncodeKey(key ed25519.PublicKey) string { return base64.StdEncoding.EncodeToString(key) }

// Verify returns the licence of a file that was signed with one of the keys. Whether it is valid now, Check tells.
func (k Keys) Verify(file []byte) (License, error) {
	if len(file) > fileBytesMax {
		return License{}, ErrFormat
	}
	block, rest := pem.Decode(file)
	if block == nil || block.Type != blockType || len(bytes.TrimSpace(rest)) > 0 || len(block.Bytes) < ed25519.SignatureSize {
		return License{}, ErrFormat
	}
	key, ok := k[block.Headers[keyHeader]]
	if !ok {
		return License{}, ErrUnknownKey
	}
	signature, text := block.Bytes[:ed25519.SignatureSize], block.Bytes[ed25519.SignatureSize:]
	if !ed25519.Verify(key, signedBytes(key, text), signature) {
		return License{}, ErrSignature
	}
	var c content
	if err := json.Unmarshal(text, &c); err != nil || c.Version != version {
		return License{}, ErrFormat
	}
	return c.License, nil
}
