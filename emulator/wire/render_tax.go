package wire

import "github.com/dues-billing/dues/emulator/engine"

// taxObject renders the objects of this family, nil for others.
func (v *view) taxObject(o any) object {
	switch o := o.(type) {
	case *engine.TaxRate:
		return v.taxRate(o)
	case *engine.TaxID:
		return v.taxID(o)
	}
	return nil
}

func (v *view) taxRate(r *engine.TaxRate) object {
	return object{
		"id": r.ID, "object": "tax_rate", "created": r.Created, "livemode": false, "metadata": metadata(r.Metadata), "active": r.Active,
		"country": orNull(r.Country), "description": orNull(r.Description), "display_name": r.DisplayName, "inclusive": r.Inclusive,
		"jurisdiction": orNull(r.Jurisdiction), "percentage": percent(&r.Percentage), "state": orNull(r.State), "tax_type": orNull(r.TaxType),
		"effective_percentage": nil, "flat_amount": nil, "jurisdiction_level": nil, "rate_type": nil, // only Stripe's own rates have them
	}
}

// taxRates are the rates that stand whole inside another object.
func (v *view) taxRates(ids []string) []any {
	out := make([]any, 0, len(ids))
	for _, id := range ids {
		if rate, ok := engine.Get[engine.TaxRate](v.world, id); ok {
			out = append(out, v.taxRate(rate))
		}
	}
	return out
}

func taxes(list []engine.TaxAmount) []any {
	out := make([]any, len(list))
	for i, tax := range list {
		behavior := "exclusive"
		if tax.Inclusive {
			behavior = "inclusive"
		}
		out[i] = object{
			"amount": tax.Amount, "tax_behavior": behavior, "tax_rate_details": object{"tax_rate": tax.Rate}, "taxability_reason": tax.Reason,
			"taxable_amount": tax.Taxable, "type": "tax_rate_details",
		}
	}
	return out
}

func (v *view) taxID(i *engine.TaxID) object {
	owner, verification := object{"type": "self"}, any(nil)
	if i.Customer != "" {
		owner = object{"customer": i.Customer, "type": "customer"}
		verification = object{"status": i.Status, "verified_address": nil, "verified_name": nil}
	}
	return object{
		"id": i.ID, "object": "tax_id", "created": i.Created, "livemode": false, "country": orNull(i.Country), "customer": orNull(i.Customer),
		"customer_account": nil, "owner": owner, "type": i.Type, "value": i.Value, "verification": verification,
	}
}

// invoiceTaxIDs are the payer's tax ids: those of today while the invoice is a draft, those at its finalization after.
func (v *view) invoiceTaxIDs(i *engine.Invoice) []any {
	shown := i.CustomerTaxIDs
	if i.Status == engine.InvoiceDraft && i.CustomerTaxIDs == nil {
		shown = nil
		for _, id := range v.world.TaxIDsOf(i.Customer) {
			shown = append(shown, engine.NamedTaxID{Type: id.Type, Value: id.Value})
		}
	}
	out := make([]any, len(shown))
	for k, id := range shown {
		out[k] = object{"type": id.Type, "value": id.Value}
	}
	return out
}
