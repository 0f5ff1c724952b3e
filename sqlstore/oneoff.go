package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/dues-billing/dues/billing"
)

const oneOffColumns = `id, account, customer, request_key, price_key, terms, description, status, checkout, url, success_url, invoice, payment_intent,
	payment_method, currency, amount, failure, email, claim, created_at, expires_at, done_at,
	manual, captured`

// Limits of lists.
const (
	oneOffsMax = 500 // of an account, the newest
	openMax    = 200 // of an account, that wait for a payment
)

const (
	oneOffPaidBy = `SELECT ` + oneOffColumns + ` FROM one_offs WHERE account = $1 AND account <> '' AND invoice = $2 ORDER BY id LIMIT 1`
	oneOffByID   = `SELECT ` + oneOffColumns + ` FROM one_offs WHERE id = $1`
	oneOffByKey  = `SELECT ` + oneOffColumns + ` FROM one_offs WHERE account = $1 AND request_key = $2 AND request_key <> '' AND claim = ''`
	// A guest's keeps its key when an account has claimed it.
	oneOffByGuest = `SELECT ` + oneOffColumns + ` FROM one_offs WHERE request_key = $1 AND request_key <> '' AND claim <> '' ORDER BY created_at, id LIMIT 1`
	oneOffByClaim = `SELECT ` + oneOffColumns + ` FROM one_offs WHERE claim = $1 AND claim <> ''`
	oneOffsOf     = `SELECT ` + oneOffColumns + ` FROM one_offs WHERE account = $1 AND account <> '' ORDER BY created_at DESC, id LIMIT $2 + 0`
	oneOffsOpen   = `SELECT ` + oneOffColumns + ` FROM one_offs
		WHERE account = $1 AND status IN ('pending', 'authorized') ORDER BY created_at, id LIMIT $2 + 0`
	// One whose page was never opened is over when no request can open it any more.
	oneOffsLeft = `SELECT ` + oneOffColumns + ` FROM one_offs
		WHERE account = '' AND customer = '' AND status IN ('pending', 'authorized') AND (expires_at > 0 AND expires_at < $1 OR expires_at = 0 AND created_at < $2)
		ORDER BY created_at, id LIMIT $3 + 0`
	oneOffsUnclaimed = `SELECT ` + oneOffColumns + ` FROM one_offs
		WHERE email = $1 AND email <> '' AND account = '' AND status = 'completed' ORDER BY created_at, id LIMIT $2 + 0`
	addOneOff = `INSERT INTO one_offs (` + oneOffColumns + `)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24) ON CONFLICT DO NOTHING`
	// One that has ended stays as it is.
	saveOneOff = `UPDATE one_offs SET status = $2, customer = $3, checkout = $4, url = $5, invoice = $6, payment_intent = $7, payment_method = $8,
		currency = $9, amount = $10, failure = $11, email = $12, expires_at = $13, done_at = $14, captured = $15 WHERE id = $1 AND status IN ('pending', 'authorized')`
	claimOneOff = `UPDATE one_offs SET account = $2 WHERE id = $1 AND account = '' AND status = 'completed'`
	claimantOf  = `SELECT account FROM one_offs WHERE customer = $1 AND customer <> '' AND account <> '' ORDER BY id LIMIT 1`
	claimedBy   = `SELECT DISTINCT customer FROM one_offs WHERE account = $1 AND customer <> '' AND customer <> $2`
)

func scanOneOff(from scanner) (o billing.OneOff, err error) {
	err = from.Scan(&o.ID, &o.Account, &o.Customer, &o.Key, &o.PriceKey, &o.Terms, &o.Description, &o.Status, &o.Checkout, &o.URL, &o.SuccessURL, &o.Invoice,
		&o.PaymentIntent, &o.PaymentMethod, &o.Amount.Currency, &o.Amount.Minor, &o.Failure, &o.Email, &o.Claim,
		moment{&o.CreatedAt}, moment{&o.ExpiresAt}, moment{&o.DoneAt}, &o.Manual, &o.Captured.Minor)
	if o.Captured.Minor != 0 {
		o.Captured.Currency = o.Amount.Currency
	}
	return o, err
}

// OneOff returns the one-off with that id, or an error of code not_found.
func (r reads) OneOff(ctx context.Context, id billing.PurchaseID) (billing.OneOff, error) {
	o, found, err := r.oneOff(ctx, oneOffByID, id)
	if err == nil && !found {
		err = billing.Errorf(billing.NotFound, "there is no purchase %q", id)
	}
	return o, err
}

// OneOffByKey returns what an account bought, or with "" a guest, with the application's key, or false.
func (r reads) OneOffByKey(ctx context.Context, account billing.AccountID, key string) (billing.OneOff, bool, error) {
	if account == "" {
		return r.oneOff(ctx, oneOffByGuest, key)
	}
	return r.oneOff(ctx, oneOffByKey, account, key)
}

