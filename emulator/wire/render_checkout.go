package wire

import "github.com/dues-billing/dues/emulator/engine"

func (v *view) checkoutSession(s *engine.CheckoutSession) object {
	setup := s.Mode == engine.ModeSetup
	methods := v.methodChoice(s.PaymentMethodTypes, "", true)
	o := object{
		"id": s.ID, "object": "checkout.session", "created": s.Created, "livemode": false, "metadata": metadata(s.Metadata),
		"adaptive_pricing":      object{"enabled": !setup},
		"automatic_tax":         object{"enabled": false, "liability": nil, "provider": nil, "status": nil},
		"allow_promotion_codes": pointee(s.AllowPromotionCodes),
		"amount_subtotal":       s.AmountSubtotal,
		"amount_total":          s.AmountTotal,
		"total_details":         object{"amount_discount": s.AmountDiscount, "amount_shipping": 0, "amount_tax": s.AmountTax},
		"discounts":             checkoutDiscounts(s),
		"branding_settings":     v.branding(),
		"collected_information": collectedInformation(s),
		"shipping_options":      []any{},
		"cancel_url":            orNull(s.CancelURL), "client_reference_id": orNull(s.ClientReferenceID),
		"client_secret": orNull(s.ClientSecret), "currency": orNull(s.Currency), "customer": orNull(s.Customer),
		"customer_creation": orNull(s.CustomerCreation), "customer_details": checkoutDetails(s), "customer_email": orNull(s.CustomerEmail),
		"expires_at": s.ExpiresAt, "invoice": orNull(s.Invoice), "invoice_creation": invoiceCreation(s), "locale": orNull(s.Locale), "mode": s.Mode,
		"payment_intent": orNull(s.PaymentIntent), "payment_method_collection": s.PaymentMethodCollection,
		"payment_method_configuration_details": methods.configuration,
		"payment_method_options":               object{"card": object{"request_three_d_secure": "automatic"}},
		"payment_method_types":                 methods.types,
		"payment_status":                       s.PaymentStatus, "saved_payment_method_options": savedMethods(s), "setup_intent": orNull(s.SetupIntent),
		"status": s.Status, "submit_type": orNull(s.SubmitType), "subscription": orNull(s.Subscription), "success_url": orNull(s.SuccessURL),
		"ui_mode": s.UIMode, "url": v.checkoutURL(s),
		"after_expiration": v.afterExpiration(s), "consent": checkoutConsent(s), "currency_conversion": nil, "customer_account": nil,
		"integration_identifier": orNull(s.IntegrationIdentifier), "origin_context": nil, "payment_link": orNull(s.PaymentLink), "permissions": nil, "recovered_from": orNull(s.RecoveredFrom),
		"shipping_address_collection": nil, "shipping_cost": nil, "wallet_options": nil,
	}
	asked(o, &s.Asks, s.Status == engine.SessionComplete)
	if setup {
		o["amount_subtotal"], o["amount_total"], o["total_details"], o["discounts"] = nil, nil, nil, nil
	}
	if s.ReturnURL != "" {
		o["return_url"] = s.ReturnURL
	}
	if len(s.OptionalItems) > 0 { // absent without any, as recorded
		o["optional_items"] = optionalItems(s.OptionalItems)
	}
	return o
}

func (v *view) afterExpiration(s *engine.CheckoutSession) any {
	r := s.Recovery
	if r == nil {
		return nil
	}
	o := object{"allow_promotion_codes": r.AllowPromotionCodes, "enabled": true, "expires_at": nil, "url": nil}
	if r.Token != "" {
		o["expires_at"], o["url"] = r.ExpiresAt, v.base+"/r/"+r.Token
	}
	return object{"recovery": o}
}

func (v *view) checkoutURL(s *engine.CheckoutSession) any {
	if s.Status != engine.SessionOpen || s.UIMode != "hosted_page" {
		return nil
	}
	return v.base + "/c/pay/" + s.ID
}

