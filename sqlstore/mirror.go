package sqlstore

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/dues-billing/dues/billing"
)

const (
	liveCustomers = `SELECT id FROM customers WHERE deleted = 0 AND id > $1 ORDER BY id LIMIT $2 + 0`
	saveCustomer  = `INSERT INTO customers (id, deleted, methods, own_method, own_method_at, mirrored_at, synced_at)
		VALUES ($1, $2, $3, $4, $5, $5, $5)
		ON CONFLICT (id) DO UPDATE SET deleted = excluded.deleted, methods = excluded.methods, own_method = excluded.own_method,
		own_method_at = excluded.own_method_at, mirrored_at = excluded.mirrored_at, synced_at = excluded.synced_at`

	subscriptionsOf  = `SELECT body FROM subscriptions WHERE customer = $1 ORDER BY created_at DESC, position DESC, id DESC`
	saveSubscription = `INSERT INTO subscriptions (id, customer, status, created_at, position, body) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (id) DO UPDATE SET status = excluded.status, body = excluded.body`

	// A customer, the subscriptions and the invoices are read at one moment and in one trip: a second one costs as much as reading them.
	stateParts = `SELECT 0 AS part, methods AS body, deleted, own_method, mirrored_at, synced_at, 0 AS created_at, 0 AS position, '' AS id
			FROM customers WHERE id = $1
		UNION ALL SELECT 1, body, 0, '', 0, 0, created_at, position, id FROM subscriptions WHERE customer = $1
		UNION ALL SELECT 2, body, 0, '', 0, 0, created_at, position, id FROM invoices WHERE customer = $1`
	stateOrder = ` ORDER BY part, created_at DESC, position DESC, id DESC`
	stateOf    = stateParts + stateOrder
	standingOf = stateParts + ` AND status <> 'paid'` + stateOrder

	invoicesOf    = `SELECT body FROM invoices WHERE customer = $1 ORDER BY created_at DESC, position DESC, id DESC`
	forgetInvoice = `DELETE FROM invoices WHERE id = $1`
	saveInvoice   = `INSERT INTO invoices (id, customer, status, created_at, position, body) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (id) DO UPDATE SET status = excluded.status, body = excluded.body`
)

// State returns everything the mirror holds of a customer. One that was never fetched is a State that is not Known.
func (r reads) State(ctx context.Context, customer billing.CustomerID) (billing.State, error) {
	return r.state(ctx, customer, stateOf)
}

// Standing returns what access depends on: State without the invoices that are paid.
func (r reads) Standing(ctx context.Context, customer billing.CustomerID) (billing.State, error) {
	return r.state(ctx, customer, standingOf)
}

func (r reads) state(ctx context.Context, customer billing.CustomerID, query string) (billing.State, error) {
	parts, err := rows(ctx, r, scanStatePart, query, customer)
	if err == nil && len(parts) > 0 && parts[0].kind != customerPart { // a customer is mirrored before all else of it
		parts = nil
	}
	state := billing.State{Customer: customer}
	for _, p := range parts {
		if err == nil {
			err = p.into(&state)
		}
	}
	if err != nil {
		return state, fmt.Errorf("customer %s: %w", customer, err)
	}
	return state, nil
}

// What the parts of a state are.
const (
	customerPart = iota
	subscriptionPart
	invoicePart
)

// statePart is a row of a customer's state.
type statePart struct {
	kind  int
	body  []byte        // of the customer: its payment methods
	state billing.State // of the customer: its columns
}

func scanStatePart(from scanner) (p statePart, err error) {
	var mirrored time.Time
	var created, position int64
	var id string
	err = from.Scan(&p.kind, &p.body, &p.state.Deleted, &p.state.OwnMethod, moment{&mirrored}, moment{&p.state.SyncedAt}, &created, &position, &id)
	p.state.Partly = !mirrored.Equal(p.state.SyncedAt)
	return p, err
}

// into puts the part where it belongs.
func (p statePart) into(state *billing.State) error {
	switch p.kind {
	case customerPart:
		p.state.Customer, p.state.Known = state.Customer, true
		*state = p.state
		return json.Unmarshal(p.body, &state.Methods)
	case subscriptionPart:
		return addTo(&state.Subscriptions, p.body)
	}
	return addTo(&state.Invoices, p.body)
}

