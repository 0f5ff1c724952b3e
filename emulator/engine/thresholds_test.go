package engine

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// The advertising platform of Stripe's documentation, in tens of impressions: a threshold of 100.00 bills every 200 at 0.50 each and, beyond
// the first tier, every 250 at 0.40 each.
func TestAThresholdBillsUsageEarlyAndKeepsItsTiers(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	customer := s.customer("pm_card_visa")
	price := s.meteredPrice("Ads", s.meter("ads", FormulaSum), tiered(Graduated, "400:50 inf:40"))
	sub := s.subscribe(customer, price, func(c *CreateSubscription) {
		c.BillingThresholds = Some(ThresholdParams{AmountGTE: Some[int64](10000)})
	})
	var totals []int64
	for range 18 {
		s.wait(3600)
		before := s.sub(sub.ID).LatestInvoice
		s.do(used("ads", customer, "50", s.now))
		if id := s.sub(sub.ID).LatestInvoice; id != before {
			inv := s.invoice(id)
			totals = append(totals, inv.Total)
			if inv.BillingReason != ReasonThreshold || inv.Status != InvoiceDraft || inv.Threshold.AmountGTE != 10000 {
				t.Errorf("made %+v", inv)
			}
		}
	}
	if want := []int64{10000, 10000, 10000, 10000}; !slices.Equal(totals, want) {
		t.Errorf("billed %v, want %v", totals, want)
	}
	if got := s.sub(sub.ID); got.BillingCycleAnchor != sub.BillingCycleAnchor || got.periodEnd() != sub.periodEnd() {
		t.Errorf("its period moved: %+v", got)
	}
	s.waitUntil("2026-02-28 13:00:00")
	if inv := s.latest(sub.ID); inv.BillingReason != "subscription_cycle" || inv.Total != 0 {
		t.Errorf("the period's end bills %s", lines(inv))
	}
}

// However often a threshold cuts a period, its invoices come to what one would have.
func TestThresholdsChangeWhenUsageIsBilledAndNotHowMuch(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		s := openShop(reported{t, r})
		customer := s.customer("pm_card_visa")
		price := s.meteredPrice("Calls", s.meter("calls", rapid.SampledFrom([]string{FormulaSum, FormulaCount}).Draw(r, "formula")), tiered(Graduated, "10:50+100 40:30 inf:7"))
		sub := s.subscribe(customer, price, func(c *CreateSubscription) {
			if amount := rapid.Int64Range(50, 2000).Draw(r, "amount"); rapid.Bool().Draw(r, "monetary") {
				c.BillingThresholds = Some(ThresholdParams{AmountGTE: Some(amount)})
			}
			list, _ := c.Items.Get()
			if gte := rapid.Int64Range(1, 20).Draw(r, "usage"); rapid.Bool().Draw(r, "by usage") {
				list[0].BillingThresholds = Some(ItemThresholdParams{UsageGTE: Some(gte)})
			}
		})
		for range rapid.IntRange(0, 8).Draw(r, "reports") {
			s.wait(rapid.Int64Range(0, 3*secondsPerDay).Draw(r, "wait"))
			s.do(used("calls", customer, rapid.SampledFrom([]string{"0", "1", "3.5", "17"}).Draw(r, "value"), s.now))
		}
		period, p := Period{sub.periodStart(), sub.periodEnd()}, get[Price](s, price)
		s.wait(sub.periodEnd() - s.now + 3600)
		whole, billed := int64(0), int64(0)
		for _, part := range tariffOf(p, "usd").linesOf(s.usage(get[Meter](s, p.Recurring.Meter), customer, period)) {
			whole += part.Amount
		}
		var story []string
		for _, inv := range s.tables.invoices.all("subscription", sub.ID) {
			billed += inv.Total
			story = append(story, inv.BillingReason+": "+lines(inv))
		}
		if billed != whole {
			r.Fatalf("billed %d, one invoice would have %d:\n%s", billed, whole, strings.Join(story, "\n"))
		}
	})
}

func TestAThresholdMayBeginTheCycleAnew(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	customer := s.customer("pm_card_visa")
	calls, base := s.meteredPrice("Calls", s.meter("calls", FormulaSum)), s.price("Base", 1000)
	sub := s.subscribe(customer, base, func(c *CreateSubscription) {
		c.Items = items(base, calls)
		c.BillingThresholds = Some(ThresholdParams{AmountGTE: Some[int64](2000), ResetBillingCycleAnchor: Some(true)})
	})
	s.waitUntil("2026-02-14 12:00:00")
	s.do(used("calls", customer, "199", s.now-1))
	if s.sub(sub.ID).LatestInvoice != sub.LatestInvoice {
		t.Fatalf("it billed %s", lines(s.latest(sub.ID)))
	}
	s.events()
	s.do(used("calls", customer, "1", s.now))
	s.wantEvents("crossed", "customer.subscription.updated invoice.created invoiceitem.created")
	inv, after := s.latest(sub.ID), s.sub(sub.ID)
	if after.BillingCycleAnchor != s.now || after.periodStart() != s.now || inv.Total != 2000+1000-500 {
		t.Errorf("began anew at %d with %d: %s", after.BillingCycleAnchor, inv.Total, lines(inv))
	}
	s.wait(3600)
	s.do(used("calls", customer, "3", s.now))
	s.wait(after.periodEnd() - s.now + 3600)
	if inv := s.latest(sub.ID); inv.Total != 1030 || inv.Status != InvoicePaid {
		t.Errorf("the period after bills %s", lines(inv))
	}
}

func TestThresholdsThatCannotBeAreRefused(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	customer, base := s.customer("pm_card_visa"), s.price("Base", 1000)
	for param, change := range map[string]func(*CreateSubscription){
		"billing_thresholds[amount_gte]": func(c *CreateSubscription) { c.BillingThresholds = Some(ThresholdParams{AmountGTE: Some[int64](1000)}) },
		"items[0][billing_thresholds]": func(c *CreateSubscription) {
			c.Items = Some([]SubscriptionItemParams{{Price: Some(base), BillingThresholds: Some(ItemThresholdParams{UsageGTE: Some[int64](5)})}})
		},
	} {
		cmd := CreateSubscription{Customer: Some(customer), Items: items(base)}
		change(&cmd)
		if e := s.refuse(cmd); e.Param != param {
			t.Errorf("%s: got %v about %s", param, e, e.Param)
		}
	}
	sub := s.subscribe(customer, base)
	e := s.refuse(UpdateSubscription{ID: sub.ID, BillingThresholds: Some(ThresholdParams{AmountGTE: Some[int64](49)})})
	if e.Param != "billing_thresholds[amount_gte]" {
		t.Errorf("49: %v", e)
	}
	s.do(UpdateSubscription{ID: sub.ID, BillingThresholds: Some(ThresholdParams{AmountGTE: Some[int64](1001)})})
	if s.do(UpdateSubscription{ID: sub.ID, BillingThresholds: Clear[ThresholdParams]()}).(*Subscription).Thresholds != nil {
		t.Error("an empty value takes them away")
	}
}
