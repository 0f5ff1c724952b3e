package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/dues-billing/dues/billing"
)

// Use is so much of a feature that an account uses.
type Use struct {
	Account  billing.AccountID
	Feature  billing.FeatureID
	Since    time.Time // the start of the period that it is counted in, zero for what has none
	Quantity int64     // below 0 it is given back
	Max      int64     // what may be used altogether
	Key      string    // names the call, "" when it may be counted each time it comes
	At       time.Time // wall clock
}

const (
	usedOf = `SELECT amount FROM used WHERE account = $1 AND feature = $2 AND since = $3`
	// One statement looks and counts, so that any number at once never use more than there is.
	use = `INSERT INTO used (account, feature, since, amount) VALUES ($1, $2, $3, CASE WHEN CAST($4 AS BIGINT) < 0 THEN 0 ELSE $4 END)
		ON CONFLICT (account, feature, since) DO UPDATE SET amount = CASE WHEN used.amount + $4 < 0 THEN 0 ELSE used.amount + $4 END
		WHERE $4 < 0 OR used.amount + $4 <= $5
		RETURNING amount`
	usedKey    = `SELECT feature, quantity FROM used_keys WHERE account = $1 AND key = $2`
	addUsedKey = `INSERT INTO used_keys (account, key, feature, quantity, at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (account, key) DO NOTHING`
	forgetKeys = `DELETE FROM used_keys WHERE (account, key) IN (SELECT account, key FROM used_keys WHERE at < $1 ORDER BY at LIMIT $2 + 0)`
)

// Used returns how much of a feature an account has used since the start of a period.
func (r reads) Used(ctx context.Context, account billing.AccountID, feature billing.FeatureID, since time.Time) (int64, error) {
	n, err := number[int64](ctx, r, usedOf, account, feature, micros(since))
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return n, err
}

// Use counts what is used, and reports false, and counts nothing, when that would be more than there is. A key that was counted before counts
// nothing again and is success; with another feature or quantity it is an error of code conflict.
func (tx *Tx) Use(ctx context.Context, u Use) (allowed bool, err error) {
	if u.Key != "" {
		fresh, err := changed(tx.db.ExecContext(ctx, addUsedKey, u.Account, u.Key, u.Feature, u.Quantity, micros(u.At)))
		if err != nil || !fresh {
			return err == nil, errors.Join(err, tx.sameUse(ctx, u))
		}
	}
	if u.Quantity > u.Max {
		return false, nil
	}
	_, err = number[int64](ctx, tx.reads, use, u.Account, u.Feature, micros(u.Since), u.Quantity, u.Max)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// sameUse holds a call against the one that its key is of.
func (tx *Tx) sameUse(ctx context.Context, u Use) error {
	before, err := row(ctx, tx.reads, func(from scanner) (b Use, err error) { return b, from.Scan(&b.Feature, &b.Quantity) }, usedKey, u.Account, u.Key)
	if err == nil && (before.Feature != u.Feature || before.Quantity != u.Quantity) {
		err = billing.Errorf(billing.Conflict, "the key %q was used to consume %d of %s; give each call a key of its own", u.Key, before.Quantity, before.Feature).In("key")
	}
	return err
}

// ForgetUsedKeys deletes keys from before the given time, at most limit, and returns how many.
func (s *Store) ForgetUsedKeys(ctx context.Context, before time.Time, limit int) (int64, error) {
	return s.update(ctx, forgetKeys, micros(before), limit)
}
