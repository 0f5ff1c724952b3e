package catalog

import "github.com/dues-billing/dues/billing"

// checkProducts refuses an asset that is sold as the product that a plan or an add-on is.
func checkProducts(list node, c billing.Catalog) {
	taken := map[billing.ProductID]bool{}
	for _, plan := range c.Plans {
		taken[plan.ProductID()] = true
	}
	for _, addOn := range c.AddOns {
		taken[addOn.ProductID()] = true
	}
	for _, asset := range c.Assets {
		if len(asset.Prices) > 0 && taken[asset.ProductID()] {
			list.problem("asset %q would be the product of a plan or an add-on, %s; give it another id", asset.ID, asset.ProductID())
		}
	}
}

// readOnce reads the prices for which an asset is bought alone.
func readOnce(list node, asset billing.Asset, keys *priceKeys) []billing.Price {
	var prices []billing.Price
	for _, n := range list.list(pricesMax) {
		key := n.keys("key", "amount", "currencies", "tax", "archived", "id")
		p := billing.Price{
			Key: keys.seen.id(key("key")), Amount: amount(key("amount")), Archived: key("archived").flag() || asset.Archived,
			ID: billing.PriceID(key("id").text(idBytesMax)),
		}
		if key("amount").given() && p.Amount.Minor == 0 {
			key("amount").problem("what costs nothing is given, not sold")
		}
		p.Currencies = readCurrencies(key("currencies"), p)
		if key("tax").given() {
			p.Tax = oneOf(key("tax"), billing.TaxInclusive, billing.TaxExclusive)
		}
		prices = append(prices, p)
	}
	switch {
	case !list.given():
	case len(prices) == 0:
		list.problem("at least one price is needed")
	case !asset.Perpetual && asset.Duration == 0:
		list.problem("an asset that is bought once has a duration, or is perpetual")
	}
	return prices
}
