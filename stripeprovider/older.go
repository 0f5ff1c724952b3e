package stripeprovider

import (
	"context"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// FetchOlder implements service.Source.
func (c *Client) FetchOlder(ctx context.Context, customer billing.CustomerID, than service.Oldest) (service.Older, error) {
	var older service.Older
	if than.Invoice != "" {
		page, more, err := c.invoicePage(ctx, string(customer), string(than.Invoice))
		if err != nil {
			return service.Older{}, err
		}
		for _, invoice := range page {
			mirrored, err := c.invoice(ctx, invoice, nil)
			if err != nil {
				return service.Older{}, err
			}
			older.Invoices = append(older.Invoices, mirrored)
			older.Objects = append(older.Objects, original(billing.InvoiceObject, invoice.ID, invoice.LastResponse, invoiceFold))
		}
		if more {
			older.Next.Invoice = billing.InvoiceID(page[len(page)-1].ID)
		}
	}
	if than.Charge != "" {
		page, more, err := c.chargePage(ctx, string(customer), string(than.Charge))
		if err != nil {
			return service.Older{}, err
		}
		for _, charge := range page {
			charge.addTo(&older.Record)
		}
		if more {
			older.Next.Charge = billing.ChargeID(page[len(page)-1].charge.ID)
		}
	}
	return older, nil
}

// invoicePage returns the page of invoices with their payments that follows after, the newest when that is "". more says that older ones
// follow.
func (c *Client) invoicePage(ctx context.Context, customer, after string) (all []*stripe.Invoice, more bool, err error) {
	params := &stripe.InvoiceListParams{Customer: stripe.String(customer), Expand: stripe.StringSlice([]string{"data.payments"})}
	params.Limit, params.Single, params.StartingAfter = stripe.Int64(pageRows), true, optional(after)
	list := c.sc.V1Invoices.List(ctx, params)
	if all, err = collect(list.All(ctx), "list invoices"); err != nil {
		return nil, false, err
	}
	for _, invoice := range all {
		if err := c.restOfLines(ctx, invoice); err != nil {
			return nil, false, err
		}
	}
	return all, list.Meta().HasMore, nil
}

// chargePage is invoicePage for charges, with what was given back of them and disputed.
func (c *Client) chargePage(ctx context.Context, customer, after string) (all []charged, more bool, err error) {
	params := &stripe.ChargeListParams{Customer: stripe.String(customer), Expand: stripe.StringSlice([]string{"data.refunds"})}
	params.Limit, params.Single, params.StartingAfter = stripe.Int64(pageRows), true, optional(after)
	list := c.sc.V1Charges.List(ctx, params)
	page, err := collect(list.All(ctx), "list charges")
	if err != nil {
		return nil, false, err
	}
	all = make([]charged, len(page))
	for i, charge := range page {
		if all[i], err = c.besidesOf(ctx, charge, false); err != nil {
			return nil, false, err
		}
	}
	return all, list.Meta().HasMore, nil
}
