package httpapi

import (
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// The names of two buckets.
const ada, bob = 1, 2

func TestABucketHoldsTenSecondsAndFillsByTheSecond(t *testing.T) {
	t.Parallel()
	b := bucketsOf("account", 5, 1)
	takes := func(name uint64, at time.Duration, want int) {
		t.Helper()
		for n := range want {
			if err := b.take(name, at); err != nil {
				t.Fatalf("%d at %s: request %d of %d: %v", name, at, n+1, want, err)
			}
		}
		if err := b.take(name, at); err == nil {
			t.Fatalf("%d at %s: a request more than %d passes", name, at, want)
		}
	}
	takes(ada, 0, 50)
	takes(ada, 199*time.Millisecond, 0)
	takes(ada, 200*time.Millisecond, 1)
	takes(bob, 200*time.Millisecond, 50) // whatever ada does
	takes(ada, 3*time.Second, 14)
	takes(ada, time.Hour, 50) // and not an hour's worth

	err := b.take(ada, time.Hour)
	h := http.Header{}
	tell(h, err)
	if billing.CodeOf(err) != codeTooMany || h.Get("Retry-After") != "1" || h.Get("RateLimit-Policy") != `"account";q=50;w=10` || h.Get("RateLimit") != `"account";r=0;t=1` {
		t.Errorf("refused with %v, %v", err, h)
	}
	none := bucketsOf("key", -1, 1)
	for range 1000 {
		if err := none.take(ada, 0); err != nil {
			t.Fatalf("without limit: %v", err)
		}
	}
	if usual := bucketsOf("key", 0, 4); usual.each != time.Second/4 {
		t.Errorf("unless said, a request each %s", usual.each)
	}
}

func TestAHundredAtOnceTakeWhatIsThereAndNoMore(t *testing.T) {
	t.Parallel()
	b := bucketsOf("account", 5, 1)
	var passed atomic.Int64
	var all sync.WaitGroup
	for range 100 {
		all.Go(func() {
			if b.take(ada, time.Second) == nil {
				passed.Add(1)
			}
		})
	}
	all.Wait()
	if passed.Load() != 50 {
		t.Errorf("%d of 100 passed, want 50", passed.Load())
	}
}

func TestWhoHasTakenAllIsNotForgottenForAMillionOthers(t *testing.T) {
	t.Parallel()
	b := bucketsOf("account", 1, 1)
	const busy = 1 << 40
	for range 10 {
		_ = b.take(busy, 0)
	}
	for name := range uint64(bucketShards * shardSets * setBuckets * 3) {
		if name%1000 == 0 {
			if err := b.take(busy, 0); err == nil {
				t.Fatal("who has taken all is forgotten while he asks on")
			}
		}
		_ = b.take(name, 0)
	}
}

func TestALookIsNoChange(t *testing.T) {
	t.Parallel()
	now := time.Unix(0, 0)
	for asked, limit := range map[string]int{"GET /v1/me": 30, "POST /v1/me/check": 30, "POST /v1/me/preview": 10, "POST /v1/me/cancel": 10, "DELETE /v1/me/payment-methods/pm_1": 10} {
		l := newLimits(Limits{Key: 2, Account: 3, Changes: 1}, now)
		method, path, _ := strings.Cut(asked, " ")
		r, err := http.NewRequest(method, path, nil)
		if err != nil {
			t.Fatal(err)
		}
		passed := 0
		for range 100 {
			if l.pass(gate{who: endUsers}, r, &visit{account: "ada"}, now) == nil {
				passed++
			}
		}
		if passed != limit {
			t.Errorf("%s: %d of 100 pass, want %d", asked, passed, limit)
		}
	}
}

func BenchmarkLimit(b *testing.B) {
	l := newLimits(Limits{Key: 1 << 30, Account: 1 << 30}, time.Unix(0, 0))
	r, err := http.NewRequest(http.MethodGet, "/v1/accounts/ada", nil)
	if err != nil {
		b.Fatal(err)
	}
	r.SetPathValue("id", "ada")
	v := &visit{actor: service.Actor{Kind: service.KeyActor, Name: "key_abcdefghijklmnop"}}
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		if err := l.pass(gate{who: servers}, r, v, time.Unix(0, int64(n))); err != nil {
			b.Fatal(err)
		}
	}
}
