package billing

import (
	"cmp"
	"errors"
	"slices"

	"github.com/dues-billing/dues/money"
)

// WithPlanMax is how many add-ons can be bought together with a plan: a page of Stripe's has at most 20 things that recur (checkout.session.line_items).
const WithPlanMax = 19

// AddOnsWithPlan says what becomes of the add-ons of a subscription, zero for one that is not there yet, when it is put on a price of a plan and add-ons are
// bought with it. Its errors name the field addons.
func (c Catalog) AddOnsWithPlan(sub Subscription, plan Plan, to Price, currency money.Currency, wishes []AddOnWish) ([]ItemChange, error) {
	if len(wishes) > WithPlanMax {
		return nil, Errorf(Invalid, "at most %d add-ons are bought together with a plan", WithPlanMax).In("addons")
	}
	all := c.addOnsBeside(sub, plan, to)
	var asked []AddOnID
	held := c.boughtAddOns(sub)
	for _, wish := range wishes {
		addOn, change, err := c.boughtWith(held, plan, to, currency, wish)
		if err == nil && slices.Contains(asked, addOn.ID) {
			err = Errorf(Invalid, "the add-on %q is asked for twice", addOn.ID)
		}
		if err != nil {
			var known *Error
			if errors.As(err, &known) {
				err = known.In("addons")
			}
			return nil, err
		}
		asked = append(asked, addOn.ID)
		all = slices.DeleteFunc(all, func(other ItemChange) bool { return change.Item != "" && other.Item == change.Item })
		if !change.is(change.Was.PriceKey, change.Was.Quantity) {
			all = append(all, change)
		}
	}
	return all, nil
}

func (c Catalog) boughtWith(held []boughtAddOn, plan Plan, to Price, currency money.Currency, wish AddOnWish) (AddOn, ItemChange, error) {
	addOn, price, found := c.AddOnOfPrice(wish.PriceKey)
	change := ItemChange{Price: price}
	if at := slices.IndexFunc(held, func(b boughtAddOn) bool { return b.addOn.ID == addOn.ID }); found && at >= 0 {
		change.Item, change.Was = held[at].ID, held[at].Item
	}
	if change.Quantity = cmp.Or(wish.Quantity, price.FirstQuantity()); wish.Quantity == 0 && price.Kind == PerSeat {
		change.Quantity = max(change.Quantity, change.Was.Quantity)
	}
	switch {
	case !found:
		return addOn, change, Errorf(Invalid, "the catalogue has no price %q of an add-on", wish.PriceKey)
	case price.Archived || addOn.Archived:
		return addOn, change, Errorf(Invalid, "the price %q is not sold any more", price.Key)
	case wish.Drop:
		return addOn, change, Errorf(Invalid, "nothing is dropped together with a purchase")
	}
	if err := addOn.CheckBeside(plan, to, price, currency); err != nil {
		return addOn, change, err
	}
	return addOn, change, price.CheckQuantity(change.Quantity)
}

// Has reports whether a subscription has what was to be bought together with its plan: as many seats and as much of the add-ons, 0 for any.
func (c Catalog) Has(sub Subscription, seats int64, wishes []AddOnWish) bool {
	if item, _, sold := c.soldItem(sub); seats != 0 && (!sold || item.Quantity != seats) {
		return false
	}
	for _, wish := range wishes {
		if !slices.ContainsFunc(sub.Items, func(i Item) bool {
			return i.PriceKey == wish.PriceKey && (wish.Quantity == 0 || wish.Quantity == i.Quantity)
		}) {
			return false
		}
	}
	return true
}
