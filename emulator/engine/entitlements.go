package engine

import "slices"

// regrant notes what a subscription grants: the features of its products as they were when the period began, or when the product came into
// the subscription. A feature that is attached to a product later reaches its subscriptions with their next period.
func (t *tx) regrant(before, after *Subscription) {
	renewed := before == nil || len(before.Items) == 0 || len(after.Items) == 0 ||
		before.Items[0].CurrentPeriodStart != after.Items[0].CurrentPeriodStart
	var granted []Granted
	seen := map[string]bool{}
	for _, item := range after.Items {
		product := must[Price](t, item.Price).Product
		if seen[product] {
			continue
		}
		seen[product] = true
		if !renewed && before.sells(t, product) {
			for _, g := range before.Granted {
				if g.Product == product {
					granted = append(granted, g)
				}
			}
			continue
		}
		for _, f := range t.world.tables.productFeatures.all("product", product) {
			granted = append(granted, Granted{product, f.Feature})
		}
	}
	after.Granted = granted
	if before == nil || t.entitled(before) != t.entitled(after) || !slices.Equal(before.Granted, after.Granted) {
		t.entitle(after.Customer)
	}
}

// sells says whether one of the items is of the product.
func (s *Subscription) sells(t *tx, product string) bool {
	return slices.ContainsFunc(s.Items, func(i *SubscriptionItem) bool { return must[Price](t, i.Price).Product == product })
}

func (t *tx) entitled(s *Subscription) bool { return t.decided().entitles(s.Status) }

// entitle lets the end of the transaction look at what a customer may use: only then are all their subscriptions what they will be.
func (t *tx) entitle(customer string) {
	if !slices.Contains(t.entitling, customer) {
		t.entitling = append(t.entitling, customer)
	}
}

// settleEntitlements makes the entitlements of the customers that a transaction has touched follow from their subscriptions. Stripe tells
// of it by itself: the event names no request.
func (t *tx) settleEntitlements() {
	if len(t.entitling) == 0 {
		return
	}
	req := t.req
	t.req = &ownDoing
	for _, customer := range t.entitling {
		t.settleCustomer(customer)
	}
	t.req, t.entitling = req, nil
}

func (t *tx) settleCustomer(customer string) {
	var want []string
	for _, s := range t.world.tables.subscriptions.all("customer", customer) {
		if !t.entitled(s) {
			continue
		}
		for _, g := range s.Granted {
			if !slices.Contains(want, g.Feature) {
				want = append(want, g.Feature)
			}
		}
	}
	before := &EntitlementSummary{customer, t.world.tables.entitlements.all("customer", customer)}
	changed := false
	for _, e := range before.Entitlements {
		if i := slices.Index(want, e.Feature); i >= 0 {
			want = slices.Delete(want, i, i+1)
			continue
		}
		t.world.tables.entitlements.remove(t, e.ID)
		changed = true
	}
	for _, feature := range want {
		put(t, &ActiveEntitlement{
			ID: t.short("ent_test_"), Customer: customer, Feature: feature, LookupKey: must[Feature](t, feature).LookupKey,
		})
		changed = true
	}
	if c, ok := Get[Customer](t.world, customer); changed && ok && !c.Deleted {
		after := &EntitlementSummary{customer, t.world.tables.entitlements.all("customer", customer)}
		t.emitChange("entitlements.active_entitlement_summary.updated", before, after)
	}
}

// ListActiveEntitlements is GET /v1/entitlements/active_entitlements.
type ListActiveEntitlements struct {
	Page
	Customer Opt[string] `form:"customer"`
}

func (q ListActiveEntitlements) run(w *World) (*Listing, error) {
	customer := q.Customer.Or("")
	if c, ok := Get[Customer](w, customer); !ok || c.Deleted {
		return nil, noSuchParam("customer", customer, "customer")
	}
	return list(w, q.Page, selection[ActiveEntitlement]{index: "customer", value: customer, cursorName: "active entitlement"})
}
