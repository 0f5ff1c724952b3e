package httpapi

import (
	"cmp"
	"context"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/money"
)

type invoiceRequest struct {
	Lines   []invoiceLineRequest `json:"lines,omitempty" doc:"Lines of this invoice"`
	Pending bool                 `json:"pending,omitempty" doc:"Also take the lines that wait for the next invoice"`
	DueDays int64                `json:"due_days,omitempty" doc:"It is sent by mail, and due so many days after it was made; left out, the saved method is charged"`
	Memo    string               `json:"memo,omitempty" maxLength:"500" doc:"What the customer reads on it"`
	Key     string               `json:"key" maxLength:"80" doc:"Your own id of this invoice: the same key is the same invoice, however often it is sent"`
}

type invoiceLineRequest struct {
	Amount      int64     `json:"amount" doc:"Of one, in the currency's minor unit; negative takes off"`
	Currency    string    `json:"currency"`
	Quantity    int64     `json:"quantity,omitempty" doc:"1 when it is left out"`
	Description string    `json:"description" maxLength:"500" doc:"What the customer reads on the invoice"`
	PeriodStart timestamp `json:"period_start,omitempty"`
	PeriodEnd   timestamp `json:"period_end,omitempty"`
}

func (r invoiceRequest) wish() (billing.InvoiceWish, error) {
	wish := billing.InvoiceWish{Pending: r.Pending, DueDays: r.DueDays, Memo: r.Memo, Key: r.Key}
	for _, given := range r.Lines {
		line := billing.LineWish{Unit: money.New(given.Amount, money.Currency(given.Currency)), Quantity: cmp.Or(given.Quantity, 1), Description: given.Description}
		var err error
		if line.Period.Start, err = given.PeriodStart.moment("lines.period_start"); err != nil {
			return wish, err
		}
		if line.Period.End, err = given.PeriodEnd.moment("lines.period_end"); err != nil {
			return wish, err
		}
		wish.Lines = append(wish.Lines, line)
	}
	return wish, nil
}

type invoiceOfAccount struct {
	ID      string `path:"id" doc:"The app's own id"`
	Invoice string `path:"invoice" doc:"The invoice's id"`
}

func (a *api) makeInvoice(ctx context.Context, in *withBodyOf[invoiceRequest]) (*reply[Invoice], error) {
	wish, err := in.Body.value.wish()
	if err != nil {
		return nil, err
	}
	return invoiceNow(a.service.MakeInvoice(ctx, billing.AccountID(in.ID), wish))
}

func (a *api) issueInvoice(ctx context.Context, in *invoiceOfAccount) (*reply[Invoice], error) {
	return invoiceNow(a.service.IssueInvoice(ctx, billing.AccountID(in.ID), billing.InvoiceID(in.Invoice)))
}

func (a *api) voidInvoice(ctx context.Context, in *invoiceOfAccount) (*reply[Invoice], error) {
	return invoiceNow(a.service.EndInvoice(ctx, billing.AccountID(in.ID), billing.InvoiceID(in.Invoice), billing.EndVoided))
}

func (a *api) writeOffInvoice(ctx context.Context, in *invoiceOfAccount) (*reply[Invoice], error) {
	return invoiceNow(a.service.EndInvoice(ctx, billing.AccountID(in.ID), billing.InvoiceID(in.Invoice), billing.EndWrittenOff))
}

func (a *api) discardInvoice(ctx context.Context, in *invoiceOfAccount) (*reply[Invoices], error) {
	id := billing.AccountID(in.ID)
	if _, err := a.service.EndInvoice(ctx, id, billing.InvoiceID(in.Invoice), billing.EndDiscarded); err != nil {
		return nil, err
	}
	return a.invoicesOf(ctx, id)
}

func (a *api) holdInvoice(ctx context.Context, in *invoiceOfAccount) (*reply[Invoice], error) {
	return invoiceNow(a.service.HoldInvoice(ctx, billing.AccountID(in.ID), billing.InvoiceID(in.Invoice), true))
}

func (a *api) releaseInvoice(ctx context.Context, in *invoiceOfAccount) (*reply[Invoice], error) {
	return invoiceNow(a.service.HoldInvoice(ctx, billing.AccountID(in.ID), billing.InvoiceID(in.Invoice), false))
}

// invoiceNow answers with an invoice as it is after a change.
func invoiceNow(now billing.Invoice, err error) (*reply[Invoice], error) {
	if err != nil {
		return nil, err
	}
	return ok(invoiceOf(now)), nil
}
