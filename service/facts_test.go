package service_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/internal/testenv"
	"github.com/dues-billing/dues/money"
	"github.com/dues-billing/dues/service"
	"github.com/dues-billing/dues/sqlstore"
)

// staleMax is what docs/operations.md promises.
const staleMax = 3 * time.Second

// cached opens a service that remembers, and the store through which it writes.
func (w *world) cached(change ...func(*service.Config)) (s *service.Service, store *sqlstore.Store) {
	s = w.serviceWith(func(c *service.Config) {
		for _, fn := range change {
			fn(c)
		}
		store = c.Store
	})
	return s, store
}

// forgetful opens a service that reads everything anew.
func (w *world) forgetful() *service.Service {
	return w.serviceWith(func(c *service.Config) { c.CacheBytes = -1 })
}

// write commits through a store, as the process of that store does.
func (w *world) write(store *sqlstore.Store, fn func(ctx context.Context, tx *sqlstore.Tx) error) {
	w.t.Helper()
	if err := store.InTx(w.t.Context(), func(tx *sqlstore.Tx) error { return fn(w.t.Context(), tx) }); err != nil {
		w.t.Fatal(err)
	}
}

// enter makes an account with its customer, without a provider.
func (w *world) enter(store *sqlstore.Store, id billing.AccountID) {
	w.t.Helper()
	w.write(store, func(ctx context.Context, tx *sqlstore.Tx) error {
		_, err := tx.AddAccount(ctx, billing.Account{ID: id, Email: string(id) + "@example.com", CreatedAt: start})
		_, linked := tx.SetCustomer(ctx, id, customerOf(id))
		return errors.Join(err, linked)
	})
}

func customerOf(id billing.AccountID) billing.CustomerID { return billing.CustomerID("cus_" + id) }

// puts commits what a fetch would have brought.
func (w *world) puts(store *sqlstore.Store, now billing.State) {
	w.t.Helper()
	w.write(store, func(ctx context.Context, tx *sqlstore.Tx) error {
		mirror, err := tx.State(ctx, now.Customer)
		if err != nil {
			return err
		}
		return tx.SaveState(ctx, mirror, now)
	})
}

// on is the state of a customer with one subscription.
func on(id billing.AccountID, price string, status billing.Status, change ...func(*billing.Subscription)) billing.State {
	sub := billing.Subscription{
		ID: billing.SubscriptionID("sub_" + id), Customer: customerOf(id), Status: status, CreatedAt: start,
		Items: []billing.Item{{ID: "si_1", PriceKey: price, Quantity: 1, Amount: money.New(1900, "eur"), Period: billing.Period{Start: start, End: start.AddDate(0, 1, 0)}}},
	}
	for _, fn := range change {
		fn(&sub)
	}
	return billing.State{Customer: customerOf(id), Known: true, SyncedAt: start, Subscriptions: []billing.Subscription{sub}}
}

// await waits for what other goroutines bring about.
func (w *world) await(what string, done func() bool) {
	w.t.Helper()
	const patience, look = 30 * time.Second, 2 * time.Millisecond
	ctx, cancel := context.WithTimeout(w.t.Context(), patience)
	defer cancel()
	ticker := time.NewTicker(look)
	defer ticker.Stop()
	for !done() {
		select {
		case <-ctx.Done():
			w.t.Fatalf("in vain: %s", what)
		case <-ticker.C:
		}
	}
}

// run lets a service work until the test ends.
func (w *world) run(s *service.Service) {
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = s.Run(ctx) }) // says no more than that ctx has ended
	w.t.Cleanup(func() {
		stop()
		running.Wait()
	})
}

