package sqlstore

import (
	"context"
	"time"

	"github.com/dues-billing/dues/billing"
)

const (
	trialCard      = `SELECT account FROM trial_cards WHERE fingerprint = $1`
	claimTrialCard = `INSERT INTO trial_cards (fingerprint, account, claimed_at) VALUES ($1, $2, $3) ON CONFLICT (fingerprint) DO NOTHING`
)

// TrialCard returns the account that has tried something with a card, by its fingerprint; "" when nobody has.
func (r reads) TrialCard(ctx context.Context, fingerprint string) (billing.AccountID, error) {
	found, err := rows(ctx, r, func(from scanner) (id billing.AccountID, err error) { return id, from.Scan(&id) }, trialCard, fingerprint)
	if err != nil || len(found) == 0 {
		return "", err
	}
	return found[0], nil
}

// ClaimTrialCard notes that an account tries something with a card, unless another one has before, and returns who it was first.
func (tx *Tx) ClaimTrialCard(ctx context.Context, fingerprint string, account billing.AccountID, at time.Time) (billing.AccountID, error) {
	if first, err := tx.TrialCard(ctx, fingerprint); err != nil || first != "" {
		return first, err
	}
	if _, err := tx.db.ExecContext(ctx, claimTrialCard, fingerprint, account, micros(at)); err != nil {
		return "", err
	}
	return tx.TrialCard(ctx, fingerprint)
}
