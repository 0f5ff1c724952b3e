package engine

import (
	"bytes"
	"fmt"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

// story is everything the events of a world told, without their ids.
func story(w *World) []string {
	var out []string
	for _, e := range w.EventsSince(0) {
		out = append(out, fmt.Sprint(e.Created, " ", e.Type))
	}
	return out
}

// aYear lives fourteen months with a customer whose card fails in the middle, in steps of the given seconds.
func aYear(t *testing.T, step int64) *shop {
	s := openShop(t)
	customer := s.customer("pm_card_visa")
	s.subscribe(customer, s.price("Pro", 2000), func(c *CreateSubscription) { c.TrialPeriodDays = Some[int64](10) })
	s.subscribe(customer, s.price("Starter", 0))
	s.subscribe(s.customer("pm_card_authenticationRequired"), s.price("Team", 500))
	failing := s.customer("pm_card_visa")
	s.subscribe(failing, s.price("Plus", 900))
	s.useCard(failing, "pm_card_chargeCustomerFail")
	for end := s.now + 430*secondsPerDay; s.now < end; {
		s.wait(min(step, end-s.now))
	}
	return s
}

// Rows: C19.
func TestOneJumpOfFourteenMonthsIsFourteenJumpsOfOne(t *testing.T) {
	t.Parallel()
	whole := aYear(t, 430*secondsPerDay)
	for _, step := range []int64{30*secondsPerDay + 17, secondsPerDay} {
		parts := aYear(t, step)
		if whole.Digest() != parts.Digest() {
			a, b := story(whole.World), story(parts.World)
			for i := range min(len(a), len(b)) {
				if a[i] != b[i] {
					t.Fatalf("steps of %d s: event %d is %q, in one jump it is %q", step, i, b[i], a[i])
				}
			}
			t.Fatalf("steps of %d s: %d events, in one jump %d", step, len(b), len(a))
		}
	}
	last := int64(0)
	for _, e := range whole.EventsSince(0) {
		if e.Created < last {
			t.Fatalf("event %s goes back in time", e.Type)
		}
		last = e.Created
	}
}

// Rows: C19.
func TestTestClockTellsTheStoryOfTheWorldsOwnTime(t *testing.T) {
	t.Parallel()
	onWorld, onClock := openShop(t), openShop(t)
	live := func(s *shop, customer string, wait func(int64)) []string {
		price := s.price("Pro", 2000)
		s.useCard(customer, "pm_card_visa")
		s.events()
		seen := s.LastEventSeq()
		s.subscribe(customer, price)
		wait(75 * secondsPerDay)
		var out []string
		for _, e := range s.EventsSince(seen) {
			if e.Type != "test_helpers.test_clock.advancing" && e.Type != "test_helpers.test_clock.ready" {
				out = append(out, fmt.Sprint(e.Created, " ", e.Type))
			}
		}
		return out
	}
	want := live(onWorld, onWorld.customer(""), onWorld.wait)
	clock := onClock.do(CreateTestClock{FrozenTime: Some(onClock.now)}).(*TestClock)
	customer := onClock.do(CreateCustomer{TestClock: Some(clock.ID)}).(*Customer).ID
	got := live(onClock, customer, func(seconds int64) {
		for at := clock.FrozenTime; seconds > 0; {
			step := min(seconds, 50*secondsPerDay)
			at, seconds = at+step, seconds-step
			onClock.do(AdvanceTestClock{ID: clock.ID, FrozenTime: Some(at)})
			onClock.do(FinishAdvance{Clock: clock.ID})
		}
	})
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("on a clock\n %v\non the world's time\n %v", got, want)
	}
}

// drawPrice makes a price of any kind.
func drawPrice(t *rapid.T, s *shop, name string) string {
	return s.price(name, rapid.Int64Range(0, 50000).Draw(t, "amount"), func(c *CreatePrice) {
		c.Recurring = Some(RecurringParam{
			Interval:      Some(rapid.SampledFrom([]string{"week", "month", "year"}).Draw(t, "interval")),
			IntervalCount: Some(rapid.Int64Range(1, 3).Draw(t, "count")),
		})
	})
}

