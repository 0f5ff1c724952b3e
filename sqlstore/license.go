package sqlstore

import (
	"context"

	"github.com/dues-billing/dues/billing"
)

const (
	addLicenseLine = `INSERT INTO license_lines (line, asset, account, invoice, starts_at, ends_at, recorded_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (line, asset) DO NOTHING`
	licenseLinesOf = `SELECT line, asset, account, invoice, starts_at, ends_at, recorded_at FROM license_lines
		WHERE account = $1 ORDER BY asset, starts_at, line`
)

// AddLicenseLine records that an invoice line licenses an asset, and reports false when that was recorded before.
func (tx *Tx) AddLicenseLine(ctx context.Context, l billing.LicenseLine) (bool, error) {
	return changed(tx.db.ExecContext(ctx, addLicenseLine, l.Line, l.Asset, l.Account, l.Invoice, micros(l.StartsAt), micros(l.EndsAt),
		micros(l.RecordedAt)))
}

// LicenseLines returns all lines that licensed an asset to the account.
func (r reads) LicenseLines(ctx context.Context, account billing.AccountID) ([]billing.LicenseLine, error) {
	return rows(ctx, r, func(from scanner) (l billing.LicenseLine, err error) {
		err = from.Scan(&l.Line, &l.Asset, &l.Account, &l.Invoice, moment{&l.StartsAt}, moment{&l.EndsAt}, moment{&l.RecordedAt})
		return l, err
	}, licenseLinesOf, account)
}
