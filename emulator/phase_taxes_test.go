package emulator_test

import (
	"net/url"
	"testing"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/emulator"
)

func TestTaxesOfQuotesAndPhasesThroughTheOfficialLibrary(t *testing.T) {
	t.Parallel()
	server := start(t)
	shop := openShop(t, server, "")
	sc, ctx := shop.sc, t.Context()
	vat, err := sc.V1TaxRates.Create(ctx, &stripe.TaxRateCreateParams{DisplayName: stripe.String("VAT"), Percentage: stripe.Float64(19), Inclusive: stripe.Bool(false)})
	if err != nil {
		t.Fatal(err)
	}
	params := &stripe.QuoteCreateParams{
		Customer: stripe.String(shop.customer.ID), DefaultTaxRates: []*string{stripe.String(vat.ID)},
		AutomaticTax: &stripe.QuoteCreateAutomaticTaxParams{Enabled: stripe.Bool(false)},
		LineItems:    []*stripe.QuoteCreateLineItemParams{{Price: stripe.String(shop.price.ID), Quantity: stripe.Int64(2)}},
	}
	params.AddExpand("default_tax_rates")
	params.AddExpand("line_items")
	quote, err := sc.V1Quotes.Create(ctx, params)
	if err != nil {
		t.Fatal(err)
	}
	if quote.AmountTotal != 4760 || quote.TotalDetails.AmountTax != 760 || quote.DefaultTaxRates[0].Percentage != 19 || quote.LineItems.Data[0].AmountTax != 760 {
		t.Errorf("quoted %d with %+v at %+v", quote.AmountTotal, quote.TotalDetails, quote.DefaultTaxRates)
	}
	schedule, err := sc.V1SubscriptionSchedules.Create(ctx, &stripe.SubscriptionScheduleCreateParams{
		Customer: stripe.String(shop.customer.ID), StartDateNow: stripe.Bool(true),
		Phases: []*stripe.SubscriptionScheduleCreatePhaseParams{{
			DefaultTaxRates: []*string{stripe.String(vat.ID)}, AutomaticTax: &stripe.SubscriptionScheduleCreatePhaseAutomaticTaxParams{Enabled: stripe.Bool(false)},
			Items: []*stripe.SubscriptionScheduleCreatePhaseItemParams{{Price: stripe.String(shop.price.ID), TaxRates: []*string{stripe.String(vat.ID)}}},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if phase := schedule.Phases[0]; phase.DefaultTaxRates[0].ID != vat.ID || phase.Items[0].TaxRates[0].ID != vat.ID {
		t.Errorf("the phase has %+v", phase)
	}
}

// Rows: C32.
func TestPhasesAreUnderstoodInTheWordsOfTheirTime(t *testing.T) {
	t.Parallel()
	server := emulator.Start(t)
	p := plain{t, server, "2024-12-18.acacia"}
	shop := newUpcomingShop(p)
	form := url.Values{
		"customer": {shop.customer}, "start_date": {"now"}, "phases[0][items][0][price]": {shop.pro}, "phases[0][iterations]": {"2"}, "phases[0][coupon]": {shop.coupon},
	}
	made := p.must("POST", "/v1/subscription_schedules", form)
	phase := made["phases"].([]any)[0].(map[string]any)
	if days := (phase["end_date"].(float64) - phase["start_date"].(float64)) / 86400; phase["coupon"] != shop.coupon || days < 58 || days > 63 {
		t.Errorf("it has %v and lasts for %v days", phase["coupon"], days)
	}
	if status, body := (plain{t, server, ""}).do("POST", "/v1/subscription_schedules", form); status != 400 || errorOf(body, "code") != "parameter_unknown" {
		t.Errorf("today: %d %v", status, body)
	}
}
