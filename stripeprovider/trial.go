package stripeprovider

import (
	"context"
	"time"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/billing"
)

// MoveTrial implements service.Changer.
func (c *Client) MoveTrial(ctx context.Context, sub billing.SubscriptionID, end time.Time, key string) error {
	params := &stripe.SubscriptionUpdateParams{
		ProrationBehavior: stripe.String("none"),                // a trial costs nothing that could be prorated
		PaymentBehavior:   stripe.String("error_if_incomplete"), // a declined payment leaves the trial as it is
	}
	if end.IsZero() {
		params.TrialEndNow = stripe.Bool(true)
	} else {
		params.TrialEnd = stripe.Int64(end.Unix())
	}
	params.SetIdempotencyKey(key)
	_, err := c.sc.V1Subscriptions.Update(ctx, string(sub), params)
	return failure("move the end of a trial", err)
}
