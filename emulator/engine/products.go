package engine

import (
	"reflect"
	"slices"
)

// ProductParams are the parameters that create and update share.
type ProductParams struct {
	Active              Opt[bool]               `form:"active"`
	Description         Opt[string]             `form:"description"`
	Images              Opt[[]string]           `form:"images"`
	MarketingFeatures   Opt[[]MarketingFeature] `form:"marketing_features"`
	Metadata            Opt[map[string]string]  `form:"metadata"`
	Name                Opt[string]             `form:"name"`
	Shippable           Opt[bool]               `form:"shippable"`
	StatementDescriptor Opt[string]             `form:"statement_descriptor"`
	TaxCode             Opt[string]             `form:"tax_code"`
	UnitLabel           Opt[string]             `form:"unit_label"`
	URL                 Opt[string]             `form:"url"`
}

// MarketingFeature is one line of a product's feature list.
type MarketingFeature struct {
	Name string `form:"name"`
}

// CreateProduct is POST /v1/products.
type CreateProduct struct {
	ID Opt[string] `form:"id"`
	ProductParams
	DefaultPriceData Opt[DefaultPriceData] `form:"default_price_data"`
}

// DefaultPriceData makes the first price of a product together with it.
type DefaultPriceData struct {
	Currency          Opt[string]                         `form:"currency"`
	CurrencyOptions   Opt[map[string]CurrencyOptionParam] `form:"currency_options"`
	CustomUnitAmount  Opt[CustomUnitAmountParam]          `form:"custom_unit_amount"`
	Metadata          Opt[map[string]string]              `form:"metadata"`
	Recurring         Opt[IntervalParam]                  `form:"recurring"`
	TaxBehavior       Opt[string]                         `form:"tax_behavior"`
	UnitAmount        Opt[int64]                          `form:"unit_amount"`
	UnitAmountDecimal Opt[Decimal]                        `form:"unit_amount_decimal"`
}

// IntervalParam is a rhythm: every so many days, weeks, months or years.
type IntervalParam struct {
	Interval      Opt[string] `form:"interval"`
	IntervalCount Opt[int64]  `form:"interval_count"`
}

func (c CreateProduct) apply(t *tx) (Result, error) {
	if c.Name.Or("") == "" {
		return nil, required("name")
	}
	p := &Product{ID: c.ID.Or(""), Created: t.now, Updated: t.now, Active: true}
	if p.ID == "" {
		p.ID = t.short("prod_")
	}
	if err := ownID(p.ID); err != nil {
		return nil, err
	}
	if _, taken := Get[Product](t.world, p.ID); taken {
		return nil, invalid("id", "resource_already_exists", "Product already exists.")
	}
	if err := c.check(); err != nil {
		return nil, err
	}
	c.fill(p)
	create(t, "product.created", p)
	data, ok := c.DefaultPriceData.Get()
	if !ok {
		return p, nil
	}
	price, err := t.newPrice(data.priceParams(p.ID), "default_price_data")
	if err != nil {
		return nil, err
	}
	t.storePrice(price)
	next := *p
	next.DefaultPrice = price.ID
	return update(t, "product.updated", p, &next), nil
}

func (d DefaultPriceData) priceParams(product string) CreatePrice {
	c := CreatePrice{
		Currency: d.Currency, CurrencyOptions: d.CurrencyOptions, CustomUnitAmount: d.CustomUnitAmount, Metadata: d.Metadata,
		TaxBehavior: d.TaxBehavior, UnitAmount: d.UnitAmount, UnitAmountDecimal: d.UnitAmountDecimal, Product: Some(product),
	}
	if r, ok := d.Recurring.Get(); ok {
		c.Recurring = Some(RecurringParam{Interval: r.Interval, IntervalCount: r.IntervalCount})
	}
	return c
}

// How many pictures a product can have, and how many features in its marketing.
const (
	productImagesMax     = 8
	marketingFeaturesMax = 15
)

func (c ProductParams) check() error {
	if len(c.Images.Or(nil)) > productImagesMax {
		return invalid("images", "", "Array images has a maximum of %d elements.", productImagesMax)
	}
	if len(c.MarketingFeatures.Or(nil)) > marketingFeaturesMax {
		return invalid("marketing_features", "", "Array marketing_features has a maximum of %d elements.", marketingFeaturesMax)
	}
	return nil
}

