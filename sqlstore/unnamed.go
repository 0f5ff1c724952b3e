package sqlstore

import (
	"context"
	"time"

	"github.com/dues-billing/dues/billing"
)

// Events that name no customer and are worked off all the same are told apart by the object that they are about: each is read alone, and
// fails alone.
const (
	dueObjects = `SELECT object, MAX(type), MAX(seq), MAX(attempts) FROM inbox WHERE customer = '' AND state = 'pending' AND due_at <= $1
		GROUP BY object ORDER BY MIN(seq) LIMIT $2 + 0`
	objectWaits   = `SELECT COUNT(*) FROM inbox WHERE customer = '' AND object = $1 AND state = 'pending'`
	addressEvents = `UPDATE inbox SET customer = $3 WHERE customer = '' AND object = $1 AND seq <= $2 AND state = 'pending'`
	objectDone    = `UPDATE inbox SET state = $3, done_at = $4 WHERE customer = '' AND object = $1 AND seq <= $2 AND state IN ('pending', 'dead')`
	objectLate    = `UPDATE inbox SET attempts = attempts + 1, due_at = $3, error = $4, state = $5
		WHERE customer = '' AND object = $1 AND seq <= $2 AND state = 'pending'`
)

// dueObjects returns the objects with due events that name no customer, longest waiting first.
func (r reads) dueObjects(ctx context.Context, now time.Time, limit int) ([]Due, error) {
	return rows(ctx, r, func(from scanner) (d Due, err error) {
		return d, from.Scan(&d.Object, &d.Type, &d.Seq, &d.Attempts)
	}, dueObjects, micros(now), limit)
}

// ObjectWaits reports whether an event that names no customer but this object waits to be worked off.
func (r reads) ObjectWaits(ctx context.Context, object string) (bool, error) {
	n, err := number[int](ctx, r, objectWaits, object)
	return n > 0, err
}

// Address gives what waits about an object up to seq to the customer whose it is, among whose events it is worked off.
func (tx *Tx) Address(ctx context.Context, object string, seq int64, to billing.CustomerID) error {
	_, err := tx.db.ExecContext(ctx, addressEvents, object, seq, to)
	return err
}

// ObjectDone ends the events up to seq that name no customer but this object: as Done, or as Ignored when it is nobody's.
func (tx *Tx) ObjectDone(ctx context.Context, object string, seq int64, state string, at time.Time) error {
	_, err := tx.db.ExecContext(ctx, objectDone, object, seq, state, micros(at))
	return err
}

// ObjectLate notes a failed try on the events up to seq that name no customer but this object: they wait until due, or are dead.
func (tx *Tx) ObjectLate(ctx context.Context, object string, seq int64, due time.Time, cause string, dead bool) error {
	_, err := tx.db.ExecContext(ctx, objectLate, object, seq, micros(due), cause, lateState(dead))
	return err
}
