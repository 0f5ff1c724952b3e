package stripeprovider

import (
	"cmp"
	"context"
	"slices"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// SellOnce implements service.Seller by a Checkout in mode payment. Its invoice is made by Stripe after the payment, so that what is paid once is found,
// shown and given back as everything else is.
func (c *Client) SellOnce(ctx context.Context, req service.SellRequest) (service.CheckoutPage, error) {
	ours := map[string]string{accountKey: string(req.Account), purchaseKey: string(req.Purchase)}
	params := &stripe.CheckoutSessionCreateParams{
		Mode:               stripe.String(string(stripe.CheckoutSessionModePayment)),
		Customer:           optional(string(req.Customer)),
		ClientReferenceID:  stripe.String(string(req.Purchase)),
		LineItems:          []*stripe.CheckoutSessionCreateLineItemParams{sold(req)},
		PaymentMethodTypes: stripe.StringSlice(billing.SupportedMethods),
		Metadata:           ours,
		PaymentIntentData:  &stripe.CheckoutSessionCreatePaymentIntentDataParams{Metadata: ours},
		SuccessURL:         stripe.String(req.SuccessURL),
		CancelURL:          optional(req.CancelURL),
		Currency:           optional(string(req.Currency)),
	}
	if req.Manual { // Stripe makes no invoice of it
		params.PaymentIntentData.CaptureMethod = stripe.String(string(stripe.PaymentIntentCaptureMethodManual))
	} else {
		params.InvoiceCreation = &stripe.CheckoutSessionCreateInvoiceCreationParams{
			Enabled: stripe.Bool(true), InvoiceData: &stripe.CheckoutSessionCreateInvoiceCreationInvoiceDataParams{Metadata: ours},
		}
	}
	if req.Customer == "" {
		params.CustomerCreation, params.CustomerEmail = stripe.String("always"), optional(req.Email)
	}
	if req.AskCode {
		params.AllowPromotionCodes = stripe.Bool(true)
	}
	params.SetIdempotencyKey(req.Key)
	session, err := c.sc.V1CheckoutSessions.Create(ctx, params)
	if err != nil {
		return service.CheckoutPage{}, failure("create checkout", err)
	}
	return service.CheckoutPage{ID: session.ID, URL: session.URL, ExpiresAt: at(session.ExpiresAt)}, nil
}

// sold is the line of a page.
func sold(req service.SellRequest) *stripe.CheckoutSessionCreateLineItemParams {
	line := &stripe.CheckoutSessionCreateLineItemParams{Price: optional(string(req.Price)), Quantity: stripe.Int64(1)}
	if req.Price == "" {
		line.PriceData = &stripe.CheckoutSessionCreateLineItemPriceDataParams{
			Currency: stripe.String(string(req.Amount.Currency)), UnitAmount: stripe.Int64(req.Amount.Minor),
			ProductData: &stripe.CheckoutSessionCreateLineItemPriceDataProductDataParams{Name: stripe.String(req.Description)},
		}
	}
	return line
}

// Buyer implements service.Seller.
func (c *Client) Buyer(ctx context.Context, checkout string) (billing.CustomerID, error) {
	session, err := c.sc.V1CheckoutSessions.Retrieve(ctx, checkout, nil)
	if err != nil || session.Customer == nil || session.Status != stripe.CheckoutSessionStatusComplete {
		return "", failure("retrieve checkout", err)
	}
	return billing.CustomerID(session.Customer.ID), nil
}

// ChargeOnce implements service.Seller. Stripe forgets idempotency keys after a day, so the invoice is looked for by our id before one is made.
func (c *Client) ChargeOnce(ctx context.Context, req service.SellRequest) (service.OpenInvoice, error) {
	invoice, err := c.finalInvoiceOf(ctx, req)
	if err != nil {
		return service.OpenInvoice{}, err
	}
	made := service.OpenInvoice{ID: billing.InvoiceID(invoice.ID), URL: invoice.HostedInvoiceURL}
	if invoice.Status != stripe.InvoiceStatusOpen {
		return made, nil
	}
	return made, c.PayInvoice(ctx, service.PayInvoiceRequest{Invoice: made.ID, Method: req.Method, Key: "pay:" + req.Key + ":" + req.Try})
}

// finalInvoiceOf finds the invoice of a purchase, or makes it, with its one line, and finalizes it.
func (c *Client) finalInvoiceOf(ctx context.Context, req service.SellRequest) (*stripe.Invoice, error) {
	invoice, err := c.invoiceOf(ctx, req)
	if err != nil || invoice.Status != stripe.InvoiceStatusDraft {
		return invoice, err
	}
	if len(invoice.Lines.Data) == 0 {
		item := &stripe.InvoiceItemCreateParams{Customer: stripe.String(string(req.Customer)), Invoice: &invoice.ID, Description: optional(req.Description)}
		if req.Price != "" {
			item.Pricing = &stripe.InvoiceItemCreatePricingParams{Price: stripe.String(string(req.Price))}
		} else {
			item.Amount, item.Currency = stripe.Int64(req.Amount.Minor), stripe.String(string(req.Amount.Currency))
		}
		item.SetIdempotencyKey("item:" + req.Key)
		if _, err := c.sc.V1InvoiceItems.Create(ctx, item); err != nil {
			return nil, failure("create invoice item", err)
		}
	}
	finalize := &stripe.InvoiceFinalizeInvoiceParams{AutoAdvance: stripe.Bool(false)} // no retries of what was asked for once
	finalize.SetIdempotencyKey("finalize:" + req.Key)
	invoice, err = c.sc.V1Invoices.FinalizeInvoice(ctx, invoice.ID, finalize)
	return invoice, failure("finalize invoice", err)
}

// invoiceOf finds the invoice of a purchase, or makes it.
func (c *Client) invoiceOf(ctx context.Context, req service.SellRequest) (*stripe.Invoice, error) {
	list := &stripe.InvoiceListParams{Customer: stripe.String(string(req.Customer))}
	list.Limit, list.Single = stripe.Int64(pageRows), true
	newest, err := collect(c.sc.V1Invoices.List(ctx, list).All(ctx), "list invoices")
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(newest, func(i *stripe.Invoice) bool { return i.Metadata[purchaseKey] == string(req.Purchase) })
	if at >= 0 {
		return newest[at], nil
	}
	params := &stripe.InvoiceCreateParams{
		Customer: stripe.String(string(req.Customer)), Currency: stripe.String(string(req.Amount.Currency)), AutoAdvance: stripe.Bool(false),
		PendingInvoiceItemsBehavior: stripe.String("exclude"), DefaultPaymentMethod: optional(string(req.Method)),
		Metadata: map[string]string{accountKey: string(req.Account), purchaseKey: string(req.Purchase)},
	}
	params.SetIdempotencyKey("invoice:" + req.Key)
	made, err := c.sc.V1Invoices.Create(ctx, params)
	return made, failure("create invoice", err)
}

// VoidInvoice implements service.Seller.
func (c *Client) VoidInvoice(ctx context.Context, invoice billing.InvoiceID) error {
	_, err := c.sc.V1Invoices.VoidInvoice(ctx, string(invoice), &stripe.InvoiceVoidInvoiceParams{})
	if err == nil || !refusedFor(err, stripe.ErrorTypeInvalidRequest) {
		return failure("void invoice", err)
	}
	is, again := c.sc.V1Invoices.Retrieve(ctx, string(invoice), nil)
	switch {
	case again != nil:
	case is.Status == stripe.InvoiceStatusVoid:
		return nil
	case is.Status == stripe.InvoiceStatusPaid:
		return billing.Errorf(billing.Conflict, "it was paid meanwhile")
	}
	return failure("void invoice", err)
}

// theHolders are decline codes that the holder of a card must not be told.
var theHolders = []string{"lost_card", "stolen_card", "pickup_card", "fraudulent", "merchant_blacklist"}

// DeclineCode implements service.Declined.
func (c *cause) DeclineCode() string {
	code := cmp.Or(string(c.refused.DeclineCode), string(c.refused.Code))
	if slices.Contains(theHolders, code) {
		return "generic_decline"
	}
	return code
}
