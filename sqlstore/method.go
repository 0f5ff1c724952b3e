package sqlstore

import (
	"context"
	"slices"

	"github.com/dues-billing/dues/billing"
)

const (
	methodColumns = `id, customer, type, brand, last4, exp_month, exp_year, wallet, is_default`
	methodsOf     = `SELECT ` + methodColumns + ` FROM payment_methods WHERE customer = $1 ORDER BY id`
	saveMethod    = `INSERT INTO payment_methods (` + methodColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (id) DO UPDATE SET customer = excluded.customer, type = excluded.type, brand = excluded.brand, last4 = excluded.last4,
			exp_month = excluded.exp_month, exp_year = excluded.exp_year, wallet = excluded.wallet, is_default = excluded.is_default`
	// A method that was taken from one customer and saved for another is the other's by then.
	forgetMethod       = `DELETE FROM payment_methods WHERE id = $1 AND customer = $2`
	forgetMethodObject = `DELETE FROM objects WHERE id = $1 AND customer = $2`
)

// Methods returns a customer's saved payment methods by id, as they can be asked for by column. The rules read them with the State, in
// the provider's order.
func (r reads) Methods(ctx context.Context, customer billing.CustomerID) ([]billing.PaymentMethod, error) {
	return rows(ctx, r, func(from scanner) (m billing.PaymentMethod, err error) {
		var of billing.CustomerID
		return m, from.Scan(&m.ID, &of, &m.Type, &m.Brand, &m.Last4, &m.ExpMonth, &m.ExpYear, &m.Wallet, &m.Default)
	}, methodsOf, customer)
}

// saveMethods writes the methods that differ and forgets those that are gone. A mirror of an older version has none in columns yet.
func (tx *Tx) saveMethods(ctx context.Context, mirror, now billing.State) error {
	for _, m := range now.Methods {
		if slices.Contains(mirror.Methods, m) && !mirror.Partly {
			continue
		}
		err := tx.put(ctx, string(m.ID), saveMethod, m.ID, now.Customer, m.Type, m.Brand, m.Last4, m.ExpMonth, m.ExpYear, m.Wallet, flag(m.Default))
		if err != nil {
			return err
		}
	}
	for _, was := range mirror.Methods {
		if slices.ContainsFunc(now.Methods, func(m billing.PaymentMethod) bool { return m.ID == was.ID }) {
			continue
		}
		for _, forget := range []string{forgetMethod, forgetMethodObject} {
			if err := tx.put(ctx, string(was.ID), forget, was.ID, now.Customer); err != nil {
				return err
			}
		}
	}
	return nil
}
