package stripeprovider

import (
	"context"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// refundKey is the metadata by which a credit note is found again when Stripe has forgotten its idempotency key.
const refundKey = "dues_refund"

// Refund implements service.Provider. A credit note makes the refund: one made beside it would leave the invoice's papers as if nothing had been
// given back.
func (c *Client) Refund(ctx context.Context, req service.RefundRequest) (service.RefundMade, error) {
	list := &stripe.CreditNoteListParams{Invoice: stripe.String(string(req.Invoice))}
	list.Limit = stripe.Int64(pageRows)
	notes, err := collect(c.sc.V1CreditNotes.List(ctx, list).All(ctx), "list credit notes")
	if err != nil {
		return service.RefundMade{}, err
	}
	for _, note := range notes {
		if note.Metadata[refundKey] == req.Key {
			return refundMade(note), nil
		}
	}
	params := &stripe.CreditNoteCreateParams{
		Invoice: stripe.String(string(req.Invoice)), Amount: stripe.Int64(req.Amount.Minor), RefundAmount: stripe.Int64(req.Amount.Minor),
		Reason: optional(req.Reason), EmailType: stripe.String("none"), // the mail is ours
		Metadata: map[string]string{refundKey: req.Key},
	}
	params.SetIdempotencyKey(req.Key)
	note, err := c.sc.V1CreditNotes.Create(ctx, params)
	if err := failure("refund", err); billing.CodeOf(err) == billing.Invalid || billing.CodeOf(err) == billing.NotFound {
		return service.RefundMade{}, billing.Errorf(billing.Conflict, "the payment provider does not give this back").Because(err)
	} else if err != nil {
		return service.RefundMade{}, err
	}
	return refundMade(note), nil
}

func refundMade(note *stripe.CreditNote) service.RefundMade {
	made := service.RefundMade{CreditNote: note.Number}
	for _, r := range note.Refunds {
		if r.Refund != nil {
			made.Refund = billing.RefundID(r.Refund.ID)
		}
	}
	return made
}