func addTo[T any](list *[]T, body []byte) error {
	var one T
	err := json.Unmarshal(body, &one)
	*list = append(*list, one)
	return err
}

// LiveCustomers returns the customers that were not deleted when they were last read, in the order of their ids, from the one after
// the given id on.
func (r reads) LiveCustomers(ctx context.Context, after billing.CustomerID, limit int) ([]billing.CustomerID, error) {
	return rows(ctx, r, func(from scanner) (id billing.CustomerID, err error) { return id, from.Scan(&id) }, liveCustomers, after, limit)
}

// Subscriptions returns a customer's subscriptions, newest first.
func (r reads) Subscriptions(ctx context.Context, customer billing.CustomerID) ([]billing.Subscription, error) {
	return bodies[billing.Subscription](ctx, r, subscriptionsOf, customer)
}

// Invoices returns a customer's invoices, newest first.
func (r reads) Invoices(ctx context.Context, customer billing.CustomerID) ([]billing.Invoice, error) {
	return bodies[billing.Invoice](ctx, r, invoicesOf, customer)
}

func bodies[T any](ctx context.Context, r reads, query string, customer billing.CustomerID) ([]T, error) {
	return rows(ctx, r, func(from scanner) (one T, err error) {
		var body []byte
		if err := from.Scan(&body); err != nil {
			return one, err
		}
		return one, json.Unmarshal(body, &one)
	}, query, customer)
}

// SaveState writes what differs between the mirror, as the caller read it in this transaction, and now.
func (tx *Tx) SaveState(ctx context.Context, mirror, now billing.State) error {
	tx.wrote(Change{Customer: now.Customer})
	methods, err := json.Marshal(now.Methods)
	if err != nil {
		return err
	}
	err = tx.put(ctx, string(now.Customer), saveCustomer, now.Customer, flag(now.Deleted), string(methods), now.OwnMethod, micros(now.SyncedAt))
	if err != nil {
		return err
	}
	if err := tx.saveMethods(ctx, mirror, now); err != nil {
		return err
	}
	for i, sub := range now.Subscriptions {
		old, _ := mirror.Subscription(sub.ID)
		body, err := differing(old, sub)
		if err != nil {
			return err
		}
		if body == "" {
			continue
		}
		position := olderTwins(now.Subscriptions[i:], func(s billing.Subscription) time.Time { return s.CreatedAt })
		err = tx.put(ctx, string(sub.ID), saveSubscription, sub.ID, now.Customer, sub.Status, micros(sub.CreatedAt), position, body)
		if err != nil {
			return err
		}
	}
	for i, invoice := range now.Invoices {
		old, _ := mirror.Invoice(invoice.ID)
		body, err := differing(old, invoice)
		if err != nil {
			return err
		}
		if body == "" {
			continue
		}
		position := olderTwins(now.Invoices[i:], func(i billing.Invoice) time.Time { return i.CreatedAt })
		err = tx.put(ctx, string(invoice.ID), saveInvoice, invoice.ID, now.Customer, invoice.Status, micros(invoice.CreatedAt), position, body)
		if err != nil {
			return err
		}
	}
	for _, gone := range mirror.Vanished(now) {
		if err := tx.put(ctx, string(gone.ID), forgetInvoice, gone.ID); err != nil {
			return err
		}
		if err := tx.forgetObject(ctx, string(gone.ID)); err != nil {
			return err
		}
	}
	return nil
}

// olderTwins counts, in a list that begins with the newest, what was created in the same second as the first and before it.
// The provider's times are no finer, and ids say nothing about order.
func olderTwins[T any](list []T, created func(T) time.Time) (n int) {
	for _, older := range list[1:] {
		if created(older).Equal(created(list[0])) {
			n++
		}
	}
	return n
}

// differing returns now as JSON, or "" when old reads the same.
func differing(old, now any) (string, error) {
	was, err := json.Marshal(old)
	if err != nil {
		return "", err
	}
	is, err := json.Marshal(now)
	if err != nil || bytes.Equal(was, is) {
		return "", err
	}
	return string(is), nil
}
