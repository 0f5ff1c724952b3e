package sqlstore_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/sqlstore"
)

func TestALeaseHasOneOwnerAndFencesTheOneBefore(t *testing.T) {
	each(t, func(t *testing.T, s *sqlstore.Store, again func() *sqlstore.Store) {
		ctx := t.Context()
		var owners atomic.Int64
		stores := []*sqlstore.Store{s, again()}
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() {
				_, taken, err := stores[i%2].TakeLease(ctx, "race", start, start.Add(time.Minute))
				if err != nil {
					t.Error(err)
				}
				if taken {
					owners.Add(1)
				}
			})
		}
		wg.Wait()
		if owners.Load() != 1 {
			t.Errorf("%d owners at once, want 1", owners.Load())
		}

		hold := func(l sqlstore.Lease) error {
			return s.InTx(ctx, func(tx *sqlstore.Tx) error { return tx.Hold(ctx, l) })
		}
		first, taken, err := s.TakeLease(ctx, "c", start, start.Add(time.Minute))
		if !taken || err != nil {
			t.Fatal(taken, err)
		}
		if _, taken, _ := s.TakeLease(ctx, "c", start.Add(59*time.Second), start.Add(2*time.Minute)); taken {
			t.Error("a lease was taken while it was held")
		}
		if err := hold(first); err != nil {
			t.Errorf("the owner holds its lease, got %v", err)
		}
		second, taken, err := s.TakeLease(ctx, "c", start.Add(time.Minute), start.Add(2*time.Minute))
		if !taken || err != nil {
			t.Fatalf("an expired lease is free: %v, %v", taken, err)
		}
		if err := hold(first); !errors.Is(err, sqlstore.ErrLeaseLost) {
			t.Errorf("the owner before: got %v, want ErrLeaseLost", err)
		}
		if err := s.RenewLease(ctx, first, start.Add(time.Hour)); !errors.Is(err, sqlstore.ErrLeaseLost) {
			t.Errorf("the owner before renews: got %v, want ErrLeaseLost", err)
		}
		if err := s.ReleaseLease(ctx, first); err != nil { // must not touch the second's
			t.Error(err)
		}
		if err := s.RenewLease(ctx, second, start.Add(time.Hour)); err != nil {
			t.Error(err)
		}
		if _, taken, _ := s.TakeLease(ctx, "c", start.Add(30*time.Minute), start.Add(time.Hour)); taken {
			t.Error("a renewed lease was taken")
		}
		if err := s.ReleaseLease(ctx, second); err != nil {
			t.Error(err)
		}
		if _, taken, err := s.TakeLease(ctx, "c", start.Add(30*time.Minute), start.Add(time.Hour)); !taken || err != nil {
			t.Errorf("a released lease is free: %v, %v", taken, err)
		}
	})
}

func TestALeaseEndsWithTheCommitOfItsWork(t *testing.T) {
	each(t, func(t *testing.T, s *sqlstore.Store, again func() *sqlstore.Store) {
		ctx, end := t.Context(), start.Add(time.Minute)
		take := func() (sqlstore.Lease, bool) {
			t.Helper()
			lease, taken, err := s.TakeLease(ctx, "c", start, end)
			if err != nil {
				t.Fatal(err)
			}
			return lease, taken
		}
		errUndone := errors.New("undone")
		lease, _ := take()
		err := s.InTx(ctx, func(tx *sqlstore.Tx) error { return errors.Join(tx.EndLease(ctx, lease), errUndone) })
		if !errors.Is(err, errUndone) || errors.Is(err, sqlstore.ErrLeaseLost) {
			t.Fatal(err)
		}
		if _, taken := take(); taken {
			t.Error("a lease was taken although the work of its owner is not committed")
		}
		if err := s.InTx(ctx, func(tx *sqlstore.Tx) error { return tx.EndLease(ctx, lease) }); err != nil {
			t.Fatal(err)
		}
		if err := s.RenewLease(ctx, lease, end); !errors.Is(err, sqlstore.ErrLeaseLost) {
			t.Errorf("a lease is renewed that was given back: got %v, want ErrLeaseLost", err)
		}
		if _, taken := take(); !taken {
			t.Error("a lease was not free when the work of its owner was committed")
		}
		if err := s.InTx(ctx, func(tx *sqlstore.Tx) error { return tx.EndLease(ctx, lease) }); !errors.Is(err, sqlstore.ErrLeaseLost) {
			t.Errorf("the owner before ends the lease of the next: got %v, want ErrLeaseLost", err)
		}
	})
}

