package engine

import "testing"

func TestAShippingRateIsCheckedAndItsAmountStays(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	good := func(change ...func(*CreateShippingRate)) CreateShippingRate {
		cmd := CreateShippingRate{
			DisplayName: Some("Post"), FixedAmount: Some(ShippingAmountParams{Amount: Some[int64](500), Currency: Some("USD")}),
			DeliveryEstimate: Some(ShippingEstimateParams{Maximum: Some(ShippingBound{"week", 1})}),
		}
		for _, f := range change {
			f(&cmd)
		}
		return cmd
	}
	made := s.do(good()).(*ShippingRate)
	if made.Currency != "usd" || made.TaxBehavior != "unspecified" || !made.Active || made.Maximum.Unit != "week" || made.Minimum != nil {
		t.Errorf("made %+v", made)
	}
	for _, c := range []struct {
		name, param string
		change      func(*CreateShippingRate)
	}{
		{"no name", "display_name", func(c *CreateShippingRate) { c.DisplayName = Some(" ") }},
		{"no amount", "fixed_amount", func(c *CreateShippingRate) { c.FixedAmount = Opt[ShippingAmountParams]{} }},
		{"no currency", "fixed_amount[currency]", func(c *CreateShippingRate) { c.FixedAmount = Some(ShippingAmountParams{Amount: Some[int64](1)}) }},
		{"less than nothing", "fixed_amount[amount]", func(c *CreateShippingRate) {
			c.FixedAmount = Some(ShippingAmountParams{Amount: Some[int64](-1), Currency: Some("usd")})
		}},
		{"an unknown unit", "delivery_estimate[minimum][unit]", func(c *CreateShippingRate) {
			c.DeliveryEstimate = Some(ShippingEstimateParams{Minimum: Some(ShippingBound{"year", 1})})
		}},
		{"no time at all", "delivery_estimate[minimum][value]", func(c *CreateShippingRate) {
			c.DeliveryEstimate = Some(ShippingEstimateParams{Minimum: Some(ShippingBound{"day", 0})})
		}},
		{"an unknown tax behavior", "tax_behavior", func(c *CreateShippingRate) { c.TaxBehavior = Some("none") }},
	} {
		if e := s.refuse(good(c.change)); e.Status != 400 || e.Param != c.param {
			t.Errorf("%s: %v of %q, want %q", c.name, e, e.Param, c.param)
		}
	}
	s.do(UpdateShippingRate{ID: made.ID, TaxBehavior: Some("inclusive"), Active: Some(false)})
	if e := s.refuse(UpdateShippingRate{ID: made.ID, TaxBehavior: Some("exclusive")}); e.Param != "tax_behavior" {
		t.Errorf("another tax behavior: %v", e)
	}
	if e := s.refuse(UpdateShippingRate{ID: "shr_none"}); e.Status != 404 {
		t.Errorf("nobody's rate: %v", e)
	}
}

func TestOnlyTheWordsOfABalanceTransactionChange(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	ada, bob := s.customer("pm_card_visa"), s.customer("pm_card_visa")
	moved := s.do(CreateCustomerBalanceTransaction{Customer: ada, Amount: Some[int64](-100), Currency: Some("usd")}).(*CustomerBalanceTransaction)
	after := s.do(UpdateCustomerBalanceTransaction{Customer: ada, ID: moved.ID, Description: Some("Sorry")}).(*CustomerBalanceTransaction)
	if after.Description != "Sorry" || after.Amount != moved.Amount || after.EndingBalance != moved.EndingBalance {
		t.Errorf("changed to %+v", after)
	}
	if e := s.refuse(UpdateCustomerBalanceTransaction{Customer: bob, ID: moved.ID}); e.Status != 404 || e.Param != "transaction" {
		t.Errorf("another customer's: %v", e)
	}
}
