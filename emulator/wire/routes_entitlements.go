package wire

import "github.com/dues-billing/dues/emulator/engine"

var entitlementRoutes = []*route{
	post("/v1/entitlements/features", "CreateFeature"),
	list("/v1/entitlements/features", engine.ListFeatures{}),
	retrieve[engine.Feature]("/v1/entitlements/features/{id}", "feature", "id"),
	post("/v1/entitlements/features/{id}", "UpdateFeature"),

	post("/v1/products/{product}/features", "AttachFeature"),
	list("/v1/products/{product}/features", engine.ListProductFeatures{}),
	read("/v1/products/{product}/features/{id}", productFeature),
	remove("/v1/products/{product}/features/{id}", "DetachFeature"),

	list("/v1/entitlements/active_entitlements", engine.ListActiveEntitlements{}),
	retrieve[engine.ActiveEntitlement]("/v1/entitlements/active_entitlements/{id}", "active entitlement", "id"),
}

// productFeature hides a feature of another product.
func productFeature(w *engine.World, ids []string) (any, error) {
	if f, ok := engine.Get[engine.ProductFeature](w, ids[1]); ok && f.Product == ids[0] {
		return f, nil
	}
	return nil, engine.NotFound("product feature", ids[1], "id")
}

func (v *view) feature(f *engine.Feature) object {
	return object{
		"id": f.ID, "object": "entitlements.feature", "active": !f.Archived, "livemode": false, "lookup_key": f.LookupKey,
		"metadata": metadata(f.Metadata), "name": f.Name,
	}
}

func (v *view) productFeature(f *engine.ProductFeature) object {
	o := object{"id": f.ID, "object": "product_feature", "entitlement_feature": nil, "livemode": false}
	if feature, ok := engine.Get[engine.Feature](v.world, f.Feature); ok {
		o["entitlement_feature"] = v.feature(feature)
	}
	return o
}

func (v *view) entitlement(e *engine.ActiveEntitlement) object {
	return object{
		"id": e.ID, "object": "entitlements.active_entitlement", "feature": e.Feature, "livemode": false, "lookup_key": e.LookupKey,
	}
}

// entitlementsShown is how many entitlements the list inside an event shows.
const entitlementsShown = 10

// entitlementSummary is only in events.
func (v *view) entitlementSummary(s *engine.EntitlementSummary) object {
	data := []any{}
	for _, e := range s.Entitlements[:min(len(s.Entitlements), entitlementsShown)] {
		data = append(data, v.entitlement(e))
	}
	return object{
		"object": "entitlements.active_entitlement_summary", "customer": s.Customer, "livemode": false,
		"entitlements": object{
			"object": "list", "data": data, "has_more": len(s.Entitlements) > entitlementsShown, "url": "/v1/customer/" + s.Customer + "/entitlements",
		},
	}
}
