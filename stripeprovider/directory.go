package stripeprovider

import (
	"context"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// Customers implements service.Directory.
func (c *Client) Customers(ctx context.Context, after billing.CustomerID) (service.CustomerPage, error) {
	params := &stripe.CustomerListParams{}
	params.Limit, params.Single, params.StartingAfter = stripe.Int64(pageRows), true, optional(string(after))
	list := c.sc.V1Customers.List(ctx, params)
	var page service.CustomerPage
	for customer, err := range list.All(ctx) {
		if forgotten(err) {
			return service.CustomerPage{}, billing.Errorf(billing.NotFound, "the payment provider has no customer %s any more", after).Because(err)
		}
		if err != nil {
			return service.CustomerPage{}, failure("list customers", err)
		}
		page.Customers = append(page.Customers, billing.CustomerID(customer.ID))
	}
	page.More = list.Meta().HasMore
	return page, nil
}
