package engine

import (
	"fmt"
	"strings"
)

// Currencies as Stripe's API counts them, which differs from ISO 4217: MGA has no minor unit there, ISK and UGX have two places.
const (
	zeroDecimal  = " bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf "
	threeDecimal = " bhd jod kwd omr tnd "
)

// places is the number of decimal places of a currency's minor unit.
func places(currency string) int {
	switch {
	case strings.Contains(zeroDecimal, " "+currency+" "):
		return 0
	case strings.Contains(threeDecimal, " "+currency+" "):
		return 3
	}
	return 2
}

// minimumCharge is the least that a card can be charged, in minor units; 50 where Stripe names no amount.
var minimumCharge = map[string]int64{
	"gbp": 30, "aed": 200, "myr": 200, "pln": 200, "ron": 200, "dkk": 250, "nok": 300, "sek": 300, "hkd": 400, "czk": 1500, "huf": 17500, "mxn": 1000, "thb": 1000,
	"bhd": 500, "jod": 500, "kwd": 500, "omr": 500, "tnd": 500,
}

// minimum is the least that a card can be charged in a currency.
func minimum(currency string) int64 {
	if m, ok := minimumCharge[currency]; ok {
		return m
	}
	return 50
}

// symbols are written before the amount, as Stripe's line texts write them; other currencies put their sign or code after it.
var (
	symbolsBefore = map[string]string{
		"usd": "$", "eur": "€", "gbp": "£", "jpy": "¥", "cny": "CN¥", "aud": "A$", "cad": "CA$", "nzd": "NZ$", "hkd": "HK$", "mxn": "MX$", "brl": "R$",
		"inr": "₹", "krw": "₩", "ils": "₪", "vnd": "₫", "twd": "NT$", "php": "₱",
	}
	symbolsAfter = map[string]string{"pln": "zł", "czk": "Kč", "huf": "Ft", "dkk": "kr", "nok": "kr", "sek": "kr", "ugx": "USh"}
)

// money writes an amount of minor units for people: "$20.00", "220.00 zł", "¥500".
func money(currency string, amount Decimal) string {
	sign := ""
	if amount.Negative() {
		sign, amount = "-", amount.negated()
	}
	n := amount.shifted(places(currency))
	if s, ok := symbolsBefore[currency]; ok {
		return sign + s + n
	}
	if s, ok := symbolsAfter[currency]; ok {
		return sign + n + " " + s
	}
	return fmt.Sprintf("%s%s %s", sign, strings.ToUpper(currency), n)
}
