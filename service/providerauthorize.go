package service

import (
	"context"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/money"
)

// Authorizer has a bank keep an amount ready, which is captured later.
type Authorizer interface {
	// Authorize has the bank of a saved method keep an amount ready, off session. Asked again for the same purchase it asks no second time, however
	// long ago. A declined or challenged one wraps ErrDeclined or ErrNeedsConfirmation, and perhaps a Declined; nothing is left of it.
	Authorize(ctx context.Context, req SellRequest) error
	// Capture takes what is kept ready, or a part of it, and lets go of the rest. What is not kept ready any more is an error of code conflict.
	Capture(ctx context.Context, req CaptureRequest) error
	// Release lets go of what is kept ready. What was let go is success, what was captured an error of code conflict.
	Release(ctx context.Context, paymentIntent string) error
	// BillCaptured makes the invoice of what was captured, paid by it. Asked again for the same purchase it goes on with the invoice that it made.
	BillCaptured(ctx context.Context, req BillCapturedRequest) (billing.InvoiceID, error)
}

// CaptureRequest asks for what is kept ready.
type CaptureRequest struct {
	PaymentIntent string
	Amount        money.Amount
	Key           string
}

// BillCapturedRequest asks for the invoice of what was captured.
type BillCapturedRequest struct {
	SellRequest   // Amount is what was captured
	PaymentIntent string
}
