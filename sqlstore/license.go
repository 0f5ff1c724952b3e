package sqlstore

import (
	"context"

	"github.com/dues-billing/dues/billing"
)

const (
	licenseLineColumns = `line, asset, account, invoice, price, starts_at, ends_at, credit, paid, taken, recorded_at`
	saveLicenseLine    = `UPDATE license_lines SET paid = $3, taken = $4 WHERE line = $1 AND asset = $2`

	addLicenseLine = `INSERT INTO license_lines (` + licenseLineColumns + `)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (line, asset) DO NOTHING`
	licenseLinesOf = `SELECT ` + licenseLineColumns + ` FROM license_lines
		WHERE account = $1 ORDER BY asset, starts_at, line`
)

// AddLicenseLine records that an invoice line licenses an asset, and reports false when that was recorded before.
func (tx *Tx) AddLicenseLine(ctx context.Context, l billing.LicenseLine) (bool, error) {
	return changed(tx.db.ExecContext(ctx, addLicenseLine, l.Line, l.Asset, l.Account, l.Invoice, l.Price, micros(l.StartsAt), micros(l.EndsAt),
		flag(l.Credit), l.Paid, l.Taken, micros(l.RecordedAt)))
}

// SaveLicenseLine writes what was taken back of a line's payment.
func (tx *Tx) SaveLicenseLine(ctx context.Context, l billing.LicenseLine) error {
	return tx.put(ctx, l.Line, saveLicenseLine, l.Line, l.Asset, l.Paid, l.Taken)
}

// LicenseLines returns all lines that licensed an asset to the account.
func (r reads) LicenseLines(ctx context.Context, account billing.AccountID) ([]billing.LicenseLine, error) {
	return rows(ctx, r, func(from scanner) (l billing.LicenseLine, err error) {
		err = from.Scan(&l.Line, &l.Asset, &l.Account, &l.Invoice, &l.Price, moment{&l.StartsAt}, moment{&l.EndsAt}, &l.Credit, &l.Paid, &l.Taken,
			moment{&l.RecordedAt})
		return l, err
	}, licenseLinesOf, account)
}
