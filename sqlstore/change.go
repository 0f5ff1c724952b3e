package sqlstore

import (
	"context"
	"database/sql"
	"strings"
	"sync"

	"github.com/dues-billing/dues/billing"
)

// A Change names what a transaction wrote of what access depends on: an account's row, or a customer's mirror. One of the two is set.
type Change struct {
	Account  billing.AccountID
	Customer billing.CustomerID
}

// The forms of a change on its way from one process to another.
const (
	accountChange  = "account:"
	customerChange = "customer:"
)

// String is the change as other processes are told of it.
func (c Change) String() string {
	if c.Customer != "" {
		return customerChange + string(c.Customer)
	}
	return accountChange + string(c.Account)
}

// changeOf reads what String wrote.
func changeOf(text string) (Change, bool) {
	if id, ok := strings.CutPrefix(text, accountChange); ok {
		return Change{Account: billing.AccountID(id)}, true
	}
	id, ok := strings.CutPrefix(text, customerChange)
	return Change{Customer: billing.CustomerID(id)}, ok
}

// wrote notes what this transaction changes, for those who keep what they have read. Whatever writes an account's row or a customer's
// mirror calls it.
func (tx *Tx) wrote(c Change) { tx.changes = append(tx.changes, c) }

// announce lets other processes know of the changes at the moment in which the transaction is committed, and not when it is not.
func (tx *Tx) announce(ctx context.Context) error {
	if tx.dialect.notify == "" {
		return nil
	}
	for _, change := range tx.changes {
		if err := tx.put(ctx, changeChannel, tx.dialect.notify, changeChannel, change.String()); err != nil {
			return err
		}
	}
	return nil
}

// watchers are told of changes by the process that made them.
type watchers struct {
	mu  sync.Mutex
	all []func([]Change)
}

// Watch has fn called with the changes of every transaction of this Store, before InTx returns. It is also called when a commit has
// failed, for one whose answer was lost may have happened all the same. fn must return at once.
func (s *Store) Watch(fn func([]Change)) {
	s.watchers.mu.Lock()
	defer s.watchers.mu.Unlock()
	s.watchers.all = append(s.watchers.all, fn)
}

// commit ends a transaction and tells of its changes, in this process and in others.
func (s *Store) commit(ctx context.Context, tx *Tx, db *sql.Tx) error {
	if len(tx.changes) == 0 {
		return db.Commit()
	}
	if err := tx.announce(ctx); err != nil {
		return err
	}
	err := db.Commit()
	s.watchers.mu.Lock()
	all := s.watchers.all
	s.watchers.mu.Unlock()
	for _, fn := range all {
		fn(tx.changes)
	}
	return err
}
