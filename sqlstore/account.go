package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"github.com/dues-billing/dues/billing"
)

// Account is an account and how far its creation has come.
type Account struct {
	billing.Account
	ReadyAt time.Time // when customer and free subscription were in place, zero before
}

const accountColumns = `id, email, name, customer, created_at, ready_at, provider_account, hold_invoices, locale`

const (
	accountByID       = `SELECT ` + accountColumns + ` FROM accounts WHERE id = $1 AND deleted_at = 0`
	accountByCustomer = `SELECT ` + accountColumns + ` FROM accounts WHERE customer = $1 AND customer <> '' AND deleted_at = 0`
	newestAccounts    = `SELECT ` + accountColumns + ` FROM accounts WHERE deleted_at = 0 ORDER BY created_at DESC, id LIMIT $1 + 0`
	matchingAccounts  = `SELECT ` + accountColumns + ` FROM accounts
		WHERE deleted_at = 0 AND (LOWER(id) LIKE $1 ESCAPE '\' OR LOWER(email) LIKE $1 ESCAPE '\' OR LOWER(name) LIKE $1 ESCAPE '\' OR customer = $2)
		ORDER BY created_at DESC, id LIMIT $3 + 0`
	addAccount = `INSERT INTO accounts (id, email, name, created_at, provider_account, locale) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO NOTHING`
	setContact = `UPDATE accounts SET email = $2, name = $3, locale = $4 WHERE id = $1`
	// An account's customer is set once.
	setCustomer = `UPDATE accounts SET customer = $2 WHERE id = $1 AND customer = ''`
	setReady    = `UPDATE accounts SET ready_at = $2 WHERE id = $1 AND ready_at = 0`
)

func scanAccount(from scanner) (a Account, err error) {
	err = from.Scan(&a.ID, &a.Email, &a.Name, &a.Customer, moment{&a.CreatedAt}, moment{&a.ReadyAt}, &a.ProviderAccount, &a.HoldInvoices, &a.Locale)
	return a, err
}

// Account returns the account with that id, or an error of code not_found.
func (r reads) Account(ctx context.Context, id billing.AccountID) (Account, error) {
	a, err := row(ctx, r, scanAccount, accountByID, id)
	if errors.Is(err, sql.ErrNoRows) {
		return Account{}, billing.Errorf(billing.NotFound, "there is no account %q", id)
	}
	return a, err
}

// AccountByCustomer returns the account of a customer, or an error of code not_found.
func (r reads) AccountByCustomer(ctx context.Context, customer billing.CustomerID) (Account, error) {
	a, err := row(ctx, r, scanAccount, accountByCustomer, customer)
	if errors.Is(err, sql.ErrNoRows) {
		return Account{}, billing.Errorf(billing.NotFound, "customer %q belongs to no account", customer)
	}
	return a, err
}

// Accounts returns the newest accounts whose id, e-mail or name contains query, or whose customer it is.
func (r reads) Accounts(ctx context.Context, query string, limit int) ([]Account, error) {
	if query == "" {
		return rows(ctx, r, scanAccount, newestAccounts, limit)
	}
	like := "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(strings.ToLower(query)) + "%"
	return rows(ctx, r, scanAccount, matchingAccounts, like, query, limit)
}

// AddAccount stores a new account, and reports false when there is one with its id.
func (tx *Tx) AddAccount(ctx context.Context, a billing.Account) (bool, error) {
	return changed(tx.db.ExecContext(ctx, addAccount, a.ID, a.Email, a.Name, micros(a.CreatedAt), a.ProviderAccount, a.Locale))
}

// SetContact changes an account's e-mail, name and locale to those of a.
func (tx *Tx) SetContact(ctx context.Context, a billing.Account) error {
	tx.wrote(Change{Account: a.ID})
	_, err := tx.db.ExecContext(ctx, setContact, a.ID, a.Email, a.Name, a.Locale)
	return err
}

// SetCustomer stores the customer of an account that has none yet, and reports false when it has one.
func (tx *Tx) SetCustomer(ctx context.Context, id billing.AccountID, customer billing.CustomerID) (bool, error) {
	tx.wrote(Change{Account: id})
	return changed(tx.db.ExecContext(ctx, setCustomer, id, customer))
}

// SetReady notes that an account's creation is complete, and reports false when it was before.
func (tx *Tx) SetReady(ctx context.Context, id billing.AccountID, at time.Time) (bool, error) {
	return changed(tx.db.ExecContext(ctx, setReady, id, micros(at)))
}
