package wire

import (
	"strconv"

	"github.com/dues-billing/dues/emulator/engine"
)

// linesShown is how many lines the list inside an invoice shows.
const linesShown = 10

func (v *view) invoice(i *engine.Invoice) object {
	if v.seq == 0 {
		i = v.world.Shown(i)
	}
	hosted, pdf := v.invoiceLinks(i)
	o := object{
		"id": i.ID, "object": "invoice", "created": i.Created, "livemode": false, "metadata": metadata(i.Metadata),
		"account_country": v.world.Settings().AccountCountry, "account_name": v.world.Settings().AccountName,
		"amount_due": i.AmountDue, "amount_overpaid": i.Overpaid, "amount_paid": i.AmountPaid, "amount_paid_off_stripe": i.PaidOffStripe,
		"amount_remaining": i.AmountRemaining, "amount_shipping": 0, "attempt_count": i.AttemptCount, "attempted": i.Attempted,
		"auto_advance": i.AutoAdvance, "automatically_finalizes_at": orNull(i.AutomaticallyFinalizesAt), "billing_reason": i.BillingReason,
		"collection_method": i.CollectionMethod, "currency": i.Currency, "custom_fields": customFields(i.CustomFields), "customer": i.Customer,
		"customer_address": address(i.CustomerAddress), "customer_email": orNull(i.CustomerEmail), "customer_name": orNull(i.CustomerName),
		"customer_phone": orNull(i.CustomerPhone), "customer_shipping": shipping(i.CustomerShipping), "customer_tax_exempt": orNull(i.CustomerTaxExempt),
		"customer_tax_ids": v.invoiceTaxIDs(i), "default_payment_method": orNull(i.DefaultPaymentMethod), "description": orNull(i.Description),
		"due_date": orNull(i.DueDate), "effective_at": orNull(i.EffectiveAt), "ending_balance": pointee(i.EndingBalance), "footer": orNull(i.Footer),
		"hosted_invoice_url": hosted, "invoice_pdf": pdf, "lines": v.lines(i), "next_payment_attempt": orNull(i.NextPaymentAttempt),
		"number": orNull(i.Number), "parent": invoiceParent(i), "period_end": i.PeriodEnd, "period_start": i.PeriodStart,
		"rendering": invoiceRendering(i), "starting_balance": i.StartingBalance, "statement_descriptor": orNull(i.StatementDescriptor),
		"status": i.Status, "subtotal": i.Subtotal, "subtotal_excluding_tax": i.SubtotalExcludingTax, "test_clock": orNull(i.TestClock), "total": i.Total,
		"total_excluding_tax": i.TotalExcludingTax, "webhooks_delivered_at": orNull(i.WebhooksDeliveredAt),
		"automatic_tax": object{"disabled_reason": nil, "enabled": false, "liability": nil, "provider": nil, "status": nil},
		"issuer":        object{"type": "self"},
		"payment_settings": object{
			"default_mandate": nil, "payment_method_options": nil, "payment_method_types": textsOrNull(i.PaymentMethodTypes),
		},
		"status_transitions": object{
			"finalized_at": orNull(i.StatusTransitions.FinalizedAt), "marked_uncollectible_at": orNull(i.StatusTransitions.MarkedUncollectibleAt),
			"paid_at": orNull(i.StatusTransitions.PaidAt), "voided_at": orNull(i.StatusTransitions.VoidedAt),
		},
		"pre_payment_credit_notes_amount": i.PreCredited, "post_payment_credit_notes_amount": i.PostCredited,
		"default_tax_rates": v.taxRates(i.DefaultTaxRates), "discounts": texts(i.Discounts), "total_discount_amounts": discountAmounts(i.TotalDiscounts),
		"total_pretax_credit_amounts": append(pretaxCredits(i.TotalDiscounts), creditsOn(i.Lines...)...),
		"total_taxes":                 taxes(i.TotalTaxes),
		"account_tax_ids":             nil, "application": nil, "customer_account": nil, "default_source": nil, "from_invoice": nil,
		"last_finalization_error": v.lastError(i.FinalizationError), "latest_revision": nil, "on_behalf_of": nil, "receipt_number": nil, "shipping_cost": nil,
		"shipping_details": shipping(i.ShippingDetails), "charge": orNull(i.Charge), "paid_out_of_band": i.PaidOutOfBand, "payment_intent": orNull(i.PaymentIntent),
	}
	if i.Threshold != nil {
		o["threshold_reason"] = thresholdReason(i)
	}
	if i.Status == engine.InvoiceUncollectible && v.era.version >= endiveFirst {
		o["status_details"] = object{"uncollectible": object{"reason": i.Uncollectible}}
	}
	return o
}

func (v *view) invoiceLinks(i *engine.Invoice) (hosted, pdf any) {
	if i.HostedToken == "" {
		return nil, nil
	}
	page := v.base + "/i/" + v.world.AccountID() + "/" + i.HostedToken
	return page, page + "/pdf"
}

func invoiceParent(i *engine.Invoice) any {
	if i.Quote != "" {
		return object{"quote_details": object{"quote": i.Quote}, "subscription_details": nil, "type": "quote_details"}
	}
	if i.Subscription == "" {
		return nil
	}
	details := object{"metadata": metadata(i.SubscriptionMetadata), "subscription": i.Subscription}
	if i.SubscriptionProration != 0 {
		details["subscription_proration_date"] = i.SubscriptionProration
	}
	return object{"quote_details": nil, "subscription_details": details, "type": "subscription_details"}
}

