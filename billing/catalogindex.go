package billing

// catalogIndex finds plans and prices by their names. A status check asks for a handful of them, and looking through a catalogue of a
// thousand plans each time would take longer than all the rest of it.
type catalogIndex struct {
	plans  map[PlanID]int        // the plan's place in Catalog.Plans
	prices map[string]pricePlace // by key
	addOns map[string]pricePlace
	groups []Group
}

// pricePlace says where a price stands: of which plan or add-on, and which of its prices.
type pricePlace struct{ of, price int }

// Indexed returns the catalogue, with which names are found at once however long it is. Its plans, add-ons and prices must not be changed
// afterwards; without it they are looked through one by one, which is as good for a few.
func (c Catalog) Indexed() Catalog {
	index := &catalogIndex{
		plans: make(map[PlanID]int, len(c.Plans)), prices: map[string]pricePlace{}, addOns: map[string]pricePlace{},
		groups: c.Groups(),
	}
	for i := range c.Plans {
		if _, taken := index.plans[c.Plans[i].ID]; !taken { // the first counts, as where one looks through them
			index.plans[c.Plans[i].ID] = i
		}
		addPrices(index.prices, c.Plans[i].Prices, i)
	}
	for i := range c.AddOns {
		addPrices(index.addOns, c.AddOns[i].Prices, i)
	}
	c.index = index
	return c
}

func addPrices(places map[string]pricePlace, prices []Price, of int) {
	for i := range prices {
		if _, taken := places[prices[i].Key]; !taken {
			places[prices[i].Key] = pricePlace{of, i}
		}
	}
}

// planAt returns where a plan stands, false when there is none of that id.
func (c Catalog) planAt(id PlanID) (at int, ok bool) {
	if c.index != nil {
		at, ok = c.index.plans[id]
		return at, ok
	}
	for i := range c.Plans {
		if c.Plans[i].ID == id {
			return i, true
		}
	}
	return 0, false
}

// planPriceAt returns where a plan's price stands, false when none has that key.
func (c Catalog) planPriceAt(key string) (at pricePlace, ok bool) {
	if c.index != nil {
		at, ok = c.index.prices[key]
		return at, ok
	}
	for i := range c.Plans {
		for j := range c.Plans[i].Prices {
			if c.Plans[i].Prices[j].Key == key {
				return pricePlace{i, j}, true
			}
		}
	}
	return pricePlace{}, false
}

// addOnPriceAt returns where an add-on's price stands, false when none has that key.
func (c Catalog) addOnPriceAt(key string) (at pricePlace, ok bool) {
	if c.index != nil {
		at, ok = c.index.addOns[key]
		return at, ok
	}
	for i := range c.AddOns {
		for j := range c.AddOns[i].Prices {
			if c.AddOns[i].Prices[j].Key == key {
				return pricePlace{i, j}, true
			}
		}
	}
	return pricePlace{}, false
}
