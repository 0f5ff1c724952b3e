package money

import "strings"

// Currency is a lower-case ISO 4217 code as Stripe writes it, such as "eur".
type Currency string

// ParseCurrency returns the Currency of a three-letter code in any case, or false.
func ParseCurrency(code string) (Currency, bool) {
	if len(code) != 3 {
		return "", false
	}
	code = strings.ToLower(code)
	for _, c := range code {
		if c < 'a' || c > 'z' {
			return "", false
		}
	}
	return Currency(code), true
}

// zeroDecimal are the currencies whose minor unit is the unit itself in Stripe's API. Stripe's list differs from ISO:
// MGA is one of them, ISK and UGX are not. Source: docs.stripe.com/currencies.
var zeroDecimal = map[Currency]bool{
	"bif": true, "clp": true, "djf": true, "gnf": true, "jpy": true, "kmf": true, "krw": true, "mga": true,
	"pyg": true, "rwf": true, "vnd": true, "vuv": true, "xaf": true, "xof": true, "xpf": true,
}

// threeDecimal are the currencies with a thousandth as minor unit.
var threeDecimal = map[Currency]bool{"bhd": true, "jod": true, "kwd": true, "omr": true, "tnd": true}

// Exponent returns how many decimal digits the minor unit stands for: 2 for eur, 0 for jpy, 3 for kwd.
func (c Currency) Exponent() int {
	switch {
	case zeroDecimal[c]:
		return 0
	case threeDecimal[c]:
		return 3
	}
	return 2
}
