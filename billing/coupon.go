package billing

import (
	"strings"
	"time"

	"github.com/dues-billing/dues/money"
)

// CouponID is the name that the catalogue gives to a coupon.
type CouponID string

// Percent counts hundredths of a percent: 1250 is 12.5 %.
type Percent int64

// Coupon is a discount: a percentage or an amount. Its terms never change; a new one has a new id.
type Coupon struct {
	ID             CouponID
	Name           string
	Percent        Percent        // 0: Amount counts
	Amount         money.Amount   // off each invoice
	Currencies     []money.Amount // Amount in other currencies
	Duration       CouponDuration
	Months         int // Repeating
	Plans          []PlanID
	RedeemBy       time.Time // zero: no end
	MaxRedemptions int64     // over all customers; 0: no limit
	Codes          []PromotionCode
}

// CouponDuration says which invoices a coupon is taken off.
type CouponDuration string

// The durations.
const (
	Once      CouponDuration = "once"
	Repeating CouponDuration = "repeating" // for Coupon.Months
	Forever   CouponDuration = "forever"
)

// PromotionCode is the word by which customers take a coupon. Upper and lower case are the same.
type PromotionCode struct {
	Code           string
	ExpiresAt      time.Time // zero: with the coupon
	MaxRedemptions int64     // 0: no limit of its own
	FirstTime      bool      // for customers who never paid before
	Minimum        money.Amount
	Archived       bool // refused from now on; who has the discount keeps it
}

// Coupon returns the coupon with that id, or false.
func (c Catalog) Coupon(id CouponID) (Coupon, bool) {
	for _, coupon := range c.Coupons {
		if coupon.ID == id {
			return coupon, true
		}
	}
	return Coupon{}, false
}

// CouponOfCode returns the coupon and promotion code with that word, or false.
func (c Catalog) CouponOfCode(word string) (Coupon, PromotionCode, bool) {
	for _, coupon := range c.Coupons {
		for _, code := range coupon.Codes {
			if strings.EqualFold(code.Code, word) {
				return coupon, code, true
			}
		}
	}
	return Coupon{}, PromotionCode{}, false
}
