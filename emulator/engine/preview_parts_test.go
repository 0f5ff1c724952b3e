package engine

import (
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

// Rows: C15.
func TestPreviewsTakeAllThatIsSaidOfThem(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	pro := s.price("Pro", 2000)
	customer := s.customer("pm_card_visa")
	sub := s.subscribe(customer, pro)
	waiting := s.do(CreateInvoiceItem{Customer: Some(customer), Amount: Some[int64](500), Currency: Some("usd"), Description: Some("Hours")}).(*InvoiceItem)
	tenth := s.coupon("10", DurationForever)
	details := func(p PreviewSubscriptionParams) CreatePreview {
		return CreatePreview{CustomerDetails: Some(PreviewCustomerParams{Address: Some(Address{Country: "DE"})}), SubscriptionDetails: Some(p)}
	}
	one := []ItemChange{{SubscriptionItemParams: SubscriptionItemParams{Price: Some(pro)}}}
	future := PreviewSubscriptionParams{SubscriptionChange: SubscriptionChange{Items: Some(one)}, StartDate: Some(s.now + 10*secondsPerDay), Metadata: Some(map[string]string{"k": "v"})}
	past := PreviewSubscriptionParams{SubscriptionChange: SubscriptionChange{Items: Some(one), ProrationBehavior: Some(CreateProrations)}, StartDate: Some(s.now - half)}
	anchored := PreviewSubscriptionParams{SubscriptionChange: SubscriptionChange{Items: Some(one), BillingCycleAnchor: Some(AnchorParams{Type: "1771070400"})}}
	for _, c := range []struct {
		name, want string
		cmd        CreatePreview
	}{
		{"a waiting item as it would be", "700 Days | 2000 1 × Pro (at $20.00 / month)", CreatePreview{Subscription: Some(sub.ID), InvoiceItems: Some([]PreviewItemParams{
			{InvoiceItem: Some(waiting.ID), Amount: Some[int64](700), Description: Some("Days")},
		})}},
		{"an item with a discount of its own and a unit amount", "1000 Seat | 500 Hours | 2000 1 × Pro (at $20.00 / month)", CreatePreview{Subscription: Some(sub.ID), InvoiceItems: Some([]PreviewItemParams{
			{UnitAmount: Some[int64](250), Quantity: Some[int64](4), Currency: Some("usd"), Description: Some("Seat"), Discounts: byCoupon(tenth)},
		})}},
		{"somebody nobody has made", "2000 1 × Pro (at $20.00 / month)", details(PreviewSubscriptionParams{SubscriptionChange: SubscriptionChange{Items: Some(one)}})},
		{"a start ahead", "2000 1 × Pro (at $20.00 / month)", details(future)},
		{"a start in the past", "2000 1 × Pro (at $20.00 / month) | 903 Remaining time on Pro after 17 Jan 2026", details(past)},
		{"an anchor ahead", "903 Remaining time on Pro after 31 Jan 2026", details(anchored)},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := s.Digest()
			inv := s.do(c.cmd).(*Invoice)
			if got := lines(inv); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
			if s.Digest() != before {
				t.Error("it left something behind")
			}
		})
	}
	if inv := s.do(details(future)).(*Invoice); inv.PeriodStart != s.now+10*secondsPerDay || inv.SubscriptionMetadata["k"] != "v" || inv.CustomerAddress.Country != "DE" {
		t.Errorf("what was said is not on it: %+v", inv)
	}
}

// Rows: C15.
func TestPreviewIsWhatANewSubscriptionThenBills(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		s := openShop(reported{t, r})
		customer := s.customer("pm_card_visa")
		price := drawPrice(r, s, "A")
		item := SubscriptionItemParams{Price: Some(price), Quantity: Some(rapid.Int64Range(1, 9).Draw(r, "quantity")), Discounts: byCoupon(s.coupon("15", DurationForever))}
		rates := Some(s.someRates()[:rapid.IntRange(0, 3).Draw(r, "tax rates")])
		details := PreviewSubscriptionParams{SubscriptionChange: SubscriptionChange{Items: Some([]ItemChange{{SubscriptionItemParams: item}}), DefaultTaxRates: rates}}
		create := CreateSubscription{Customer: Some(customer), Items: Some([]SubscriptionItemParams{item}), DefaultTaxRates: rates}
		shift := rapid.Int64Range(secondsPerDay, 6*secondsPerDay).Draw(r, "shift")
		switch rapid.SampledFrom([]string{"now", "back-dated", "trial", "anchored"}).Draw(r, "start") {
		case "back-dated":
			details.StartDate, create.BackdateStartDate = Some(s.now-shift), Some(s.now-shift)
		case "trial":
			details.TrialEnd, create.TrialEnd = Some(At(s.now+shift)), Some(At(s.now+shift))
		case "anchored":
			details.BillingCycleAnchor, create.BillingCycleAnchor = Some(AnchorParams{Type: strconv.FormatInt(s.now+shift, 10)}), Some(s.now+shift)
		}
		preview, err := s.Apply(CreatePreview{Customer: Some(customer), SubscriptionDetails: Some(details)}, Request{}, s.now)
		sub, failed := s.Apply(create, Request{}, s.now)
		if (err != nil) != (failed != nil) {
			r.Fatalf("previewed %v, made %v", err, failed)
		}
		if err != nil {
			return
		}
		inv, billed := preview.(*Invoice), s.latest(sub.(*Subscription).ID)
		if lines(inv) != lines(billed) || inv.Total != billed.Total || inv.AmountDue != billed.AmountDue && billed.AmountDue != 0 {
			r.Fatalf("previewed %d: %s\nbilled %d: %s", inv.Total, lines(inv), billed.Total, lines(billed))
		}
	})
}

// Rows: C15.
func TestAPreviewOfResumingIsWhatResumingBills(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	customer := s.customer("")
	sub := s.subscribe(customer, s.price("Pro", 2000), func(c *CreateSubscription) {
		c.TrialPeriodDays = Some[int64](3)
		c.TrialSettings = Some(TrialSettingsParams{EndBehavior: Some(TrialEndBehaviorParams{MissingPaymentMethod: Some("pause")})})
	})
	s.wait(4 * secondsPerDay)
	if s.sub(sub.ID).Status != SubPaused {
		t.Fatalf("it is %s", s.sub(sub.ID).Status)
	}
	if e := s.refuse(CreatePreview{Subscription: Some(sub.ID)}); e.Code != "invoice_upcoming_none" {
		t.Errorf("while paused nothing comes: %v", e)
	}
	inv := s.do(CreatePreview{Subscription: Some(sub.ID), SubscriptionDetails: Some(PreviewSubscriptionParams{ResumeAt: Some("now")})}).(*Invoice)
	s.do(UpdateCustomer{ID: customer, CustomerParams: CustomerParams{Source: Some("tok_visa")}})
	s.do(ResumeSubscription{ID: sub.ID})
	if billed := s.latest(sub.ID); lines(inv) != lines(billed) || inv.Total != billed.Total || inv.Total != 2000 {
		t.Errorf("previewed %s, billed %s", lines(inv), lines(billed))
	}
}
