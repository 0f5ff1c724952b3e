package engine

import "testing"

// Numbers that no sum could bear are refused by name; they never reach the arithmetic.
func TestNumbersHaveLimits(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	price := s.price("Pro", 2000)
	customer := s.customer("pm_card_visa")
	sub := s.subscribe(customer, price)
	const huge = 1 << 62
	for _, c := range []struct {
		param string
		cmd   Command
	}{
		{"items[0][quantity]", CreateSubscription{Customer: Some(customer), Items: Some([]SubscriptionItemParams{{Price: Some(price), Quantity: Some[int64](huge)}})}},
		{"items[0][quantity]", UpdateSubscription{ID: sub.ID, SubscriptionChange: SubscriptionChange{Items: Some([]ItemChange{{
			ID: Some(sub.Items[0].ID), SubscriptionItemParams: SubscriptionItemParams{Quantity: Some[int64](huge)}}})}}},
		{"line_items[0][quantity]", checkout(price, func(c *CreateCheckoutSession) {
			c.LineItems = Some([]CheckoutLineParams{{Price: Some(price), Quantity: Some[int64](huge)}})
		})},
		{"unit_amount", CreatePrice{Currency: Some("usd"), ProductData: Some(ProductData{Name: Some("x")}), UnitAmount: Some[int64](huge)}},
		{"amount", CreateInvoiceItem{Customer: Some(customer), Amount: Some[int64](huge), Currency: Some("usd")}},
		{"amount", CreateInvoiceItem{Customer: Some(customer), Amount: Some[int64](-huge), Currency: Some("usd")}},
		{"quantity", CreateInvoiceItem{Customer: Some(customer), UnitAmountDecimal: Some(DecimalOf(1)), Quantity: Some[int64](huge), Currency: Some("usd")}},
		{"amount", CreateCustomerBalanceTransaction{Customer: customer, Amount: Some[int64](huge), Currency: Some("usd")}},
		{"balance", UpdateCustomer{ID: customer, CustomerParams: CustomerParams{Balance: Some[int64](-huge)}}},
		{"next_invoice_sequence", UpdateCustomer{ID: customer, CustomerParams: CustomerParams{NextInvoiceSequence: Some[int64](huge)}}},
		{"frozen_time", CreateTestClock{FrozenTime: Some[int64](huge)}},
		{"frozen_time", CreateTestClock{FrozenTime: Some[int64](-1)}},
		{"by", MoveTime{By: huge}},
		{"at", MoveTimeTo{At: huge}},
	} {
		before := s.Digest()
		if e := s.refuse(c.cmd); e.Status != 400 || e.Param != c.param {
			t.Errorf("%s: got %d %q (%s), want %q", NameOf(c.cmd), e.Status, e.Param, e.Message, c.param)
		}
		if s.Digest() != before {
			t.Errorf("%s: the refusal left something behind", NameOf(c.cmd))
		}
	}
}
