package stripeprovider

import (
	"context"
	"errors"
	"slices"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/money"
	"github.com/dues-billing/dues/service"
)

// authorization is what a charge says of the one-off that it was made for. The metadata of a payment are those of its charges.
func authorization(c *stripe.Charge) (billing.Authorization, bool) {
	purchase := c.Metadata[purchaseKey]
	if purchase == "" || c.Status != stripe.ChargeStatusSucceeded || c.PaymentIntent == nil {
		return billing.Authorization{}, false
	}
	in := func(minor int64) money.Amount { return money.New(minor, money.Currency(c.Currency)) }
	made := billing.Authorization{
		Purchase: billing.PurchaseID(purchase), PaymentIntent: c.PaymentIntent.ID, PaymentMethod: billing.PaymentMethodID(c.PaymentMethod),
		Amount: in(c.Amount), Released: !c.Captured && c.Refunded,
	}
	if c.Captured {
		made.Captured = in(c.AmountCaptured)
	}
	if c.PaymentMethodDetails != nil && c.PaymentMethodDetails.Card != nil {
		made.Until = at(c.PaymentMethodDetails.Card.CaptureBefore)
	}
	return made, true
}

// Authorize implements service.Authorizer. Stripe forgets idempotency keys after a day, so the payment is looked for by our id before one is made.
func (c *Client) Authorize(ctx context.Context, req service.SellRequest) error {
	intent, err := c.intentOf(ctx, req)
	if err != nil {
		return err
	}
	if intent == nil {
		err := c.reserve(ctx, req)
		var refused *stripe.Error
		if errors.As(err, &refused) && refused.PaymentIntent != nil {
			if err := c.Release(ctx, refused.PaymentIntent.ID); err != nil {
				return err
			}
		}
		return failure("authorize", err)
	}
	switch intent.Status {
	case stripe.PaymentIntentStatusRequiresCapture, stripe.PaymentIntentStatusSucceeded:
		return nil
	}
	if err := c.Release(ctx, intent.ID); err != nil {
		return err
	}
	if intent.LastPaymentError != nil {
		return failure("authorize", intent.LastPaymentError)
	}
	return &billing.Error{Code: billing.Conflict, Message: "the payment was declined", Err: service.ErrDeclined}
}

func (c *Client) reserve(ctx context.Context, req service.SellRequest) error {
	params := &stripe.PaymentIntentCreateParams{
		Customer: stripe.String(string(req.Customer)), PaymentMethod: stripe.String(string(req.Method)), Amount: stripe.Int64(req.Amount.Minor),
		Currency: stripe.String(string(req.Amount.Currency)), Description: optional(req.Description), PaymentMethodTypes: stripe.StringSlice(billing.SupportedMethods),
		CaptureMethod: stripe.String(string(stripe.PaymentIntentCaptureMethodManual)), Confirm: stripe.Bool(true), OffSession: stripe.Bool(true),
		Metadata: map[string]string{accountKey: string(req.Account), purchaseKey: string(req.Purchase)},
	}
	params.SetIdempotencyKey("authorize:" + req.Key)
	_, err := c.sc.V1PaymentIntents.Create(ctx, params)
	return err
}

// intentOf finds the payment that was made for a purchase, nil when there is none.
func (c *Client) intentOf(ctx context.Context, req service.SellRequest) (*stripe.PaymentIntent, error) {
	list := &stripe.PaymentIntentListParams{Customer: stripe.String(string(req.Customer))}
	list.Limit, list.Single = stripe.Int64(pageRows), true
	newest, err := collect(c.sc.V1PaymentIntents.List(ctx, list).All(ctx), "list payments")
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(newest, func(i *stripe.PaymentIntent) bool { return i.Metadata[purchaseKey] == string(req.Purchase) })
	if at < 0 {
		return nil, nil
	}
	return newest[at], nil
}

// Capture implements service.Authorizer.
func (c *Client) Capture(ctx context.Context, req service.CaptureRequest) error {
	params := &stripe.PaymentIntentCaptureParams{AmountToCapture: stripe.Int64(req.Amount.Minor)}
	params.SetIdempotencyKey("capture:" + req.Key)
	_, err := c.sc.V1PaymentIntents.Capture(ctx, req.PaymentIntent, params)
	if refusedFor(err, stripe.ErrorTypeInvalidRequest) {
		is, again := c.sc.V1PaymentIntents.Retrieve(ctx, req.PaymentIntent, nil)
		if again == nil && is.Status != stripe.PaymentIntentStatusRequiresCapture {
			return billing.Errorf(billing.Conflict, "nothing is kept ready of this payment any more: it is %s", is.Status)
		}
	}
	return failure("capture", err)
}

// Release implements service.Authorizer.
func (c *Client) Release(ctx context.Context, paymentIntent string) error {
	_, err := c.sc.V1PaymentIntents.Cancel(ctx, paymentIntent, &stripe.PaymentIntentCancelParams{})
	if err == nil || !refusedFor(err, stripe.ErrorTypeInvalidRequest) {
		return failure("release", err)
	}
	is, again := c.sc.V1PaymentIntents.Retrieve(ctx, paymentIntent, nil)
	switch {
	case again != nil:
	case is.Status == stripe.PaymentIntentStatusCanceled:
		return nil
	case is.Status == stripe.PaymentIntentStatusSucceeded:
		return billing.Errorf(billing.Conflict, "it was captured meanwhile")
	}
	return failure("release", err)
}

// BillCaptured implements service.Authorizer. Stripe applies a customer's credit to every invoice when it is finalized. Credit that has paid what
// was captured already is given back.
func (c *Client) BillCaptured(ctx context.Context, req service.BillCapturedRequest) (billing.InvoiceID, error) {
	invoice, err := c.finalInvoiceOf(ctx, req.SellRequest)
	if err != nil {
		return "", err
	}
	id := billing.InvoiceID(invoice.ID)
	if invoice.Status == stripe.InvoiceStatusOpen {
		attach := &stripe.InvoiceAttachPaymentParams{PaymentIntent: stripe.String(req.PaymentIntent)}
		attach.SetIdempotencyKey("attach:" + req.Key)
		_, err := c.sc.V1Invoices.AttachPayment(ctx, invoice.ID, attach)
		return id, failure("attach payment", err)
	}
	if invoice.Status == stripe.InvoiceStatusPaid && invoice.AmountDue == 0 {
		return id, c.giveBackCredit(ctx, req)
	}
	return id, nil
}

func (c *Client) giveBackCredit(ctx context.Context, req service.BillCapturedRequest) error {
	wish := billing.CreditWish{Amount: req.Amount, Key: "captured:" + string(req.Purchase)}
	credit, err := c.Credit(ctx, req.Customer)
	if err != nil || slices.ContainsFunc(credit.Moves, func(m billing.CreditMove) bool { return m.Key == wish.Key }) {
		return err
	}
	return c.GiveCredit(ctx, req.Customer, wish)
}