// fill writes the given parameters into a product that is not stored yet.
func (c ProductParams) fill(p *Product) {
	p.Active = c.Active.Or(p.Active)
	p.Name = c.Name.Or(p.Name)
	c.Description.Set(&p.Description)
	c.Images.Set(&p.Images)
	if features, ok := c.MarketingFeatures.Get(); ok || c.MarketingFeatures.Cleared() {
		p.MarketingFeatures = nil
		for _, f := range features {
			p.MarketingFeatures = append(p.MarketingFeatures, f.Name)
		}
	}
	if shippable, ok := c.Shippable.Get(); ok {
		p.Shippable = &shippable
	}
	c.StatementDescriptor.Set(&p.StatementDescriptor)
	c.TaxCode.Set(&p.TaxCode)
	c.UnitLabel.Set(&p.UnitLabel)
	c.URL.Set(&p.URL)
	p.Metadata = mergeMetadata(p.Metadata, c.Metadata)
}

// UpdateProduct is POST /v1/products/{id}.
type UpdateProduct struct {
	ID string `form:"-"`
	ProductParams
	DefaultPrice Opt[string] `form:"default_price"`
}

func (c UpdateProduct) apply(t *tx) (Result, error) {
	before, ok := Get[Product](t.world, c.ID)
	if !ok {
		return nil, NotFound("product", c.ID, "id")
	}
	if err := c.check(); err != nil {
		return nil, err
	}
	p := *before
	c.fill(&p)
	if id, given := c.DefaultPrice.Get(); given {
		price, found := Get[Price](t.world, id)
		if !found {
			return nil, noSuchParam("price", id, "default_price")
		}
		if price.Product != p.ID {
			return nil, invalid("default_price", "", "The price specified must belong to the product %s.", p.ID)
		}
		if !price.Active {
			return nil, invalid("default_price", "", "The price specified is inactive. This field only accepts active prices.")
		}
	}
	c.DefaultPrice.Set(&p.DefaultPrice)
	return t.updateProduct(before, &p), nil
}

// updateProduct stores a changed product with the time of its change.
func (t *tx) updateProduct(before, after *Product) *Product {
	if !reflect.DeepEqual(before, after) {
		after.Updated = t.now
	}
	return update(t, "product.updated", before, after)
}

// DeleteProduct is DELETE /v1/products/{id}. A product with prices, active or not, stays.
type DeleteProduct struct {
	ID string `form:"-"`
}

func (c DeleteProduct) apply(t *tx) (Result, error) {
	p, ok := Get[Product](t.world, c.ID)
	if !ok {
		return nil, NotFound("product", c.ID, "id")
	}
	for _, price := range t.world.tables.prices.all("product", c.ID) {
		if !price.Deleted {
			return nil, invalid("", "", "This product cannot be deleted because it has one or more user-created prices.")
		}
	}
	t.world.tables.products.remove(t, c.ID)
	t.emit("product.deleted", p)
	return &Deleted{ID: c.ID, Object: "product"}, nil
}

// ListProducts is GET /v1/products.
type ListProducts struct {
	Page
	Active    Opt[bool]     `form:"active"`
	Created   Range         `form:"created"`
	IDs       Opt[[]string] `form:"ids"`
	Shippable Opt[bool]     `form:"shippable"`
	URL       Opt[string]   `form:"url"`
}

func (q ListProducts) run(w *World) (*Listing, error) {
	ids, byID := q.IDs.Get()
	return list(w, q.Page, selection[Product]{cursorName: "product", keep: func(p *Product) bool {
		shippable := p.Shippable != nil && *p.Shippable
		return q.Active.Or(p.Active) == p.Active && q.Created.holds(p.Created) && (!byID || slices.Contains(ids, p.ID)) &&
			q.Shippable.Or(shippable) == shippable && q.URL.Or(p.URL) == p.URL && !p.Inline
	}})
}

var _ = register(CreateProduct{}, UpdateProduct{}, DeleteProduct{})
