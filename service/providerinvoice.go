package service

import (
	"context"

	"github.com/dues-billing/dues/billing"
)

// Invoicer charges invoices.
type Invoicer interface {
	// PayInvoice charges an open invoice now. One that is paid by then is success. A declined or challenged payment leaves it open, and wraps
	// ErrDeclined or ErrNeedsConfirmation.
	PayInvoice(ctx context.Context, req PayInvoiceRequest) error
}

// PayInvoiceRequest asks for the payment of an invoice.
type PayInvoiceRequest struct {
	Invoice billing.InvoiceID
	Method  billing.PaymentMethodID // "" is the one that the provider would charge by itself
	Key     string
}
