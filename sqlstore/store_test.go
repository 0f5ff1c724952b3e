package sqlstore_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/internal/testenv"
	"github.com/dues-billing/dues/sqlstore"
)

// start is the time at which these tests happen.
var start = time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)

// each runs test on every kind of database, with a function that opens one more Store on the same, migrated database.
func each(t *testing.T, test func(t *testing.T, s *sqlstore.Store, again func() *sqlstore.Store)) {
	t.Helper()
	t.Parallel()
	for _, db := range testenv.Databases(t) {
		t.Run(db.Name, func(t *testing.T) {
			t.Parallel()
			url := db.URL(t)
			again := func() *sqlstore.Store { return open(t, url) }
			s := again()
			if err := s.Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
			test(t, s, again)
		})
	}
}

func open(t *testing.T, url string) *sqlstore.Store {
	t.Helper()
	s, err := sqlstore.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// write runs fn in a transaction that must succeed.
func write(t *testing.T, s *sqlstore.Store, fn func(ctx context.Context, tx *sqlstore.Tx) error) {
	t.Helper()
	if err := s.InTx(t.Context(), func(tx *sqlstore.Tx) error { return fn(t.Context(), tx) }); err != nil {
		t.Fatal(err)
	}
}

func TestMigratingIsSafeFromManyProcessesAndTwice(t *testing.T) {
	t.Parallel()
	for _, db := range testenv.Databases(t) {
		t.Run(db.Name, func(t *testing.T) {
			t.Parallel()
			url := db.URL(t)
			first := open(t, url)
			if got := billing.CodeOf(first.Check(t.Context())); got != billing.Conflict {
				t.Errorf("an empty database checks as %q, want %q", got, billing.Conflict)
			}
			var wg sync.WaitGroup
			for range 4 {
				s := open(t, url)
				wg.Go(func() {
					if err := s.Migrate(t.Context()); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			if err := first.Migrate(t.Context()); err != nil {
				t.Error(err)
			}
			if err := first.Check(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestOpenRefusesWhatIsNoDatabase(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"", "mysql://root:secret@127.0.0.1/dues", "sqlite:", "sqlite::memory:", "dues.db", "postgres://root:secret@127.0.0.1:x/dues"} {
		s, err := sqlstore.Open(t.Context(), url)
		if billing.CodeOf(err) != billing.Invalid {
			t.Errorf("Open(%q) = %v, %v; want an error of code invalid", url, s, err)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("the error shows the password: %v", err)
		}
	}
}

func TestAFailedTransactionLeavesNothing(t *testing.T) {
	each(t, func(t *testing.T, s *sqlstore.Store, _ func() *sqlstore.Store) {
		stop := errors.New("stop")
		err := s.InTx(t.Context(), func(tx *sqlstore.Tx) error {
			if _, err := tx.AddAccount(t.Context(), billing.Account{ID: "ada", CreatedAt: start}); err != nil {
				return err
			}
			return stop
		})
		if !errors.Is(err, stop) {
			t.Errorf("got %v, want the error of the function", err)
		}
		if _, err := s.Account(t.Context(), "ada"); billing.CodeOf(err) != billing.NotFound {
			t.Errorf("got %v, want not_found", err)
		}
	})
}

func TestManyWritersOnOneRowAllGetThrough(t *testing.T) {
	each(t, func(t *testing.T, s *sqlstore.Store, again func() *sqlstore.Store) {
		const writers = 8
		write(t, s, func(ctx context.Context, tx *sqlstore.Tx) error {
			_, err := tx.AddAccount(ctx, billing.Account{ID: "ada", CreatedAt: start})
			return err
		})
		stores := []*sqlstore.Store{s, again()}
		var wg sync.WaitGroup
		for i := range writers {
			wg.Go(func() {
				err := stores[i%2].InTx(t.Context(), func(tx *sqlstore.Tx) error {
					return tx.SetContact(t.Context(), billing.Account{ID: "ada", Email: fmt.Sprintf("%d@example.com", i)})
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
	})
}

func TestAnAccountExistsOnceAndItsCustomerIsSetOnce(t *testing.T) {
	each(t, func(t *testing.T, s *sqlstore.Store, again func() *sqlstore.Store) {
		var added, linked int
		var mu sync.Mutex
		stores := []*sqlstore.Store{s, again()}
		var wg sync.WaitGroup
		for i := range 10 {
			wg.Go(func() {
				err := stores[i%2].InTx(t.Context(), func(tx *sqlstore.Tx) error {
					isNew, err := tx.AddAccount(t.Context(), billing.Account{ID: "ada", Email: "ada@example.com", Name: "Ada", CreatedAt: start})
					if err != nil {
						return err
					}
					isLinked, err := tx.SetCustomer(t.Context(), "ada", billing.CustomerID(fmt.Sprintf("cus_%d", i)))
					mu.Lock()
					defer mu.Unlock()
					if isNew {
						added++
					}
					if isLinked {
						linked++
					}
					return err
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if added != 1 || linked != 1 {
			t.Errorf("added %d times and linked %d times, want once each", added, linked)
		}
		a, err := s.Account(t.Context(), "ada")
		if err != nil || a.Email != "ada@example.com" || !a.CreatedAt.Equal(start) || !a.ReadyAt.IsZero() {
			t.Errorf("got %+v, %v", a, err)
		}
		byCustomer, err := s.AccountByCustomer(t.Context(), a.Customer)
		if err != nil || byCustomer != a {
			t.Errorf("got %+v, %v; want %+v", byCustomer, err, a)
		}
		if _, err := s.AccountByCustomer(t.Context(), ""); billing.CodeOf(err) != billing.NotFound {
			t.Errorf("no customer belongs to nobody, got %v", err)
		}
	})
}

func TestAccountsAreFoundByWhatAPersonTypes(t *testing.T) {
	each(t, func(t *testing.T, s *sqlstore.Store, _ func() *sqlstore.Store) {
		write(t, s, func(ctx context.Context, tx *sqlstore.Tx) error {
			for i, a := range []billing.Account{
				{ID: "u_1", Email: "Ada@Example.com", Name: "Ada Lovelace"},
				{ID: "u_2", Email: "grace@example.com", Name: "100% Grace"},
				{ID: "u_3", Email: "alan@example.org", Name: "Alan"},
			} {
				a.CreatedAt = start.Add(time.Duration(i) * time.Hour)
				if _, err := tx.AddAccount(ctx, a); err != nil {
					return err
				}
			}
			_, err := tx.SetCustomer(ctx, "u_3", "cus_alan")
			return err
		})
		for _, c := range []struct {
			query string
			limit int
			want  string
		}{
			{"", 10, "[u_3 u_2 u_1]"},
			{"", 2, "[u_3 u_2]"},
			{"example.com", 10, "[u_2 u_1]"},
			{"LOVELACE", 10, "[u_1]"},
			{"cus_alan", 10, "[u_3]"},
			{"%", 10, "[u_2]"},
			{"u_", 10, "[u_3 u_2 u_1]"},
			{"nobody", 10, "[]"},
		} {
			found, err := s.Accounts(t.Context(), c.query, c.limit)
			ids := []billing.AccountID{}
			for _, a := range found {
				ids = append(ids, a.ID)
			}
			if err != nil || fmt.Sprint(ids) != c.want {
				t.Errorf("Accounts(%q, %d) = %v, %v; want %s", c.query, c.limit, ids, err, c.want)
			}
		}
	})
}