func event(id, customer string) sqlstore.Event {
	return sqlstore.Event{
		ID: id, Type: "invoice.paid", Customer: billing.CustomerID(customer), Object: "in_1", APIVersion: "v", CreatedAt: start,
		ReceivedAt: start, DueAt: start, State: sqlstore.Pending, Body: []byte(`{"id":"` + id + `"}`),
	}
}

// Rows: C23.
// Features: 64.
func TestAnEventIsTakenInOnceHoweverOftenItArrives(t *testing.T) {
	each(t, func(t *testing.T, s *sqlstore.Store, again func() *sqlstore.Store) {
		const events, deliveries = 50, 4
		stores := []*sqlstore.Store{s, again()}
		var added atomic.Int64
		var wg sync.WaitGroup
		for i := range events * deliveries {
			wg.Go(func() {
				ok, err := stores[i%2].AddEvent(t.Context(), event(fmt.Sprintf("evt_%d", i%events), "cus_ada"))
				if err != nil {
					t.Error(err)
				}
				if ok {
					added.Add(1)
				}
			})
		}
		wg.Wait()
		all, err := s.Events(t.Context(), sqlstore.EventFilter{}, sqlstore.Page{Limit: 1000})
		if added.Load() != events || len(all) != events || err != nil {
			t.Errorf("%d reported as new and %d stored (%v), want %d", added.Load(), len(all), err, events)
		}
	})
}

func TestEventsAreDuePerCustomerAndWaitAfterAFailure(t *testing.T) {
	each(t, func(t *testing.T, s *sqlstore.Store, _ func() *sqlstore.Store) {
		ctx := t.Context()
		for _, e := range []sqlstore.Event{event("evt_1", "cus_ada"), event("evt_2", "cus_bob"), event("evt_3", "cus_ada")} {
			if _, err := s.AddEvent(ctx, e); err != nil {
				t.Fatal(err)
			}
		}
		ignored := event("evt_4", "")
		ignored.State, ignored.DoneAt = sqlstore.Ignored, start
		if _, err := s.AddEvent(ctx, ignored); err != nil {
			t.Fatal(err)
		}
		due := func(at time.Time) string {
			t.Helper()
			all, err := s.DueCustomers(ctx, "", at, 10)
			if err != nil {
				t.Fatal(err)
			}
			text := ""
			for _, d := range all {
				text += fmt.Sprintf("%s×%d ", d.Customer, d.Attempts)
			}
			return text
		}
		if got, want := due(start), "cus_ada×0 cus_bob×0 "; got != want {
			t.Errorf("due: %q, want %q", got, want)
		}
		last, err := s.LastEvent(ctx, "cus_ada")
		if err != nil {
			t.Fatal(err)
		}
		write(t, s, func(ctx context.Context, tx *sqlstore.Tx) error {
			return tx.EventsLate(ctx, "cus_ada", last, sqlstore.Late{Due: start.Add(time.Minute), Cause: "no answer"})
		})
		if got, want := due(start), "cus_bob×0 "; got != want {
			t.Errorf("after a failure: due %q, want %q", got, want)
		}
		if got, want := due(start.Add(time.Minute)), "cus_bob×0 cus_ada×1 "; got != want && got != "cus_ada×1 cus_bob×0 " {
			t.Errorf("a minute later: due %q, want %q", got, want)
		}
		write(t, s, func(ctx context.Context, tx *sqlstore.Tx) error {
			if err := tx.EventsDone(ctx, "cus_bob", 1<<40, start); err != nil {
				return err
			}
			return tx.EventsLate(ctx, "cus_ada", last, sqlstore.Late{Due: start.Add(time.Minute), Cause: "never", Dead: true})
		})
		if next, err := s.NextEvent(ctx, ""); err != nil || !next.IsZero() {
			t.Errorf("nothing is pending any more, got %v, %v", next, err)
		}
		if n, err := s.CountEvents(ctx, sqlstore.Dead); n != 2 || err != nil {
			t.Errorf("%d dead events (%v), want 2", n, err)
		}
		all, err := s.Events(ctx, sqlstore.EventFilter{Customer: "cus_ada"}, sqlstore.Page{Limit: 10})
		if err != nil || len(all) != 2 || all[0].ID != "evt_3" || all[0].Error != "never" || all[0].Attempts != 2 {
			t.Errorf("the error of a dead event is kept: got %+v, %v", all, err)
		}
		// A later fetch heals what was given up.
		write(t, s, func(ctx context.Context, tx *sqlstore.Tx) error { return tx.EventsDone(ctx, "cus_ada", last, start) })
		if n, err := s.CountEvents(ctx, sqlstore.Dead); n != 0 || err != nil {
			t.Errorf("%d dead events (%v), want 0", n, err)
		}
	})
}

