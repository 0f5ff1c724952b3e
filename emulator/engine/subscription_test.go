package engine

import (
	"testing"
)

// Rows: B1 C18 C19.
func TestRenewalsGoThroughDraftAndHourToPaid(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	price := s.price("Pro", 2000)
	customer := s.customer("pm_card_visa")
	s.events()
	sub := s.subscribe(customer, price)
	s.wantEvents("create", `customer.updated invoice.created invoice.finalized customer.subscription.created charge.succeeded
		payment_intent.created payment_intent.succeeded invoice.updated invoice.paid invoice.payment_succeeded invoice_payment.paid`)
	first := s.latest(sub.ID)
	if sub.Status != SubActive || first.Status != InvoicePaid || first.AmountPaid != 2000 || lines(first) != "2000 1 × Pro (at $20.00 / month)" {
		t.Fatalf("first invoice: %s %s %d %q", sub.Status, first.Status, first.AmountPaid, lines(first))
	}
	if sub.DefaultPaymentMethod != "" {
		t.Error("the customer's default was copied to the subscription")
	}
	s.waitUntil("2026-02-21 12:00:00")
	s.wantEvents("seven days ahead", "invoice.upcoming")
	s.waitUntil("2026-02-28 12:00:00")
	s.wantEvents("period end", "customer.subscription.updated invoice.created")
	draft := s.latest(sub.ID)
	if draft.Status != InvoiceDraft || draft.PeriodStart != sub.Created || draft.PeriodEnd != s.now || draft.NextPaymentAttempt != s.now+3600 {
		t.Errorf("draft: %+v", draft)
	}
	s.wait(3599)
	s.wantEvents("one second short of an hour", "")
	s.wait(1)
	s.wantEvents("an hour later", `invoice.finalized payment_intent.created charge.succeeded payment_intent.succeeded invoice.updated
		invoice.paid invoice.payment_succeeded invoice_payment.paid`)
	if end := s.sub(sub.ID).periodEnd(); end != unix(t, "2026-03-31 12:00:00") {
		t.Errorf("the period ends %d: it left the anchor's day", end)
	}
	if got := s.latest(sub.ID).Number; got[len(got)-4:] != "0002" {
		t.Errorf("number %s", got)
	}
}
