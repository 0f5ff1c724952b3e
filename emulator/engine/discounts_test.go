package engine

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// coupon makes a coupon: a percentage such as "20", or an amount in minor units such as "400c".
func (s *shop) coupon(worth, duration string, change ...func(*CreateCoupon)) string {
	s.Helper()
	cmd := CreateCoupon{Duration: Some(duration)}
	if n := len(worth) - 1; worth[n] == 'c' {
		amount, _ := dec(s.TB, worth[:n]).Int()
		cmd.AmountOff, cmd.Currency = Some(amount), Some("usd")
	} else {
		cmd.PercentOff = Some(dec(s.TB, worth))
	}
	if duration == DurationRepeating {
		cmd.DurationInMonths = Some[int64](3)
	}
	for _, f := range change {
		f(&cmd)
	}
	return s.do(cmd).(*Coupon).ID
}

func byCoupon(ids ...string) Opt[[]DiscountParams] {
	list := make([]DiscountParams, len(ids))
	for i, id := range ids {
		list[i] = DiscountParams{Coupon: Some(id)}
	}
	return Some(list)
}

func discountedBy(coupons ...string) func(*CreateSubscription) {
	return func(c *CreateSubscription) { c.Discounts = byCoupon(coupons...) }
}

// Chapters 4.4, 10.4 and 14.5.
func TestDiscountsTakeWhatStripeTakes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name          string
		amounts       []int64
		item, general []string
		offs          string
		subtotal      int64
		total         int64
	}{
		{"4.00 off 9.00 and 15.00", []int64{1500, 900}, nil, []string{"400c"}, "[150] [250]", 2400, 2000},
		{"4.00 off 7.00 and 10.00", []int64{1000, 700}, nil, []string{"400c"}, "[164] [236]", 1700, 1300},
		{"20 % then 5.00", []int64{10000}, nil, []string{"20", "500c"}, "[2000 500]", 10000, 7500},
		{"5.00 then 20 %", []int64{10000}, nil, []string{"500c", "20"}, "[500 1900]", 10000, 7600},
		{"a percentage is rounded on each line", []int64{335, 333}, nil, []string{"50"}, "[167] [168]", 668, 333},
		{"an amount never goes below 0", []int64{300}, nil, []string{"400c"}, "[300]", 300, 0},
		{"an item discount makes the subtotal net", []int64{1000}, []string{"10"}, nil, "[100]", 900, 900},
		{"item discounts go first", []int64{1000}, []string{"500c"}, []string{"10"}, "[500 50]", 500, 450},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := openShop(t)
			customer := s.customer("pm_card_visa")
			coupons := func(worth []string) (ids []string) {
				for _, w := range worth {
					ids = append(ids, s.coupon(w, DurationForever))
				}
				return ids
			}
			item := byCoupon(coupons(c.item)...)
			for _, amount := range c.amounts {
				s.do(CreateInvoiceItem{Customer: Some(customer), Amount: Some(amount), Currency: Some("usd"), Discounts: item})
			}
			inv := s.do(CreateInvoice{Customer: Some(customer), PendingInvoiceItemsBehavior: Some("include"),
				InvoiceParams: InvoiceParams{Discounts: byCoupon(coupons(c.general)...)}}).(*Invoice)
			got := ""
			for i, l := range inv.Lines { // newest item first
				var offs []int64
				for _, d := range l.DiscountAmounts {
					offs = append(offs, d.Amount)
				}
				got += fmt.Sprint(offs)
				if i < len(inv.Lines)-1 {
					got += " "
				}
			}
			if got != c.offs || inv.Subtotal != c.subtotal || inv.Total != c.total {
				t.Errorf("took %s, subtotal %d, total %d; want %s, %d, %d", got, inv.Subtotal, inv.Total, c.offs, c.subtotal, c.total)
			}
		})
	}
}

