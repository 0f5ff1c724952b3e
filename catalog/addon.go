package catalog

import "github.com/dues-billing/dues/billing"

func readAddOns(list node, c billing.Catalog, keys *priceKeys) []billing.AddOn {
	var all []billing.AddOn
	seen := unique{}
	for _, plan := range c.Plans {
		seen[string(plan.ID)] = true // both become products, and a product's id is made of theirs
	}
	for _, n := range list.list(addOnsMax) {
		key := n.keys("id", "name", "description", "plans", "prices", "features", "assets", "tax_code", "archived", "product")
		a := billing.AddOn{
			ID:          billing.AddOnID(seen.id(key("id"))),
			Name:        name(key("name")),
			Description: key("description").text(descriptionBytesMax),
			Plans:       planIDs(key("plans"), c),
			Features:    readValues(key("features"), c.Features),
			Assets:      readAssetIDs(key("assets"), c),
			TaxCode:     key("tax_code").text(idBytesMax),
			Archived:    key("archived").flag(),
			Product:     billing.ProductID(key("product").text(idBytesMax)),
		}
		a.Prices = readPrices(key("prices"), c, keys, a.Archived)
		all = append(all, a)
	}
	return all
}
