package engine

import "testing"

// Rows: B1 B3 B6 B8 A7 A8 A9 C18 C19 C27 C30 D6.
// The life that `dues dev` invites to walk through: free, paid by Checkout, renewed, failing, free again, paid behind 3-D Secure.
//
// Features: 108.
func TestTheWholeLifeOfACustomer(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	starter, premium := s.price("Starter", 0), s.price("Premium", 2000)
	customer := s.customer("")
	free := s.subscribe(customer, starter)
	buy := func() *CheckoutSession {
		return s.do(checkout(premium, func(c *CreateCheckoutSession) { c.Customer = Some(customer) })).(*CheckoutSession)
	}

	paid := s.do(SubmitCheckout{Session: buy().ID, Card: card(goodCard)}).(*CheckoutOutcome).Session
	s.do(CancelSubscription{ID: free.ID})
	sub := s.sub(paid.Subscription)
	if sub.Status != SubActive || s.latest(sub.ID).AmountPaid != 2000 || sub.periodEnd() != unix(t, "2026-02-28 12:00:00") {
		t.Fatalf("bought: %s until %d", sub.Status, sub.periodEnd())
	}

	s.waitUntil("2026-02-28 13:00:00")
	if inv := s.latest(sub.ID); inv.Status != InvoicePaid || inv.BillingReason != "subscription_cycle" {
		t.Fatalf("renewed: %s", inv.Status)
	}

	portal := s.do(CreatePortalSession{Customer: Some(customer), ReturnURL: Some("https://app.example.com")}).(*PortalSession)
	s.do(PortalAddCard{Session: portal.ID, Card: card(failingCard)})
	s.waitUntil("2026-03-31 13:00:00")
	if got := s.sub(sub.ID).Status; got != SubPastDue {
		t.Fatalf("with the failing card: %s", got)
	}
	s.wait(21*secondsPerDay - 1)
	if got := s.sub(sub.ID).Status; got != SubPastDue {
		t.Fatalf("while retries run: %s", got)
	}
	s.wait(1)
	if got := s.sub(sub.ID); got.Status != SubCanceled || got.CancellationDetails.Reason != "payment_failed" {
		t.Fatalf("retries are over: %s for %q", got.Status, got.CancellationDetails.Reason)
	}
	free = s.subscribe(customer, starter)

	again := buy()
	asked := s.do(SubmitCheckout{Session: again.ID, Card: card(asksCard)}).(*CheckoutOutcome)
	s.refuse(ResolveChallenge{Intent: asked.Challenge, Outcome: "fail"})
	asked = s.do(SubmitCheckout{Session: again.ID, Card: card(asksCard)}).(*CheckoutOutcome)
	s.do(ResolveChallenge{Intent: asked.Challenge, Outcome: "succeed"})
	s.do(CancelSubscription{ID: free.ID})
	sub = s.sub(get[CheckoutSession](s, again.ID).Subscription)
	if sub.Status != SubActive || s.latest(sub.ID).Status != InvoicePaid {
		t.Fatalf("behind the challenge: %s", sub.Status)
	}
	s.wait(sub.periodEnd() - s.now + 3600)
	if got := s.latest(sub.ID); got.Status != InvoicePaid || s.sub(sub.ID).Status != SubActive {
		t.Errorf("its renewal, off session: invoice %s, subscription %s", got.Status, s.sub(sub.ID).Status)
	}
}
