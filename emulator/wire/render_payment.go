package wire

import "github.com/dues-billing/dues/emulator/engine"

func (v *view) paymentIntent(p *engine.PaymentIntent) object {
	methods := v.methodChoice(p.PaymentMethodTypes, p.AllowRedirects, p.Invoice == "")
	o := object{
		"id": p.ID, "object": "payment_intent", "created": p.Created, "livemode": false, "metadata": metadata(p.Metadata), "amount": p.Amount,
		"amount_capturable": p.AmountCapturable, "amount_details": object{"tip": object{}}, "amount_received": p.AmountReceived,
		"automatic_payment_methods": methods.automatic, "canceled_at": orNull(p.CanceledAt), "cancellation_reason": orNull(p.CancellationReason),
		"capture_method": p.CaptureMethod, "client_secret": p.ClientSecret, "confirmation_method": p.ConfirmationMethod, "currency": p.Currency,
		"customer": orNull(p.Customer), "description": orNull(p.Description), "last_payment_error": v.lastError(p.LastPaymentError),
		"latest_charge": orNull(p.LatestCharge), "managed_payments": object{"enabled": false}, "next_action": v.nextAction(p.NextAction, p.ID),
		"payment_method": orNull(p.PaymentMethod), "payment_method_configuration_details": methods.configuration,
		"payment_method_options": object{"card": object{
			"installments": nil, "mandate_options": nil, "network": nil, "request_three_d_secure": "automatic",
		}},
		"payment_method_types": methods.types, "receipt_email": orNull(p.ReceiptEmail), "setup_future_usage": orNull(p.SetupFutureUsage),
		"shipping": intentShipping(p.Shipping), "statement_descriptor": orNull(p.StatementDescriptor),
		"statement_descriptor_suffix": orNull(p.DescriptorSuffix), "status": p.Status, "transfer_group": orNull(p.TransferGroup),
		"allowed_payment_method_types": nil, "application": nil, "application_fee_amount": nil, "customer_account": nil,
		"excluded_payment_method_types": nil, "on_behalf_of": nil, "processing": nil, "review": nil, "shared_payment_granted_token": nil,
		"source": nil, "transfer_data": nil, "invoice": orNull(p.Invoice),
	}
	if p.OrderReference != "" {
		o["payment_details"] = object{"customer_reference": nil, "order_reference": p.OrderReference}
	}
	return o
}

// methodChoice tells how an intent chooses its payment methods: by an explicit list, or by the account's configuration.
type methodChoice struct {
	types                    []string
	automatic, configuration any
}

func (v *view) methodChoice(types []string, redirects string, byConfiguration bool) methodChoice {
	if types != nil {
		return methodChoice{types: types}
	}
	if !byConfiguration {
		return methodChoice{types: []string{"card"}}
	}
	if redirects == "" {
		redirects = "always"
	}
	return methodChoice{
		types: []string{"card"}, automatic: object{"allow_redirects": redirects, "enabled": true},
		configuration: object{"id": "pmc_" + v.world.AccountID()[len("acct_"):], "parent": nil},
	}
}

// challengeURL is the page where a payer answers a 3-D Secure challenge.
func (v *view) challengeURL(intent string) string { return v.base + "/3ds/" + intent }

func (v *view) nextAction(a *engine.NextAction, intent string) any {
	if a == nil {
		return nil
	}
	if a.Type == "redirect_to_url" {
		return object{"redirect_to_url": object{"return_url": orNull(a.ReturnURL), "url": v.challengeURL(intent)}, "type": a.Type}
	}
	return object{"type": a.Type, "use_stripe_sdk": object{"stripe_js": v.challengeURL(intent), "type": "three_d_secure_redirect"}}
}

func (v *view) lastError(e *engine.Error) any {
	if e == nil {
		return nil
	}
	return v.errorFields(e)
}

func intentShipping(s *engine.Shipping) any {
	if s == nil {
		return nil
	}
	return object{
		"address": address(&s.Address), "carrier": orNull(s.Carrier), "name": orNull(s.Name), "phone": orNull(s.Phone),
		"tracking_number": orNull(s.TrackingNumber),
	}
}

func (v *view) setupIntent(s *engine.SetupIntent) object {
	methods := v.methodChoice(s.PaymentMethodTypes, s.AllowRedirects, true)
	return object{
		"id": s.ID, "object": "setup_intent", "created": s.Created, "livemode": false, "metadata": metadata(s.Metadata),
		"automatic_payment_methods": methods.automatic, "cancellation_reason": orNull(s.CancellationReason), "client_secret": s.ClientSecret,
		"customer": orNull(s.Customer), "description": orNull(s.Description), "last_setup_error": v.lastError(s.LastSetupError),
		"latest_attempt": orNull(s.LatestAttempt), "next_action": v.nextAction(s.NextAction, s.ID), "payment_method": orNull(s.PaymentMethod),
		"payment_method_configuration_details": methods.configuration,
		"payment_method_options":               object{"card": object{"mandate_options": nil, "network": nil, "request_three_d_secure": "automatic"}},
		"payment_method_types":                 methods.types, "status": s.Status, "usage": s.Usage,
		"application": nil, "customer_account": nil, "excluded_payment_method_types": nil, "flow_directions": nil, "mandate": nil,
		"on_behalf_of": nil, "single_use_mandate": nil,
	}
}

func (v *view) paymentMethod(p *engine.PaymentMethod) object {
	return object{
		"id": p.ID, "object": "payment_method", "created": p.Created, "livemode": false, "metadata": metadata(p.Metadata),
		"allow_redisplay": p.Redisplay, "billing_details": billingDetails(&p.BillingDetails), "card": card(&p.Card), "customer": orNull(p.Customer),
		"customer_account": nil, "shared_payment_granted_token": nil, "type": p.Type,
	}
}

func card(c *engine.Card) object {
	display := c.Brand
	if display == "amex" {
		display = "american_express"
	}
	return object{
		"brand": c.Brand, "checks": checks(c), "country": orNull(c.Country), "display_brand": display, "exp_month": c.ExpMonth,
		"exp_year": c.ExpYear, "fingerprint": c.Fingerprint, "funding": c.Funding, "generated_from": nil, "last4": c.Last4,
		"networks": object{"available": texts(c.Networks), "preferred": nil}, "regulated_status": "unregulated",
		"three_d_secure_usage": object{"supported": c.ThreeDSecureUsage}, "wallet": wallet(c),
	}
}

func checks(c *engine.Card) object {
	return object{"address_line1_check": orNull(c.Line1Check), "address_postal_code_check": orNull(c.PostalCheck), "cvc_check": orNull(c.CVCCheck)}
}

func wallet(c *engine.Card) any {
	if c.Wallet == "" {
		return nil
	}
	return object{c.Wallet: object{}, "dynamic_last4": c.Last4, "type": c.Wallet}
}

func billingDetails(b *engine.BillingDetails) object {
	return object{
		"address": address(&b.Address), "email": orNull(b.Email), "name": orNull(b.Name), "phone": orNull(b.Phone), "tax_id": nil,
	}
}
