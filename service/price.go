package service

import (
	"context"
	"sync"

	"github.com/dues-billing/dues/billing"
)

// priceIDs are the provider's ids of the catalogue's prices, looked up once.
type priceIDs struct {
	mu    sync.Mutex
	byKey map[string]billing.PriceID
}

// priceID returns the provider's id of a price of the catalogue. The first call puts missing prices at the provider.
func (s *Service) priceID(ctx context.Context, key string) (billing.PriceID, error) {
	s.prices.mu.Lock()
	defer s.prices.mu.Unlock()
	if s.prices.byKey == nil {
		ids, err := call(ctx, func(ctx context.Context) (map[string]billing.PriceID, error) {
			return s.cfg.Prices.EnsurePrices(ctx, s.cfg.Catalog)
		})
		if err != nil {
			return "", err
		}
		s.prices.byKey = ids
	}
	id, ok := s.prices.byKey[key]
	if !ok {
		return "", billing.Errorf(billing.NotFound, "there is no price %q at the provider", key)
	}
	return id, nil
}