func (v *view) branding() object {
	return object{
		"background_color": "#ffffff", "border_style": "rounded", "button_color": "#0074d4", "display_name": v.world.Settings().AccountName,
		"font_family": "default", "icon": nil, "logo": nil,
	}
}

func checkoutDetails(s *engine.CheckoutSession) any {
	d := s.CustomerDetails
	if d == nil {
		return nil
	}
	exempt := any("none")
	if s.Mode == engine.ModeSetup {
		exempt = nil
	}
	return object{
		"address": address(d.Address), "business_name": orNull(d.BusinessName), "email": orNull(d.Email), "individual_name": orNull(d.IndividualName),
		"name": orNull(d.Name), "phone": orNull(d.Phone), "tax_exempt": exempt, "tax_ids": checkoutTaxIDs(s),
	}
}

// checkoutTaxIDs are null until the session is complete.
func checkoutTaxIDs(s *engine.CheckoutSession) any {
	if s.Status != engine.SessionComplete || !s.Asks.TaxIDs {
		return nil
	}
	out := make([]any, len(s.CustomerDetails.TaxIDs))
	for i, id := range s.CustomerDetails.TaxIDs {
		out[i] = object{"type": id.Type, "value": id.Value}
	}
	return out
}

func collectedInformation(s *engine.CheckoutSession) object {
	o := object{"business_name": nil, "individual_name": nil, "shipping_details": nil}
	if s.Status != engine.SessionComplete || s.CustomerDetails == nil {
		return o
	}
	if s.Asks.Business != nil {
		o["business_name"] = orNull(s.CustomerDetails.BusinessName)
	}
	if s.Asks.Individual != nil {
		o["individual_name"] = orNull(s.CustomerDetails.IndividualName)
	}
	return o
}

func invoiceCreation(s *engine.CheckoutSession) any {
	if s.Mode != engine.ModePayment {
		return nil
	}
	c := s.InvoiceCreation
	return object{"enabled": c.Enabled, "invoice_data": object{
		"account_tax_ids": nil, "custom_fields": nil, "description": orNull(c.Description), "footer": orNull(c.Footer), "issuer": nil, "metadata": metadata(c.Metadata),
		"rendering_options": nil,
	}}
}

func savedMethods(s *engine.CheckoutSession) any {
	if s.Mode == engine.ModeSetup {
		return nil
	}
	return object{"allow_redisplay_filters": []string{"always"}, "payment_method_remove": "disabled", "payment_method_save": nil}
}

func (v *view) checkoutLine(l *engine.CheckoutLine) object {
	o := object{
		"id": l.ID, "object": "item", "adjustable_quantity": adjustable(l.Adjustable), "amount_discount": l.AmountDiscount, "amount_subtotal": l.Amount, "amount_tax": l.AmountTax,
		"amount_total": l.AmountTotal,
		"currency":     l.Currency, "description": orNull(l.Description), "metadata": metadata(l.Metadata), "price": nil, "quantity": lineQuantity(l),
	}
	if price, ok := engine.Get[engine.Price](v.world, l.Price); ok {
		o["price"] = v.price(price)
	}
	return o
}

func (v *view) portalSession(s *engine.PortalSession) object {
	return object{
		"id": s.ID, "object": "billing_portal.session", "created": s.Created, "livemode": false, "configuration": s.Configuration,
		"customer": s.Customer, "customer_account": nil, "flow": portalFlow(s.Flow), "locale": orNull(s.Locale), "on_behalf_of": nil,
		"return_url": orNull(s.ReturnURL), "url": v.base + "/p/session/" + s.Token,
	}
}

