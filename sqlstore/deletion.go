package sqlstore

import (
	"context"
	"time"

	"github.com/dues-billing/dues/billing"
)

const (
	// The ids stay: an id that came back would be given the customer that was deleted, and a late event would mirror a customer anew.
	deleteAccount    = `UPDATE accounts SET email = '', name = '', deleted_at = $2 WHERE id = $1 AND deleted_at = 0`
	ofDeletedAccount = `SELECT COUNT(*) FROM accounts WHERE customer = $1 AND customer <> '' AND deleted_at > 0`

	deleteOneOffs      = `DELETE FROM one_offs WHERE account = $1`
	deletePurchases    = `DELETE FROM purchases WHERE account = $1`
	deleteLicenseLines = `DELETE FROM license_lines WHERE account = $1`
	deleteVisits       = `DELETE FROM portal_visits WHERE account = $1`
	deleteRefundOrders = `DELETE FROM refund_orders WHERE account = $1`
	deleteConsumption  = `DELETE FROM consumption WHERE account = $1`
	deleteSeats        = `DELETE FROM seats WHERE account = $1`
	deletePriceMoves   = `DELETE FROM price_moves WHERE account = $1`
	deleteGrants       = `DELETE FROM grants WHERE account = $1`
	deleteUsed         = `DELETE FROM used WHERE account = $1`
	deleteUsedKeys     = `DELETE FROM used_keys WHERE account = $1`
	deleteUsage        = `DELETE FROM usage_events WHERE account = $1`
	deleteTold         = `DELETE FROM told WHERE account = $1`
	deleteReminders    = `DELETE FROM reminders WHERE account = $1`
	// Notices that the application has not heard yet are still delivered.
	deleteEffects = `DELETE FROM outbox WHERE account = $1 AND (kind <> 'notice' OR state <> 'pending')`
	// The rows stay, so that an event that comes twice, or is found in the provider's list, is known.
	emptyEvents    = `UPDATE inbox SET body = $2, headers = '' WHERE customer = $1 AND LENGTH(body) > 0`
	deleteCustomer = `DELETE FROM customers WHERE id = $1`

	deleteSubscriptions  = `DELETE FROM subscriptions WHERE customer = $1`
	deleteInvoices       = `DELETE FROM invoices WHERE customer = $1`
	deleteCharges        = `DELETE FROM charges WHERE customer = $1`
	deleteRefunds        = `DELETE FROM refunds WHERE customer = $1`
	deleteDisputes       = `DELETE FROM disputes WHERE customer = $1`
	deletePaymentMethods = `DELETE FROM payment_methods WHERE customer = $1`
	deleteObjects        = `DELETE FROM objects WHERE customer = $1 AND customer <> ''`
)

// deletedWithAccount and deletedWithCustomer are what an account leaves behind.
var (
	deletedWithAccount = []string{
		deletePurchases, deleteOneOffs, deleteLicenseLines, deleteVisits, deleteRefundOrders, deleteConsumption, deleteSeats, deletePriceMoves, deleteGrants,
		deleteUsed, deleteUsedKeys, deleteUsage, deleteTold, deleteReminders, deleteEffects, deleteRequests, clearActs,
	}
	deletedWithCustomer = []string{
		deleteCustomer, deleteSubscriptions, deleteInvoices, deleteCharges, deleteRefunds, deleteDisputes, deletePaymentMethods, deleteObjects,
	}
)

// DeleteAccount forgets an account and the mirror of its customer, but for the two ids, and reports false when it was forgotten before.
func (tx *Tx) DeleteAccount(ctx context.Context, id billing.AccountID, customer billing.CustomerID, at time.Time) (bool, error) {
	tx.wrote(Change{Account: id})
	if fresh, err := changed(tx.db.ExecContext(ctx, deleteAccount, id, micros(at))); err != nil || !fresh {
		return false, err
	}
	if err := tx.forgetClaimed(ctx, id, customer); err != nil {
		return false, err
	}
	for _, statement := range deletedWithAccount {
		if _, err := tx.db.ExecContext(ctx, statement, id); err != nil {
			return false, err
		}
	}
	if customer == "" {
		return true, nil
	}
	return true, tx.forgetCustomer(ctx, customer)
}

func (tx *Tx) forgetCustomer(ctx context.Context, customer billing.CustomerID) error {
	tx.wrote(Change{Customer: customer})
	if _, err := tx.db.ExecContext(ctx, emptyEvents, customer, []byte{}); err != nil {
		return err
	}
	for _, statement := range deletedWithCustomer {
		if _, err := tx.db.ExecContext(ctx, statement, customer); err != nil {
			return err
		}
	}
	return nil
}

// ForgetStranger forgets what was just mirrored of a customer whose account was deleted: its last events come after that. Of any other customer
// it forgets nothing.
func (tx *Tx) ForgetStranger(ctx context.Context, customer billing.CustomerID) error {
	n, err := number[int](ctx, tx.reads, ofDeletedAccount, customer)
	if err != nil || n == 0 {
		return err
	}
	return tx.forgetCustomer(ctx, customer)
}
