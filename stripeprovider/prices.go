package stripeprovider

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/catalog"
)

// EnsurePrices implements service.PriceMaker. Products get ids made of the plan's, prices the catalogue's key as lookup_key, so two processes that
// start at once make one of each. It makes and never archives: that is for dues catalog apply, which shows beforehand what it does.
func (c *Client) EnsurePrices(ctx context.Context, cat billing.Catalog) (map[string]billing.PriceID, error) {
	ids, all, err := c.pricesByKey(ctx, cat)
	if err != nil || all {
		return ids, err
	}
	var stock billing.Stock
	if err := c.stockGoods(ctx, &stock, hasUsage(cat)); err != nil {
		return nil, err
	}
	if len(cat.Coupons) > 0 {
		if err := c.stockCoupons(ctx, &stock); err != nil {
			return nil, err
		}
	}
	for _, change := range catalog.Diff(cat, stock) {
		switch change.Action {
		case billing.CreateStock:
		case billing.RefuseStock:
			if _, sold := ids[change.Name]; change.Kind == billing.PriceStock && sold {
				return nil, billing.Errorf(billing.Conflict, "price %s is %s", change.Name, differs(change))
			}
			c.log.WarnContext(ctx, "the catalogue and Stripe differ; dues catalog plan shows it", "kind", change.Kind, "name", change.Name, "why", change.Refusal)
			continue
		default:
			continue
		}
		id, err := c.Restock(ctx, change)
		if err != nil {
			return nil, err
		}
		if change.Kind == billing.PriceStock {
			ids[change.Name] = billing.PriceID(id)
		}
	}
	return ids, c.findRest(ctx, cat, ids)
}

// findRest looks once more for the prices that have no id yet: another process may have made them between our two looks, and then there was nothing
// to make for us.
func (c *Client) findRest(ctx context.Context, cat billing.Catalog, ids map[string]billing.PriceID) error {
	missing := func(id billing.PriceID) bool { return id == "" }
	if !slices.ContainsFunc(slices.Collect(maps.Values(ids)), missing) {
		return nil
	}
	found, _, err := c.pricesByKey(ctx, cat)
	if err != nil {
		return err
	}
	for key, id := range ids {
		if missing(id) {
			ids[key] = found[key]
		}
	}
	return nil
}

// differs says what a price is at Stripe and what in the catalogue.
func differs(change billing.StockChange) string {
	text := "not as the catalogue says"
	for _, field := range change.Fields {
		text = fmt.Sprintf("%s at Stripe and %s in the catalogue", cmp.Or(field.AtProvider, "nothing"), cmp.Or(field.Wanted, "nothing"))
	}
	return text + "; " + change.Refusal
}

func hasUsage(c billing.Catalog) bool {
	return slices.ContainsFunc(c.Features, func(f billing.Feature) bool { return f.Type == billing.Usage })
}

// pricesByKey looks up the catalogue's prices by key. all says that each that is sold is there as the catalogue says, and that nothing else has to
// be looked at; the ids hold what is sold, "" for what is not there.
func (c *Client) pricesByKey(ctx context.Context, cat billing.Catalog) (ids map[string]billing.PriceID, all bool, err error) {
	ids, all = map[string]billing.PriceID{}, !hasUsage(cat) && len(cat.Coupons) == 0
	var keys []string
	add := func(prices []billing.Price) {
		for _, price := range prices {
			if !price.Archived {
				keys, ids[price.Key] = append(keys, price.Key), ""
			}
		}
	}
	for _, plan := range cat.Plans {
		add(plan.Prices)
	}
	for _, addOn := range cat.AddOns {
		add(addOn.Prices)
	}
	for _, asset := range cat.Assets {
		add(asset.Prices)
	}
	for some := range slices.Chunk(keys, keysPerPage) {
		prices, err := c.listPrices(ctx, &stripe.PriceListParams{LookupKeys: stripe.StringSlice(some), Active: stripe.Bool(true)})
		if err != nil {
			return nil, false, err
		}
		for _, price := range prices {
			c.remember(price)
			ids[price.LookupKey] = billing.PriceID(price.ID)
			_, want, ok := cat.PlanOfPrice(price.LookupKey)
			if !ok {
				_, want, ok = cat.AddOnOfPrice(price.LookupKey)
			}
			if !ok {
				_, want, _ = cat.AssetOfPrice(price.LookupKey)
			}
			is, ok := stockPrice(price, nil)
			all = all && ok && catalog.Same(want, "", is)
		}
	}
	for _, id := range ids {
		all = all && id != ""
	}
	return ids, all, nil
}

// keyOf returns the catalogue's key of a price, "" when it is not of the catalogue. The lookup_key moves to a successor when
// the catalogue changes, and then the metadata still tells.
func keyOf(p *stripe.Price) string {
	if p.LookupKey != "" {
		return p.LookupKey
	}
	return p.Metadata[priceKey]
}

func (c *Client) remember(p *stripe.Price) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.keys) >= pricesKnown {
		clear(c.keys)
	}
	c.keys[p.ID] = keyOf(p)
}

// priceKeyByID returns the catalogue's key of a price that is known by its id only, as on invoice lines.
func (c *Client) priceKeyByID(ctx context.Context, id string) (string, error) {
	c.mu.Lock()
	key, ok := c.keys[id]
	c.mu.Unlock()
	if ok || id == "" {
		return key, nil
	}
	price, err := c.sc.V1Prices.Retrieve(ctx, id, nil)
	if missing(err) {
		return "", nil
	}
	if err != nil {
		return "", failure("retrieve price", err)
	}
	c.remember(price)
	return keyOf(price), nil
}
