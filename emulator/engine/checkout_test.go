package engine

import "testing"

func checkout(price string, change ...func(*CreateCheckoutSession)) CreateCheckoutSession {
	c := CreateCheckoutSession{
		Mode: Some(ModeSubscription), SuccessURL: Some("https://app.example.com/done?s={CHECKOUT_SESSION_ID}"), CancelURL: Some("https://app.example.com"),
		LineItems: Some([]CheckoutLineParams{{Price: Some(price), Quantity: Some[int64](1)}}),
	}
	for _, f := range change {
		f(&c)
	}
	return c
}

func card(number string) CardEntry {
	return CardEntry{Number: number, ExpMonth: 12, ExpYear: 2034, CVC: "123", Name: "Ada Lovelace", PostalCode: "94107", Country: "US"}
}

const (
	goodCard     = "4242424242424242"
	declinedCard = "4000000000000002"
	failingCard  = "4000000000000341"
	asksCard     = "4000002500003155"
)

// Rows: A2 A6 B3 C18.
func TestCheckoutMakesCustomerSubscriptionAndPaymentAtOnce(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	price := s.price("Premium", 2000)
	session := s.do(checkout(price, func(c *CreateCheckoutSession) {
		c.SubscriptionData = Some(CheckoutSubscriptionData{Metadata: Some(map[string]string{"account": "42"})})
	})).(*CheckoutSession)
	if session.Status != SessionOpen || session.PaymentStatus != SessionUnpaid || session.AmountTotal != 2000 || session.Subscription != "" ||
		session.Customer != "" || len(session.ID) != len("cs_test_")+58 || session.ID[:10] != "cs_test_a1" {
		t.Fatalf("created: %+v", session)
	}
	if subs := s.World.tables.subscriptions.all("", ""); len(subs) != 0 {
		t.Fatal("a subscription exists before the payment")
	}
	s.events()
	out := s.do(SubmitCheckout{Session: session.ID, Email: "ada@example.com", Card: card(goodCard)}).(*CheckoutOutcome)
	s.wantEvents("submit", `charge.succeeded payment_method.attached customer.created customer.updated checkout.session.completed
		customer.subscription.created payment_intent.created payment_intent.succeeded invoice.created invoice.finalized invoice.updated invoice.paid
		invoice.payment_succeeded invoice_payment.paid`)
	done := out.Session
	sub := s.sub(done.Subscription)
	pm := get[PaymentMethod](s, sub.DefaultPaymentMethod)
	cus := get[Customer](s, done.Customer)
	if done.Status != SessionComplete || done.PaymentStatus != SessionPaid || done.Invoice != sub.LatestInvoice || done.PaymentIntent != "" {
		t.Errorf("completed: %+v", done)
	}
	if found := s.World.tables.checkouts.all("subscription", sub.ID); len(found) != 1 {
		t.Errorf("%d sessions are listed for the subscription", len(found))
	}
	if sub.Status != SubActive || sub.Metadata["account"] != "42" || pm.Card.Last4 != "4242" || pm.Customer != cus.ID ||
		cus.InvoiceSettings.DefaultPaymentMethod != "" || cus.Email != "ada@example.com" || cus.Name != "Ada Lovelace" {
		t.Errorf("made %+v\n%+v\n%+v", sub, pm, cus)
	}
	if e := s.refuse(SubmitCheckout{Session: session.ID, Email: "ada@example.com", Card: card(goodCard)}); e.Status != 400 {
		t.Errorf("pressed twice: %v", e)
	}
	s.waitUntil("2026-02-28 14:00:00")
	if inv := s.latest(sub.ID); inv.Status != InvoicePaid || inv.ID == done.Invoice {
		t.Errorf("the renewal: %+v", inv)
	}
}

