package emulator_test

import (
	"net/url"
	"testing"

	"github.com/dues-billing/dues/emulator"
)

// Rows: B1.
func TestAProrationsItemHasItsDetailsSinceClover(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]bool{"2026-06-24.dahlia": true, "2025-09-30.clover": true, "2025-08-27.basil": false} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			p := plain{t, emulator.Start(t), version} // the schema of start is of one version only
			customer := p.must("POST", "/v1/customers", url.Values{"payment_method": {"pm_card_visa"}, "invoice_settings[default_payment_method]": {"pm_card_visa"}})["id"].(string)
			product := p.must("POST", "/v1/products", url.Values{"name": {"Pro"}})["id"].(string)
			price := p.must("POST", "/v1/prices", url.Values{"product": {product}, "currency": {"usd"}, "unit_amount": {"900"}, "recurring[interval]": {"month"}})["id"].(string)
			sub := p.must("POST", "/v1/subscriptions", url.Values{"customer": {customer}, "items[0][price]": {price}})
			item := sub["items"].(map[string]any)["data"].([]any)[0].(map[string]any)["id"].(string)
			p.must("POST", "/v1/subscription_items/"+item, url.Values{"quantity": {"2"}})
			for _, made := range p.must("GET", "/v1/invoiceitems", url.Values{"customer": {customer}})["data"].([]any) {
				_, net := made.(map[string]any)["net_amount"]
				_, details := made.(map[string]any)["proration_details"]
				if net != want || details != want {
					t.Errorf("net_amount %v, proration_details %v, want both %v", net, details, want)
				}
			}
		})
	}
}

// Rows: B1.
func TestBeforeCloverTheCouponStandsWholeInAPromotionCode(t *testing.T) {
	t.Parallel()
	server := emulator.Start(t)
	native := plain{t, server, ""}
	native.must("POST", "/v1/coupons", url.Values{"id": {"fifth"}, "percent_off": {"20"}, "duration": {"forever"}})
	code := native.must("POST", "/v1/promotion_codes", url.Values{"promotion[type]": {"coupon"}, "promotion[coupon]": {"fifth"}})["id"].(string)
	for version, whole := range map[string]bool{"2026-06-24.dahlia": false, "2025-09-30.clover": false, "2025-08-27.basil": true} {
		got := plain{t, server, version}.must("GET", "/v1/promotion_codes/"+code, nil)
		coupon, _ := got["coupon"].(map[string]any)
		if _, since := got["promotion"]; since == whole || whole != (coupon["percent_off"] == 20.0) {
			t.Errorf("%s: promotion there %v, coupon %v", version, since, coupon)
		}
	}
}
