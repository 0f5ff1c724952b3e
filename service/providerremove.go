package service

import (
	"context"

	"github.com/dues-billing/dues/billing"
)

// Remover lets go of customers.
type Remover interface {
	// DeleteCustomer deletes a customer for good; the provider ends what it is subscribed to. One that is gone is success.
	DeleteCustomer(ctx context.Context, customer billing.CustomerID) error
	// ReleaseCustomer keeps a customer with its invoices, and takes from it that it belongs to an account of ours.
	ReleaseCustomer(ctx context.Context, customer billing.CustomerID) error
}
