package engine

import "testing"

// confirmed is the confirm of a fresh intent with a card.
func (s *shop) intent(amount int64, change ...func(*CreatePaymentIntent)) *PaymentIntent {
	s.Helper()
	c := CreatePaymentIntent{Amount: Some(amount), Currency: Some("usd"), PaymentIntentParams: PaymentIntentParams{Types: Some([]string{"card"})}}
	for _, f := range change {
		f(&c)
	}
	return s.do(c).(*PaymentIntent)
}

func with(cardName string) func(*CreatePaymentIntent) {
	return func(c *CreatePaymentIntent) { c.PaymentMethod = Some(cardName) }
}

// Rows: A6 A8 C30.
func TestPaymentIntentGoesThroughItsStates(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	pi := s.intent(2000)
	if pi.Status != RequiresPaymentMethod || pi.CaptureMethod != "automatic_async" || pi.ClientSecret == "" {
		t.Fatalf("created: %+v", pi)
	}
	if e := s.refuse(ConfirmPaymentIntent{ID: pi.ID}); e.Code != "payment_intent_unexpected_state" || e.PaymentIntent != pi.ID {
		t.Errorf("confirmed without a method: %+v", e)
	}
	withCard := s.do(UpdatePaymentIntent{ID: pi.ID, PaymentIntentParams: PaymentIntentParams{PaymentMethod: Some("pm_card_chargeCustomerFail")}}).(*PaymentIntent)
	if withCard.Status != RequiresConfirmation {
		t.Fatalf("with a method: %s", withCard.Status)
	}
	s.events()
	e := s.refuse(ConfirmPaymentIntent{ID: pi.ID})
	s.wantEvents("declined", "charge.failed payment_intent.payment_failed")
	if e.Status != 402 || e.Code != "card_declined" || e.DeclineCode != "generic_decline" || e.AdviceCode != "try_again_later" ||
		e.NetworkDeclineCode != "01" || e.Charge == "" || e.PaymentIntent != pi.ID || e.PaymentMethod != withCard.PaymentMethod {
		t.Errorf("declined: %+v", e)
	}
	failed := get[PaymentIntent](s, pi.ID)
	ch := get[Charge](s, e.Charge)
	if failed.Status != RequiresPaymentMethod || failed.PaymentMethod != "" || failed.LatestCharge != ch.ID || failed.LastPaymentError.Code != "card_declined" {
		t.Errorf("after the decline: %+v", failed)
	}
	if ch.Status != "failed" || ch.Paid || ch.FailureCode != "card_declined" || ch.Outcome.Reason != "generic_decline" || ch.Outcome.Type != "issuer_declined" {
		t.Errorf("the failed charge: %+v", ch)
	}
	done := s.do(ConfirmPaymentIntent{ID: pi.ID, PaymentIntentParams: PaymentIntentParams{PaymentMethod: Some("pm_card_visa")}}).(*PaymentIntent)
	s.wantEvents("paid", "charge.succeeded payment_intent.succeeded")
	if done.Status != IntentSucceeded || done.AmountReceived != 2000 || done.LastPaymentError != nil || done.LatestCharge == ch.ID {
		t.Errorf("paid: %+v", done)
	}
	if ch := get[Charge](s, done.LatestCharge); !ch.Captured || ch.BalanceTransaction != "" {
		t.Errorf("the money of an asynchronous capture is on the balance with the answer: %+v", ch)
	}
	s.do(Tick{})
	s.wantEvents("arrived", "charge.updated")
	moved := get[BalanceTransaction](s, get[Charge](s, done.LatestCharge).BalanceTransaction)
	if moved.Fee != 88 || moved.Net != 1912 || moved.Amount != 2000 {
		t.Errorf("the balance: %+v", moved)
	}
	for _, cmd := range []Command{ConfirmPaymentIntent{ID: pi.ID}, CancelPaymentIntent{ID: pi.ID}, CapturePaymentIntent{ID: pi.ID}} {
		if e := s.refuse(cmd); e.Code != "payment_intent_unexpected_state" {
			t.Errorf("%s of a paid one: %v", NameOf(cmd), e)
		}
	}
	if e := s.refuse(AttachPaymentMethod{ID: done.PaymentMethod, Customer: Some(s.customer(""))}); e.Status != 400 {
		t.Errorf("a card that was charged and not kept: %v", e)
	}
}

