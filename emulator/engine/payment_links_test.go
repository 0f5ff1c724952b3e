package engine

import "testing"

func (s *shop) link(price string, change ...func(*CreatePaymentLink)) *PaymentLink {
	s.Helper()
	c := CreatePaymentLink{LineItems: Some([]CheckoutLineParams{{Price: Some(price), Quantity: Some[int64](2)}})}
	for _, f := range change {
		f(&c)
	}
	return s.do(c).(*PaymentLink)
}

func TestAPaymentLinkBeginsASessionForEachWhoOpensIt(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.code("WELCOME", s.coupon("25", "once"))
	price := s.price("Premium", 2000)
	link := s.link(price, func(c *CreatePaymentLink) {
		c.CheckoutAskParams, c.AllowPromotionCodes, c.Metadata = asksAll(), Some(true), Some(map[string]string{"campaign": "spring"})
		c.SubscriptionData = Some(PaymentLinkSubscriptionData{Metadata: Some(map[string]string{"plan": "premium"})})
	})
	if events := s.events(); events[len(events)-1] != "payment_link.created" {
		t.Errorf("the last event is not the link's: %v", events)
	}
	first := s.do(OpenPaymentLink{Link: link.ID, Email: "ada@example.com", Code: "welcome", Reference: "ref_1"}).(*CheckoutSession)
	second := s.do(OpenPaymentLink{Link: link.ID, Email: "nobody", Code: "wrong"}).(*CheckoutSession)
	if first.ID == second.ID || first.Mode != ModeSubscription || first.PaymentLink != link.ID || first.AmountTotal != 3000 || second.AmountTotal != 4000 ||
		first.CustomerEmail != "ada@example.com" || second.CustomerEmail != "" || first.ClientReferenceID != "ref_1" || first.Metadata["campaign"] != "spring" {
		t.Fatalf("opened: %+v\n%+v", first, second)
	}
	done := s.do(SubmitCheckout{Session: first.ID, Card: card(goodCard), CheckoutAnswers: answersAll()}).(*CheckoutOutcome).Session
	if sub := s.sub(done.Subscription); sub.Metadata["plan"] != "premium" || *sub.Items[0].Quantity != 2 || s.latest(sub.ID).AmountPaid != 3000 {
		t.Errorf("subscribed: %+v", sub)
	}
	if got := get[PaymentLink](s, link.ID); got.Completed != 1 || !got.Active {
		t.Errorf("the link: %+v", got)
	}
}

func TestAPaymentLinkClosesAtItsLimitAndWhenItIsSwitchedOff(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	link := s.link(s.price("Premium", 2000), func(c *CreatePaymentLink) {
		c.LineItems = Some([]CheckoutLineParams{{Quantity: Some[int64](1), PriceData: Some(CheckoutPriceData{
			Currency: Some("usd"), UnitAmount: Some[int64](900), ProductData: Some(ProductData{Name: Some("Poster")})})}})
		c.Restrictions = Some(PaymentLinkRestrictions{PaymentLinkLimit{2}})
	})
	for range 2 {
		session := s.do(OpenPaymentLink{Link: link.ID}).(*CheckoutSession)
		if session.Mode != ModePayment || session.AmountTotal != 900 {
			t.Fatalf("opened: %+v", session)
		}
		s.do(SubmitCheckout{Session: session.ID, Email: "ada@example.com", Card: card(goodCard)})
	}
	if got := get[PaymentLink](s, link.ID); got.Active || got.Completed != 2 {
		t.Errorf("at its limit: %+v", got)
	}
	if e := s.refuse(OpenPaymentLink{Link: link.ID}); e.Status != 400 {
		t.Errorf("opened at its limit: %v", e)
	}
	s.do(UpdatePaymentLink{ID: link.ID, Active: Some(true), PaymentLinkParams: PaymentLinkParams{Restrictions: Clear[PaymentLinkRestrictions]()},
		LineItems: Some([]PaymentLinkLineChange{{ID: link.Lines[0].ID, Quantity: Some[int64](3)}})})
	if session := s.do(OpenPaymentLink{Link: link.ID}).(*CheckoutSession); session.AmountTotal != 2700 {
		t.Errorf("after the update: %+v", session)
	}
	s.do(UpdatePaymentLink{ID: link.ID, Active: Some(false)})
	s.refuse(OpenPaymentLink{Link: link.ID})
}

func TestPaymentLinksThatNoSessionCanBeMadeWithAreRefused(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	price := s.price("Premium", 2000)
	for name, c := range map[string]struct {
		change func(*CreatePaymentLink)
		param  string
	}{
		"no lines":                   {func(c *CreatePaymentLink) { c.LineItems = Opt[[]CheckoutLineParams]{} }, "line_items"},
		"a redirect to nowhere":      {func(c *CreatePaymentLink) { c.After = Some(PaymentLinkCompletion{Type: "redirect"}) }, "after_completion[redirect][url]"},
		"a limit of nothing":         {func(c *CreatePaymentLink) { c.Restrictions = Some(PaymentLinkRestrictions{}) }, "restrictions[completed_sessions][limit]"},
		"payment data of recurring":  {func(c *CreatePaymentLink) { c.PaymentIntentData = Some(PaymentLinkPaymentData{}) }, "payment_intent_data"},
		"customers of subscriptions": {func(c *CreatePaymentLink) { c.CustomerCreation = Some(CollectAlways) }, "customer_creation"},
		"an unknown price": {func(c *CreatePaymentLink) {
			c.LineItems = Some([]CheckoutLineParams{{Price: Some("price_x"), Quantity: Some[int64](1)}})
		}, "line_items[0][price]"},
		"a trial of no day": {func(c *CreatePaymentLink) {
			c.SubscriptionData = Some(PaymentLinkSubscriptionData{TrialPeriodDays: Some[int64](0)})
		}, "subscription_data[trial_period_days]"},
	} {
		cmd := CreatePaymentLink{LineItems: Some([]CheckoutLineParams{{Price: Some(price), Quantity: Some[int64](2)}})}
		c.change(&cmd)
		if e := s.refuse(cmd); e.Param != c.param {
			t.Errorf("%s: %+v", name, e)
		}
	}
	link := s.link(price)
	if e := s.refuse(UpdatePaymentLink{ID: link.ID, LineItems: Some([]PaymentLinkLineChange{{ID: "li_x"}})}); e.Param != "line_items[0][id]" {
		t.Errorf("another link's line: %v", e)
	}
	if e := s.refuse(UpdatePaymentLink{ID: "plink_x"}); e.Status != 404 {
		t.Errorf("an unknown link: %v", e)
	}
}
