package service

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/catalog"
	"github.com/dues-billing/dues/money"
)

var noon = time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)

// put keeps a value as somebody does who reads undisturbed.
func put[V any](r *recent[string, V], key string, value V, at time.Time) {
	r.end(key, r.begin(key), value, at, true)
}

func texts(bytesMax int64) *recent[string, string] {
	return newRecent(bytesMax, func(key, value string) int64 { return int64(len(key) + len(value)) })
}

func TestWhatWasReadBeforeAChangeIsNotKeptAfterIt(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*recent[string, string]){
		"of its key":    func(r *recent[string, string]) { r.drop("ada") },
		"of everything": func(r *recent[string, string]) { r.dropAll() },
	} {
		r := texts(100)
		slow, slower := r.begin("ada"), r.begin("ada")
		change(r)
		after := r.begin("ada")
		r.end("ada", slow, "old", noon, true)
		if got := r.get("ada", noon, noon); got != nil {
			t.Errorf("a change %s: %q is kept, which was read before it", name, got.value)
		}
		r.end("ada", after, "new", noon, true)
		r.end("ada", slower, "old", noon, true)
		got := r.get("ada", noon, noon)
		if got == nil || got.value != "new" {
			t.Fatalf("a change %s: got %+v, want what was read after it", name, got)
		}
		if change(r); got.good(noon, noon) {
			t.Errorf("a change %s: whoever holds what was read before it takes it for good", name)
		}
		if len(r.reading) != 0 {
			t.Errorf("a change %s: nobody reads any more, and %d are waited for", name, len(r.reading))
		}
	}
}

func TestAFactIsAnsweredWithOnlyWhileNothingCanHaveBeenMissed(t *testing.T) {
	t.Parallel()
	never := time.Time{}
	for _, c := range []struct {
		name  string
		heard time.Time
		age   time.Duration
		fresh bool
	}{
		{"just read", never, 0, true},
		{"nothing heard, within the bound", never, staleMax - 1, true},
		{"nothing heard, at the bound", never, staleMax, false},
		{"heard of lately", noon.Add(time.Minute - time.Second), time.Minute, true},
		{"the news ended before the bound", noon.Add(time.Minute - staleMax), time.Minute, false},
		{"the news ended before it was read", noon.Add(-time.Second), staleMax - 1, true},
		{"heard of, and too old for changes by hand", noon.Add(keptMax), keptMax, false},
		{"a clock set back", never, -time.Second, false},
		{"news from the future", noon.Add(2 * time.Minute), time.Minute, false},
	} {
		if got := fresh(noon, c.heard, noon.Add(c.age)); got != c.fresh {
			t.Errorf("%s: fresh %v, want %v", c.name, got, c.fresh)
		}
	}
}

func TestTheCacheForgetsWhatNobodyAsksFor(t *testing.T) {
	t.Parallel()
	r := texts(20)
	for _, key := range []string{"a", "b", "c"} {
		put(r, key, "12345", noon) // 6 bytes
	}
	r.get("a", noon, noon)
	put(r, "d", "12345", noon)
	for key, want := range map[string]bool{"a": true, "b": false, "c": true, "d": true} {
		if found := r.get(key, noon, noon) != nil; found != want {
			t.Errorf("%s: kept %v, want %v", key, found, want)
		}
	}
	put(r, "e", "far too long for this cache", noon)
	if entries, bytes := r.size(); entries != 3 || bytes != 18 {
		t.Errorf("%d entries of %d bytes, want 3 of 18", entries, bytes)
	}
	put(r, "a", "1", noon)
	if entries, bytes := r.size(); entries != 3 || bytes != 14 {
		t.Errorf("with a shorter value: %d entries of %d bytes, want 3 of 14", entries, bytes)
	}
}

func TestAFullCacheMakesRoomThoughEverythingIsAskedFor(t *testing.T) {
	t.Parallel()
	const entries = 3 * sparedMax
	r := texts(entries)
	for i := range entries {
		put(r, string(rune('a'+i)), "", noon)
	}
	kept, _ := r.size()
	for i := range entries {
		r.get(string(rune('a'+i)), noon, noon)
	}
	put(r, "new", "", noon)
	if after, bytes := r.size(); after >= kept || bytes > entries {
		t.Errorf("%d entries of %d bytes, of %d before", after, bytes, kept)
	}
	if r.get("new", noon, noon) == nil {
		t.Error("what has just been read makes room")
	}
}

// No other test runs beside this one, for it measures the memory of the process.
func TestTheCacheKeepsToItsBytes(t *testing.T) {
	const customers = 20_000
	r := newRecent(1<<40, weighStanding)
	catalogue := catalog.Default()
	accounts := newRecent(1<<40, weighAccount)
	answers := newAnswers(customers*1200, noon)
	before := heap()
	for i := range customers {
		id := billing.CustomerID(fmt.Sprintf("cus_%014d", i))
		state := billing.State{
			Customer: id, Known: true, Methods: []billing.PaymentMethod{{ID: billing.PaymentMethodID(fmt.Sprint("pm_", i)), Type: "card", Brand: text("visa"), Last4: text("4242")}},
			Subscriptions: []billing.Subscription{{ID: billing.SubscriptionID(fmt.Sprintf("sub_%014d", i)), Status: billing.Status(text("past_due")), Items: []billing.Item{
				{PriceKey: text("premium-monthly"), Amount: money.New(1900, money.Currency(text("eur")))},
			}}},
			Invoices: []billing.Invoice{{
				ID: billing.InvoiceID(fmt.Sprintf("in_%014d", i)), Subscription: billing.SubscriptionID(fmt.Sprintf("sub_%014d", i)), Status: billing.InvoiceStatus(text("open")),
				HostedURL: fmt.Sprintf("https://invoice.example.com/i/%030d", i), AmountDue: money.New(1900, money.Currency(text("eur"))),
			}},
		}
		kept := r.end(id, r.begin(id), state, noon, true)
		name := billing.AccountID(fmt.Sprintf("account-%d", i))
		held := &holder{Account: billing.Account{ID: billing.AccountID(text(string(name))), Email: fmt.Sprint(name, "@example.com"), Name: fmt.Sprint("Ada ", i), Customer: billing.CustomerID(text(string(id)))}}
		row := accounts.end(name, accounts.begin(name), held, noon, true)
		about := &judged{fact: fact{account: held, row: row, kept: kept}, Verdict: billing.VerdictOf(catalogue, state, nil, noon)}
		for p, bytes := range map[part]int{statusPart: 560, entitlementsPart: 140, packedPart: 9} {
			answers.put(p, about, make([]byte, bytes))
		}
	}
	_, bytes := r.size()
	_, rows := accounts.size()
	_, said := answers.size()
	took := heap() - before
	t.Logf("%d customers take %d bytes each, and are counted as %d, %d and %d", customers, took/customers, bytes/customers, rows/customers, said/customers)
	if counted := bytes + rows + said; took > counted || took < counted*3/4 {
		t.Errorf("the cache counts %d bytes and takes %d", counted, took)
	}
	runtime.KeepAlive(r)
	runtime.KeepAlive(accounts)
	runtime.KeepAlive(answers)
}

// text is a string of its own, as one that was read from a database.
func text(s string) string { return string([]byte(s)) }

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
