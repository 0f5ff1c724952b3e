package service

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/sqlstore"
)

// A key is shown once, as dues_ID_SECRET: the prefix is for people and for scanners of leaked secrets, the id finds it, and the secret are 256
// random bits. Of such a secret a plain SHA-256 is enough to keep: there is nothing to guess.
const (
	KeyPrefix     = "dues_"
	keyIDPrefix   = "key_"
	keyIDBytes    = 10 // in base32: 16 characters
	keySecretSize = 32
)

// KeyOverlapDefault is how long the secret before a rotation goes on, unless said otherwise: a day to roll it out.
const KeyOverlapDefault = 24 * time.Hour

const (
	// keysKnownFor is how long a process goes on with the keys that it has read: so much later it hears what another process did to them.
	keysKnownFor = 5 * time.Second
	// keysHeldFor is how long it goes on while they are being read again: a slow database does not make every request wait for it.
	keysHeldFor = 2 * keysKnownFor
	// keysReadEvery bounds how often a key that is not known has them read again: anybody can invent one.
	keysReadEvery = time.Second
	// keyUsedEvery is how exactly is kept when a key was used last.
	keyUsedEvery = time.Hour
	// keysReadMax bounds the keys in memory, the revoked ones included.
	keysReadMax = 2 * billing.KeysMax
)

var keyLength = len(newSecret(randomText(keyIDBytes)))

var keyText = base32.StdEncoding.WithPadding(base32.NoPadding)

// NewKey asks for an API key.
type NewKey struct {
	Name      string
	Scopes    []billing.Scope
	ExpiresAt time.Time // zero: it does not
}

// IssuedKey is a key with its secret, at the one moment in which that is known.
type IssuedKey struct {
	billing.Key
	Secret string // what its holder sends
}

// CreateKey makes an API key. Its secret is in the answer, and nowhere else.
func (d *Desk) CreateKey(ctx context.Context, req NewKey) (IssuedKey, error) {
	now := d.wall()
	id := randomText(keyIDBytes)
	made := IssuedKey{Secret: newSecret(id)}
	made.Key = billing.Key{
		ID: billing.KeyID(keyIDPrefix + id), Name: strings.TrimSpace(req.Name), Scopes: req.Scopes, Hash: hashSecret(made.Secret), CreatedAt: now, ExpiresAt: req.ExpiresAt,
	}
	if err := made.Key.Check(now); err != nil {
		return IssuedKey{}, err
	}
	err := d.changeKeys(ctx, func(tx *sqlstore.Tx) error {
		added, err := tx.AddKey(ctx, made.Key, billing.KeysMax)
		if err == nil && !added {
			err = billing.Errorf(billing.Conflict, "there are %d keys already; revoke those that nobody uses", billing.KeysMax)
		}
		return err
	})
	return made, err
}

// Keys returns all API keys, revoked ones for as long as they are kept, newest first.
func (d *Desk) Keys(ctx context.Context) ([]billing.Key, error) {
	return d.store.Keys(ctx, keysReadMax)
}

// RotateKey gives a key a new secret, and lets the one before open for overlap longer. Of several calls at once one rotates; the others are errors
// of code conflict, as is a rotation while the secret before the last one still opens, unless overlap is 0.
func (d *Desk) RotateKey(ctx context.Context, id billing.KeyID, overlap time.Duration) (IssuedKey, error) {
	made := IssuedKey{Secret: newSecret(strings.TrimPrefix(string(id), keyIDPrefix))}
	err := d.changeKeys(ctx, func(tx *sqlstore.Tx) error {
		key, err := tx.Key(ctx, id)
		if err != nil {
			return err
		}
		if made.Key, err = key.Rotated(hashSecret(made.Secret), overlap, d.wall()); err != nil {
			return err
		}
		rotated, err := tx.RotateKey(ctx, made.Key)
		if err == nil && !rotated {
			err = billing.Errorf(billing.Conflict, "somebody else rotated the key %s in this moment", id)
		}
		return err
	})
	if err != nil {
		return IssuedKey{}, err
	}
	return made, nil
}

// RevokeKey ends a key for good. This process refuses it at once, others within five seconds. A key that was revoked before stays as it is.
func (d *Desk) RevokeKey(ctx context.Context, id billing.KeyID) (key billing.Key, err error) {
	err = d.changeKeys(ctx, func(tx *sqlstore.Tx) error {
		if _, err := tx.RevokeKey(ctx, id, d.wall()); err != nil {
			return err
		}
		key, err = tx.Key(ctx, id)
		return err
	})
	return key, err
}

func (d *Desk) changeKeys(ctx context.Context, change func(*sqlstore.Tx) error) error {
	err := d.store.InTx(ctx, change)
	d.keyring.forget() // also after a failure: a commit whose answer was lost may have happened
	return err
}

// Authenticate returns the key that a credential opens, or an error of code unauthorized. It answers from memory: see keysKnownFor.
func (d *Desk) Authenticate(ctx context.Context, credential string) (billing.Key, error) {
	return d.keyring.open(ctx, credential)
}

// IsKey reports whether a text has the form of an API key of ours.
func IsKey(credential string) bool {
	_, ok := keyIDOf(credential)
	return ok
}