func TestOldEventsAreForgottenOnceTheyAreWorkedOff(t *testing.T) {
	each(t, func(t *testing.T, s *sqlstore.Store, _ func() *sqlstore.Store) {
		ctx := t.Context()
		for i, customer := range []string{"cus_ada", "cus_ada", "cus_ada", "cus_bob"} {
			if _, err := s.AddEvent(ctx, event(fmt.Sprint("evt_", i), customer)); err != nil {
				t.Fatal(err)
			}
		}
		write(t, s, func(ctx context.Context, tx *sqlstore.Tx) error { return tx.EventsDone(ctx, "cus_ada", 1<<40, start) })
		for _, c := range []struct {
			before time.Time
			want   int64
		}{{start, 0}, {start.Add(time.Second), 2}, {start.Add(time.Second), 1}, {start.Add(time.Second), 0}} {
			if n, err := s.ForgetEvents(ctx, c.before, 2); n != c.want || err != nil {
				t.Errorf("forgot %d events (%v), want %d", n, err, c.want)
			}
		}
		if left, err := s.Events(ctx, sqlstore.EventFilter{}, sqlstore.Page{Limit: 10}); len(left) != 1 || left[0].Customer != "cus_bob" || err != nil {
			t.Errorf("left %+v, %v; want the one that waits", left, err)
		}
	})
}

