package engine

import (
	"fmt"
	"testing"
)

// moneyAdds says whether the account's movements agree with the charges, refunds and disputes that made them.
func moneyAdds(w *World) error {
	moved := map[string]int64{}
	for _, b := range w.tables.movements.all("", "") {
		if b.Net != b.Amount-b.Fee {
			return fmt.Errorf("movement %s: %d less %d is not %d", b.ID, b.Amount, b.Fee, b.Net)
		}
		moved[b.Source] += b.Amount
	}
	want := map[string]int64{}
	for _, ch := range w.tables.charges.all("", "") {
		if late := w.timers.agenda(ch.ID).of(timerSettle); (late != nil) != (ch.Captured && ch.BalanceTransaction == "") {
			return fmt.Errorf("charge %s: captured %v, balance transaction %q, yet to arrive %v", ch.ID, ch.Captured, ch.BalanceTransaction, late != nil)
		}
		if ch.AmountCaptured != 0 && ch.BalanceTransaction != "" {
			want[ch.ID] = ch.AmountCaptured
		}
		if ch.AmountRefunded < 0 || ch.AmountRefunded > ch.Amount || ch.AmountCaptured > ch.Amount {
			return fmt.Errorf("charge %s of %d: captured %d, refunded %d", ch.ID, ch.Amount, ch.AmountCaptured, ch.AmountRefunded)
		}
	}
	for _, d := range w.tables.disputes.all("", "") {
		if d.Status != DisputeWon && !d.inquiry() {
			want[d.ID] = -d.Amount
		}
	}
	for _, r := range w.tables.refunds.all("", "") {
		if r.BalanceTransaction != "" && r.Status != "failed" && r.Status != "canceled" {
			want[r.ID] = -r.Amount
		}
	}
	for source, amount := range want {
		if moved[source] != amount {
			return fmt.Errorf("%s moved %d, want %d", source, moved[source], amount)
		}
		delete(moved, source)
	}
	for source, amount := range moved {
		if amount != 0 {
			return fmt.Errorf("%s moved %d, want nothing", source, amount)
		}
	}
	return nil
}

// buy pays $20 with a test card and answers the charge.
func (s *shop) buy(card string) *Charge {
	s.Helper()
	pi := s.do(CreatePaymentIntent{
		Amount: Some[int64](2000), Currency: Some("usd"), Confirm: Some(true), CaptureMethod: Some("automatic"),
		PaymentIntentParams: PaymentIntentParams{PaymentMethod: Some(card), Types: Some([]string{"card"})},
	}).(*PaymentIntent)
	return get[Charge](s, pi.LatestCharge)
}

// balance is what all movements of the account come to, fees taken off.
func (s *shop) balance() (net int64) {
	for _, b := range s.tables.movements.all("", "") {
		net += b.Net
	}
	return net
}

func answer(text string) DisputeChange {
	return DisputeChange{Evidence: Some(DisputeEvidenceParams{UncategorizedText: Some(text)})}
}

func TestDisputeCardsAreDisputedRightAfterTheCharge(t *testing.T) {
	t.Parallel()
	const paid = "payment_intent.created charge.succeeded payment_intent.succeeded "
	for _, c := range []struct {
		card, reason, status, kind, events string
		withdrawn                          int64
	}{
		{"createDispute", "fraudulent", DisputeNeedsResponse, "chargeback", "charge.dispute.created charge.dispute.funds_withdrawn charge.updated", 3500},
		{"createDisputeProductNotReceived", "product_not_received", DisputeNeedsResponse, "chargeback",
			"charge.dispute.created charge.dispute.funds_withdrawn charge.updated", 3500},
		{"createDisputeInquiry", "fraudulent", InquiryNeedsResponse, "inquiry", "charge.dispute.created charge.updated", 0},
		{"createComplianceDispute", "noncompliant", DisputeNeedsResponse, "compliance", "charge.dispute.created charge.dispute.funds_withdrawn charge.updated", 3500},
		{"createMultipleDisputes", "product_not_received", DisputeNeedsResponse, "chargeback", `charge.dispute.created
			charge.dispute.funds_withdrawn charge.updated charge.dispute.created charge.dispute.funds_withdrawn`, 5000},
		{"createIssuerFraudRecord", "", "", "", "radar.early_fraud_warning.created", 0},
		{"visa", "", "", "", "", 0},
	} {
		t.Run(c.card, func(t *testing.T) {
			t.Parallel()
			s := openShop(t)
			ch := s.buy("pm_card_" + c.card)
			s.wantEvents(c.card, paid+c.events)
			if got, want := s.balance(), 2000-88-c.withdrawn; got != want {
				t.Errorf("the account has %d, want %d", got, want)
			}
			if ch.Disputed != (c.reason != "") {
				t.Errorf("disputed: %v", ch.Disputed)
			}
			d, err := s.DisputeOf(ch.ID)
			if c.reason == "" {
				if err == nil {
					t.Errorf("disputed: %+v", d)
				}
				return
			}
			if d.Reason != c.reason || d.Status != c.status || d.CaseType != c.kind || d.PaymentIntent != ch.PaymentIntent {
				t.Errorf("got %+v", d)
			}
		})
	}
}

