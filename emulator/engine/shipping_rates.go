package engine

import "strings"

// ShippingRate is what it costs to send something. Its amount never changes.
type ShippingRate struct {
	ID          string
	Created     int64
	Active      bool
	DisplayName string
	Amount      int64
	Currency    string
	TaxBehavior string
	TaxCode     string
	Minimum     *ShippingBound // of the time it takes; nil is unknown
	Maximum     *ShippingBound
	Metadata    map[string]string
}

// ShippingBound is a bound of the time that shipping takes.
type ShippingBound struct {
	Unit  string `form:"unit"`
	Value int64  `form:"value"`
}

// ShippingEstimateParams say how long shipping takes.
type ShippingEstimateParams struct {
	Maximum Opt[ShippingBound] `form:"maximum"`
	Minimum Opt[ShippingBound] `form:"minimum"`
}

// ShippingAmountParams say what shipping costs.
type ShippingAmountParams struct {
	Amount   Opt[int64]  `form:"amount"`
	Currency Opt[string] `form:"currency"`
}

// CreateShippingRate is POST /v1/shipping_rates.
type CreateShippingRate struct {
	DeliveryEstimate Opt[ShippingEstimateParams] `form:"delivery_estimate"`
	DisplayName      Opt[string]                 `form:"display_name"`
	FixedAmount      Opt[ShippingAmountParams]   `form:"fixed_amount"`
	Metadata         Opt[map[string]string]      `form:"metadata"`
	TaxBehavior      Opt[string]                 `form:"tax_behavior"`
	TaxCode          Opt[string]                 `form:"tax_code"`
	Type             Opt[string]                 `form:"type"`
}

// fixedAmount is the only type of a shipping rate.
const fixedAmount = "fixed_amount"

// taxUnspecified is the tax behaviour of what does not say.
const taxUnspecified = "unspecified"

func (c CreateShippingRate) apply(t *tx) (Result, error) {
	if strings.TrimSpace(c.DisplayName.Or("")) == "" {
		return nil, required("display_name")
	}
	if err := oneOf("type", c.Type.Or(fixedAmount), fixedAmount); err != nil {
		return nil, err
	}
	cost, given := c.FixedAmount.Get()
	if !given {
		return nil, required(fixedAmount)
	}
	if !cost.Amount.Given() {
		return nil, required("fixed_amount[amount]")
	}
	if !cost.Currency.Given() {
		return nil, required("fixed_amount[currency]")
	}
	currency, err := currencyParam(cost.Currency, "fixed_amount[currency]")
	if err != nil {
		return nil, err
	}
	if err := within(cost.Amount.Or(0), 0, unitAmountMost, "fixed_amount[amount]"); err != nil {
		return nil, err
	}
	rate := &ShippingRate{
		ID: t.long("shr_"), Created: t.now, Active: true, DisplayName: c.DisplayName.Or(""), Amount: cost.Amount.Or(0), Currency: currency,
		TaxBehavior: c.TaxBehavior.Or(taxUnspecified), TaxCode: c.TaxCode.Or(""), Metadata: mergeMetadata(nil, c.Metadata),
	}
	if err := oneOf("tax_behavior", rate.TaxBehavior, "exclusive", "inclusive", taxUnspecified); err != nil {
		return nil, err
	}
	estimate := c.DeliveryEstimate.Or(ShippingEstimateParams{})
	for _, b := range []struct {
		bound Opt[ShippingBound]
		into  **ShippingBound
		name  string
	}{{estimate.Minimum, &rate.Minimum, "minimum"}, {estimate.Maximum, &rate.Maximum, "maximum"}} {
		bound, given := b.bound.Get()
		if !given {
			continue
		}
		param := nested("delivery_estimate", b.name)
		if err := oneOf(nested(param, "unit"), bound.Unit, "business_day", "day", "hour", "month", "week"); err != nil {
			return nil, err
		}
		if err := within(bound.Value, 1, quantityMost, nested(param, "value")); err != nil {
			return nil, err
		}
		*b.into = &bound
	}
	put(t, rate)
	return rate, nil
}

// UpdateShippingRate is POST /v1/shipping_rates/{id}.
type UpdateShippingRate struct {
	ID          string                 `form:"-"`
	Active      Opt[bool]              `form:"active"`
	Metadata    Opt[map[string]string] `form:"metadata"`
	TaxBehavior Opt[string]            `form:"tax_behavior"`
}

func (c UpdateShippingRate) apply(t *tx) (Result, error) {
	before, ok := Get[ShippingRate](t.world, c.ID)
	if !ok {
		return nil, NotFound("shipping rate", c.ID, "shipping_rate_token")
	}
	rate := *before
	if behavior, given := c.TaxBehavior.Get(); given && behavior != rate.TaxBehavior {
		if rate.TaxBehavior != taxUnspecified {
			return nil, invalid("tax_behavior", "", "The tax behavior of a shipping rate cannot be changed once it is specified.")
		}
		if err := oneOf("tax_behavior", behavior, "exclusive", "inclusive", taxUnspecified); err != nil {
			return nil, err
		}
		rate.TaxBehavior = behavior
	}
	rate.Active = c.Active.Or(rate.Active)
	rate.Metadata = mergeMetadata(rate.Metadata, c.Metadata)
	put(t, &rate)
	return &rate, nil
}

// ListShippingRates is GET /v1/shipping_rates.
type ListShippingRates struct {
	Page
	Active   Opt[bool]   `form:"active"`
	Created  Range       `form:"created"`
	Currency Opt[string] `form:"currency"`
}

func (q ListShippingRates) run(w *World) (*Listing, error) {
	return list(w, q.Page, selection[ShippingRate]{cursorName: "shipping rate", keep: func(r *ShippingRate) bool {
		return q.Created.holds(r.Created) && q.Active.Or(r.Active) == r.Active && q.Currency.Or(r.Currency) == r.Currency
	}})
}

// shippingTables hold what sending costs.
type shippingTables struct {
	shippingRates *table[ShippingRate]
}

func (ts *shippingTables) open() []anyTable {
	ts.shippingRates = newTable("shipping_rate", func(o *ShippingRate) string { return o.ID })
	return []anyTable{ts.shippingRates}
}

// UpdateCustomerBalanceTransaction is POST /v1/customers/{customer}/balance_transactions/{transaction}: only its words may change.
type UpdateCustomerBalanceTransaction struct {
	Customer    string                 `form:"-"`
	ID          string                 `form:"-"`
	Description Opt[string]            `form:"description"`
	Metadata    Opt[map[string]string] `form:"metadata"`
}

func (c UpdateCustomerBalanceTransaction) apply(t *tx) (Result, error) {
	if owner, ok := Get[Customer](t.world, c.Customer); !ok || owner.Deleted {
		return nil, NotFound("customer", c.Customer, "id")
	}
	before, ok := Get[CustomerBalanceTransaction](t.world, c.ID)
	if !ok || before.Customer != c.Customer {
		return nil, NotFound("customer_balance_transaction", c.ID, "transaction")
	}
	moved := *before
	c.Description.Set(&moved.Description)
	moved.Metadata = mergeMetadata(moved.Metadata, c.Metadata)
	put(t, &moved)
	return &moved, nil
}

var _ = register(CreateShippingRate{}, UpdateShippingRate{}, UpdateCustomerBalanceTransaction{})
