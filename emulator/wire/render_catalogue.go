package wire

import "github.com/dues-billing/dues/emulator/engine"

func (v *view) product(p *engine.Product) object {
	features := make([]any, len(p.MarketingFeatures))
	for i, name := range p.MarketingFeatures {
		features[i] = object{"name": name}
	}
	return object{
		"id": p.ID, "object": "product", "created": p.Created, "updated": p.Updated, "livemode": false, "metadata": metadata(p.Metadata),
		"active": p.Active, "default_price": orNull(p.DefaultPrice), "description": orNull(p.Description), "images": texts(p.Images),
		"marketing_features": features, "name": p.Name, "package_dimensions": nil, "shippable": pointee(p.Shippable),
		"statement_descriptor": orNull(p.StatementDescriptor), "tax_code": orNull(p.TaxCode), "type": "service", "unit_label": orNull(p.UnitLabel),
		"url": orNull(p.URL),
	}
}

func (v *view) price(p *engine.Price) object {
	kind := engine.OneTime
	if p.Recurring != nil {
		kind = engine.IsRecurring
	}
	return object{
		"id": p.ID, "object": "price", "created": p.Created, "livemode": false, "metadata": metadata(p.Metadata),
		"active": p.Active, "billing_scheme": p.BillingScheme, "currency": p.Currency, "custom_unit_amount": customUnitAmount(p.CustomUnitAmount),
		"lookup_key": orNull(p.LookupKey), "nickname": orNull(p.Nickname), "product": p.Product, "recurring": recurring(p.Recurring),
		"tax_behavior": orNull(p.TaxBehavior), "tiers_mode": orNull(p.TiersMode), "transform_quantity": transformQuantity(p.TransformQuantity),
		"type": kind, "unit_amount": whole(p.UnitAmount), "unit_amount_decimal": decimal(p.UnitAmount),
	}
}

// plan is a recurring price in the words of the old API.
func (v *view) plan(p *engine.Price) object {
	return object{
		"id": p.ID, "object": "plan", "created": p.Created, "livemode": false, "metadata": metadata(p.Metadata),
		"active": p.Active, "amount": whole(p.UnitAmount), "amount_decimal": decimal(p.UnitAmount), "billing_scheme": p.BillingScheme,
		"currency": p.Currency, "interval": p.Recurring.Interval, "interval_count": p.Recurring.IntervalCount, "meter": orNull(p.Recurring.Meter),
		"nickname": orNull(p.Nickname), "product": p.Product, "tiers_mode": orNull(p.TiersMode),
		"transform_usage": transformQuantity(p.TransformQuantity), "trial_period_days": orNull(p.Recurring.TrialPeriodDays),
		"usage_type": p.Recurring.UsageType,
	}
}

// whole is an amount when it has no fraction, else null: unit_amount.
func whole(d *engine.Decimal) any {
	if d == nil {
		return nil
	}
	if n, ok := d.Int(); ok {
		return n
	}
	return nil
}

func decimal(d *engine.Decimal) any {
	if d == nil {
		return nil
	}
	return d.String()
}

func recurring(r *engine.Recurring) any {
	if r == nil {
		return nil
	}
	return object{
		"interval": r.Interval, "interval_count": r.IntervalCount, "meter": orNull(r.Meter), "trial_period_days": orNull(r.TrialPeriodDays),
		"usage_type": r.UsageType,
	}
}

func transformQuantity(t *engine.TransformQuantity) any {
	if t == nil {
		return nil
	}
	return object{"divide_by": t.DivideBy, "round": t.Round}
}

func customUnitAmount(c *engine.CustomUnitAmount) any {
	if c == nil {
		return nil
	}
	return object{"maximum": pointee(c.Maximum), "minimum": pointee(c.Minimum), "preset": pointee(c.Preset)}
}

func tiers(list []engine.Tier) []any {
	out := make([]any, len(list))
	for i, t := range list {
		out[i] = object{
			"flat_amount": whole(t.FlatAmount), "flat_amount_decimal": decimal(t.FlatAmount), "unit_amount": whole(t.UnitAmount),
			"unit_amount_decimal": decimal(t.UnitAmount), "up_to": pointee(t.UpTo),
		}
	}
	return out
}

// currencyOptions are the price in every currency, its own among them.
func currencyOptions(p *engine.Price) object {
	all := object{p.Currency: currencyOption(engine.CurrencyOption{
		UnitAmount: p.UnitAmount, Tiers: p.Tiers, TaxBehavior: p.TaxBehavior, CustomUnitAmount: p.CustomUnitAmount,
	})}
	for currency, option := range p.CurrencyOptions {
		all[currency] = currencyOption(option)
	}
	return all
}

func currencyOption(c engine.CurrencyOption) object {
	o := object{
		"custom_unit_amount": customUnitAmount(c.CustomUnitAmount), "tax_behavior": orNull(c.TaxBehavior), "unit_amount": whole(c.UnitAmount),
		"unit_amount_decimal": decimal(c.UnitAmount),
	}
	if len(c.Tiers) > 0 {
		o["tiers"] = tiers(c.Tiers)
	}
	return o
}
