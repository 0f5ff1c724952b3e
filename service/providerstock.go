package service

import (
	"context"

	"github.com/dues-billing/dues/billing"
)

// Stocker reads and changes what a provider has to sell.
type Stocker interface {
	// Stock reads all of it, in one pass of its lists.
	Stock(ctx context.Context) (billing.Stock, error)
	// Restock makes one change that catalog.Diff asks for, and returns the provider's id of what it is about. A change that was made already is
	// success; one that is refused is an error of code conflict.
	Restock(ctx context.Context, change billing.StockChange) (id string, err error)
}