// invoiceRendering is null on the invoices of subscriptions; on others the page size is settled when they are finalized.
func invoiceRendering(i *engine.Invoice) any {
	look := i.Rendering
	if look == nil && i.Subscription != "" {
		return nil
	}
	if look == nil {
		look = &engine.InvoiceRendering{PageSize: "auto"}
	}
	size := look.PageSize
	if size == "auto" && i.Status != engine.InvoiceDraft {
		size = "letter"
	}
	return object{"amount_tax_display": orNull(look.AmountTaxDisplay), "pdf": object{"page_size": size}, "template": orNull(look.Template), "template_version": orNull(look.TemplateVersion)}
}

func (v *view) lines(i *engine.Invoice) object {
	data := make([]any, 0, linesShown)
	for _, line := range i.Lines[:min(len(i.Lines), linesShown)] {
		data = append(data, v.line(line))
	}
	return object{
		"object": "list", "data": data, "has_more": len(i.Lines) > linesShown, "total_count": len(i.Lines), "url": "/v1/invoices/" + i.ID + "/lines",
	}
}

func (v *view) line(l *engine.InvoiceLine) object {
	says := l.Metadata
	if v.seq == 0 {
		says = v.world.ShownMetadata(l)
	}
	return object{
		"id": l.ID, "object": "line_item", "livemode": false, "metadata": metadata(says), "amount": l.Amount, "currency": l.Currency,
		"description": orNull(l.Description), "discount_amounts": discountAmounts(l.DiscountAmounts), "discountable": l.Discountable, "discounts": texts(l.Discounts),
		"invoice": orNull(l.Invoice), "parent": lineParent(l), "period": period(l.Period), "pretax_credit_amounts": append(pretaxCredits(l.DiscountAmounts), creditsOn(l)...),
		"pricing": pricing(l.Price, l.Product, l.UnitAmount), "quantity": pointee(l.Quantity), "quantity_decimal": quantityDecimal(l.Quantity, l.Used),
		"subtotal": l.Amount, "taxes": taxes(l.Taxes),
	}
}

func lineParent(l *engine.InvoiceLine) object {
	details := object{
		"invoice_item": orNull(l.InvoiceItem), "proration": l.Proration, "proration_details": object{"credited_items": creditedItems(l.CreditedItems)},
		"subscription": orNull(l.Subscription),
	}
	if !l.FromSubscription {
		return object{"invoice_item_details": details, "subscription_item_details": nil, "type": "invoice_item_details"}
	}
	details["subscription_item"] = l.SubscriptionItem
	return object{"invoice_item_details": nil, "subscription_item_details": details, "type": "subscription_item_details"}
}

func creditedItems(c *engine.CreditedItems) any {
	if c == nil {
		return nil
	}
	return object{"invoice": c.Invoice, "invoice_line_items": texts(c.Lines)}
}

func period(p engine.Period) object { return object{"end": p.End, "start": p.Start} }

func pricing(price, product string, unit *engine.Decimal) any {
	if price == "" {
		return nil
	}
	return object{"price_details": object{"price": price, "product": product}, "type": "price_details", "unit_amount_decimal": decimal(unit)}
}

// quantityDecimal is a quantity as text: that of usage may be a fraction.
func quantityDecimal(q *int64, used *engine.Decimal) any {
	if used != nil {
		return used.String()
	}
	if q == nil {
		return nil
	}
	return strconv.FormatInt(*q, 10)
}

func (v *view) invoiceItem(i *engine.InvoiceItem) object {
	var parent any
	if i.Subscription != "" {
		details := object{"subscription": i.Subscription}
		if i.SubscriptionItem != "" {
			details["subscription_item"] = i.SubscriptionItem
		}
		parent = object{"subscription_details": details, "type": "subscription_details"}
	}
	o := object{
		"id": i.ID, "object": "invoiceitem", "livemode": false, "metadata": metadata(i.Metadata), "amount": i.Amount, "currency": i.Currency,
		"customer": i.Customer, "customer_account": nil, "date": i.Date, "description": orNull(i.Description), "discountable": i.Discountable,
		"discounts": texts(i.Discounts), "invoice": orNull(i.Invoice), "parent": parent, "period": period(i.Period),
		"pricing": pricing(i.Price, i.Product, i.UnitAmount), "proration": i.Proration, "quantity": i.Quantity,
		"quantity_decimal": quantityDecimal(&i.Quantity, i.Used), "tax_rates": v.taxRates(i.TaxRates), "test_clock": orNull(i.TestClock),
	}
	if i.Proration {
		o["proration_details"] = object{"discount_amounts": discountAmounts(i.Reduced)}
	}
	if len(i.Discounts) == 0 && v.world.Settings().Decisions.ItemNetAmount {
		net := i.Amount
		for _, off := range i.Reduced {
			net -= off.Amount
		}
		o["net_amount"] = net
	}
	return o
}

func (v *view) invoicePayment(p *engine.InvoicePayment) object {
	return object{
		"id": p.ID, "object": "invoice_payment", "created": p.Created, "livemode": false, "amount_paid": pointee(p.AmountPaid),
		"amount_requested": p.AmountRequested, "currency": p.Currency, "invoice": p.Invoice, "is_default": p.IsDefault,
		"payment": object{"payment_intent": p.PaymentIntent, "type": "payment_intent"}, "status": p.Status,
		"status_transitions": object{"canceled_at": orNull(p.CanceledAt), "paid_at": orNull(p.PaidAt)},
	}
}
