package service

import (
	"context"
	"fmt"
	"slices"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/sqlstore"
)

// history reads what a customer was billed and charged before what the mirror holds, to the beginning. The mirror's oldest row is where it goes
// on, so a run that breaks off loses a page at most. Old invoices are no news: nobody is mailed or told of them, but what they license counts.
func (r *reconciler) history(ctx context.Context, h *hold, in *providerAccount, customer billing.CustomerID) error {
	at, err := r.oldest(ctx, customer)
	for err == nil && at != (Oldest{}) {
		var older Older
		older, err = call(ctx, func(ctx context.Context) (Older, error) { return in.Provider.FetchOlder(ctx, customer, at) })
		if err == nil {
			err = r.keepOlder(ctx, h, customer, older)
		}
		at = older.Next
	}
	if err != nil {
		return fmt.Errorf("history of customer %s: %w", customer, err)
	}
	return nil
}

// oldest is where the history goes on. Of what there are fewer of than one reading brings, nothing older exists.
func (r *reconciler) oldest(ctx context.Context, customer billing.CustomerID) (at Oldest, err error) {
	invoices, err := r.cfg.Store.Invoices(ctx, customer)
	if err != nil {
		return at, err
	}
	record, err := r.cfg.Store.Record(ctx, customer)
	if n := len(invoices); n >= billing.InvoicesFetched {
		at.Invoice = invoices[n-1].ID
	}
	if n := len(record.Charges); n >= billing.InvoicesFetched {
		at.Charge = record.Charges[n-1].ID
	}
	return at, err
}

func (r *reconciler) keepOlder(ctx context.Context, h *hold, customer billing.CustomerID, older Older) error {
	mirror, err := r.cfg.Store.State(ctx, customer)
	if err != nil {
		return err
	}
	now := mirror
	now.Invoices = slices.Clone(mirror.Invoices)
	for _, invoice := range older.Invoices {
		if _, known := mirror.Invoice(invoice.ID); !known {
			now.Invoices = append(now.Invoices, invoice)
		}
	}
	record, err := r.cfg.Store.Record(ctx, customer)
	if err != nil {
		return err
	}
	// The mirror's newest charges may have paid invoices that are older than its own.
	now = now.Marked(r.cfg.Catalog, mirror, billing.Record{
		Charges: slices.Concat(older.Charges, record.Charges), Disputes: slices.Concat(older.Disputes, record.Disputes),
	})
	err = r.inTxHeld(ctx, h, func(tx *sqlstore.Tx) error {
		if err := tx.SaveState(ctx, mirror, now); err != nil {
			return err
		}
		if err := tx.SaveRecord(ctx, customer, older.Record); err != nil {
			return err
		}
		account, err := tx.AccountByCustomer(ctx, customer)
		if billing.CodeOf(err) == billing.NotFound {
			return tx.ForgetStranger(ctx, customer)
		}
		if err != nil {
			return err
		}
		var lines []billing.LicenseLine
		for _, invoice := range older.Invoices {
			marked, _ := now.Invoice(invoice.ID)
			lines = append(lines, billing.LicenseLines(r.cfg.Catalog, account.ID, marked)...)
		}
		return r.license(ctx, tx, account.ID, lines, &billing.Change{Mirror: mirror, Now: now})
	})
	if err == nil {
		r.count(func(sum *Reconciled) { sum.Older += unknown(older, mirror, record) })
	}
	return err
}

// unknown counts what the mirror did not hold yet. What is of the same second as its oldest row may be read once more, for only the provider
// knows an order among those.
func unknown(older Older, mirror billing.State, record billing.Record) (n int) {
	for _, invoice := range older.Invoices {
		if _, known := mirror.Invoice(invoice.ID); !known {
			n++
		}
	}
	for _, charge := range older.Charges {
		if !slices.ContainsFunc(record.Charges, func(known billing.Charge) bool { return known.ID == charge.ID }) {
			n++
		}
	}
	return n
}