// Rows: C30.
func TestChallengeOnSessionAndOff(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	pi := s.intent(2000, with("pm_card_authenticationRequired"))
	s.events()
	asks := s.do(ConfirmPaymentIntent{ID: pi.ID, ReturnURL: Some("https://app.example.com/back")}).(*PaymentIntent)
	s.wantEvents("asks", "payment_intent.requires_action")
	if asks.Status != RequiresAction || asks.NextAction.Type != "redirect_to_url" || asks.NextAction.ReturnURL != "https://app.example.com/back" || asks.LatestCharge != "" {
		t.Errorf("asks: %+v", asks)
	}
	e := s.refuse(ResolveChallenge{Intent: pi.ID, Outcome: "fail"})
	s.wantEvents("failed", "payment_intent.payment_failed")
	if after := get[PaymentIntent](s, pi.ID); e.Code != "payment_intent_authentication_failure" || after.Status != RequiresPaymentMethod || after.NextAction != nil {
		t.Errorf("failed: %v, %+v", e, after)
	}
	s.refuse(ResolveChallenge{Intent: pi.ID, Outcome: "succeed"})
	again := s.do(ConfirmPaymentIntent{ID: pi.ID, PaymentIntentParams: PaymentIntentParams{PaymentMethod: Some("pm_card_authenticationRequired")}}).(*PaymentIntent)
	if again.NextAction.Type != "use_stripe_sdk" {
		t.Errorf("without a return URL: %+v", again.NextAction)
	}
	wanted := s.do(ConfirmPaymentIntent{ID: pi.ID, ReturnURL: Some("https://app.example.com/back"), UseStripeSDK: Some(true), PaymentIntentParams: PaymentIntentParams{
		PaymentMethod: Some("pm_card_authenticationRequired")}}).(*PaymentIntent)
	if wanted.NextAction.Type != "use_stripe_sdk" {
		t.Errorf("for Stripe.js: %+v", wanted.NextAction)
	}
	s.events()
	s.do(ResolveChallenge{Intent: pi.ID, Outcome: "succeed"})
	s.wantEvents("passed", "charge.succeeded payment_intent.succeeded")
	if ch := get[Charge](s, get[PaymentIntent](s, pi.ID).LatestCharge); !ch.ThreeDSecure {
		t.Error("the charge does not say that its payer was authenticated")
	}
	e = s.refuse(pay("pm_card_authenticationRequired", "", "true"))
	if e.Code != "authentication_required" || e.DeclineCode != "authentication_required" || get[Charge](s, e.Charge).Status != "failed" {
		t.Errorf("off session: %+v", e)
	}
	strict := pay("pm_card_authenticationRequired", "", "")
	strict.ErrorOnAction = Some(true)
	if e := s.refuse(strict); e.Code != "authentication_required" || e.Charge != "" {
		t.Errorf("error_on_requires_action: %+v", e)
	}
}

// Rows: A4.
func TestSetupFutureUsageKeepsTheCard(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	customer := s.customer("")
	pi := s.intent(2000, with("pm_card_authenticationRequiredOnSetup"), func(c *CreatePaymentIntent) {
		c.Customer, c.SetupFutureUsage, c.Confirm = Some(customer), Some("off_session"), Some(true)
	})
	s.events()
	s.do(ResolveChallenge{Intent: pi.ID, Outcome: "succeed"})
	s.wantEvents("passed", "charge.succeeded payment_intent.succeeded payment_method.attached")
	pm := get[PaymentMethod](s, pi.PaymentMethod)
	if pm.Customer != customer || !pm.Card.SetUp {
		t.Errorf("kept: %+v", pm)
	}
	if again := s.do(pay(pm.ID, customer, "true")).(*PaymentIntent); again.Status != IntentSucceeded {
		t.Errorf("off session: %s", again.Status)
	}
}

func TestManualCapture(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	manual := func(c *CreatePaymentIntent) { c.CaptureMethod, c.Confirm = Some("manual"), Some(true) }
	s.events()
	pi := s.intent(2000, with("pm_card_visa"), manual)
	s.wantEvents("reserved", "payment_intent.created charge.succeeded payment_intent.amount_capturable_updated")
	ch := get[Charge](s, pi.LatestCharge)
	if pi.Status != RequiresCapture || pi.AmountCapturable != 2000 || pi.AmountReceived != 0 || ch.Captured || ch.AmountCaptured != 0 || !ch.Paid || ch.BalanceTransaction != "" {
		t.Fatalf("reserved: %+v\n%+v", pi, ch)
	}
	if e := s.refuse(CreateRefund{Charge: Some(ch.ID)}); e.Status != 400 {
		t.Errorf("refund before the capture: %v", e)
	}
	if e := s.refuse(CapturePaymentIntent{ID: pi.ID, AmountToCapture: Some[int64](2001)}); e.Code != "amount_too_large" {
		t.Errorf("too much: %v", e)
	}
	s.events()
	done := s.do(CapturePaymentIntent{ID: pi.ID, AmountToCapture: Some[int64](1500)}).(*PaymentIntent)
	s.wantEvents("captured", "charge.captured payment_intent.succeeded")
	if ch = get[Charge](s, pi.LatestCharge); done.AmountReceived != 1500 || ch.AmountCaptured != 1500 || ch.AmountRefunded != 500 {
		t.Errorf("captured: %+v\n%+v", done, ch)
	}
	r := s.do(CreateRefund{Charge: Some(ch.ID)}).(*Refund)
	if after := get[Charge](s, ch.ID); r.Amount != 1500 || !after.Refunded || after.AmountRefunded != 2000 {
		t.Errorf("refunded %d: %+v", r.Amount, after)
	}
	other := s.intent(2000, with("pm_card_visa"), manual)
	s.events()
	if gone := s.do(CancelPaymentIntent{ID: other.ID, Reason: Some("abandoned")}).(*PaymentIntent); gone.Status != IntentCanceled || gone.CancellationReason != "abandoned" {
		t.Errorf("canceled: %+v", gone)
	}
	s.wantEvents("released", "charge.refunded payment_intent.canceled")
}

