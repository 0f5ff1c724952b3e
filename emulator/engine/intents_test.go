package engine

import "testing"

func TestManualConfirmationTakesTheMoneyAtTheSecondConfirm(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	card := func() PaymentIntentParams {
		return PaymentIntentParams{PaymentMethod: Some("pm_card_authenticationRequired"), Types: Some([]string{"card"})}
	}
	pi := s.do(CreatePaymentIntent{
		Amount: Some[int64](2000), Currency: Some("usd"), Confirm: Some(true), ConfirmationMethod: Some("manual"), PaymentIntentParams: card(),
	}).(*PaymentIntent)
	if pi.Status != RequiresAction || pi.ConfirmationMethod != "manual" {
		t.Fatalf("confirmed once: %+v", pi)
	}
	s.events()
	s.do(ResolveChallenge{Intent: pi.ID, Outcome: "succeed"})
	s.wantEvents("the challenge alone takes nothing", "")
	if got := get[PaymentIntent](s, pi.ID); got.Status != RequiresConfirmation || got.LatestCharge != "" {
		t.Fatalf("after the challenge: %+v", got)
	}
	s.do(ConfirmPaymentIntent{ID: pi.ID})
	s.wantEvents("confirmed again", "charge.succeeded payment_intent.succeeded")
	if got := get[PaymentIntent](s, pi.ID); got.Status != IntentSucceeded || !get[Charge](s, got.LatestCharge).ThreeDSecure {
		t.Errorf("paid: %+v", got)
	}
	other := s.do(CreatePaymentIntent{
		Amount: Some[int64](2000), Currency: Some("usd"), Confirm: Some(true), ConfirmationMethod: Some("manual"), PaymentIntentParams: card(),
	}).(*PaymentIntent)
	s.do(ResolveChallenge{Intent: other.ID, Outcome: "succeed"})
	if got := s.do(ConfirmPaymentIntent{ID: other.ID, PaymentIntentParams: card()}).(*PaymentIntent); got.Status != RequiresAction {
		t.Errorf("another card has its own challenge: %s", got.Status)
	}
}

func TestWhatIsReservedIsLetGoAfterAWeek(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	pi := s.do(CreatePaymentIntent{
		Amount: Some[int64](2000), Currency: Some("usd"), Confirm: Some(true), CaptureMethod: Some("manual"),
		PaymentIntentParams: PaymentIntentParams{PaymentMethod: Some("pm_card_visa"), Types: Some([]string{"card"})},
	}).(*PaymentIntent)
	ch := s.do(CreateCharge{Amount: Some[int64](900), Currency: Some("usd"), Source: Some("tok_visa"), Capture: Some(false)}).(*Charge)
	s.events()
	s.wait(captureSeconds - 1)
	s.wantEvents("a second short", "")
	s.wait(1)
	s.wantEvents("a week", "charge.expired payment_intent.canceled charge.expired")
	if got := get[PaymentIntent](s, pi.ID); got.Status != IntentCanceled || got.CancellationReason != "automatic" || got.AmountCapturable != 0 {
		t.Errorf("the intent: %+v", got)
	}
	if e := s.refuse(CaptureCharge{ID: ch.ID}); e.Code != "charge_expired_for_capture" {
		t.Errorf("captured late: %v", e)
	}
}

func TestSetupAttemptsTellHowEachTryEnded(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	customer := s.customer("")
	si := s.do(CreateSetupIntent{Customer: Some(customer), Types: Some([]string{"card"})}).(*SetupIntent)
	s.refuse(ConfirmSetupIntent{ID: si.ID, PaymentMethod: Some("pm_card_visa_chargeDeclined")})
	s.do(ConfirmSetupIntent{ID: si.ID, PaymentMethod: Some("pm_card_authenticationRequired")})
	s.do(ResolveChallenge{Intent: si.ID, Outcome: "succeed"})
	page, err := s.Query(ListSetupAttempts{SetupIntent: Some(si.ID)})
	if err != nil || len(page.Data) != 2 {
		t.Fatalf("got %+v, %v", page, err)
	}
	last, first := page.Data[0].(*SetupAttempt), page.Data[1].(*SetupAttempt)
	if first.Status != "failed" || first.Error.DeclineCode != "generic_decline" || first.ThreeDSecure {
		t.Errorf("first %+v", first)
	}
	if last.Status != "succeeded" || !last.ThreeDSecure || last.ID != get[SetupIntent](s, si.ID).LatestAttempt {
		t.Errorf("last %+v", last)
	}
	left := s.do(CreateSetupIntent{Customer: Some(customer), Types: Some([]string{"card"}), Confirm: Some(true),
		PaymentMethod: Some("pm_card_authenticationRequired")}).(*SetupIntent)
	s.do(CancelSetupIntent{ID: left.ID})
	if got := get[SetupAttempt](s, left.LatestAttempt).Status; got != "abandoned" {
		t.Errorf("canceled: %s", got)
	}
}
