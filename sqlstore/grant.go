package sqlstore

import (
	"context"
	"time"

	"github.com/dues-billing/dues/billing"
)

const (
	grantColumns = `id, account, feature, amount, note, created_at, ends_at`
	addGrant     = `INSERT INTO grants (` + grantColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7)`
	grantsOf     = `SELECT ` + grantColumns + ` FROM grants WHERE account = $1 ORDER BY created_at DESC, id LIMIT $2 + 0`
	heldGrantsOf = `SELECT ` + grantColumns + ` FROM grants WHERE account = $1 AND (ends_at = 0 OR ends_at > $2) ORDER BY created_at, id`
	endGrant     = `UPDATE grants SET ends_at = $3 WHERE id = $1 AND account = $2 AND (ends_at = 0 OR ends_at > $3)`
	countGrant   = `SELECT COUNT(*) FROM grants WHERE id = $1 AND account = $2`
)

func scanGrant(from scanner) (g billing.Grant, err error) {
	err = from.Scan(&g.ID, &g.Account, &g.Feature, &g.Limit, &g.Note, moment{&g.CreatedAt}, moment{&g.EndsAt})
	return g, err
}

// Grants returns an account's grants, ended ones included, newest first, at most limit.
func (r reads) Grants(ctx context.Context, account billing.AccountID, limit int) ([]billing.Grant, error) {
	return rows(ctx, r, scanGrant, grantsOf, account, limit)
}

// HeldGrants returns the grants of an account that have not ended by now, oldest first.
func (r reads) HeldGrants(ctx context.Context, account billing.AccountID, now time.Time) ([]billing.Grant, error) {
	return rows(ctx, r, scanGrant, heldGrantsOf, account, micros(now))
}

// AddGrant stores a new grant.
func (tx *Tx) AddGrant(ctx context.Context, g billing.Grant) error {
	tx.wrote(Change{Account: g.Account})
	_, err := tx.db.ExecContext(ctx, addGrant, g.ID, g.Account, g.Feature, g.Limit, g.Note, micros(g.CreatedAt), micros(g.EndsAt))
	return err
}

// EndGrant ends a grant now. One that has ended already is left as it is; one that the account does not have is an error of code not_found.
func (tx *Tx) EndGrant(ctx context.Context, account billing.AccountID, id billing.GrantID, now time.Time) error {
	n, err := number[int](ctx, tx.reads, countGrant, id, account)
	if err != nil {
		return err
	}
	if n == 0 {
		return billing.Errorf(billing.NotFound, "the account has no grant %q", id)
	}
	tx.wrote(Change{Account: account})
	_, err = tx.db.ExecContext(ctx, endGrant, id, account, micros(now))
	return err
}
