package engine

// entitlementTables hold what customers may use.
type entitlementTables struct {
	features        *table[Feature]
	productFeatures *table[ProductFeature]
	entitlements    *table[ActiveEntitlement]
}

func (ts *entitlementTables) open() []anyTable {
	ts.features = newTable("feature", func(o *Feature) string { return o.ID }).
		by("lookup_key", func(o *Feature) string { return o.LookupKey })
	ts.productFeatures = newTable("product_feature", func(o *ProductFeature) string { return o.ID }).
		by("product", func(o *ProductFeature) string { return o.Product })
	ts.entitlements = newTable("active_entitlement", func(o *ActiveEntitlement) string { return o.ID }).
		by("customer", func(o *ActiveEntitlement) string { return o.Customer })
	return []anyTable{ts.features, ts.productFeatures, ts.entitlements}
}

// Feature is something that a product lets its buyers do.
type Feature struct {
	ID        string
	Name      string
	LookupKey string
	Archived  bool
	Metadata  map[string]string
}

// ProductFeature attaches a feature to a product.
type ProductFeature struct {
	ID      string
	Product string
	Feature string
}

// ActiveEntitlement is a feature that a customer may use now, however many of their subscriptions grant it.
type ActiveEntitlement struct {
	ID        string
	Customer  string
	Feature   string
	LookupKey string
}

// EntitlementSummary is all that a customer may use: the object of the event that says so.
type EntitlementSummary struct {
	Customer     string
	Entitlements []*ActiveEntitlement
}

// Granted is a feature that a subscription grants by one of its products.
type Granted struct {
	Product string
	Feature string
}
