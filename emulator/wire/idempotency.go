package wire

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"sync"

	"github.com/dues-billing/dues/emulator/engine"
)

// Limits of idempotency keys, as documented.
const (
	idempotencyKeyMax  = 255
	idempotencySeconds = 24 * 60 * 60      // after this a key is new again,
	idempotencyV2      = 30 * 24 * 60 * 60 // and in the second version of the API after this
	idempotencyReplies = 20_000            // kept per account: the SDKs send a key with every POST, and retry it within minutes
)

// reply is a stored answer.
type reply struct {
	Fingerprint string `json:"fingerprint"` // of the request that made it
	RequestID   string `json:"request"`
	Status      int    `json:"status"`
	Body        string `json:"body"`
	At          int64  `json:"at"` // wall time
}

// idempotency remembers the answers of an account's POSTs by their Idempotency-Key. One mutex guards it, apart from the world's, so that a
// second request with a running key is told so at once.
type idempotency struct {
	seconds int64 // how long a key is known
	mu      sync.Mutex
	replies map[string]reply
	running map[string]bool
	order   []string // keys with a reply, oldest first
}

func newIdempotency() *idempotency {
	return &idempotency{seconds: idempotencySeconds, replies: map[string]reply{}, running: map[string]bool{}}
}

// fingerprint names what a request asks for: the same parameters in any order give the same.
func fingerprint(method, path string, form *Node) string {
	sum := sha256.Sum256([]byte(method + " " + path + "?" + form.Encode()))
	return hex.EncodeToString(sum[:16])
}

// begin takes a key for a request. It answers the stored reply of an earlier one with the same parameters, or an error, or neither: then
// the caller runs the request and ends with finish.
func (i *idempotency) begin(key, print string, at int64) (*reply, *engine.Error) {
	if len(strings.TrimPrefix(key, keysOfV2)) > idempotencyKeyMax {
		return nil, &engine.Error{Status: 400, Type: engine.IdempotencyError, Message: "Idempotency keys can be at most 255 characters long."}
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.forget(at)
	if stored, ok := i.replies[key]; ok {
		if stored.Fingerprint != print {
			return nil, &engine.Error{Status: 400, Type: engine.IdempotencyError, Message: "Keys for idempotent requests can only be used with the same " +
				"parameters they were first used with. Try using a key other than '" + strings.TrimPrefix(key, keysOfV2) + "' if you meant to execute a different request."}
		}
		return &stored, nil
	}
	if i.running[key] {
		return nil, failure(409, "idempotency_key_in_use", "There is currently another in-progress request using this Idempotent Key "+
			"(that probably means you submitted twice, and the other request is still going through): %s. "+
			"You can try again later, or contact support if you believe this is incorrect.", strings.TrimPrefix(key, keysOfV2))
	}
	i.running[key] = true
	return nil, nil
}

// keysOfV2 begins the keys of the second version where they are written down: no header can hold it.
const keysOfV2 = "\x00v2 "

// keptAs is the key under which the answer of a request is kept: the two versions of the API share none.
func (c *call) keptAs() string {
	if c.v2 {
		return keysOfV2 + c.key
	}
	return c.key
}

// idemOf is where the answer under a key is kept.
func (a *account) idemOf(key string) *idempotency {
	if strings.HasPrefix(key, keysOfV2) {
		return a.idemV2
	}
	return a.idem
}

// forgetKeys makes every key a new one.
func (a *account) forgetKeys() {
	a.idem.clear()
	a.idemV2.clear()
}

// finish gives the key free and keeps the reply, if there is one to keep: a request that failed validation leaves none.
func (i *idempotency) finish(key string, stored *reply) {
	i.mu.Lock()
	defer i.mu.Unlock()
	delete(i.running, key)
	if stored != nil {
		i.keep(key, *stored)
	}
}

func (i *idempotency) keep(key string, stored reply) {
	if _, known := i.replies[key]; !known {
		i.order = append(i.order, key)
	}
	i.replies[key] = stored
}

// clear forgets everything but what is running.
func (i *idempotency) clear() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.replies, i.order = map[string]reply{}, nil
}

// forget drops replies that are too old or too many.
func (i *idempotency) forget(at int64) {
	gone := 0
	for gone < len(i.order) && (i.replies[i.order[gone]].At+i.seconds <= at || len(i.order)-gone > idempotencyReplies) {
		delete(i.replies, i.order[gone])
		gone++
	}
	i.order = i.order[gone:]
}
