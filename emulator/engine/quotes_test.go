package engine

import "testing"

// quote makes an open quote of prices.
func (s *shop) quote(customer string, change func(*CreateQuote), prices ...string) *Quote {
	s.Helper()
	cmd := CreateQuote{QuoteParams: QuoteParams{Customer: Some(customer)}}
	var lines []QuoteLineParams
	for _, price := range prices {
		lines = append(lines, QuoteLineParams{Price: Some(price)})
	}
	cmd.LineItems = Some(lines)
	if change != nil {
		change(&cmd)
	}
	q := s.do(cmd).(*Quote)
	return s.do(FinalizeQuote{ID: q.ID}).(*Quote)
}

func TestAQuoteOfTheFutureBecomesASchedule(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	customer := s.customer("pm_card_visa")
	start := s.now + 5*secondsPerDay
	q := s.quote(customer, func(c *CreateQuote) {
		c.SubscriptionData = Some(QuoteSubscriptionParams{EffectiveDate: Some(At(start)), Metadata: Some(map[string]string{"deal": "1"})})
	}, s.price("Basic", 1000))
	s.events()
	q = s.do(AcceptQuote{ID: q.ID}).(*Quote)
	s.wantEvents("accepted", "subscription_schedule.created quote.accepted")
	sc := s.sched(q.SubscriptionSchedule)
	if sc.Status != ScheduleNotStarted || sc.Phases[0].Start != start || q.Subscription != "" {
		t.Errorf("became %+v", sc)
	}
	s.wait(5*secondsPerDay + 3600)
	sub := s.sub(s.sched(sc.ID).Subscription)
	if inv := s.latest(sub.ID); inv.AmountPaid != 1000 || sub.Metadata["deal"] != "1" {
		t.Errorf("started %+v", sub)
	}
}

func TestQuotesExpireAndRefuseWhatTheyCannotBe(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	customer, basic := s.customer("pm_card_visa"), s.price("Basic", 1000)
	q := s.quote(customer, nil, basic)
	s.wait(30*secondsPerDay - 1)
	s.events()
	s.wait(1)
	s.wantEvents("after 30 days", "quote.canceled")
	s.refuse(AcceptQuote{ID: q.ID})
	s.refuse(UpdateQuote{ID: q.ID})
	empty := s.do(CreateQuote{}).(*Quote)
	if e := s.refuse(FinalizeQuote{ID: empty.ID}); e.Param != "customer" {
		t.Errorf("got %v", e)
	}
	for param, p := range map[string]QuoteParams{
		"customer":                             {Customer: Some("cus_none")},
		"line_items[0][price]":                 {LineItems: Some([]QuoteLineParams{{Price: Some("price_none")}})},
		"line_items[0][id]":                    {LineItems: Some([]QuoteLineParams{{ID: Some("li_none")}})},
		"expires_at":                           {ExpiresAt: Some(s.now)},
		"invoice_settings[days_until_due]":     {CollectionMethod: Some(InvoiceByMail)},
		"discounts[0][coupon]":                 {Discounts: byCoupon("NONE")},
		"subscription_data[trial_period_days]": {SubscriptionData: Some(QuoteSubscriptionParams{TrialPeriodDays: Some[int64](5000)})},
	} {
		if e := s.refuse(UpdateQuote{ID: empty.ID, QuoteParams: p}); e.Param != param {
			t.Errorf("%s: got %v about %s", param, e, e.Param)
		}
	}
}

func TestATrialOfAQuoteIsDueLater(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	setup := s.do(CreatePrice{Currency: Some("usd"), UnitAmount: Some[int64](700), ProductData: Some(ProductData{Name: Some("Setup")})}).(*Price).ID
	q := s.quote(s.customer("pm_card_visa"), func(c *CreateQuote) {
		c.SubscriptionData = Some(QuoteSubscriptionParams{TrialPeriodDays: Some[int64](10)})
	}, s.price("Basic", 1000), setup)
	if q.Totals.Total != 1700 || q.Upfront.Total != 700 || q.Recurring.Total != 1000 {
		t.Errorf("comes to %d, now %d, then %d", q.Totals.Total, q.Upfront.Total, q.Recurring.Total)
	}
	q = s.do(AcceptQuote{ID: q.ID}).(*Quote)
	if inv := s.latest(q.Subscription); inv.Total != q.Upfront.Total || s.sub(q.Subscription).Status != SubTrialing {
		t.Errorf("billed %s", lines(inv))
	}
}
