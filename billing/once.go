package billing

import "slices"

// assetPrefix stands in the ids of the assets' products after productPrefix, for a plan may be called like an asset that it gives.
const assetPrefix = "asset_"

// ProductID is the id that the asset's product has at the provider.
func (a Asset) ProductID() ProductID { return productID(a.Product, assetPrefix+string(a.ID)) }

// AssetOfPrice returns the asset that is bought once for the price with that key, or false.
func (c Catalog) AssetOfPrice(key string) (Asset, Price, bool) {
	for _, asset := range c.Assets {
		for _, price := range asset.Prices {
			if price.Key == key {
				return asset, price, true
			}
		}
	}
	return Asset{}, Price{}, false
}

// sells reports whether a price is of a plan or of an asset.
func (c Catalog) sells(key string) bool {
	_, _, plan := c.PlanOfPrice(key)
	_, _, asset := c.AssetOfPrice(key)
	return plan || asset
}

// Once reports whether the price is paid once, and has no period.
func (p Price) Once() bool { return p.Interval == "" }

// bought is for how long an asset is licensed that is paid once: from the payment on, whatever period the invoice's line names.
func (a Asset) bought(invoice Invoice) (Period, bool) {
	switch {
	case a.Perpetual:
		return Period{Start: invoice.PaidAt}, true
	case a.Duration > 0:
		return Period{Start: invoice.PaidAt, End: invoice.PaidAt.Add(a.Duration)}, true
	}
	return Period{}, false
}

// holdsForEver reports whether one of the lines gives an asset without end, and its money was not given back.
func holdsForEver(lines []LicenseLine, id AssetID) bool {
	return slices.ContainsFunc(lines, func(l LicenseLine) bool { return l.Asset == id && l.EndsAt.IsZero() && !l.Credit && !l.gone() })
}

// refundRuleOf is the rule for what an invoice bills.
func (c Catalog) refundRuleOf(invoice Invoice) (RefundRule, bool) {
	key := billed(c, invoice)
	if asset, _, ok := c.AssetOfPrice(key); ok {
		for _, rule := range c.Refunds {
			if len(rule.Plans)+len(rule.Assets) == 0 || slices.Contains(rule.Assets, asset.ID) {
				return rule, true
			}
		}
		return RefundRule{}, false
	}
	plan, _, _ := c.PlanOfPrice(key)
	return c.refundRule(plan.ID)
}

// nameOfPrice is how people call what a price is for.
func (c Catalog) nameOfPrice(key string) string {
	if asset, _, ok := c.AssetOfPrice(key); ok {
		return asset.Name
	}
	plan, _, _ := c.PlanOfPrice(key)
	return c.nameOf(plan.ID)
}

// assetsOfPrice are the assets that a price licenses.
func (c Catalog) assetsOfPrice(key string) []AssetID {
	if asset, _, ok := c.AssetOfPrice(key); ok {
		return []AssetID{asset.ID}
	}
	assets, _ := c.assetsBilled(key)
	return assets
}

// assetsBilled are the assets of the plan or add-on that has a price, false when it is neither's.
func (c Catalog) assetsBilled(key string) ([]AssetID, bool) {
	if plan, _, ok := c.PlanOfPrice(key); ok {
		return plan.Assets, true
	}
	addOn, _, ok := c.AddOnOfPrice(key)
	return addOn.Assets, ok
}
