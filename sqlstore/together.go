package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"sync"
)

// together lets those who come while one is at work wait for the next turn, which one of them does for all.
type together[T any] struct {
	mu      sync.Mutex
	waiting []*turn[T]
	busy    bool
}

// turn is somebody who waits.
type turn[T any] struct {
	item T
	done chan struct{} // closed when the item was worked on
	lead chan struct{} // closed when this one has to do the next turn
}

// do has work called with this item, and with those of others who came meanwhile, at most so many. It returns when that is done,
// whatever becomes of the caller: the others must not depend on one that goes away. When work panics, so does its caller, and the others
// find their items as work left them.
func (q *together[T]) do(item T, most int, work func(batch []T)) {
	own := &turn[T]{item: item, done: make(chan struct{}), lead: make(chan struct{})}
	q.mu.Lock()
	q.waiting = append(q.waiting, own)
	if !q.busy {
		q.busy = true
		close(own.lead)
	}
	q.mu.Unlock()
	select {
	case <-own.done:
		return
	case <-own.lead:
	}
	q.mu.Lock()
	n := min(len(q.waiting), most)
	batch := q.waiting[:n:n] // its first is the caller
	q.waiting = q.waiting[n:]
	q.mu.Unlock()

	items := make([]T, n)
	for i, one := range batch {
		items[i] = one.item
	}
	defer q.handOn(batch)
	work(items)
}

// handOn lets those go who were in a turn, and the next one lead.
func (q *together[T]) handOn(batch []*turn[T]) {
	q.mu.Lock()
	if len(q.waiting) > 0 {
		close(q.waiting[0].lead)
	} else {
		q.busy = false
	}
	q.mu.Unlock()
	for _, one := range batch {
		close(one.done)
	}
}

// work is a transaction that waits for its turn.
type work struct {
	ctx      context.Context
	fn       func(*Tx) error
	err      error
	panicked any
}

// errUndone is what came of work until something else is known.
var errUndone = errors.New("sqlstore: it was not carried out")

// transactionsMax bounds what shares a commit, so that the last of it does not wait for long.
const transactionsMax = 32

// shared runs fn in a transaction that it may share with others: SQLite has one writer at a time anyhow, and a commit costs a sync of the
// disk whatever it holds. Each is behind a savepoint, so one that fails takes nobody along.
func (s *Store) shared(ctx context.Context, fn func(*Tx) error) error {
	w := &work{ctx: ctx, fn: fn, err: errUndone}
	s.turns.do(w, transactionsMax, func(batch []*work) {
		if len(batch) > 1 && s.inOne(batch) {
			return
		}
		for _, w := range batch {
			w.run(func() error { return s.alone(w.ctx, w.fn) })
		}
	})
	if w.panicked != nil {
		panic(w.panicked) // to whom it belongs
	}
	return w.err
}

// run calls fn on behalf of somebody else: a panic of his is kept for him.
func (w *work) run(fn func() error) {
	defer func() { w.panicked = recover() }()
	w.err = fn()
}

// The savepoint of one transaction among others.
const (
	beginOne    = `SAVEPOINT one`
	keepOne     = `RELEASE one`
	takeBackOne = `ROLLBACK TO one`
)

// inOne runs a batch in one transaction. It reports false when that came to nothing, and nothing was committed: a full disk, say, ends the
// transaction of all, and then each is to find out by himself.
func (s *Store) inOne(batch []*work) bool {
	ctx := context.Background()
	db, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return false
	}
	committed := false
	defer func() {
		_ = db.Rollback() // after Commit it says ErrTxDone, which is the good case
		for _, w := range batch {
			if !committed {
				w.err = errUndone
			}
		}
	}()
	all := &Tx{}
	for _, w := range batch {
		if w.err = w.ctx.Err(); w.err != nil {
			continue
		}
		if _, err := db.ExecContext(ctx, beginOne); err != nil {
			return false
		}
		own := &Tx{reads: reads{unhurried{db}, s.dialect}}
		w.run(func() error { return w.fn(own) })
		if w.err == nil && w.panicked == nil {
			all.changes = append(all.changes, own.changes...)
		} else if _, err := db.ExecContext(ctx, takeBackOne); err != nil {
			return false
		}
		if _, err := db.ExecContext(ctx, keepOne); err != nil {
			return false
		}
	}
	committed = s.commit(ctx, all, db) == nil
	return committed
}

// unhurried keeps a caller that goes away from breaking off a statement: SQLite would take everybody's transaction back.
type unhurried struct{ *sql.Tx }

// ExecContext implements querier.
func (u unhurried) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return u.Tx.ExecContext(context.WithoutCancel(ctx), query, args...)
}

// QueryContext implements querier.
func (u unhurried) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return u.Tx.QueryContext(context.WithoutCancel(ctx), query, args...)
}

// QueryRowContext implements querier.
func (u unhurried) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	return u.Tx.QueryRowContext(context.WithoutCancel(ctx), query, args...)
}
