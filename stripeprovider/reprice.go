package stripeprovider

import (
	"context"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// Reprice implements service.Mover. Without proration the period that is paid stays as it is, and the next one costs what the new price says. The
// quantity is sent again, for Stripe takes 1 otherwise; usage has none.
func (c *Client) Reprice(ctx context.Context, req service.RepriceRequest) error {
	sub, err := c.sc.V1Subscriptions.Retrieve(ctx, string(req.Subscription), nil)
	if err != nil {
		return failure("retrieve subscription", err)
	}
	if billing.Status(sub.Status).Ended() {
		return billing.Errorf(billing.Conflict, "the subscription has ended")
	}
	for _, item := range sub.Items.Data {
		if item.ID != req.Item || item.Price == nil {
			continue
		}
		if item.Price.ID == string(req.Price) {
			return nil
		}
		change := &stripe.SubscriptionUpdateItemParams{ID: stripe.String(item.ID), Price: stripe.String(string(req.Price))}
		if item.Price.Recurring == nil || item.Price.Recurring.UsageType != stripe.PriceRecurringUsageTypeMetered {
			change.Quantity = stripe.Int64(item.Quantity)
		}
		params := &stripe.SubscriptionUpdateParams{Items: []*stripe.SubscriptionUpdateItemParams{change}, ProrationBehavior: stripe.String("none")}
		params.SetIdempotencyKey(req.Key)
		_, err := c.sc.V1Subscriptions.Update(ctx, string(req.Subscription), params)
		return failure("reprice subscription", err)
	}
	return billing.Errorf(billing.Conflict, "the subscription has changed meanwhile; try again")
}
