package stripeprovider

import (
	"context"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// Checkout implements service.Provider. The session's metadata does not reach the subscription, so it is given twice.
func (c *Client) Checkout(ctx context.Context, req service.CheckoutRequest) (service.CheckoutPage, error) {
	ours := map[string]string{accountKey: string(req.Account), purchaseKey: string(req.Purchase)}
	params := &stripe.CheckoutSessionCreateParams{
		Mode:               stripe.String(string(stripe.CheckoutSessionModeSubscription)),
		Customer:           stripe.String(string(req.Customer)),
		ClientReferenceID:  stripe.String(string(req.Purchase)),
		LineItems:          []*stripe.CheckoutSessionCreateLineItemParams{{Price: stripe.String(string(req.Price)), Quantity: quantity(req.Quantity)}},
		PaymentMethodTypes: stripe.StringSlice(billing.SupportedMethods),
		Metadata:           ours,
		SubscriptionData:   &stripe.CheckoutSessionCreateSubscriptionDataParams{Metadata: ours},
		SuccessURL:         stripe.String(req.SuccessURL),
		CancelURL:          optional(req.CancelURL),
		Currency:           optional(string(req.Currency)),
	}
	for _, addOn := range req.AddOns {
		params.LineItems = append(params.LineItems, &stripe.CheckoutSessionCreateLineItemParams{Price: stripe.String(string(addOn.Price)), Quantity: quantity(addOn.Quantity)})
	}
	if req.Discount != (billing.Discount{}) {
		coupon, code, err := c.discount(ctx, req.Discount)
		if err != nil {
			return service.CheckoutPage{}, err
		}
		params.Discounts = []*stripe.CheckoutSessionCreateDiscountParams{{Coupon: coupon, PromotionCode: code}}
	} else if req.AskCode { // Stripe takes one or the other
		params.AllowPromotionCodes = stripe.Bool(true)
	}
	if req.TrialDays > 0 {
		params.SubscriptionData.TrialPeriodDays = stripe.Int64(int64(req.TrialDays))
	}
	params.SetIdempotencyKey(req.Key)
	session, err := c.sc.V1CheckoutSessions.Create(ctx, params)
	if err != nil {
		return service.CheckoutPage{}, refusedDiscount(req.Discount, failure("create checkout", err))
	}
	return service.CheckoutPage{ID: session.ID, URL: session.URL, ExpiresAt: at(session.ExpiresAt)}, nil
}

// Expire implements service.Provider.
func (c *Client) Expire(ctx context.Context, checkout string) error {
	_, err := c.sc.V1CheckoutSessions.Expire(ctx, checkout, &stripe.CheckoutSessionExpireParams{})
	if err == nil || !refusedFor(err, stripe.ErrorTypeInvalidRequest) {
		return failure("expire checkout", err)
	}
	session, again := c.sc.V1CheckoutSessions.Retrieve(ctx, checkout, nil)
	switch {
	case again != nil:
	case session.Status == stripe.CheckoutSessionStatusExpired:
		return nil
	case session.Status == stripe.CheckoutSessionStatusComplete:
		return &billing.Error{Code: billing.Conflict, Message: "this checkout was completed meanwhile", Err: service.ErrCheckoutComplete}
	}
	return failure("expire checkout", err)
}

// Portal implements service.Provider.
func (c *Client) Portal(ctx context.Context, req service.PortalRequest) (string, error) {
	configuration, err := c.portalConfiguration(ctx)
	if err != nil {
		return "", err
	}
	session, err := c.sc.V1BillingPortalSessions.Create(ctx, &stripe.BillingPortalSessionCreateParams{
		Customer:      stripe.String(string(req.Customer)),
		ReturnURL:     stripe.String(req.ReturnURL),
		Configuration: optional(configuration),
		FlowData:      portalFlow(req),
	})
	if err != nil {
		return "", failure("open portal", err)
	}
	return session.URL, nil
}

// portalConfiguration returns the configuration to open the portal with, "" for the account's default. An account whose
// owner never saved a default in the Dashboard cannot open the portal at all, so it gets one of ours.
func (c *Client) portalConfiguration(ctx context.Context) (string, error) {
	c.mu.Lock()
	known := c.portal
	c.mu.Unlock()
	if known != nil {
		return *known, nil
	}
	id, err := c.findPortal(ctx)
	if err != nil {
		return "", err
	}
	c.mu.Lock()
	c.portal = &id
	c.mu.Unlock()
	return id, nil
}

func (c *Client) findPortal(ctx context.Context) (string, error) {
	list := &stripe.BillingPortalConfigurationListParams{Active: stripe.Bool(true)}
	list.Limit = stripe.Int64(pageRows)
	ours := ""
	for configuration, err := range c.sc.V1BillingPortalConfigurations.List(ctx, list).All(ctx) {
		if err != nil {
			return "", failure("list portal configurations", err)
		}
		if configuration.IsDefault {
			return "", nil
		}
		if configuration.Metadata[portalKey] != "" {
			ours = configuration.ID
		}
	}
	if ours != "" {
		return ours, nil
	}
	return c.makePortal(ctx)
}

func (c *Client) makePortal(ctx context.Context) (string, error) {
	params := &stripe.BillingPortalConfigurationCreateParams{
		Metadata: map[string]string{portalKey: "1"},
		Features: &stripe.BillingPortalConfigurationCreateFeaturesParams{
			PaymentMethodUpdate: &stripe.BillingPortalConfigurationCreateFeaturesPaymentMethodUpdateParams{Enabled: stripe.Bool(true)},
			InvoiceHistory:      &stripe.BillingPortalConfigurationCreateFeaturesInvoiceHistoryParams{Enabled: stripe.Bool(true)},
			SubscriptionCancel: &stripe.BillingPortalConfigurationCreateFeaturesSubscriptionCancelParams{
				Enabled: stripe.Bool(true), Mode: stripe.String("at_period_end"),
				CancellationReason: &stripe.BillingPortalConfigurationCreateFeaturesSubscriptionCancelCancellationReasonParams{
					Enabled: stripe.Bool(true),
					Options: stripe.StringSlice([]string{"too_expensive", "missing_features", "switched_service", "unused", "too_complex", "low_quality", "customer_service", "other"}),
				},
			},
			// Not the e-mail address: it is the application's, and would be two truths.
			CustomerUpdate: &stripe.BillingPortalConfigurationCreateFeaturesCustomerUpdateParams{
				Enabled: stripe.Bool(true), AllowedUpdates: stripe.StringSlice([]string{"name", "address", "phone"}),
			},
		},
	}
	params.SetIdempotencyKey("dues-portal-2")
	made, err := c.sc.V1BillingPortalConfigurations.Create(ctx, params)
	if err != nil {
		return "", failure("create portal configuration", err)
	}
	return made.ID, nil
}

// quantity is nil of usage: Stripe takes none for it.
func quantity(n int64) *int64 {
	if n == 0 {
		return nil
	}
	return &n
}
