package engine

// cost is an ordinary line as far as the price and the quantity decide it.
type cost struct {
	priced
	text string
}

// costKey names a state of a price and of its product: objects are immutable, so the same pointers cost the same.
type costKey struct {
	price    *Price
	product  *Product
	currency string
	quantity int64
}

// costs remember what was worked out last. Most subscriptions share a few prices, and a renewal asks twice.
type costs map[costKey][]cost

// costsKept is how many costs a world remembers before it begins anew.
const costsKept = 1000

// of are the lines of a quantity. They are shared: nobody may write to them.
func (c *costs) of(price *Price, product *Product, currency string, quantity int64) []cost {
	key := costKey{price, product, currency, quantity}
	if known, ok := (*c)[key]; ok {
		return known
	}
	lines := tariffOf(price, currency).lines(quantity)
	out := make([]cost, 0, len(lines))
	for _, p := range lines {
		out = append(out, cost{p, pricedText(price, currency, product, p)})
	}
	if *c == nil || len(*c) >= costsKept {
		*c = costs{}
	}
	(*c)[key] = out
	return out
}
