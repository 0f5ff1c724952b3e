package sqlstore_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/sqlstore"
)

func TestOfManyArrivalsAtOnceEachIsNewOnceAndKnownWhereItCameFrom(t *testing.T) {
	each(t, func(t *testing.T, s *sqlstore.Store, _ func() *sqlstore.Store) {
		const events = 150
		var fresh [events]atomic.Int64
		var wg sync.WaitGroup
		for i := range 2 * events {
			wg.Go(func() {
				n := i % events
				e := event(fmt.Sprintf("evt_%d", n), fmt.Sprintf("cus_%d", n))
				e.ProviderAccount = "second"
				added, err := s.AddEvent(t.Context(), e)
				if err != nil {
					t.Error(err)
				}
				if added {
					fresh[n].Add(1)
				}
			})
		}
		wg.Wait()
		for n := range fresh {
			home, err := s.Home(t.Context(), billing.CustomerID(fmt.Sprintf("cus_%d", n)))
			if got := fresh[n].Load(); got != 1 || home != "second" || err != nil {
				t.Errorf("event %d was new %d times, and its customer is in %q (%v); want once and second", n, got, home, err)
			}
		}
	})
}

// PostgreSQL holds no text with a zero byte; SQLite does.
func TestAnArrivalThatCannotBeStoredFailsAlone(t *testing.T) {
	each(t, func(t *testing.T, s *sqlstore.Store, _ func() *sqlstore.Store) {
		const events, bad = 100, 57
		var refused atomic.Int64
		var wg sync.WaitGroup
		for i := range events {
			wg.Go(func() {
				e := event(fmt.Sprintf("evt_%d", i), "cus_ada")
				if i == bad {
					e.Object = "in_\x00"
				}
				switch added, err := s.AddEvent(t.Context(), e); {
				case err != nil && i == bad:
					refused.Add(1)
				case err != nil || !added:
					t.Errorf("event %d: new %v, %v", i, added, err)
				}
			})
		}
		wg.Wait()
		all, err := s.Events(t.Context(), sqlstore.EventFilter{}, sqlstore.Page{Limit: 1000})
		if want := events - int(refused.Load()); len(all) != want || err != nil {
			t.Errorf("%d are stored (%v), want the %d that were acknowledged", len(all), err, want)
		}
	})
}