func TestEvidenceDecidesDisputes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, card, text, status, events string
		net                              int64
	}{
		{"won", "createDispute", winningEvidence, DisputeWon, "charge.dispute.updated charge.dispute.closed charge.dispute.funds_reinstated", 1912},
		{"lost", "createDispute", losingEvidence, DisputeLost, "charge.dispute.updated charge.dispute.closed", -1588},
		{"undecided", "createDispute", "They had it.", DisputeUnderReview, "charge.dispute.updated", -1588},
		{"escalated in vain", "createDispute", escalateEvidence, DisputeUnderReview, "charge.dispute.updated", -1588},
		{"an inquiry is settled", "createDisputeInquiry", winningEvidence, InquiryClosed, "charge.dispute.updated charge.dispute.closed", 1912},
		{"an inquiry becomes a dispute", "createDisputeInquiry", escalateEvidence, DisputeNeedsResponse,
			"charge.dispute.updated charge.dispute.updated charge.dispute.funds_withdrawn", -1588},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := openShop(t)
			ch := s.buy("pm_card_" + c.card)
			d, _ := s.DisputeOf(ch.ID)
			s.events()
			sent := s.do(UpdateDispute{ID: d.ID, DisputeChange: answer(c.text)}).(*Dispute)
			if sent.Submissions != 1 || sent.PastDue || sent.Evidence.UncategorizedText != c.text {
				t.Errorf("answered %+v", sent)
			}
			s.wantEvents(c.name, c.events)
			if now := get[Dispute](s, d.ID); now.Status != c.status {
				t.Errorf("the dispute is %s, want %s", now.Status, c.status)
			}
			if got := s.balance(); got != c.net {
				t.Errorf("the account has %d, want %d", got, c.net)
			}
			if c.status == DisputeNeedsResponse {
				s.do(UpdateChargeDispute{Charge: ch.ID, DisputeChange: answer(winningEvidence)})
				if got := s.balance(); got != 1912 {
					t.Errorf("won after all, the account has %d", got)
				}
				return
			}
			if e := s.refuse(UpdateDispute{ID: d.ID, DisputeChange: answer("more")}); e.Status != 400 {
				t.Errorf("evidence after the end: %v", e)
			}
			if e := s.refuse(CloseDispute{ID: d.ID}); e.Status != 400 {
				t.Errorf("closed after the end: %v", e)
			}
		})
	}
}

func TestStagedEvidenceWaitsForItsSubmission(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	d, _ := s.DisputeOf(s.buy("pm_card_createDispute").ID)
	s.events()
	staged := answer(winningEvidence)
	staged.Submit = Some(false)
	got := s.do(UpdateDispute{ID: d.ID, DisputeChange: staged}).(*Dispute)
	if got.Status != DisputeNeedsResponse || got.Submissions != 0 || !got.HasEvidence() {
		t.Errorf("staged: %+v", got)
	}
	s.wantEvents("staged", "charge.dispute.updated")
	s.do(UpdateDispute{ID: d.ID, DisputeChange: DisputeChange{Submit: Some(true)}})
	if got := get[Dispute](s, d.ID); got.Status != DisputeWon || got.Submissions != 1 {
		t.Errorf("submitted: %+v", got)
	}
	empty, _ := s.DisputeOf(s.buy("pm_card_createDispute").ID)
	if e := s.refuse(UpdateDispute{ID: empty.ID, DisputeChange: DisputeChange{Submit: Some(true)}}); e.Status != 400 {
		t.Errorf("nothing to submit: %v", e)
	}
}

