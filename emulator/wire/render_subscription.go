package wire

import "github.com/dues-billing/dues/emulator/engine"

func (v *view) subscription(s *engine.Subscription) object {
	o := object{
		"id": s.ID, "object": "subscription", "created": s.Created, "livemode": false, "metadata": metadata(s.Metadata),
		"billing_cycle_anchor": s.BillingCycleAnchor, "billing_cycle_anchor_config": anchorConfig(s.BillingCycleAnchorConfig),
		"billing_mode": billingMode(s.BillingMode), "cancel_at": orNull(s.CancelAt), "cancel_at_period_end": s.CancelAtPeriodEnd,
		"canceled_at": orNull(s.CanceledAt), "collection_method": s.CollectionMethod, "currency": s.Currency, "customer": s.Customer,
		"days_until_due": pointee(s.DaysUntilDue), "default_payment_method": orNull(s.DefaultPaymentMethod), "description": orNull(s.Description),
		"ended_at": orNull(s.EndedAt), "items": v.items(s), "latest_invoice": orNull(s.LatestInvoice),
		"next_pending_invoice_item_invoice": orNull(s.NextPendingItemInvoice), "pause_collection": pauseCollection(s.PauseCollection),
		"pending_invoice_item_interval": itemInterval(s.PendingItemInterval), "pending_setup_intent": orNull(s.PendingSetupIntent),
		"start_date": s.StartDate, "status": s.Status, "test_clock": orNull(s.TestClock), "trial_end": orNull(s.TrialEnd),
		"trial_start":   orNull(s.TrialStart),
		"automatic_tax": object{"disabled_reason": nil, "enabled": false, "liability": nil},
		"cancellation_details": object{
			"comment": orNull(s.CancellationDetails.Comment), "feedback": orNull(s.CancellationDetails.Feedback),
			"reason": orNull(s.CancellationDetails.Reason),
		},
		"invoice_settings": subscriptionInvoices(s.InvoiceSettings),
		"payment_settings": object{
			"payment_method_options": nil, "payment_method_types": textsOrNull(s.PaymentMethodTypes),
			"save_default_payment_method": s.SaveDefaultPaymentMethod,
		},
		"trial_settings":    object{"end_behavior": object{"missing_payment_method": s.MissingPaymentMethod}},
		"billing_schedules": []any{}, "default_tax_rates": v.taxRates(s.DefaultTaxRates), "discounts": texts(s.Discounts),
		"application": nil, "application_fee_percent": nil, "billing_thresholds": thresholds(s.Thresholds), "customer_account": nil, "default_source": nil,
		"on_behalf_of": nil, "pending_update": v.pendingUpdate(s.PendingUpdate), "schedule": orNull(s.Schedule), "transfer_data": nil,
	}
	if s.Pausing != nil && v.era.version >= endiveFirst {
		o["status_details"] = object{"paused": object{
			"type": "subscription", "subscription": object{"type": s.Pausing.Why}, "transitioned_at": s.Pausing.At,
		}}
	}
	if len(s.Items) == 1 {
		if price, ok := v.priceOf(s.Items[0].Price); ok {
			o["plan"] = v.plan(price)
		}
		if s.Items[0].Quantity != nil {
			o["quantity"] = *s.Items[0].Quantity
		}
	}
	return o
}

// subscriptionInvoices shows what a subscription writes on its invoices, if it does.
func subscriptionInvoices(s engine.InvoiceSettings) object {
	o := object{"account_tax_ids": nil, "issuer": object{"type": "self"}}
	if s.CustomFields != nil || s.Description != "" || s.Footer != "" {
		o["custom_fields"], o["description"], o["footer"] = customFields(s.CustomFields), orNull(s.Description), orNull(s.Footer)
	}
	return o
}

