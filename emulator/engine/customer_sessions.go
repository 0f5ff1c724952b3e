package engine

// CreateCustomerSession is POST /v1/customer_sessions: a secret by which Stripe's components in a browser may see and change what is one
// customer's. Nothing else ever reads a session, so none is kept.
type CreateCustomerSession struct {
	Components Opt[SessionComponents] `form:"components"`
	Customer   Opt[string]            `form:"customer"`
}

// SessionComponents are the components that a session is for, and what they may do.
type SessionComponents struct {
	ActiveEntitlements   Opt[SessionSwitch] `form:"active_entitlements"`
	BuyButton            Opt[SessionSwitch] `form:"buy_button"`
	CustomerPortal       Opt[SessionSwitch] `form:"customer_portal"`
	CustomerSheet        Opt[SessionSheet]  `form:"customer_sheet"`
	MobilePaymentElement Opt[SessionMobile] `form:"mobile_payment_element"`
	PaymentElement       Opt[SessionPay]    `form:"payment_element"`
	PricingTable         Opt[SessionSwitch] `form:"pricing_table"`
}

// SessionSwitch is a component that is on or off.
type SessionSwitch struct {
	Enabled Opt[bool] `form:"enabled"`
}

// SessionSheet is the sheet of a customer's saved cards in an app.
type SessionSheet struct {
	Enabled  Opt[bool]                 `form:"enabled"`
	Features Opt[SessionSheetFeatures] `form:"features"`
}

// SessionSheetFeatures are what that sheet offers.
type SessionSheetFeatures struct {
	Filters Opt[[]string] `form:"payment_method_allow_redisplay_filters"`
	Remove  Opt[string]   `form:"payment_method_remove"`
}

// SessionMobile is the payment element of an app.
type SessionMobile struct {
	Enabled  Opt[bool]                  `form:"enabled"`
	Features Opt[SessionMobileFeatures] `form:"features"`
}

// SessionMobileFeatures are what that element offers.
type SessionMobileFeatures struct {
	Filters      Opt[[]string] `form:"payment_method_allow_redisplay_filters"`
	Redisplay    Opt[string]   `form:"payment_method_redisplay"`
	Remove       Opt[string]   `form:"payment_method_remove"`
	Save         Opt[string]   `form:"payment_method_save"`
	SaveOverride Opt[string]   `form:"payment_method_save_allow_redisplay_override"`
}

// SessionPay is the payment element of a page.
type SessionPay struct {
	Enabled  Opt[bool]               `form:"enabled"`
	Features Opt[SessionPayFeatures] `form:"features"`
}

// SessionPayFeatures are what that element offers.
type SessionPayFeatures struct {
	Filters        Opt[[]string] `form:"payment_method_allow_redisplay_filters"`
	Redisplay      Opt[string]   `form:"payment_method_redisplay"`
	RedisplayLimit Opt[int64]    `form:"payment_method_redisplay_limit"`
	Remove         Opt[string]   `form:"payment_method_remove"`
	Save           Opt[string]   `form:"payment_method_save"`
	SaveUsage      Opt[string]   `form:"payment_method_save_usage"`
}

// CustomerSession is such a session.
type CustomerSession struct {
	ClientSecret string
	Created      int64
	ExpiresAt    int64
	Customer     string
	Components   SessionComponents
}

const (
	customerSessionSeconds = 30 * 60 // Stripe names no time; its own examples show half an hour
	redisplayLimitMax      = 10
)

func (c CreateCustomerSession) apply(t *tx) (Result, error) {
	components, ok := c.Components.Get()
	if !ok {
		return nil, required("components")
	}
	id, ok := c.Customer.Get()
	if !ok {
		return nil, required("customer")
	}
	customer, ok := Get[Customer](t.world, id)
	if !ok || customer.Deleted {
		return nil, noSuchParam("customer", id, "customer")
	}
	if !components.any() {
		return nil, invalid("components", "", "You must enable at least one component.")
	}
	limit := components.PaymentElement.Or(SessionPay{}).Features.Or(SessionPayFeatures{}).RedisplayLimit
	if most, given := limit.Get(); given && (most < 1 || most > redisplayLimitMax) {
		return nil, invalid("components[payment_element][features][payment_method_redisplay_limit]", "parameter_invalid_integer",
			"This value must be between 1 and %d.", redisplayLimitMax)
	}
	return &CustomerSession{
		ClientSecret: "cuss_secret_" + t.world.characters(48), Created: t.now, ExpiresAt: t.now + customerSessionSeconds, Customer: customer.ID,
		Components: components,
	}, nil
}

// any says whether a component is on.
func (c SessionComponents) any() bool {
	for _, one := range []Opt[SessionSwitch]{c.ActiveEntitlements, c.BuyButton, c.CustomerPortal, c.PricingTable} {
		if one.Or(SessionSwitch{}).Enabled.Or(false) {
			return true
		}
	}
	return c.CustomerSheet.Or(SessionSheet{}).Enabled.Or(false) || c.MobilePaymentElement.Or(SessionMobile{}).Enabled.Or(false) ||
		c.PaymentElement.Or(SessionPay{}).Enabled.Or(false)
}

var _ = register(CreateCustomerSession{})