func TestTheNextCheckSeesWhatWasCommittedBefore(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s, store := w.cached()
		w.enter(store, "ada")
		w.expect(s, "starter  free")
		w.puts(store, on("ada", "premium-monthly", billing.Active))
		w.expect(s, "premium active full")
		w.puts(store, on("ada", "premium-monthly", billing.Canceled))
		w.expect(s, "starter  free")
		w.write(store, func(ctx context.Context, tx *sqlstore.Tx) error {
			return tx.SetContact(ctx, billing.Account{ID: "ada", Email: "countess@example.com", Name: "Ada"})
		})
		if status := w.status(s); status.Account.Email != "countess@example.com" {
			t.Errorf("the e-mail is %s after it was changed", status.Account.Email)
		}
		before := s.Cache()
		w.expect(s, "starter  free")
		if after := s.Cache(); after.Hits != before.Hits+1 || after.Misses != before.Misses {
			t.Errorf("asked again, it was read again: %+v, before %+v", after, before)
		}
	})
}

func TestCheckersBesideAWriterNeverGoBack(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s, store := w.cached()
		w.enter(store, "ada")
		const commits, checkers = 60, 4
		ctx, stop := context.WithCancel(t.Context())
		var group sync.WaitGroup
		defer group.Wait()
		defer stop()
		for range checkers {
			group.Go(func() {
				for ctx.Err() == nil {
					_, err := s.Status(ctx, "ada")
					_, err2 := s.StatusText(ctx, "ada", periodEnd)
					if err := errors.Join(err, err2); err != nil && ctx.Err() == nil {
						t.Error(err)
						return
					}
				}
			})
		}
		for n := range commits {
			end := start.AddDate(0, 0, n)
			w.puts(store, on("ada", "premium-monthly", billing.Active, func(s *billing.Subscription) { s.Items[0].Period.End = end }))
			for range 3 {
				if status := w.status(s); !status.PeriodEnd.Equal(end) {
					t.Fatalf("after commit %d the period ends on %v, want %v", n, status.PeriodEnd, end)
				}
				if text := w.periodEnd(s); text != end.String() {
					t.Fatalf("after commit %d it is said that the period ends on %s, want %v", n, text, end)
				}
			}
		}
	})
}

// An answer was not kept when its facts had to be read first: they were read after the moment of the question, and were taken for ones of the future.
func TestAnAnswerIsKeptFromTheFirstQuestionOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testenv.SQLiteURL(t))
	var ticks atomic.Int64
	s, store := w.cached(func(c *service.Config) {
		c.Clock.Wall = func() time.Time { return start.Add(time.Duration(ticks.Add(1))) } // it never shows the same twice
	})
	w.enter(store, "ada")
	w.puts(store, on("ada", "premium-monthly", billing.Active))
	asked := 0
	for range 3 {
		_, err := s.StatusText(t.Context(), "ada", func(service.Status) []byte { asked++; return []byte("{}") })
		if err != nil {
			t.Fatal(err)
		}
	}
	if stats := s.Cache(); asked != 1 || stats.Hits != 2 || stats.Misses != 1 {
		t.Errorf("made %d times, %d hits, %d misses, want 1, 2, 1", asked, stats.Hits, stats.Misses)
	}
}

// periodEnd is what an answer says here.
func periodEnd(s service.Status) []byte { return []byte(s.PeriodEnd.String()) }

func (w *world) periodEnd(s *service.Service) string {
	w.t.Helper()
	text, err := s.StatusText(w.t.Context(), "ada", periodEnd)
	if err != nil {
		w.t.Fatal(err)
	}
	return string(text)
}

func TestAccessEndsByTimeAloneAlsoFromMemory(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testenv.SQLiteURL(t))
	business := &clock{now: start}
	s, store := w.cached(func(c *service.Config) { c.Clock.Business = business.Now })
	w.enter(store, "ada")
	end := start.AddDate(0, 0, 20)
	w.puts(store, on("ada", "premium-monthly", billing.Active, func(s *billing.Subscription) { s.CancelAt = end }))
	w.expect(s, "premium active full")
	read := s.Cache().Misses
	business.set(end.Add(-time.Microsecond))
	w.expect(s, "premium active full")
	business.set(end)
	w.expect(s, "premium active free")
	if now := s.Cache().Misses; now != read {
		t.Errorf("the database was read %d times for it; this test is about what is kept", now-read)
	}
}

