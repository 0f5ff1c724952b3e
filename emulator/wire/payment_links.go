package wire

import (
	"cmp"

	"github.com/dues-billing/dues/emulator/engine"
)

var paymentLinkRoutes = []*route{
	post("/v1/payment_links", "CreatePaymentLink"),
	list("/v1/payment_links", engine.ListPaymentLinks{}),
	retrieve[engine.PaymentLink]("/v1/payment_links/{payment_link}", "payment_link", "payment_link"),
	post("/v1/payment_links/{payment_link}", "UpdatePaymentLink"),
	list("/v1/payment_links/{payment_link}/line_items", engine.ListPaymentLinkLines{}),
}

func (v *view) paymentLink(l *engine.PaymentLink) object {
	d := l.Template
	o := object{
		"id": l.ID, "object": "payment_link", "active": l.Active, "livemode": false, "metadata": metadata(l.Metadata),
		"url":                   v.base + "/buy/" + l.Token,
		"after_completion":      linkCompletion(l),
		"allow_promotion_codes": d.AllowPromotionCodes,
		"application":           nil, "application_fee_amount": nil, "application_fee_percent": nil,
		"automatic_tax": object{"enabled": false, "liability": nil}, "currency": l.Currency,
		"customer_creation": cmp.Or(d.CustomerCreation, linkCustomer(l)), "inactive_message": orNull(l.InactiveMessage), "invoice_creation": nil,
		"on_behalf_of": nil, "optional_items": optionalItems(d.OptionalItems), "payment_intent_data": linkPayment(l),
		"payment_method_collection": cmp.Or(d.PaymentMethodCollection, engine.CollectAlways), "payment_method_types": nil,
		"restrictions": nil, "shipping_address_collection": nil, "shipping_options": []any{},
		"submit_type": cmp.Or(d.SubmitType, "auto"), "subscription_data": linkSubscription(l), "transfer_data": nil,
	}
	asked(o, &l.Asks, false)
	o["billing_address_collection"] = cmp.Or(l.Asks.BillingAddress, "auto")
	if l.Asks.TaxIDRequired == "" {
		o["tax_id_collection"] = object{"enabled": false, "required": "never"}
	}
	if len(d.PaymentMethodTypes) > 0 {
		o["payment_method_types"] = texts(d.PaymentMethodTypes)
	}
	if l.Limit > 0 {
		o["restrictions"] = object{"completed_sessions": object{"count": l.Completed, "limit": l.Limit}}
	}
	return o
}

func linkCompletion(l *engine.PaymentLink) object {
	if l.Completion == "redirect" {
		return object{"redirect": object{"url": l.RedirectURL}, "type": l.Completion}
	}
	return object{"hosted_confirmation": object{"custom_message": orNull(l.Message)}, "type": l.Completion}
}

// linkCustomer says when a link that does not say makes customers.
func linkCustomer(l *engine.PaymentLink) string {
	if l.Mode == engine.ModeSubscription {
		return engine.CollectAlways
	}
	return engine.CollectIfRequired
}

func linkPayment(l *engine.PaymentLink) any {
	d := l.Template.PaymentIntentData
	if l.Mode != engine.ModePayment || !d.CaptureMethod.Given() && !d.Description.Given() && !d.Metadata.Given() && !d.SetupFutureUsage.Given() &&
		!d.StatementDescriptor.Given() {
		return nil
	}
	return object{
		"capture_method": orNull(d.CaptureMethod.Or("")), "description": orNull(d.Description.Or("")), "metadata": metadata(d.Metadata.Or(nil)),
		"setup_future_usage": orNull(d.SetupFutureUsage.Or("")), "statement_descriptor": orNull(d.StatementDescriptor.Or("")),
		"statement_descriptor_suffix": nil, "transfer_group": nil,
	}
}

func linkSubscription(l *engine.PaymentLink) any {
	if l.Mode != engine.ModeSubscription {
		return nil
	}
	d := l.Template.SubscriptionData
	trial := any(nil)
	if missing := d.TrialSettings.Or(engine.TrialSettingsParams{}).EndBehavior.Or(engine.TrialEndBehaviorParams{}).MissingPaymentMethod.Or(""); missing != "" {
		trial = object{"end_behavior": object{"missing_payment_method": missing}}
	}
	return object{
		"description": orNull(d.Description.Or("")), "invoice_settings": object{"issuer": object{"type": "self"}}, "metadata": metadata(d.Metadata.Or(nil)),
		"trial_period_days": orNull(d.TrialPeriodDays.Or(0)), "trial_settings": trial,
	}
}

func (v *view) paymentLinkLines(l *engine.PaymentLink) any {
	return v.inside(v.checkoutItems(l.Lines), "/v1/payment_links/"+l.ID+"/line_items")
}

func (v *view) checkoutItems(lines []*engine.CheckoutLine) []any {
	data := make([]any, len(lines))
	for i, line := range lines {
		data[i] = v.checkoutLine(line)
	}
	return data
}
