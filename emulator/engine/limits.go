package engine

// What a parameter may hold at most. Together they keep every sum of an invoice inside 64 bits: a unit amount × a quantity × the lines and
// items that one invoice takes.
const (
	quantityMost    = 999_999
	unitAmountMost  = 9_999_999_999   // ten digits: more than Stripe lets anybody charge in any currency
	timestampMost   = 253_402_300_799 // the end of the year 9999
	sequenceMost    = 999_999_999
	dueDaysMax      = 3650
	usageRecordMost = 999_999_999_999
	usageMost       = 999_999_999_999_999_999 // eighteen digits: a sum of usage beyond it stays there
	usageCostMost   = 999_999_999_999         // what one line of usage can cost at most, in minor units: ten thousand times Stripe's largest charge
	moveSecondsMax  = 10 * 366 * secondsPerDay
)

// checkQuantity checks a quantity.
func checkQuantity(n int64, param string) error {
	return within(n, 0, quantityMost, param)
}

// checkTimestamp checks a point in time.
func checkTimestamp(unix int64, param string) error {
	if unix < 0 || unix > timestampMost {
		return invalid(param, "", "Invalid timestamp: must be an integer Unix timestamp.")
	}
	return nil
}

// checkUnitAmount checks an amount that may be a credit.
func checkUnitAmount(amount Decimal, param string) error {
	if whole := amount.whole; whole > unitAmountMost || whole < -unitAmountMost {
		return invalid(param, "amount_too_large", "The amount must be no more than %d.", int64(unitAmountMost))
	}
	return nil
}

func within(n, least, most int64, param string) error {
	if n < least {
		return invalid(param, "parameter_invalid_integer", "This value must be greater than or equal to %d.", least)
	}
	if n > most {
		return invalid(param, "parameter_invalid_integer", "This value must be less than or equal to %d.", most)
	}
	return nil
}
