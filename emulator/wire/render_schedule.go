package wire

import "github.com/dues-billing/dues/emulator/engine"

// subscriptionObject renders subscriptions, what is planned for them and what offers them: nil for anything else.
func (v *view) subscriptionObject(o any) object {
	switch o := o.(type) {
	case *engine.Subscription:
		return v.subscription(o)
	case *engine.SubscriptionItem:
		return v.subscriptionItem(o)
	case *engine.SubscriptionSchedule:
		return v.schedule(o)
	case *engine.Quote:
		return v.quote(o)
	case *engine.QuoteLine:
		return v.quoteLine(o)
	}
	return nil
}

func (v *view) schedule(s *engine.SubscriptionSchedule) object {
	phases := make([]any, len(s.Phases))
	for i, p := range s.Phases {
		phases[i] = v.phase(p)
	}
	var current any
	if s.Current != nil {
		current = object{"end_date": s.Current.End, "start_date": s.Current.Start}
	}
	return object{
		"id": s.ID, "object": "subscription_schedule", "created": s.Created, "livemode": false, "metadata": metadata(s.Metadata),
		"application": nil, "billing_mode": billingMode(s.BillingMode), "canceled_at": orNull(s.CanceledAt), "completed_at": orNull(s.CompletedAt),
		"current_phase": current, "customer": s.Customer, "customer_account": nil, "default_settings": defaultSettings(s.Defaults),
		"end_behavior": s.EndBehavior, "phases": phases, "released_at": orNull(s.ReleasedAt), "released_subscription": orNull(s.ReleasedSubscription),
		"status": s.Status, "subscription": orNull(s.Subscription), "test_clock": orNull(s.TestClock),
	}
}

// noTax is automatic_tax where it is off.
func noTax() object { return object{"disabled_reason": nil, "enabled": false, "liability": nil} }

func defaultSettings(s engine.PhaseSettings) object {
	invoices := phaseInvoices(&engine.PhaseInvoiceSettings{}, object{"type": "self"})
	if s.Invoices != nil {
		invoices = phaseInvoices(s.Invoices, object{"type": "self"})
	}
	return object{
		"application_fee_percent": nil, "automatic_tax": noTax(), "billing_cycle_anchor": s.BillingCycleAnchor,
		"billing_thresholds": thresholds(s.Thresholds), "collection_method": s.CollectionMethod, "default_payment_method": orNull(s.DefaultPaymentMethod),
		"description": orNull(s.Description), "invoice_settings": invoices, "on_behalf_of": nil, "transfer_data": nil,
	}
}

func phaseInvoices(s *engine.PhaseInvoiceSettings, issuer any) any {
	if s == nil {
		return nil
	}
	return object{
		"account_tax_ids": nil, "custom_fields": customFields(s.CustomFields), "days_until_due": pointee(s.DaysUntilDue),
		"description": orNull(s.Description), "footer": orNull(s.Footer), "issuer": issuer,
	}
}

func (v *view) phase(p *engine.Phase) object {
	items := make([]any, len(p.Items))
	for i, item := range p.Items {
		o := object{
			"billing_thresholds": itemThreshold(item.UsageGTE), "discounts": phaseDiscounts(item.Discounts), "metadata": metadata(item.Metadata),
			"price": item.Price, "tax_rates": v.taxRates(item.TaxRates),
		}
		if item.Quantity != nil {
			o["quantity"] = *item.Quantity
		}
		items[i] = o
	}
	extras := make([]any, len(p.Extras))
	for i, extra := range p.Extras {
		extras[i] = object{
			"discountable": pointee(extra.Discountable), "discounts": phaseDiscounts(extra.Discounts), "metadata": metadata(extra.Metadata),
			"period": object{"end": moment(extra.End), "start": moment(extra.Start)}, "price": extra.Price, "quantity": extra.Quantity,
			"tax_rates": v.taxRates(extra.TaxRates),
		}
	}
	return object{
		"add_invoice_items": extras, "application_fee_percent": nil, "automatic_tax": noTax(), "billing_cycle_anchor": orNull(p.BillingCycleAnchor),
		"billing_thresholds": thresholds(p.Thresholds), "collection_method": orNull(p.CollectionMethod), "currency": p.Currency,
		"default_payment_method": orNull(p.DefaultPaymentMethod), "default_tax_rates": v.taxRates(p.DefaultTaxRates), "description": orNull(p.Description),
		"discounts": phaseDiscounts(p.Discounts), "end_date": p.End, "invoice_settings": phaseInvoices(p.Invoices, nil), "items": items,
		"metadata": metadata(p.Metadata), "on_behalf_of": nil, "proration_behavior": p.ProrationBehavior, "start_date": p.Start,
		"transfer_data": nil, "trial_end": orNull(p.TrialEnd),
	}
}

func phaseDiscounts(list []engine.PhaseDiscount) []any {
	out := make([]any, len(list))
	for i, d := range list {
		out[i] = object{"coupon": orNull(d.Coupon), "discount": orNull(d.Discount), "promotion_code": orNull(d.PromotionCode)}
	}
	return out
}

func moment(m engine.Moment) object {
	o := object{"type": m.Type}
	if m.Timestamp != 0 {
		o["timestamp"] = m.Timestamp
	}
	return o
}
