package billing

// AddOnID is the name that the catalogue gives to an add-on.
type AddOnID string

// AddOn is what may be bought beside a plan, as a further item of the same subscription.
type AddOn struct {
	ID          AddOnID
	Name        string
	Description string
	Plans       []PlanID // with which it may be bought; none: with every plan
	Prices      []Price
	Features    []FeatureValue // given beside what the plan gives
	Assets      []AssetID
	TaxCode     string
	Archived    bool
	Product     ProductID // as of a plan
}

// AddOn returns the add-on with that id, or false.
func (c Catalog) AddOn(id AddOnID) (AddOn, bool) {
	for i := range c.AddOns {
		if c.AddOns[i].ID == id {
			return c.AddOns[i], true
		}
	}
	return AddOn{}, false
}

// AddOnOfPrice returns the add-on and price with that key, or false.
func (c Catalog) AddOnOfPrice(key string) (AddOn, Price, bool) {
	if at, ok := c.addOnPriceAt(key); ok {
		return c.AddOns[at.of], c.AddOns[at.of].Prices[at.price], true
	}
	return AddOn{}, Price{}, false
}
