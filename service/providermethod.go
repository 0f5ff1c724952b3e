package service

import (
	"context"

	"github.com/dues-billing/dues/billing"
)

// Methods keeps what customers pay with.
type Methods interface {
	// SaveMethod opens a hosted page on which the customer saves a method and pays nothing.
	SaveMethod(ctx context.Context, req SaveMethodRequest) (CheckoutPage, error)
	// SetDefaultMethod makes a saved method the one that is charged next, by the customer's own default and by the named subscriptions, which
	// charge one of their own.
	SetDefaultMethod(ctx context.Context, customer billing.CustomerID, method billing.PaymentMethodID, own []billing.SubscriptionID) error
	// RemoveMethod forgets a saved method for good. One that is gone is success.
	RemoveMethod(ctx context.Context, method billing.PaymentMethodID) error
}

// SaveMethodRequest asks for a page that saves a method.
type SaveMethodRequest struct {
	Customer   billing.CustomerID
	Account    billing.AccountID
	SuccessURL string
	CancelURL  string
	Key        string
}

// PortalRequest asks for the hosted portal.
type PortalRequest struct {
	Customer     billing.CustomerID
	ReturnURL    string
	Task         PortalTask             // "" shows all that the portal has
	Subscription billing.SubscriptionID // of CancelTask
}
