package service

import (
	"context"

	"github.com/dues-billing/dues/billing"
)

// Discounter takes discounts off.
type Discounter interface {
	// Discount takes a discount off the coming invoices of a subscription, in place of those before; the zero Discount ends them. One that the
	// provider does not know, or does not take any more, is an error of code invalid.
	Discount(ctx context.Context, req DiscountRequest) error
	// CheckDiscount answers with such an error too, and changes nothing.
	CheckDiscount(ctx context.Context, d billing.Discount) error
}

// DiscountRequest asks for a discount on a subscription.
type DiscountRequest struct {
	Subscription billing.SubscriptionID
	Discount     billing.Discount
	Key          string
}
