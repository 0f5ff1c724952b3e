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
	InvoiceMaker
}

// InvoiceMaker makes invoices outside any plan, and moves invoices on.
type InvoiceMaker interface {
	// MakeInvoice makes a draft that waits, with what is pending when the wish says so and without its lines, and keeps the wish's key with it. A key
	// whose draft was deleted is an error of code conflict.
	MakeInvoice(ctx context.Context, customer billing.CustomerID, wish billing.InvoiceWish) (billing.InvoiceID, error)
	// FinalizeInvoice fixes a draft's amount, whereupon it is collected as any other. One that is finalized is success.
	FinalizeInvoice(ctx context.Context, invoice billing.InvoiceID) error
	// SendInvoice sends an invoice that is paid by mail, once a day however often it is asked for; a draft is finalized first.
	SendInvoice(ctx context.Context, invoice billing.InvoiceID) error
	// EndInvoice voids, writes off or discards an invoice. One that is so already is success.
	EndInvoice(ctx context.Context, invoice billing.InvoiceID, end billing.InvoiceEnd) error
	// HoldInvoice keeps a draft from being finalized by itself, or lets it be again. One that is finalized is an error of code conflict.
	HoldInvoice(ctx context.Context, invoice billing.InvoiceID, held bool) error
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
