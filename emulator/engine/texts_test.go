package engine

import "testing"

// Rows: C6 C10.
func TestLineTextsAreStripes(t *testing.T) {
	t.Parallel()
	label := func(c *CreatePrice) {
		c.ProductData = Some(ProductData{Name: Some("Pro"), UnitLabel: Some("seat")})
	}
	tiers := func(mode string) func(*CreatePrice) {
		return func(c *CreatePrice) {
			c.UnitAmount, c.BillingScheme, c.TiersMode = Opt[int64]{}, Some(Tiered), Some(mode)
			c.Tiers = Some([]TierParam{
				{UpTo: Some(UpTo{Units: 2}), UnitAmount: Some[int64](500)}, {UpTo: Some(UpTo{Infinite: true}), UnitAmount: Some[int64](300), FlatAmount: Some[int64](100)},
			})
		}
	}
	for _, c := range []struct {
		name     string
		quantity int64
		price    func(*CreatePrice)
		sub      func(*CreateSubscription)
		want     string
	}{
		{"unit label", 3, label, nil, "6000 3 seat × Pro (at $20.00 / month)"},
		{"several months", 1, func(c *CreatePrice) {
			c.Recurring = Some(RecurringParam{Interval: Some("month"), IntervalCount: Some[int64](3)})
		}, nil, "2000 1 × Plan (at $20.00 / 3 months)"},
		{"packages", 51, func(c *CreatePrice) { c.TransformQuantity = Some(TransformQuantity{DivideBy: 50, Round: RoundUp}) }, nil, "4000 51 × Plan (at $20.00 per 50 units / month)"},
		{"graduated tiers, a line each", 5, tiers(Graduated), nil, "1000 2 × Plan (Tier 1 at $5.00 / month) | 1000 3 × Plan (Tier 2 at $3.00 / month)"},
		{"volume tiers, one line", 5, tiers(Volume), nil, "1600 5 × Plan (at $3.00 / month)"},
		{"trial, flexible", 2, label, func(c *CreateSubscription) { c.TrialPeriodDays = Some[int64](3) }, "0 Free trial for 2 seat × Pro"},
		{"trial, classic", 2, label, func(c *CreateSubscription) { c.TrialPeriodDays = Some[int64](3); classic(c) }, "0 Trial period for Pro"},
		{"another currency", 1, func(c *CreatePrice) {
			c.CurrencyOptions = Some(map[string]CurrencyOptionParam{"eur": {UnitAmount: Some[int64](1800)}})
		}, func(c *CreateSubscription) { c.Currency = Some("eur") }, "1800 1 × Plan (at €18.00 / month)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := openShop(t)
			price := s.price("Plan", 2000, c.price)
			sub := s.subscribe(s.customer("pm_card_visa"), price, func(cmd *CreateSubscription) {
				cmd.Items = Some([]SubscriptionItemParams{{Price: Some(price), Quantity: Some(c.quantity)}})
				if c.sub != nil {
					c.sub(cmd)
				}
			})
			if got := lines(s.latest(sub.ID)); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}
