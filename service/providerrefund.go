package service

import (
	"context"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/money"
)

// Refunder gives money back.
type Refunder interface {
	// Refund gives back a part of what was paid for an invoice, or all of it, on a credit note. Asked again with the same key it answers with what
	// was made before, however long ago. More than is left of the payment, and a payment that a bank disputes, is an error of code conflict.
	Refund(ctx context.Context, req RefundRequest) (RefundMade, error)
}

// RefundRequest asks to give money back.
type RefundRequest struct {
	Invoice billing.InvoiceID
	Amount  money.Amount
	Reason  string // one of billing.RefundReasons, or ""
	Key     string
}

// RefundMade is what the provider has made.
type RefundMade struct {
	Refund     billing.RefundID
	CreditNote string // its number, as it stands on the paper
}
