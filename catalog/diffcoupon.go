package catalog

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/dues-billing/dues/billing"
)

func (d *differ) coupons() {
	wanted := map[string]bool{}
	for _, coupon := range d.catalog.Coupons {
		want := billing.StockCoupon{ID: coupon.StockID(), Ours: true, Valid: true, Coupon: coupon}
		want.Codes = nil
		for _, id := range coupon.Plans {
			plan, _ := d.catalog.Plan(id)
			want.Products = append(want.Products, plan.ProductID())
		}
		wanted[want.ID] = true
		if d.coupon(want) {
			d.codes(want.ID, coupon)
		}
	}
	for _, is := range d.there.Coupons {
		if is.Ours && !wanted[is.ID] {
			d.add(billing.StockChange{
				Action: billing.DeleteStock, Kind: billing.CouponStock, Name: strings.TrimPrefix(is.ID, "dues_"), ID: is.ID, Coupon: is,
				Fields: []billing.StockField{{Name: "off", AtProvider: describeOff(is.Coupon)}},
			})
		}
	}
}

// coupon compares one coupon, and reports whether codes of it may be made.
func (d *differ) coupon(want billing.StockCoupon) bool {
	change := billing.StockChange{Kind: billing.CouponStock, Name: string(want.Coupon.ID), Coupon: want}
	i := slices.IndexFunc(d.there.Coupons, func(c billing.StockCoupon) bool { return c.ID == want.ID })
	if i < 0 {
		change.Action = billing.CreateStock
		d.add(change)
		return true
	}
	is := d.there.Coupons[i]
	change.ID = is.ID
	change.Fields = fields(change.Fields, "off", describeOff(is.Coupon), describeOff(want.Coupon))
	change.Fields = fields(change.Fields, "duration", describeDuration(is.Coupon), describeDuration(want.Coupon))
	change.Fields = fields(change.Fields, "redeem_by", moment(is.RedeemBy), moment(want.RedeemBy))
	change.Fields = fields(change.Fields, "max_redemptions", number(is.MaxRedemptions), number(want.MaxRedemptions))
	change.Fields = fields(change.Fields, "plans", describeProducts(is.Products), describeProducts(want.Products))
	if len(change.Fields) > 0 {
		change.Action, change.Refusal = billing.RefuseStock, "the terms of a coupon never change; give the new one a new id"
		d.add(change)
		return false
	}
	change.Fields = fields(change.Fields, "name", is.Name, want.Name)
	if change.Action = billing.UpdateStock; len(change.Fields) > 0 {
		d.add(change)
	}
	return is.Valid
}

func (d *differ) codes(coupon string, c billing.Coupon) {
	wanted := map[string]bool{}
	for _, code := range c.Codes {
		wanted[strings.ToUpper(code.Code)] = true
		want := billing.StockCode{Coupon: coupon, Active: !code.Archived, PromotionCode: code}
		change := billing.StockChange{Kind: billing.CodeStock, Name: code.Code, Code: want}
		is, ok := d.code(coupon, code.Code)
		if !ok {
			if change.Action = billing.CreateStock; want.Active {
				d.add(change)
			}
			continue
		}
		change.ID, change.Code.ID = is.ID, is.ID
		change.Fields = fields(change.Fields, "coupon", is.Coupon, coupon)
		if !code.ExpiresAt.IsZero() { // without a date of its own it takes the coupon's
			change.Fields = fields(change.Fields, "expires_at", moment(is.ExpiresAt), moment(code.ExpiresAt))
		}
		change.Fields = fields(change.Fields, "max_redemptions", number(is.MaxRedemptions), number(code.MaxRedemptions))
		change.Fields = fields(change.Fields, "first_time", strconv.FormatBool(is.FirstTime), strconv.FormatBool(code.FirstTime))
		change.Fields = fields(change.Fields, "minimum", describeMinimum(is.PromotionCode), describeMinimum(code))
		if len(change.Fields) > 0 {
			change.Action, change.Refusal = billing.RefuseStock, "the terms of a promotion code never change; give the new one another code, and archive this one"
			d.add(change)
			continue
		}
		d.activity(change, is.Active, want.Active)
	}
	for _, is := range d.there.Codes {
		if is.Coupon == coupon && is.Active && !wanted[strings.ToUpper(is.Code)] {
			d.add(billing.StockChange{Action: billing.ArchiveStock, Kind: billing.CodeStock, Name: is.Code, ID: is.ID, Code: is})
		}
	}
}

// code finds a promotion code by its word: the active one, for only that is unique; else one of this coupon.
func (d *differ) code(coupon, word string) (found billing.StockCode, ok bool) {
	for _, is := range d.there.Codes {
		if strings.EqualFold(is.Code, word) && (is.Active || !ok && is.Coupon == coupon) {
			found, ok = is, true
		}
	}
	return found, ok
}

func describeOff(c billing.Coupon) string {
	if c.Percent > 0 {
		text := fmt.Sprintf("%d.%02d", c.Percent/100, c.Percent%100)
		return strings.TrimSuffix(strings.TrimRight(text, "0"), ".") + " %"
	}
	parts := []string{c.Amount.String()}
	for _, other := range c.Currencies {
		parts = append(parts, other.String())
	}
	slices.Sort(parts[1:])
	return strings.Join(parts, ", ")
}

func describeDuration(c billing.Coupon) string {
	if c.Duration == billing.Repeating {
		return fmt.Sprintf("%d months", c.Months)
	}
	return string(c.Duration)
}

func describeProducts(ids []billing.ProductID) string {
	words := make([]string, len(ids))
	for i, id := range ids {
		words[i] = string(id)
	}
	slices.Sort(words)
	return strings.Join(words, " ")
}

func describeMinimum(c billing.PromotionCode) string {
	if c.Minimum.IsZero() {
		return ""
	}
	return c.Minimum.String()
}

func number(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}
