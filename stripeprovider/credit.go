package stripeprovider

import (
	"context"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/money"
)

// creditKey is the metadata by which a credit is found again when Stripe has forgotten its idempotency key.
const creditKey = "dues_credit"

// Credit implements service.Provider. Stripe counts what a customer owes: credit is a negative balance there.
func (c *Client) Credit(ctx context.Context, customer billing.CustomerID) (billing.Credit, error) {
	list := &stripe.CustomerBalanceTransactionListParams{Customer: stripe.String(string(customer))}
	list.Limit = stripe.Int64(pageRows)
	moves, err := collect(c.sc.V1CustomerBalanceTransactions.List(ctx, list).All(ctx), "list credit")
	if err != nil {
		return billing.Credit{}, err
	}
	owner, err := c.sc.V1Customers.Retrieve(ctx, string(customer), nil)
	if err != nil {
		return billing.Credit{}, failure("read credit", err)
	}
	credit := billing.Credit{Balance: money.New(-owner.Balance, money.Currency(owner.Currency))}
	for _, m := range moves {
		in := money.Currency(m.Currency)
		move := billing.CreditMove{
			ID: m.ID, Amount: money.New(-m.Amount, in), Balance: money.New(-m.EndingBalance, in), Note: m.Description, Key: m.Metadata[creditKey], CreatedAt: at(m.Created),
		}
		if m.Invoice != nil {
			move.Invoice = billing.InvoiceID(m.Invoice.ID)
		}
		credit.Moves = append(credit.Moves, move)
	}
	return credit, nil
}

// GiveCredit implements service.Provider.
func (c *Client) GiveCredit(ctx context.Context, customer billing.CustomerID, wish billing.CreditWish) error {
	params := &stripe.CustomerBalanceTransactionCreateParams{
		Customer: stripe.String(string(customer)), Amount: stripe.Int64(-wish.Amount.Minor), Currency: stripe.String(string(wish.Amount.Currency)),
		Description: optional(wish.Note), Metadata: map[string]string{creditKey: wish.Key},
	}
	params.SetIdempotencyKey("credit:" + string(customer) + ":" + wish.Key)
	_, err := c.sc.V1CustomerBalanceTransactions.Create(ctx, params)
	return failure("give credit", err)
}
