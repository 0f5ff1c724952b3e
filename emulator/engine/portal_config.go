package engine

// PortalConfigurationParams are the parameters that create and update share.
type PortalConfigurationParams struct {
	BusinessProfile  Opt[PortalBusinessParams] `form:"business_profile"`
	DefaultReturnURL Opt[string]               `form:"default_return_url"`
	Features         Opt[PortalFeaturesParams] `form:"features"`
	LoginPage        Opt[PortalLoginParams]    `form:"login_page"`
	Metadata         Opt[map[string]string]    `form:"metadata"`
	Name             Opt[string]               `form:"name"`
}

// PortalBusinessParams are business_profile.
type PortalBusinessParams struct {
	Headline          Opt[string] `form:"headline"`
	PrivacyPolicyURL  Opt[string] `form:"privacy_policy_url"`
	TermsOfServiceURL Opt[string] `form:"terms_of_service_url"`
}

// PortalLoginParams are login_page; only off is served.
type PortalLoginParams struct {
	Enabled Opt[bool] `form:"enabled"`
}

// PortalFeaturesParams are features.
type PortalFeaturesParams struct {
	CustomerUpdate      Opt[PortalCustomerUpdateParams] `form:"customer_update"`
	InvoiceHistory      Opt[PortalSwitch]               `form:"invoice_history"`
	PaymentMethodUpdate Opt[PortalSwitch]               `form:"payment_method_update"`
	SubscriptionCancel  Opt[PortalCancelParams]         `form:"subscription_cancel"`
	SubscriptionUpdate  Opt[PortalUpdateParams]         `form:"subscription_update"`
}

// PortalSwitch is a feature that is on or off.
type PortalSwitch struct {
	Enabled Opt[bool] `form:"enabled"`
}

// PortalCustomerUpdateParams are features[customer_update].
type PortalCustomerUpdateParams struct {
	Enabled        Opt[bool]     `form:"enabled"`
	AllowedUpdates Opt[[]string] `form:"allowed_updates"`
}

// PortalCancelParams are features[subscription_cancel].
type PortalCancelParams struct {
	Enabled           Opt[bool]               `form:"enabled"`
	Mode              Opt[string]             `form:"mode"`
	ProrationBehavior Opt[string]             `form:"proration_behavior"`
	Reason            Opt[PortalReasonParams] `form:"cancellation_reason"`
}

// PortalReasonParams are features[subscription_cancel][cancellation_reason].
type PortalReasonParams struct {
	Enabled Opt[bool]     `form:"enabled"`
	Options Opt[[]string] `form:"options"`
}

// newConfiguration has the values of features that are not named at creation.
func (t *tx) newConfiguration() *PortalConfiguration {
	return &PortalConfiguration{
		ID: t.long("bpc_"), Created: t.now, Updated: t.now, Active: true,
		Features: PortalFeatures{
			SubscriptionCancel: PortalCancelFeature{
				Mode: "at_period_end", ProrationBehavior: NoProrations,
				ReasonOptions: []string{"too_expensive", "missing_features", "switched_service", "unused", "other"},
			},
			SubscriptionUpdate: PortalUpdateFeature{
				ProrationBehavior: NoProrations, BillingCycleAnchor: "unchanged", TrialUpdateBehavior: "end_trial",
			},
		},
	}
}

// defaultConfiguration is the one of sessions that name none. As after its first save in the Dashboard, it allows to change the card, to
// see invoices and to cancel at the period's end.
func (t *tx) defaultConfiguration() (*PortalConfiguration, bool) {
	for _, c := range t.world.tables.configurations.all("", "") {
		if c.IsDefault {
			return c, true
		}
	}
	if !t.settings().PortalDefaultFeatures {
		return nil, false
	}
	c := t.newConfiguration()
	c.IsDefault = true
	c.Features.InvoiceHistory, c.Features.PaymentMethodUpdate = true, true
	c.Features.SubscriptionCancel.Enabled, c.Features.SubscriptionCancel.ReasonEnabled = true, true
	c.Features.CustomerUpdate = PortalCustomerUpdate{Enabled: true, AllowedUpdates: []string{"email", "address", "phone"}}
	put(t, c)
	return c, true
}

// CreatePortalConfiguration is POST /v1/billing_portal/configurations.
type CreatePortalConfiguration struct {
	PortalConfigurationParams
}

