package service

import (
	"context"
	"slices"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/sqlstore"
)

// HoldInvoice keeps a draft of the account from being finalized by itself, for a person to look at it; with held false it is finalized and collected again
// as any other, within the provider's hour. IssueInvoice does it at once. What is so already is success.
func (s *Service) HoldInvoice(ctx context.Context, id billing.AccountID, invoice billing.InvoiceID, held bool) (billing.Invoice, error) {
	state, err := s.fulfil(ctx, id, func(p Provider, state billing.State) (func(context.Context) error, error) {
		needed, err := state.HoldInvoice(invoice, held)
		if err != nil || !needed {
			return nil, err
		}
		return func(ctx context.Context) error { return p.HoldInvoice(ctx, invoice, held) }, nil
	})
	if err != nil {
		return billing.Invoice{}, err
	}
	now, _ := state.Invoice(invoice)
	return now, nil
}

// heldMax is how many drafts are looked at for those that are held.
const heldMax = 500

// HeldInvoices returns the drafts of all accounts that wait for a person, the oldest first, at most 500. So are drafts that stand alone and are not issued yet.
func (s *Service) HeldInvoices(ctx context.Context) ([]billing.HeldInvoice, error) {
	drafts, err := s.cfg.Store.OldestDrafts(ctx, heldMax)
	return slices.DeleteFunc(drafts, func(draft billing.HeldInvoice) bool { return !draft.Held }), err
}

// HoldInvoices says whether each renewal of an account is held when its draft is made, until a person releases it. Those of a plan are when the catalogue says
// hold_invoices: true. A draft that stands already is left as it is.
func (s *Service) HoldInvoices(ctx context.Context, id billing.AccountID, held bool) error {
	return s.inTx(ctx, func(tx *sqlstore.Tx) error {
		found, err := tx.HoldInvoices(ctx, id, held)
		if err == nil && !found {
			err = billing.Errorf(billing.NotFound, "there is no account %q", string(id))
		}
		return err
	})
}

// holdOrdered holds a renewal's draft. One that was finalized meanwhile is charged, as if it had not been asked for.
func (s *Service) holdOrdered(ctx context.Context, account billing.Account, facts callFacts) error {
	_, err := s.HoldInvoice(ctx, account.ID, facts.Invoice, true)
	if billing.CodeOf(err) == billing.Conflict || billing.CodeOf(err) == billing.NotFound {
		s.log.WarnContext(ctx, "an invoice is to be held and is finalized already", "account", account.ID, "invoice", facts.Invoice)
		return nil
	}
	return err
}
