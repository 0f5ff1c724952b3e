package engine

import (
	"fmt"
	"slices"
)

// The portal's feature subscription_update: its configuration, its flows, and what its page does.

// portalProductsMax is how many products a portal may offer.
const portalProductsMax = 10

// PortalUpdateParams are features[subscription_update].
type PortalUpdateParams struct {
	Enabled               Opt[bool]            `form:"enabled"`
	BillingCycleAnchor    Opt[string]          `form:"billing_cycle_anchor"`
	DefaultAllowedUpdates Opt[[]string]        `form:"default_allowed_updates"`
	Products              Opt[[]PortalProduct] `form:"products"`
	ProrationBehavior     Opt[string]          `form:"proration_behavior"`
	TrialUpdateBehavior   Opt[string]          `form:"trial_update_behavior"`
}

// fill writes the parameters into the feature. One that is on must say what can be changed, and into what.
func (p PortalUpdateParams) fill(t *tx, f *PortalUpdateFeature) error {
	const name = "features[subscription_update]"
	f.Enabled = p.Enabled.Or(f.Enabled)
	f.BillingCycleAnchor = p.BillingCycleAnchor.Or(f.BillingCycleAnchor)
	f.ProrationBehavior = p.ProrationBehavior.Or(f.ProrationBehavior)
	f.TrialUpdateBehavior = p.TrialUpdateBehavior.Or(f.TrialUpdateBehavior)
	p.DefaultAllowedUpdates.Set(&f.DefaultAllowedUpdates)
	p.Products.Set(&f.Products)
	if slices.Contains(f.DefaultAllowedUpdates, "promotion_code") {
		return unsupported(name+"[default_allowed_updates]", "promotion_code")
	}
	if len(f.Products) > portalProductsMax {
		return invalid(name+"[products]", "", "You can specify at most %d products.", portalProductsMax)
	}
	for i, offer := range f.Products {
		if err := offer.check(t, fmt.Sprintf("%s[products][%d]", name, i)); err != nil {
			return err
		}
	}
	switch {
	case !f.Enabled:
	case len(f.DefaultAllowedUpdates) == 0:
		return required(name + "[default_allowed_updates]")
	case len(f.Products) == 0:
		return required(name + "[products]")
	}
	return nil
}

// check refuses a price that is not the product's, or that no subscription can have.
func (p PortalProduct) check(t *tx, param string) error {
	if _, ok := Get[Product](t.world, p.Product); !ok {
		return noSuchParam("product", p.Product, param+"[product]")
	}
	for i, id := range p.Prices {
		at := fmt.Sprintf("%s[prices][%d]", param, i)
		price, ok := Get[Price](t.world, id)
		switch {
		case !ok || price.Deleted:
			return noSuchParam("price", id, at)
		case price.Product != p.Product:
			return invalid(at, "", "The price %s does not belong to the product %s.", id, p.Product)
		case price.Recurring == nil:
			return invalid(at, "", "The price %s is not recurring.", id)
		}
	}
	if least, most := p.Adjustable.Minimum.Or(1), p.Adjustable.Maximum; least < 0 || most.Given() && most.Or(0) < least {
		return invalid(param+"[adjustable_quantity]", "", "The minimum must not be above the maximum.")
	}
	return nil
}

// PortalAdjustable says whether customers choose the quantity, and within which bounds.
type PortalAdjustable struct {
	Enabled bool       `form:"enabled"`
	Minimum Opt[int64] `form:"minimum"`
	Maximum Opt[int64] `form:"maximum"`
}

// PortalChange is what a customer of the portal wants of a subscription: another price, another quantity, or both.
type PortalChange struct {
	Price    string
	Quantity int64
}

// PortalOffers are the prices that the customer of a subscription may switch to, in the order of the configuration: those of its currency
// that are on sale. It has none when the subscription cannot be changed in the portal.
func (w *World) PortalOffers(f PortalFeatures, sub *Subscription) []*Price {
	if !f.SubscriptionUpdate.changeable(sub) || !slices.Contains(f.SubscriptionUpdate.DefaultAllowedUpdates, "price") {
		return nil
	}
	var offers []*Price
	for _, product := range f.SubscriptionUpdate.Products {
		for _, id := range product.Prices {
			if price, ok := Get[Price](w, id); ok && price.Active && !price.Deleted && price.Currency == sub.Currency && price.Recurring.UsageType == Licensed {
				offers = append(offers, price)
			}
		}
	}
	return offers
}

// changeable says whether the portal offers a change at all: of running subscriptions with one item that is counted, and that no schedule manages.
func (f PortalUpdateFeature) changeable(sub *Subscription) bool {
	return f.Enabled && len(sub.Items) == 1 && sub.Items[0].Quantity != nil && (sub.Status == SubActive || sub.Status == SubTrialing) &&
		sub.CancelAt == 0 && !sub.CancelAtPeriodEnd && sub.Schedule == ""
}

// PortalQuantity are the bounds of the quantity of a product in the portal, most 0 for none. They are equal when it cannot be chosen.
func (f PortalUpdateFeature) PortalQuantity(product string, now int64) (least, most int64) {
	for _, p := range f.Products {
		if p.Product == product && p.Adjustable.Enabled && slices.Contains(f.DefaultAllowedUpdates, "quantity") {
			return p.Adjustable.Minimum.Or(1), p.Adjustable.Maximum.Or(0)
		}
	}
	return now, now
}

