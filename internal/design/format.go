package design

import (
	"strconv"
	"strings"
	"time"

	"github.com/bojanz/currency"

	"github.com/dues-billing/dues/money"
)

// FormatMoney writes an amount as an English reader expects it: $1,234.50,
// ¥1,200, CHF 12.00. The minor unit is Stripe's (money.Currency.Exponent),
// which differs from CLDR's for a handful of currencies.
func FormatMoney(a money.Amount) string {
	code := strings.ToUpper(string(a.Currency))
	exponent := a.Currency.Exponent()
	digits := decimal(a.Minor, exponent)
	if !currency.IsValid(code) {
		return digits + " " + code
	}
	amount, err := currency.NewAmount(digits, code)
	if err != nil {
		return digits + " " + code
	}
	f := currency.NewFormatter(currency.NewLocale("en"))
	f.MaxDigits = uint8(exponent)
	shown, _ := currency.GetDigits(code)
	f.MinDigits = min(shown, f.MaxDigits)
	return f.Format(amount)
}

// decimal writes minor units as a plain decimal number.
func decimal(minor int64, exponent int) string {
	digits := strconv.FormatInt(minor, 10)
	sign := ""
	if minor < 0 {
		sign, digits = "-", digits[1:]
	}
	if exponent == 0 {
		return sign + digits
	}
	if missing := exponent + 1 - len(digits); missing > 0 {
		digits = strings.Repeat("0", missing) + digits
	}
	cut := len(digits) - exponent
	return sign + digits[:cut] + "." + digits[cut:]
}

// FormatDate writes a day: 1 Dec 2026. Days are UTC, as Stripe's are.
func FormatDate(t time.Time) string { return t.UTC().Format("2 Jan 2006") }

// FormatTime writes a moment: 1 Dec 2026, 14:05:09 UTC.
func FormatTime(t time.Time) string { return t.UTC().Format("2 Jan 2006, 15:04:05") + " UTC" }

// statusWords are the states of Stripe and of Dues with how they are shown.
var statusWords = map[string]struct {
	tone Tone
	text string
}{
	"active": {Good, "Active"}, "trialing": {Note, "Trial"}, "past_due": {Warn, "Past due"},
	"incomplete": {Warn, "Incomplete"}, "incomplete_expired": {Plain, "Expired"},
	"canceled": {Plain, "Canceled"}, "unpaid": {Bad, "Unpaid"}, "paused": {Plain, "Paused"},
	"draft": {Plain, "Draft"}, "open": {Note, "Open"}, "paid": {Good, "Paid"},
	"void": {Plain, "Void"}, "uncollectible": {Bad, "Uncollectible"},
	"succeeded": {Good, "Succeeded"}, "failed": {Bad, "Failed"}, "pending": {Note, "Pending"},
	"processing": {Note, "Processing"}, "requires_action": {Warn, "Needs confirmation"},
	"requires_payment_method": {Warn, "Needs a card"}, "requires_confirmation": {Plain, "Not confirmed"},
	"complete": {Good, "Complete"}, "expired": {Plain, "Expired"}, "delivered": {Good, "Delivered"},
	"full": {Good, "Full access"}, "limited": {Warn, "Limited access"}, "free": {Plain, "Free"}, "none": {Plain, "No access"},
	"ready": {Good, "Ready"}, "advancing": {Note, "Advancing"}, "refunded": {Plain, "Refunded"},
	"parked": {Bad, "Parked"}, "done": {Good, "Done"}, "waiting": {Note, "Waiting"},
}

// statusOf finds how to show a state; an unknown one is shown as it is, spaced.
func statusOf(status string) (Tone, string) {
	if known, ok := statusWords[status]; ok {
		return known.tone, known.text
	}
	return Plain, strings.ReplaceAll(status, "_", " ")
}
