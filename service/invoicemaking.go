package service

import (
	"context"
	"errors"
	"slices"

	"github.com/dues-billing/dues/billing"
)

// MakeInvoice makes an invoice outside any plan as a draft that waits for IssueInvoice, once for each key: whoever had no answer asks again with the same key,
// and what broke off is completed.
func (s *Service) MakeInvoice(ctx context.Context, id billing.AccountID, wish billing.InvoiceWish) (billing.Invoice, error) {
	if err := wish.Check(); err != nil {
		return billing.Invoice{}, err
	}
	account, err := s.ready(ctx, id)
	if err != nil {
		return billing.Invoice{}, err
	}
	state, err := s.fulfil(ctx, id, func(p Provider, state billing.State) (func(context.Context) error, error) {
		added, err := call(ctx, func(ctx context.Context) (billing.AddedLines, error) { return p.AddedLines(ctx, account.Customer) })
		if err != nil {
			return nil, err
		}
		made, missing, err := state.MakeInvoice(wish, added)
		if err != nil || made.ID != "" && len(missing) == 0 {
			return nil, err
		}
		return func(ctx context.Context) (err error) {
			if made.ID == "" {
				if made.ID, err = p.MakeInvoice(ctx, account.Customer, wish); err != nil {
					return err
				}
			}
			for _, line := range missing {
				line.Invoice = made.ID
				if err := p.AddLine(ctx, account.Customer, line); err != nil {
					return err
				}
			}
			return nil
		}, nil
	})
	at := slices.IndexFunc(state.Invoices, func(i billing.Invoice) bool { return i.Key == wish.Key })
	if err == nil && at < 0 {
		err = billing.Errorf(billing.Unavailable, "the invoice is made and cannot be read yet; try again")
	}
	if err != nil {
		return billing.Invoice{}, err
	}
	return state.Invoices[at], nil
}

// IssueInvoice finalizes a draft, and charges the saved method or sends it by mail, as it was made. One that is paid already is success. When the method does
// not pay, the error is that of PayInvoice, and the invoice stays open.
func (s *Service) IssueInvoice(ctx context.Context, id billing.AccountID, invoice billing.InvoiceID) (billing.Invoice, error) {
	return s.collect(ctx, id, invoice, func(p Provider, state billing.State) (func(context.Context) error, error) {
		issued, needed, err := state.IssueInvoice(invoice)
		if err != nil || !needed {
			return nil, err
		}
		return func(ctx context.Context) error {
			if issued.ByMail {
				return p.SendInvoice(ctx, invoice)
			}
			if issued.Status == billing.InvoiceDraft {
				if err := p.FinalizeInvoice(ctx, invoice); err != nil {
					return err
				}
			}
			return p.PayInvoice(ctx, PayInvoiceRequest{Invoice: invoice, Method: state.Payer(issued), Key: newID("pay")})
		}, nil
	})
}

// EndInvoice voids an invoice, writes it off as uncollectible, or discards a draft of no plan. One that has ended so is success. The answer is the invoice as it
// is afterwards, empty when it was discarded.
func (s *Service) EndInvoice(ctx context.Context, id billing.AccountID, invoice billing.InvoiceID, end billing.InvoiceEnd) (billing.Invoice, error) {
	state, err := s.fulfil(ctx, id, func(p Provider, state billing.State) (func(context.Context) error, error) {
		needed, err := state.EndInvoice(invoice, end)
		if err != nil || !needed {
			return nil, err
		}
		return func(ctx context.Context) error { return p.EndInvoice(ctx, invoice, end) }, nil
	})
	if err != nil {
		return billing.Invoice{}, err
	}
	now, _ := state.Invoice(invoice)
	return now, nil
}

// billLeft bills the lines that wait when a plan has ended, by an invoice of their own. The provider would put them on the first invoice of the free plan, which
// then could not begin without a payment. Whether this one is paid is not asked here: it stays open, as any other.
func (s *Service) billLeft(ctx context.Context, account billing.Account, state billing.State, key string) error {
	p, err := s.configured(account.ProviderAccount)
	if err != nil {
		return err
	}
	_, err = call(ctx, func(ctx context.Context) (struct{}, error) {
		lines, err := p.Provider.AddedLines(ctx, account.Customer)
		if err != nil || !lines.Waiting() {
			return struct{}{}, err
		}
		left, err := p.Provider.MakeInvoice(ctx, account.Customer, billing.InvoiceWish{Pending: true, Key: key})
		if err != nil {
			return struct{}{}, err
		}
		if err := p.Provider.FinalizeInvoice(ctx, left); err != nil {
			return struct{}{}, err
		}
		err = p.Provider.PayInvoice(ctx, PayInvoiceRequest{Invoice: left, Method: state.Payer(billing.Invoice{}), Key: newID("pay")})
		if errors.Is(err, ErrDeclined) || errors.Is(err, ErrNeedsConfirmation) {
			err = nil
		}
		return struct{}{}, err
	})
	return err
}
