package engine

import (
	"strings"
	"testing"
)

// promoted opens a session with promotion codes and an adjustable line of three.
func (s *shop) promoted(price string, change ...func(*CreateCheckoutSession)) *CheckoutSession {
	s.Helper()
	return s.do(checkout(price, append([]func(*CreateCheckoutSession){func(c *CreateCheckoutSession) {
		c.AllowPromotionCodes = Some(true)
		c.LineItems = Some([]CheckoutLineParams{{Price: Some(price), Quantity: Some[int64](3), Adjustable: Some(AdjustableParams{
			Enabled: true, Minimum: Some[int64](2), Maximum: Some[int64](5)})}})
	}}, change...)...)).(*CheckoutSession)
}

func (s *shop) code(word, coupon string, change ...func(*CreatePromotionCode)) string {
	s.Helper()
	c := CreatePromotionCode{Code: Some(word), Promotion: Some(PromotionParams{Type: Some("coupon"), Coupon: Some(coupon)})}
	for _, f := range change {
		f(&c)
	}
	return s.do(c).(*PromotionCode).ID
}

func TestThePayersPromotionCodeLowersThePriceAndIsRedeemedOnce(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	promo := s.code("WELCOME", s.coupon("25", "forever"))
	session := s.promoted(s.price("Premium", 2000))
	priced := s.do(ChangeCheckout{Session: session.ID, Code: Some(" welcome ")}).(*CheckoutSession)
	if priced.AmountSubtotal != 6000 || priced.AmountDiscount != 1500 || priced.AmountTotal != 4500 || priced.Discounts[0].PromotionCode != promo {
		t.Fatalf("with the code: %+v", priced)
	}
	if n := get[PromotionCode](s, promo).TimesRedeemed; n != 0 {
		t.Errorf("typing the code redeemed it %d times", n)
	}
	done := s.do(SubmitCheckout{Session: session.ID, Email: "ada@example.com", Card: card(goodCard)}).(*CheckoutOutcome).Session
	if inv := s.latest(done.Subscription); inv.Total != 4500 || inv.AmountPaid != 4500 || get[PromotionCode](s, promo).TimesRedeemed != 1 {
		t.Errorf("paid: %+v", inv)
	}
}

func TestACodeThatCannotBeRedeemedIsRefusedOnThePage(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	price, half := s.price("Premium", 2000), s.coupon("50", "once")
	other := s.do(CreateProduct{ProductParams: ProductParams{Name: Some("Other")}}).(*Product).ID
	s.code("OFF", half, func(c *CreatePromotionCode) { c.Active = Some(false) })
	s.code("BIG", half, func(c *CreatePromotionCode) {
		c.Restrictions = Some(RestrictionsParams{MinimumAmount: Some[int64](9000), MinimumAmountCurrency: Some("usd")})
	})
	s.code("THEIRS", half, func(c *CreatePromotionCode) { c.Customer = Some(s.customer("pm_card_visa")) })
	s.code("FIRST", half, func(c *CreatePromotionCode) {
		c.Restrictions = Some(RestrictionsParams{FirstTimeTransaction: Some(true)})
	})
	s.code("ELSEWHERE", s.coupon("50", "once", func(c *CreateCoupon) { c.AppliesTo = Some(AppliesToParams{Products: Some([]string{other})}) }))
	payer := s.customer("pm_card_visa")
	s.subscribe(payer, price)
	session := s.promoted(price, func(c *CreateCheckoutSession) { c.Customer = Some(payer) })
	for _, word := range []string{"nothing", "off", "big", "theirs", "first", "elsewhere"} {
		e := s.refuse(ChangeCheckout{Session: session.ID, Code: Some(word)})
		if e.Param != "promotion_code" || e.Status != 400 {
			t.Errorf("%s: %+v", word, e)
		}
	}
	closed := s.do(checkout(price)).(*CheckoutSession)
	if e := s.refuse(ChangeCheckout{Session: closed.ID, Code: Some("BIG")}); !strings.Contains(e.Message, "takes no promotion codes") {
		t.Errorf("a session without codes: %v", e)
	}
}

func TestAnAdjustableQuantityStaysWithinItsBounds(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.code("SIX", s.coupon("50", "once"), func(c *CreatePromotionCode) {
		c.Restrictions = Some(RestrictionsParams{MinimumAmount: Some[int64](6000), MinimumAmountCurrency: Some("usd")})
	})
	session := s.promoted(s.price("Premium", 2000))
	s.do(ChangeCheckout{Session: session.ID, Code: Some("SIX")})
	for _, quantity := range []int64{1, 6, 0, -1} {
		if e := s.refuse(ChangeCheckout{Session: session.ID, Item: session.Lines[0].ID, Quantity: quantity}); e.Param != "quantity" {
			t.Errorf("%d: %v", quantity, e)
		}
	}
	fewer := s.do(ChangeCheckout{Session: session.ID, Item: session.Lines[0].ID, Quantity: 2}).(*CheckoutSession)
	if fewer.AmountTotal != 4000 || len(fewer.Discounts) != 0 || fewer.Lines[0].Quantity != 2 || session.Lines[0].Quantity != 3 {
		t.Errorf("a basket below the code's minimum: %+v", fewer)
	}
	done := s.do(SubmitCheckout{Session: session.ID, Email: "ada@example.com", Card: card(goodCard)}).(*CheckoutOutcome).Session
	if sub := s.sub(done.Subscription); *sub.Items[0].Quantity != 2 {
		t.Errorf("subscribed to %d", *sub.Items[0].Quantity)
	}
}

