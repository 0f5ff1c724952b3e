package stripeprovider

import (
	"context"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// Subscribe implements service.Provider. The key is kept as metadata, so that a repeat after Stripe forgot the key is still
// the same subscription.
func (c *Client) Subscribe(ctx context.Context, req service.SubscribeRequest) (billing.SubscriptionID, error) {
	list := &stripe.SubscriptionListParams{Customer: stripe.String(string(req.Customer)), Status: stripe.String("all")}
	list.Limit = stripe.Int64(pageRows)
	for sub, err := range c.sc.V1Subscriptions.List(ctx, list).All(ctx) {
		if err != nil {
			return "", failure("list subscriptions", err)
		}
		if sub.Metadata[requestKey] == req.Key {
			return billing.SubscriptionID(sub.ID), nil
		}
	}
	params := &stripe.SubscriptionCreateParams{
		Customer: stripe.String(string(req.Customer)),
		Items:    []*stripe.SubscriptionCreateItemParams{{Price: stripe.String(string(req.Price)), Quantity: quantity(req.Quantity)}},
		Metadata: map[string]string{accountKey: string(req.Account), requestKey: req.Key},
		// Nothing may be owed: a price above 0 without a method is an error, not a half-made subscription.
		PaymentBehavior: stripe.String("error_if_incomplete"),
	}
	for _, addOn := range req.AddOns {
		params.Items = append(params.Items, &stripe.SubscriptionCreateItemParams{Price: stripe.String(string(addOn.Price)), Quantity: quantity(addOn.Quantity)})
	}
	if req.Trial.Days > 0 {
		params.TrialPeriodDays = stripe.Int64(int64(req.Trial.Days))
		params.DefaultPaymentMethod = optional(string(req.Method))
		if missing := string(req.Trial.Missing); missing != "" {
			params.TrialSettings = &stripe.SubscriptionCreateTrialSettingsParams{
				EndBehavior: &stripe.SubscriptionCreateTrialSettingsEndBehaviorParams{MissingPaymentMethod: &missing},
			}
		}
	}
	params.SetIdempotencyKey(req.Key)
	sub, err := c.sc.V1Subscriptions.Create(ctx, params)
	if err != nil {
		return "", failure("create subscription", err)
	}
	return billing.SubscriptionID(sub.ID), nil
}