func TestAnAmountIsSpreadByFloorWithTheRestOnTheLast(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		amount int64
		over   []int64
		want   string
	}{
		{400, []int64{900, 1500}, "[150 250]"},
		{400, []int64{700, 1000}, "[164 236]"},
		{2, []int64{1, 1, 1}, "[0 1 1]"},
		{5, []int64{0, 3, 0}, "[0 3 0]"},
		{5, nil, "[]"},
	} {
		if got := fmt.Sprint(spread(c.amount, c.over)); got != c.want {
			t.Errorf("%d over %v: %s, want %s", c.amount, c.over, got, c.want)
		}
	}
	rapid.Check(t, func(r *rapid.T) {
		over := rapid.SliceOf(rapid.Int64Range(0, 1_000_000)).Draw(r, "over")
		amount, total, sum := rapid.Int64Range(0, 5_000_000).Draw(r, "amount"), int64(0), int64(0)
		for i, part := range spread(amount, over) {
			if total, sum = total+over[i], sum+part; part < 0 || part > over[i] {
				r.Fatalf("%d over %v gives %d to part %d", amount, over, part, i)
			}
		}
		if sum != min(amount, total) {
			r.Fatalf("%d over %v makes %d", amount, over, sum)
		}
	})
}

// Rows: C18.
func TestADiscountLastsAsLongAsItsCouponSays(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		duration string
		want     []int64 // the totals of the first five months
	}{
		{DurationOnce, []int64{1500, 2000, 2000, 2000, 2000}},
		{DurationRepeating, []int64{1500, 1500, 1500, 2000, 2000}},
		{DurationForever, []int64{1500, 1500, 1500, 1500, 1500}},
	} {
		t.Run(c.duration, func(t *testing.T) {
			t.Parallel()
			s := openShop(t)
			sub := s.subscribe(s.customer("pm_card_visa"), s.price("Pro", 2000), discountedBy(s.coupon("25", c.duration)))
			first := s.latest(sub.ID)
			if first.Subtotal != 2000 || len(first.Discounts) != 1 || len(first.Lines[0].Discounts) != 0 {
				t.Errorf("subtotal %d, discounts %v and %v of the line", first.Subtotal, first.Discounts, first.Lines[0].Discounts)
			}
			if once := c.duration == DurationOnce; once != (len(s.sub(sub.ID).Discounts) == 0) {
				t.Errorf("after the first invoice the subscription has %v", s.sub(sub.ID).Discounts)
			}
			s.wait(125 * secondsPerDay)
			var got []int64
			for _, inv := range s.tables.invoices.all("subscription", sub.ID) {
				got = append(got, inv.Total)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("billed %v, want %v", got, c.want)
			}
			created, deleted := 0, 0
			for _, e := range s.EventsSince(0) {
				switch e.Type {
				case "customer.discount.created":
					created++
				case "customer.discount.deleted":
					deleted++
				}
			}
			if ends := c.duration != DurationForever; created != 1 || ends != (deleted == 1) {
				t.Errorf("%d created and %d deleted events", created, deleted)
			}
		})
	}
}

// Rows: C21. Vector 11 of chapter 4.5.
func TestProrationsCarryTheDiscountInside(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{ModeClassic, ModeFlexible} {
		s := openShop(t)
		coupon := s.coupon("20", DurationForever)
		sub := s.subscribe(s.customer("pm_card_visa"), s.price("Small", 1000), discountedBy(coupon), func(c *CreateSubscription) {
			c.BillingMode = Some(BillingModeParams{Type: Some(mode)})
		})
		s.wait((sub.periodEnd() - s.now) / 2)
		change := s.swap(sub.ID, s.price("Large", 2000))
		change.ProrationBehavior = Some(AlwaysInvoice)
		s.do(UpdateSubscription{ID: sub.ID, SubscriptionChange: change})
		want := "-400 Unused time on Small after 14 Feb 2026 (with 20.0% off) | 800 Remaining time on Large after 14 Feb 2026 (with 20.0% off)"
		inv := s.latest(sub.ID)
		if lines(inv) != want || inv.Total != 400 || inv.Lines[0].Discountable {
			t.Errorf("%s: %s, total %d", mode, lines(inv), inv.Total)
		}
	}
}

