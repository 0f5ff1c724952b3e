package emulator_test

import (
	"errors"
	"testing"

	"github.com/stripe/stripe-go/v86"
)

func TestCouponsAndTheirCodesKeepTheirTerms(t *testing.T) {
	t.Parallel()
	sc, ctx := start(t).Client(), t.Context()
	coupon, err := sc.V1Coupons.Create(ctx, &stripe.CouponCreateParams{
		ID: stripe.String("LAUNCH"), PercentOff: stripe.Float64(12.5), Duration: stripe.String("repeating"), DurationInMonths: stripe.Int64(3),
	})
	if err != nil || coupon.PercentOff != 12.5 || !coupon.Valid || coupon.DurationInMonths != 3 {
		t.Fatalf("got %+v, %v", coupon, err)
	}
	if coupon, err = sc.V1Coupons.Update(ctx, "LAUNCH", &stripe.CouponUpdateParams{Name: stripe.String("Launch")}); err != nil || coupon.Name != "Launch" {
		t.Fatalf("got %+v, %v", coupon, err)
	}
	params := &stripe.PromotionCodeCreateParams{
		Code:      stripe.String("SPRING-1"),
		Promotion: &stripe.PromotionCodeCreatePromotionParams{Type: stripe.String("coupon"), Coupon: stripe.String("LAUNCH")},
	}
	params.AddExpand("promotion.coupon")
	code, err := sc.V1PromotionCodes.Create(ctx, params)
	if err != nil || code.Promotion.Coupon.Name != "Launch" || !code.Active {
		t.Fatalf("got %+v, %v", code, err)
	}
	params.Code = stripe.String("spring-1")
	if _, err := sc.V1PromotionCodes.Create(ctx, params); err == nil {
		t.Error("a second active code of the same letters was taken")
	}
	found := 0
	for c, err := range sc.V1PromotionCodes.List(ctx, &stripe.PromotionCodeListParams{Code: stripe.String("Spring-1")}).All(ctx) {
		if err != nil || c.ID != code.ID {
			t.Fatalf("listed %+v, %v", c, err)
		}
		found++
	}
	if found != 1 {
		t.Errorf("found %d codes, want 1", found)
	}
	if gone, err := sc.V1Coupons.Delete(ctx, "LAUNCH", nil); err != nil || !gone.Deleted {
		t.Fatalf("got %+v, %v", gone, err)
	}
	if code, err = sc.V1PromotionCodes.Retrieve(ctx, code.ID, nil); err != nil || code.Active {
		t.Errorf("the code of a deleted coupon is still active: %v", err)
	}
	var refused *stripe.Error
	if _, err := sc.V1Coupons.Retrieve(ctx, "LAUNCH", nil); !errors.As(err, &refused) || refused.Code != stripe.ErrorCodeResourceMissing {
		t.Errorf("got %v, want resource_missing", err)
	}
}
