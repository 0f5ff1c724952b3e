package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/dues-billing/dues/billing"
)

// Lease is the right to work on what a name stands for. Whoever takes it after it expired gets a higher Token, and from then on
// Tx.Hold fails for the one before: a process that slept too long cannot write what it learnt before.
type Lease struct {
	Name  string
	Token int64
}

// What the names of the leases begin with under which events are worked off.
const (
	customerLease = "customer:"
	objectLease   = "object:"
)

// CustomerLease names the lease of whoever works at a customer, and so at the events about it.
func CustomerLease(id billing.CustomerID) string { return customerLease + string(id) }

// ObjectLease names the lease of whoever works at the events about an object that name no customer.
func ObjectLease(id string) string { return objectLease + id }

// ErrLeaseLost is what Hold and Renew answer when somebody else has taken the lease.
var ErrLeaseLost = errors.New("sqlstore: the lease was lost to another worker")

const (
	takeLease = `INSERT INTO locks (name, token, expires_at) VALUES ($1, 1, $3)
		ON CONFLICT (name) DO UPDATE SET token = locks.token + 1, expires_at = $3 WHERE locks.expires_at <= $2 RETURNING token`
	// One that was given back is not renewed: it would be held by nobody.
	renewLease   = `UPDATE locks SET expires_at = $3 WHERE name = $1 AND token = $2 AND expires_at > 0`
	releaseLease = `UPDATE locks SET expires_at = 0 WHERE name = $1 AND token = $2`
	leaseToken   = `SELECT token FROM locks WHERE name = $1`
)

// TakeLease takes the lease until the given time, or reports false when somebody holds it. now and until are wall-clock times.
func (s *Store) TakeLease(ctx context.Context, name string, now, until time.Time) (lease Lease, taken bool, err error) {
	lease.Name = name
	err = s.statement(ctx, func(r reads) error {
		err := r.db.QueryRowContext(ctx, takeLease, name, micros(now), micros(until)).Scan(&lease.Token)
		taken = err == nil
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		return err
	})
	return lease, taken && err == nil, err
}

// RenewLease moves the lease's end, or returns ErrLeaseLost.
func (s *Store) RenewLease(ctx context.Context, lease Lease, until time.Time) error {
	return s.statement(ctx, func(r reads) error {
		kept, err := changed(r.db.ExecContext(ctx, renewLease, lease.Name, lease.Token, micros(until)))
		if err == nil && !kept {
			return ErrLeaseLost
		}
		return err
	})
}

// ReleaseLease gives the lease back. One that was lost already is left to its new owner.
func (s *Store) ReleaseLease(ctx context.Context, lease Lease) error {
	return s.statement(ctx, func(r reads) error {
		_, err := r.db.ExecContext(ctx, releaseLease, lease.Name, lease.Token)
		return err
	})
}

// Hold returns ErrLeaseLost unless the lease is still ours, and keeps it ours until the transaction ends. A lease whose time is
// over but which nobody took is ours.
func (tx *Tx) Hold(ctx context.Context, lease Lease) error {
	var token int64
	err := tx.db.QueryRowContext(ctx, leaseToken+tx.dialect.forUpdate, lease.Name).Scan(&token)
	if errors.Is(err, sql.ErrNoRows) || err == nil && token != lease.Token {
		return ErrLeaseLost
	}
	return err
}

// EndLease is Hold for the last that is done under a lease: it is given back at the moment in which the transaction is committed.
func (tx *Tx) EndLease(ctx context.Context, lease Lease) error {
	ours, err := changed(tx.db.ExecContext(ctx, releaseLease, lease.Name, lease.Token))
	if err == nil && !ours {
		return ErrLeaseLost
	}
	return err
}
