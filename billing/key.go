package billing

import (
	"crypto/subtle"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// KeyID is the public part of an API key's name: lists and the audit log show it.
type KeyID string

// Key is an API key as it is kept: what it may do, and the hash of its secret. The secret itself is known to its holder alone.
type Key struct {
	ID     KeyID
	Name   string // what it is for, for those who look later
	Scopes []Scope
	Hash   string // of the secret, in hexadecimal
	// OldHash is that of the secret before the last rotation, which opens until OldUntil.
	OldHash   string
	OldUntil  time.Time
	CreatedAt time.Time // by the wall clock, like all times here
	RotatedAt time.Time // zero: never
	ExpiresAt time.Time // zero: it does not
	RevokedAt time.Time // zero: it was not
	UsedAt    time.Time // to the hour; zero: not yet
}

// Limits of API keys.
const (
	KeysMax         = 1000 // that are not revoked: a process holds them all in memory
	KeyNameCharsMax = 100
	// KeyOverlapMax bounds how long the secret before a rotation goes on: whoever rotates wants an end of it.
	KeyOverlapMax = 30 * 24 * time.Hour
	keyLengthMax  = 10 * 365 * 24 * time.Hour
)

// Check returns an error of code invalid that names the field of a new key.
func (k Key) Check(now time.Time) error {
	switch {
	case strings.TrimSpace(k.Name) == "":
		return Errorf(Invalid, "name says what the key is for, such as web-backend").In("name")
	case utf8.RuneCountInString(k.Name) > KeyNameCharsMax || strings.ContainsFunc(k.Name, unicode.IsControl):
		return Errorf(Invalid, "a name is at most %d characters of printable text", KeyNameCharsMax).In("name")
	case len(k.Scopes) == 0:
		return Errorf(Invalid, "a key needs a scope or more: %s", scopeNames()).In("scopes")
	case !k.ExpiresAt.IsZero() && !k.ExpiresAt.After(now):
		return Errorf(Invalid, "a key must expire in the future, or not at all").In("expires_at")
	case k.ExpiresAt.After(now.Add(keyLengthMax)):
		return Errorf(Invalid, "a key expires within ten years, or not at all").In("expires_at")
	}
	for i, scope := range k.Scopes {
		switch {
		case !scope.known():
			return Errorf(Invalid, "there is no scope %q; there are %s", scope, scopeNames()).In("scopes")
		case slices.Contains(k.Scopes[:i], scope):
			return Errorf(Invalid, "the scope %s is there twice", scope).In("scopes")
		}
	}
	return nil
}

// Open returns nil when a secret with this hash opens the key now. It says why not only to who knows a secret that was right: to all others
// every key is simply not valid.
func (k Key) Open(hash string, now time.Time) error {
	// Both are compared whatever the first comes to, so that the time taken says nothing.
	current := subtle.ConstantTimeCompare([]byte(k.Hash), []byte(hash))
	before := subtle.ConstantTimeCompare([]byte(k.OldHash), []byte(hash))
	switch {
	case current|before == 0 || hash == "":
		return errKeyNotValid
	case !k.RevokedAt.IsZero():
		return Errorf(Unauthorized, "the key %s was revoked", k.ID)
	case k.expired(now):
		return Errorf(Unauthorized, "the key %s has expired", k.ID)
	case current == 0 && !now.Before(k.OldUntil):
		return Errorf(Unauthorized, "the key %s was rotated, and this is its secret from before", k.ID)
	}
	return nil
}

var errKeyNotValid = Errorf(Unauthorized, "the key is not valid")

// KeyState is how a key stands.
type KeyState string

// The states. One that is rotating opens by two secrets.
const (
	KeyActive   KeyState = "active"
	KeyRotating KeyState = "rotating"
	KeyExpired  KeyState = "expired"
	KeyRevoked  KeyState = "revoked"
)

// State returns how the key stands at a moment.
func (k Key) State(now time.Time) KeyState {
	switch {
	case !k.RevokedAt.IsZero():
		return KeyRevoked
	case k.expired(now):
		return KeyExpired
	case now.Before(k.OldUntil):
		return KeyRotating
	}
	return KeyActive
}

func (k Key) expired(now time.Time) bool { return !k.ExpiresAt.IsZero() && !now.Before(k.ExpiresAt) }

// Rotated is the key with a new secret. The one before opens for overlap longer, none when that is 0. While an older one still opens, only a
// rotation without overlap is possible: of three secrets at a time nobody knows which is where.
func (k Key) Rotated(hash string, overlap time.Duration, now time.Time) (Key, error) {
	switch {
	case overlap < 0 || overlap > KeyOverlapMax:
		return k, Errorf(Invalid, "the secret before goes on for 0 to %d hours", KeyOverlapMax/time.Hour).In("overlap_hours")
	case !k.RevokedAt.IsZero():
		return k, Errorf(Conflict, "the key %s was revoked; create another", k.ID)
	case k.expired(now):
		return k, Errorf(Conflict, "the key %s has expired; create another", k.ID)
	case overlap > 0 && now.Before(k.OldUntil):
		return k, Errorf(Conflict, "the key %s was rotated, and its secret from before still opens until %s; rotate afterwards, or with no overlap, which ends both",
			k.ID, k.OldUntil.UTC().Format(time.RFC3339))
	}
	k.OldHash, k.OldUntil = k.Hash, now.Add(overlap)
	k.Hash, k.RotatedAt = hash, now
	return k, nil
}

// May reports whether the key has a scope.
func (k Key) May(scope Scope) bool { return May(k.Scopes, scope) }