// Rows: A8 C30.
func TestCheckoutGivesAnotherTryAfterADeclineAndAChallenge(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	session := s.do(checkout(s.price("Premium", 2000), func(c *CreateCheckoutSession) { c.CustomerEmail = Some("ada@example.com") })).(*CheckoutSession)
	s.events()
	submit := SubmitCheckout{Session: session.ID, Card: card(declinedCard)}
	if e := s.refuse(submit); e.DeclineCode != "generic_decline" || !e.Keep {
		t.Fatalf("declined: %+v", e)
	}
	s.wantEvents("declined", "payment_intent.created charge.failed payment_intent.payment_failed")
	submit.Card = card(asksCard)
	out := s.do(submit).(*CheckoutOutcome)
	s.wantEvents("asks", "payment_intent.requires_action")
	if !out.RequiresAction || get[CheckoutSession](s, session.ID).Status != SessionOpen {
		t.Fatalf("asks: %+v", out)
	}
	if e := s.refuse(ResolveChallenge{Intent: out.Challenge, Outcome: "fail"}); e.Code != "payment_intent_authentication_failure" {
		t.Errorf("failed challenge: %v", e)
	}
	s.wantEvents("failed", "payment_intent.payment_failed")
	if again := s.do(submit).(*CheckoutOutcome); again.Challenge != out.Challenge {
		t.Errorf("the second try made another payment: %s and %s", out.Challenge, again.Challenge)
	}
	s.events()
	done := s.do(ResolveChallenge{Intent: out.Challenge, Outcome: "succeed"}).(*ChallengeOutcome)
	s.wantEvents("passed", `charge.succeeded payment_method.attached customer.created customer.updated checkout.session.completed
		customer.subscription.created payment_intent.succeeded invoice.created invoice.finalized invoice.updated invoice.paid
		invoice.payment_succeeded invoice_payment.paid`)
	sub := s.sub(done.Session.Subscription)
	if sub.Status != SubActive || s.latest(sub.ID).PaymentIntent != out.Challenge || done.PaymentIntent.Status != IntentSucceeded {
		t.Errorf("passed: %+v\n%+v", sub, done.PaymentIntent)
	}
	if n := len(s.World.tables.payments.all("", "")); n != 1 {
		t.Errorf("%d payments were made for one invoice", n)
	}
	s.waitUntil("2026-02-28 14:00:00") // the card was set up on the page: a renewal asks nobody
	if inv := s.latest(sub.ID); inv.Status != InvoicePaid || inv.BillingReason != "subscription_cycle" {
		t.Errorf("the renewal: %s %s", inv.BillingReason, inv.Status)
	}
}

func TestCheckoutAdmitsACardThatTheBankRefusesAfterItsChallenge(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	session := s.do(checkout(s.price("Premium", 2000))).(*CheckoutSession)
	out := s.do(SubmitCheckout{Session: session.ID, Email: "ada@example.com", Card: card("4000008260003178")}).(*CheckoutOutcome)
	if e := s.refuse(ResolveChallenge{Intent: out.Challenge, Outcome: "succeed"}); e.DeclineCode != "insufficient_funds" {
		t.Errorf("after the challenge: %v", e)
	}
	if got := get[CheckoutSession](s, session.ID); got.Status != SessionOpen || got.Subscription != "" {
		t.Errorf("the session: %+v", got)
	}
	s.do(SubmitCheckout{Session: session.ID, Email: "ada@example.com", Card: card(goodCard)})
}

func TestCheckoutOfATrialSavesTheCardAndChargesNothing(t *testing.T) {
	t.Parallel()
	for number, asks := range map[string]bool{goodCard: false, asksCard: true, failingCard: false} {
		s := openShop(t)
		session := s.do(checkout(s.price("Premium", 2000), func(c *CreateCheckoutSession) {
			c.SubscriptionData = Some(CheckoutSubscriptionData{TrialPeriodDays: Some[int64](14)})
		})).(*CheckoutSession)
		if session.AmountTotal != 0 {
			t.Fatalf("due now: %d", session.AmountTotal)
		}
		s.events()
		out := s.do(SubmitCheckout{Session: session.ID, Email: "ada@example.com", Card: card(number)}).(*CheckoutOutcome)
		if out.RequiresAction != asks {
			t.Fatalf("%s: %+v", number, out)
		}
		if !asks {
			s.wantEvents(number, `setup_intent.created payment_method.attached setup_intent.succeeded customer.created customer.updated
				checkout.session.completed customer.subscription.created invoice.created invoice.updated invoice.finalized invoice.paid
				invoice.payment_succeeded`)
		}
		if asks {
			s.do(ResolveChallenge{Intent: out.Challenge, Outcome: "succeed"})
		}
		done := get[CheckoutSession](s, session.ID)
		sub := s.sub(done.Subscription)
		if done.PaymentStatus != NoPaymentRequired || sub.Status != SubTrialing || sub.DefaultPaymentMethod == "" || s.latest(sub.ID).Status != InvoicePaid {
			t.Errorf("%s: %+v\n%+v", number, done, sub)
		}
		s.wait(14*secondsPerDay + 3600)
		want := SubActive
		if number == failingCard {
			want = SubPastDue
		}
		if got := s.sub(sub.ID).Status; got != want {
			t.Errorf("%s after the trial: %s, want %s", number, got, want)
		}
	}
}

func TestCheckoutOfAFreePlanAsksForNoCardWhenTold(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	customer := s.customer("")
	session := s.do(checkout(s.price("Starter", 0), func(c *CreateCheckoutSession) {
		c.Customer, c.PaymentMethodCollection = Some(customer), Some(CollectIfRequired)
	})).(*CheckoutSession)
	out := s.do(SubmitCheckout{Session: session.ID}).(*CheckoutOutcome)
	if out.Session.PaymentStatus != NoPaymentRequired || s.sub(out.Session.Subscription).Status != SubActive {
		t.Errorf("completed: %+v", out.Session)
	}
}

