package sqlstore

import (
	"context"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/money"
)

// A row is written when something in it differs, so that reading the same again costs no page of the disk.
const (
	chargeColumns = `id, customer, payment_intent, payment_method, status, currency, amount, captured, refunded, disputed, failure, created_at`
	chargesOf     = `SELECT ` + chargeColumns + ` FROM charges WHERE customer = $1 ORDER BY created_at DESC, id`
	chargedBy     = `SELECT customer FROM charges WHERE id = $1`
	saveCharge    = `INSERT INTO charges (` + chargeColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
		ON CONFLICT (id) DO UPDATE SET customer = excluded.customer, payment_method = excluded.payment_method, status = excluded.status,
			amount = excluded.amount, captured = excluded.captured, refunded = excluded.refunded, disputed = excluded.disputed, failure = excluded.failure
		WHERE (charges.customer, charges.payment_method, charges.status, charges.amount, charges.captured, charges.refunded, charges.disputed, charges.failure)
			<> (excluded.customer, excluded.payment_method, excluded.status, excluded.amount, excluded.captured, excluded.refunded, excluded.disputed, excluded.failure)`

	refundColumns = `id, customer, charge, status, reason, currency, amount, created_at`
	refundsOf     = `SELECT ` + refundColumns + ` FROM refunds WHERE customer = $1 ORDER BY created_at DESC, id`
	saveRefund    = `INSERT INTO refunds (` + refundColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (id) DO UPDATE SET customer = excluded.customer, status = excluded.status, reason = excluded.reason, amount = excluded.amount
		WHERE (refunds.customer, refunds.status, refunds.reason, refunds.amount)
			<> (excluded.customer, excluded.status, excluded.reason, excluded.amount)`

	disputeColumns = `id, customer, charge, status, reason, currency, amount, answer_by, created_at`
	disputesOf     = `SELECT ` + disputeColumns + ` FROM disputes WHERE customer = $1 ORDER BY created_at DESC, id`
	saveDispute    = `INSERT INTO disputes (` + disputeColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (id) DO UPDATE SET customer = excluded.customer, status = excluded.status, reason = excluded.reason, amount = excluded.amount,
			answer_by = excluded.answer_by
		WHERE (disputes.customer, disputes.status, disputes.reason, disputes.amount, disputes.answer_by)
			<> (excluded.customer, excluded.status, excluded.reason, excluded.amount, excluded.answer_by)`

	objectsOf  = `SELECT id, kind, raw FROM objects WHERE customer = $1 ORDER BY kind, id`
	objectByID = `SELECT id, kind, raw FROM objects WHERE id = $1`
	saveObject = `INSERT INTO objects (id, kind, customer, raw) VALUES ($1, $2, $3, $4)
		ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, customer = excluded.customer, raw = excluded.raw
		WHERE (objects.raw, objects.customer) <> (excluded.raw, excluded.customer)`
	forgetObject = `DELETE FROM objects WHERE id = $1`
)

// Record returns what the mirror holds of a customer beside its State, charges, refunds and disputes newest first.
func (r reads) Record(ctx context.Context, customer billing.CustomerID) (all billing.Record, err error) {
	if all.Charges, err = rows(ctx, r, scanCharge, chargesOf, customer); err != nil {
		return all, err
	}
	returned, err := r.Returned(ctx, customer)
	if err != nil {
		return all, err
	}
	all.Refunds, all.Disputes = returned.Refunds, returned.Disputes
	all.Objects, err = r.Objects(ctx, customer)
	return all, err
}

// Returned is the part of Record that tells of money that went back: refunds and disputes.
func (r reads) Returned(ctx context.Context, customer billing.CustomerID) (all billing.Record, err error) {
	if all.Refunds, err = rows(ctx, r, scanRefund, refundsOf, customer); err != nil {
		return all, err
	}
	all.Disputes, err = rows(ctx, r, scanDispute, disputesOf, customer)
	return all, err
}

// Objects returns a customer's objects as the provider sent them last, or the products and prices when customer is "".
func (r reads) Objects(ctx context.Context, customer billing.CustomerID) ([]billing.Object, error) {
	return rows(ctx, r, scanObject, objectsOf, customer)
}

// Object returns an object as the provider sent it last. One that the mirror does not hold is sql.ErrNoRows.
func (r reads) Object(ctx context.Context, id string) (billing.Object, error) {
	return row(ctx, r, scanObject, objectByID, id)
}

// Charged returns whose a charge is. One that the mirror does not hold is sql.ErrNoRows.
func (r reads) Charged(ctx context.Context, charge billing.ChargeID) (billing.CustomerID, error) {
	return row(ctx, r, func(from scanner) (id billing.CustomerID, err error) { return id, from.Scan(&id) }, chargedBy, charge)
}

func scanCharge(from scanner) (c billing.Charge, err error) {
	var currency money.Currency
	var amount, captured, refunded int64
	err = from.Scan(&c.ID, &c.Customer, &c.PaymentIntent, &c.PaymentMethod, &c.Status, &currency, &amount, &captured, &refunded,
		&c.Disputed, &c.Failure, moment{&c.CreatedAt})
	c.Amount, c.Captured, c.Refunded = money.New(amount, currency), money.New(captured, currency), money.New(refunded, currency)
	return c, err
}

func scanRefund(from scanner) (r billing.Refund, err error) {
	err = from.Scan(&r.ID, &r.Customer, &r.Charge, &r.Status, &r.Reason, &r.Amount.Currency, &r.Amount.Minor, moment{&r.CreatedAt})
	return r, err
}

func scanDispute(from scanner) (d billing.Dispute, err error) {
	err = from.Scan(&d.ID, &d.Customer, &d.Charge, &d.Status, &d.Reason, &d.Amount.Currency, &d.Amount.Minor, moment{&d.AnswerBy}, moment{&d.CreatedAt})
	return d, err
}

func scanObject(from scanner) (o billing.Object, err error) {
	return o, from.Scan(&o.ID, &o.Kind, &o.Raw)
}

// SaveRecord writes what was read of a customer, and leaves the rest of its record as it is.
func (tx *Tx) SaveRecord(ctx context.Context, customer billing.CustomerID, read billing.Record) error {
	for _, c := range read.Charges {
		err := tx.put(ctx, string(c.ID), saveCharge, c.ID, customer, c.PaymentIntent, c.PaymentMethod, c.Status, c.Amount.Currency, c.Amount.Minor,
			c.Captured.Minor, c.Refunded.Minor, flag(c.Disputed), c.Failure, micros(c.CreatedAt))
		if err != nil {
			return err
		}
	}
	for _, r := range read.Refunds {
		err := tx.put(ctx, string(r.ID), saveRefund, r.ID, customer, r.Charge, r.Status, r.Reason, r.Amount.Currency, r.Amount.Minor, micros(r.CreatedAt))
		if err != nil {
			return err
		}
	}
	for _, d := range read.Disputes {
		err := tx.put(ctx, string(d.ID), saveDispute, d.ID, customer, d.Charge, d.Status, d.Reason, d.Amount.Currency, d.Amount.Minor,
			micros(d.AnswerBy), micros(d.CreatedAt))
		if err != nil {
			return err
		}
	}
	return tx.saveObjects(ctx, customer, read.Objects)
}

func (tx *Tx) saveObjects(ctx context.Context, customer billing.CustomerID, objects []billing.Object) error {
	for _, o := range objects {
		if err := tx.put(ctx, o.ID, saveObject, o.ID, o.Kind, customer, o.Raw); err != nil {
			return err
		}
	}
	return nil
}

func (tx *Tx) forgetObject(ctx context.Context, id string) error {
	return tx.put(ctx, id, forgetObject, id)
}

// flag is how yes and no are stored.
func flag(yes bool) int {
	if yes {
		return 1
	}
	return 0
}
