package service

import (
	"context"

	"github.com/dues-billing/dues/billing"
)

// Pauser is what a provider can do so that a subscription costs nothing for a time.
type Pauser interface {
	// Pause lets a subscription go on without collecting: what would be invoiced is void. The running period stays paid.
	Pause(ctx context.Context, sub billing.SubscriptionID, key string) error
	// Unpause collects again. With Renews, a whole period begins now and is charged to the saved method; a declined or challenged payment changes
	// nothing and wraps ErrDeclined or ErrNeedsConfirmation.
	Unpause(ctx context.Context, req UnpauseRequest) error
}

// UnpauseRequest asks to collect again for a subscription.
type UnpauseRequest struct {
	Subscription billing.SubscriptionID
	Renews       bool // nothing is paid for any more
	Key          string
}
