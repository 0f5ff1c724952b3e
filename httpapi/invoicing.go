package httpapi

import (
	"context"

	"github.com/dues-billing/dues/billing"
)

type payInvoiceRequest struct {
	Method string `json:"method,omitempty" doc:"A saved method's id; left out, the one that is charged for renewals"`
}

type payInvoiceOf struct {
	ID      string `path:"id" doc:"The app's own id"`
	Invoice string `path:"invoice" doc:"The invoice's id"`
	withBody[payInvoiceRequest]
}

type payMyInvoice struct {
	Invoice string `path:"invoice" doc:"The invoice's id"`
	withBody[payInvoiceRequest]
}

func (a *api) payInvoice(ctx context.Context, in *payInvoiceOf) (*reply[Invoice], error) {
	return a.invoicePaid(ctx, billing.AccountID(in.ID), in.Invoice, in.Body.value)
}

func (a *api) payMyInvoice(ctx context.Context, in *payMyInvoice) (*reply[Invoice], error) {
	return a.invoicePaid(ctx, caller(ctx), in.Invoice, in.Body.value)
}

func (a *api) invoicePaid(ctx context.Context, id billing.AccountID, invoice string, given payInvoiceRequest) (*reply[Invoice], error) {
	return invoiceNow(a.service.PayInvoice(ctx, id, billing.InvoiceID(invoice), billing.PaymentMethodID(given.Method)))
}