// Rows: A6.
func TestCheckoutInPaymentMode(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	price := s.price("Book", 900, func(c *CreatePrice) { c.Recurring = Opt[RecurringParam]{} })
	session := s.do(checkout(price, func(c *CreateCheckoutSession) {
		c.Mode = Some(ModePayment)
		c.LineItems = Some([]CheckoutLineParams{{Price: Some(price), Quantity: Some[int64](3)}, {
			PriceData: Some(CheckoutPriceData{Currency: Some("usd"), UnitAmount: Some[int64](100), ProductData: Some(ProductData{Name: Some("Bag")})}),
			Quantity:  Some[int64](1),
		}})
		c.PaymentIntentData = Some(CheckoutPaymentData{Description: Some("Books"), Metadata: Some(map[string]string{"order": "7"})})
	})).(*CheckoutSession)
	if session.AmountTotal != 2800 || session.PaymentMethodCollection != CollectIfRequired {
		t.Fatalf("created: %+v", session)
	}
	s.events()
	done := s.do(SubmitCheckout{Session: session.ID, Email: "guest@example.com", Card: card(goodCard)}).(*CheckoutOutcome).Session
	s.wantEvents("guest", "charge.succeeded checkout.session.completed payment_intent.created payment_intent.succeeded")
	pi := get[PaymentIntent](s, done.PaymentIntent)
	if done.Customer != "" || pi.AmountReceived != 2800 || pi.Metadata["order"] != "7" || done.CustomerDetails.Email != "guest@example.com" {
		t.Errorf("paid: %+v\n%+v", done, pi)
	}
	asking := s.do(checkout(price, func(c *CreateCheckoutSession) { c.Mode, c.CustomerCreation = Some(ModePayment), Some(CollectAlways) })).(*CheckoutSession)
	out := s.do(SubmitCheckout{Session: asking.ID, Email: "ada@example.com", Card: card(asksCard)}).(*CheckoutOutcome)
	if !out.RequiresAction {
		t.Fatal("no challenge")
	}
	after := s.do(ResolveChallenge{Intent: out.Challenge, Outcome: "succeed"}).(*ChallengeOutcome)
	if after.Session.Status != SessionComplete || after.Session.PaymentIntent != out.Challenge || after.Session.Customer == "" {
		t.Errorf("after the challenge: %+v", after.Session)
	}
	if inline := done.Lines[1].Price; get[Price](s, inline).Active {
		t.Error("the inline price can be used again")
	}
}

// Rows: A4 B3.
func TestCheckoutInSetupModeSavesTheCardOnly(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	customer := s.customer("")
	setup := CreateCheckoutSession{Mode: Some(ModeSetup), SuccessURL: Some("https://app.example.com"), Customer: Some(customer)}
	session := s.do(setup).(*CheckoutSession)
	if session.SetupIntent == "" || session.PaymentStatus != NoPaymentRequired || session.ID[:10] != "cs_test_c1" {
		t.Fatalf("created: %+v", session)
	}
	if e := s.refuse(SubmitCheckout{Session: session.ID, Card: card(declinedCard)}); e.DeclineCode != "generic_decline" {
		t.Errorf("declined: %v", e)
	}
	s.events()
	done := s.do(SubmitCheckout{Session: session.ID, Card: card(goodCard)}).(*CheckoutOutcome).Session
	s.wantEvents("saved", "payment_method.attached setup_intent.succeeded checkout.session.completed")
	si := get[SetupIntent](s, done.SetupIntent)
	if si.Status != IntentSucceeded || get[PaymentMethod](s, si.PaymentMethod).Customer != customer {
		t.Errorf("saved: %+v", si)
	}
}

func TestCheckoutSessionExpires(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	price := s.price("Premium", 2000)
	session := s.do(checkout(price)).(*CheckoutSession)
	asked := s.do(checkout(price)).(*CheckoutSession)
	out := s.do(SubmitCheckout{Session: asked.ID, Email: "ada@example.com", Card: card(asksCard)}).(*CheckoutOutcome)
	s.wait(secondsPerDay - 1)
	if got := get[CheckoutSession](s, session.ID).Status; got != SessionOpen {
		t.Fatalf("a second early: %s", got)
	}
	s.events()
	s.wait(1)
	s.wantEvents("expired", "checkout.session.expired payment_intent.canceled checkout.session.expired")
	s.refuse(SubmitCheckout{Session: session.ID, Email: "ada@example.com", Card: card(goodCard)})
	s.refuse(ResolveChallenge{Intent: out.Challenge, Outcome: "succeed"})
	s.refuse(ExpireCheckoutSession{ID: session.ID})
	short := s.do(checkout(price, func(c *CreateCheckoutSession) { c.ExpiresAt = Some(s.now + 1800) })).(*CheckoutSession)
	if got := s.do(ExpireCheckoutSession{ID: short.ID}).(*CheckoutSession).Status; got != SessionExpired {
		t.Errorf("by hand: %s", got)
	}
}

