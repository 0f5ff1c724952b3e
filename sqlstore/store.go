// Package sqlstore keeps accounts, the mirror of the provider, inbox and outbox in SQLite or PostgreSQL.
//
// One SQL text runs on both: what differs (opening, migrations, a lock suffix, error codes) is in dialect.go and migrations/.
// Times are stored as microseconds since 1970 in BIGINT columns, 0 for the zero time.
package sqlstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/dues-billing/dues/billing"
)

// Store is an open database. It is safe for concurrent use. Its own methods read; what writes is a method of Tx.
type Store struct {
	reads
	write    *sql.DB // SQLite: one connection; PostgreSQL: the pool
	close    func() error
	follow   follower
	watchers watchers
	arrivals together[*arrival]
	intakes  together[*intake] // of usage
	turns    together[*work]   // of SQLite's one writer
	// refusing is true since a write was refused for want of room or right, until TryWrite succeeds.
	refusing atomic.Bool
}

// Tx is a transaction.
type Tx struct {
	reads
	changes []Change
}

// reads are the queries that run inside and outside of transactions.
type reads struct {
	db      querier
	dialect dialect
}

// querier is a *sql.DB or a *sql.Tx.
type querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// Open connects to the database of a URL: sqlite:PATH or postgres://…. It does not migrate.
func Open(ctx context.Context, url string) (*Store, error) {
	return OpenThrough(ctx, url, func(c driver.Connector) driver.Connector { return c })
}

// OpenThrough is Open for those who stand between the store and its database, such as a test that cuts the power after any
// statement: every connection comes from what through returns.
func OpenThrough(ctx context.Context, url string, through func(driver.Connector) driver.Connector) (*Store, error) {
	path, isSQLite := strings.CutPrefix(url, "sqlite:")
	switch {
	case isSQLite:
		return openSQLite(ctx, path, through)
	case strings.HasPrefix(url, "postgres://"), strings.HasPrefix(url, "postgresql://"):
		return openPostgres(ctx, url, through)
	}
	scheme, _, _ := strings.Cut(url, ":")
	return nil, billing.Errorf(billing.Invalid, "database must be sqlite:PATH or postgres://USER@HOST/NAME, got scheme %q", scheme)
}

// Close closes the database.
func (s *Store) Close() error { return s.close() }

// errNotBegun is a transaction that found a broken connection before it did anything: somebody went away in the middle of using it. Nothing has
// happened, so another connection is tried.
var errNotBegun = errors.New("sqlstore: the connection was broken")

// txTries is how often a transaction is begun again after a conflict. More means a stuck writer, not bad luck.
const txTries = 8

// InTx runs fn in one transaction and may run it again after a conflict, so fn must touch nothing but tx.
func (s *Store) InTx(ctx context.Context, fn func(*Tx) error) error {
	return s.retry(ctx, func() error { return s.once(ctx, fn) })
}

// statement is InTx for what is one statement: PostgreSQL commits it by itself, which spares two trips to the server and back.
func (s *Store) statement(ctx context.Context, fn func(reads) error) error {
	return s.retry(ctx, func() error {
		if s.dialect.oneWriter {
			return s.once(ctx, func(tx *Tx) error { return fn(tx.reads) })
		}
		return fn(s.reads)
	})
}

// retry does something in the database, again after a conflict.
func (s *Store) retry(ctx context.Context, do func() error) error {
	pause := 2 * time.Millisecond
	for try := 1; ; try++ {
		err := do()
		if err == nil || try == txTries || !s.dialect.conflict(err) && !errors.Is(err, errNotBegun) {
			s.noteRefusal(err)
			return s.dialect.explain(err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
		pause *= 2
	}
}

func (s *Store) once(ctx context.Context, fn func(*Tx) error) error {
	if s.dialect.oneWriter {
		return s.shared(ctx, fn)
	}
	return s.alone(ctx, fn)
}

// alone runs fn in a transaction of its own.
func (s *Store) alone(ctx context.Context, fn func(*Tx) error) error {
	tx, err := s.write.BeginTx(ctx, nil)
	if errors.Is(err, driver.ErrBadConn) {
		return fmt.Errorf("%w: %w", errNotBegun, err)
	}
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // after Commit it says ErrTxDone, which is the good case
	ours := &Tx{reads: reads{tx, s.dialect}}
	if err := fn(ours); err != nil {
		return err
	}
	return s.commit(ctx, ours, tx)
}

// changed reports whether a statement touched a row.
func changed(result sql.Result, err error) (bool, error) {
	if err != nil {
		return false, err
	}
	n, err := result.RowsAffected()
	return n > 0, err
}

// row reads one row with scan; none is sql.ErrNoRows.
func row[T any](ctx context.Context, r reads, scan func(scanner) (T, error), query string, args ...any) (T, error) {
	one, err := scan(r.db.QueryRowContext(ctx, query, args...))
	if err != nil && r.dialect.unholdable(err) {
		err = sql.ErrNoRows
	}
	return one, r.dialect.explain(err)
}

// number reads one integer.
func number[T ~int | ~int64](ctx context.Context, r reads, query string, args ...any) (T, error) {
	return row(ctx, r, func(from scanner) (n T, err error) { return n, from.Scan(&n) }, query, args...)
}

// rows reads all rows with scan.
func rows[T any](ctx context.Context, r reads, scan func(scanner) (T, error), query string, args ...any) (all []T, err error) {
	defer func() { err = r.dialect.explain(err) }()
	found, err := r.db.QueryContext(ctx, query, args...)
	if err != nil && r.dialect.unholdable(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = found.Close() }() // found.Err tells what matters
	for found.Next() {
		one, err := scan(found)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, found.Err()
}

// scanner is a *sql.Row or *sql.Rows.
type scanner interface{ Scan(dest ...any) error }

// micros is how a time is stored.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// moment scans a stored time.
type moment struct{ t *time.Time }

// Scan implements sql.Scanner.
func (m moment) Scan(value any) error {
	n, ok := value.(int64)
	if !ok {
		return fmt.Errorf("sqlstore: a time is stored as %T", value)
	}
	*m.t = time.Time{}
	if n != 0 {
		*m.t = time.UnixMicro(n).UTC()
	}
	return nil
}

func scanMoment(from scanner) (t time.Time, err error) { return t, from.Scan(moment{&t}) }
