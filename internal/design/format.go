package design

import (
	"fmt"
	"strings"
	"time"

	"github.com/bojanz/currency"

	"github.com/dues-billing/dues/money"
)

// FormatMoney writes an amount as an English reader expects it: $1,234.50,
// ¥1,200, CHF 12.00. The minor unit is Stripe's (money.Currency.Exponent),
// which differs from CLDR's for a handful of currencies.
func FormatMoney(a money.Amount) string { return a.Format("en") }

// FormatUnit writes the price of one unit, given in minor units that may have
// places of their own: "0.05" in usd is $0.0005. Text that is no decimal number
// is shown as it is.
func FormatUnit(minor string, c money.Currency) string {
	return formatDecimal(shifted(minor, c.Exponent()), c)
}

// formatDecimal writes an amount of whole units with the currency's symbol, and
// with as many places as the amount has, at least the usual ones.
func formatDecimal(digits string, c money.Currency) string {
	code := strings.ToUpper(string(c))
	amount, err := currency.NewAmount(digits, code)
	if err != nil {
		return digits + " " + code
	}
	_, places, _ := strings.Cut(digits, ".")
	f := currency.NewFormatter(currency.NewLocale("en"))
	f.MinDigits = uint8(c.Exponent())
	if usual, _ := currency.GetDigits(code); strings.Trim(places, "0") == "" {
		f.MinDigits = min(usual, f.MinDigits)
	}
	f.MaxDigits = max(f.MinDigits, uint8(len(places)))
	return f.Format(amount)
}

// shifted moves the point of a decimal number to the left.
func shifted(number string, places int) string {
	body, negative := strings.CutPrefix(number, "-")
	whole, fraction, _ := strings.Cut(body, ".")
	if missing := places + 1 - len(whole); missing > 0 {
		whole = strings.Repeat("0", missing) + whole
	}
	cut := len(whole) - places
	whole, fraction = whole[:cut], whole[cut:]+fraction
	if negative {
		whole = "-" + whole
	}
	if fraction == "" {
		return whole
	}
	return whole + "." + fraction
}

// FormatDate writes a day: 1 Dec 2026. Days are UTC, as Stripe's are.
func FormatDate(t time.Time) string { return t.UTC().Format("2 Jan 2006") }

// FormatTime writes a moment: 1 Dec 2026, 14:05:09 UTC.
func FormatTime(t time.Time) string { return t.UTC().Format("2 Jan 2006, 15:04:05") + " UTC" }

// Count writes how many there are of a thing: 1 day, 2 days.
func Count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// Tries writes how often something was tried: one try, 2 tries.
func Tries(n int) string {
	if n == 1 {
		return "one try"
	}
	return fmt.Sprintf("%d tries", n)
}

// statusWords are the states of Stripe and of Dues with how they are shown.
var statusWords = map[string]struct {
	tone Tone
	text string
}{
	"authorized": {Note, "Kept ready"}, "begun": {Note, "Begun"}, "made": {Good, "Made"}, "refused": {Bad, "Refused"},
	"active": {Good, "Active"}, "trialing": {Note, "Trial"}, "past_due": {Warn, "Past due"},
	"incomplete": {Warn, "Incomplete"}, "incomplete_expired": {Plain, "Expired"},
	"canceled": {Plain, "Canceled"}, "unpaid": {Bad, "Unpaid"}, "paused": {Plain, "Paused"},
	"draft": {Plain, "Draft"}, "open": {Note, "Open"}, "paid": {Good, "Paid"},
	"void": {Plain, "Void"}, "uncollectible": {Bad, "Uncollectible"},
	"succeeded": {Good, "Succeeded"}, "failed": {Bad, "Failed"}, "pending": {Note, "Pending"},
	"processing": {Note, "Processing"}, "requires_action": {Warn, "Needs confirmation"},
	"requires_payment_method": {Warn, "Needs a card"}, "requires_confirmation": {Plain, "Not confirmed"},
	"complete": {Good, "Complete"}, "expired": {Plain, "Expired"}, "delivered": {Good, "Delivered"}, "dropped": {Plain, "Dropped"},
	"full": {Good, "Full access"}, "limited": {Warn, "Limited access"}, "free": {Plain, "Free"}, "none": {Plain, "No access"},
	"ready": {Good, "Ready"}, "advancing": {Note, "Advancing"}, "refunded": {Plain, "Refunded"},
	"given_up": {Bad, "Given up"}, "done": {Good, "Done"}, "waiting": {Note, "Waiting"}, "running": {Note, "Running"},
}

// StatusTone is the tone in which Status shows a state.
func StatusTone(status string) Tone {
	tone, _ := statusOf(status)
	return tone
}

// statusOf finds how to show a state; an unknown one is shown as it is, spaced.
func statusOf(status string) (Tone, string) {
	if known, ok := statusWords[status]; ok {
		return known.tone, known.text
	}
	return Plain, strings.ReplaceAll(status, "_", " ")
}
