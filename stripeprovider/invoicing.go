package stripeprovider

import (
	"context"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/service"
)

// PayInvoice implements service.Provider. Stripe refuses to pay what is paid, so the invoice's state decides whether that refusal matters.
func (c *Client) PayInvoice(ctx context.Context, req service.PayInvoiceRequest) error {
	params := &stripe.InvoicePayParams{PaymentMethod: optional(string(req.Method))}
	params.SetIdempotencyKey(req.Key)
	_, err := c.sc.V1Invoices.Pay(ctx, string(req.Invoice), params)
	return c.unless(ctx, "pay invoice", req.Invoice, err, func(i *stripe.Invoice) bool { return i.Status == stripe.InvoiceStatusPaid })
}
