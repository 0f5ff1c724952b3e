package sqlstore

import (
	"context"
	"database/sql"
	"errors"

	"github.com/dues-billing/dues/billing"
)

const (
	priceMoveColumns = `id, account, subscription, price_from, price_to, status, why, created_at, done_at`
	priceMoves       = `SELECT ` + priceMoveColumns + ` FROM price_moves WHERE price_from = $1 AND id > $2 ORDER BY id LIMIT $3 + 0`
	pendingPriceMove = `SELECT ` + priceMoveColumns + ` FROM price_moves WHERE subscription = $1 AND status = 'pending'`
	lastPriceMove    = `SELECT ` + priceMoveColumns + ` FROM price_moves WHERE subscription = $1 ORDER BY created_at DESC, id DESC LIMIT 1 + 0`
	addPriceMove     = `INSERT INTO price_moves (` + priceMoveColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`
	savePriceMove    = `UPDATE price_moves SET status = $2, why = $3, done_at = $4 WHERE id = $1 AND status = 'pending'`
)

func scanPriceMove(from scanner) (m billing.PriceMove, err error) {
	return m, from.Scan(&m.ID, &m.Account, &m.Subscription, &m.From, &m.To, &m.Status, &m.Why, moment{&m.CreatedAt}, moment{&m.DoneAt})
}

// PriceMoves returns the ledger of a price, in the order of the ids, from the one after the given id on.
func (r reads) PriceMoves(ctx context.Context, from string, after billing.PriceMoveID, limit int) ([]billing.PriceMove, error) {
	return rows(ctx, r, scanPriceMove, priceMoves, from, after, limit)
}

// PendingPriceMove returns the move of a subscription that was begun and not ended, or false.
func (r reads) PendingPriceMove(ctx context.Context, of billing.SubscriptionID) (billing.PriceMove, bool, error) {
	return r.priceMove(ctx, pendingPriceMove, of)
}

// LastPriceMove returns the newest move of a subscription, or false.
func (r reads) LastPriceMove(ctx context.Context, of billing.SubscriptionID) (billing.PriceMove, bool, error) {
	return r.priceMove(ctx, lastPriceMove, of)
}

func (r reads) priceMove(ctx context.Context, query string, of billing.SubscriptionID) (billing.PriceMove, bool, error) {
	m, err := row(ctx, r, scanPriceMove, query, of)
	if errors.Is(err, sql.ErrNoRows) {
		return m, false, nil
	}
	return m, err == nil, err
}

// AddPriceMove stores a new row of the ledger. A subscription has at most one that is pending.
func (tx *Tx) AddPriceMove(ctx context.Context, m billing.PriceMove) error {
	_, err := tx.db.ExecContext(ctx, addPriceMove, m.ID, m.Account, m.Subscription, m.From, m.To, m.Status, m.Why, micros(m.CreatedAt), micros(m.DoneAt))
	return err
}

// SavePriceMove writes what became of a pending move; one that has ended stays as it is.
func (tx *Tx) SavePriceMove(ctx context.Context, m billing.PriceMove) error {
	_, err := tx.db.ExecContext(ctx, savePriceMove, m.ID, m.Status, m.Why, micros(m.DoneAt))
	return err
}
