package sqlstore_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/sqlstore"
)

// Transactions that share a commit stand and fall alone: one that fails, panics or whose caller goes away takes nobody along and leaves nothing.
func TestTransactionsThatShareACommitFailAlone(t *testing.T) {
	each(t, func(t *testing.T, s *sqlstore.Store, _ func() *sqlstore.Store) {
		const all = 120
		refused := errors.New("refused")
		begun := make(chan struct{})
		var group sync.WaitGroup
		answers, panics := make([]error, all), make([]any, all)
		for i := range all {
			group.Go(func() {
				defer func() { panics[i] = recover() }()
				<-begun // so that many come at once
				ctx, leave := context.WithCancel(t.Context())
				defer leave()
				answers[i] = s.InTx(ctx, func(tx *sqlstore.Tx) error {
					id := billing.AccountID(fmt.Sprint("user-", i))
					if _, err := tx.AddAccount(ctx, billing.Account{ID: id, Email: "a@example.com", CreatedAt: start}); err != nil {
						return err
					}
					switch i % 4 {
					case 1:
						return refused
					case 2:
						panic(i)
					case 3:
						leave()
						_, err := tx.SetReady(ctx, id, start)
						return err
					}
					return nil
				})
			})
		}
		close(begun)
		group.Wait()
		for i := range all {
			_, err := s.Account(t.Context(), billing.AccountID(fmt.Sprint("user-", i)))
			stored := err == nil
			if !stored && billing.CodeOf(err) != billing.NotFound {
				t.Fatal(err)
			}
			switch i % 4 {
			case 0:
				if !stored || answers[i] != nil {
					t.Errorf("%d: stored %v, answered %v; want it kept", i, stored, answers[i])
				}
			case 1:
				if stored || !errors.Is(answers[i], refused) {
					t.Errorf("%d: stored %v, answered %v; want the refusal", i, stored, answers[i])
				}
			case 2:
				if stored || panics[i] != i {
					t.Errorf("%d: stored %v, panicked with %v; want its own panic", i, stored, panics[i])
				}
			case 3:
				if stored || !errors.Is(answers[i], context.Canceled) {
					t.Errorf("%d: stored %v, answered %v; want the caller's end", i, stored, answers[i])
				}
			}
		}
	})
}

// Whatever panics between a commit and its callers, nobody waits for ever and nobody is told of a success that is none.
func TestAPanicInTheMiddleOfACommitLeavesNobodyWaiting(t *testing.T) {
	each(t, func(t *testing.T, s *sqlstore.Store, _ func() *sqlstore.Store) {
		s.Watch(func([]sqlstore.Change) { panic("a watcher's bug") })
		var group sync.WaitGroup
		for i := range 40 {
			group.Go(func() {
				id := billing.AccountID(fmt.Sprint("user-", i))
				defer func() { _ = recover() }() // whoever led the turn
				err := s.InTx(t.Context(), func(tx *sqlstore.Tx) error {
					if _, err := tx.AddAccount(t.Context(), billing.Account{ID: id, CreatedAt: start}); err != nil {
						return err
					}
					return tx.SetContact(t.Context(), billing.Account{ID: id, Email: "b@example.com", Name: "Ben"})
				})
				if _, missing := s.Account(t.Context(), id); err == nil && missing != nil {
					t.Errorf("%s was told to be kept, and is not there: %v", id, missing)
				}
			})
		}
		group.Wait()
	})
}
