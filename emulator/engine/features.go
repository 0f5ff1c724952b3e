package engine

// CreateFeature is POST /v1/entitlements/features.
type CreateFeature struct {
	LookupKey Opt[string]            `form:"lookup_key"`
	Metadata  Opt[map[string]string] `form:"metadata"`
	Name      Opt[string]            `form:"name"`
}

func (c CreateFeature) apply(t *tx) (Result, error) {
	switch {
	case c.LookupKey.Or("") == "":
		return nil, required("lookup_key")
	case c.Name.Or("") == "":
		return nil, required("name")
	}
	f := &Feature{ID: t.short("feat_test_"), Name: c.Name.Or(""), LookupKey: c.LookupKey.Or(""), Metadata: mergeMetadata(nil, c.Metadata)}
	for _, other := range t.world.tables.features.all("lookup_key", f.LookupKey) {
		if !other.Archived { // the key of an archived feature is free again
			return nil, invalid("lookup_key", "resource_already_exists", "A feature with the lookup key `%s` already exists.", f.LookupKey)
		}
	}
	put(t, f)
	return f, nil
}

// UpdateFeature is POST /v1/entitlements/features/{id}.
type UpdateFeature struct {
	ID       string                 `form:"-"`
	Active   Opt[bool]              `form:"active"`
	Metadata Opt[map[string]string] `form:"metadata"`
	Name     Opt[string]            `form:"name"`
}

func (c UpdateFeature) apply(t *tx) (Result, error) {
	before, ok := Get[Feature](t.world, c.ID)
	if !ok {
		return nil, NotFound("feature", c.ID, "id")
	}
	f := *before
	if active, given := c.Active.Get(); given {
		if active && before.Archived {
			return nil, invalid("active", "", "An archived feature cannot be made active again.")
		}
		f.Archived = !active
	}
	f.Name = c.Name.Or(f.Name)
	f.Metadata = mergeMetadata(f.Metadata, c.Metadata)
	put(t, &f)
	return &f, nil
}

// ListFeatures is GET /v1/entitlements/features.
type ListFeatures struct {
	Page
	Archived  Opt[bool]   `form:"archived"`
	LookupKey Opt[string] `form:"lookup_key"`
}

func (q ListFeatures) run(w *World) (*Listing, error) {
	return list(w, q.Page, selection[Feature]{cursorName: "feature", keep: func(f *Feature) bool {
		return f.Archived == q.Archived.Or(false) && q.LookupKey.Or(f.LookupKey) == f.LookupKey
	}})
}

// AttachFeature is POST /v1/products/{id}/features.
type AttachFeature struct {
	Product string      `form:"-"`
	Feature Opt[string] `form:"entitlement_feature"`
}

func (c AttachFeature) apply(t *tx) (Result, error) {
	if _, ok := Get[Product](t.world, c.Product); !ok {
		return nil, NotFound("product", c.Product, "product")
	}
	id := c.Feature.Or("")
	feature, ok := Get[Feature](t.world, id)
	if !ok {
		return nil, noSuchParam("feature", id, "entitlement_feature")
	}
	if feature.Archived {
		return nil, invalid("entitlement_feature", "", "The feature `%s` is archived and cannot be attached to products.", id)
	}
	for _, f := range t.world.tables.productFeatures.all("product", c.Product) {
		if f.Feature == id {
			return nil, invalid("entitlement_feature", "resource_already_exists", "The feature `%s` is already attached to this product.", id)
		}
	}
	f := &ProductFeature{ID: t.short("prodft_test_"), Product: c.Product, Feature: id}
	put(t, f)
	return f, nil
}

// DetachFeature is DELETE /v1/products/{id}/features/{id}. Customers keep the feature until their period ends.
type DetachFeature struct {
	Product string `form:"-"`
	ID      string `form:"-"`
}

func (c DetachFeature) apply(t *tx) (Result, error) {
	f, ok := Get[ProductFeature](t.world, c.ID)
	if !ok || f.Product != c.Product {
		return nil, NotFound("product feature", c.ID, "id")
	}
	t.world.tables.productFeatures.remove(t, c.ID)
	return &Deleted{ID: c.ID, Object: "product_feature"}, nil
}

// ListProductFeatures is GET /v1/products/{id}/features.
type ListProductFeatures struct {
	Page
	Product string `form:"-"`
}

func (q ListProductFeatures) run(w *World) (*Listing, error) {
	if _, ok := Get[Product](w, q.Product); !ok {
		return nil, NotFound("product", q.Product, "product")
	}
	return list(w, q.Page, selection[ProductFeature]{index: "product", value: q.Product, cursorName: "product feature"})
}

var _ = register(CreateFeature{}, UpdateFeature{}, AttachFeature{}, DetachFeature{})
