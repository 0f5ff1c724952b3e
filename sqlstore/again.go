package sqlstore

import (
	"context"
	"time"

	"github.com/dues-billing/dues/billing"
)

// EventFilter chooses events. Its zero fields choose all.
type EventFilter struct {
	ID       string
	Type     string
	Customer billing.CustomerID
	State    string    // to retry: Dead for what was given up, Done to work off anew what was worked off
	Since    time.Time // received then or later
	// HeldAt chooses those that somebody works at then, of a list of Pending ones; the zero time chooses all.
	HeldAt time.Time
	// ProviderAccount is where they came from; nil is anywhere.
	ProviderAccount *billing.ProviderAccount
}

// EffectFilter chooses effects. Its zero fields choose all.
type EffectFilter struct {
	Key      string
	Kind     string
	Name     string
	Account  billing.AccountID
	Endpoint string
	State    string    // to retry: Dead for what was given up, Done for notices that were delivered
	Since    time.Time // decided then or later
}

const (
	retryEvents = `UPDATE inbox SET state = 'pending', attempts = 0, due_at = $1, done_at = 0
		WHERE state = $2 AND ($3 = '' OR id = $3) AND ($4 = '' OR type = $4) AND ($5 = '' OR customer = $5) AND received_at >= $6
			AND ($7 = 0 OR provider_account = $8)`
	// The receiver of a notice knows it by its id, so it may be delivered again; mails and calls happen once.
	retryEffects = `UPDATE outbox SET state = 'pending', attempts = 0, due_at = $1, leased_to = 0, done_at = 0
		WHERE state = $5 AND (state = 'dead' OR kind = 'notice') AND ($2 = '' OR key = $2) AND ($3 = '' OR name = $3)
			AND ($4 = '' OR account = $4) AND ($6 = '' OR endpoint = $6) AND created_at >= $7 AND ($8 = '' OR kind = $8) AND payload <> ''`
)

// from is the provider account that the filter asks for, the default one when it asks for none.
func (f EventFilter) from() (from billing.ProviderAccount) {
	if f.ProviderAccount != nil {
		from = *f.ProviderAccount
	}
	return from
}

// RetryEvents makes events due again that are as f.State says, and returns how many. Working one off twice is harmless: it causes a fetch.
func (s *Store) RetryEvents(ctx context.Context, f EventFilter, now time.Time) (n int64, err error) {
	return s.update(ctx, retryEvents, micros(now), f.State, storedID(f.from(), f.ID), f.Type, f.Customer, micros(f.Since), flag(f.ProviderAccount != nil), f.from())
}

// RetryEffects makes effects due again that are as f.State says, with all their tries, and returns how many. What has happened never
// happens again, but for notices of which ForgetPayloads has not dropped what they say.
func (s *Store) RetryEffects(ctx context.Context, f EffectFilter, now time.Time) (n int64, err error) {
	return s.update(ctx, retryEffects, micros(now), f.Key, f.Name, f.Account, f.State, f.Endpoint, micros(f.Since), f.Kind)
}

// update runs one statement in a transaction of its own, and returns how many rows it touched.
func (s *Store) update(ctx context.Context, statement string, args ...any) (n int64, err error) {
	err = s.InTx(ctx, func(tx *Tx) error {
		result, err := tx.db.ExecContext(ctx, statement, args...)
		if err != nil {
			return err
		}
		n, err = result.RowsAffected()
		return err
	})
	return n, err
}
