package service

import (
	"context"

	"github.com/dues-billing/dues/billing"
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
