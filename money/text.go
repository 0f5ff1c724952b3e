package money

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/bojanz/currency"
)

// String writes the amount for files and logs, such as "19.00 EUR"; Parse reads it back.
func (a Amount) String() string {
	digits := a.decimal()
	if a.Currency == "" {
		return digits
	}
	return digits + " " + strings.ToUpper(string(a.Currency))
}

// Format writes the amount for people who read locale, such as "€19.00" for "en" and "19,00 €" for "de". The minor unit is
// Stripe's, which for some currencies is not CLDR's. A currency that CLDR does not know is written as String does.
func (a Amount) Format(locale string) string {
	code := strings.ToUpper(string(a.Currency))
	digits := a.decimal()
	amount, err := currency.NewAmount(digits, code)
	if err != nil {
		return a.String()
	}
	f := currency.NewFormatter(currency.NewLocale(locale))
	f.MinDigits, f.MaxDigits = uint8(a.Currency.Exponent()), uint8(a.Currency.Exponent())
	if _, places, _ := strings.Cut(digits, "."); strings.Trim(places, "0") == "" {
		usual, _ := currency.GetDigits(code) // zeros that nobody writes, as in 1,200.00 ISK, stay away
		f.MinDigits = min(usual, f.MaxDigits)
	}
	return f.Format(amount)
}

// Parse reads an amount as String writes it: "19.00 EUR", "1200 jpy". It takes no more decimals than the currency has.
func Parse(text string) (Amount, error) {
	digits, code, found := strings.Cut(strings.TrimSpace(text), " ")
	if !found {
		return Amount{}, fmt.Errorf("money: %q is not an amount and a currency, such as 19.00 EUR", text)
	}
	c, ok := ParseCurrency(strings.TrimSpace(code))
	if !ok {
		return Amount{}, fmt.Errorf("money: %q is not a three-letter currency code", code)
	}
	minor, err := parseMinor(digits, c.Exponent())
	if err != nil {
		return Amount{}, fmt.Errorf("money: %q: %w", text, err)
	}
	return Amount{Minor: minor, Currency: c}, nil
}

func parseMinor(digits string, exponent int) (int64, error) {
	abs, neg := strings.CutPrefix(digits, "-")
	whole, fraction, _ := strings.Cut(abs, ".")
	if whole == "" || strings.Trim(whole+fraction, "0123456789") != "" || strings.HasSuffix(abs, ".") {
		return 0, fmt.Errorf("%q is not a decimal number", digits)
	}
	if len(fraction) > exponent {
		return 0, fmt.Errorf("the currency has %d decimals, not %d", exponent, len(fraction))
	}
	minor, err := strconv.ParseUint(whole+fraction+strings.Repeat("0", exponent-len(fraction)), 10, 64)
	if err != nil || minor > math.MaxInt64 {
		return 0, ErrOverflow
	}
	if neg {
		return -int64(minor), nil
	}
	return int64(minor), nil
}

// decimal writes the minor units as a plain decimal number of the currency's unit.
func (a Amount) decimal() string {
	digits := strconv.FormatInt(a.Minor, 10)
	sign := ""
	if a.Minor < 0 {
		sign, digits = "-", digits[1:]
	}
	exponent := a.Currency.Exponent()
	if exponent == 0 {
		return sign + digits
	}
	if missing := exponent + 1 - len(digits); missing > 0 {
		digits = strings.Repeat("0", missing) + digits
	}
	cut := len(digits) - exponent
	return sign + digits[:cut] + "." + digits[cut:]
}
