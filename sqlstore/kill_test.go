//go:build unix

package sqlstore_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/dues-billing/dues/internal/testenv"
	"github.com/dues-billing/dues/sqlstore"
)

func TestWhatWasAcknowledgedSurvivesAKilledPostgres(t *testing.T) {
	t.Parallel()
	server := testenv.NewPostgresServer(t)
	s := open(t, server.URL)
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	const senders, rounds, enough = 16, 3, 400
	acknowledged := map[string]bool{}
	for round := range rounds {
		var mu sync.Mutex
		var once sync.Once
		var all sync.WaitGroup
		killed := make(chan struct{})
		for sender := range senders {
			all.Go(func() {
				for n := 0; ; n++ {
					id := fmt.Sprintf("evt_%d_%d_%d", round, sender, n)
					if _, err := s.AddEvent(t.Context(), event(id, "cus_ada")); err != nil {
						<-killed // it was not acknowledged, so it may be lost
						return
					}
					mu.Lock()
					acknowledged[id] = true
					due := len(acknowledged) >= (round+1)*enough
					mu.Unlock()
					if due {
						once.Do(func() { server.Kill(); close(killed) })
					}
				}
			})
		}
		all.Wait()
		server.Start()
	}
	stored, err := s.Events(t.Context(), sqlstore.EventFilter{}, sqlstore.Page{Limit: 1_000_000})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range stored {
		delete(acknowledged, e.ID)
	}
	if len(stored) < rounds*enough || len(acknowledged) > 0 {
		t.Errorf("%d events are stored, and %d that were acknowledged are not", len(stored), len(acknowledged))
	}
}