func TestAnotherAmountGivesUpThePaymentThatWasBegun(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	session := s.promoted(s.price("Premium", 2000))
	asked := s.do(SubmitCheckout{Session: session.ID, Email: "ada@example.com", Card: card(asksCard)}).(*CheckoutOutcome)
	s.do(ChangeCheckout{Session: session.ID, Item: session.Lines[0].ID, Quantity: 5})
	if pi := get[PaymentIntent](s, asked.Challenge); pi.Status != IntentCanceled {
		t.Errorf("the old payment is %s", pi.Status)
	}
	done := s.do(SubmitCheckout{Session: session.ID, Email: "ada@example.com", Card: card(goodCard)}).(*CheckoutOutcome).Session
	if inv := s.latest(done.Subscription); inv.AmountPaid != 10000 {
		t.Errorf("paid %d", inv.AmountPaid)
	}
}

func TestAnOptionalItemIsBoughtOnlyWhenItIsAdded(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	main := s.price("Premium", 2000)
	gift := s.do(CreatePrice{Currency: Some("usd"), UnitAmount: Some[int64](500), ProductData: Some(ProductData{Name: Some("Gift")})}).(*Price).ID
	session := s.do(checkout(main, func(c *CreateCheckoutSession) {
		c.OptionalItems = Some([]CheckoutOptionalItem{{Price: gift, Quantity: 2}})
	})).(*CheckoutSession)
	if session.AmountTotal != 2000 || len(session.Offers()) != 1 {
		t.Fatalf("opened: %+v", session)
	}
	added := s.do(ChangeCheckout{Session: session.ID, Item: gift}).(*CheckoutSession)
	if added.AmountTotal != 3000 || len(added.Offers()) != 0 {
		t.Fatalf("added: %+v", added)
	}
	if e := s.refuse(ChangeCheckout{Session: session.ID, Item: gift}); e.Param != "item" {
		t.Errorf("added twice: %v", e)
	}
	without := s.do(ChangeCheckout{Session: session.ID, Item: added.Lines[1].ID}).(*CheckoutSession)
	if without.AmountTotal != 2000 || len(without.Lines) != 1 {
		t.Errorf("taken out: %+v", without)
	}
	s.do(ChangeCheckout{Session: session.ID, Item: gift})
	done := s.do(SubmitCheckout{Session: session.ID, Email: "ada@example.com", Card: card(goodCard)}).(*CheckoutOutcome).Session
	if inv := s.latest(done.Subscription); inv.Total != 3000 || len(inv.Lines) != 2 {
		t.Errorf("billed: %+v", inv)
	}
}

func TestBasketsThatCannotBeAreRefused(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	price := s.price("Premium", 2000)
	line := func(a AdjustableParams) func(*CreateCheckoutSession) {
		return func(c *CreateCheckoutSession) {
			c.LineItems = Some([]CheckoutLineParams{{Price: Some(price), Quantity: Some[int64](3), Adjustable: Some(a)}})
		}
	}
	for name, c := range map[string]struct {
		change func(*CreateCheckoutSession)
		param  string
	}{
		"a minimum above the maximum":  {line(AdjustableParams{Enabled: true, Minimum: Some[int64](5), Maximum: Some[int64](4)}), "line_items[0][adjustable_quantity][minimum]"},
		"a maximum of nothing":         {line(AdjustableParams{Enabled: true, Maximum: Some[int64](0)}), "line_items[0][adjustable_quantity][maximum]"},
		"a quantity below the minimum": {line(AdjustableParams{Enabled: true, Minimum: Some[int64](4)}), "line_items[0][adjustable_quantity]"},
		"an unknown optional price": {func(c *CreateCheckoutSession) {
			c.OptionalItems = Some([]CheckoutOptionalItem{{Price: "price_x", Quantity: 1}})
		}, "optional_items[0][price]"},
		"the same optional price twice": {func(c *CreateCheckoutSession) {
			c.OptionalItems = Some([]CheckoutOptionalItem{{Price: price, Quantity: 1}, {Price: price, Quantity: 1}})
		}, "optional_items[1][price]"},
	} {
		if e := s.refuse(checkout(price, c.change)); e.Param != c.param {
			t.Errorf("%s: %+v", name, e)
		}
	}
}
