package engine

import "testing"

func preview(change SubscriptionChange) Opt[PreviewSubscriptionParams] {
	return Some(PreviewSubscriptionParams{SubscriptionChange: change})
}

// Rows: C15.
func TestPreviewsOfEveryKind(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	pro, seat := s.price("Pro", 2000), s.price("Seat", 1000)
	setup := s.price("Setup", 5000, func(c *CreatePrice) { c.Recurring = Opt[RecurringParam]{} })
	customer := s.customer("pm_card_visa")
	sub := s.subscribe(customer, pro)
	s.wait(half)
	newSubscription := preview(SubscriptionChange{Items: Some([]ItemChange{{SubscriptionItemParams: SubscriptionItemParams{Price: Some(seat), Quantity: Some[int64](4)}}})})
	trial, _ := newSubscription.Get()
	trial.TrialEnd = Some(At(s.now + 9*secondsPerDay))
	cancel := PreviewSubscriptionParams{CancelNow: Some(true)}
	fresh := s.customer("")
	for _, c := range []struct {
		name, want string
		cmd        CreatePreview
	}{
		{"the next renewal of a subscription", "2000 1 × Pro (at $20.00 / month)", CreatePreview{Subscription: Some(sub.ID)}},
		{"the next renewal of a customer", "2000 1 × Pro (at $20.00 / month)", CreatePreview{Customer: Some(customer)}},
		{"with items beside it", "5000 Setup | 700 Help | 2000 1 × Pro (at $20.00 / month)", CreatePreview{Subscription: Some(sub.ID), InvoiceItems: Some([]PreviewItemParams{
			{Amount: Some[int64](700), Currency: Some("usd"), Description: Some("Help")}, {Price: Some(setup)},
		})}},
		{"the end now", "-1000 Unused time on Pro after 14 Feb 2026", CreatePreview{Subscription: Some(sub.ID), SubscriptionDetails: Some(cancel)}},
		{"a subscription to be", "4000 4 × Seat (at $10.00 / month)", CreatePreview{Customer: Some(fresh), SubscriptionDetails: newSubscription}},
		{"a trial to be", "0 Free trial for 4 × Seat", CreatePreview{Customer: Some(fresh), SubscriptionDetails: Some(trial)}},
		{"a customer's own items", "300 Odd", CreatePreview{Customer: Some(fresh), InvoiceItems: Some([]PreviewItemParams{{Amount: Some[int64](300), Currency: Some("usd"), Description: Some("Odd")}})}},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := s.Digest()
			inv := s.do(c.cmd).(*Invoice)
			if lines(inv) != c.want || inv.BillingReason != "upcoming" || inv.Status != InvoiceDraft || inv.ID[:12] != "upcoming_in_" {
				t.Errorf("%s %s: got %s, want %s", inv.ID, inv.BillingReason, lines(inv), c.want)
			}
			if s.Digest() != before {
				t.Error("it left something behind")
			}
		})
	}
	for _, cmd := range []CreatePreview{
		{Customer: Some(fresh)},
		{Subscription: Some(sub.ID), SubscriptionDetails: preview(SubscriptionChange{CancelAtPeriodEnd: Some(true)})},
	} {
		if e := s.refuse(cmd); e.Status != 404 || e.Code != "invoice_upcoming_none" {
			t.Errorf("nothing comes: %v", e)
		}
	}
	if e := s.refuse(CreatePreview{Customer: Some(fresh), Subscription: Some(sub.ID)}); e.Param != "subscription" {
		t.Errorf("another's subscription: %v", e)
	}
}

// Rows: C15.
func TestUpcomingEventShowsTheRenewal(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	sub := s.subscribe(s.customer("pm_card_visa"), s.price("Pro", 2000))
	s.wait(sub.periodEnd() - s.now - 7*secondsPerDay)
	events := s.EventsSince(s.LastEventSeq() - 1)
	inv, ok := events[0].Object.(*Invoice)
	if !ok || events[0].Type != "invoice.upcoming" || inv.Created != sub.periodEnd() || inv.AmountDue != 2000 || inv.Subscription != sub.ID {
		t.Errorf("%s: %+v", events[0].Type, inv)
	}
}
