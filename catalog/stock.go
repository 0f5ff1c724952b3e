package catalog

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/dues-billing/dues/billing"
)

// FromStock is the catalogue that a provider's chosen products would be: plans with their prices, the meters that these need, and the coupons
// that are ours. What entitles is not at the provider. Ids and keys are the catalogue's own where they were given, and made of names elsewhere.
func FromStock(s billing.Stock, chosen func(billing.StockProduct) bool) billing.Catalog {
	f := &fromStock{ids: map[string]bool{}, keys: map[string]bool{}, plans: map[billing.ProductID]billing.PlanID{}}
	for _, p := range s.Prices { // a key that was given is not made for another
		f.keys[p.Key] = p.Key != ""
	}
	products := slices.Clone(s.Products)
	slices.SortStableFunc(products, func(a, b billing.StockProduct) int { return cmp.Compare(a.Name, b.Name) })
	for _, product := range products {
		if chosen(product) {
			f.plan(product, s)
		}
	}
	for _, coupon := range s.Coupons {
		if coupon.Ours {
			f.coupon(coupon, s.Codes)
		}
	}
	return f.c
}

type fromStock struct {
	c     billing.Catalog
	ids   map[string]bool
	keys  map[string]bool
	plans map[billing.ProductID]billing.PlanID
}

func (f *fromStock) plan(product billing.StockProduct, s billing.Stock) {
	given := strings.TrimPrefix(string(product.ID), "dues_")
	plan := billing.Plan{
		Name: product.Name, Description: product.Description, Unit: product.Unit, TaxCode: product.TaxCode, Archived: !product.Active,
	}
	if given == string(product.ID) {
		given, plan.Product = product.Name, product.ID
	}
	plan.ID = billing.PlanID(fresh(given, f.ids))
	f.plans[product.ID] = plan.ID
	for _, price := range slices.Backward(s.Prices) { // oldest first
		if price.Product == product.ID && !price.Once() { // an asset's: what it gives is not at the provider
			plan.Prices = append(plan.Prices, f.price(price, plan, s))
		}
	}
	if len(plan.Prices) > 0 {
		f.c.Plans = append(f.c.Plans, plan)
	}
}

func (f *fromStock) price(is billing.StockPrice, plan billing.Plan, s billing.Stock) billing.Price {
	p := is.Price
	if slug(p.Key) != p.Key || p.Key == "" {
		p.ID = is.ID
		p.Key = fresh(cmp.Or(slug(p.Key), fmt.Sprintf("%s-%s", plan.ID, p.Interval)), f.keys)
	}
	p.Archived = !is.Active
	switch {
	case p.Kind == billing.Metered:
		p.Feature = f.feature(is.Event, s)
	case len(p.Tiers) > 0 || p.Package > 0 || plan.Unit != "":
		p.Kind = billing.PerSeat
	}
	return p
}

// feature is the metered feature of an event, made at the first price that counts it.
func (f *fromStock) feature(event string, s billing.Stock) billing.FeatureID {
	for _, feature := range f.c.Features {
		if feature.Meter.Event == event {
			return feature.ID
		}
	}
	feature := billing.Feature{ID: billing.FeatureID(slug(event)), Name: event, Type: billing.Usage, Meter: billing.Meter{Event: event, Aggregate: billing.Sum}}
	for _, m := range s.Meters {
		if m.Event == event {
			feature.Name, feature.Meter = m.Name, m.Meter
		}
	}
	f.c.Features = append(f.c.Features, feature)
	return feature.ID
}

func (f *fromStock) coupon(is billing.StockCoupon, codes []billing.StockCode) {
	coupon := is.Coupon
	for _, id := range is.Products {
		if plan, ok := f.plans[id]; ok {
			coupon.Plans = append(coupon.Plans, plan)
		}
	}
	for _, code := range codes {
		if code.Coupon != is.ID {
			continue
		}
		kept := code.PromotionCode
		kept.Archived = !code.Active
		coupon.Codes = append(coupon.Codes, kept)
	}
	f.c.Coupons = append(f.c.Coupons, coupon)
}

// fresh makes an id that is not taken of words, and takes it.
func fresh(words string, taken map[string]bool) string {
	base := cmp.Or(slug(words), "unnamed")
	id := base
	for n := 2; taken[id]; n++ {
		id = fmt.Sprintf("%s-%d", base, n)
	}
	taken[id] = true
	return id
}

// slug makes an id of words.
func slug(words string) string {
	id := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '_' {
			return r
		}
		return '-'
	}, strings.ToLower(words))
	for strings.Contains(id, "--") {
		id = strings.ReplaceAll(id, "--", "-")
	}
	return strings.Trim(id[:min(len(id), idBytesMax-4)], "-") // room for a number
}
