package engine

import "testing"

// pend asks for a change that waits for its payment.
func (s *shop) pend(sub, price string) *Subscription {
	s.Helper()
	change := s.swap(sub, price)
	change.ProrationBehavior = Some(AlwaysInvoice)
	return s.do(UpdateSubscription{ID: sub, SubscriptionChange: change, PaymentBehavior: Some(PendingIfIncomplete)}).(*Subscription)
}

func TestAnUpdateWaitsForItsPayment(t *testing.T) {
	t.Parallel()
	for _, card := range []string{"pm_card_visa", ""} {
		s := openShop(t)
		customer := s.customer("pm_card_visa")
		basic, pro := s.price("Basic", 1000), s.price("Pro", 3000)
		sub := s.subscribe(customer, basic)
		s.waitUntil("2026-02-14 12:00:00")
		if card == "" {
			s.useCard(customer, "pm_card_chargeCustomerFail")
		}
		got := s.pend(sub.ID, pro)
		inv := s.latest(sub.ID)
		if card != "" {
			if got.PendingUpdate != nil || got.Items[0].Price != pro || inv.Status != InvoicePaid || inv.Total != 1000 {
				t.Errorf("paid at once: %+v with %s over %d", got, inv.Status, inv.Total)
			}
			continue
		}
		if got.PendingUpdate == nil || got.Items[0].Price != basic || got.Status != SubActive || inv.Status != InvoiceOpen {
			t.Fatalf("not paid: %+v with %s", got, inv.Status)
		}
		if got.PendingUpdate.ExpiresAt != s.now+23*3600 {
			t.Errorf("waits until %d, want 23 hours", got.PendingUpdate.ExpiresAt)
		}
		s.useCard(customer, "pm_card_visa")
		s.do(PayInvoice{ID: inv.ID})
		if got := s.sub(sub.ID); got.PendingUpdate != nil || got.Items[0].Price != pro || got.Items[0].ID != sub.Items[0].ID {
			t.Errorf("paid later: %+v", got)
		}
		s.waitUntil("2026-03-01 12:00:00")
		if got := lines(s.latest(sub.ID)); got != "3000 1 × Pro (at $30.00 / month)" {
			t.Errorf("then renews with %s", got)
		}
	}
}

func TestAnUpdateThatIsNotPaidExpires(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	customer := s.customer("pm_card_visa")
	basic, pro, max := s.price("Basic", 1000), s.price("Pro", 3000), s.price("Max", 5000)
	sub := s.subscribe(customer, basic)
	s.waitUntil("2026-02-14 12:00:00")
	s.useCard(customer, "pm_card_chargeCustomerFail")
	s.pend(sub.ID, pro)
	first := s.latest(sub.ID)
	s.pend(sub.ID, max)
	if got := s.invoice(first.ID); got.Status != InvoiceVoid {
		t.Errorf("the invoice of the first update is %s, want void", got.Status)
	}
	s.wait(23*3600 - 1)
	s.events()
	s.wait(1)
	s.wantEvents("after 23 hours", "customer.subscription.updated invoice.voided payment_intent.canceled customer.subscription.pending_update_expired")
	if got := s.sub(sub.ID); got.PendingUpdate != nil || got.Items[0].Price != basic || got.Status != SubActive {
		t.Errorf("it is %+v", got)
	}
	s.pend(sub.ID, pro)
	s.do(VoidInvoice{ID: s.sub(sub.ID).LatestInvoice})
	if got := s.sub(sub.ID); got.PendingUpdate != nil || got.Items[0].Price != basic {
		t.Errorf("voided by hand: %+v", got)
	}
	s.pend(sub.ID, pro)
	s.do(CancelSubscription{ID: sub.ID})
	if got := s.sub(sub.ID); got.PendingUpdate != nil || got.Status != SubCanceled {
		t.Errorf("canceled meanwhile: %+v", got)
	}
	s.useCard(customer, "pm_card_visa")
	other := s.subscribe(customer, basic)
	change := s.swap(other.ID, pro)
	for param, cmd := range map[string]UpdateSubscription{
		"description": {Description: Some("x")}, "collection_method": {CollectionMethod: Some(InvoiceByMail)},
		"cancel_at": {SubscriptionChange: SubscriptionChange{CancelAt: Some(At(s.now + 5))}},
	} {
		cmd.ID, cmd.PaymentBehavior = other.ID, Some(PendingIfIncomplete)
		cmd.Items = change.Items
		if e := s.refuse(cmd); e.Param != param {
			t.Errorf("%s: got %v", param, e)
		}
	}
}