func TestPaymentIntentChecksItsParameters(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	ada, bob := s.customer("pm_card_visa"), s.customer("")
	card := get[Customer](s, ada).InvoiceSettings.DefaultPaymentMethod
	for _, c := range []struct {
		name, code, param string
		change            func(*CreatePaymentIntent)
	}{
		{"no amount", "parameter_missing", "amount", func(c *CreatePaymentIntent) { c.Amount = Opt[int64]{} }},
		{"zero", "parameter_invalid_integer", "amount", func(c *CreatePaymentIntent) { c.Amount = Some[int64](0) }},
		{"below the minimum", "amount_too_small", "amount", func(c *CreatePaymentIntent) { c.Amount = Some[int64](49) }},
		{"nine digits", "amount_too_large", "amount", func(c *CreatePaymentIntent) { c.Amount = Some[int64](100_000_000) }},
		{"no currency", "parameter_missing", "currency", func(c *CreatePaymentIntent) { c.Currency = Opt[string]{} }},
		{"play money", "", "currency", func(c *CreatePaymentIntent) { c.Currency = Some("xyz") }},
		{"unknown customer", "resource_missing", "customer", func(c *CreatePaymentIntent) { c.Customer = Some("cus_x") }},
		{"unknown method", "resource_missing", "payment_method", with("pm_x")},
		{"another's card", "resource_missing", "payment_method", func(c *CreatePaymentIntent) { c.Customer, c.PaymentMethod = Some(bob), Some(card) }},
		{"a saved card without its customer", "", "", with(card)},
		{"no return URL", "", "", func(c *CreatePaymentIntent) {
			c.Types, c.Confirm, c.PaymentMethod = Opt[[]string]{}, Some(true), Some("pm_card_visa")
		}},
		{"bank debit", "", "payment_method_types[0]", func(c *CreatePaymentIntent) { c.Types = Some([]string{"sepa_debit"}) }},
	} {
		cmd := CreatePaymentIntent{Amount: Some[int64](100), Currency: Some("usd"), PaymentIntentParams: PaymentIntentParams{Types: Some([]string{"card"})}}
		c.change(&cmd)
		if e := s.refuse(cmd); e.Status != 400 || e.Code != c.code || e.Param != c.param {
			t.Errorf("%s: got %d %s %q (%s)", c.name, e.Status, e.Code, e.Param, e.Message)
		}
	}
	yen := CreatePaymentIntent{Amount: Some[int64](50), Currency: Some("JPY")}
	if got := s.do(yen).(*PaymentIntent); got.Currency != "jpy" || got.AllowRedirects != "always" || got.PaymentMethodTypes != nil {
		t.Errorf("in yen: %+v", got)
	}
	if e := s.refuse(ConfirmPaymentIntent{ID: "pi_x"}); e.Status != 404 || e.Param != "intent" || e.Message != "No such payment_intent: 'pi_x'" {
		t.Errorf("unknown: %v", e)
	}
}