// pendingUpdate shows what an update that waits would change.
func (v *view) pendingUpdate(p *engine.PendingUpdate) any {
	if p == nil || p.Resumes {
		return nil
	}
	o := object{
		"billing_cycle_anchor": nil, "discounts": nil, "expires_at": p.ExpiresAt, "metadata": nil, "subscription_items": nil, "trial_end": nil,
		"trial_from_plan": nil,
	}
	if p.Anchored {
		o["billing_cycle_anchor"] = p.After.BillingCycleAnchor
	}
	if p.Redeemed {
		o["discounts"] = texts(p.After.Discounts)
	}
	if p.Described {
		o["metadata"] = metadata(p.After.Metadata)
	}
	if p.Trial {
		o["trial_end"] = p.After.TrialEnd
	}
	items := make([]any, len(p.After.Items))
	for i, item := range p.After.Items {
		items[i] = v.subscriptionItem(item)
	}
	o["subscription_items"] = items
	return o
}

// itemsShown is how many items the list inside a subscription shows; Stripe allows twenty.
const itemsShown = 20

func (v *view) items(s *engine.Subscription) object {
	data := make([]any, 0, len(s.Items))
	for _, item := range s.Items[:min(len(s.Items), itemsShown)] {
		data = append(data, v.subscriptionItem(item))
	}
	return object{
		"object": "list", "data": data, "has_more": len(s.Items) > itemsShown, "total_count": len(s.Items),
		"url": "/v1/subscription_items?subscription=" + s.ID,
	}
}

func (v *view) subscriptionItem(i *engine.SubscriptionItem) object {
	o := object{
		"id": i.ID, "object": "subscription_item", "created": i.Created, "metadata": metadata(i.Metadata), "billing_thresholds": itemThreshold(i.UsageGTE),
		"current_period_end": i.CurrentPeriodEnd, "current_period_start": i.CurrentPeriodStart, "discounts": texts(i.Discounts), "plan": nil, "price": nil,
		"subscription": i.Subscription, "tax_rates": v.taxRates(i.TaxRates),
	}
	if price, ok := v.priceOf(i.Price); ok {
		o["price"], o["plan"] = v.price(price), v.plan(price)
	}
	if i.Quantity != nil {
		o["quantity"] = *i.Quantity
	}
	return o
}

func billingMode(m engine.BillingMode) object {
	var flexible any
	if m.Type == engine.ModeFlexible {
		flexible = object{"proration_discounts": m.ProrationDiscounts}
	}
	return object{"flexible": flexible, "type": m.Type, "updated_at": m.UpdatedAt}
}

func anchorConfig(c *engine.BillingCycleAnchorConfig) any {
	if c == nil {
		return nil
	}
	return object{
		"day_of_month": c.DayOfMonth, "hour": pointee(c.Hour), "minute": pointee(c.Minute), "month": pointee(c.Month), "second": pointee(c.Second),
	}
}

func pauseCollection(p *engine.PauseCollection) any {
	if p == nil {
		return nil
	}
	return object{"behavior": p.Behavior, "resumes_at": orNull(p.ResumesAt)}
}

func itemInterval(r *engine.Recurring) any {
	if r == nil {
		return nil
	}
	return object{"interval": r.Interval, "interval_count": r.IntervalCount}
}

func textsOrNull(list []string) any {
	if list == nil {
		return nil
	}
	return list
}

func (v *view) testClock(c *engine.TestClock) object {
	details := object{}
	if c.Status == engine.ClockAdvancing {
		details["advancing"] = object{"target_frozen_time": c.Target}
	}
	return object{
		"id": c.ID, "object": "test_helpers.test_clock", "created": c.Created, "deletes_after": c.DeletesAfter, "frozen_time": c.FrozenTime,
		"livemode": false, "name": orNull(c.Name), "status": c.Status, "status_details": details,
	}
}

// webhookEndpoint leaves out the secret, which only the answer to the create shows.
func (v *view) webhookEndpoint(e *engine.WebhookEndpoint) object {
	status := "enabled"
	if e.Disabled {
		status = "disabled"
	}
	return object{
		"id": e.ID, "object": "webhook_endpoint", "created": e.Created, "livemode": false, "metadata": metadata(e.Metadata),
		"api_version": orNull(e.APIVersion), "application": nil, "description": orNull(e.Description), "enabled_events": texts(e.EnabledEvents),
		"status": status, "url": e.URL,
	}
}
