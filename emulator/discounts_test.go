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

// Rows: C18.
func TestDiscountsShowOnSubscriptionInvoiceAndLines(t *testing.T) {
	t.Parallel()
	shop := openShop(t, start(t), "")
	sc, ctx := shop.sc, t.Context()
	for id, percent := range map[string]float64{"QUARTER": 25, "TENTH": 10} {
		if _, err := sc.V1Coupons.Create(ctx, &stripe.CouponCreateParams{ID: stripe.String(id), PercentOff: &percent, Duration: stripe.String("forever")}); err != nil {
			t.Fatal(err)
		}
	}
	params := &stripe.SubscriptionCreateParams{
		Customer: stripe.String(shop.customer.ID), Discounts: []*stripe.SubscriptionCreateDiscountParams{{Coupon: stripe.String("QUARTER")}},
		Items: []*stripe.SubscriptionCreateItemParams{{
			Price: stripe.String(shop.price.ID), Discounts: []*stripe.SubscriptionCreateItemDiscountParams{{Coupon: stripe.String("TENTH")}},
		}},
	}
	params.AddExpand("discounts.source.coupon")
	params.AddExpand("items.data.discounts")
	params.AddExpand("latest_invoice.total_discount_amounts.discount")
	sub, err := sc.V1Subscriptions.Create(ctx, params)
	if err != nil {
		t.Fatal(err)
	}
	if got := sub.Discounts[0]; got.Source.Coupon.PercentOff != 25 || got.Subscription != sub.ID || got.Customer.ID != shop.customer.ID {
		t.Errorf("got discount %+v", got)
	}
	if got := sub.Items.Data[0].Discounts[0]; got.SubscriptionItem != sub.Items.Data[0].ID || got.Source.Coupon.ID != "TENTH" {
		t.Errorf("got item discount %+v", got)
	}
	inv := sub.LatestInvoice
	if inv.Subtotal != 1800 || inv.Total != 1350 || len(inv.TotalDiscountAmounts) != 2 || inv.TotalDiscountAmounts[1].Amount != 450 {
		t.Errorf("got subtotal %d, total %d and %d discount amounts", inv.Subtotal, inv.Total, len(inv.TotalDiscountAmounts))
	}
	line := inv.Lines.Data[0]
	if line.Amount != 2000 || len(line.Discounts) != 1 || len(line.DiscountAmounts) != 2 || len(line.PretaxCreditAmounts) != 2 {
		t.Errorf("got line %+v", line)
	}
	if _, err := sc.V1Subscriptions.DeleteDiscount(ctx, sub.ID, nil); err != nil {
		t.Fatal(err)
	}
	update := &stripe.SubscriptionUpdateParams{Discounts: []*stripe.SubscriptionUpdateDiscountParams{{Coupon: stripe.String("NONE")}}}
	var refused *stripe.Error
	if _, err := sc.V1Subscriptions.Update(ctx, sub.ID, update); !errors.As(err, &refused) || refused.Param != "discounts[0][coupon]" {
		t.Errorf("got %v, want a refusal of the coupon", err)
	}
	preview, err := sc.V1Invoices.CreatePreview(ctx, &stripe.InvoiceCreatePreviewParams{
		Subscription: stripe.String(sub.ID), Discounts: []*stripe.InvoiceCreatePreviewDiscountParams{{Coupon: stripe.String("QUARTER")}},
	})
	if err != nil || preview.Total != 1350 || preview.AmountDue != 1350 {
		t.Errorf("previewed %+v, %v", preview, err)
	}
}
