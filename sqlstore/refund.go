package sqlstore

import (
	"context"
	"database/sql"
	"errors"

	"github.com/dues-billing/dues/billing"
)

const (
	refundOrderColumns = `id, account, invoice, currency, amount, reason, override, status, refund, credit_note, error, created_at, done_at`
	refundOrderByID    = `SELECT ` + refundOrderColumns + ` FROM refund_orders WHERE id = $1`
	refundOrdersOf     = `SELECT ` + refundOrderColumns + ` FROM refund_orders WHERE account = $1 ORDER BY created_at DESC, id`
	addRefundOrder     = `INSERT INTO refund_orders (` + refundOrderColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`
	// An order that was answered stays as it is.
	saveRefundOrder = `UPDATE refund_orders SET status = $2, refund = $3, credit_note = $4, error = $5, done_at = $6 WHERE id = $1 AND status = 'pending'`

	consumptionOf   = `SELECT account, asset, percent, reported_at FROM consumption WHERE account = $1 ORDER BY asset`
	saveConsumption = `INSERT INTO consumption (account, asset, percent, reported_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (account, asset) DO UPDATE SET percent = excluded.percent, reported_at = excluded.reported_at
		WHERE consumption.percent < excluded.percent`
)

func scanRefundOrder(from scanner) (o billing.RefundOrder, err error) {
	err = from.Scan(&o.ID, &o.Account, &o.Invoice, &o.Amount.Currency, &o.Amount.Minor, &o.Reason, &o.Override, &o.Status, &o.Refund, &o.CreditNote,
		&o.Error, moment{&o.CreatedAt}, moment{&o.DoneAt})
	return o, err
}

// RefundOrder returns the order with that id, or an error of code not_found.
func (r reads) RefundOrder(ctx context.Context, id billing.RefundOrderID) (billing.RefundOrder, error) {
	o, err := row(ctx, r, scanRefundOrder, refundOrderByID, id)
	if errors.Is(err, sql.ErrNoRows) {
		return o, billing.Errorf(billing.NotFound, "there is no refund order %q", id)
	}
	return o, err
}

// RefundOrders returns the refunds that were asked for of an account's payments, newest first.
func (r reads) RefundOrders(ctx context.Context, account billing.AccountID) ([]billing.RefundOrder, error) {
	return rows(ctx, r, scanRefundOrder, refundOrdersOf, account)
}

// AddRefundOrder stores a new order. An invoice has at most one that is pending.
func (tx *Tx) AddRefundOrder(ctx context.Context, o billing.RefundOrder) error {
	_, err := tx.db.ExecContext(ctx, addRefundOrder, o.ID, o.Account, o.Invoice, o.Amount.Currency, o.Amount.Minor, o.Reason, flag(o.Override), o.Status,
		o.Refund, o.CreditNote, o.Error, micros(o.CreatedAt), micros(o.DoneAt))
	return err
}

// SaveRefundOrder writes what became of a pending order; one that was answered stays as it is.
func (tx *Tx) SaveRefundOrder(ctx context.Context, o billing.RefundOrder) error {
	_, err := tx.db.ExecContext(ctx, saveRefundOrder, o.ID, o.Status, o.Refund, o.CreditNote, o.Error, micros(o.DoneAt))
	return err
}

// Consumption returns what an account has consumed of each asset, as far as it was reported.
func (r reads) Consumption(ctx context.Context, account billing.AccountID) ([]billing.Consumption, error) {
	return rows(ctx, r, func(from scanner) (c billing.Consumption, err error) {
		return c, from.Scan(&c.Account, &c.Asset, &c.Percent, moment{&c.ReportedAt})
	}, consumptionOf, account)
}

// SaveConsumption notes what an account has consumed. What was read cannot be unread: less than before changes nothing.
func (tx *Tx) SaveConsumption(ctx context.Context, c billing.Consumption) error {
	_, err := tx.db.ExecContext(ctx, saveConsumption, c.Account, c.Asset, c.Percent, micros(c.ReportedAt))
	return err
}
