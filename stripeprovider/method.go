package stripeprovider

import (
	"context"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// SaveMethod implements service.Methods by a Checkout in mode setup.
func (c *Client) SaveMethod(ctx context.Context, req service.SaveMethodRequest) (service.CheckoutPage, error) {
	ours := map[string]string{accountKey: string(req.Account)}
	params := &stripe.CheckoutSessionCreateParams{
		Mode:               stripe.String(string(stripe.CheckoutSessionModeSetup)),
		Customer:           stripe.String(string(req.Customer)),
		PaymentMethodTypes: stripe.StringSlice(billing.SupportedMethods),
		Metadata:           ours,
		SetupIntentData:    &stripe.CheckoutSessionCreateSetupIntentDataParams{Metadata: ours},
		SuccessURL:         stripe.String(req.SuccessURL),
		CancelURL:          optional(req.CancelURL),
	}
	params.SetIdempotencyKey(req.Key)
	session, err := c.sc.V1CheckoutSessions.Create(ctx, params)
	if err != nil {
		return service.CheckoutPage{}, failure("open page to save a method", err)
	}
	return service.CheckoutPage{ID: session.ID, URL: session.URL, ExpiresAt: at(session.ExpiresAt)}, nil
}

// SetDefaultMethod implements service.Methods. The subscriptions come first: a call that breaks off is repeated as long as the customer's own
// default is another one. All of it sets what is so afterwards, so no idempotency key is needed.
func (c *Client) SetDefaultMethod(ctx context.Context, customer billing.CustomerID, method billing.PaymentMethodID, own []billing.SubscriptionID) error {
	for _, sub := range own {
		params := &stripe.SubscriptionUpdateParams{DefaultPaymentMethod: stripe.String(string(method))}
		if _, err := c.sc.V1Subscriptions.Update(ctx, string(sub), params); err != nil {
			return failure("set the method of a subscription", err)
		}
	}
	_, err := c.sc.V1Customers.Update(ctx, string(customer), &stripe.CustomerUpdateParams{
		InvoiceSettings: &stripe.CustomerUpdateInvoiceSettingsParams{DefaultPaymentMethod: stripe.String(string(method))},
	})
	return failure("set the default method", err)
}

// RemoveMethod implements service.Methods.
func (c *Client) RemoveMethod(ctx context.Context, method billing.PaymentMethodID) error {
	_, err := c.sc.V1PaymentMethods.Detach(ctx, string(method), &stripe.PaymentMethodDetachParams{})
	if err == nil || !refusedFor(err, stripe.ErrorTypeInvalidRequest) {
		return failure("remove method", err)
	}
	// Of one that is detached already Stripe says so, in words only.
	if gone, again := c.sc.V1PaymentMethods.Retrieve(ctx, string(method), nil); again == nil && gone.Customer == nil || missing(again) {
		return nil
	}
	return failure("remove method", err)
}

// portalFlow is the deep link to one task, nil for the whole portal.
func portalFlow(req service.PortalRequest) *stripe.BillingPortalSessionCreateFlowDataParams {
	if req.Task == "" {
		return nil
	}
	flow := &stripe.BillingPortalSessionCreateFlowDataParams{
		Type: stripe.String(string(req.Task)),
		AfterCompletion: &stripe.BillingPortalSessionCreateFlowDataAfterCompletionParams{
			Type:     stripe.String("redirect"),
			Redirect: &stripe.BillingPortalSessionCreateFlowDataAfterCompletionRedirectParams{ReturnURL: stripe.String(req.ReturnURL)},
		},
	}
	if req.Task == service.CancelTask {
		flow.SubscriptionCancel = &stripe.BillingPortalSessionCreateFlowDataSubscriptionCancelParams{Subscription: stripe.String(string(req.Subscription))}
	}
	return flow
}
