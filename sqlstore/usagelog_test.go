package sqlstore_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/internal/testenv"
	"github.com/dues-billing/dues/sqlstore"
)

var calls = billing.Feature{ID: "calls", Type: billing.Usage, Meter: billing.Meter{Event: "calls", Aggregate: billing.Sum}}

func used(key string, quantity int64) billing.UsageEvent {
	return billing.UsageEvent{Key: key, Account: "ada", Feature: "calls", Quantity: quantity, At: start}
}

// report adds usage to the log, and fails the test when that fails.
func report(t *testing.T, s *sqlstore.Store, events ...billing.UsageEvent) {
	t.Helper()
	if _, err := s.AddUsage(t.Context(), events, start); err != nil {
		t.Fatal(err)
	}
}

// count counts what is in the log, and returns the keys of what was refused.
func count(t *testing.T, s *sqlstore.Store) (refused []string) {
	t.Helper()
	for {
		counted, err := s.CountUsage(t.Context(), 1<<62)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range counted.Refused {
			refused = append(refused, fmt.Sprintf("%s=%d", e.Key, e.Quantity))
		}
		if !counted.Found {
			return refused
		}
	}
}

// total is what ada used, and in how many events.
func total(t *testing.T, s *sqlstore.Store) string {
	t.Helper()
	days, err := s.Usage(t.Context(), "ada", calls, start.Add(-24*time.Hour), start.Add(24*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	quantity, events := int64(0), int64(0)
	for _, day := range days {
		quantity, events = quantity+day.Quantity, events+day.Events
	}
	return fmt.Sprintf("%d in %d", quantity, events)
}

func TestOfUsageWithOneKeyTheFirstCountsAndNoOther(t *testing.T) {
	each(t, func(t *testing.T, s *sqlstore.Store, again func() *sqlstore.Store) {
		other := again()
		report(t, s, used("one", 1), used("two", 2), used("two", 2)) // twice in a call
		report(t, other, used("one", 1))                             // twice in the log, from two processes
		report(t, s, used("one", 7))                                 // something else under a key that is in the log
		if got := count(t, s); !slices.Equal(got, []string{"one=7"}) {
			t.Errorf("refused %q", got)
		}
		report(t, s, used("one", 1), used("three", 3), used("two", 9)) // once more, after it was counted
		report(t, other, used("three", 3))
		if got := count(t, other); !slices.Equal(got, []string{"two=9"}) {
			t.Errorf("refused %q", got)
		}
		if got, want := total(t, s), "6 in 3"; got != want {
			t.Errorf("counted %s, want %s", got, want)
		}
	})
}

func TestUsageOfOneCallIsWholeOrNotThere(t *testing.T) {
	each(t, func(t *testing.T, s *sqlstore.Store, _ func() *sqlstore.Store) {
		for _, key := range []string{"a\tb", "a\nb"} {
			if _, err := s.AddUsage(t.Context(), []billing.UsageEvent{used("one", 1), used(key, 1)}, start); billing.CodeOf(err) != billing.Invalid {
				t.Errorf("%q: got %v, want code invalid", key, err)
			}
		}
		count(t, s)
		if got := total(t, s); got != "0 in 0" {
			t.Errorf("counted %s of what was refused", got)
		}
	})
}

// fading is a context that ends when it was looked at so often.
type fading struct {
	context.Context
	looks atomic.Int64
	once  sync.Once
	ended chan struct{}
}

func fadingAfter(ctx context.Context, looks int) *fading {
	f := &fading{Context: ctx, ended: make(chan struct{})}
	f.looks.Store(int64(looks))
	return f
}

// Done implements context.Context.
func (f *fading) Done() <-chan struct{} { return f.ended }

// Err implements context.Context.
func (f *fading) Err() error {
	if f.looks.Add(-1) >= 0 {
		return nil
	}
	f.once.Do(func() { close(f.ended) })
	return context.Canceled
}

func TestCountingUsageThatIsBrokenOffAtAnyMomentLosesAndDoublesNothing(t *testing.T) {
	each(t, func(t *testing.T, s *sqlstore.Store, again func() *sqlstore.Store) {
		const events = 3000
		var all []billing.UsageEvent
		for i := range events {
			all = append(all, used(fmt.Sprint("key-", i), 1))
		}
		for part := range slices.Chunk(all, 100) {
			report(t, s, part...)
		}
		broken := 0
		for looks := 1; ; looks++ {
			counted, err := s.CountUsage(fadingAfter(t.Context(), looks), 1<<62)
			if err == nil && !counted.Found {
				break
			}
			if err != nil {
				broken++
			}
		}
		if got, want := total(t, again()), fmt.Sprintf("%d in %d", events, events); got != want || broken == 0 {
			t.Errorf("counted %s after %d tries that were broken off, want %s", got, broken, want)
		}
	})
}

func TestAHundredReportWhileManyCountAndEachKeyCountsOnce(t *testing.T) {
	each(t, func(t *testing.T, s *sqlstore.Store, again func() *sqlstore.Store) {
		stores := []*sqlstore.Store{s, again()}
		ctx, stop := context.WithCancel(t.Context())
		var counters, reporters sync.WaitGroup
		for i := range 4 {
			counters.Go(func() {
				for ctx.Err() == nil {
					if _, err := stores[i%2].CountUsage(ctx, 1<<62); err != nil && !errors.Is(err, context.Canceled) && ctx.Err() == nil {
						t.Error(err)
					}
				}
			})
		}
		for i := range 100 {
			reporters.Go(func() {
				for n := range 10 { // each key comes from four
					if _, err := stores[i%2].AddUsage(t.Context(), []billing.UsageEvent{used(fmt.Sprintf("key-%d-%d", i/4, n), 2)}, start); err != nil {
						t.Error(err)
					}
				}
			})
		}
		reporters.Wait()
		stop()
		counters.Wait()
		if refused := count(t, s); refused != nil {
			t.Errorf("refused %q", refused)
		}
		if got, want := total(t, s), "500 in 250"; got != want {
			t.Errorf("counted %s, want %s", got, want)
		}
	})
}

func TestUsageInTheLogOfADeletedAccountIsNotCounted(t *testing.T) {
	each(t, func(t *testing.T, s *sqlstore.Store, _ func() *sqlstore.Store) {
		lived(t, s)
		write(t, s, func(ctx context.Context, tx *sqlstore.Tx) error {
			_, err := tx.DeleteAccount(ctx, "ada", "cus_ada", start)
			return err
		})
		count(t, s)
		if got := total(t, s); got != "0 in 0" {
			t.Errorf("counted %s of an account that is deleted", got)
		}
	})
}

func TestALogOfUsageThatNobodyCountsStaysBounded(t *testing.T) {
	t.Parallel()
	s := open(t, testenv.SQLiteURL(t))
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	for i := range 2200 {
		report(t, s, used(fmt.Sprint("key-", i), 1))
	}
	if got := total(t, s); got == "0 in 0" {
		t.Error("the log grows without end")
	}
	count(t, s)
	if got, want := total(t, s), "2200 in 2200"; got != want {
		t.Errorf("counted %s, want %s", got, want)
	}
}

func TestAnImportCountsTheUsageThatWasInTheLogAndGoesOn(t *testing.T) {
	each(t, func(t *testing.T, s *sqlstore.Store, _ func() *sqlstore.Store) {
		report(t, s, used("one", 1))
		count(t, s)
		report(t, s, used("one", 1), used("two", 2))
		to := open(t, testenv.SQLiteURL(t))
		if err := to.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		text := export(t, s)
		if _, err := to.Import(t.Context(), strings.NewReader(text)); err != nil {
			t.Fatal(err)
		}
		report(t, to, used("two", 2), used("three", 4))
		count(t, to)
		if got, want := total(t, to), "7 in 3"; got != want {
			t.Errorf("counted %s, want %s", got, want)
		}
	})
}
