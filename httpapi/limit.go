package httpapi

import (
	"errors"
	"fmt"
	"hash/maphash"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/dues-billing/dues/billing"
)

// Limits bound how much one caller may ask, in requests a second of each process; ten seconds' worth may come at once. 0 is the default, and
// below 0 there is no limit.
type Limits struct {
	Key     int // of one key; 20,000 by default
	Account int // about one account, by its people and by servers; 1,000 by default
	// Changes are what the people of one account change or have Stripe compute, each of which asks Stripe, whose own limit all accounts share;
	// 5 by default.
	Changes int
}

// The limits by default: far above what an application does, and below what one that runs wild takes from all others.
const (
	keyPerSecond     = 20_000
	accountPerSecond = 1_000
	changesPerSecond = 5
)

// limitWindow is how much may come at once.
const limitWindow = 10 * time.Second

// codeTooMany is the code of a caller that asks too much.
const codeTooMany billing.Code = "too_many_requests"

// throttled is a request that came too early.
type throttled struct {
	known  *billing.Error
	policy string // which limit
	quota  int64  // requests a window
	wait   time.Duration
}

// Error implements error.
func (t *throttled) Error() string { return t.known.Error() }

// Unwrap lets the answer be found: see problemOf.
func (t *throttled) Unwrap() error { return t.known }

// tell says in the answer's headers when to come again, as Retry-After and as the IETF's draft of RateLimit headers has it.
func tell(h http.Header, err error) {
	var t *throttled
	if !errors.As(err, &t) {
		return
	}
	seconds := int64((t.wait + time.Second - 1) / time.Second)
	h.Set("Retry-After", strconv.FormatInt(seconds, 10))
	h.Set("RateLimit-Policy", fmt.Sprintf(`"%s";q=%d;w=%d`, t.policy, t.quota, limitWindow/time.Second))
	h.Set("RateLimit", fmt.Sprintf(`"%s";r=0;t=%d`, t.policy, seconds))
}

// limits are the limits of this process.
type limits struct {
	start                   time.Time
	seed                    maphash.Seed
	keys, accounts, changes buckets
}

func newLimits(l Limits, start time.Time) *limits {
	return &limits{
		start: start, seed: maphash.MakeSeed(),
		keys: bucketsOf("key", l.Key, keyPerSecond), accounts: bucketsOf("account", l.Account, accountPerSecond),
		changes: bucketsOf("changes", l.Changes, changesPerSecond),
	}
}

// pass takes one request of a visitor from what he may ask.
func (l *limits) pass(g gate, r *http.Request, v *visit, now time.Time) error {
	at := now.Sub(l.start)
	if g.who == endUsers {
		account := l.name(string(v.account))
		if err := l.accounts.take(account, at); err != nil || looks(r) && r.URL.Path != "/v1/me/preview" {
			return err
		}
		return l.changes.take(account, at)
	}
	if err := l.keys.take(maphash.Comparable(l.seed, v.actor), at); err != nil || g.who != servers {
		return err
	}
	if id := r.PathValue("id"); id != "" {
		return l.accounts.take(l.name(id), at)
	}
	return nil
}

// name is what a bucket is known by: 64 bits that nobody outside can compute, so that nobody finds a name to share another's bucket with, and
// without a pointer, so that the collector of garbage passes over buckets, of which there may be half a million.
func (l *limits) name(of string) uint64 { return maphash.String(l.seed, of) }

// What is kept: 64 shards of 2048 sets of 4 buckets, half a million and 8 MiB once all of them have been asked for.
const (
	bucketShards = 64
	shardSets    = 2048
	setBuckets   = 4 // of 16 bytes each: one line of the processor's memory
)

// buckets hold a token bucket for each name. A bucket is one number, so that taking from it costs nanoseconds: status checks are answered in a
// few hundred of them. The number is when it will be full again, in nanoseconds since the start: the further ahead, the emptier it is (the generic
// cell rate algorithm). Zero is full.
type buckets struct {
	policy string
	each   time.Duration // between two requests at the full rate; 0: no limit
	shards *[bucketShards]shard
}

type shard struct {
	mu   sync.Mutex
	sets [][setBuckets]bucket // nil until the first is asked for
}

// bucket is of a name. One that is full says no more than one that is not there.
type bucket struct {
	name uint64
	full int64
}

func bucketsOf(policy string, given, usual int) buckets {
	b := buckets{policy: policy, shards: new([bucketShards]shard)}
	switch {
	case given == 0:
		b.each = time.Second / time.Duration(usual)
	case given > 0:
		b.each = max(1, time.Second/time.Duration(given))
	}
	return b
}

// take takes one request at a moment since the start, or says how long to wait.
func (b *buckets) take(name uint64, at time.Duration) error {
	if b.each == 0 {
		return nil
	}
	wait := b.shards[name%bucketShards].take(name, at, b.each)
	if wait == 0 {
		return nil
	}
	return &throttled{
		known:  billing.Errorf(codeTooMany, "too many requests by one %s: come again in %s", b.policy, wait.Round(time.Millisecond)),
		policy: b.policy, quota: int64(limitWindow / b.each), wait: wait,
	}
}

// take is of the bucket of a name, a full one when it is not known.
func (s *shard) take(name uint64, at, each time.Duration) (wait time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sets == nil {
		s.sets = make([][setBuckets]bucket, shardSets)
	}
	b := find(&s.sets[name/bucketShards%shardSets], name)
	next := max(b.full, int64(at)) + int64(each)
	if wait := next - int64(at) - int64(limitWindow); wait > 0 {
		return time.Duration(wait)
	}
	b.full = next
	return 0
}

// find returns the bucket of a name. One that is not known takes the place of the one that has the most left: who has taken all is forgotten last.
func find(set *[setBuckets]bucket, name uint64) *bucket {
	most := &set[0]
	for i := range set {
		b := &set[i]
		if b.name == name {
			return b
		}
		if b.full < most.full {
			most = b
		}
	}
	*most = bucket{name: name}
	return most
}
