package service

import (
	"context"

	"github.com/dues-billing/dues/billing"
)

// AddOns answers what an account may buy beside its plan of a group, and what it has; buying, changing and dropping is a Change whose wish has an AddOn. On the free plan there is
// nothing to buy them beside.
func (s *Service) AddOns(ctx context.Context, id billing.AccountID, group billing.Group) ([]billing.OfferedAddOn, error) {
	if err := s.cfg.Catalog.CheckGroup(group); err != nil {
		return nil, err
	}
	known, err := s.facts.of(ctx, id)
	if err != nil {
		return nil, err
	}
	return s.cfg.Catalog.In(group).OfferedAddOns(known.state), nil
}

// priceOf is priceID, of a price that an item may have already: then it need not be sold any more.
func (s *Service) priceOf(ctx context.Context, p *providerAccount, price billing.Price, item billing.Item) (billing.PriceID, error) {
	if item.PriceKey == price.Key && item.Price != "" {
		return item.Price, nil
	}
	return s.priceID(ctx, p, price.Key)
}

// itemRequests asks for what is to become of add-ons.
func (s *Service) itemRequests(ctx context.Context, p *providerAccount, changes []billing.ItemChange) ([]ItemRequest, error) {
	var all []ItemRequest
	for _, change := range changes {
		req := ItemRequest{Item: change.Item, Quantity: change.Quantity, Usage: change.Price.Kind == billing.Metered, Drop: change.Drop}
		if !change.Drop {
			var err error
			if req.Price, err = s.priceOf(ctx, p, change.Price, change.Was); err != nil {
				return nil, err
			}
		}
		all = append(all, req)
	}
	return all, nil
}