func portalFlow(f *engine.PortalFlow) any {
	if f == nil {
		return nil
	}
	o := object{
		"after_completion": object{"hosted_confirmation": nil, "redirect": nil, "type": f.AfterCompletion}, "subscription_cancel": nil,
		"subscription_update": nil, "subscription_update_confirm": nil, "type": f.Type,
	}
	completion := o["after_completion"].(object)
	switch f.AfterCompletion {
	case "redirect":
		completion["redirect"] = object{"return_url": f.ReturnURL}
	case "hosted_confirmation":
		completion["hosted_confirmation"] = object{"custom_message": orNull(f.ConfirmationMessage)}
	}
	switch f.Type {
	case engine.FlowCancel:
		o[f.Type] = object{"retention": nil, "subscription": f.Subscription}
	case engine.FlowUpdate:
		o[f.Type] = object{"subscription": f.Subscription}
	case engine.FlowConfirm:
		item := object{"id": f.Item, "price": orNull(f.Change.Price)}
		if f.Change.Quantity != 0 {
			item["quantity"] = f.Change.Quantity
		}
		o[f.Type] = object{"discounts": nil, "items": []any{item}, "subscription": f.Subscription}
	}
	return o
}

func (v *view) portalConfiguration(c *engine.PortalConfiguration) object {
	return object{
		"id": c.ID, "object": "billing_portal.configuration", "created": c.Created, "updated": c.Updated, "livemode": false,
		"metadata": metadata(c.Metadata), "active": c.Active, "application": nil, "default_return_url": orNull(c.DefaultReturnURL),
		"is_default": c.IsDefault, "login_page": object{"enabled": false, "url": nil}, "name": orNull(c.Name),
		"business_profile": object{
			"headline": orNull(c.Headline), "privacy_policy_url": orNull(c.PrivacyPolicyURL), "terms_of_service_url": orNull(c.TermsOfServiceURL),
		},
		"features": portalFeatures(&c.Features),
	}
}

func portalFeatures(f *engine.PortalFeatures) object {
	update := object{
		"billing_cycle_anchor": orNull(f.SubscriptionUpdate.BillingCycleAnchor), "default_allowed_updates": texts(f.SubscriptionUpdate.DefaultAllowedUpdates),
		"enabled": f.SubscriptionUpdate.Enabled, "proration_behavior": f.SubscriptionUpdate.ProrationBehavior,
		"schedule_at_period_end": object{"conditions": []any{}}, "trial_update_behavior": f.SubscriptionUpdate.TrialUpdateBehavior,
	}
	if f.SubscriptionUpdate.Products != nil {
		products := make([]any, len(f.SubscriptionUpdate.Products))
		for i, p := range f.SubscriptionUpdate.Products {
			products[i] = object{
				"adjustable_quantity": object{
					"enabled": p.Adjustable.Enabled, "maximum": orNull(p.Adjustable.Maximum.Or(0)), "minimum": p.Adjustable.Minimum.Or(1),
				},
				"prices": texts(p.Prices), "product": p.Product,
			}
		}
		update["products"] = products
	}
	return object{
		"customer_update":       object{"allowed_updates": texts(f.CustomerUpdate.AllowedUpdates), "enabled": f.CustomerUpdate.Enabled},
		"invoice_history":       object{"enabled": f.InvoiceHistory},
		"payment_method_update": object{"enabled": f.PaymentMethodUpdate, "payment_method_configuration": nil},
		"subscription_cancel": object{
			"cancellation_reason": object{"enabled": f.SubscriptionCancel.ReasonEnabled, "options": texts(f.SubscriptionCancel.ReasonOptions)},
			"enabled":             f.SubscriptionCancel.Enabled, "mode": f.SubscriptionCancel.Mode,
			"proration_behavior": f.SubscriptionCancel.ProrationBehavior,
		},
		"subscription_pause":  object{"enabled": false},
		"subscription_update": update,
	}
}

func lineQuantity(l *engine.CheckoutLine) any {
	if l.Metered {
		return nil
	}
	return l.Quantity
}

func checkoutDiscounts(s *engine.CheckoutSession) []any {
	out := make([]any, len(s.Discounts))
	for i, d := range s.Discounts {
		out[i] = object{"coupon": orNull(d.Coupon), "promotion_code": orNull(d.PromotionCode)}
	}
	return out
}
