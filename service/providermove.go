package service

import (
	"context"

	"github.com/dues-billing/dues/billing"
)

// Mover moves subscriptions to newer prices.
type Mover interface {
	// Reprice puts an item on another price of the same period, from its next period on: nothing is charged or credited now. What is so already is
	// success.
	Reprice(ctx context.Context, req RepriceRequest) error
}

// RepriceRequest asks to put an item on another price.
type RepriceRequest struct {
	Subscription billing.SubscriptionID
	Item         string
	Price        billing.PriceID
	Key          string
}
