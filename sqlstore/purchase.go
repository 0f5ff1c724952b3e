package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/dues-billing/dues/billing"
)

const purchaseColumns = `id, account, price_key, status, checkout, url, success_url, subscription, payment_intent, payment_method,
	amount, currency, created_at, expires_at, completed_at, terms, plan_group`

const (
	purchaseByID  = `SELECT ` + purchaseColumns + ` FROM purchases WHERE id = $1`
	purchasesOf   = `SELECT ` + purchaseColumns + ` FROM purchases WHERE account = $1 ORDER BY created_at DESC, id`
	openPurchases = `SELECT ` + purchaseColumns + ` FROM purchases WHERE account = $1 AND status = 'pending' ORDER BY plan_group`
	addPurchase   = `INSERT INTO purchases (` + purchaseColumns + `)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`
	// A purchase that has ended stays as it is.
	savePurchase = `UPDATE purchases SET status = $2, checkout = $3, url = $4, subscription = $5, payment_intent = $6,
		payment_method = $7, amount = $8, currency = $9, expires_at = $10, completed_at = $11 WHERE id = $1 AND status = 'pending'`

	addVisit     = `INSERT INTO portal_visits (id, account, return_url, created_at) VALUES ($1, $2, $3, $4)`
	forgetVisits = `DELETE FROM portal_visits WHERE account = $1 AND created_at < $2`
	visitByID    = `SELECT account, return_url FROM portal_visits WHERE id = $1`
)

func scanPurchase(from scanner) (p billing.Purchase, err error) {
	err = from.Scan(&p.ID, &p.Account, &p.PriceKey, &p.Status, &p.Checkout, &p.URL, &p.SuccessURL, &p.Subscription,
		&p.PaymentIntent, &p.PaymentMethod, &p.Amount.Minor, &p.Amount.Currency,
		moment{&p.CreatedAt}, moment{&p.ExpiresAt}, moment{&p.CompletedAt}, &p.Terms, &p.Group)
	return p, err
}

// Purchase returns the purchase with that id, or an error of code not_found.
func (r reads) Purchase(ctx context.Context, id billing.PurchaseID) (billing.Purchase, error) {
	p, err := row(ctx, r, scanPurchase, purchaseByID, id)
	if errors.Is(err, sql.ErrNoRows) {
		return p, billing.Errorf(billing.NotFound, "there is no purchase %q", id)
	}
	return p, err
}

// Purchases returns an account's purchases, newest first.
func (r reads) Purchases(ctx context.Context, account billing.AccountID) ([]billing.Purchase, error) {
	return rows(ctx, r, scanPurchase, purchasesOf, account)
}

// OpenPurchases returns the account's pending purchases, at most one of each group.
func (r reads) OpenPurchases(ctx context.Context, account billing.AccountID) ([]billing.Purchase, error) {
	return rows(ctx, r, scanPurchase, openPurchases, account)
}

// OpenPurchase returns the account's pending purchase of a group, or false.
func (r reads) OpenPurchase(ctx context.Context, account billing.AccountID, group billing.Group) (billing.Purchase, bool, error) {
	all, err := r.OpenPurchases(ctx, account)
	for _, p := range all {
		if p.Group == group {
			return p, true, nil
		}
	}
	return billing.Purchase{}, false, err
}

// AddPurchase stores a new purchase. An account has at most one of a group that is pending.
func (tx *Tx) AddPurchase(ctx context.Context, p billing.Purchase) error {
	_, err := tx.db.ExecContext(ctx, addPurchase, p.ID, p.Account, p.PriceKey, p.Status, p.Checkout, p.URL, p.SuccessURL,
		p.Subscription, p.PaymentIntent, p.PaymentMethod, p.Amount.Minor, p.Amount.Currency,
		micros(p.CreatedAt), micros(p.ExpiresAt), micros(p.CompletedAt), p.Terms, p.Group)
	return err
}

// SavePurchase writes what became of a pending purchase; one that has ended stays as it is.
func (tx *Tx) SavePurchase(ctx context.Context, p billing.Purchase) error {
	_, err := tx.db.ExecContext(ctx, savePurchase, p.ID, p.Status, p.Checkout, p.URL, p.Subscription, p.PaymentIntent,
		p.PaymentMethod, p.Amount.Minor, p.Amount.Currency, micros(p.ExpiresAt), micros(p.CompletedAt))
	return err
}

// AddVisit notes where a customer goes after the portal, and forgets the account's visits from before the given time.
func (tx *Tx) AddVisit(ctx context.Context, id string, account billing.AccountID, url string, at, forget time.Time) error {
	if _, err := tx.db.ExecContext(ctx, forgetVisits, account, micros(forget)); err != nil {
		return err
	}
	_, err := tx.db.ExecContext(ctx, addVisit, id, account, url, micros(at))
	return err
}

// Visit returns account and return URL of a visit to the portal, or an error of code not_found.
func (r reads) Visit(ctx context.Context, id string) (account billing.AccountID, url string, err error) {
	account, err = row(ctx, r, func(from scanner) (account billing.AccountID, err error) {
		return account, from.Scan(&account, &url)
	}, visitByID, id)
	if errors.Is(err, sql.ErrNoRows) {
		return "", "", billing.Errorf(billing.NotFound, "there is no portal visit %q", id)
	}
	return account, url, err
}
