package httpapi

import (
	"context"

	"github.com/dues-billing/dues/billing"
)

type discountRequest struct {
	PromotionCode string `json:"promotion_code,omitempty" doc:"The word of a promotion code; upper and lower case are the same"`
	Coupon        string `json:"coupon,omitempty" doc:"A coupon of the catalogue, without a code; servers only"`
}

// discountOf reads a discount. Coupons need no code, so they are given by servers: an end user could try their names.
func discountOf(code string, coupon string, server bool) (billing.Discount, error) {
	if coupon != "" && !server {
		return billing.Discount{}, billing.Errorf(billing.Invalid, "coupons are given by the application; enter a promotion code").In("coupon")
	}
	return billing.Discount{Code: code, Coupon: billing.CouponID(coupon)}, nil
}

func (a *api) discountMine(ctx context.Context, in *withBodyInGroup[discountRequest]) (*reply[Account], error) {
	return a.giveDiscount(ctx, caller(ctx), in.group(), in.Body.value, false)
}

func (a *api) discount(ctx context.Context, in *withBodyOfInGroup[discountRequest]) (*reply[Account], error) {
	return a.giveDiscount(ctx, billing.AccountID(in.ID), in.group(), in.Body.value, true)
}

func (a *api) giveDiscount(ctx context.Context, id billing.AccountID, group billing.Group, given discountRequest, server bool) (*reply[Account], error) {
	d, err := discountOf(given.PromotionCode, given.Coupon, server)
	if err != nil {
		return nil, err
	}
	if d == (billing.Discount{}) {
		return nil, billing.Errorf(billing.Invalid, "promotion_code is missing").In("promotion_code")
	}
	return changed(a.service.Discount(ctx, id, group, d))
}

func (a *api) endDiscount(ctx context.Context, in *byIDInGroup) (*reply[Account], error) {
	return changed(a.service.Discount(ctx, billing.AccountID(in.ID), in.group(), billing.Discount{}))
}