func TestUnansweredDisputesEnd(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	dispute, _ := s.DisputeOf(s.buy("pm_card_createDispute").ID)
	inquiry, _ := s.DisputeOf(s.buy("pm_card_createDisputeInquiry").ID)
	s.events()
	s.wait(dispute.DueBy - s.now)
	s.wantEvents("until the last second", "")
	s.wait(1)
	s.wantEvents("the day after", "charge.dispute.closed")
	if got := get[Dispute](s, dispute.ID).Status; got != DisputeLost {
		t.Errorf("unanswered: %s", got)
	}
	s.wait(inquirySeconds)
	if got := get[Dispute](s, inquiry.ID).Status; got != InquiryClosed {
		t.Errorf("the inquiry: %s", got)
	}
	closed, _ := s.DisputeOf(s.buy("pm_card_createDispute").ID)
	if got := s.do(CloseDispute{ID: closed.ID}).(*Dispute).Status; got != DisputeLost {
		t.Errorf("given in: %s", got)
	}
	if s.World.timers.agenda(closed.ID).of(timerDisputeDue) != nil {
		t.Error("a closed dispute still has its timer")
	}
}

func TestDisputedMoneyIsNotRefunded(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	disputed, asked := s.buy("pm_card_createDispute"), s.buy("pm_card_createDisputeInquiry")
	if e := s.refuse(CreateRefund{Charge: Some(disputed.ID)}); e.Code != "charge_disputed" {
		t.Errorf("refund of a disputed charge: %v", e)
	}
	if got := s.do(CreateRefund{Charge: Some(asked.ID)}).(*Refund); got.Amount != 2000 {
		t.Errorf("refund during an inquiry: %+v", got)
	}
	warned := s.buy("pm_card_createIssuerFraudRecord")
	s.events()
	s.do(CreateRefund{Charge: Some(warned.ID)})
	s.wantEvents("heeded", "refund.created charge.refunded radar.early_fraud_warning.updated refund.updated charge.refund.updated")
}

func TestDisputeEndsTheSubscriptionWhereTheAccountSaysSo(t *testing.T) {
	t.Parallel()
	for setting, want := range map[string]string{"": SubActive, DisputeCancelsNow: SubCanceled, DisputeCancelsAtPeriodEnd: SubActive} {
		s := openShop(t, func(o *Settings) { o.DisputeCancels = setting })
		sub := s.subscribe(s.customer("pm_card_createDispute"), s.price("Pro", 2000))
		s.wait(disputeCancelSeconds)
		got := s.sub(sub.ID)
		if got.Status != want || got.CancelAtPeriodEnd != (setting == DisputeCancelsAtPeriodEnd) {
			t.Errorf("%q: %s, at the period's end: %v", setting, got.Status, got.CancelAtPeriodEnd)
		}
		if reason := got.CancellationDetails.Reason; (reason == "payment_disputed") != (setting != "") {
			t.Errorf("%q: the reason is %q", setting, reason)
		}
	}
}

func TestRenewalOnAClockIsDisputedToo(t *testing.T) {
	t.Parallel()
	s, clock, sub := onClock(t, "2030-01-31 00:00:00")
	s.useCard(sub.Customer, "pm_card_createDispute")
	s.advance(clock.ID, "2030-02-28 00:00:00")
	s.events()
	s.advance(clock.ID, "2030-02-28 01:00:00")
	s.wantEvents("renewed", `test_helpers.test_clock.advancing invoice.finalized payment_intent.created charge.succeeded payment_intent.succeeded
		invoice.updated invoice.paid invoice.payment_succeeded invoice_payment.paid charge.dispute.created charge.dispute.funds_withdrawn charge.updated
		test_helpers.test_clock.ready`)
	ch := get[Charge](s, get[PaymentIntent](s, s.latest(sub.ID).PaymentIntent).LatestCharge)
	if d, err := s.DisputeOf(ch.ID); err != nil || d.Created != unix(t, "2030-02-28 01:00:00") {
		t.Errorf("got %+v, %v", d, err)
	}
}
