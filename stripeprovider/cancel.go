package stripeprovider

import (
	"context"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// Cancel implements service.Provider.
func (c *Client) Cancel(ctx context.Context, req service.CancelRequest) error {
	switch req.When {
	case billing.CancelNow:
		return c.cancelNow(ctx, req)
	case billing.CancelNever:
		return c.keep(ctx, req)
	}
	// Stripe takes no end of a subscription whose change is scheduled, and who leaves does not change any more.
	if err := c.release(ctx, req.Subscription, req.Key); err != nil {
		return err
	}
	params := &stripe.SubscriptionUpdateParams{
		CancellationDetails: &stripe.SubscriptionUpdateCancellationDetailsParams{Feedback: optional(req.Feedback), Comment: optional(req.Comment)},
	}
	if req.When == billing.CancelAtEnd {
		params.CancelAtPeriodEnd = stripe.Bool(true)
	} else {
		params.CancelAt = stripe.Int64(req.Date.Unix())
	}
	return c.updateCancel(ctx, req, params)
}

// cancelNow ends a subscription. Stripe ignores idempotency keys on DELETE, and answers a second one with an error, so the subscription's state
// decides whether that error matters.
func (c *Client) cancelNow(ctx context.Context, req service.CancelRequest) error {
	params := &stripe.SubscriptionCancelParams{}
	if req.Feedback != "" || req.Comment != "" {
		params.CancellationDetails = &stripe.SubscriptionCancelCancellationDetailsParams{Feedback: optional(req.Feedback), Comment: optional(req.Comment)}
	}
	_, err := c.sc.V1Subscriptions.Cancel(ctx, string(req.Subscription), params)
	if err == nil || !refusedFor(err, stripe.ErrorTypeInvalidRequest) {
		return failure("cancel subscription", err)
	}
	if sub, again := c.sc.V1Subscriptions.Retrieve(ctx, string(req.Subscription), nil); again == nil && billing.Status(sub.Status).Ended() {
		return nil
	}
	return failure("cancel subscription", err)
}

// keep takes a scheduled cancel back. One at a date of its own is another parameter at Stripe than one at the period's end, and Stripe takes one of
// them at a time.
func (c *Client) keep(ctx context.Context, req service.CancelRequest) error {
	sub, err := c.sc.V1Subscriptions.Retrieve(ctx, string(req.Subscription), nil)
	if err != nil {
		return failure("retrieve subscription", err)
	}
	params := &stripe.SubscriptionUpdateParams{}
	switch {
	case billing.Status(sub.Status).Ended():
		return billing.Errorf(billing.Conflict, "the subscription has ended")
	case sub.CancelAtPeriodEnd:
		params.CancelAtPeriodEnd = stripe.Bool(false)
	case sub.CancelAt != 0:
		params.AddUnsetField(stripe.SubscriptionUpdateParamsUnsetFieldCancelAt)
	default:
		return nil
	}
	return c.updateCancel(ctx, req, params)
}

func (c *Client) updateCancel(ctx context.Context, req service.CancelRequest, params *stripe.SubscriptionUpdateParams) error {
	params.SetIdempotencyKey(req.Key)
	_, err := c.sc.V1Subscriptions.Update(ctx, string(req.Subscription), params)
	return failure("cancel subscription", err)
}
