package stripeprovider

import (
	"context"
	"slices"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// ChangeOrWait implements service.Changer by payment_behavior=pending_if_incomplete. Stripe takes no payment method with it, so one that the subscription
// has of its own, and that is another, is replaced before.
func (c *Client) ChangeOrWait(ctx context.Context, req service.ChangeRequest) (service.Waiting, error) {
	a, err := c.asks(ctx, req)
	if err != nil || a.plansItem(req) == nil && len(a.addOns) == 0 {
		return service.Waiting{}, err
	}
	if a.waitsFor(req) {
		return c.waiting(ctx, a.sub)
	}
	if err := c.waitNoMore(ctx, a.sub); err != nil {
		return service.Waiting{}, err
	}
	if err := c.payBy(ctx, a.sub, req); err != nil {
		return service.Waiting{}, err
	}
	params := a.updates(req)
	params.PaymentBehavior = stripe.String("pending_if_incomplete")
	params.SetIdempotencyKey(req.Key)
	sub, err := c.sc.V1Subscriptions.Update(ctx, string(req.Subscription), params)
	if err != nil || sub.PendingUpdate == nil {
		return service.Waiting{}, failure("change subscription", err)
	}
	return c.waiting(ctx, sub)
}

// waitsFor reports whether what waits is what is asked for: every item that changes is to be so.
func (a asked) waitsFor(req service.ChangeRequest) bool {
	if a.sub.PendingUpdate == nil {
		return false
	}
	to := a.sub.PendingUpdate.SubscriptionItems
	for _, item := range a.all(req) {
		there := slices.ContainsFunc(to, func(i *stripe.SubscriptionItem) bool {
			return i.Price != nil && i.Price.ID == string(item.Price) && (item.Usage || i.Quantity == item.Quantity)
		})
		if there == item.Drop {
			return false
		}
	}
	return len(to) > 0
}

// payBy lets a subscription be paid by a method, where it has another one of its own.
func (c *Client) payBy(ctx context.Context, sub *stripe.Subscription, req service.ChangeRequest) error {
	if own := methodID(sub.DefaultPaymentMethod); req.PaymentMethod == "" || own == "" || own == string(req.PaymentMethod) {
		return nil
	}
	params := &stripe.SubscriptionUpdateParams{DefaultPaymentMethod: stripe.String(string(req.PaymentMethod))}
	params.SetIdempotencyKey(req.Key + ":method")
	_, err := c.sc.V1Subscriptions.Update(ctx, string(req.Subscription), params)
	return failure("change the payment method", err)
}

// waiting reads the invoice that a change waits for, and answers why it does as the error.
func (c *Client) waiting(ctx context.Context, sub *stripe.Subscription) (service.Waiting, error) {
	invoice, err := c.retrieveInvoice(ctx, sub.LatestInvoice.ID)
	if err != nil {
		return service.Waiting{}, failure("retrieve invoice", err)
	}
	out := service.Waiting{OpenInvoice: service.OpenInvoice{ID: billing.InvoiceID(invoice.ID), URL: invoice.HostedInvoiceURL}, Until: at(sub.PendingUpdate.ExpiresAt)}
	why := &billing.Error{Code: billing.Conflict, Message: "the payment was declined; the change waits for its invoice to be paid", Err: service.ErrDeclined}
	for _, intent := range intentsOf(invoice) {
		if waitsForCustomer(intent) {
			why.Message, why.Err = "the bank asks the customer to confirm this payment; the change waits for it", service.ErrNeedsConfirmation
		}
	}
	return out, why
}

// waitNoMore gives up a change that waits, if one does: its invoice is void then, and cannot be paid in the moment in which another change is made.
func (c *Client) waitNoMore(ctx context.Context, sub *stripe.Subscription) error {
	if sub.PendingUpdate == nil || sub.LatestInvoice == nil {
		return nil
	}
	err := c.VoidInvoice(ctx, billing.InvoiceID(sub.LatestInvoice.ID))
	if billing.CodeOf(err) == billing.Conflict {
		return billing.Errorf(billing.Conflict, "another change of this subscription was paid in the same moment; look at it, and ask again")
	}
	return err
}
