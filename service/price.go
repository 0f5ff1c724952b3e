package service

import (
	"context"

	"github.com/dues-billing/dues/billing"
)

// priceIDs are the provider's ids of the catalogue's prices, looked up once.
type priceIDs struct {
	// turn has a place for one, who may be asking the provider meanwhile: no mutex, for whoever waits must be able to give up.
	turn  chan struct{}
	byKey map[string]billing.PriceID
}

func newPriceIDs() priceIDs { return priceIDs{turn: make(chan struct{}, 1)} }

// priceID returns the id that a price of the catalogue has in a provider account. The first call puts missing prices there.
func (s *Service) priceID(ctx context.Context, p *providerAccount, key string) (billing.PriceID, error) {
	select {
	case p.prices.turn <- struct{}{}:
	case <-ctx.Done():
		return "", ctx.Err()
	}
	defer func() { <-p.prices.turn }()
	if p.prices.byKey == nil {
		ids, err := call(ctx, func(ctx context.Context) (map[string]billing.PriceID, error) {
			return p.Prices.EnsurePrices(ctx, s.cfg.Catalog)
		})
		if err != nil {
			return "", err
		}
		p.prices.byKey = ids
	}
	id := p.prices.byKey[key]
	if id == "" {
		p.prices.byKey = nil // somebody may put it there
		return "", billing.Errorf(billing.NotFound, "there is no price %q at the provider", key)
	}
	return id, nil
}
