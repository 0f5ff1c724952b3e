package stripeprovider

import (
	"context"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/money"
)

// lineKey is the metadata by which an added line is found again when Stripe has forgotten its idempotency key.
const lineKey = "dues_line"

// AddedLines implements service.Provider. They are Stripe's invoice items.
func (c *Client) AddedLines(ctx context.Context, customer billing.CustomerID) (billing.AddedLines, error) {
	list := &stripe.InvoiceItemListParams{Customer: stripe.String(string(customer))}
	list.Limit = stripe.Int64(pageRows)
	list.AddExpand("data.invoice")
	items, err := collect(c.sc.V1InvoiceItems.List(ctx, list).All(ctx), "list added lines")
	if err != nil {
		return nil, err
	}
	var lines billing.AddedLines
	for _, item := range items {
		in := money.Currency(item.Currency)
		line := billing.AddedLine{
			ID: billing.LineID(item.ID), Key: item.Metadata[lineKey], Quantity: item.Quantity, Amount: money.New(item.Amount, in),
			Description: item.Description, Proration: item.Proration, CreatedAt: at(item.Date),
		}
		if item.Quantity != 0 && item.Amount%item.Quantity == 0 {
			line.Unit = money.New(item.Amount/item.Quantity, in)
		}
		if item.Period != nil {
			line.Period = billing.Period{Start: at(item.Period.Start), End: at(item.Period.End)}
		}
		if item.Invoice != nil {
			line.Invoice, line.Billed = billing.InvoiceID(item.Invoice.ID), item.Invoice.Status != stripe.InvoiceStatusDraft
		}
		lines = append(lines, line)
	}
	return lines, nil
}

// AddLine implements service.Provider.
func (c *Client) AddLine(ctx context.Context, customer billing.CustomerID, wish billing.LineWish) error {
	params := &stripe.InvoiceItemCreateParams{
		Customer: stripe.String(string(customer)), Currency: stripe.String(string(wish.Unit.Currency)), Description: stripe.String(wish.Description),
		Invoice: optional(string(wish.Invoice)), Metadata: map[string]string{lineKey: wish.Key},
		Quantity:          stripe.Int64(wish.Quantity),
		UnitAmountDecimal: stripe.Float64(float64(wish.Unit.Minor)), //tidy:allow float the SDK has no other type; a whole number far below 2^53
	}
	if !wish.Period.Start.IsZero() {
		params.Period = &stripe.InvoiceItemCreatePeriodParams{Start: stripe.Int64(wish.Period.Start.Unix()), End: stripe.Int64(wish.Period.End.Unix())}
	}
	params.SetIdempotencyKey("line:" + string(customer) + ":" + wish.Key)
	_, err := c.sc.V1InvoiceItems.Create(ctx, params)
	return failure("add line", err)
}

// RemoveLine implements service.Provider.
func (c *Client) RemoveLine(ctx context.Context, line billing.LineID) error {
	_, err := c.sc.V1InvoiceItems.Delete(ctx, string(line), nil)
	if missing(err) {
		return nil
	}
	return failure("remove line", err)
}
