package engine

import "testing"

// visitor is a subscribed customer with an open portal session.
func visitor(t *testing.T, cardName string) (*shop, string, *Subscription, string) {
	s := openShop(t)
	customer := s.customer(cardName)
	sub := s.subscribe(customer, s.price("Premium", 2000), func(c *CreateSubscription) {
		c.DefaultPaymentMethod = Some(get[Customer](s, customer).InvoiceSettings.DefaultPaymentMethod)
	})
	session := s.do(CreatePortalSession{Customer: Some(customer), ReturnURL: Some("https://app.example.com/account")}).(*PortalSession)
	s.events()
	return s, customer, sub, session.ID
}

// Rows: A4 A9.
func TestPortalCardBecomesTheOneThatIsCharged(t *testing.T) {
	t.Parallel()
	s, customer, sub, session := visitor(t, "pm_card_visa")
	free := s.subscribe(customer, s.price("Extra", 0))
	s.events()
	out := s.do(PortalAddCard{Session: session, Card: card("5555555555554444")}).(*PortalOutcome)
	s.wantEvents("added", `setup_intent.created payment_method.attached setup_intent.succeeded customer.updated customer.subscription.updated`)
	if got := get[Customer](s, customer).InvoiceSettings.DefaultPaymentMethod; got != out.PaymentMethod.ID {
		t.Errorf("the customer's default is %s", got)
	}
	if own, none := s.sub(sub.ID).DefaultPaymentMethod, s.sub(free.ID).DefaultPaymentMethod; own != out.PaymentMethod.ID || none != "" {
		t.Errorf("the subscriptions' own: %s and %q", own, none)
	}
	if e := s.refuse(PortalAddCard{Session: session, Card: card(declinedCard)}); e.DeclineCode != "generic_decline" || e.SetupIntent == "" {
		t.Errorf("declined: %+v", e)
	}
	asks := s.do(PortalAddCard{Session: session, Card: card(asksCard)}).(*PortalOutcome)
	if !asks.RequiresAction || get[Customer](s, customer).InvoiceSettings.DefaultPaymentMethod != out.PaymentMethod.ID {
		t.Fatalf("asks: %+v", asks)
	}
	s.refuse(ResolveChallenge{Intent: asks.Challenge, Outcome: "fail"})
	again := s.do(PortalAddCard{Session: session, Card: card(asksCard)}).(*PortalOutcome)
	s.do(ResolveChallenge{Intent: again.Challenge, Outcome: "succeed"})
	if got := get[PaymentMethod](s, s.sub(sub.ID).DefaultPaymentMethod).Card; got.Last4 != "3155" || !got.SetUp {
		t.Errorf("after the challenge: %+v", got)
	}
	s.do(PortalSetDefault{Session: session, PaymentMethod: out.PaymentMethod.ID})
	if got := s.sub(sub.ID).DefaultPaymentMethod; got != out.PaymentMethod.ID {
		t.Errorf("back to the other: %s", got)
	}
	s.do(PortalRemoveCard{Session: session, PaymentMethod: out.PaymentMethod.ID})
	if got := get[Customer](s, customer).InvoiceSettings.DefaultPaymentMethod; got != "" {
		t.Errorf("removed, and still the default: %s", got)
	}
}

// Rows: A9.
func TestPortalCancelsAtThePeriodEndAndResumes(t *testing.T) {
	t.Parallel()
	s, _, sub, session := visitor(t, "pm_card_visa")
	got := s.do(PortalCancel{Session: session, Subscription: sub.ID, Feedback: "too_expensive", Comment: "bye"}).(*Subscription)
	s.wantEvents("cancel", "customer.subscription.updated")
	if got.CancelAtPeriodEnd || got.CancelAt != got.Items[0].CurrentPeriodEnd || got.CancellationDetails != (CancellationDetails{"bye", "too_expensive", "cancellation_requested"}) {
		t.Errorf("canceled: %+v", got)
	}
	s.refuse(PortalCancel{Session: session, Subscription: sub.ID})
	s.refuse(CreatePortalSession{Customer: Some(sub.Customer), FlowData: Some(PortalFlowParams{
		Type: Some(FlowCancel), Cancel: Some(PortalSubscriptionParam{Subscription: Some(sub.ID)})})})
	if back := s.do(PortalResume{Session: session, Subscription: sub.ID}).(*Subscription); back.CancelAtPeriodEnd || back.CancelAt != 0 {
		t.Errorf("resumed: %+v", back)
	}
	s.refuse(PortalResume{Session: session, Subscription: sub.ID})
	s.refuse(PortalCancel{Session: session, Subscription: sub.ID, Feedback: "bored"})
	old := s.subscribe(sub.Customer, s.price("Classic", 2000), func(c *CreateSubscription) {
		c.BillingMode = Some(BillingModeParams{Type: Some(ModeClassic)})
	})
	if got := s.do(PortalCancel{Session: session, Subscription: old.ID}).(*Subscription); !got.CancelAtPeriodEnd || got.CancelAt != got.Items[0].CurrentPeriodEnd {
		t.Errorf("canceled in classic billing: %+v", got)
	}
	s.wait(portalSessionSeconds)
	if e := s.refuse(PortalCancel{Session: session, Subscription: sub.ID}); e.Message != "This portal session has expired." {
		t.Errorf("an hour later: %v", e)
	}
}

