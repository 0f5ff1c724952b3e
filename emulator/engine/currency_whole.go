package engine

import "strings"

// Not every amount of a currency's minor unit can be paid: of krónur and Ugandan shillings there are only whole ones, written with two places, and
// card networks take the three places of a dinar only up to tens (docs.stripe.com/currencies, special cases).

// payableStep is what every payment in a currency is a multiple of.
func payableStep(currency string) int64 {
	switch {
	case currency == "isk" || currency == "ugx":
		return 100
	case strings.Contains(threeDecimal, " "+currency+" "):
		return 10
	}
	return 1
}

// whole refuses an amount of a payment that its currency has no coins for. Of dinars Stripe states the rule and not the words.
func whole(amount int64, currency, param string) error {
	step := payableStep(currency)
	if amount%step == 0 {
		return nil
	}
	name, rule := strings.ToUpper(currency), "three-decimal"
	if step == 10 {
		return invalid(param, "", "Invalid amount. Charged amounts in %s must be evenly divisible by 10. See https://stripe.com/docs/currencies#%s for more "+
			"information.", name, rule)
	}
	if rule = "special-cases"; currency == "ugx" {
		rule = "zero-decimal"
	}
	return invalid(param, "invalid_charge_amount_no_decimal_compatible", "Invalid amount. Currency %s has become effectively zero-decimal and charged amounts "+
		"must be evenly divisible by 100. See https://stripe.com/docs/currencies#%s for more information.", name, rule)
}

// roundedDue is what an invoice asks of what is due: Stripe rounds shillings that are broken after prorations, coupons or taxes to the nearest
// whole one, and the customer's balance has the difference. What it does with krónur and dinars it does not say; no other
// answer can be paid.
func roundedDue(due int64, currency string) int64 {
	step := payableStep(currency)
	return (due + step/2) / step * step
}
