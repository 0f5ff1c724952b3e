package wire

import "github.com/dues-billing/dues/emulator/engine"

// What a Checkout session or a payment link asks the payer, and what they answered.

// asked puts what is asked into an object that has a key for each question.
func asked(o object, a *engine.CheckoutAsks, answered bool) {
	o["billing_address_collection"] = orNull(a.BillingAddress)
	o["consent_collection"] = consentCollection(a.Consent)
	o["custom_fields"] = askedFields(a.Fields, answered)
	o["custom_text"] = object{
		"after_submit": message(a.AfterSubmit), "shipping_address": nil, "submit": message(a.Submit), "terms_of_service_acceptance": message(a.TermsText),
	}
	o["phone_number_collection"] = object{"enabled": a.Phone}
	names := object{}
	for key, name := range map[string]*engine.CheckoutName{"business": a.Business, "individual": a.Individual} {
		if name != nil {
			names[key] = object{"enabled": name.Enabled, "optional": name.Optional}
		}
	}
	if len(names) > 0 {
		o["name_collection"] = names
	}
	if a.TaxIDRequired != "" {
		o["tax_id_collection"] = object{"enabled": a.TaxIDs, "required": a.TaxIDRequired}
	}
}

func message(text string) any {
	if text == "" {
		return nil
	}
	return object{"message": text}
}

func consentCollection(c *engine.CheckoutConsents) any {
	if c == nil {
		return nil
	}
	reuse := any(nil)
	if c.Reuse != "" {
		reuse = object{"position": c.Reuse}
	}
	return object{"payment_method_reuse_agreement": reuse, "promotions": orNull(c.Promotions), "terms_of_service": orNull(c.TermsOfService)}
}

func askedFields(fields []engine.CheckoutField, answered bool) []any {
	out := make([]any, len(fields))
	for i, f := range fields {
		o := object{"key": f.Key, "label": object{"custom": f.Label.Custom, "type": f.Label.Type}, "optional": f.Optional, "type": f.Type}
		detail := object{}
		switch f.Type {
		case "dropdown":
			d := f.Dropdown.Or(engine.CheckoutSelect{})
			options := make([]any, len(d.Options))
			for j, option := range d.Options {
				options[j] = object{"label": option.Label, "value": option.Value}
			}
			detail = object{"default_value": orNull(d.Default), "options": options}
		case "numeric":
			detail = customEntry(f.Numeric.Or(engine.CheckoutEntry{}))
		case "text":
			detail = customEntry(f.Text.Or(engine.CheckoutEntry{}))
		}
		if answered {
			detail["value"] = orNull(f.Answer)
		}
		o[f.Type] = detail
		out[i] = o
	}
	return out
}

func customEntry(e engine.CheckoutEntry) object {
	return object{"default_value": orNull(e.Default), "maximum_length": orNull(e.Longest), "minimum_length": orNull(e.Least)}
}

func checkoutConsent(s *engine.CheckoutSession) any {
	if s.Consent == nil || s.Status != engine.SessionComplete {
		return nil
	}
	return object{"promotions": orNull(s.Consent.Promotions), "terms_of_service": orNull(s.Consent.TermsOfService)}
}

func adjustable(a *engine.AdjustableParams) any {
	if a == nil || !a.Enabled {
		return nil
	}
	least, most := a.Bounds()
	return object{"enabled": true, "maximum": most, "minimum": least}
}

func optionalItems(items []engine.CheckoutOptionalItem) any {
	if items == nil {
		return nil
	}
	out := make([]any, len(items))
	for i, item := range items {
		bounds := item.Adjustable.Or(engine.AdjustableParams{})
		out[i] = object{"adjustable_quantity": adjustable(&bounds), "price": item.Price, "quantity": item.Quantity}
	}
	return out
}
