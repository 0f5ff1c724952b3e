package engine

import (
	"fmt"
	"slices"
)

// CreatePrice is POST /v1/prices.
type CreatePrice struct {
	Active            Opt[bool]                           `form:"active"`
	BillingScheme     Opt[string]                         `form:"billing_scheme"`
	Currency          Opt[string]                         `form:"currency"`
	CurrencyOptions   Opt[map[string]CurrencyOptionParam] `form:"currency_options"`
	CustomUnitAmount  Opt[CustomUnitAmountParam]          `form:"custom_unit_amount"`
	LookupKey         Opt[string]                         `form:"lookup_key"`
	Metadata          Opt[map[string]string]              `form:"metadata"`
	Nickname          Opt[string]                         `form:"nickname"`
	Product           Opt[string]                         `form:"product"`
	ProductData       Opt[ProductData]                    `form:"product_data"`
	Recurring         Opt[RecurringParam]                 `form:"recurring"`
	TaxBehavior       Opt[string]                         `form:"tax_behavior"`
	Tiers             Opt[[]TierParam]                    `form:"tiers"`
	TiersMode         Opt[string]                         `form:"tiers_mode"`
	TransferLookupKey Opt[bool]                           `form:"transfer_lookup_key"`
	TransformQuantity Opt[TransformQuantity]              `form:"transform_quantity"`
	UnitAmount        Opt[int64]                          `form:"unit_amount"`
	UnitAmountDecimal Opt[Decimal]                        `form:"unit_amount_decimal"`
}

// ProductData makes a product together with a price or plan.
type ProductData struct {
	Active              Opt[bool]              `form:"active"`
	Description         Opt[string]            `form:"description"`
	ID                  Opt[string]            `form:"id"`
	Images              Opt[[]string]          `form:"images"`
	Metadata            Opt[map[string]string] `form:"metadata"`
	Name                Opt[string]            `form:"name"`
	StatementDescriptor Opt[string]            `form:"statement_descriptor"`
	TaxCode             Opt[string]            `form:"tax_code"`
	UnitLabel           Opt[string]            `form:"unit_label"`
}

// RecurringParam is the rhythm of a new price.
type RecurringParam struct {
	AggregateUsage  Opt[string] `form:"aggregate_usage"`
	Interval        Opt[string] `form:"interval"`
	IntervalCount   Opt[int64]  `form:"interval_count"`
	Meter           Opt[string] `form:"meter"`
	TrialPeriodDays Opt[int64]  `form:"trial_period_days"`
	UsageType       Opt[string] `form:"usage_type"`
}

// TierParam is one step of a new tiered price; up_to is a number or "inf".
type TierParam struct {
	UpTo              Opt[UpTo]    `form:"up_to"`
	FlatAmount        Opt[int64]   `form:"flat_amount"`
	FlatAmountDecimal Opt[Decimal] `form:"flat_amount_decimal"`
	UnitAmount        Opt[int64]   `form:"unit_amount"`
	UnitAmountDecimal Opt[Decimal] `form:"unit_amount_decimal"`
}

// CustomUnitAmountParam lets the payer choose the amount.
type CustomUnitAmountParam struct {
	Enabled Opt[bool]  `form:"enabled"`
	Maximum Opt[int64] `form:"maximum"`
	Minimum Opt[int64] `form:"minimum"`
	Preset  Opt[int64] `form:"preset"`
}

// CurrencyOptionParam is the price in one further currency.
type CurrencyOptionParam struct {
	CustomUnitAmount  Opt[CustomUnitAmountParam] `form:"custom_unit_amount"`
	TaxBehavior       Opt[string]                `form:"tax_behavior"`
	Tiers             Opt[[]TierParam]           `form:"tiers"`
	UnitAmount        Opt[int64]                 `form:"unit_amount"`
	UnitAmountDecimal Opt[Decimal]               `form:"unit_amount_decimal"`
}

func (c CreatePrice) apply(t *tx) (Result, error) {
	if c.Product.Given() == c.ProductData.Given() {
		if c.Product.Given() {
			return nil, invalid("", "parameters_exclusive", "You may only specify one of these parameters: product, product_data.")
		}
		return nil, required("product")
	}
	if data, ok := c.ProductData.Get(); ok {
		product, err := CreateProduct{ID: data.ID, ProductParams: data.params()}.apply(t)
		if err != nil {
			return nil, inside(err, "product_data")
		}
		c.Product = Some(product.(*Product).ID)
	}
	p, err := t.newPrice(c, "")
	if err != nil {
		return nil, err
	}
	if err := t.takeLookupKey(p.LookupKey, c.TransferLookupKey.Or(false)); err != nil {
		return nil, err
	}
	t.storePrice(p)
	return p, nil
}

func (d ProductData) params() ProductParams {
	return ProductParams{
		Active: d.Active, Description: d.Description, Images: d.Images, Metadata: d.Metadata, Name: d.Name,
		StatementDescriptor: d.StatementDescriptor, TaxCode: d.TaxCode, UnitLabel: d.UnitLabel,
	}
}