// OneOffByClaim returns what a guest bought, by the digest of its token, or false.
func (r reads) OneOffByClaim(ctx context.Context, digest string) (billing.OneOff, bool, error) {
	return r.oneOff(ctx, oneOffByClaim, digest)
}

// OneOffPaidBy returns what an account paid with an invoice, be it as a guest, or false.
func (r reads) OneOffPaidBy(ctx context.Context, account billing.AccountID, invoice billing.InvoiceID) (billing.OneOff, bool, error) {
	return r.oneOff(ctx, oneOffPaidBy, account, invoice)
}

func (r reads) oneOff(ctx context.Context, query string, args ...any) (billing.OneOff, bool, error) {
	o, err := row(ctx, r, scanOneOff, query, args...)
	if errors.Is(err, sql.ErrNoRows) {
		return o, false, nil
	}
	return o, err == nil, err
}

// OneOffs returns what an account bought once, newest first.
func (r reads) OneOffs(ctx context.Context, account billing.AccountID) ([]billing.OneOff, error) {
	return rows(ctx, r, scanOneOff, oneOffsOf, account, oneOffsMax)
}

// OpenOneOffs returns what of that waits for a payment or a capture, oldest first.
func (r reads) OpenOneOffs(ctx context.Context, account billing.AccountID) ([]billing.OneOff, error) {
	return rows(ctx, r, scanOneOff, oneOffsOpen, account, openMax)
}

// LeftOneOffs returns what guests did not pay for, oldest first: of pages that were over before a moment, and of pages that were never opened for what was asked for
// before another.
func (r reads) LeftOneOffs(ctx context.Context, over, asked time.Time, limit int) ([]billing.OneOff, error) {
	return rows(ctx, r, scanOneOff, oneOffsLeft, micros(over), micros(asked), limit)
}

// UnclaimedOneOffs returns what a guest paid for under an address, oldest first.
func (r reads) UnclaimedOneOffs(ctx context.Context, email string) ([]billing.OneOff, error) {
	return rows(ctx, r, scanOneOff, oneOffsUnclaimed, email, openMax)
}

// ClaimantOf returns the account that claimed what a customer bought as a guest, "" when none did.
func (r reads) ClaimantOf(ctx context.Context, customer billing.CustomerID) (billing.AccountID, error) {
	id, err := row(ctx, r, func(from scanner) (id billing.AccountID, err error) { return id, from.Scan(&id) }, claimantOf, customer)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return id, err
}

// GuestsOf returns the customers that an account was as a guest, beside its own.
func (r reads) GuestsOf(ctx context.Context, account billing.AccountID, own billing.CustomerID) ([]billing.CustomerID, error) {
	return rows(ctx, r, func(from scanner) (id billing.CustomerID, err error) { return id, from.Scan(&id) }, claimedBy, account, own)
}

// AddOneOff stores a new one-off, and reports false when another one has its key, or is open in its place.
func (tx *Tx) AddOneOff(ctx context.Context, o billing.OneOff) (bool, error) {
	return changed(tx.db.ExecContext(ctx, addOneOff, o.ID, o.Account, o.Customer, o.Key, o.PriceKey, o.Terms, o.Description, o.Status, o.Checkout, o.URL, o.SuccessURL,
		o.Invoice, o.PaymentIntent, o.PaymentMethod, o.Amount.Currency, o.Amount.Minor, o.Failure, o.Email, o.Claim,
		micros(o.CreatedAt), micros(o.ExpiresAt), micros(o.DoneAt), flag(o.Manual), o.Captured.Minor))
}

// SaveOneOff writes what became of an open one-off; one that has ended stays as it is, and false is returned.
func (tx *Tx) SaveOneOff(ctx context.Context, o billing.OneOff) (bool, error) {
	return changed(tx.db.ExecContext(ctx, saveOneOff, o.ID, o.Status, o.Customer, o.Checkout, o.URL, o.Invoice, o.PaymentIntent, o.PaymentMethod,
		o.Amount.Currency, o.Amount.Minor, o.Failure, o.Email, micros(o.ExpiresAt), micros(o.DoneAt), o.Captured.Minor))
}

// ClaimOneOff gives what a guest bought to an account, and reports false when it is somebody's already, or not paid.
func (tx *Tx) ClaimOneOff(ctx context.Context, id billing.PurchaseID, account billing.AccountID) (bool, error) {
	return changed(tx.db.ExecContext(ctx, claimOneOff, id, account))
}

// forgetClaimed forgets the customers that an account was as a guest.
func (tx *Tx) forgetClaimed(ctx context.Context, account billing.AccountID, own billing.CustomerID) error {
	guests, err := tx.GuestsOf(ctx, account, own)
	if err != nil {
		return err
	}
	for _, guest := range guests {
		if err := tx.forgetCustomer(ctx, guest); err != nil {
			return err
		}
	}
	return nil
}
