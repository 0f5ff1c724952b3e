package wire

import (
	"github.com/dues-billing/dues/emulator/engine"
)

func (v *view) quote(q *engine.Quote) object {
	upfront := quoteTotals(q.Upfront)
	var recurring, from, due any
	if q.Recurring != nil {
		o := quoteTotals(*q.Recurring)
		o["interval"], o["interval_count"] = q.RecurringEvery.Interval, q.RecurringEvery.IntervalCount
		recurring = o
	}
	if q.FromQuote != "" {
		from = object{"is_revision": q.IsRevision, "quote": q.FromQuote}
	}
	if q.CollectionMethod == engine.InvoiceByMail {
		due = pointee(q.InvoiceSettings.DaysUntilDue)
	}
	o := quoteTotals(q.Totals)
	for key, value := range (object{
		"id": q.ID, "object": "quote", "created": q.Created, "livemode": false, "metadata": metadata(q.Metadata), "application": nil,
		"application_fee_amount": nil, "application_fee_percent": nil,
		"automatic_tax":     object{"enabled": false, "liability": nil, "provider": nil, "status": nil},
		"collection_method": q.CollectionMethod, "computed": object{"recurring": recurring, "upfront": upfront}, "currency": orNull(q.Currency),
		"customer": orNull(q.Customer), "customer_account": nil, "default_tax_rates": texts(q.DefaultTaxRates), "description": orNull(q.Description),
		"discounts": texts(q.Discounts), "expires_at": q.ExpiresAt, "footer": orNull(q.Footer), "from_quote": from, "header": orNull(q.Header),
		"invoice": orNull(q.Invoice), "number": orNull(q.Number), "on_behalf_of": nil, "status": q.Status,
		"invoice_settings": object{
			"custom_fields": customFields(q.InvoiceSettings.CustomFields), "days_until_due": due, "description": orNull(q.InvoiceSettings.Description),
			"footer": orNull(q.InvoiceSettings.Footer), "issuer": object{"type": "self"},
		},
		"status_transitions": object{
			"accepted_at": orNull(q.AcceptedAt), "canceled_at": orNull(q.CanceledAt), "finalized_at": orNull(q.FinalizedAt),
		},
		"subscription": orNull(q.Subscription), "subscription_data": quoteSubscription(q.Subscribes),
		"subscription_schedule": orNull(q.SubscriptionSchedule), "test_clock": orNull(q.TestClock), "transfer_data": nil,
	}) {
		o[key] = value
	}
	return o
}

func quoteTotals(q engine.QuoteTotals) object {
	return object{
		"amount_subtotal": q.Subtotal, "amount_total": q.Total,
		"total_details": object{"amount_discount": q.Discount, "amount_shipping": 0, "amount_tax": q.Tax},
	}
}

func quoteSubscription(s engine.QuoteSubscription) object {
	mode := object{"type": s.BillingMode.Type}
	if s.BillingMode.Type == engine.ModeFlexible {
		mode["flexible"] = object{"proration_discounts": s.BillingMode.ProrationDiscounts}
	}
	var given any
	if s.Metadata != nil {
		given = s.Metadata
	}
	return object{
		"billing_mode": mode, "description": orNull(s.Description), "effective_date": orNull(s.EffectiveDate), "metadata": given,
		"trial_period_days": orNull(s.TrialPeriodDays),
	}
}

func (v *view) quoteLine(l *engine.QuoteLine) object {
	o := object{
		"id": l.ID, "object": "item", "amount_discount": l.Discount, "amount_subtotal": l.Subtotal, "amount_tax": l.Tax, "amount_total": l.Total,
		"currency": l.Currency, "description": orNull(l.Description), "price": nil, "quantity": pointee(l.Quantity),
	}
	if price, ok := engine.Get[engine.Price](v.world, l.Price); ok {
		o["price"] = v.price(price)
	}
	return o
}

// quoteLines is the list of lines that a quote shows when asked.
func (v *view) quoteLines(q *engine.Quote) any {
	data := make([]any, len(q.Lines))
	for i, line := range q.Lines {
		data[i] = v.quoteLine(line)
	}
	return v.inside(data, "/v1/quotes/"+q.ID+"/line_items")
}