func TestPortalAllowsWhatItsConfigurationSays(t *testing.T) {
	t.Parallel()
	s := openShop(t, func(c *Settings) { c.PortalDefaultFeatures = false })
	customer := s.customer("pm_card_visa")
	sub := s.subscribe(customer, s.price("Premium", 2000))
	if e := s.refuse(CreatePortalSession{Customer: Some(customer)}); e.Message[:26] != "No configuration provided " {
		t.Errorf("without a configuration: %v", e)
	}
	off := s.do(CreatePortalConfiguration{PortalConfigurationParams{Features: Some(PortalFeaturesParams{
		InvoiceHistory: Some(PortalSwitch{Enabled: Some(true)})})}}).(*PortalConfiguration)
	if off.Features.SubscriptionCancel.Mode != "at_period_end" || off.Features.SubscriptionCancel.Enabled || !off.Features.InvoiceHistory || off.IsDefault {
		t.Errorf("defaults: %+v", off)
	}
	session := s.do(CreatePortalSession{Customer: Some(customer), Configuration: Some(off.ID)}).(*PortalSession)
	s.refuse(PortalAddCard{Session: session.ID, Card: card(goodCard)})
	s.refuse(PortalCancel{Session: session.ID, Subscription: sub.ID})
	flow := CreatePortalSession{Customer: Some(customer), Configuration: Some(off.ID), FlowData: Some(PortalFlowParams{Type: Some(FlowPaymentMethod)})}
	if e := s.refuse(flow); e.Param != "flow_data[type]" {
		t.Errorf("a flow that is off: %v", e)
	}
	s.do(UpdatePortalConfiguration{ID: off.ID, PortalConfigurationParams: PortalConfigurationParams{Features: Some(PortalFeaturesParams{
		PaymentMethodUpdate: Some(PortalSwitch{Enabled: Some(true)}),
		SubscriptionCancel:  Some(PortalCancelParams{Enabled: Some(true), Mode: Some("immediately")}),
	})}})
	s.do(flow)
	if got := s.do(PortalCancel{Session: session.ID, Subscription: sub.ID}).(*Subscription); got.Status != SubCanceled {
		t.Errorf("canceled at once: %+v", got)
	}
	other := s.customer("pm_card_visa")
	card := get[Customer](s, other).InvoiceSettings.DefaultPaymentMethod
	s.refuse(PortalSetDefault{Session: session.ID, PaymentMethod: card})
	s.refuse(PortalRemoveCard{Session: session.ID, PaymentMethod: card})
}

// Rows: C20 C27.
func TestHostedInvoiceRecoversASubscription(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ number, last4 string }{{goodCard, "4242"}, {asksCard, "3155"}} {
		s, customer, sub, _ := visitor(t, "pm_card_visa")
		s.useCard(customer, "pm_card_chargeCustomerFail")
		s.do(UpdateSubscription{ID: sub.ID, DefaultPaymentMethod: Clear[string]()})
		s.waitUntil("2026-02-28 14:00:00")
		inv := s.latest(sub.ID)
		if s.sub(sub.ID).Status != SubPastDue || inv.Status != InvoiceOpen {
			t.Fatalf("%s, %s", s.sub(sub.ID).Status, inv.Status)
		}
		if e := s.refuse(PayHostedInvoice{Invoice: inv.ID, Card: card(declinedCard)}); e.DeclineCode != "generic_decline" {
			t.Errorf("declined: %v", e)
		}
		s.events()
		out := s.do(PayHostedInvoice{Invoice: inv.ID, Card: card(c.number)}).(*InvoiceOutcome)
		if out.RequiresAction {
			s.do(ResolveChallenge{Intent: out.Challenge, Outcome: "succeed"})
		}
		after := s.sub(sub.ID)
		if after.Status != SubActive || s.invoice(inv.ID).Status != InvoicePaid {
			t.Fatalf("%s: %s, %s", c.number, after.Status, s.invoice(inv.ID).Status)
		}
		if got := get[PaymentMethod](s, after.DefaultPaymentMethod); got.Card.Last4 != c.last4 || got.Customer != customer {
			t.Errorf("goes on with %+v", got)
		}
		s.refuse(PayHostedInvoice{Invoice: inv.ID, Card: card(goodCard)})
		s.waitUntil("2026-03-31 14:00:00")
		if got := s.latest(sub.ID); got.Status != InvoicePaid || got.ID == inv.ID {
			t.Errorf("%s: the next renewal: %s", c.number, got.Status)
		}
	}
}