// drawChange makes an update of the only item, with everything that decides how it is billed.
func drawChange(t *rapid.T, s *shop, sub, price string) SubscriptionChange {
	c := s.swap(sub, price)
	list, _ := c.Items.Get()
	if get[Price](s, price).Recurring.UsageType == Licensed {
		list[0].Quantity = Some(rapid.Int64Range(1, 5).Draw(t, "quantity"))
	}
	c.Items = Some(list)
	c.ProrationBehavior = Some(rapid.SampledFrom([]string{CreateProrations, AlwaysInvoice, NoProrations}).Draw(t, "behavior"))
	if rapid.Bool().Draw(t, "anchor") {
		c.BillingCycleAnchor = Some(AnchorParams{"now"})
	}
	if rapid.Bool().Draw(t, "dated") {
		c.ProrationDate = Some(rapid.Int64Range(s.sub(sub).periodStart(), s.now).Draw(t, "date"))
	}
	return c
}

// Rows: C15 C21. 10,000 lives of one to three updates, each previewed before it is made.
func TestPreviewIsWhatTheUpdateThenBills(t *testing.T) {
	t.Parallel()
	tenThousand(t, func(t testing.TB, r *rapid.T) {
		s := openShop(t)
		customer := s.customer("pm_card_visa")
		a, b := drawPrice(r, s, "A"), drawPrice(r, s, "B")
		metered := s.meteredPrice("Calls", s.meter("calls", FormulaSum), tiered(Graduated, "5:500+100 inf:33.3"))
		duration := rapid.SampledFrom([]string{DurationForever, DurationRepeating}).Draw(r, "duration")
		coupons := []string{s.coupon("12.5", duration), s.coupon("300c", duration)}
		sub := s.subscribe(customer, a, func(c *CreateSubscription) {
			c.Discounts = byCoupon(coupons[:rapid.IntRange(0, 2).Draw(r, "discounts")]...)
			c.DefaultTaxRates = Some(s.someRates()[:rapid.IntRange(0, 3).Draw(r, "tax rates")])
			c.BillingMode = Some(BillingModeParams{Type: Some(rapid.SampledFrom([]string{ModeClassic, ModeFlexible}).Draw(r, "mode"))})
		}).ID
		for range rapid.IntRange(1, 3).Draw(r, "changes") {
			s.wait(rapid.Int64Range(0, 40*secondsPerDay).Draw(r, "wait"))
			s.do(used("calls", customer, rapid.SampledFrom([]string{"0", "3", "20.5"}).Draw(r, "usage"), s.now-1))
			change := drawChange(r, s, sub, rapid.SampledFrom([]string{a, b, metered}).Draw(r, "to"))
			before, whole := s.sub(sub).LatestInvoice, s.Dump()
			preview := s.do(CreatePreview{Subscription: Some(sub), SubscriptionDetails: Some(PreviewSubscriptionParams{SubscriptionChange: change})}).(*Invoice)
			if !bytes.Equal(s.Dump(), whole) {
				r.Fatal("the preview left something behind")
			}
			// The date holds what was shown. In the second in which a period begins, a cycle that begins now is no new one, and later it is.
			begun := s.now > s.sub(sub).periodStart() || !change.BillingCycleAnchor.Given()
			if later := rapid.Int64Range(0, 600).Draw(r, "thinking"); change.ProrationDate.Given() && begun && s.now+later < s.sub(sub).periodEnd() {
				s.wait(later)
			}
			after := s.do(UpdateSubscription{ID: sub, SubscriptionChange: change}).(*Subscription)
			if after.LatestInvoice == before { // billed with the renewal
				s.wait(after.periodEnd() - s.now)
			}
			billed := s.latest(sub)
			sameDue := preview.AmountDue == billed.AmountDue || billed.AmountDue == 0 || preview.StartingBalance != billed.StartingBalance // moved since by a draft
			if lines(preview) != lines(billed) || preview.Total != billed.Total || !sameDue {
				r.Fatalf("previewed %d: %s\nbilled %d: %s", preview.Total, lines(preview), billed.Total, lines(billed))
			}
			s.wait(3600)
		}
	})
}