// change is the update that a wish of the portal stands for.
func (c PortalChange) change(t *tx, f PortalUpdateFeature, sub *Subscription) (SubscriptionChange, error) {
	if !f.changeable(sub) {
		return SubscriptionChange{}, featureOff("subscription_update")
	}
	item := sub.Items[0]
	price := must[Price](t, item.Price)
	if c.Price != "" && c.Price != item.Price {
		offers := t.world.PortalOffers(PortalFeatures{SubscriptionUpdate: f}, sub)
		at := slices.IndexFunc(offers, func(p *Price) bool { return p.ID == c.Price })
		if at < 0 {
			return SubscriptionChange{}, noSuchParam("price", c.Price, "price")
		}
		price = offers[at]
	}
	quantity := c.Quantity
	if quantity == 0 {
		quantity = *item.Quantity
	}
	least, most := f.PortalQuantity(price.Product, *item.Quantity)
	if quantity < least || most > 0 && quantity > most {
		return SubscriptionChange{}, invalid("quantity", "", "The quantity must be between %d and %d.", least, most)
	}
	out := SubscriptionChange{ProrationBehavior: Some(f.ProrationBehavior)}
	one := ItemChange{ID: Some(item.ID)}
	one.Price, one.Quantity = Some(price.ID), Some(quantity)
	out.Items = Some([]ItemChange{one})
	if f.BillingCycleAnchor == "now" {
		out.BillingCycleAnchor = Some(AnchorParams{"now"})
	}
	if sub.Status == SubTrialing && f.TrialUpdateBehavior == "end_trial" {
		out.TrialEnd = Some(Now)
	}
	return out, nil
}

// PortalUpdate switches a subscription to another price or quantity. What cannot be paid does not happen.
type PortalUpdate struct {
	Session      string `form:"-"`
	Subscription string `form:"subscription"`
	Price        string `form:"price"`
	Quantity     int64  `form:"quantity"`
}

func (c PortalUpdate) apply(t *tx) (Result, error) {
	sub, features, err := t.portalSubscription(c.Session, c.Subscription)
	if err != nil {
		return nil, err
	}
	change, err := PortalChange{c.Price, c.Quantity}.change(t, features.SubscriptionUpdate, sub)
	if err != nil {
		return nil, err
	}
	return UpdateSubscription{ID: sub.ID, SubscriptionChange: change, PaymentBehavior: Some(ErrorIfIncomplete), OffSession: Some(false)}.apply(t)
}

// PortalPreview is what PortalUpdate would bill, for the page that asks to confirm it.
type PortalPreview struct {
	Session      string `form:"-"`
	Subscription string `form:"subscription"`
	Price        string `form:"price"`
	Quantity     int64  `form:"quantity"`
}

func (c PortalPreview) apply(t *tx) (Result, error) {
	sub, features, err := t.portalSubscription(c.Session, c.Subscription)
	if err != nil {
		return nil, err
	}
	change, err := PortalChange{c.Price, c.Quantity}.change(t, features.SubscriptionUpdate, sub)
	if err != nil {
		return nil, err
	}
	return CreatePreview{Subscription: Some(sub.ID), SubscriptionDetails: Some(PreviewSubscriptionParams{SubscriptionChange: change})}.apply(t)
}

// PortalConfirmParam is flow_data[subscription_update_confirm].
type PortalConfirmParam struct {
	Subscription Opt[string]            `form:"subscription"`
	Items        Opt[[]PortalItemParam] `form:"items"`
}

// PortalItemParam is the one item that such a flow changes.
type PortalItemParam struct {
	ID       string     `form:"id"`
	Price    string     `form:"price"`
	Quantity Opt[int64] `form:"quantity"`
}

// update takes the subscription of a flow that changes one.
func (flow *PortalFlow) update(t *tx, cus *Customer, f PortalFeatures, subscription Opt[string]) error {
	param := "flow_data[" + flow.Type + "][subscription]"
	if !f.SubscriptionUpdate.Enabled {
		return flowOff(flow.Type)
	}
	id, ok := subscription.Get()
	if !ok {
		return required(param)
	}
	sub, found := Get[Subscription](t.world, id)
	if !found || sub.Customer != cus.ID {
		return noSuchParam("subscription", id, param)
	}
	if !f.SubscriptionUpdate.changeable(sub) {
		return invalid(param, "", "The subscription %s cannot be updated in the portal.", id)
	}
	flow.Subscription = id
	return nil
}

// confirm takes the change of a flow that only asks to confirm it.
func (flow *PortalFlow) confirm(t *tx, f PortalFeatures, p PortalConfirmParam) error {
	const param = "flow_data[subscription_update_confirm][items]"
	items, _ := p.Items.Get()
	if len(items) != 1 {
		return invalid(param, "", "Exactly one item must be given, got %d.", len(items))
	}
	sub := must[Subscription](t, flow.Subscription)
	if items[0].ID != sub.Items[0].ID {
		return noSuchParam("subscription item", items[0].ID, param+"[0][id]")
	}
	flow.Item, flow.Change = items[0].ID, PortalChange{items[0].Price, items[0].Quantity.Or(0)}
	_, err := flow.Change.change(t, f.SubscriptionUpdate, sub)
	return err
}

var _ = register(PortalUpdate{}, PortalPreview{})