func TestCheckoutRefusesWhatContradictsItself(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	monthly := s.price("Premium", 2000)
	once := s.price("Book", 900, func(c *CreatePrice) { c.Recurring = Opt[RecurringParam]{} })
	euro := s.price("Euro", 900, func(c *CreatePrice) { c.Currency = Some("eur") })
	old := s.price("Old", 900)
	s.do(UpdatePrice{ID: old, Active: Some(false)})
	two := func(a, b string) Opt[[]CheckoutLineParams] {
		return Some([]CheckoutLineParams{{Price: Some(a), Quantity: Some[int64](1)}, {Price: Some(b), Quantity: Some[int64](1)}})
	}
	for _, c := range []struct {
		name, param string
		change      func(*CreateCheckoutSession)
	}{
		{"no mode", "mode", func(c *CreateCheckoutSession) { c.Mode = Opt[string]{} }},
		{"no success URL", "success_url", func(c *CreateCheckoutSession) { c.SuccessURL = Opt[string]{} }},
		{"a script as URL", "success_url", func(c *CreateCheckoutSession) { c.SuccessURL = Some("javascript:alert(1)") }},
		{"no lines", "line_items", func(c *CreateCheckoutSession) { c.LineItems = Opt[[]CheckoutLineParams]{} }},
		{"unknown price", "line_items[0][price]", func(c *CreateCheckoutSession) { c.LineItems = two("price_x", monthly) }},
		{"archived price", "line_items[1][price]", func(c *CreateCheckoutSession) { c.LineItems = two(monthly, old) }},
		{"two currencies", "line_items", func(c *CreateCheckoutSession) { c.LineItems = two(monthly, euro) }},
		{"recurring in payment mode", "line_items", func(c *CreateCheckoutSession) { c.Mode = Some(ModePayment) }},
		{"one-time only in subscription mode", "line_items", func(c *CreateCheckoutSession) { c.LineItems = two(once, once) }},
		{"no quantity", "line_items[0][quantity]", func(c *CreateCheckoutSession) { c.LineItems = Some([]CheckoutLineParams{{Price: Some(monthly)}}) }},
		{"unknown customer", "customer", func(c *CreateCheckoutSession) { c.Customer = Some("cus_x") }},
		{"customer and address", "", func(c *CreateCheckoutSession) { c.Customer, c.CustomerEmail = Some("cus_x"), Some("a@b.c") }},
		{"too short a life", "expires_at", func(c *CreateCheckoutSession) { c.ExpiresAt = Some(s.now + 60) }},
		{"payment data in subscription mode", "payment_intent_data", func(c *CreateCheckoutSession) { c.PaymentIntentData = Some(CheckoutPaymentData{}) }},
		{"a trial that ends tomorrow", "subscription_data[trial_end]", func(c *CreateCheckoutSession) {
			c.SubscriptionData = Some(CheckoutSubscriptionData{TrialEnd: Some(s.now + secondsPerDay)})
		}},
	} {
		if e := s.refuse(checkout(monthly, c.change)); e.Status != 400 || e.Param != c.param {
			t.Errorf("%s: got %d %q (%s), want param %q", c.name, e.Status, e.Param, e.Message, c.param)
		}
	}
}

func TestCheckoutCoveredByCreditCancelsItsPayment(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	customer := s.customer("")
	s.do(CreateCustomerBalanceTransaction{Customer: customer, Amount: Some[int64](-5000), Currency: Some("usd")})
	session := s.do(checkout(s.price("Premium", 2000), func(c *CreateCheckoutSession) { c.Customer = Some(customer) })).(*CheckoutSession)
	out := s.do(SubmitCheckout{Session: session.ID, Card: card(asksCard)}).(*CheckoutOutcome)
	s.do(ResolveChallenge{Intent: out.Challenge, Outcome: "succeed"})
	done := get[CheckoutSession](s, session.ID)
	if inv := s.invoice(done.Invoice); inv.Status != InvoicePaid || inv.AmountDue != 0 {
		t.Errorf("the invoice: %+v", inv)
	}
	if pi := get[PaymentIntent](s, out.Challenge); pi.Status != IntentCanceled || pi.LatestCharge != "" {
		t.Errorf("the payment: %+v", pi)
	}
	if left := get[Customer](s, customer).Balance; left != -3000 {
		t.Errorf("the credit left: %d", left)
	}
}