func TestAnEffectIsStoredOnceAndClaimedByOneWorker(t *testing.T) {
	each(t, func(t *testing.T, s *sqlstore.Store, again func() *sqlstore.Store) {
		ctx := t.Context()
		const effects = 30
		for range 2 { // the second round stores nothing
			write(t, s, func(ctx context.Context, tx *sqlstore.Tx) error {
				for i := range effects {
					e := sqlstore.Effect{Key: fmt.Sprintf("receipt:in_%d", i), Kind: "mail", Name: "receipt", Account: "ada", Payload: []byte(`{}`), CreatedAt: start}
					if _, err := tx.AddEffect(ctx, e); err != nil {
						return err
					}
				}
				return nil
			})
		}
		lease := start.Add(time.Minute)
		var mu sync.Mutex
		claims := map[string]int{}
		stores := []*sqlstore.Store{s, again()}
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				for {
					claimed, err := stores[i%2].ClaimEffects(ctx, "", start, lease, 4)
					if err != nil {
						t.Error(err)
					}
					if len(claimed) == 0 {
						return
					}
					mu.Lock()
					for _, e := range claimed {
						claims[e.Key]++
					}
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		for key, n := range claims {
			if n != 1 {
				t.Errorf("%s was claimed %d times, want once", key, n)
			}
		}
		if len(claims) != effects {
			t.Errorf("%d effects claimed, want %d", len(claims), effects)
		}
	})
}

func TestAnEffectIsTriedAgainAfterACrashAndAfterAFailure(t *testing.T) {
	each(t, func(t *testing.T, s *sqlstore.Store, _ func() *sqlstore.Store) {
		ctx := t.Context()
		write(t, s, func(ctx context.Context, tx *sqlstore.Tx) error {
			_, err := tx.AddEffect(ctx, sqlstore.Effect{Key: "k", Kind: "mail", Name: "receipt", Account: "ada", Payload: []byte(`{"a":1}`), CreatedAt: start})
			return err
		})
		claim := func(at time.Time) []sqlstore.Effect {
			t.Helper()
			claimed, err := s.ClaimEffects(ctx, "", at, at.Add(time.Minute), 10)
			if err != nil {
				t.Fatal(err)
			}
			return claimed
		}
		crashed := claim(start)
		if len(crashed) != 1 || string(crashed[0].Payload) != `{"a":1}` || len(claim(start.Add(time.Second))) != 0 {
			t.Fatalf("got %+v, want the effect, claimed once", crashed)
		}
		second := claim(start.Add(time.Minute))
		if len(second) != 1 || second[0].Attempts != 2 {
			t.Fatalf("after the lease: got %+v, want the second try", second)
		}
		if err := s.EffectDone(ctx, crashed[0], start); err != nil { // the first worker wakes up: its word does not count
			t.Fatal(err)
		}
		if n, _ := s.CountEffects(ctx, sqlstore.Pending); n != 1 {
			t.Errorf("%d pending, want 1: the second worker is at it", n)
		}
		if err := s.EffectLate(ctx, second[0], start.Add(time.Hour), "refused", false); err != nil {
			t.Fatal(err)
		}
		if next, err := s.NextEffect(ctx, ""); err != nil || !next.Equal(start.Add(time.Hour)) {
			t.Errorf("due at %v (%v), want in an hour", next, err)
		}
		third := claim(start.Add(time.Hour))
		if len(third) != 1 {
			t.Fatalf("got %+v", third)
		}
		if err := s.EffectDone(ctx, third[0], start.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		all, err := s.Effects(ctx, sqlstore.EffectFilter{Account: "ada"}, sqlstore.Page{Limit: 10})
		if err != nil || len(all) != 1 || all[0].State != sqlstore.Done || !all[0].DoneAt.Equal(start.Add(time.Hour)) || all[0].Attempts != 3 {
			t.Errorf("got %+v, %v", all, err)
		}
	})
}

func TestAListThatHasNoIndexLooksAtABoundedNumberOfEvents(t *testing.T) {
	each(t, func(t *testing.T, s *sqlstore.Store, _ func() *sqlstore.Store) {
		ctx := t.Context()
		for n := range 10 {
			e := event(fmt.Sprintf("evt_%d", n), "cus_ada")
			if e.Type = "invoice.paid"; n == 0 {
				e.Type = "customer.created"
			}
			if _, err := s.AddEvent(ctx, e); err != nil {
				t.Fatal(err)
			}
		}
		oldest := sqlstore.EventFilter{Type: "customer.created"}
		page, seen := sqlstore.Page{Limit: 5}, 0
		for n := range 3 { // of 4, 4 and the rest
			var err error
			if page.Floor, err = s.EventFloor(ctx, oldest, page, 4); err != nil {
				t.Fatal(err)
			}
			events, err := s.Events(ctx, oldest, page)
			if err != nil || len(events) > 0 != (n == 2) || (page.Floor > 0) != (n < 2) {
				t.Errorf("walk %d: %d events down to %d, %v", n, len(events), page.Floor, err)
			}
			seen, page.Before = seen+len(events), page.Floor
		}
		if seen != 1 {
			t.Errorf("%d events are found, want the oldest", seen)
		}
		for name, f := range map[string]sqlstore.EventFilter{
			"all": {}, "a customer's": {Customer: "cus_ada", Type: "invoice.paid"}, "what waits": {State: sqlstore.Pending, Type: "invoice.paid"},
			"what was given up": {State: sqlstore.Dead}, "one": {ID: "evt_1"},
		} {
			if floor, err := s.EventFloor(ctx, f, sqlstore.Page{Limit: 5}, 4); floor != 0 || err != nil {
				t.Errorf("%s: the floor is %d, %v; want none", name, floor, err)
			}
		}
	})
}
