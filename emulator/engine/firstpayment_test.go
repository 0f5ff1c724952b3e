package engine

import "testing"

func behavior(word string) func(*CreateSubscription) {
	return func(c *CreateSubscription) { c.PaymentBehavior = Some(word) }
}

// Rows: C27 C30.
func TestFirstPaymentByBehaviorAndCard(t *testing.T) {
	t.Parallel()
	const attached = "pm_card_chargeCustomerFail"
	for _, c := range []struct {
		name, behavior, card    string
		status, invoice, intent string
		attempts                int64
		events                  string
		refusal                 string
	}{
		{"a good card", AllowIncomplete, "pm_card_visa", SubActive, InvoicePaid, IntentSucceeded, 1, "", ""},
		{"a declined card", AllowIncomplete, attached, SubIncomplete, InvoiceOpen, RequiresPaymentMethod, 1,
			`customer.updated charge.failed payment_intent.created payment_intent.payment_failed invoice.created invoice.finalized
			 customer.subscription.created invoice.updated invoice.payment_failed`, ""},
		{"a card that asks", AllowIncomplete, "pm_card_authenticationRequired", SubIncomplete, InvoiceOpen, RequiresAction, 0,
			`customer.updated payment_intent.created payment_intent.requires_action invoice.created invoice.finalized
			 customer.subscription.created invoice.updated invoice.payment_action_required`, ""},
		{"no card at all", AllowIncomplete, "", "", "", "", 0, "", "resource_missing"},
		{"unattempted", DefaultIncomplete, "pm_card_visa", SubIncomplete, InvoiceOpen, RequiresConfirmation, 0,
			`customer.updated customer.subscription.created invoice.created invoice.finalized payment_intent.created`, ""},
		{"unattempted without a card", DefaultIncomplete, "", SubIncomplete, InvoiceOpen, RequiresPaymentMethod, 0, "", ""},
		{"or an error: declined", ErrorIfIncomplete, attached, "", "", "", 0, "", "card_declined"},
		{"or an error: asks", ErrorIfIncomplete, "pm_card_authenticationRequired", "", "", "", 0, "", "subscription_payment_intent_requires_action"},
		{"or an error: good", ErrorIfIncomplete, "pm_card_visa", SubActive, InvoicePaid, IntentSucceeded, 1, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := openShop(t)
			price := s.price("Pro", 2000)
			customer := s.customer(c.card)
			s.events()
			cmd := CreateSubscription{Customer: Some(customer), Items: items(price), PaymentBehavior: Some(c.behavior)}
			if c.refusal != "" {
				before := s.Digest()
				if e := s.refuse(cmd); e.Code != c.refusal {
					t.Errorf("refused with %v, want %s", e, c.refusal)
				}
				if s.Digest() != before {
					t.Error("the refusal left something behind")
				}
				return
			}
			sub := s.do(cmd).(*Subscription)
			inv := s.latest(sub.ID)
			intent := get[PaymentIntent](s, inv.PaymentIntent)
			if sub.Status != c.status || inv.Status != c.invoice || intent.Status != c.intent || inv.AttemptCount != c.attempts {
				t.Errorf("subscription %s, invoice %s, intent %s, attempts %d", sub.Status, inv.Status, intent.Status, inv.AttemptCount)
			}
			if inv.NextPaymentAttempt != 0 || inv.AutoAdvance != (inv.Status == InvoiceOpen) {
				t.Errorf("next attempt %d, advancing %v", inv.NextPaymentAttempt, inv.AutoAdvance)
			}
			if c.events != "" {
				s.wantEvents(c.name, c.events)
			}
		})
	}
}

// Rows: C27.
func TestChallengedFirstPaymentCompletesOrExpires(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	price := s.price("Pro", 2000)
	customer := s.customer("pm_card_authenticationRequired")
	sub := s.subscribe(customer, price)
	intent := s.latest(sub.ID).PaymentIntent
	s.events()
	s.refuse(ResolveChallenge{Intent: intent, Outcome: "fail"})
	if got := s.sub(sub.ID).Status; got != SubIncomplete {
		t.Fatalf("after a failed challenge: %s", got)
	}
	s.events()
	for code, off := range map[string]bool{"invoice_payment_intent_requires_action": false, "authentication_required": true} {
		if e := s.refuse(PayInvoice{ID: sub.LatestInvoice, OffSession: Some(off)}); e.Status != 402 || e.Code != code || e.PaymentIntent != intent {
			t.Errorf("paying, off session %v: %v", off, e)
		}
	}
	s.events()
	s.do(ResolveChallenge{Intent: intent, Outcome: "succeed"})
	s.wantEvents("passed", `charge.succeeded payment_intent.succeeded customer.subscription.updated invoice.updated invoice.paid
		invoice.payment_succeeded invoice_payment.paid`)
	if got := s.sub(sub.ID).Status; got != SubActive {
		t.Errorf("after the challenge: %s", got)
	}

	late := s.subscribe(s.customer("pm_card_authenticationRequired"), price)
	s.wait(23*3600 - 1)
	if got := s.sub(late.ID).Status; got != SubIncomplete {
		t.Fatalf("a second short of 23 h: %s", got)
	}
	s.events()
	s.wait(1)
	s.wantEvents("expired", "invoice.voided payment_intent.canceled customer.subscription.updated")
	if got := s.sub(late.ID); got.Status != SubIncompleteExpired || s.latest(late.ID).Status != InvoiceVoid {
		t.Errorf("after 23 h: %s, invoice %s", got.Status, s.latest(late.ID).Status)
	}
	s.wait(60 * secondsPerDay)
	if got := s.sub(late.ID).Status; got != SubIncompleteExpired {
		t.Errorf("later: %s", got)
	}
}

