package engine

import "testing"

func TestACouponTakesOffWhatItSaysInEachCurrency(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	coupon := s.do(CreateCoupon{
		AmountOff: Some[int64](500), Currency: Some("usd"), Duration: Some(DurationForever),
		CurrencyOptions: Some(map[string]CouponCurrencyParams{"eur": {AmountOff: Some[int64](450)}}),
	}).(*Coupon).ID
	usd := s.price("Pro", 2000)
	eur := s.price("Pro", 1900, func(c *CreatePrice) { c.Currency = Some("eur") })
	gbp := s.price("Pro", 1700, func(c *CreatePrice) { c.Currency = Some("gbp") })
	discounted := func(c *CreateSubscription) { c.Discounts = byCoupon(coupon) }
	for price, want := range map[string]int64{usd: 1500, eur: 1450} {
		if inv := s.latest(s.subscribe(s.customer("pm_card_visa"), price, discounted).ID); inv.Total != want {
			t.Errorf("got %d, want %d: %s", inv.Total, want, lines(inv))
		}
	}
	cmd := CreateSubscription{Customer: Some(s.customer("pm_card_visa")), Items: items(gbp), Discounts: byCoupon(coupon)}
	if e := s.refuse(cmd); e.Param != "discounts[0][coupon]" {
		t.Errorf("in pounds: %v", e)
	}
	s.do(UpdateCoupon{ID: coupon, CurrencyOptions: Some(map[string]CouponCurrencyParams{"gbp": {AmountOff: Some[int64](400)}})})
	if inv := s.latest(s.do(cmd).(*Subscription).ID); inv.Total != 1300 {
		t.Errorf("in pounds it is %d", inv.Total)
	}
	for param, options := range map[string]map[string]CouponCurrencyParams{
		"currency_options[xxx]":             {"xxx": {AmountOff: Some[int64](1)}},
		"currency_options[usd]":             {"usd": {AmountOff: Some[int64](1)}},
		"currency_options[eur][amount_off]": {"eur": {}},
	} {
		if e := s.refuse(UpdateCoupon{ID: coupon, CurrencyOptions: Some(options)}); e.Param != param {
			t.Errorf("%s: got %v about %s", param, e, e.Param)
		}
	}
	if e := s.refuse(CreateCoupon{PercentOff: Some(DecimalOf(5)), CurrencyOptions: Some(map[string]CouponCurrencyParams{"eur": {AmountOff: Some[int64](1)}})}); e.Param != "currency_options" {
		t.Errorf("of a percentage: %v", e)
	}
}
