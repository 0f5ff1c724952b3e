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
	LineAdder
}

// LineAdder adds lines to invoices that are not finalized.
type LineAdder interface {
	// AddedLines reads the lines that were ever added to a customer's invoices, newest first.
	AddedLines(ctx context.Context, customer billing.CustomerID) (billing.AddedLines, error)
	// AddLine adds a line and keeps the wish's key with it, where AddedLines finds it.
	AddLine(ctx context.Context, customer billing.CustomerID, wish billing.LineWish) error
	// RemoveLine removes a line of an invoice that is not finalized. One that is gone is success.
	RemoveLine(ctx context.Context, line billing.LineID) error
}

// PayInvoiceRequest asks for the payment of an invoice.
type PayInvoiceRequest struct {
	Invoice billing.InvoiceID
	Method  billing.PaymentMethodID // "" is the one that the provider would charge by itself
	Key     string
}