// Rows: B1.
func TestFreePlanIsPaidByItselfEveryMonth(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	price := s.price("Starter", 0)
	customer := s.customer("")
	s.events()
	sub := s.subscribe(customer, price)
	s.wantEvents("create", `customer.updated invoice.created invoice.updated invoice.finalized customer.subscription.created invoice.paid
		invoice.payment_succeeded`)
	for month := range 3 {
		inv := s.latest(sub.ID)
		if inv.Status != InvoicePaid || inv.Total != 0 || !inv.Attempted || inv.AttemptCount != 0 || inv.PaymentIntent != "" || inv.Number == "" {
			t.Fatalf("month %d: %+v", month, inv)
		}
		s.wait(s.sub(sub.ID).periodEnd() - s.now + 3600)
		if got := s.sub(sub.ID).Status; got != SubActive {
			t.Fatalf("month %d: %s", month, got)
		}
	}
}

// Rows: C16.
func TestTrialBeginsFreeAndIsBilledAtItsEnd(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	price := s.price("Pro", 2000)
	customer := s.customer("pm_card_visa")
	s.events()
	sub := s.subscribe(customer, price, func(c *CreateSubscription) { c.TrialPeriodDays = Some[int64](14) })
	s.wantEvents("create", `customer.updated invoice.created invoice.updated invoice.finalized customer.subscription.created invoice.paid
		invoice.payment_succeeded`)
	end := s.now + 14*secondsPerDay
	if sub.Status != SubTrialing || sub.TrialEnd != end || sub.BillingCycleAnchor != end || lines(s.latest(sub.ID)) != "0 Free trial for 1 × Pro" {
		t.Fatalf("%s until %d: %s", sub.Status, sub.TrialEnd, lines(s.latest(sub.ID)))
	}
	s.wait(7 * secondsPerDay)
	s.wantEvents("a week ahead", "invoice.upcoming")
	s.wait(4 * secondsPerDay)
	s.wantEvents("three days ahead", "customer.subscription.trial_will_end")
	s.wait(3 * secondsPerDay)
	s.wantEvents("the end", "customer.subscription.updated invoice.created")
	s.wait(3600)
	if got := s.latest(sub.ID); s.sub(sub.ID).Status != SubActive || got.AmountPaid != 2000 {
		t.Errorf("after the trial: %s, paid %d", s.sub(sub.ID).Status, got.AmountPaid)
	}
}

func TestTrialWithoutCardEndsAsItsSettingsSay(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]string{"create_invoice": SubPastDue, "cancel": SubCanceled, "pause": SubPaused} {
		t.Run(word, func(t *testing.T) {
			t.Parallel()
			s := openShop(t)
			sub := s.subscribe(s.customer(""), s.price("Pro", 2000), func(c *CreateSubscription) {
				c.TrialPeriodDays = Some[int64](2)
				c.TrialSettings = Some(TrialSettingsParams{EndBehavior: Some(TrialEndBehaviorParams{MissingPaymentMethod: Some(word)})})
			})
			s.wait(2*secondsPerDay + 3600)
			if got := s.sub(sub.ID).Status; got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}

// Rows: A4 A8 B2. The order of chapter 3.8; a card that is merely attached is never charged.
func TestWhichCardIsCharged(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	price := s.price("Pro", 2000)
	customer := s.customer("")
	attach := func(name string) string {
		return s.do(AttachPaymentMethod{ID: name, Customer: Some(customer)}).(*PaymentMethod).ID
	}
	attach("pm_card_visa")
	if e := s.refuse(CreateSubscription{Customer: Some(customer), Items: items(price)}); e.Code != "resource_missing" || e.Param != "" {
		t.Errorf("with a card that is only attached: %v", e)
	}
	ofCustomer, ofSubscription, ofInvoice := s.useCard(customer, "pm_card_amex"), attach("pm_card_mastercard"), attach("pm_card_discover")
	charged := func(inv *Invoice) string {
		return get[Charge](s, get[PaymentIntent](s, inv.PaymentIntent).LatestCharge).PaymentMethod
	}
	sub := s.subscribe(customer, price)
	if got := charged(s.latest(sub.ID)); got != ofCustomer {
		t.Errorf("first the customer's default, got %s", got)
	}
	s.do(UpdateSubscription{ID: sub.ID, DefaultPaymentMethod: Some(ofSubscription)})
	s.wait(sub.periodEnd() - s.now + 3600)
	if got := charged(s.latest(sub.ID)); got != ofSubscription {
		t.Errorf("then the subscription's, got %s", got)
	}
	s.wait(s.sub(sub.ID).periodEnd() - s.now)
	s.do(UpdateInvoice{ID: s.latest(sub.ID).ID, InvoiceParams: InvoiceParams{DefaultPaymentMethod: Some(ofInvoice)}})
	s.wait(3600)
	if got := charged(s.latest(sub.ID)); got != ofInvoice {
		t.Errorf("then the invoice's, got %s", got)
	}
	s.do(UpdateSubscription{ID: sub.ID, DefaultPaymentMethod: Clear[string]()})
	s.wait(s.sub(sub.ID).periodEnd() - s.now + 3600)
	if got := charged(s.latest(sub.ID)); got != ofCustomer {
		t.Errorf("cleared, the customer's again, got %s", got)
	}
}