func TestRefundsAddUpAndLeaveTheInvoiceAlone(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	sub := s.subscribe(s.customer("pm_card_visa"), s.price("Pro", 2000))
	intent := s.latest(sub.ID).PaymentIntent
	s.events()
	first := s.do(CreateRefund{PaymentIntent: Some(intent), Amount: Some[int64](500), Reason: Some("requested_by_customer")}).(*Refund)
	s.wantEvents("refund", "refund.created charge.refunded refund.updated charge.refund.updated")
	ch := get[Charge](s, first.Charge)
	if first.Status != "succeeded" || ch.AmountRefunded != 500 || ch.Refunded || first.ID[3:19] != intent[3:19] {
		t.Errorf("partly: %+v\n%+v", first, ch)
	}
	if e := s.refuse(CreateRefund{Charge: Some(ch.ID), Amount: Some[int64](1501)}); e.Message != "Refund amount ($15.01) is greater than unrefunded amount on charge ($15.00)" || e.Param != "amount" {
		t.Errorf("too much: %v", e)
	}
	s.do(CreateRefund{Charge: Some(ch.ID)})
	if ch = get[Charge](s, ch.ID); !ch.Refunded || ch.AmountRefunded != 2000 {
		t.Errorf("wholly: %+v", ch)
	}
	if e := s.refuse(CreateRefund{PaymentIntent: Some(intent)}); e.Code != "charge_already_refunded" || e.Message != "Charge "+ch.ID+" has already been refunded." {
		t.Errorf("again: %v", e)
	}
	if s.latest(sub.ID).Status != InvoicePaid || s.sub(sub.ID).Status != SubActive {
		t.Error("the refund changed the invoice or the subscription")
	}
	if e := s.refuse(CreateRefund{}); e.Code != "parameter_missing" {
		t.Errorf("of nothing: %v", e)
	}
	if e := s.refuse(CreateRefund{PaymentIntent: Some(s.intent(2000).ID)}); e.Param != "payment_intent" {
		t.Errorf("of an unpaid one: %v", e)
	}
}

func TestRefundsOfAsynchronousCardsSettleLater(t *testing.T) {
	t.Parallel()
	for card, want := range map[string][2]string{"pm_card_pendingRefund": {"pending", "succeeded"}, "pm_card_refundFail": {"succeeded", "failed"}} {
		s := openShop(t)
		pi := s.do(pay(card, "", "")).(*PaymentIntent)
		r := s.do(CreateRefund{PaymentIntent: Some(pi.ID)}).(*Refund)
		s.events()
		s.wait(refundSettleSeconds)
		after := get[Refund](s, r.ID)
		if r.Status != want[0] || after.Status != want[1] {
			t.Errorf("%s: %s, then %s", card, r.Status, after.Status)
		}
		if ch := get[Charge](s, pi.LatestCharge); ch.Refunded != (want[1] == "succeeded") {
			t.Errorf("%s: %+v", card, ch)
		}
	}
}

// Rows: A4 B3.
func TestSetupIntentSavesACardForLater(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	customer := s.customer("")
	s.events()
	si := s.do(CreateSetupIntent{Customer: Some(customer), PaymentMethod: Some("pm_card_visa"), Confirm: Some(true), Types: Some([]string{"card"})}).(*SetupIntent)
	s.wantEvents("saved", "setup_intent.created payment_method.attached setup_intent.succeeded")
	if si.Status != IntentSucceeded || si.Usage != "off_session" || si.LatestAttempt == "" || get[PaymentMethod](s, si.PaymentMethod).Customer != customer {
		t.Errorf("saved: %+v", si)
	}
	open := s.do(CreateSetupIntent{Customer: Some(customer), Types: Some([]string{"card"})}).(*SetupIntent)
	if e := s.refuse(ConfirmSetupIntent{ID: open.ID}); e.Code != "setup_intent_unexpected_state" || e.SetupIntent != open.ID {
		t.Errorf("without a method: %+v", e)
	}
	s.events()
	if e := s.refuse(ConfirmSetupIntent{ID: open.ID, PaymentMethod: Some("pm_card_visa_chargeDeclined")}); e.DeclineCode != "generic_decline" || e.SetupIntent != open.ID {
		t.Errorf("declined: %+v", e)
	}
	s.wantEvents("declined", "setup_intent.setup_failed")
	asks := s.do(ConfirmSetupIntent{ID: open.ID, PaymentMethod: Some("pm_card_authenticationRequired")}).(*SetupIntent)
	if asks.Status != RequiresAction {
		t.Fatalf("asks: %+v", asks)
	}
	if e := s.refuse(ResolveChallenge{Intent: open.ID, Outcome: "fail"}); e.Code != "setup_intent_authentication_failure" {
		t.Errorf("failed: %v", e)
	}
	if got := s.do(CancelSetupIntent{ID: open.ID}).(*SetupIntent); got.Status != IntentCanceled {
		t.Errorf("canceled: %+v", got)
	}
	s.refuse(CancelSetupIntent{ID: si.ID})
	s.refuse(ConfirmSetupIntent{ID: open.ID, PaymentMethod: Some("pm_card_visa")})
	if e := s.refuse(UpdateSetupIntent{ID: si.ID, PaymentMethod: Some("pm_card_visa")}); e.Code != "setup_intent_unexpected_state" {
		t.Errorf("update of a finished one: %v", e)
	}
	s.do(UpdateSetupIntent{ID: si.ID, Metadata: Some(map[string]string{"a": "b"})})
}
