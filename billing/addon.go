package billing

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dues-billing/dues/money"
)

// AddOnID is the name that the catalogue gives to an add-on.
type AddOnID string

// AddOn is what may be bought beside a plan, as a further item of the same subscription.
type AddOn struct {
	ID          AddOnID
	Name        string
	Description string
	Plans       []PlanID // with which it may be bought; none: with every plan that costs something
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

// HeldAddOn is an add-on that an account has beside its plan.
type HeldAddOn struct {
	AddOn    AddOnID
	Price    string // the catalogue's key
	Quantity int64  // 0 of usage, which has none
	Next     NextAddOn
}

// NextAddOn is a change of an add-on that is scheduled; zero: it stays.
type NextAddOn struct {
	Price    string // "": it leaves
	Quantity int64
	At       time.Time
}

// boughtAddOn is an item of a subscription that is an add-on's.
type boughtAddOn struct {
	Item
	addOn AddOn
	next  NextAddOn
}

// boughtAddOns returns the items of a subscription that are add-ons', in its order.
func (c Catalog) boughtAddOns(s Subscription) []boughtAddOn {
	var all []boughtAddOn
	for _, item := range s.Items {
		if addOn, _, ok := c.AddOnOfPrice(item.PriceKey); ok {
			all = append(all, boughtAddOn{item, addOn, c.nextAddOn(s.Later, item, addOn.ID)})
		}
	}
	return all
}

// addOnsOf returns the add-ons that a subscription has.
func (c Catalog) addOnsOf(s Subscription) []HeldAddOn {
	var all []HeldAddOn
	for _, b := range c.boughtAddOns(s) {
		all = append(all, HeldAddOn{AddOn: b.addOn.ID, Price: b.PriceKey, Quantity: b.Quantity, Next: b.next})
	}
	return all
}

// addOnsText is what a subscription has beside its plan, to compare it with what it had.
func (c Catalog) addOnsText(s Subscription) string {
	var all []string
	for _, b := range c.boughtAddOns(s) {
		all = append(all, fmt.Sprintf("%s*%d", b.PriceKey, b.Quantity))
	}
	slices.Sort(all)
	return strings.Join(all, ",")
}

// OfferedAddOn is an add-on that may be had beside a plan, with the prices that go with it.
type OfferedAddOn struct {
	AddOn
	Held HeldAddOn // zero: nothing of it
}

// OfferedAddOns returns what a customer may buy beside the running plan, or has, in the catalogue's order. What is not sold any more is there for who has it.
func (c Catalog) OfferedAddOns(s State) []OfferedAddOn {
	sub, ok := Best(c, s)
	_, price, sold := c.soldItem(sub)
	if !ok || !sold || sub.Status == Incomplete {
		return nil
	}
	plan, _ := c.Sold(sub)
	held := c.addOnsOf(sub)
	var all []OfferedAddOn
	for _, addOn := range c.AddOns {
		offer := OfferedAddOn{AddOn: addOn}
		if i := slices.IndexFunc(held, func(h HeldAddOn) bool { return h.AddOn == addOn.ID }); i >= 0 {
			offer.Held = held[i]
		}
		offer.Prices = slices.DeleteFunc(slices.Clone(addOn.Prices), func(p Price) bool {
			return p.Key != offer.Held.Price && (p.Archived || addOn.CheckBeside(plan, price, p, sub.BilledIn()) != nil)
		})
		if len(offer.Prices) > 0 {
			all = append(all, offer)
		}
	}
	return all
}

// nextAddOn returns what an add-on's item changes to: the same price in another quantity, another price of the add-on, or nothing.
func (c Catalog) nextAddOn(later LaterItems, item Item, id AddOnID) NextAddOn {
	if later.At.IsZero() {
		return NextAddOn{}
	}
	to := NextAddOn{At: later.At}
	for _, next := range later.Items {
		other, _, ok := c.AddOnOfPrice(next.PriceKey)
		switch {
		case next.PriceKey == item.PriceKey && next.Quantity == item.Quantity:
			return NextAddOn{}
		case ok && other.ID == id:
			to.Price, to.Quantity = next.PriceKey, next.Quantity
		}
	}
	return to
}

// goesWith reports whether the add-on may be had beside a plan: not beside one that costs nothing, for there is nothing that the two could be billed with.
func (a AddOn) goesWith(plan PlanID, price Price) bool {
	if price.Free() {
		return false
	}
	for _, id := range a.Plans {
		if id == plan {
			return true
		}
	}
	return len(a.Plans) == 0
}

// priceBeside returns the price at which an add-on is sold beside a price of a plan, or false.
func (a AddOn) priceBeside(beside Price, currency money.Currency) (Price, bool) {
	for _, price := range a.Prices {
		if _, sold := price.In(currency); sold && !price.Archived && price.billedWith(beside) {
			return price, true
		}
	}
	return Price{}, false
}

// billedWith reports whether two prices are of the same period.
func (p Price) billedWith(other Price) bool {
	return p.Interval == other.Interval && max(1, p.IntervalCount) == max(1, other.IntervalCount)
}