func TestAChangeOfAnotherProcessIsSeenWithinTheBoundWithoutNews(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		here, store := w.cached()
		_, elsewhere := w.cached()
		w.enter(store, "ada")
		w.puts(store, on("ada", "premium-monthly", billing.Active))
		w.expect(here, "premium active full")
		w.puts(elsewhere, on("ada", "premium-monthly", billing.Canceled))
		w.move(start.Add(staleMax - time.Microsecond))
		w.expect(here, "premium active full") // nobody told it: that is what the bound is for
		w.move(start.Add(staleMax))
		w.expect(here, "starter  free")
	})
}

func TestAChangeOfAnotherProcessIsHeardOf(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		here, store := w.cached(quick)
		_, elsewhere := w.cached()
		w.enter(store, "ada")
		w.puts(store, on("ada", "premium-monthly", billing.Active))
		w.run(here)
		w.await("that changes are heard of", func() bool { return !here.Cache().HeardAt.IsZero() })
		// The clock stands still: only news can make it forget.
		for n := range 5 {
			w.expect(here, "premium active full")
			w.puts(elsewhere, on("ada", "premium-monthly", billing.Canceled))
			w.await(fmt.Sprint("the end of access, time ", n), func() bool { return w.status(here).Level == billing.FreeOnly })
			w.puts(elsewhere, on("ada", "premium-monthly", billing.Active))
			w.await("its return", func() bool { return w.status(here).Level == billing.Full })
		}
	})
}

// quick looks for news all the time.
func quick(c *service.Config) { c.Pace.Beat = 5 * time.Millisecond }

func TestWhileNewsAreHeardFactsOutliveTheBound(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s, store := w.cached(quick)
		w.enter(store, "ada")
		w.run(s)
		for hour := range 3 {
			at := start.Add(time.Duration(hour) * 2 * time.Minute)
			w.move(at)
			w.await("news", func() bool { return s.Cache().HeardAt.Equal(at) })
			w.status(s)
		}
		if read := s.Cache().Misses; read > 2 { // the second for what another process wrote: the schema, when this one began to listen
			t.Errorf("the database was read %d times", read)
		}
		w.move(start.Add(10 * time.Minute))
		before := s.Cache().Misses
		w.status(s)
		if s.Cache().Misses != before+1 {
			t.Error("facts are kept for longer than ten minutes")
		}
	})
}

func TestAListenerThatWasCutOffIsBehindByTheBoundAtMost(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		if w.kind() != "postgres" {
			return // nobody listens to an SQLite file
		}
		here, store := w.cached(quick)
		_, elsewhere := w.cached()
		w.enter(store, "ada")
		w.puts(store, on("ada", "premium-monthly", billing.Active))
		w.run(here)
		w.await("that changes are heard of", func() bool { return !here.Cache().HeardAt.IsZero() })
		w.expect(here, "premium active full")
		if ended := testenv.EndListeners(t, w.database); ended != 1 {
			t.Fatalf("%d listeners were ended, want one", ended)
		}
		w.puts(elsewhere, on("ada", "premium-monthly", billing.Canceled))
		w.move(start.Add(staleMax))
		w.expect(here, "starter  free")
		later := start.Add(time.Hour)
		w.move(later)
		w.await("that it listens again", func() bool { return here.Cache().HeardAt.Equal(later) })
	})
}

func (w *world) kind() string {
	if w.database[:6] == "sqlite" {
		return "sqlite"
	}
	return "postgres"
}

