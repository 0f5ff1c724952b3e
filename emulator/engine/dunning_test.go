package engine

import "testing"

// dunned is a subscription whose first renewal has just been declined.
func dunned(t *testing.T, card string, change ...func(*Settings)) (*shop, string, *Subscription) {
	s := openShop(t, change...)
	price := s.price("Pro", 2000)
	customer := s.customer("pm_card_visa")
	sub := s.subscribe(customer, price)
	s.useCard(customer, card)
	s.waitUntil("2026-02-28 12:00:00")
	s.events()
	s.wait(3600)
	return s, customer, s.sub(sub.ID)
}

// Rows: B8 C27 C30.
func TestFailedRenewalIsRetriedAndThenTheSubscriptionEnds(t *testing.T) {
	t.Parallel()
	s, customer, sub := dunned(t, "pm_card_chargeCustomerFail")
	s.wantEvents("declined", `invoice.finalized payment_intent.created charge.failed payment_intent.payment_failed invoice.payment_failed
		invoice.updated customer.subscription.updated customer.updated`)
	inv := s.latest(sub.ID)
	if sub.Status != SubPastDue || inv.AttemptCount != 1 || inv.NextPaymentAttempt != s.now+3*secondsPerDay || !get[Customer](s, customer).Delinquent {
		t.Fatalf("after the first failure: %s, attempts %d, next in %d s", sub.Status, inv.AttemptCount, inv.NextPaymentAttempt-s.now)
	}
	for i, days := range []int64{3, 5, 7} {
		s.wait(days * secondsPerDay)
		s.wantEvents("retry", `charge.failed payment_intent.payment_failed invoice.payment_failed invoice.updated`)
		if inv = s.invoice(inv.ID); inv.AttemptCount != int64(i)+2 {
			t.Errorf("retry %d: attempt count %d", i, inv.AttemptCount)
		}
	}
	s.wait(6*secondsPerDay - 1)
	if got := s.sub(sub.ID).Status; got != SubPastDue {
		t.Fatalf("one second before the last retry: %s", got)
	}
	s.wait(1)
	s.wantEvents("the last retry", `charge.failed payment_intent.payment_failed invoice.payment_failed invoice.updated
		customer.subscription.deleted invoice.updated`)
	sub, inv = s.sub(sub.ID), s.invoice(inv.ID)
	if sub.Status != SubCanceled || sub.CancellationDetails.Reason != "payment_failed" || inv.NextPaymentAttempt != 0 || inv.AutoAdvance {
		t.Errorf("at the end: %s for %q, next attempt %d", sub.Status, sub.CancellationDetails.Reason, inv.NextPaymentAttempt)
	}
	s.wait(90 * secondsPerDay)
	s.wantEvents("afterwards", "")
}

func TestDunningEndsAsTheAccountChose(t *testing.T) {
	t.Parallel()
	for end, want := range map[string]string{EndCancel: SubCanceled, EndUnpaid: SubUnpaid, EndPastDue: SubPastDue} {
		t.Run(end, func(t *testing.T) {
			t.Parallel()
			s, _, sub := dunned(t, "pm_card_chargeCustomerFail", func(c *Settings) { c.EndOfDunning, c.UncollectibleAtEnd = end, true })
			s.wait(21 * secondsPerDay)
			if got := s.sub(sub.ID).Status; got != want {
				t.Errorf("got %s, want %s", got, want)
			}
			inv := s.latest(sub.ID)
			if inv.Status != InvoiceUncollectible {
				t.Errorf("the invoice is %s", inv.Status)
			}
			s.waitUntil("2026-03-31 12:00:00")
			if draft := s.latest(sub.ID); want == SubUnpaid && (draft.ID == inv.ID || draft.Status != InvoiceDraft || draft.AutoAdvance) {
				t.Errorf("the next invoice of an unpaid subscription: %s, advancing %v", draft.Status, draft.AutoAdvance)
			}
		})
	}
}

// Rows: C27.
func TestNewDefaultCardPaysAtTheNextRetry(t *testing.T) {
	t.Parallel()
	s, customer, sub := dunned(t, "pm_card_chargeCustomerFail")
	s.useCard(customer, "pm_card_visa")
	s.events()
	s.wait(3*secondsPerDay - 1)
	s.wantEvents("before the retry", "")
	s.wait(1)
	s.wantEvents("the retry", `charge.succeeded payment_intent.succeeded customer.subscription.updated invoice.updated invoice.paid
		invoice.payment_succeeded invoice_payment.paid customer.updated`)
	if got, inv := s.sub(sub.ID), s.latest(sub.ID); got.Status != SubActive || inv.AttemptCount != 2 || inv.NextPaymentAttempt != 0 {
		t.Errorf("%s after %d attempts", got.Status, inv.AttemptCount)
	}
	if get[Customer](s, customer).Delinquent {
		t.Error("still delinquent")
	}
	s.wait(10 * secondsPerDay)
	s.wantEvents("no retry is left", "")
}

