package sqlstore_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/internal/testenv"
	"github.com/dues-billing/dues/sqlstore"
)

func TestADatabaseThatTakesNoWritesSaysSoAndLosesNothing(t *testing.T) {
	t.Parallel()
	for _, r := range testenv.Refusals(t) {
		t.Run(r.Name, func(t *testing.T) {
			t.Parallel()
			s, err := sqlstore.OpenThrough(t.Context(), r.URL, r.Through)
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			}()
			if err := s.Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
			r.Refuse(true)
			acknowledged, refused := untilRefused(t, s)
			if billing.CodeOf(refused) != billing.Unavailable || !strings.Contains(refused.Error(), "the database") {
				t.Errorf("refused with %v, want code unavailable and what to do", refused)
			}
			if err := s.Check(t.Context()); billing.CodeOf(err) != billing.Unavailable {
				t.Errorf("checking answers %v, want code unavailable", err)
			}
			if err := s.TryWrite(t.Context()); billing.CodeOf(err) != billing.Unavailable {
				t.Errorf("trying to write answers %v, want code unavailable", err)
			}
			if n := len(stored(t, s)); n != acknowledged {
				t.Errorf("%d events are stored while the database is refusing, want the %d that were acknowledged", n, acknowledged)
			}
			r.Refuse(false)
			if err := s.Check(t.Context()); err != nil {
				t.Errorf("checking answers %v when there is room again", err)
			}
			added, err := s.AddEvent(t.Context(), large(acknowledged))
			if !added || err != nil {
				t.Errorf("what was refused is not taken now: %v, %v", added, err)
			}
			if n := len(stored(t, s)); n != acknowledged+1 {
				t.Errorf("%d events are stored, want %d", n, acknowledged+1)
			}
		})
	}
}

// large is an event of a size that fills a small disk soon.
func large(n int) sqlstore.Event {
	e := event(fmt.Sprintf("evt_%d", n), "cus_ada")
	e.Body = []byte(`"` + strings.Repeat("x", 16<<10) + `"`)
	return e
}

// untilRefused adds events until one is refused.
func untilRefused(t *testing.T, s *sqlstore.Store) (acknowledged int, refused error) {
	t.Helper()
	const enough = 1000
	for n := range enough {
		if _, err := s.AddEvent(t.Context(), large(n)); err != nil {
			return n, err
		}
	}
	t.Fatalf("%d events are taken by a database that has no room", enough)
	return 0, nil
}

func stored(t *testing.T, s *sqlstore.Store) []sqlstore.Event {
	t.Helper()
	all, err := s.Events(context.WithoutCancel(t.Context()), sqlstore.EventFilter{}, sqlstore.Page{Limit: 10_000})
	if err != nil {
		t.Fatal(err)
	}
	return all
}
