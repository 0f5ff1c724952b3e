package httpapi

import (
	"context"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/money"
)

// Invoices are an account's invoices, newest first.
type Invoices struct {
	Invoices []Invoice `json:"invoices" nullable:"false"`
}

// Invoice mirrors Stripe's. Amounts are in the currency's minor unit.
type Invoice struct {
	ID         billing.InvoiceID     `json:"id"`
	Number     string                `json:"number" doc:"Empty while it is a draft"`
	Status     billing.InvoiceStatus `json:"status" enum:"draft,open,paid,uncollectible,void"`
	Reason     string                `json:"reason" doc:"Stripe's billing_reason"`
	Currency   money.Currency        `json:"currency"`
	Total      int64                 `json:"total"`
	AmountDue  int64                 `json:"amount_due"`
	AmountPaid int64                 `json:"amount_paid"`
	CreatedAt  Moment                `json:"created_at"`
	PaidAt     *Moment               `json:"paid_at" nullable:"true"`
	URL        string                `json:"url" doc:"Stripe's page of the invoice, where it can be paid"`
	PDF        string                `json:"pdf"`
	Key        string                `json:"key" doc:"The one that it was asked for by; empty of what Stripe made by itself"`
	DueAt      *Moment               `json:"due_at" nullable:"true" doc:"Until when one that is sent by mail is to be paid; null: it is charged"`
	Held       bool                  `json:"held" doc:"A draft that is not finalized by itself"`
	Lines      []InvoiceLine         `json:"lines" nullable:"false"`
}

// InvoiceLine is one line of an invoice.
type InvoiceLine struct {
	Description string `json:"description"`
	Amount      int64  `json:"amount"`
	Quantity    int64  `json:"quantity"`
	PeriodStart Moment `json:"period_start"`
	PeriodEnd   Moment `json:"period_end"`
	Proration   bool   `json:"proration"`
}

func (a *api) myInvoices(ctx context.Context, _ *oneself) (*reply[Invoices], error) {
	return a.invoicesOf(ctx, caller(ctx))
}

func (a *api) invoices(ctx context.Context, in *byID) (*reply[Invoices], error) {
	return a.invoicesOf(ctx, billing.AccountID(in.ID))
}

func (a *api) invoicesOf(ctx context.Context, id billing.AccountID) (*reply[Invoices], error) {
	list, err := a.service.Invoices(ctx, id)
	if err != nil {
		return nil, err
	}
	out := Invoices{Invoices: []Invoice{}}
	for _, invoice := range list {
		out.Invoices = append(out.Invoices, invoiceOf(invoice))
	}
	return ok(out), nil
}

func invoiceOf(i billing.Invoice) Invoice {
	out := Invoice{
		ID: i.ID, Number: i.Number, Status: i.Status, Reason: i.Reason, Currency: i.Total.Currency,
		Total: i.Total.Minor, AmountDue: i.AmountDue.Minor, AmountPaid: i.AmountPaid.Minor,
		CreatedAt: Moment(i.CreatedAt), PaidAt: moment(i.PaidAt), URL: i.HostedURL, PDF: i.PDF,
		Key: i.Key, DueAt: moment(i.DueAt), Held: i.Held, Lines: []InvoiceLine{},
	}
	for _, l := range i.Lines {
		out.Lines = append(out.Lines, InvoiceLine{
			Description: l.Description, Amount: l.Amount.Minor, Quantity: l.Quantity,
			PeriodStart: Moment(l.Period.Start), PeriodEnd: Moment(l.Period.End), Proration: l.Proration,
		})
	}
	return out
}
