package billing

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/dues-billing/dues/money"
)

// Rate is the price of a unit. A unit, such as a call of an API, may cost a part of a cent; what somebody pays never has such parts.
type Rate struct {
	money.Amount
	Pico int64 // beside Amount, in trillionths of its minor unit: Stripe's twelve decimals
}

const picoDigits = 12

// IsZero reports whether a unit costs nothing.
func (r Rate) IsZero() bool { return r.Minor == 0 && r.Pico == 0 }

// MinorDecimal is the rate in the minor unit with as many decimals as it has: Stripe's unit_amount_decimal.
func (r Rate) MinorDecimal() string {
	if r.Pico == 0 {
		return strconv.FormatInt(r.Minor, 10)
	}
	return fmt.Sprintf("%d.%s", r.Minor, r.parts())
}

// String is the rate as ParseRate reads it.
func (r Rate) String() string {
	text := r.Amount.String()
	if r.Pico == 0 {
		return text
	}
	number, currency, _ := strings.Cut(text, " ")
	if r.Currency.Exponent() == 0 {
		number += "."
	}
	return number + r.parts() + " " + currency
}

// parts are the digits after the minor unit.
func (r Rate) parts() string { return strings.TrimRight(fmt.Sprintf("%0*d", picoDigits, r.Pico), "0") }

// ParseRate reads an amount that may have up to twelve decimals more than its currency: 0.0002 EUR.
func ParseRate(text string) (Rate, error) {
	number, code, ok := strings.Cut(strings.TrimSpace(text), " ")
	currency, known := money.ParseCurrency(strings.TrimSpace(code))
	whole, decimals, dotted := strings.Cut(number, ".")
	if !ok || !known || !dotted || len(decimals) <= currency.Exponent() {
		a, err := money.Parse(text)
		return Rate{Amount: a}, err
	}
	kept, rest := decimals[:currency.Exponent()], decimals[currency.Exponent():]
	if kept != "" {
		whole += "." + kept
	}
	a, err := money.Parse(whole + " " + code)
	if err != nil {
		return Rate{}, err
	}
	if len(rest) > picoDigits {
		return Rate{}, errors.New("more than twelve decimals after the currency's own are not taken")
	}
	pico, err := strconv.ParseUint(rest+strings.Repeat("0", picoDigits-len(rest)), 10, 63)
	if err != nil || strings.HasPrefix(number, "-") && pico > 0 {
		return Rate{}, fmt.Errorf("%q is not a price of a unit, such as 0.002 EUR", text)
	}
	return Rate{a, int64(pico)}, nil
}
