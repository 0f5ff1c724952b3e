package wire

import "github.com/dues-billing/dues/emulator/engine"

func (v *view) customerSession(s *engine.CustomerSession) object {
	c := s.Components
	sheet, mobile, pay := c.CustomerSheet.Or(engine.SessionSheet{}), c.MobilePaymentElement.Or(engine.SessionMobile{}), c.PaymentElement.Or(engine.SessionPay{})
	var ofSheet, ofMobile, ofPay any
	if f, ok := sheet.Features.Get(); ok {
		ofSheet = object{"payment_method_allow_redisplay_filters": redisplayed(f.Filters), "payment_method_remove": givenOrNull(f.Remove)}
	}
	if f, ok := mobile.Features.Get(); ok {
		ofMobile = object{
			"payment_method_allow_redisplay_filters": redisplayed(f.Filters), "payment_method_redisplay": givenOrNull(f.Redisplay),
			"payment_method_remove": givenOrNull(f.Remove), "payment_method_save": givenOrNull(f.Save),
			"payment_method_save_allow_redisplay_override": givenOrNull(f.SaveOverride),
		}
	}
	if f, ok := pay.Features.Get(); ok {
		ofPay = object{
			"payment_method_allow_redisplay_filters": redisplayed(f.Filters), "payment_method_redisplay": f.Redisplay.Or("disabled"),
			"payment_method_redisplay_limit": f.RedisplayLimit.Or(redisplayedMost), "payment_method_remove": f.Remove.Or("disabled"),
			"payment_method_save": f.Save.Or("disabled"), "payment_method_save_usage": givenOrNull(f.SaveUsage),
		}
	}
	return object{
		"object": "customer_session", "client_secret": s.ClientSecret, "created": s.Created, "customer": s.Customer, "customer_account": nil,
		"expires_at": s.ExpiresAt, "livemode": false,
		"components": object{
			"active_entitlements": switched(c.ActiveEntitlements), "buy_button": switched(c.BuyButton),
			"customer_portal": switched(c.CustomerPortal), "pricing_table": switched(c.PricingTable),
			"customer_sheet":         object{"enabled": sheet.Enabled.Or(false), "features": ofSheet},
			"mobile_payment_element": object{"enabled": mobile.Enabled.Or(false), "features": ofMobile},
			"payment_element":        object{"enabled": pay.Enabled.Or(false), "features": ofPay},
		},
	}
}

// redisplayedMost is how many saved cards a page's payment element shows unless it is told otherwise.
const redisplayedMost = 3

func switched(p engine.Opt[engine.SessionSwitch]) object {
	return object{"enabled": p.Or(engine.SessionSwitch{}).Enabled.Or(false)}
}

// redisplayed are the saved cards that are shown: those that their owners let be shown always, unless others are named.
func redisplayed(filters engine.Opt[[]string]) []string { return filters.Or([]string{"always"}) }

func givenOrNull(p engine.Opt[string]) any {
	if text, ok := p.Get(); ok {
		return text
	}
	return nil
}