// Rows: C21. 10,000 periods of one to six updates.
func TestWhatIsBilledForAPeriodIsWhatWasUsedOfEachPrice(t *testing.T) {
	t.Parallel()
	tenThousand(t, func(t testing.TB, r *rapid.T) {
		s := openShop(t)
		customer := s.customer("pm_card_visa")
		amounts := map[string]int64{}
		var prices []string
		for _, name := range []string{"A", "B", "C"} {
			amount := rapid.Int64Range(100, 50000).Draw(r, "amount")
			id := s.price(name, amount)
			amounts[id], prices = amount, append(prices, id)
		}
		mode := rapid.SampledFrom([]string{ModeClassic, ModeFlexible}).Draw(r, "mode")
		sub := s.subscribe(customer, prices[0], func(c *CreateSubscription) { c.BillingMode = Some(BillingModeParams{Type: Some(mode)}) })
		start, end, used, since := s.now, sub.periodEnd(), new(big.Rat), s.now
		use := func(until int64) { // what the price that was in force since then costs up to now, exactly
			price := amounts[s.sub(sub.ID).Items[0].Price] * s.sub(sub.ID).Items[0].quantity()
			used.Add(used, big.NewRat(price*(until-since), end-start))
			since = until
		}
		for range rapid.IntRange(1, 6).Draw(r, "changes") {
			s.wait(rapid.Int64Range(0, (end-s.now)/2).Draw(r, "wait"))
			use(s.now)
			change := drawChange(r, s, sub.ID, rapid.SampledFrom(prices).Draw(r, "to"))
			change.BillingCycleAnchor, change.ProrationDate = Opt[AnchorParams]{}, Opt[int64]{}
			change.ProrationBehavior = Some(rapid.SampledFrom([]string{CreateProrations, AlwaysInvoice}).Draw(r, "how"))
			s.do(UpdateSubscription{ID: sub.ID, SubscriptionChange: change})
		}
		use(end)
		s.wait(end - s.now)
		billed, count := int64(0), int64(0)
		for _, inv := range s.tables.invoices.all("subscription", sub.ID) {
			for _, line := range inv.Lines {
				if line.Period.End <= end {
					billed, count = billed+line.Amount, count+1
				}
			}
		}
		off := used.Sub(used, big.NewRat(billed, 1))
		if off.Abs(off).Cmp(big.NewRat(count, 2)) > 0 {
			r.Fatalf("billed %d in %d lines, off by %s from what was used", billed, count, off.FloatString(3))
		}
	})
}

// Rows: C19 C21. 10,000 lives of up to twelve commands and a year to follow; check adds every invoice up after each of them.
func TestRandomLivesAddUp(t *testing.T) {
	t.Parallel()
	tenThousand(t, func(t testing.TB, r *rapid.T) {
		s := openShop(t, drawEnd(r), func(c *Settings) {
			c.TaxRounding = rapid.SampledFrom([]string{RoundTaxByLine, RoundTaxByInvoice}).Draw(r, "tax rounding")
		})
		customer := s.customer("pm_card_visa")
		prices, coupons := s.goods(r)
		sub := s.subscribe(customer, prices[0]).ID
		for range rapid.IntRange(1, 12).Draw(r, "steps") {
			s.wait(rapid.Int64Range(0, 50*secondsPerDay).Draw(r, "wait"))
			s.anyStep(r, customer, sub, prices, coupons)
		}
		s.wait(400 * secondsPerDay)
		for _, inv := range s.tables.invoices.all("subscription", sub) {
			for _, line := range inv.Lines {
				if line.Period.Start > line.Period.End {
					r.Fatalf("line %q runs from %d to %d", line.Description, line.Period.Start, line.Period.End)
				}
			}
		}
	})
}

