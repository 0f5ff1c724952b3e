package sqlstore

import (
	"context"

	"github.com/dues-billing/dues/billing"
)

const (
	customersFrom = `SELECT id FROM customers WHERE id > $1 ORDER BY id LIMIT $2 + 0`
	billedBetween = `SELECT customer, 0 AS part, body FROM subscriptions WHERE customer > $1 AND customer <= $2
		UNION ALL SELECT customer, 1, body FROM invoices WHERE customer > $1 AND customer <= $2
		ORDER BY customer, part`
)

// Billed are the subscriptions and invoices of a customer, in no order.
type Billed struct {
	Customer      billing.CustomerID
	Subscriptions []billing.Subscription
	Invoices      []billing.Invoice
}

// Billed returns what was billed to up to limit customers after the given id, those that were deleted at the provider, too, and the id of the last one: "" when
// there are no more.
func (r reads) Billed(ctx context.Context, after billing.CustomerID, limit int) (all []Billed, last billing.CustomerID, err error) {
	ids, err := rows(ctx, r, func(from scanner) (id billing.CustomerID, err error) { return id, from.Scan(&id) }, customersFrom, after, limit)
	if err != nil || len(ids) == 0 {
		return nil, "", err
	}
	last = ids[len(ids)-1]
	_, err = rows(ctx, r, func(from scanner) (none struct{}, err error) {
		var customer billing.CustomerID
		var part int
		var body []byte
		if err := from.Scan(&customer, &part, &body); err != nil {
			return none, err
		}
		if len(all) == 0 || all[len(all)-1].Customer != customer {
			all = append(all, Billed{Customer: customer})
		}
		one := &all[len(all)-1]
		if part == 0 {
			return none, addTo(&one.Subscriptions, body)
		}
		return none, addTo(&one.Invoices, body)
	}, billedBetween, after, last)
	return all, last, err
}
