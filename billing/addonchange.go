package billing

import (
	"slices"
	"strings"
	"time"

	"github.com/dues-billing/dues/money"
)

// AddOnWish is how an account wants to have an add-on from now on. Zero is no wish about one.
type AddOnWish struct {
	PriceKey string
	Quantity int64 // 0: as many as there are, or as few as are sold
	Drop     bool  // to have it no more
}

// ItemChange is how an item of a subscription changes beside its plan's: one is added, has another price or quantity, or leaves.
type ItemChange struct {
	Item     string // "": it is added
	Was      Item   // zero of what is added
	Price    Price  // of what is dropped too
	Quantity int64  // 0 of usage, which has none
	Drop     bool
}

// addOnChange is Change for an add-on. Buying one, and more of it, happens now and is invoiced at once; less of it, and none, happens when what is paid
// for ends, unless another way is asked for. The item of the plan stays as it is.
func (c Catalog) addOnChange(s State, wish ChangeWish) (PlannedChange, error) {
	sub, ok := Best(c, s)
	if !ok || s.Deleted || sub.Status == Incomplete {
		return PlannedChange{}, Errorf(Conflict, "there is no running subscription; buy a plan first")
	}
	item, price, ok := c.soldItem(sub)
	if !ok {
		return PlannedChange{}, Errorf(Conflict, "the subscription is on no price of the catalogue, so it cannot be changed here")
	}
	p := PlannedChange{Subscription: sub, Item: item, Price: price, Quantity: item.Quantity, When: wish.When, Proration: wish.Proration}
	if wish.PriceKey != "" || wish.Quantity != 0 {
		return p, Errorf(Invalid, "the plan and an add-on are changed one at a time").In("price")
	}
	if err := wish.checkTerms(); err != nil {
		return p, err
	}
	change, held, err := c.addOnWished(p, wish.AddOn)
	if err != nil {
		return p, err
	}
	p.AddOns = []ItemChange{change}
	p.whenAddOn(change)
	p.Needed = !change.is(held.PriceKey, held.Quantity)
	if next := held.next; !next.At.IsZero() {
		if p.When == ChangeNow && !p.Needed {
			return p, Errorf(Conflict, "the add-on changes when the period ends; take that back to keep it as it is (POST …/keep)")
		}
		p.Needed = p.When == ChangeNow || !change.is(next.Price, next.Quantity)
	}
	if !p.Needed {
		return p, nil
	}
	if err := c.amongScheduled(&p, change); err != nil {
		return p, err
	}
	return p, p.possible(price)
}

// is reports whether a change leads to what has that price and quantity; a key of "" is none.
func (i ItemChange) is(key string, quantity int64) bool {
	if i.Drop {
		return key == ""
	}
	return key == i.Price.Key && quantity == i.Quantity
}

// addOnWished reads a wish: what is to become of which item.
func (c Catalog) addOnWished(p PlannedChange, wish AddOnWish) (change ItemChange, held boughtAddOn, err error) {
	addOn, price, found := c.AddOnOfPrice(wish.PriceKey)
	if !found {
		return change, held, Errorf(Invalid, "the catalogue has no price %q of an add-on", wish.PriceKey).In("price")
	}
	bought := c.boughtAddOns(p.Subscription)
	if i := slices.IndexFunc(bought, func(b boughtAddOn) bool { return b.addOn.ID == addOn.ID }); i >= 0 {
		held = bought[i]
	}
	change = ItemChange{Item: held.ID, Was: held.Item, Price: price, Quantity: wish.Quantity, Drop: wish.Drop}
	if wish.Drop {
		if wish.Quantity != 0 {
			err = Errorf(Invalid, "what is dropped has no quantity").In("quantity")
		}
		return change, held, err
	}
	plan, _ := c.Sold(p.Subscription)
	switch {
	case wish.Quantity < 0:
		return change, held, Errorf(Invalid, "a quantity is at least 1, got %d", wish.Quantity).In("quantity")
	case price.Archived && price.Key != held.PriceKey:
		return change, held, Errorf(Invalid, "the price %q is not sold any more", price.Key).In("price")
	case wish.Quantity == 0:
		change.Quantity = price.FirstQuantity()
		if price.Kind == PerSeat {
			change.Quantity = max(change.Quantity, held.Quantity)
		}
	}
	if err := addOn.CheckBeside(plan, p.Price, price, p.Subscription.BilledIn()); err != nil {
		return change, held, err
	}
	return change, held, price.CheckQuantity(change.Quantity)
}

