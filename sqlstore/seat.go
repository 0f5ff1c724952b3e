package sqlstore

import (
	"context"

	"github.com/dues-billing/dues/billing"
)

const (
	seatsOf     = `SELECT account, holder, assigned_at FROM seats WHERE account = $1 ORDER BY assigned_at, holder`
	addSeat     = `INSERT INTO seats (account, holder, assigned_at) VALUES ($1, $2, $3) ON CONFLICT (account, holder) DO NOTHING`
	releaseSeat = `DELETE FROM seats WHERE account = $1 AND holder = $2`
)

// Seats returns the seats that an account has given away, in that order.
func (r reads) Seats(ctx context.Context, account billing.AccountID) ([]billing.Seat, error) {
	return rows(ctx, r, func(from scanner) (s billing.Seat, err error) {
		return s, from.Scan(&s.Account, &s.Holder, moment{&s.AssignedAt})
	}, seatsOf, account)
}

// AddSeat gives a seat away.
func (tx *Tx) AddSeat(ctx context.Context, s billing.Seat) error {
	_, err := tx.db.ExecContext(ctx, addSeat, s.Account, s.Holder, micros(s.AssignedAt))
	return err
}

// ReleaseSeat takes a seat back, and reports whether the holder had one.
func (tx *Tx) ReleaseSeat(ctx context.Context, account billing.AccountID, holder string) (bool, error) {
	return changed(tx.db.ExecContext(ctx, releaseSeat, account, holder))
}