func TestAnotherCouponForACustomerIsOneSwitch(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	ten, half := s.coupon("10", DurationRepeating), s.coupon("50", DurationForever)
	customer := s.do(CreateCustomer{CustomerParams: CustomerParams{Coupon: Some(ten)}}).(*Customer)
	var types, finer []string
	seen := s.LastEventSeq()
	switched := s.do(UpdateCustomer{ID: customer.ID, CustomerParams: CustomerParams{Coupon: Some(half)}}).(*Customer)
	for _, e := range s.EventsSince(seen) {
		types = append(types, e.Type)
		if d, ok := e.Object.(*Discount); ok {
			if before, _ := e.Before.(*Discount); d.Coupon != half || before == nil || before.Coupon != ten {
				t.Errorf("%s is of %+v after %+v", e.Type, d, e.Before)
			}
			for _, n := range e.Thin() {
				finer = append(finer, n.Type)
			}
		}
	}
	if want := []string{"customer.discount.updated", "customer.updated"}; !slices.Equal(types, want) {
		t.Errorf("got %v, want %v", types, want)
	}
	if want := []string{"v1.customer.discount.updated", "v1.customer.discount.source_changed"}; !slices.Equal(finer, want) {
		t.Errorf("got %v, want %v", finer, want)
	}
	s.wait(95 * secondsPerDay) // the first coupon's time is over
	if now := get[Customer](s, customer.ID).Discount; now != switched.Discount {
		t.Errorf("the discount is %q, want %q", now, switched.Discount)
	}
	seen = s.LastEventSeq()
	s.do(UpdateCustomer{ID: customer.ID, CustomerParams: CustomerParams{Coupon: Clear[string]()}})
	if left, events := get[Customer](s, customer.ID).Discount, s.EventsSince(seen); left != "" || events[0].Type != "customer.discount.deleted" {
		t.Errorf("an empty coupon left %q, and told %s first", left, events[0].Type)
	}
}

func TestACustomersDiscountIsForWhatHasNoneOfItsOwn(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	customer, ten, half := s.customer("pm_card_visa"), s.coupon("10", DurationForever), s.coupon("50", DurationForever)
	s.do(UpdateCustomer{ID: customer, CustomerParams: CustomerParams{Coupon: Some(ten)}})
	plain := s.subscribe(customer, s.price("A", 1000))
	own := s.subscribe(customer, s.price("B", 1000), discountedBy(half))
	if a, b := s.latest(plain.ID).Total, s.latest(own.ID).Total; a != 900 || b != 500 {
		t.Errorf("billed %d and %d, want 900 and 500", a, b)
	}
	gone := s.do(DeleteCustomerDiscount{Customer: customer}).(*DeletedDiscount)
	if gone.Coupon != ten || get[Customer](s, customer).Discount != "" {
		t.Errorf("deleted %+v, left %q", gone, get[Customer](s, customer).Discount)
	}
	s.do(DeleteSubscriptionDiscount{Subscription: own.ID})
	s.wait(31 * secondsPerDay)
	if a, b := s.latest(plain.ID).Total, s.latest(own.ID).Total; a != 1000 || b != 1000 {
		t.Errorf("then billed %d and %d, want 1000 each", a, b)
	}
	s.refuse(DeleteCustomerDiscount{Customer: customer})
	s.refuse(DeleteSubscriptionDiscount{Subscription: own.ID})
}

func TestACouponIsRedeemedWithinItsLimits(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	price := s.price("Pro", 2000)
	twice := s.coupon("10", DurationForever, func(c *CreateCoupon) { c.MaxRedemptions = Some[int64](2) })
	code := s.do(CreatePromotionCode{Code: Some("TWICE"), Promotion: Some(PromotionParams{Coupon: Some(twice)})}).(*PromotionCode).ID
	for range 2 {
		s.subscribe(s.customer("pm_card_visa"), price, func(c *CreateSubscription) { c.Discounts = Some([]DiscountParams{{PromotionCode: Some(code)}}) })
	}
	if c := get[Coupon](s, twice); c.Valid() || c.TimesRedeemed != 2 || get[PromotionCode](s, code).Active {
		t.Errorf("after two redemptions the coupon is %+v", c)
	}
	soon := s.coupon("10", DurationForever, func(c *CreateCoupon) { c.RedeemBy = Some(s.now + 60) })
	euro := s.do(CreateCoupon{AmountOff: Some[int64](500), Currency: Some("eur")}).(*Coupon).ID
	other := s.price("Other", 2000)
	only := s.coupon("50", DurationForever, func(c *CreateCoupon) {
		c.AppliesTo = Some(AppliesToParams{Products: Some([]string{get[Price](s, other).Product})})
	})
	s.wait(61)
	for coupon, want := range map[string]string{twice: "coupon_expired", soon: "coupon_expired", "nothing": "resource_missing", euro: ""} {
		cmd := CreateSubscription{Customer: Some(s.customer("pm_card_visa")), Items: items(price), Discounts: byCoupon(coupon)}
		if e := s.refuse(cmd); e.Code != want || e.Param != "discounts[0][coupon]" {
			t.Errorf("%s: refused with %v at %s, want %s", coupon, e, e.Param, want)
		}
	}
	both := s.subscribe(s.customer("pm_card_visa"), price, discountedBy(only), func(c *CreateSubscription) { c.Items = items(price, other) })
	if total := s.latest(both.ID).Total; total != 3000 {
		t.Errorf("a coupon for one of two products left %d, want 3000", total)
	}
}

