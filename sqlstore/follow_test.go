package sqlstore_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/sqlstore"
)

// ears write down what a follower is told.
type ears struct {
	told chan string
}

func (e ears) follower() sqlstore.Follower {
	return sqlstore.Follower{
		Changed: func(c sqlstore.Change) { e.told <- c.String() },
		Missed:  func() { e.told <- "missed" },
		Heard:   func(time.Time) { e.told <- "heard" },
	}
}

// next returns what is told next, beats that follow one another once.
func (e ears) next(t *testing.T, after string) string {
	t.Helper()
	for {
		select {
		case <-t.Context().Done():
			t.Fatal("nothing is told")
		case text := <-e.told:
			if text != after {
				return text
			}
		}
	}
}

func TestWhatIsCommittedIsToldToThoseWhoFollow(t *testing.T) {
	each(t, func(t *testing.T, here *sqlstore.Store, again func() *sqlstore.Store) {
		elsewhere := again()
		all := ears{make(chan string)}
		ctx, stop := context.WithCancel(t.Context())
		var following sync.WaitGroup
		following.Go(func() {
			defer close(all.told)
			if err := here.Follow(ctx, time.Now, time.Millisecond, all.follower()); !errors.Is(err, context.Canceled) {
				t.Errorf("following ended with %v", err)
			}
		})
		if got := all.next(t, ""); got != "missed" {
			t.Errorf("at first it is told %q, want that it may have missed something", got)
		}
		if got := all.next(t, ""); got != "heard" {
			t.Errorf("then it is told %q, want a beat", got)
		}
		write(t, elsewhere, func(ctx context.Context, tx *sqlstore.Tx) error {
			return errors.Join(tx.SetContact(ctx, billing.Account{ID: "ada:1"}), tx.SaveState(ctx, billing.State{}, billing.State{Customer: "cus_ada"}))
		})
		if here.Kind() == "sqlite" {
			if got := all.next(t, "heard"); got != "missed" {
				t.Errorf("another process has written, and it is told %q", got)
			}
			write(t, here, func(ctx context.Context, tx *sqlstore.Tx) error {
				return tx.SetContact(ctx, billing.Account{ID: "ada"})
			})
			for range 3 {
				if got := all.next(t, ""); got != "heard" {
					t.Errorf("after its own change it is told %q, want beats only", got)
				}
			}
		} else {
			for _, want := range []string{"account:ada:1", "customer:cus_ada"} {
				if got := all.next(t, "heard"); got != want {
					t.Errorf("told %q, want %q", got, want)
				}
			}
		}
		stop()
		for range all.told { // it may be in the middle of a word
		}
		following.Wait()
	})
}

func TestWatchersHearOfEveryTransactionThatMayHaveHappened(t *testing.T) {
	each(t, func(t *testing.T, s *sqlstore.Store, _ func() *sqlstore.Store) {
		var heard []string
		s.Watch(func(changes []sqlstore.Change) {
			for _, c := range changes {
				heard = append(heard, c.String())
			}
		})
		write(t, s, func(ctx context.Context, tx *sqlstore.Tx) error {
			_, err := tx.AddAccount(ctx, billing.Account{ID: "ada", CreatedAt: start})
			return err
		})
		write(t, s, func(ctx context.Context, tx *sqlstore.Tx) error {
			return tx.SetContact(ctx, billing.Account{ID: "ada", Email: "ada@example.com"})
		})
		refused := errors.New("thought better of it")
		err := s.InTx(t.Context(), func(tx *sqlstore.Tx) error {
			return errors.Join(tx.SetContact(t.Context(), billing.Account{ID: "ada"}), refused)
		})
		if !errors.Is(err, refused) {
			t.Errorf("got %v, want %v", err, refused)
		}
		write(t, s, func(ctx context.Context, tx *sqlstore.Tx) error {
			_, linked := tx.SetCustomer(ctx, "ada", "cus_ada")
			return errors.Join(linked, tx.SaveState(ctx, billing.State{}, billing.State{Customer: "cus_ada"}))
		})
		ctx, cancel := context.WithCancel(t.Context())
		err = s.InTx(ctx, func(tx *sqlstore.Tx) error {
			defer cancel() // before the commit: whoever asks does not learn whether it has happened
			return tx.SetContact(ctx, billing.Account{ID: "ada", Email: "lost@example.com"})
		})
		if err == nil {
			t.Error("a commit whose caller is gone must fail")
		}
		want := []string{"account:ada", "account:ada", "customer:cus_ada"}
		if s.Kind() == "sqlite" {
			want = append(want, "account:ada") // on PostgreSQL the announcement failed first, so there was no commit
		}
		if !slices.Equal(heard, want) {
			t.Errorf("heard %q, want %q", heard, want)
		}
	})
}
