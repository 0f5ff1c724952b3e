package sqlstore

import (
	"context"
	"time"

	"github.com/dues-billing/dues/billing"
)

// Events that name no customer and are worked off all the same are told apart by the object that they are about: each is read alone, and
// fails alone. An object is one within its provider account: those that are made of the same catalogue have the same ids in all.
const (
	dueObjects = `SELECT object, MAX(type), MAX(seq), MAX(attempts) FROM inbox WHERE customer = '' AND state = 'pending' AND due_at <= $1 AND provider_account = $3
		GROUP BY object ORDER BY MIN(seq) LIMIT $2 + 0`
	objectWaits   = `SELECT COUNT(*) FROM inbox WHERE customer = '' AND object = $1 AND state = 'pending' AND provider_account = $2`
	addressEvents = `UPDATE inbox SET customer = $3 WHERE customer = '' AND object = $1 AND seq <= $2 AND state = 'pending' AND provider_account = $4`
	objectDone    = `UPDATE inbox SET state = $3, done_at = $4, error = '' WHERE customer = '' AND object = $1 AND seq <= $2 AND state IN ('pending', 'dead')
		AND provider_account = $5`
	objectLate = `UPDATE inbox SET attempts = attempts + $7, due_at = $3, error = $4, state = $5
		WHERE customer = '' AND object = $1 AND seq <= $2 AND state = 'pending' AND provider_account = $6`
)

// dueObjects returns the objects with due events that name no customer, longest waiting first.
func (r reads) dueObjects(ctx context.Context, of billing.ProviderAccount, now time.Time, limit int) ([]Due, error) {
	return rows(ctx, r, func(from scanner) (d Due, err error) {
		d.ProviderAccount = of
		return d, from.Scan(&d.Object, &d.Type, &d.Seq, &d.Attempts)
	}, dueObjects, micros(now), limit, of)
}

// ObjectWaits reports whether an event that names no customer but this object waits to be worked off.
func (r reads) ObjectWaits(ctx context.Context, of billing.ProviderAccount, object string) (bool, error) {
	n, err := number[int](ctx, r, objectWaits, object, of)
	return n > 0, err
}

// Address gives what waits about an object up to seq to the customer whose it is, among whose events it is worked off.
func (tx *Tx) Address(ctx context.Context, of billing.ProviderAccount, object string, seq int64, to billing.CustomerID) error {
	_, err := tx.db.ExecContext(ctx, addressEvents, object, seq, to, of)
	return err
}

// ObjectDone ends the events up to seq that name no customer but this object: as Done, or as Ignored when it is nobody's.
func (tx *Tx) ObjectDone(ctx context.Context, of billing.ProviderAccount, object string, seq int64, state string, at time.Time) error {
	_, err := tx.db.ExecContext(ctx, objectDone, object, seq, state, micros(at), of)
	return err
}

// ObjectLate notes a failed try on the events up to seq that name no customer but this object.
func (tx *Tx) ObjectLate(ctx context.Context, of billing.ProviderAccount, object string, seq int64, l Late) error {
	_, err := tx.db.ExecContext(ctx, objectLate, object, seq, micros(l.Due), l.Cause, lateState(l.Dead), of, flag(!l.Uncounted))
	return err
}
