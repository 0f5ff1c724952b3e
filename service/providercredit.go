package service

import (
	"context"

	"github.com/dues-billing/dues/billing"
)

// Creditor keeps what customers have to their credit.
type Creditor interface {
	// Credit reads a customer's credit, and all that changed it.
	Credit(ctx context.Context, customer billing.CustomerID) (billing.Credit, error)
	// GiveCredit gives credit or takes it, and keeps the wish's key with it, where Credit finds it.
	GiveCredit(ctx context.Context, customer billing.CustomerID, wish billing.CreditWish) error
}
