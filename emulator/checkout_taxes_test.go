package emulator_test

import (
	"errors"
	"net/url"
	"testing"

	"github.com/stripe/stripe-go/v86"
)

func TestACheckoutSessionShowsDiscountAndTaxAndBillsThem(t *testing.T) {
	t.Parallel()
	shop := openShop(t, start(t), "")
	sc, ctx := shop.sc, t.Context()
	on, in := vat(t, sc, 19, false), vat(t, sc, 25, true)
	if _, err := sc.V1Coupons.Create(ctx, &stripe.CouponCreateParams{ID: stripe.String("HALF"), PercentOff: stripe.Float64(50), Duration: stripe.String("once")}); err != nil {
		t.Fatal(err)
	}
	code, err := sc.V1PromotionCodes.Create(ctx, &stripe.PromotionCodeCreateParams{
		Code: stripe.String("SPRING"), Promotion: &stripe.PromotionCodeCreatePromotionParams{Type: stripe.String("coupon"), Coupon: stripe.String("HALF")},
	})
	if err != nil {
		t.Fatal(err)
	}
	params := &stripe.CheckoutSessionCreateParams{
		Mode: stripe.String("subscription"), SuccessURL: stripe.String("https://app.example/"), Customer: stripe.String(shop.customer.ID),
		Discounts: []*stripe.CheckoutSessionCreateDiscountParams{{PromotionCode: stripe.String(code.ID)}},
		LineItems: []*stripe.CheckoutSessionCreateLineItemParams{
			{Price: stripe.String(shop.price.ID), Quantity: stripe.Int64(2)},
			{TaxRates: stripe.StringSlice([]string{in.ID}), Quantity: stripe.Int64(1), PriceData: &stripe.CheckoutSessionCreateLineItemPriceDataParams{
				Currency: stripe.String("usd"), Product: stripe.String(shop.product.ID), UnitAmount: stripe.Int64(1000)}},
		},
		SubscriptionData: &stripe.CheckoutSessionCreateSubscriptionDataParams{DefaultTaxRates: stripe.StringSlice([]string{on.ID})},
	}
	params.AddExpand("line_items")
	params.AddExpand("discounts.promotion_code")
	session, err := sc.V1CheckoutSessions.Create(ctx, params)
	if err != nil {
		t.Fatal(err)
	}
	if session.AmountSubtotal != 5000 || session.TotalDetails.AmountDiscount != 2500 || session.TotalDetails.AmountTax != 480 || session.AmountTotal != 2880 {
		t.Errorf("the session asks for %d - %d + %d = %d", session.AmountSubtotal, session.TotalDetails.AmountDiscount, session.TotalDetails.AmountTax, session.AmountTotal)
	}
	if line := session.LineItems.Data[0]; line.AmountDiscount != 2000 || line.AmountTax != 380 || line.AmountTotal != 2380 || session.Discounts[0].PromotionCode.Code != "SPRING" {
		t.Errorf("got line %+v and discount %+v", line, session.Discounts[0])
	}
	p := plain{t, shop.Server, ""}
	p.must("POST", "/v1/payment_pages/"+session.ID+"/confirm", url.Values{"payment_method": {shop.customer.InvoiceSettings.DefaultPaymentMethod.ID}, "expected_amount": {"2880"}})
	got := &stripe.CheckoutSessionRetrieveParams{}
	got.AddExpand("invoice")
	got.AddExpand("subscription")
	if session, err = sc.V1CheckoutSessions.Retrieve(ctx, session.ID, got); err != nil {
		t.Fatal(err)
	}
	if session.Invoice.AmountPaid != 2880 || len(session.Invoice.TotalTaxes) != 2 || session.Subscription.DefaultTaxRates[0].ID != on.ID {
		t.Errorf("paid %d, taxes %+v, rates %+v", session.Invoice.AmountPaid, session.Invoice.TotalTaxes, session.Subscription.DefaultTaxRates)
	}
	if code, err = sc.V1PromotionCodes.Retrieve(ctx, code.ID, nil); err != nil || code.TimesRedeemed != 1 {
		t.Errorf("redeemed %d times, %v", code.TimesRedeemed, err)
	}
}

func TestAPaymentThroughCheckoutRedeemsItsCoupon(t *testing.T) {
	t.Parallel()
	shop := openShop(t, start(t), "")
	sc, ctx := shop.sc, t.Context()
	if _, err := sc.V1Coupons.Create(ctx, &stripe.CouponCreateParams{ID: stripe.String("FIVE"), AmountOff: stripe.Int64(500), Currency: stripe.String("usd")}); err != nil {
		t.Fatal(err)
	}
	params := &stripe.CheckoutSessionCreateParams{
		Mode: stripe.String("payment"), SuccessURL: stripe.String("https://app.example/"), Customer: stripe.String(shop.customer.ID),
		Discounts: []*stripe.CheckoutSessionCreateDiscountParams{{Coupon: stripe.String("FIVE")}},
		LineItems: []*stripe.CheckoutSessionCreateLineItemParams{
			{TaxRates: stripe.StringSlice([]string{vat(t, sc, 20, false).ID}), Quantity: stripe.Int64(3), PriceData: &stripe.CheckoutSessionCreateLineItemPriceDataParams{
				Currency: stripe.String("usd"), Product: stripe.String(shop.product.ID), UnitAmount: stripe.Int64(1000)}},
		},
	}
	session, err := sc.V1CheckoutSessions.Create(ctx, params)
	if err != nil || session.AmountTotal != 3000 || session.TotalDetails.AmountTax != 500 {
		t.Fatalf("got %+v, %v", session, err)
	}
	if coupon, err := sc.V1Coupons.Retrieve(ctx, "FIVE", nil); err != nil || coupon.TimesRedeemed != 0 {
		t.Errorf("an open session redeemed %d, %v", coupon.TimesRedeemed, err)
	}
	p := plain{t, shop.Server, ""}
	p.must("POST", "/v1/payment_pages/"+session.ID+"/confirm", url.Values{"payment_method": {shop.customer.InvoiceSettings.DefaultPaymentMethod.ID}})
	if coupon, err := sc.V1Coupons.Retrieve(ctx, "FIVE", nil); err != nil || coupon.TimesRedeemed != 1 {
		t.Errorf("a paid session redeemed %d, %v", coupon.TimesRedeemed, err)
	}
	var refused *stripe.Error
	params.Discounts[0].Coupon = stripe.String("NONE")
	if _, err := sc.V1CheckoutSessions.Create(ctx, params); !errors.As(err, &refused) || refused.Param != "discounts[0][coupon]" {
		t.Errorf("got %v, want a refusal of the coupon", err)
	}
	params.Discounts = append(params.Discounts, params.Discounts[0])
	if _, err := sc.V1CheckoutSessions.Create(ctx, params); !errors.As(err, &refused) || refused.Param != "discounts" {
		t.Errorf("got %v, want a refusal of two discounts", err)
	}
}
