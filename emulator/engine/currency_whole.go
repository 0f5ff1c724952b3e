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

// amountMost is the largest amount of a payment: 8 digits.
const amountMost = 99_999_999

// payable checks the amount of a payment.
func payable(amount Opt[int64], currency string) error {
	n, ok := amount.Get()
	if !ok {
		return required("amount")
	}
	if n <= 0 {
		return invalid("amount", "parameter_invalid_integer", "The amount must be greater than or equal to the minimum charge amount allowed for your "+
			"account and the currency set. If you want to save a Payment Method for future use without an immediate payment, use a Setup Intent instead: "+
			"https://docs.stripe.com/payments/save-and-reuse")
	}
	if n < minimum(currency) {
		return invalid("amount", "amount_too_small", "Amount must be at least %s %s", money(currency, DecimalOf(minimum(currency))), currency)
	}
	if n > amountMost {
		return invalid("amount", "amount_too_large", "Amount must be no more than %s", money(currency, DecimalOf(amountMost)))
	}
	return whole(n, currency, "amount")
}