// Rows: C3 C19. 10,000 lives of one subscription.
func TestBilledPeriodsTileALifeWithoutGapOrOverlap(t *testing.T) {
	t.Parallel()
	tenThousand(t, func(t testing.TB, r *rapid.T) {
		s := openShop(t)
		s.now += rapid.Int64Range(0, 4*365*secondsPerDay).Draw(r, "opening")
		price := drawPrice(r, s, "A")
		sub := s.subscribe(s.customer("pm_card_visa"), price, func(c *CreateSubscription) {
			c.TrialPeriodDays = Some(rapid.Int64Range(0, 40).Draw(r, "trial"))
		})
		every := intervalOf(get[Price](s, price))
		s.wait(rapid.Int64Range(1, 450*secondsPerDay).Draw(r, "life"))
		at := sub.Created
		for i, inv := range s.tables.invoices.all("subscription", sub.ID) {
			period := inv.Lines[0].Period
			if period.Start != at {
				r.Fatalf("invoice %d bills from %d, the one before until %d", i, period.Start, at)
			}
			if trial := i == 0 && sub.TrialEnd != 0; !trial && (every.at(sub.BillingCycleAnchor, every.index(sub.BillingCycleAnchor, at)) != at) {
				r.Fatalf("invoice %d begins at %d, off the anchor's calendar", i, at)
			}
			at = period.End
		}
		if at != s.sub(sub.ID).periodEnd() || at <= s.now {
			r.Fatalf("billed until %d, now %d", at, s.now)
		}
	})
}