func (c CreatePortalConfiguration) apply(t *tx) (Result, error) {
	if !c.Features.Given() {
		return nil, required("features")
	}
	conf := t.newConfiguration()
	if err := c.fill(t, conf); err != nil {
		return nil, err
	}
	return create(t, "billing_portal.configuration.created", conf), nil
}

// fill writes the given parameters into a configuration that is not stored yet.
func (c PortalConfigurationParams) fill(t *tx, conf *PortalConfiguration) error {
	business := c.BusinessProfile.Or(PortalBusinessParams{})
	business.Headline.Set(&conf.Headline)
	business.PrivacyPolicyURL.Set(&conf.PrivacyPolicyURL)
	business.TermsOfServiceURL.Set(&conf.TermsOfServiceURL)
	c.DefaultReturnURL.Set(&conf.DefaultReturnURL)
	c.Name.Set(&conf.Name)
	conf.Metadata = mergeMetadata(conf.Metadata, c.Metadata)
	if c.LoginPage.Or(PortalLoginParams{}).Enabled.Or(false) {
		return unsupported("login_page[enabled]", "true")
	}
	return c.Features.Or(PortalFeaturesParams{}).fill(t, &conf.Features)
}

func (p PortalFeaturesParams) fill(t *tx, f *PortalFeatures) error {
	f.InvoiceHistory = p.InvoiceHistory.Or(PortalSwitch{}).Enabled.Or(f.InvoiceHistory)
	f.PaymentMethodUpdate = p.PaymentMethodUpdate.Or(PortalSwitch{}).Enabled.Or(f.PaymentMethodUpdate)
	if u, ok := p.CustomerUpdate.Get(); ok {
		f.CustomerUpdate.Enabled = u.Enabled.Or(f.CustomerUpdate.Enabled)
		u.AllowedUpdates.Set(&f.CustomerUpdate.AllowedUpdates)
		if f.CustomerUpdate.Enabled && len(f.CustomerUpdate.AllowedUpdates) == 0 {
			return invalid("features[customer_update][allowed_updates]", "parameter_missing",
				"You must provide `allowed_updates` when `customer_update` is enabled.")
		}
	}
	if cancel, ok := p.SubscriptionCancel.Get(); ok {
		f.SubscriptionCancel.Enabled = cancel.Enabled.Or(f.SubscriptionCancel.Enabled)
		f.SubscriptionCancel.Mode = cancel.Mode.Or(f.SubscriptionCancel.Mode)
		f.SubscriptionCancel.ProrationBehavior = cancel.ProrationBehavior.Or(f.SubscriptionCancel.ProrationBehavior)
		if reason, ok := cancel.Reason.Get(); ok {
			f.SubscriptionCancel.ReasonEnabled = reason.Enabled.Or(f.SubscriptionCancel.ReasonEnabled)
			reason.Options.Set(&f.SubscriptionCancel.ReasonOptions)
		}
	}
	if u, ok := p.SubscriptionUpdate.Get(); ok {
		return u.fill(t, &f.SubscriptionUpdate)
	}
	return nil
}

// UpdatePortalConfiguration is POST /v1/billing_portal/configurations/{id}.
type UpdatePortalConfiguration struct {
	ID string `form:"-"`
	PortalConfigurationParams
	Active Opt[bool] `form:"active"`
}

func (c UpdatePortalConfiguration) apply(t *tx) (Result, error) {
	before, ok := Get[PortalConfiguration](t.world, c.ID)
	if !ok {
		return nil, NotFound("configuration", c.ID, "configuration")
	}
	conf := *before
	if active, given := c.Active.Get(); given {
		if !active && conf.IsDefault {
			return nil, invalid("active", "", "You cannot deactivate the default configuration.")
		}
		conf.Active = active
	}
	if err := c.fill(t, &conf); err != nil {
		return nil, err
	}
	conf.Updated = t.now
	return update(t, "billing_portal.configuration.updated", before, &conf), nil
}

// ListPortalConfigurations is GET /v1/billing_portal/configurations.
type ListPortalConfigurations struct {
	Page
	Active    Opt[bool] `form:"active"`
	IsDefault Opt[bool] `form:"is_default"`
}

func (q ListPortalConfigurations) run(w *World) (*Listing, error) {
	return list(w, q.Page, selection[PortalConfiguration]{cursorName: "configuration", keep: func(c *PortalConfiguration) bool {
		return q.Active.Or(c.Active) == c.Active && q.IsDefault.Or(c.IsDefault) == c.IsDefault
	}})
}

var _ = register(CreatePortalConfiguration{}, UpdatePortalConfiguration{})
