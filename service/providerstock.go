package service

import (
	"context"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/catalog"
)

// Stocker reads and changes what a provider has to sell.
type Stocker interface {
	// Stock reads all of it, in one pass of its lists.
	Stock(ctx context.Context) (billing.Stock, error)
	// Restock makes one change that catalog.Diff asks for, and returns the provider's id of what it is about. A change that was made already is
	// success; one that is refused is an error of code conflict.
	Restock(ctx context.Context, change billing.StockChange) (id string, err error)
}

// CatalogDifference is what a provider account sells otherwise than the catalogue says.
type CatalogDifference struct {
	ProviderAccount billing.ProviderAccount
	Changes         []billing.StockChange // that would make it the same, none when it is
}

// CatalogDifferences compares the catalogue with each provider account, in one pass of its lists, and changes nothing.
func (s *Service) CatalogDifferences(ctx context.Context) (all []CatalogDifference, err error) {
	for _, p := range s.providers {
		if p.Stock == nil {
			continue
		}
		there, err := call(ctx, p.Stock.Stock)
		if err != nil {
			return nil, err
		}
		all = append(all, CatalogDifference{ProviderAccount: p.Name, Changes: catalog.Diff(s.cfg.Catalog, there)})
	}
	return all, nil
}
