package stripeprovider

import (
	"context"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// Pause implements service.Pauser. Void is the only behavior that leaves nothing behind to be paid later.
func (c *Client) Pause(ctx context.Context, sub billing.SubscriptionID, key string) error {
	params := &stripe.SubscriptionUpdateParams{
		PauseCollection: &stripe.SubscriptionUpdatePauseCollectionParams{Behavior: stripe.String(string(stripe.SubscriptionPauseCollectionBehaviorVoid))},
	}
	params.SetIdempotencyKey(key)
	_, err := c.sc.V1Subscriptions.Update(ctx, string(sub), params)
	return failure("pause subscription", err)
}

// Unpause implements service.Pauser. It is one call, so that a payment that fails leaves the pause as it was.
func (c *Client) Unpause(ctx context.Context, req service.UnpauseRequest) error {
	params := &stripe.SubscriptionUpdateParams{}
	params.AddUnsetField(stripe.SubscriptionUpdateParamsUnsetFieldPauseCollection)
	if req.Renews {
		params.BillingCycleAnchorNow = stripe.Bool(true)
		params.ProrationBehavior = stripe.String(behaviors[billing.ProrateNever]) // the period that ends here was never paid
		params.PaymentBehavior = stripe.String("error_if_incomplete")
	}
	params.SetIdempotencyKey(req.Key)
	_, err := c.sc.V1Subscriptions.Update(ctx, string(req.Subscription), params)
	return failure("unpause subscription", err)
}