// anyStep does one thing that a customer or an operator might do; that Stripe may refuse it is part of life.
func (s *shop) anyStep(r *rapid.T, customer, sub string, prices, coupons []string) {
	rates := Some(rapid.SliceOfNDistinct(rapid.SampledFrom(s.someRates()), 0, 2, rapid.ID).Draw(r, "rates"))
	given := byCoupon(rapid.SliceOfNDistinct(rapid.SampledFrom(coupons), 0, 3, rapid.ID).Draw(r, "coupons")...)
	price := rapid.SampledFrom(prices).Draw(r, "price")
	cmd := rapid.SampledFrom([]func() Command{
		func() Command { return UpdateSubscription{ID: sub, SubscriptionChange: drawChange(r, s, sub, price)} },
		func() Command {
			return UpdateSubscription{ID: sub, SubscriptionChange: SubscriptionChange{CancelAtPeriodEnd: Some(rapid.Bool().Draw(r, "at end"))}}
		},
		func() Command {
			return UpdateSubscription{ID: sub, SubscriptionChange: SubscriptionChange{
				CancelAt: Some(At(s.now + rapid.Int64Range(1, 500*secondsPerDay).Draw(r, "cancel at"))),
			}}
		},
		func() Command {
			return UpdateSubscription{ID: sub, SubscriptionChange: SubscriptionChange{CancelAt: Clear[Instant]()}}
		},
		func() Command {
			return PauseSubscription{ID: sub, PauseParams: PauseParams{
				InvoicingBehavior: Some(rapid.SampledFrom([]string{pauseInvoice, pausePending}).Draw(r, "pausing")),
				BillFor: Some(PauseBillParams{UnusedTimeFrom: Some(PauseTimeParams{Type: Some(
					rapid.SampledFrom([]string{pauseNow, pauseNone, pausePeriodStart}).Draw(r, "unused"))})}),
			}}
		},
		func() Command {
			return ResumeSubscription{ID: sub,
				PaymentBehavior:    Some(rapid.SampledFrom([]string{resumeOnAttempt, resumeOnSuccess}).Draw(r, "resuming")),
				BillingCycleAnchor: Some(AnchorParams{Type: rapid.SampledFrom([]string{"now", "unchanged"}).Draw(r, "anchor")})}
		},
		func() Command {
			return UpdateSubscription{ID: sub, SubscriptionChange: SubscriptionChange{
				TrialEnd: Some(At(s.now + rapid.Int64Range(1, 30*secondsPerDay).Draw(r, "trial"))),
			}}
		},
		func() Command {
			return UpdateSubscription{ID: sub, SubscriptionChange: SubscriptionChange{TrialEnd: Some(Now)}}
		},
		func() Command {
			return CreateInvoiceItem{Customer: Some(customer), Amount: Some(rapid.Int64Range(-3000, 3000).Draw(r, "extra")), Currency: Some("usd")}
		},
		func() Command {
			return CreateInvoiceItem{Customer: Some(customer), Subscription: Some(sub), Amount: Some(rapid.Int64Range(-3000, 3000).Draw(r, "extra")), Currency: Some("usd")}
		},
		func() Command {
			return UpdateSubscription{ID: sub, PendingItemInterval: Some(ItemIntervalParams{
				Interval: Some(rapid.SampledFrom([]string{"day", "week", "month"}).Draw(r, "rhythm")), IntervalCount: Some[int64](9)})}
		},
		func() Command {
			return CreateSubscriptionItem{Subscription: Some(sub), SubscriptionItemParams: SubscriptionItemParams{Price: Some(price)}}
		},
		func() Command {
			return DeleteSubscriptionItem{ID: s.sub(sub).Items[0].ID, ProrationBehavior: Some(AlwaysInvoice)}
		},
		func() Command {
			return UpdateSubscription{ID: sub, SubscriptionChange: SubscriptionChange{Discounts: given}}
		},
		func() Command {
			return UpdateSubscriptionItem{ID: s.sub(sub).Items[0].ID, SubscriptionItemParams: SubscriptionItemParams{
				Discounts: given, Quantity: Some(rapid.Int64Range(0, 3).Draw(r, "quantity"))}, ProrationBehavior: Some(AlwaysInvoice)}
		},
		func() Command {
			return CreateInvoiceItem{Customer: Some(customer), Amount: Some(rapid.Int64Range(0, 3000).Draw(r, "extra")), Currency: Some("usd"), Discounts: given}
		},
		func() Command {
			return UpdateInvoice{ID: s.sub(sub).LatestInvoice, InvoiceParams: InvoiceParams{Discounts: given}}
		},
		func() Command {
			return UpdateCustomer{ID: customer, CustomerParams: CustomerParams{Coupon: Some(rapid.SampledFrom(coupons).Draw(r, "coupon"))}}
		},
		func() Command {
			return used("calls", customer, rapid.SampledFrom([]string{"1", "20.5", "-3", "700"}).Draw(r, "usage"), s.now-rapid.Int64Range(0, 40*secondsPerDay).Draw(r, "late"))
		},
		func() Command {
			return CreateCreditGrant{
				Customer: Some(customer), Applicability: Some(ApplicabilityParams{Scope: Some(ScopeParams{PriceType: Some(Metered)})}),
				Amount: Some(CreditAmountParams{Type: Some("monetary"), Monetary: Some(MonetaryParams{
					Currency: Some("usd"), Value: Some(rapid.Int64Range(1, 3000).Draw(r, "credit"))})}),
			}
		},
		func() Command {
			return CancelSubscription{ID: sub, InvoiceNow: Some(true), Prorate: Some(rapid.Bool().Draw(r, "prorate"))}
		},
		func() Command {
			return UpdateSubscription{ID: sub, SubscriptionChange: SubscriptionChange{DefaultTaxRates: rates}}
		},
		func() Command {
			return UpdateSubscriptionItem{ID: s.sub(sub).Items[0].ID, SubscriptionItemParams: SubscriptionItemParams{TaxRates: rates}}
		},
		func() Command {
			return CreateInvoiceItem{Customer: Some(customer), Amount: Some(rapid.Int64Range(-3000, 3000).Draw(r, "extra")), Currency: Some("usd"),
				Discounts: given, TaxRates: rates}
		},
		func() Command {
			return UpdateInvoice{ID: s.sub(sub).LatestInvoice, InvoiceParams: InvoiceParams{DefaultTaxRates: rates}}
		},
		func() Command {
			return UpdateCustomer{ID: customer, CustomerParams: CustomerParams{
				TaxExempt: Some(rapid.SampledFrom([]string{"none", "exempt", "reverse"}).Draw(r, "exempt"))}}
		},
		func() Command { return PayInvoice{ID: s.sub(sub).LatestInvoice} },
		func() Command { return VoidInvoice{ID: s.sub(sub).LatestInvoice} },
		func() Command { return CancelSubscription{ID: sub, Prorate: Some(true)} },
		func() Command {
			s.useCard(customer, rapid.SampledFrom([]string{"pm_card_visa", "pm_card_chargeCustomerFail", "pm_card_authenticationRequired"}).Draw(r, "card"))
			return Tick{}
		},
	}).Draw(r, "step")()
	before := s.numbers()
	s.heard = append(s.heard, heard{cmd, s.now})
	if _, err := s.Apply(cmd, Request{ID: "req_test"}, s.now); err != nil && !keeps(err) && s.numbers() != before {
		r.Fatalf("%s was refused (%v) and left something behind", NameOf(cmd), err)
	}
	s.check()
}
