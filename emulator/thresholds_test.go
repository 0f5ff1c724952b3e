package emulator_test

import (
	"net/url"
	"testing"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/emulator"
)

func TestBillingThresholdsThroughTheOfficialLibrary(t *testing.T) {
	t.Parallel()
	server := start(t)
	shop := openShop(t, server, "")
	sc, ctx := shop.sc, t.Context()
	meter, err := sc.V1BillingMeters.Create(ctx, &stripe.BillingMeterCreateParams{
		DisplayName: stripe.String("Calls"), EventName: stripe.String("calls"),
		DefaultAggregation: &stripe.BillingMeterCreateDefaultAggregationParams{Formula: stripe.String("sum")},
	})
	if err != nil {
		t.Fatal(err)
	}
	price, err := sc.V1Prices.Create(ctx, &stripe.PriceCreateParams{
		Product: stripe.String(shop.product.ID), Currency: stripe.String("usd"), UnitAmount: stripe.Int64(10),
		Recurring: &stripe.PriceCreateRecurringParams{Interval: stripe.String("month"), UsageType: stripe.String("metered"), Meter: stripe.String(meter.ID)},
	})
	if err != nil {
		t.Fatal(err)
	}
	sub, err := sc.V1Subscriptions.Create(ctx, &stripe.SubscriptionCreateParams{
		Customer: stripe.String(shop.customer.ID), BillingThresholds: &stripe.SubscriptionCreateBillingThresholdsParams{AmountGTE: stripe.Int64(2000)},
		Items: []*stripe.SubscriptionCreateItemParams{{
			Price: stripe.String(price.ID), BillingThresholds: &stripe.SubscriptionCreateItemBillingThresholdsParams{UsageGTE: stripe.Int64(200)},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if sub.BillingThresholds.AmountGTE != 2000 || sub.Items.Data[0].BillingThresholds.UsageGTE != 200 {
		t.Errorf("it has %+v and %+v", sub.BillingThresholds, sub.Items.Data[0].BillingThresholds)
	}
	if _, err := sc.V1BillingMeterEvents.Create(ctx, &stripe.BillingMeterEventCreateParams{
		EventName: stripe.String("calls"), Payload: map[string]string{"stripe_customer_id": shop.customer.ID, "value": "250"},
	}); err != nil {
		t.Fatal(err)
	}
	get := &stripe.SubscriptionRetrieveParams{}
	get.AddExpand("latest_invoice")
	if sub, err = sc.V1Subscriptions.Retrieve(ctx, sub.ID, get); err != nil {
		t.Fatal(err)
	}
	inv := sub.LatestInvoice
	if inv.BillingReason != stripe.InvoiceBillingReasonSubscriptionThreshold || inv.Total != 2500 || inv.ThresholdReason.AmountGTE != 2000 ||
		inv.ThresholdReason.ItemReasons[0].LineItemIDs[0] != inv.Lines.Data[0].ID {
		t.Errorf("made %s of %d: %+v", inv.BillingReason, inv.Total, inv.ThresholdReason)
	}
}

// Rows: C32.
func TestBillingThresholdsAreWhereTheVersionsHaveThem(t *testing.T) {
	t.Parallel()
	server := emulator.Start(t)
	for version, want := range map[string]int{"2025-02-24.acacia": 200, "2025-03-31.basil": 400, "2025-05-28.basil": 200, "": 200} {
		p := plain{t, server, version}
		shop := newUpcomingShop(plain{t, server, "2025-02-24.acacia"})
		status, body := p.do("POST", "/v1/subscriptions", url.Values{
			"customer": {shop.customer}, "items[0][price]": {shop.pro}, "billing_thresholds[amount_gte]": {"9000"},
		})
		if has := body["billing_thresholds"] != nil; status != want || has != (want == 200) {
			t.Errorf("%s: %d %v", version, status, body["error"])
		}
	}
}
