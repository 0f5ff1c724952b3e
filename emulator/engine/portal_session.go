package engine

// CreatePortalSession is POST /v1/billing_portal/sessions.
type CreatePortalSession struct {
	Configuration Opt[string]           `form:"configuration"`
	Customer      Opt[string]           `form:"customer"`
	FlowData      Opt[PortalFlowParams] `form:"flow_data"`
	Locale        Opt[string]           `form:"locale"`
	ReturnURL     Opt[string]           `form:"return_url"`
}

// PortalFlowParams are flow_data: a deep link to one task.
type PortalFlowParams struct {
	Type            Opt[string]                  `form:"type"`
	AfterCompletion Opt[PortalCompletionParams]  `form:"after_completion"`
	Cancel          Opt[PortalSubscriptionParam] `form:"subscription_cancel"`
	Update          Opt[PortalSubscriptionParam] `form:"subscription_update"`
	Confirm         Opt[PortalConfirmParam]      `form:"subscription_update_confirm"`
}

// PortalSubscriptionParam names the subscription of a flow.
type PortalSubscriptionParam struct {
	Subscription Opt[string] `form:"subscription"`
}

// PortalCompletionParams are flow_data[after_completion].
type PortalCompletionParams struct {
	Type         Opt[string]                   `form:"type"`
	Redirect     Opt[PortalRedirectParams]     `form:"redirect"`
	Confirmation Opt[PortalConfirmationParams] `form:"hosted_confirmation"`
}

// PortalRedirectParams are flow_data[after_completion][redirect].
type PortalRedirectParams struct {
	ReturnURL Opt[string] `form:"return_url"`
}

// PortalConfirmationParams are flow_data[after_completion][hosted_confirmation].
type PortalConfirmationParams struct {
	CustomMessage Opt[string] `form:"custom_message"`
}

// The flows that the portal's pages serve.
const (
	FlowPaymentMethod = "payment_method_update"
	FlowCancel        = "subscription_cancel"
	FlowUpdate        = "subscription_update"
	FlowConfirm       = "subscription_update_confirm"
)

func (c CreatePortalSession) apply(t *tx) (Result, error) {
	id, ok := c.Customer.Get()
	if !ok {
		return nil, required("customer")
	}
	cus, ok := Get[Customer](t.world, id)
	if !ok || cus.Deleted {
		return nil, noSuchParam("customer", id, "customer")
	}
	if u := c.ReturnURL.Or(""); u != "" && !httpURL(u) {
		return nil, invalid("return_url", "url_invalid", "Not a valid URL")
	}
	conf, err := c.configuration(t)
	if err != nil {
		return nil, err
	}
	s := &PortalSession{
		ID: t.long("bps_"), Created: t.now, ExpiresAt: t.now + t.decided().PortalSessionSeconds, Configuration: conf.ID, Customer: cus.ID,
		Locale: c.Locale.Or(""), ReturnURL: c.ReturnURL.Or(conf.DefaultReturnURL), Token: "test_" + t.world.characters(48),
	}
	if flow, ok := c.FlowData.Get(); ok {
		if s.Flow, err = flow.check(t, cus, conf.Features); err != nil {
			return nil, err
		}
	}
	return create(t, "billing_portal.session.created", s), nil
}

func (c CreatePortalSession) configuration(t *tx) (*PortalConfiguration, error) {
	if id, ok := c.Configuration.Get(); ok {
		conf, found := Get[PortalConfiguration](t.world, id)
		if !found {
			return nil, noSuchParam("configuration", id, "configuration")
		}
		if !conf.Active {
			return nil, invalid("configuration", "", "The configuration %s is not active.", id)
		}
		return conf, nil
	}
	conf, ok := t.defaultConfiguration()
	if !ok {
		return nil, invalid("", "", "No configuration provided and your test mode default configuration has not been created. Provide a configuration "+
			"or create your default by saving your customer portal settings in test mode at https://dashboard.stripe.com/test/settings/billing/portal.")
	}
	return conf, nil
}

// check refuses a flow whose feature is off, or that names what is not the customer's.
func (p PortalFlowParams) check(t *tx, cus *Customer, f PortalFeatures) (*PortalFlow, error) {
	flow := &PortalFlow{Type: p.Type.Or("")}
	switch flow.Type {
	case "":
		return nil, required("flow_data[type]")
	case FlowPaymentMethod:
		if !f.PaymentMethodUpdate {
			return nil, flowOff(flow.Type)
		}
	case FlowCancel:
		if !f.SubscriptionCancel.Enabled {
			return nil, flowOff(flow.Type)
		}
		id, ok := p.Cancel.Or(PortalSubscriptionParam{}).Subscription.Get()
		if !ok {
			return nil, required("flow_data[subscription_cancel][subscription]")
		}
		sub, found := Get[Subscription](t.world, id)
		if !found || sub.Customer != cus.ID {
			return nil, noSuchParam("subscription", id, "flow_data[subscription_cancel][subscription]")
		}
		if !sub.live() || sub.CancelAt != 0 {
			return nil, invalid("flow_data[subscription_cancel][subscription]", "", "The subscription %s is already set to be canceled.", id)
		}
		flow.Subscription = id
	case FlowUpdate:
		if err := flow.update(t, cus, f, p.Update.Or(PortalSubscriptionParam{}).Subscription); err != nil {
			return nil, err
		}
	case FlowConfirm:
		confirm := p.Confirm.Or(PortalConfirmParam{})
		if err := flow.update(t, cus, f, confirm.Subscription); err != nil {
			return nil, err
		}
		if err := flow.confirm(t, f, confirm); err != nil {
			return nil, err
		}
	default:
		return nil, invalid("flow_data[type]", "", "This emulator does not serve the portal flow %s yet.", flow.Type)
	}
	after := p.AfterCompletion.Or(PortalCompletionParams{})
	flow.AfterCompletion = after.Type.Or("portal_homepage")
	if err := oneOf("flow_data[after_completion][type]", flow.AfterCompletion, "portal_homepage", "redirect", "hosted_confirmation"); err != nil {
		return nil, err
	}
	flow.ReturnURL = after.Redirect.Or(PortalRedirectParams{}).ReturnURL.Or("")
	flow.ConfirmationMessage = after.Confirmation.Or(PortalConfirmationParams{}).CustomMessage.Or("")
	if flow.AfterCompletion == "redirect" && !httpURL(flow.ReturnURL) {
		return nil, required("flow_data[after_completion][redirect][return_url]")
	}
	return flow, nil
}

func flowOff(kind string) *Error {
	return invalid("flow_data[type]", "", "The flow %s cannot be used: its feature is disabled in the portal configuration.", kind)
}

var _ = register(CreatePortalSession{})
