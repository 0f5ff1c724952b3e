package engine

import (
	"fmt"
	"slices"
	"strings"
)

// TaxRateParams are the parameters that create and update share.
type TaxRateParams struct {
	Active       Opt[bool]              `form:"active"`
	Country      Opt[string]            `form:"country"`
	Description  Opt[string]            `form:"description"`
	DisplayName  Opt[string]            `form:"display_name"`
	Jurisdiction Opt[string]            `form:"jurisdiction"`
	Metadata     Opt[map[string]string] `form:"metadata"`
	State        Opt[string]            `form:"state"`
	TaxType      Opt[string]            `form:"tax_type"`
}

// CreateTaxRate is POST /v1/tax_rates.
type CreateTaxRate struct {
	TaxRateParams
	Inclusive  Opt[bool]    `form:"inclusive"`
	Percentage Opt[Decimal] `form:"percentage"`
}

func (c CreateTaxRate) apply(t *tx) (Result, error) {
	percentage, ok := c.Percentage.Get()
	switch {
	case !c.DisplayName.Given():
		return nil, required("display_name")
	case !c.Inclusive.Given():
		return nil, required("inclusive")
	case !ok:
		return nil, required("percentage")
	case percentage.Negative() || percentage.above(DecimalOf(100)):
		return nil, invalid("percentage", "", "Invalid percentage: must be between 0 and 100.")
	}
	if err := CheckDecimal("percentage", "percentage", percentage.String()); err != nil {
		return nil, err
	}
	rate := &TaxRate{ID: t.long("txr_"), Created: t.now, Active: true, Inclusive: c.Inclusive.Or(false), Percentage: percentage}
	if err := c.fill(rate); err != nil {
		return nil, err
	}
	return create(t, "tax_rate.created", rate), nil
}

func (p TaxRateParams) fill(rate *TaxRate) error {
	if name, ok := p.DisplayName.Get(); p.DisplayName.Given() && (!ok || strings.TrimSpace(name) == "") {
		return invalid("display_name", "parameter_invalid_empty", "You passed an empty string for 'display_name'. We assume empty values are an "+
			"attempt to unset a parameter; however 'display_name' cannot be unset. You should remove 'display_name' from your request or supply a non-empty value.")
	}
	if country, ok := p.Country.Get(); ok && (len(country) != 2 || country != strings.ToUpper(country)) {
		return invalid("country", "country_code_invalid", "Country '%s' is unknown. Try using a 2-character alphanumeric country code instead, such as 'US', 'EG', or 'GB'.", country)
	}
	p.Active.Set(&rate.Active)
	p.Country.Set(&rate.Country)
	p.Description.Set(&rate.Description)
	p.DisplayName.Set(&rate.DisplayName)
	p.Jurisdiction.Set(&rate.Jurisdiction)
	p.State.Set(&rate.State)
	p.TaxType.Set(&rate.TaxType)
	rate.Metadata = mergeMetadata(rate.Metadata, p.Metadata)
	return nil
}

// UpdateTaxRate is POST /v1/tax_rates/{id}: what a rate takes never changes.
type UpdateTaxRate struct {
	ID string `form:"-"`
	TaxRateParams
}

func (c UpdateTaxRate) apply(t *tx) (Result, error) {
	before, ok := Get[TaxRate](t.world, c.ID)
	if !ok {
		return nil, NotFound("tax rate", c.ID, "tax_rate")
	}
	rate := *before
	if err := c.fill(&rate); err != nil {
		return nil, err
	}
	return update(t, "tax_rate.updated", before, &rate), nil
}

// ListTaxRates is GET /v1/tax_rates.
type ListTaxRates struct {
	Page
	Active    Opt[bool] `form:"active"`
	Created   Range     `form:"created"`
	Inclusive Opt[bool] `form:"inclusive"`
}

func (q ListTaxRates) run(w *World) (*Listing, error) {
	return list(w, q.Page, selection[TaxRate]{cursorName: "tax_rate", keep: func(r *TaxRate) bool {
		return q.Created.holds(r.Created) && q.Active.Or(r.Active) == r.Active && q.Inclusive.Or(r.Inclusive) == r.Inclusive
	}})
}

// taxRatesMax is how many rates one line can have.
const taxRatesMax = 10

// taxRatesParam is a list of rates as a parameter asks for them; has are those there so far, which may stay although they are archived by
// now. An empty list takes them away.
func (t *tx) taxRatesParam(p Opt[[]string], has []string, param string) ([]string, error) {
	ids, ok := p.Get()
	if !p.Given() {
		return has, nil
	}
	if !ok || len(ids) == 0 {
		return nil, nil
	}
	if len(ids) > taxRatesMax {
		return nil, invalid(param, "", "You can apply at most %d tax rates.", taxRatesMax)
	}
	for i, id := range ids {
		at := fmt.Sprintf("%s[%d]", param, i)
		rate, found := Get[TaxRate](t.world, id)
		switch {
		case !found:
			return nil, noSuchParam("tax rate", id, at)
		case slices.Contains(ids[:i], id):
			return nil, invalid(at, "", "Each tax rate can be applied only once: %s is there more than once.", id)
		case !rate.Active && !slices.Contains(has, id):
			return nil, invalid(at, "", "The tax rate %s cannot be used because it is archived. Set `active` to `true` to use it again.", id)
		}
	}
	return slices.Clone(ids), nil
}

var _ = register(CreateTaxRate{}, UpdateTaxRate{})