// HoldsKey reports whether a text has an API key of ours anywhere in it.
func HoldsKey(text string) bool {
	for {
		at := strings.Index(text, KeyPrefix)
		if at < 0 {
			return false
		}
		if text = text[at:]; len(text) >= keyLength && IsKey(text[:keyLength]) {
			return true
		}
		text = text[len(KeyPrefix):]
	}
}

func keyIDOf(credential string) (billing.KeyID, bool) {
	rest, ours := strings.CutPrefix(credential, KeyPrefix)
	id, secret, two := strings.Cut(rest, "_")
	if !ours || !two || len(id) != keyText.EncodedLen(keyIDBytes) || len(secret) != keyText.EncodedLen(keySecretSize) {
		return "", false
	}
	return billing.KeyID(keyIDPrefix + id), true
}

func newSecret(id string) string { return KeyPrefix + id + "_" + randomText(keySecretSize) }

func randomText(size int) string {
	random := make([]byte, size)
	_, _ = rand.Read(random) // it never fails: the program ends before
	return strings.ToLower(keyText.EncodeToString(random))
}

func hashSecret(secret string) string {
	hash := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(hash[:])
}

// keyring are the API keys as this process knows them: a check of access must not ask the database who asks.
type keyring struct {
	store *sqlstore.Store
	wall  func() time.Time
	mu    sync.Mutex // whoever holds it reads the keys
	read  atomic.Pointer[keysRead]
}

// keysRead are the keys at a moment.
type keysRead struct {
	at   time.Time
	keys map[billing.KeyID]*usedKey
}

// usedKey is a key, and when it was used last as far as this process knows.
type usedKey struct {
	billing.Key
	used, stored atomic.Int64 // in units of keyUsedEvery since 1970
}

func (k *keyring) open(ctx context.Context, credential string) (billing.Key, error) {
	id, ok := keyIDOf(credential)
	if !ok {
		return billing.Key{}, billing.Errorf(billing.Unauthorized, "the key is not valid")
	}
	now := k.wall()
	known, err := k.known(ctx, now, keysKnownFor)
	if err != nil {
		return billing.Key{}, err
	}
	key := known.keys[id]
	if key == nil { // perhaps it was made in another process in this moment
		if known, err = k.known(ctx, now, keysReadEvery); err != nil {
			return billing.Key{}, err
		}
		key = known.keys[id]
	}
	if key == nil {
		key = &usedKey{} // of nothing: whoever has no key takes as long as who has the wrong one
	}
	if err := key.Open(hashSecret(credential), now); err != nil {
		return billing.Key{}, err
	}
	key.use(now)
	return key.Key, nil
}

// known returns the keys as they were read no longer ago than that.
func (k *keyring) known(ctx context.Context, now time.Time, ago time.Duration) (*keysRead, error) {
	known := k.read.Load()
	switch age := known.since(now); {
	case age < ago:
		return known, nil
	case k.mu.TryLock():
	case ago > keysReadEvery && age < keysHeldFor: // somebody reads them in this moment
		return known, nil
	default:
		k.mu.Lock()
	}
	defer k.mu.Unlock()
	before := k.read.Load()
	if before.since(now) < ago { // somebody was faster
		return before, nil
	}
	all, err := k.store.Keys(ctx, keysReadMax)
	if err != nil {
		return nil, err
	}
	next := &keysRead{at: now, keys: make(map[billing.KeyID]*usedKey, len(all))}
	for _, key := range all {
		one := &usedKey{Key: key}
		one.stored.Store(hours(key.UsedAt))
		if before != nil && before.keys[key.ID] != nil {
			one.used.Store(before.keys[key.ID].used.Load())
		}
		next.keys[key.ID] = one
	}
	k.read.CompareAndSwap(before, next) // a change in this moment has them read again
	return next, nil
}

// forget has the keys read again by who comes next.
func (k *keyring) forget() {
	if known := k.read.Load(); known != nil {
		k.read.Store(&keysRead{keys: known.keys}) // when each was used stays known
	}
}

// since is long for keys that were never read.
func (r *keysRead) since(now time.Time) time.Duration {
	if r == nil || now.Before(r.at) {
		return time.Hour
	}
	return now.Sub(r.at)
}

func hours(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix() / int64(keyUsedEvery/time.Second)
}

// use notes that the key was used now. keysRound writes it down: a request does not.
func (k *usedKey) use(now time.Time) {
	if hour := hours(now); hour > k.used.Load() {
		k.used.Store(hour)
	}
}

// keysRound writes down which keys were used in another hour than is stored: one write an hour for each key at most.
func (d *Desk) keysRound(ctx context.Context) (done int, held bool, err error) {
	known := d.keyring.read.Load()
	if known == nil {
		return 0, false, nil
	}
	for id, key := range known.keys {
		used := key.used.Load()
		if used <= key.stored.Load() {
			continue
		}
		if err := d.store.KeyUsed(ctx, id, time.Unix(used*int64(keyUsedEvery/time.Second), 0)); err != nil {
			return done, false, err
		}
		key.stored.Store(used)
		done++
	}
	return done, false, nil
}