// What is remembered must never show: after any commits, in any order, at any time, whoever remembers answers as whoever does not.
//
// Features: 88.
func TestMemoryNeverChangesAnAnswer(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		seed := uint64(time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC).Unix())
		random := rand.New(rand.NewPCG(seed, 1))
		// Room for two of four accounts or fewer, so that they also make room for one another.
		small, store := w.cached(func(c *service.Config) { c.CacheBytes = 20 << 10 })
		large := w.serviceWith(func(c *service.Config) { c.Store = store })
		plain := w.forgetful()
		ids := []billing.AccountID{"ada", "alan", "grace", "kurt"}
		for _, id := range ids {
			w.enter(store, id)
		}
		for step := range 150 {
			id := ids[random.IntN(len(ids))]
			switch random.IntN(6) {
			case 0:
				w.puts(store, anyState(random, id, w.now.Now()))
			case 1:
				w.write(store, func(ctx context.Context, tx *sqlstore.Tx) error {
					return tx.SetContact(ctx, billing.Account{ID: id, Email: fmt.Sprintf("%d@example.com", step)})
				})
			case 2:
				w.move(w.now.Now().Add(time.Duration(random.Int64N(int64(time.Second)))))
			case 3:
				w.move(w.now.Now().Add(time.Duration(random.Int64N(int64(20 * 24 * time.Hour)))))
			}
			want := w.answer(plain, id)
			for name, s := range map[string]*service.Service{"a small cache": small, "a large cache": large} {
				if diff := cmp.Diff(want, w.answer(s, id)); diff != "" {
					t.Fatalf("seed %d, step %d: %s answers otherwise about %s (-database +memory):\n%s", seed, step, name, id, diff)
				}
			}
		}
		if stats := large.Cache(); stats.Hits == 0 || stats.Bytes == 0 {
			t.Errorf("nothing was remembered: %+v", stats)
		}
	})
}

// answer is all that is said about an account.
func (w *world) answer(s *service.Service, id billing.AccountID) any {
	w.t.Helper()
	status, err := s.Status(w.t.Context(), id)
	entitlements, err2 := s.Entitlements(w.t.Context(), id)
	licenses, err3 := s.Licenses(w.t.Context(), id)
	text, err4 := s.StatusText(w.t.Context(), id, func(s service.Status) []byte { return written(w.t, s) })
	granted, err5 := s.EntitlementsText(w.t.Context(), id, func(all []billing.Entitlement) []byte { return fmt.Append(nil, all) })
	if err := errors.Join(err, err2, err3, err4, err5); err != nil {
		w.t.Fatal(err)
	}
	return struct {
		Status       service.Status
		Entitlements []billing.Entitlement
		Licenses     []billing.Held
		Texts        []string
	}{status, entitlements, licenses, []string{string(text), string(granted)}}
}

// written is a value as text, in full.
func written(t testing.TB, v any) []byte {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func anyState(random *rand.Rand, id billing.AccountID, now time.Time) billing.State {
	statuses := []billing.Status{billing.Active, billing.Trialing, billing.PastDue, billing.Unpaid, billing.Canceled, billing.Incomplete, billing.Paused}
	state := on(id, []string{"starter", "premium-monthly", "elsewhere"}[random.IntN(3)], statuses[random.IntN(len(statuses))], func(s *billing.Subscription) {
		s.Items[0].Period.End = now.Add(time.Duration(random.Int64N(int64(60 * 24 * time.Hour)))).Truncate(time.Second)
		if random.IntN(3) == 0 {
			s.CancelAt = s.Items[0].Period.End
		}
	})
	state.Deleted = random.IntN(10) == 0
	if random.IntN(2) == 0 {
		state.Methods = []billing.PaymentMethod{{ID: "pm_1", Type: "card", Brand: "visa", Last4: "4242", Default: true}}
	}
	if random.IntN(2) == 0 {
		state.Invoices = []billing.Invoice{{
			ID: billing.InvoiceID("in_" + id), Customer: customerOf(id), Subscription: state.Subscriptions[0].ID, Status: billing.InvoiceOpen,
			AmountDue: money.New(1900, "eur"), NeedsConfirmation: random.IntN(2) == 0, CreatedAt: start, HostedURL: "https://invoice.example.com/1",
		}}
	}
	return state
}
