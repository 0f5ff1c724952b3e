package httpapi

import (
	"crypto/sha256"
	"sync"
	"time"

	"github.com/dues-billing/dues/billing"
)

const (
	// verifiedFor is how long a token that was verified is taken without verifying it again: so much longer may a withdrawn key open.
	verifiedFor = time.Minute
	// verifiedMax bounds the tokens of one generation; two are kept, at about 200 bytes a token.
	verifiedMax = 50_000
)

// verifiedTokens remembers tokens whose signature and claims were found good, for an end user sends the same one again and again and
// verifying it costs more than the answer. Tokens are kept as hashes, as server keys are. The older half goes as a whole when the
// younger is full.
type verifiedTokens struct {
	mu      sync.RWMutex
	younger map[[sha256.Size]byte]verifiedToken
	older   map[[sha256.Size]byte]verifiedToken
}

// verifiedToken is whose token it is, and when it was and how long it can be taken.
type verifiedToken struct {
	account    billing.AccountID
	subject    string // the person, where an account has several
	readsOnly  bool   // for its role is no owner's
	verifiedAt time.Time
	endsAt     time.Time // its expiry and the leeway
}

// account returns whose token it is, false when it has to be verified.
func (v *verifiedTokens) account(hash [sha256.Size]byte, now time.Time) (verifiedToken, bool) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	t, found := v.younger[hash]
	if !found {
		t, found = v.older[hash]
	}
	age := now.Sub(t.verifiedAt)
	return t, found && age >= 0 && age < verifiedFor && now.Before(t.endsAt)
}

func (v *verifiedTokens) add(hash [sha256.Size]byte, t verifiedToken) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.younger == nil || len(v.younger) >= verifiedMax {
		v.younger, v.older = map[[sha256.Size]byte]verifiedToken{}, v.younger
	}
	v.younger[hash] = t
}
