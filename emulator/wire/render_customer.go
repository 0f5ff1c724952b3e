package wire

import "github.com/dues-billing/dues/emulator/engine"

func (v *view) customer(c *engine.Customer) object {
	if c.Deleted {
		return object{"id": c.ID, "object": "customer", "deleted": true}
	}
	o := object{
		"id": c.ID, "object": "customer", "created": c.Created, "livemode": false, "metadata": metadata(c.Metadata),
		"address": address(c.Address), "balance": c.Balance, "currency": orNull(c.Currency), "customer_account": nil, "default_source": orNull(c.DefaultSource),
		"delinquent": c.Delinquent, "description": orNull(c.Description), "discount": v.discountIn(c.Discount), "email": orNull(c.Email),
		"invoice_prefix": c.InvoicePrefix, "name": orNull(c.Name), "next_invoice_sequence": c.NextInvoiceSequence, "phone": orNull(c.Phone),
		"preferred_locales": texts(c.PreferredLocales), "shipping": shipping(c.Shipping), "tax_exempt": c.TaxExempt,
		"test_clock": orNull(c.TestClock),
		"invoice_settings": object{
			"custom_fields": customFields(c.InvoiceSettings.CustomFields), "default_payment_method": orNull(c.InvoiceSettings.DefaultPaymentMethod),
			"footer": orNull(c.InvoiceSettings.Footer), "rendering_options": nil,
		},
	}
	if c.BusinessName != "" {
		o["business_name"] = c.BusinessName
	}
	if c.IndividualName != "" {
		o["individual_name"] = c.IndividualName
	}
	return o
}

func address(a *engine.Address) any {
	if a == nil {
		return nil
	}
	return object{
		"city": orNull(a.City), "country": orNull(a.Country), "line1": orNull(a.Line1), "line2": orNull(a.Line2),
		"postal_code": orNull(a.PostalCode), "state": orNull(a.State),
	}
}

func shipping(s *engine.Shipping) any {
	if s == nil {
		return nil
	}
	return object{"address": address(&s.Address), "name": orNull(s.Name), "phone": orNull(s.Phone)}
}

func customFields(fields []engine.CustomField) any {
	if len(fields) == 0 {
		return nil
	}
	list := make([]any, len(fields))
	for i, f := range fields {
		list[i] = object{"name": f.Name, "value": f.Value}
	}
	return list
}

func (v *view) balanceTransactionOf(b *engine.CustomerBalanceTransaction) object {
	return object{
		"id": b.ID, "object": "customer_balance_transaction", "created": b.Created, "livemode": false, "metadata": metadata(b.Metadata),
		"amount": b.Amount, "checkout_session": nil, "credit_note": orNull(b.CreditNote), "currency": b.Currency, "customer": b.Customer, "customer_account": nil,
		"description": orNull(b.Description), "ending_balance": b.EndingBalance, "invoice": orNull(b.Invoice), "type": b.Type,
	}
}
