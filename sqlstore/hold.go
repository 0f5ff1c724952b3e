package sqlstore

import (
	"context"
	"encoding/json"

	"github.com/dues-billing/dues/billing"
)

const (
	setHoldInvoices = `UPDATE accounts SET hold_invoices = $2 WHERE id = $1 AND deleted_at = 0`
	// What is held is the oldest of what is a draft: the others are finalized within the hour. The second condition is that of an index.
	oldestDrafts = `SELECT a.id, i.body FROM invoices i JOIN accounts a ON a.customer = i.customer AND a.deleted_at = 0
		WHERE i.status = 'draft' AND i.status <> 'paid' ORDER BY i.created_at, i.id LIMIT $1 + 0`
)

// HoldInvoices says whether an account's renewals are held, and reports false when there is no such account.
func (tx *Tx) HoldInvoices(ctx context.Context, id billing.AccountID, held bool) (bool, error) {
	tx.wrote(Change{Account: id})
	value := 0
	if held {
		value = 1
	}
	return changed(tx.db.ExecContext(ctx, setHoldInvoices, id, value))
}

// OldestDrafts returns drafts of all accounts, oldest first.
func (r reads) OldestDrafts(ctx context.Context, limit int) ([]billing.HeldInvoice, error) {
	return rows(ctx, r, func(from scanner) (held billing.HeldInvoice, err error) {
		var body []byte
		if err := from.Scan(&held.Account, &body); err != nil {
			return held, err
		}
		return held, json.Unmarshal(body, &held.Invoice)
	}, oldestDrafts, limit)
}