// CheckBeside returns an error unless a price of an add-on can be had beside a price of a plan. Stripe bills all items of a subscription together: the
// period and the currency are the plan's.
func (a AddOn) CheckBeside(plan Plan, beside, price Price, currency money.Currency) error {
	_, sold := price.In(currency)
	switch {
	case beside.Free():
		return Errorf(Conflict, "an add-on is bought beside a plan that costs something; buy one first").In("price")
	case !a.goesWith(plan.ID, beside):
		return Errorf(Conflict, "%q is not sold with the plan %q", a.ID, plan.ID).In("price")
	case !price.billedWith(beside):
		text := "nothing of it is sold for that"
		if other, ok := a.priceBeside(beside, currency); ok {
			text = "take " + other.Key
		}
		return Errorf(Invalid, "an add-on is billed with its plan, and %q is for another period; %s", price.Key, text).In("price")
	case !sold:
		return Errorf(Invalid, "a subscription keeps its currency, and %q is not sold in %s", price.Key, strings.ToUpper(string(currency))).In("price")
	}
	return nil
}

// CheckQuantity returns an error of code invalid unless a price of an add-on is sold in that quantity.
func (p Price) CheckQuantity(quantity int64) error {
	low, high := max(1, p.MinSeats), int64(QuantityMax)
	if p.MaxSeats > 0 {
		high = p.MaxSeats
	}
	switch {
	case p.Kind == Metered && quantity != 0, p.Kind == Flat && quantity != 1:
		return Errorf(Invalid, "%q is not sold by quantity", p.Key).In("quantity")
	case p.Kind == PerSeat && (quantity < low || quantity > high):
		return Errorf(Invalid, "%q is sold in quantities of %d to %d, not %d", p.Key, low, high, quantity).In("quantity")
	}
	return nil
}

// whenAddOn fills in what was left to the rules.
func (p *PlannedChange) whenAddOn(change ItemChange) {
	if p.When == "" {
		p.When = ChangeNow
		if less := change.Price.Key == change.Was.PriceKey && change.Quantity < change.Was.Quantity; change.Drop || less {
			p.When = ChangeAtEnd
		}
	}
	if p.When == ChangeNow && p.Proration == "" {
		p.Proration = ProrateNow
	}
}

// amongScheduled looks at what is scheduled beside a change of an add-on. Who changes something at the period's end says all of it again; and what happens now takes
// the place of all that is scheduled, so that a downgrade, or the end of another add-on, would be forgotten by it.
func (c Catalog) amongScheduled(p *PlannedChange, change ItemChange) error {
	sub := p.Subscription
	if next := c.nextOf(sub); !next.At.IsZero() {
		return Errorf(Conflict, "a change of the plan is scheduled for %s; take it back first (POST …/keep)", next.At.UTC().Format(time.RFC3339))
	}
	if p.When == ChangeAtEnd && change.Item == "" {
		return Errorf(Invalid, "an add-on is bought now").In("when")
	}
	for _, b := range c.boughtAddOns(sub) {
		switch {
		case b.next.At.IsZero() || b.ID == change.Item:
		case p.When == ChangeNow:
			return Errorf(Conflict, "the add-on %q changes when the period ends; take that back first (POST …/keep)", b.addOn.ID)
		default:
			p.AddOns = append(p.AddOns, c.scheduled(b))
		}
	}
	return nil
}

// scheduled is a change of an add-on that is scheduled, as it is asked for.
func (c Catalog) scheduled(b boughtAddOn) ItemChange {
	key := b.next.Price
	if key == "" {
		key = b.PriceKey
	}
	_, price, _ := c.AddOnOfPrice(key)
	return ItemChange{Item: b.ID, Was: b.Item, Price: price, Quantity: b.next.Quantity, Drop: b.next.Price == ""}
}

// PlanItem returns the item of a subscription that is its plan's.
func (c Catalog) PlanItem(sub Subscription) Item {
	item, _, known := c.soldItem(sub)
	if !known && len(sub.Items) > 0 {
		item = sub.Items[0] // from before Dues
	}
	return item
}

// addOnsBeside says what becomes of a subscription's add-ons when its plan's price changes: one that is not sold with the new plan leaves with the old one,
// one that is billed for another period is billed for the new one, or leaves where it is not sold for that. What was to change at the period's
// end changes with it.
func (c Catalog) addOnsBeside(sub Subscription, plan Plan, to Price) []ItemChange {
	var all []ItemChange
	for _, b := range c.boughtAddOns(sub) {
		change := ItemChange{Item: b.ID, Was: b.Item, Quantity: b.Quantity}
		_, change.Price, _ = c.AddOnOfPrice(b.PriceKey)
		if !b.next.At.IsZero() {
			change = c.scheduled(b)
		}
		switch {
		case change.Drop:
		case !b.addOn.goesWith(plan.ID, to):
			change.Drop = true
		case !change.Price.billedWith(to):
			other, sold := b.addOn.priceBeside(to, sub.BilledIn())
			if change.Drop = !sold || other.Kind != change.Price.Kind; !change.Drop {
				change.Price = other
			}
		}
		if change.Drop {
			change.Quantity = 0
		}
		if !change.is(b.PriceKey, b.Quantity) {
			all = append(all, change)
		}
	}
	return all
}