// storePrice stores a new price, with the plan's event beside the price's when it is recurring.
func (t *tx) storePrice(p *Price) {
	if p.Recurring != nil {
		t.emit("plan.created", &Plan{p})
	}
	create(t, "price.created", p)
}

// updatePrice stores the next state of a price, in both of its views.
func (t *tx) updatePrice(before, after *Price) *Price {
	if p := update(t, "price.updated", before, after); p == before {
		return p
	}
	if after.Recurring != nil {
		t.emitChange("plan.updated", &Plan{before}, &Plan{after})
	}
	return after
}

// newPrice checks the parameters of a price and makes it, without storing it. Errors name parameters inside prefix.
func (t *tx) newPrice(c CreatePrice, prefix string) (*Price, error) {
	currency, err := currencyParam(c.Currency, nested(prefix, "currency"))
	if err != nil {
		return nil, err
	}
	product, ok := Get[Product](t.world, c.Product.Or(""))
	if !ok {
		return nil, noSuchParam("product", c.Product.Or(""), nested(prefix, "product"))
	}
	p := &Price{
		ID: t.long("price_"), Created: t.now, Active: c.Active.Or(true), BillingScheme: c.BillingScheme.Or(PerUnit), Currency: currency,
		LookupKey: c.LookupKey.Or(""), Nickname: c.Nickname.Or(""), Product: product.ID, TaxBehavior: c.TaxBehavior.Or("unspecified"),
		TiersMode: c.TiersMode.Or(""), Metadata: mergeMetadata(nil, c.Metadata),
	}
	if p.Recurring, err = recurring(c.Recurring, nested(prefix, "recurring")); err != nil {
		return nil, err
	}
	if err := t.checkMeter(p.Recurring, nested(prefix, "recurring")); err != nil {
		return nil, err
	}
	if err := p.setAmounts(c, prefix); err != nil {
		return nil, err
	}
	if tq, ok := c.TransformQuantity.Get(); ok {
		if p.BillingScheme == Tiered {
			return nil, invalid(nested(prefix, "transform_quantity"), "", "You cannot specify both transform_quantity and tiers.")
		}
		if tq.DivideBy < 1 {
			return nil, invalid(nested(prefix, "transform_quantity[divide_by]"), "parameter_invalid_integer", "This value must be greater than or equal to 1.")
		}
		if tq.Round != RoundUp && tq.Round != RoundDown {
			return nil, required(nested(prefix, "transform_quantity[round]"))
		}
		p.TransformQuantity = &tq
	}
	p.CurrencyOptions, err = currencyOptions(c.CurrencyOptions, p, nested(prefix, "currency_options"))
	return p, err
}

// setAmounts writes the one amount that a price has: per unit, in tiers, or chosen by the payer.
func (p *Price) setAmounts(c CreatePrice, prefix string) error {
	tiers, hasTiers := c.Tiers.Get()
	custom, isCustom := c.CustomUnitAmount.Get()
	unit, hasUnit, err := amountParam(c.UnitAmount, c.UnitAmountDecimal, prefix, "unit_amount")
	if err != nil {
		return err
	}
	if p.BillingScheme == Tiered {
		if hasUnit {
			return invalid(nested(prefix, "unit_amount"), "", "You cannot specify `unit_amount` when `billing_scheme` is `tiered`.")
		}
		if !hasTiers {
			return required(nested(prefix, "tiers"))
		}
		if p.TiersMode != Graduated && p.TiersMode != Volume {
			return required(nested(prefix, "tiers_mode"))
		}
		p.Tiers, err = tierList(tiers, nested(prefix, "tiers"))
		return err
	}
	if hasTiers || p.TiersMode != "" {
		return invalid(nested(prefix, "tiers"), "", "You can only specify `tiers` when `billing_scheme` is `tiered`.")
	}
	if isCustom && custom.Enabled.Or(false) {
		if hasUnit {
			return invalid("", "parameters_exclusive", "You may only specify one of these parameters: unit_amount, custom_unit_amount.")
		}
		if p.Recurring != nil {
			return invalid(nested(prefix, "custom_unit_amount"), "", "Recurring prices cannot use `custom_unit_amount`.")
		}
		p.CustomUnitAmount = custom.amounts()
		return nil
	}
	if !hasUnit {
		return invalid(prefix, "parameter_missing", "Prices require an `unit_amount`, `unit_amount_decimal` or `custom_unit_amount` parameter to be set.")
	}
	p.UnitAmount = &unit
	return nil
}

func (c CustomUnitAmountParam) amounts() *CustomUnitAmount {
	return &CustomUnitAmount{Minimum: pointer(c.Minimum), Maximum: pointer(c.Maximum), Preset: pointer(c.Preset)}
}

// UpdatePrice is POST /v1/prices/{id}: what a price costs never changes.
type UpdatePrice struct {
	ID                string                              `form:"-"`
	Active            Opt[bool]                           `form:"active"`
	CurrencyOptions   Opt[map[string]CurrencyOptionParam] `form:"currency_options"`
	LookupKey         Opt[string]                         `form:"lookup_key"`
	Metadata          Opt[map[string]string]              `form:"metadata"`
	Nickname          Opt[string]                         `form:"nickname"`
	TaxBehavior       Opt[string]                         `form:"tax_behavior"`
	TransferLookupKey Opt[bool]                           `form:"transfer_lookup_key"`
}

