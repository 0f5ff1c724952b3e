package engine

// The parts of the parameters of a subscription.

// SubscriptionItemParams are one element of items on create.
type SubscriptionItemParams struct {
	BillingThresholds Opt[ItemThresholdParams] `form:"billing_thresholds"`
	Discounts         Opt[[]DiscountParams]    `form:"discounts"`
	Metadata          Opt[map[string]string]   `form:"metadata"`
	Plan              Opt[string]              `form:"plan"`
	Price             Opt[string]              `form:"price"`
	PriceData         Opt[PriceDataParams]     `form:"price_data"`
	Quantity          Opt[int64]               `form:"quantity"`
	TaxRates          Opt[[]string]            `form:"tax_rates"`
}

// PriceDataParams make a price for one item only.
type PriceDataParams struct {
	Currency          Opt[string]         `form:"currency"`
	Product           Opt[string]         `form:"product"`
	Recurring         Opt[RecurringParam] `form:"recurring"`
	TaxBehavior       Opt[string]         `form:"tax_behavior"`
	UnitAmount        Opt[int64]          `form:"unit_amount"`
	UnitAmountDecimal Opt[Decimal]        `form:"unit_amount_decimal"`
}

// BillingModeParams choose how prorations are computed.
type BillingModeParams struct {
	Flexible Opt[FlexibleParams] `form:"flexible"`
	Type     Opt[string]         `form:"type"`
}

// FlexibleParams are billing_mode[flexible].
type FlexibleParams struct {
	ProrationDiscounts Opt[string] `form:"proration_discounts"`
}

// InvoiceSettingsParams are invoice_settings: what a subscription writes on its invoices.
type InvoiceSettingsParams struct {
	CustomFields Opt[[]CustomField] `form:"custom_fields"`
	Description  Opt[string]        `form:"description"`
	Footer       Opt[string]        `form:"footer"`
	Issuer       Opt[IssuerParams]  `form:"issuer"`
}

// SubscriptionPaymentParams are payment_settings.
type SubscriptionPaymentParams struct {
	PaymentMethodTypes       Opt[[]string] `form:"payment_method_types"`
	SaveDefaultPaymentMethod Opt[string]   `form:"save_default_payment_method"`
}

// TrialSettingsParams are trial_settings.
type TrialSettingsParams struct {
	EndBehavior Opt[TrialEndBehaviorParams] `form:"end_behavior"`
}

// TrialEndBehaviorParams are trial_settings[end_behavior].
type TrialEndBehaviorParams struct {
	MissingPaymentMethod Opt[string] `form:"missing_payment_method"`
}
