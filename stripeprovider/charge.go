package stripeprovider

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/money"
)

// charged is a charge with what was given back of it, and what the bank disputes.
type charged struct {
	charge   *stripe.Charge
	refunds  []*stripe.Refund
	disputes []*stripe.Dispute
}

// charges returns the newest page: what was charged longer ago is in the mirror already.
func (c *Client) charges(ctx context.Context, customer string) ([]charged, error) {
	page, _, err := c.chargePage(ctx, customer, "")
	return page, err
}

// chargeWith is what a charge is read with.
var chargeWith = []string{"refunds"}

// charge reads one charge. disputed says that an event spoke of a dispute, whatever the charge shows.
func (c *Client) charge(ctx context.Context, id string, disputed bool) (charged, error) {
	read, err := c.retrieveCharge(ctx, id)
	if err != nil {
		return charged{}, failure("retrieve charge", err)
	}
	return c.besidesOf(ctx, read, disputed)
}

// besidesOf reads what a charge that was read with its refunds does not tell. Disputes cannot be expanded on it, and several may be
// about one.
func (c *Client) besidesOf(ctx context.Context, charge *stripe.Charge, disputed bool) (all charged, err error) {
	all.charge = charge
	if charge.Refunds != nil && charge.Refunds.HasMore {
		params := &stripe.RefundListParams{Charge: &charge.ID}
		params.Limit = stripe.Int64(pageRows)
		if all.refunds, err = collect(c.sc.V1Refunds.List(ctx, params).All(ctx), "list refunds"); err != nil {
			return all, err
		}
	} else if charge.Refunds != nil && len(charge.Refunds.Data) > 0 {
		all.refunds = charge.Refunds.Data
		if err := keepTexts(all.refunds, member(charge.LastResponse.RawJSON, "refunds", "data")); err != nil {
			return all, err
		}
	}
	if charge.Disputed || disputed {
		params := &stripe.DisputeListParams{Charge: &charge.ID}
		params.Limit = stripe.Int64(pageRows)
		all.disputes, err = collect(c.sc.V1Disputes.List(ctx, params).All(ctx), "list disputes")
	}
	return all, err
}

// keepTexts gives refunds that came with their charge the texts that they would have come with from a list.
func keepTexts(refunds []*stripe.Refund, list []byte) error {
	var texts []json.RawMessage
	if err := json.Unmarshal(list, &texts); err != nil || len(texts) != len(refunds) {
		return fmt.Errorf("stripe: the refunds of a charge cannot be told apart: %w", err)
	}
	for i, refund := range refunds {
		refund.LastResponse = &stripe.APIResponse{RawJSON: texts[i]}
	}
	return nil
}

// addTo writes a charge in our words.
func (a charged) addTo(to *billing.Record) {
	customer := billing.CustomerID("")
	if a.charge.Customer != nil {
		customer = billing.CustomerID(a.charge.Customer.ID)
	}
	a.dropReleases()
	to.Charges = append(to.Charges, charge(a.charge, customer))
	if made, ok := authorization(a.charge); ok {
		to.Authorizations = append(to.Authorizations, made)
	}
	to.Objects = append(to.Objects, original(billing.ChargeObject, a.charge.ID, a.charge.LastResponse, chargeFold))
	for _, r := range a.refunds {
		to.Refunds = append(to.Refunds, billing.Refund{
			ID: billing.RefundID(r.ID), Customer: customer, Charge: billing.ChargeID(a.charge.ID), Status: string(r.Status), Reason: string(r.Reason),
			Amount: money.New(r.Amount, money.Currency(r.Currency)), CreatedAt: at(r.Created),
		})
		to.Objects = append(to.Objects, original(billing.RefundObject, r.ID, r.LastResponse, noFold))
	}
	for _, d := range a.disputes {
		dispute := billing.Dispute{
			ID: billing.DisputeID(d.ID), Customer: customer, Charge: billing.ChargeID(a.charge.ID), Status: string(d.Status), Reason: string(d.Reason),
			Amount: money.New(d.Amount, money.Currency(d.Currency)), CreatedAt: at(d.Created),
		}
		if d.EvidenceDetails != nil {
			dispute.AnswerBy = at(d.EvidenceDetails.DueBy)
		}
		to.Disputes = append(to.Disputes, dispute)
		to.Objects = append(to.Objects, original(billing.DisputeObject, d.ID, d.LastResponse, noFold))
	}
}

// dropReleases takes out what a bank let go of a charge and never took: Stripe shows it as given back, and nothing was.
func (a *charged) dropReleases() {
	if a.charge.AmountCaptured >= a.charge.Amount || a.charge.Status != stripe.ChargeStatusSucceeded {
		return
	}
	a.refunds = slices.DeleteFunc(slices.Clone(a.refunds), func(r *stripe.Refund) bool { return r.BalanceTransaction == nil })
	given := int64(0)
	for _, r := range a.refunds {
		if r.Status != stripe.RefundStatusFailed && r.Status != stripe.RefundStatusCanceled {
			given += r.Amount
		}
	}
	read := *a.charge
	read.AmountRefunded = given
	a.charge = &read
}

func charge(c *stripe.Charge, customer billing.CustomerID) billing.Charge {
	in := func(minor int64) money.Amount { return money.New(minor, money.Currency(c.Currency)) }
	out := billing.Charge{
		ID: billing.ChargeID(c.ID), Customer: customer, PaymentMethod: billing.PaymentMethodID(c.PaymentMethod), Status: string(c.Status),
		Amount: in(c.Amount), Captured: in(c.AmountCaptured), Refunded: in(c.AmountRefunded), Disputed: c.Disputed, Failure: c.FailureCode,
		CreatedAt: at(c.Created),
	}
	if c.PaymentIntent != nil {
		out.PaymentIntent = c.PaymentIntent.ID
	}
	return out
}
