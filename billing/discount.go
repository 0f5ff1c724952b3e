package billing

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/dues-billing/dues/money"
)

// Discount names what is taken off: by a promotion code, as customers do, or by a coupon. The zero value is none.
type Discount struct {
	Code   string // upper and lower case are the same
	Coupon CouponID
}

// DiscountWordMax is how long a promotion code may be.
const DiscountWordMax = 64

// CheckDiscount returns an error of code invalid for a discount that a price in a currency does not have. A code that the catalogue does not know may
// still be one of the provider's.
func (c Catalog) CheckDiscount(d Discount, plan Plan, currency money.Currency, now time.Time) error {
	coupon, code, known := c.CouponOfCode(d.Code)
	field := "promotion_code"
	switch {
	case d == Discount{}:
		return nil
	case d.Code != "" && d.Coupon != "":
		return Errorf(Invalid, "a purchase has one discount: a promotion code or a coupon").In("coupon")
	case d.Coupon != "":
		if coupon, known = c.Coupon(d.Coupon); !known {
			return Errorf(Invalid, "the catalogue has no coupon %q", d.Coupon).In("coupon")
		}
		field = "coupon"
	case len(d.Code) > DiscountWordMax || strings.Trim(strings.ToUpper(d.Code), "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") != "":
		return Errorf(Invalid, "a promotion code is of letters, digits and -").In(field)
	case !known:
		return nil
	}
	over := func(end time.Time) bool { return !end.IsZero() && !now.Before(end) }
	switch {
	case code.Archived, over(code.ExpiresAt), over(coupon.RedeemBy):
		return Errorf(Invalid, "this discount is over").In(field)
	case len(coupon.Plans) > 0 && !slices.Contains(coupon.Plans, plan.ID):
		return Errorf(Invalid, "this discount is not for %s", plan.Name).In(field)
	case coupon.Percent == 0 && !coupon.in(currency):
		return Errorf(Invalid, "this discount is not in %s", strings.ToUpper(string(currency))).In(field)
	}
	return nil
}

// in reports whether an amount is taken off in a currency.
func (c Coupon) in(currency money.Currency) bool {
	return c.Amount.Currency == currency || slices.ContainsFunc(c.Currencies, func(a money.Amount) bool { return a.Currency == currency })
}

// TakesCodes reports whether a payment page should ask for a promotion code: there is one that can be entered.
func (c Catalog) TakesCodes() bool {
	return slices.ContainsFunc(c.Coupons, func(coupon Coupon) bool {
		return slices.ContainsFunc(coupon.Codes, func(code PromotionCode) bool { return !code.Archived })
	})
}

// Discount decides of which subscription a discount is taken off, or, for the zero value, at which the discounts end. Who pays for nothing is an
// error of code conflict.
func (c Catalog) Discount(s State, d Discount, now time.Time) (Subscription, error) {
	sub, ok := c.paying(s)
	if !ok {
		return sub, Errorf(Conflict, "there is no running paid subscription to take a discount off; give the code to the checkout")
	}
	plan, price := c.Sold(sub)
	return sub, c.CheckDiscount(d, plan, cmp.Or(sub.BilledIn(), price.Amount.Currency), now)
}
