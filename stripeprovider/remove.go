package stripeprovider

import (
	"context"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/billing"
)

// DeleteCustomer implements service.Remover. Stripe answers a second DELETE as if there had never been such a customer.
func (c *Client) DeleteCustomer(ctx context.Context, customer billing.CustomerID) error {
	_, err := c.sc.V1Customers.Delete(ctx, string(customer), &stripe.CustomerDeleteParams{})
	if missing(err) {
		return nil
	}
	return failure("delete customer", err)
}

// ReleaseCustomer implements service.Remover.
func (c *Client) ReleaseCustomer(ctx context.Context, customer billing.CustomerID) error {
	params := &stripe.CustomerUpdateParams{}
	params.AddMetadata(accountKey, "") // Stripe deletes a key that is set to nothing
	_, err := c.sc.V1Customers.Update(ctx, string(customer), params)
	if missing(err) {
		return nil
	}
	return failure("release customer", err)
}
