package catalog

import (
	"strconv"
	"strings"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/money"
)

func readCoupons(list node, c billing.Catalog) []billing.Coupon {
	var all []billing.Coupon
	seen, words := unique{}, map[string]bool{}
	for _, n := range list.list(couponsMax) {
		key := n.keys("id", "name", "percent", "amount", "currencies", "duration", "plans", "redeem_by", "max_redemptions", "codes")
		coupon := billing.Coupon{
			ID:             billing.CouponID(seen.id(key("id"))),
			Name:           key("name").text(couponNameBytesMax),
			Plans:          planIDs(key("plans"), c),
			RedeemBy:       day(key("redeem_by")),
			MaxRedemptions: count(key("max_redemptions")),
		}
		if coupon.Name == "" {
			coupon.Name = string(coupon.ID)
		}
		readOff(&coupon, n, key)
		coupon.Duration, coupon.Months = couponDuration(key("duration"))
		coupon.Codes = readCodes(key("codes"), coupon, words)
		all = append(all, coupon)
	}
	return all
}

const (
	couponNameBytesMax = 40 // Stripe's limit of coupon.name
	codeBytesMax       = 64
)

// readOff reads what a coupon takes off: a percentage, or an amount in one currency or several.
func readOff(coupon *billing.Coupon, n node, key func(string) node) {
	switch {
	case key("percent").given() == key("amount").given():
		n.problem("a coupon takes off a percent or an amount: one of them is needed")
		return
	case key("percent").given():
		if key("currencies").given() {
			key("currencies").problem("goes with amount; a percentage holds in every currency")
		}
		coupon.Percent = percent(key("percent"))
		return
	}
	coupon.Amount = amount(key("amount"))
	if coupon.Amount.Minor == 0 && coupon.Amount.Currency != "" {
		key("amount").problem("a coupon takes something off")
	}
	seen := map[money.Currency]bool{coupon.Amount.Currency: true}
	for _, other := range key("currencies").list(currenciesMax) {
		a := amount(other)
		if seen[a.Currency] {
			other.problem("%s is given already", strings.ToUpper(string(a.Currency)))
		}
		seen[a.Currency] = true
		coupon.Currencies = append(coupon.Currencies, a)
	}
}

// percent reads 12.5 as hundredths, without a float.
func percent(n node) billing.Percent {
	text := strings.TrimSpace(strings.TrimSuffix(n.text(idBytesMax), "%"))
	whole, decimals, _ := strings.Cut(text, ".")
	hundredths, err := strconv.ParseInt(whole+(decimals + "00")[:2], 10, 32)
	if err != nil || len(strings.TrimRight(decimals, "0")) > 2 || hundredths < 1 || hundredths > 100_00 {
		n.problem("a percentage over 0 and up to 100 with two decimals at most is needed, not %q", text)
		return 0
	}
	return billing.Percent(hundredths)
}

// couponDuration reads "once", "forever" or "3 months".
func couponDuration(n node) (billing.CouponDuration, int) {
	text := n.text(idBytesMax)
	switch text {
	case string(billing.Once), string(billing.Forever):
		return billing.CouponDuration(text), 0
	}
	number, unit, _ := strings.Cut(text, " ")
	months, err := strconv.Atoi(number)
	if err != nil || months < 1 || months > 120 || strings.TrimSuffix(unit, "s") != "month" {
		n.problem("once, forever or a number of months such as 3 months is needed, not %q", text)
	}
	return billing.Repeating, months
}

func readCodes(list node, coupon billing.Coupon, words map[string]bool) []billing.PromotionCode {
	var all []billing.PromotionCode
	for _, n := range list.list(codesMax) {
		key := n.keys("code", "expires_at", "max_redemptions", "first_time", "minimum", "archived")
		code := billing.PromotionCode{
			Code:           key("code").text(codeBytesMax),
			ExpiresAt:      day(key("expires_at")),
			MaxRedemptions: count(key("max_redemptions")),
			FirstTime:      key("first_time").flag(),
			Archived:       key("archived").flag(),
		}
		if key("minimum").given() {
			code.Minimum = amount(key("minimum"))
		}
		word := strings.ToUpper(code.Code)
		switch {
		case word == "" || strings.Trim(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") != "":
			key("code").problem("a code of letters, digits and - is needed, not %q", code.Code)
		case words[word]:
			key("code").problem("%q is taken; upper and lower case are the same", code.Code)
		case !coupon.RedeemBy.IsZero() && code.ExpiresAt.After(coupon.RedeemBy):
			key("expires_at").problem("is after the coupon's redeem_by")
		case coupon.MaxRedemptions > 0 && code.MaxRedemptions > coupon.MaxRedemptions:
			key("max_redemptions").problem("is over the coupon's own, %d", coupon.MaxRedemptions)
		}
		words[word] = true
		all = append(all, code)
	}
	return all
}

// day reads 2026-12-31, which is the end of that day in UTC, or a moment such as 2026-12-31T18:00:00Z; absent is zero.
func day(n node) time.Time {
	text := n.text(idBytesMax)
	if !n.given() {
		return time.Time{}
	}
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t.UTC()
	}
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		n.problem("a day such as 2026-12-31 is needed, or a moment such as 2026-12-31T18:00:00Z, not %q", text)
		return time.Time{}
	}
	return t.AddDate(0, 0, 1)
}
