package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"github.com/dues-billing/dues/billing"
)

const (
	homeOf  = `SELECT provider_account FROM customer_homes WHERE customer = $1`
	setHome = `INSERT INTO customer_homes (customer, provider_account) VALUES ($1, $2) ON CONFLICT (customer) DO NOTHING`

	pendingFrom = `SELECT DISTINCT provider_account FROM inbox WHERE state = 'pending'`
	giveUpFrom  = `UPDATE inbox SET state = 'dead', error = $3 WHERE state = 'pending' AND provider_account = $1 AND due_at <= $2`
)

// Home returns the provider account that a customer is in: the default one, unless SetHome was told another.
func (r reads) Home(ctx context.Context, customer billing.CustomerID) (billing.ProviderAccount, error) {
	home, err := row(ctx, r, func(from scanner) (home billing.ProviderAccount, err error) { return home, from.Scan(&home) }, homeOf, customer)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return home, err
}

// GiveUpProviderAccounts gives up the events from provider accounts other than those named, if they were due by then, and returns how many.
func (s *Store) GiveUpProviderAccounts(ctx context.Context, but []billing.ProviderAccount, due time.Time, cause string) (n int64, err error) {
	waiting, err := rows(ctx, s.reads, func(from scanner) (name billing.ProviderAccount, err error) { return name, from.Scan(&name) }, pendingFrom)
	if err != nil {
		return 0, err
	}
	for _, from := range waiting {
		if slices.Contains(but, from) {
			continue
		}
		gone, err := s.update(ctx, giveUpFrom, from, micros(due), cause)
		if n += gone; err != nil {
			return n, err
		}
	}
	return n, nil
}

// SetHome notes the provider account that a customer is in. The provider's ids are its own, so a customer never moves: what was noted
// first stays. Of the default account nothing is noted.
func (tx *Tx) SetHome(ctx context.Context, customer billing.CustomerID, home billing.ProviderAccount) error {
	if customer == "" || home == "" {
		return nil
	}
	return tx.put(ctx, string(customer), setHome, customer, home)
}
