package stripeprovider

import (
	"context"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/billing"
)

// invoiceKey is the metadata by which an invoice that was asked for is found again.
const invoiceKey = "dues_invoice"

// MakeInvoice implements service.Provider.
func (c *Client) MakeInvoice(ctx context.Context, customer billing.CustomerID, wish billing.InvoiceWish) (billing.InvoiceID, error) {
	pending := "exclude"
	if wish.Pending {
		pending = "include"
	}
	params := &stripe.InvoiceCreateParams{
		Customer: stripe.String(string(customer)), AutoAdvance: stripe.Bool(false), PendingInvoiceItemsBehavior: stripe.String(pending),
		Description: optional(wish.Memo), Metadata: map[string]string{invoiceKey: wish.Key},
	}
	if len(wish.Lines) > 0 {
		params.Currency = stripe.String(string(wish.Lines[0].Unit.Currency))
	}
	if wish.DueDays > 0 {
		params.CollectionMethod, params.DaysUntilDue = stripe.String(string(stripe.InvoiceCollectionMethodSendInvoice)), stripe.Int64(wish.DueDays)
	}
	params.SetIdempotencyKey("invoice:" + string(customer) + ":" + wish.Key)
	made, err := c.sc.V1Invoices.Create(ctx, params)
	if err != nil {
		return "", failure("make invoice", err)
	}
	// For a day Stripe answers a key with what it made then, also when that was deleted since.
	if _, err = c.sc.V1Invoices.Retrieve(ctx, made.ID, nil); missing(err) {
		return "", billing.Errorf(billing.Conflict, "this key was used for an invoice that was deleted; take another one").In("key")
	}
	return billing.InvoiceID(made.ID), failure("make invoice", err)
}

// FinalizeInvoice implements service.Provider.
func (c *Client) FinalizeInvoice(ctx context.Context, invoice billing.InvoiceID) error {
	_, err := c.sc.V1Invoices.FinalizeInvoice(ctx, string(invoice), &stripe.InvoiceFinalizeInvoiceParams{AutoAdvance: stripe.Bool(true)})
	return c.unless(ctx, "finalize invoice", invoice, err, func(i *stripe.Invoice) bool { return i.Status != stripe.InvoiceStatusDraft })
}

// SendInvoice implements service.Provider. Stripe sends it each time it is asked to, so the key is the invoice's.
func (c *Client) SendInvoice(ctx context.Context, invoice billing.InvoiceID) error {
	params := &stripe.InvoiceSendInvoiceParams{}
	params.SetIdempotencyKey("send:" + string(invoice))
	_, err := c.sc.V1Invoices.SendInvoice(ctx, string(invoice), params)
	return failure("send invoice", err)
}

// EndInvoice implements service.Provider.
func (c *Client) EndInvoice(ctx context.Context, invoice billing.InvoiceID, end billing.InvoiceEnd) (err error) {
	id, is := string(invoice), stripe.InvoiceStatusVoid
	switch end {
	case billing.EndVoided:
		_, err = c.sc.V1Invoices.VoidInvoice(ctx, id, nil)
	case billing.EndWrittenOff:
		is = stripe.InvoiceStatusUncollectible
		_, err = c.sc.V1Invoices.MarkUncollectible(ctx, id, nil)
	case billing.EndDiscarded:
		if _, err = c.sc.V1Invoices.Delete(ctx, id, nil); missing(err) {
			return nil
		}
		return failure("discard invoice", err)
	}
	return c.unless(ctx, "end invoice", invoice, err, func(i *stripe.Invoice) bool { return i.Status == is })
}

// HoldInvoice implements service.Provider.
func (c *Client) HoldInvoice(ctx context.Context, invoice billing.InvoiceID, held bool) error {
	now, err := c.sc.V1Invoices.Retrieve(ctx, string(invoice), nil)
	if err != nil {
		return failure("hold invoice", err)
	}
	if now.Status != stripe.InvoiceStatusDraft {
		return billing.Errorf(billing.Conflict, "the invoice is %s, and no draft any more", now.Status).In("invoice")
	}
	if now.AutoAdvance != held {
		return nil
	}
	_, err = c.sc.V1Invoices.Update(ctx, string(invoice), &stripe.InvoiceUpdateParams{AutoAdvance: stripe.Bool(!held)})
	return failure("hold invoice", err)
}

// unless turns a refusal into success when the invoice is so already: Stripe refuses to do a thing twice.
func (c *Client) unless(ctx context.Context, doing string, id billing.InvoiceID, err error, so func(*stripe.Invoice) bool) error {
	if err == nil || !refusedFor(err, stripe.ErrorTypeInvalidRequest) {
		return failure(doing, err)
	}
	if invoice, again := c.sc.V1Invoices.Retrieve(ctx, string(id), nil); again == nil && so(invoice) {
		return nil
	}
	return failure(doing, err)
}
