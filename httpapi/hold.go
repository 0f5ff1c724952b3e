package httpapi

import (
	"context"

	"github.com/dues-billing/dues/billing"
)

// HeldInvoices are the drafts of all accounts that wait for a person, the oldest first.
type HeldInvoices struct {
	Invoices []HeldInvoice `json:"invoices" nullable:"false"`
}

// HeldInvoice is a draft that waits, and whose it is.
type HeldInvoice struct {
	Account billing.AccountID `json:"account"`
	Invoice Invoice           `json:"invoice"`
}

type holdRequest struct {
	Hold bool `json:"hold" doc:"Whether each renewal waits as a draft from now on, until it is released"`
}

// Hold says whether an account's renewals are held.
type Hold struct {
	Hold bool `json:"hold"`
}

func (a *api) holdInvoices(ctx context.Context, in *withBodyOf[holdRequest]) (*reply[Hold], error) {
	hold := in.Body.value.Hold
	if err := a.service.HoldInvoices(ctx, billing.AccountID(in.ID), hold); err != nil {
		return nil, err
	}
	return ok(Hold{hold}), nil
}

func (a *api) heldInvoices(ctx context.Context, _ *struct{}) (*reply[HeldInvoices], error) {
	list, err := a.service.HeldInvoices(ctx)
	if err != nil {
		return nil, err
	}
	out := HeldInvoices{Invoices: make([]HeldInvoice, len(list))}
	for i, held := range list {
		out.Invoices[i] = HeldInvoice{held.Account, invoiceOf(held.Invoice)}
	}
	return ok(out), nil
}
