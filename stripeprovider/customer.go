package stripeprovider

import (
	"context"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/billing"
)

// EnsureCustomer implements service.Provider. Stripe forgets idempotency keys after a day, so a customer that carries the
// account's id is looked for before one is made.
func (c *Client) EnsureCustomer(ctx context.Context, account billing.Account, key string) (billing.CustomerID, error) {
	if account.Customer != "" {
		return account.Customer, c.updateCustomer(ctx, account)
	}
	found, err := c.customerByEmail(ctx, account)
	if found != "" || err != nil {
		return found, err
	}
	params := &stripe.CustomerCreateParams{
		Email:    optional(account.Email),
		Name:     optional(account.Name),
		Metadata: map[string]string{accountKey: string(account.ID)},

		PreferredLocales: localesOf(account),
	}
	params.SetIdempotencyKey(key)
	made, err := inTurn(ctx, func() (*stripe.Customer, error) { return c.sc.V1Customers.Create(ctx, params) })
	if refusedFor(err, stripe.ErrorTypeIdempotency) {
		return c.renamedCustomer(ctx, account, err)
	}
	if err != nil {
		return "", failure("create customer", err)
	}
	return billing.CustomerID(made.ID), nil
}

func (c *Client) updateCustomer(ctx context.Context, account billing.Account) error {
	params := &stripe.CustomerUpdateParams{
		Email:    stripe.String(account.Email), // "" clears it, as it should
		Name:     stripe.String(account.Name),
		Metadata: map[string]string{accountKey: string(account.ID)},

		PreferredLocales: localesOf(account),
	}
	_, err := c.sc.V1Customers.Update(ctx, string(account.Customer), params)
	return failure("update customer", err)
}

func (c *Client) customerByEmail(ctx context.Context, account billing.Account) (billing.CustomerID, error) {
	if account.Email == "" {
		return "", nil
	}
	params := &stripe.CustomerListParams{Email: stripe.String(account.Email)}
	params.Limit = stripe.Int64(pageRows)
	return c.customerOf(ctx, account.ID, params)
}

// renamedCustomer finds the customer that the same key made with another e-mail or name: the account was changed between two
// tries. It is among the newest, for keys live a day, and the list knows it at once while Stripe's search does not.
func (c *Client) renamedCustomer(ctx context.Context, account billing.Account, refused error) (billing.CustomerID, error) {
	params := &stripe.CustomerListParams{}
	params.Limit = stripe.Int64(pageRows)
	found, err := c.customerOf(ctx, account.ID, params)
	if err != nil {
		return "", err
	}
	if found == "" {
		return "", failure("create customer", refused)
	}
	account.Customer = found
	return found, c.updateCustomer(ctx, account)
}

// customerOf returns the newest listed customer that carries the account's id, or "".
func (c *Client) customerOf(ctx context.Context, account billing.AccountID, params *stripe.CustomerListParams) (billing.CustomerID, error) {
	for customer, err := range c.sc.V1Customers.List(ctx, params).All(ctx) {
		if err != nil {
			return "", failure("list customers", err)
		}
		if customer.Metadata[accountKey] == string(account) {
			return billing.CustomerID(customer.ID), nil
		}
	}
	return "", nil
}

// localesOf is the language of the account, in which Stripe writes its mails and invoices; nil leaves what is there.
func localesOf(account billing.Account) []*string {
	if account.Locale == "" {
		return nil
	}
	return stripe.StringSlice([]string{account.Locale})
}

// optional returns nil for "", so that the parameter is left out.
func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
