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
		Items:    []*stripe.SubscriptionCreateItemParams{{Price: stripe.String(string(req.Price))}},
		Metadata: map[string]string{accountKey: string(req.Account), requestKey: req.Key},
		// Nothing may be owed: a price above 0 without a method is an error, not a half-made subscription.
		PaymentBehavior: stripe.String("error_if_incomplete"),
	}
	params.SetIdempotencyKey(req.Key)
	sub, err := c.sc.V1Subscriptions.Create(ctx, params)
	if err != nil {
		return "", failure("create subscription", err)
	}
	return billing.SubscriptionID(sub.ID), nil
}

// Change implements service.Provider. It reads the subscription first: one that is on the price already was changed by an
// earlier try, and the quantity has to be sent again, for Stripe takes 1 otherwise.
func (c *Client) Change(ctx context.Context, req service.ChangeRequest) error {
	sub, err := c.sc.V1Subscriptions.Retrieve(ctx, string(req.Subscription), nil)
	if err != nil {
		return failure("retrieve subscription", err)
	}
	if billing.Status(sub.Status).Ended() {
		return billing.Errorf(billing.Conflict, "the subscription has ended")
	}
	item := itemOf(sub, req.Item)
	if item == nil {
		return billing.Errorf(billing.Conflict, "the subscription has changed meanwhile; try again")
	}
	if item.Price.ID == string(req.Price) {
		return nil
	}
	params := &stripe.SubscriptionUpdateParams{
		Items: []*stripe.SubscriptionUpdateItemParams{{
			ID:       stripe.String(item.ID),
			Price:    stripe.String(string(req.Price)),
			Quantity: stripe.Int64(item.Quantity),
		}},
		DefaultPaymentMethod: optional(string(req.PaymentMethod)),
		ProrationBehavior:    stripe.String("always_invoice"),
		PaymentBehavior:      stripe.String("error_if_incomplete"), // a declined payment changes nothing
	}
	if costsNothing(item.Price) {
		// Leaving the free plan starts the paid period now, for its whole price: what a checkout would do, and what Stripe's
		// classic mode did by itself.
		params.BillingCycleAnchorNow = stripe.Bool(true)
	}
	params.SetIdempotencyKey(req.Key)
	_, err = c.sc.V1Subscriptions.Update(ctx, string(req.Subscription), params)
	return failure("change subscription", err)
}

// costsNothing reports whether a price is 0, and not merely of a kind that has no unit amount, such as tiers or fractions of a cent.
func costsNothing(p *stripe.Price) bool {
	return p.BillingScheme == stripe.PriceBillingSchemePerUnit && p.UnitAmount == 0 && p.UnitAmountDecimal == 0
}

func itemOf(sub *stripe.Subscription, id string) *stripe.SubscriptionItem {
	if sub.Items == nil {
		return nil
	}
	for _, item := range sub.Items.Data {
		if item.ID == id && item.Price != nil {
			return item
		}
	}
	return nil
}