func (c UpdatePrice) apply(t *tx) (Result, error) {
	before, ok := Get[Price](t.world, c.ID)
	if !ok || before.Deleted {
		return nil, NotFound("price", c.ID, "price")
	}
	p := *before
	if tax, given := c.TaxBehavior.Get(); given && tax != p.TaxBehavior {
		if p.TaxBehavior != "unspecified" {
			return nil, invalid("tax_behavior", "", "You cannot change `tax_behavior` once it is set to `exclusive` or `inclusive`.")
		}
		p.TaxBehavior = tax
	}
	if key, given := c.LookupKey.Get(); given && key != p.LookupKey {
		if err := t.takeLookupKey(key, c.TransferLookupKey.Or(false)); err != nil {
			return nil, err
		}
	}
	c.LookupKey.Set(&p.LookupKey)
	c.Nickname.Set(&p.Nickname)
	p.Active = c.Active.Or(p.Active)
	p.Metadata = mergeMetadata(p.Metadata, c.Metadata)
	if c.CurrencyOptions.Given() {
		options, err := currencyOptions(c.CurrencyOptions, &p, "currency_options")
		if err != nil {
			return nil, err
		}
		p.CurrencyOptions = options
	}
	if !p.Active {
		if product := must[Product](t, p.Product); product.DefaultPrice == p.ID && before.Active {
			return nil, invalid("active", "", "This price cannot be archived because it is the default price of its product.")
		}
	}
	return t.updatePrice(before, &p), nil
}

// takeLookupKey frees a lookup key for its next holder, or refuses when another price holds it.
func (t *tx) takeLookupKey(key string, transfer bool) error {
	if key == "" {
		return nil
	}
	for _, holder := range t.world.tables.prices.all("lookup_key", key) {
		if !transfer {
			return invalid("lookup_key", "", "A price (`%s`) already uses that lookup key.", holder.ID)
		}
		freed := *holder
		freed.LookupKey = ""
		t.updatePrice(holder, &freed)
	}
	return nil
}

// ListPrices is GET /v1/prices: active ones unless asked otherwise, and none that was made inline.
type ListPrices struct {
	Page
	Active     Opt[bool]            `form:"active"`
	Created    Range                `form:"created"`
	Currency   Opt[string]          `form:"currency"`
	LookupKeys Opt[[]string]        `form:"lookup_keys"`
	Product    Opt[string]          `form:"product"`
	Recurring  Opt[RecurringFilter] `form:"recurring"`
	Type       Opt[string]          `form:"type"`
}

// RecurringFilter selects prices by their rhythm.
type RecurringFilter struct {
	Interval  Opt[string] `form:"interval"`
	Meter     Opt[string] `form:"meter"`
	UsageType Opt[string] `form:"usage_type"`
}

// lookupKeysMax is Stripe's limit.
const lookupKeysMax = 10

func (q ListPrices) run(w *World) (*Listing, error) {
	s := selection[Price]{cursorName: "price"}
	if product, ok := q.Product.Get(); ok {
		s.index, s.value = "product", product
	}
	if keys := q.LookupKeys.Or(nil); len(keys) > lookupKeysMax {
		return nil, invalid("lookup_keys", "", "You can specify at most %d lookup keys.", lookupKeysMax)
	}
	s.keep = func(p *Price) bool {
		if r, ok := q.Recurring.Get(); ok {
			if p.Recurring == nil || r.Interval.Or(p.Recurring.Interval) != p.Recurring.Interval ||
				r.Meter.Or(p.Recurring.Meter) != p.Recurring.Meter || r.UsageType.Or(p.Recurring.UsageType) != p.Recurring.UsageType {
				return false
			}
		}
		return !p.Inline && !p.Deleted && p.Active == q.Active.Or(true) && q.Created.holds(p.Created) &&
			q.Currency.Or(p.Currency) == p.Currency && anyOf(q.LookupKeys, p.LookupKey) && q.Type.Or(p.Type()) == p.Type()
	}
	return list(w, q.Page, s)
}

// Type is one_time or recurring.
func (p *Price) Type() string {
	if p.Recurring == nil {
		return OneTime
	}
	return IsRecurring
}

// nested names a parameter inside another one: nested("price_data", "currency") is price_data[currency].
func nested(outer, name string) string {
	if outer == "" {
		return name
	}
	head, tail := name, ""
	if i := slices.Index([]byte(name), '['); i >= 0 {
		head, tail = name[:i], name[i:]
	}
	return fmt.Sprintf("%s[%s]%s", outer, head, tail)
}

// inside moves the parameter that an error names into the parameter that held it.
func inside(err error, outer string) error {
	if e, ok := err.(*Error); ok && e.Param != "" {
		moved := *e
		moved.Param = nested(outer, e.Param)
		return &moved
	}
	return err
}

var _ = register(CreatePrice{}, UpdatePrice{})