// Rows: C27.
func TestPayingTheOpenInvoiceByHandEndsDunning(t *testing.T) {
	t.Parallel()
	s, customer, sub := dunned(t, "pm_card_chargeCustomerFail")
	inv := s.latest(sub.ID)
	if e := s.refuse(PayInvoice{ID: inv.ID}); e.Status != 402 || e.Code != "card_declined" {
		t.Errorf("paying with the failing card: %v", e)
	}
	if got := s.invoice(inv.ID); got.AttemptCount != 1 || got.NextPaymentAttempt != inv.NextPaymentAttempt {
		t.Errorf("a manual attempt counted: %d, next %d", got.AttemptCount, got.NextPaymentAttempt)
	}
	good := s.do(AttachPaymentMethod{ID: "pm_card_visa", Customer: Some(customer)}).(*PaymentMethod).ID
	s.do(PayInvoice{ID: inv.ID, PaymentMethod: Some(good)})
	if got := s.sub(sub.ID); got.Status != SubActive || s.latest(sub.ID).Status != InvoicePaid {
		t.Errorf("%s, invoice %s", got.Status, s.latest(sub.ID).Status)
	}
}

// Rows: A8 C27.
func TestRenewalThatNeedsThreeDSecureWaitsForThePayer(t *testing.T) {
	t.Parallel()
	s, _, sub := dunned(t, "pm_card_authenticationRequired")
	s.wantEvents("challenged", `invoice.finalized payment_intent.created payment_intent.requires_action invoice.payment_failed invoice.updated
		invoice.payment_action_required customer.subscription.updated customer.updated`)
	inv := s.latest(sub.ID)
	if sub.Status != SubPastDue || inv.AttemptCount != 0 || !inv.Attempted || get[PaymentIntent](s, inv.PaymentIntent).Status != RequiresAction {
		t.Fatalf("%s, attempts %d", sub.Status, inv.AttemptCount)
	}
	s.do(ResolveChallenge{Intent: inv.PaymentIntent, Outcome: "succeed"})
	if got := s.latest(sub.ID); got.Status != InvoicePaid || got.AttemptCount != 1 || s.sub(sub.ID).Status != SubActive {
		t.Errorf("after the challenge: invoice %s, subscription %s", got.Status, s.sub(sub.ID).Status)
	}
}

func TestHardDeclineIsCountedButNotChargedAgain(t *testing.T) {
	t.Parallel()
	s, _, sub := dunned(t, "pm_card_visa_chargeCustomerFailLostCard")
	s.events()
	s.wait(3 * secondsPerDay)
	s.wantEvents("a retry without a charge", "invoice.updated")
	if got := s.latest(sub.ID); got.AttemptCount != 2 || got.NextPaymentAttempt != s.now+5*secondsPerDay {
		t.Errorf("attempts %d", got.AttemptCount)
	}
	s.wait(18 * secondsPerDay)
	if got := s.sub(sub.ID).Status; got != SubCanceled {
		t.Errorf("in the end %s", got)
	}
}

func TestRetriesWithoutAnyCardEndTheSame(t *testing.T) {
	t.Parallel()
	s, customer, sub := dunned(t, "pm_card_chargeCustomerFail")
	for _, pm := range s.tables.methods.all("customer", customer) {
		s.do(DetachPaymentMethod{ID: pm.ID})
	}
	s.events()
	s.wait(3 * secondsPerDay)
	s.wantEvents("nothing to charge", "invoice.payment_failed invoice.updated")
	s.wait(18 * secondsPerDay)
	if got := s.sub(sub.ID).Status; got != SubCanceled {
		t.Errorf("in the end %s", got)
	}
}

func TestInvoicesOfADeletedCustomerStop(t *testing.T) {
	t.Parallel()
	s, customer, sub := dunned(t, "pm_card_chargeCustomerFail")
	s.item(customer, extra(900, "Help"))
	s.do(CreateInvoice{Customer: Some(customer), PendingInvoiceItemsBehavior: Some("include"), InvoiceParams: InvoiceParams{AutoAdvance: Some(true)}})
	s.do(DeleteCustomer{ID: customer})
	if got := s.sub(sub.ID).Status; got != SubCanceled {
		t.Errorf("the subscription is %s", got)
	}
	s.events()
	s.wait(90 * secondsPerDay)
	s.wantEvents("afterwards", "")
}