func TestACodeStaysWithinTheTimeAndNumberOfItsCoupon(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	if e := s.refuse(CreateCoupon{PercentOff: Some(DecimalOf(5)), RedeemBy: Some(s.now + 5*366*secondsPerDay)}); e.Param != "redeem_by" {
		t.Errorf("a coupon of more than five years: %v", e)
	}
	s.coupon("5", DurationOnce, func(c *CreateCoupon) { c.RedeemBy = Some(s.now + 5*365*secondsPerDay) })
	ends := s.now + 100*secondsPerDay
	coupon := s.coupon("10", DurationForever, func(c *CreateCoupon) { c.RedeemBy, c.MaxRedemptions = Some(ends), Some[int64](3) })
	of := Some(PromotionParams{Coupon: Some(coupon)})
	code := s.do(CreatePromotionCode{Promotion: of}).(*PromotionCode)
	if code.ExpiresAt != ends || code.MaxRedemptions != 0 {
		t.Errorf("a code that says nothing ends at %d after %d redemptions", code.ExpiresAt, code.MaxRedemptions)
	}
	for param, cmd := range map[string]CreatePromotionCode{
		"expires_at":      {Promotion: of, ExpiresAt: Some(ends + 1)},
		"max_redemptions": {Promotion: of, MaxRedemptions: Some[int64](4)},
		"code":            {Promotion: of, Code: Some("A_B")},
	} {
		if e := s.refuse(cmd); e.Param != param {
			t.Errorf("%s: refused at %q (%v)", param, e.Param, e)
		}
	}
	s.wait(100*secondsPerDay + 1)
	if get[PromotionCode](s, code.ID).Active {
		t.Error("a code outlives its coupon")
	}
	if e := s.refuse(UpdatePromotionCode{ID: code.ID, Active: Some(true)}); e.Param != "active" {
		t.Errorf("made active again: %v", e)
	}
}

// Rows: B2.
func TestCheckoutAsksForWhatTheFirstInvoiceBills(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	customer := s.customer("")
	s.do(UpdateCustomer{ID: customer, CustomerParams: CustomerParams{Coupon: Some(s.coupon("10", DurationOnce))}})
	session := s.do(CreateCheckoutSession{Mode: Some(ModeSubscription), SuccessURL: Some("https://example.com"), Customer: Some(customer),
		LineItems: Some([]CheckoutLineParams{{Price: Some(s.price("Pro", 2000)), Quantity: Some[int64](1)}})}).(*CheckoutSession)
	if session.AmountSubtotal != 2000 || session.AmountDiscount != 200 || session.AmountTotal != 1800 {
		t.Errorf("the session asks for %d - %d = %d", session.AmountSubtotal, session.AmountDiscount, session.AmountTotal)
	}
	s.do(SubmitCheckout{Session: session.ID, Email: "ada@example.com", Card: CardEntry{
		Number: "4242424242424242", ExpMonth: 12, ExpYear: 2034, CVC: "123", Name: "Ada"}})
	inv := s.latest(get[CheckoutSession](s, session.ID).Subscription)
	if inv.Status != InvoicePaid || inv.AmountPaid != 1800 || get[Customer](s, customer).Discount != "" {
		t.Errorf("billed %d, %s; the customer still has %q", inv.AmountPaid, inv.Status, get[Customer](s, customer).Discount)
	}
}
