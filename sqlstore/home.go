package sqlstore

import (
	"context"
	"database/sql"
	"errors"

	"github.com/dues-billing/dues/billing"
)

const (
	eventFrom = `SELECT provider_account FROM inbox WHERE seq = $1`
	homeOf    = `SELECT provider_account FROM customer_homes WHERE customer = $1`
	setHome   = `INSERT INTO customer_homes (customer, provider_account) VALUES ($1, $2) ON CONFLICT (customer) DO NOTHING`
)

// Home returns the provider account that a customer is in: the default one, unless SetHome was told another.
func (r reads) Home(ctx context.Context, customer billing.CustomerID) (billing.ProviderAccount, error) {
	home, err := row(ctx, r, func(from scanner) (home billing.ProviderAccount, err error) { return home, from.Scan(&home) }, homeOf, customer)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return home, err
}

// EventFrom returns the provider account that the event with a number came from.
func (r reads) EventFrom(ctx context.Context, seq int64) (billing.ProviderAccount, error) {
	return row(ctx, r, func(from scanner) (home billing.ProviderAccount, err error) { return home, from.Scan(&home) }, eventFrom, seq)
}

// SetHome notes the provider account that a customer is in. The provider's ids are its own, so a customer never moves: what was noted
// first stays. Of the default account nothing is noted.
func (tx *Tx) SetHome(ctx context.Context, customer billing.CustomerID, home billing.ProviderAccount) error {
	if customer == "" || home == "" {
		return nil
	}
	_, err := tx.db.ExecContext(ctx, setHome, customer, home)
	return err
}
