package engine

import "testing"

// Rows: C3.
func TestAnchorByCalendarPartsKeepsItsDayForEver(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.now = unix(t, "2026-02-10 08:30:00")
	sub := s.subscribe(s.customer("pm_card_visa"), s.price("Pro", 2800), func(c *CreateSubscription) {
		c.BillingCycleAnchorConfig = Some(AnchorConfigParams{DayOfMonth: Some[int64](31), Hour: Some[int64](0), Minute: Some[int64](0), Second: Some[int64](0)})
		c.ProrationBehavior = Some(NoProrations)
	})
	if sub.BillingCycleAnchor != unix(t, "2026-03-31") {
		t.Errorf("anchor %d", sub.BillingCycleAnchor)
	}
	for _, want := range []string{"2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31"} {
		end := s.sub(sub.ID).periodEnd()
		if end != unix(t, want) {
			t.Fatalf("the period ends %d, want %s", end, want)
		}
		s.wait(end - s.now)
	}
	for name, c := range map[string]AnchorConfigParams{
		"billing_cycle_anchor_config[day_of_month]": {Hour: Some[int64](3)},
		"billing_cycle_anchor_config[hour]":         {DayOfMonth: Some[int64](3), Hour: Some[int64](24)},
	} {
		e := s.refuse(CreateSubscription{Customer: Some(sub.Customer), Items: items(s.price("Other", 100)), BillingCycleAnchorConfig: Some(c)})
		if e.Param != name {
			t.Errorf("refused %q, want %q", e.Param, name)
		}
	}
}

func TestLeapDayAnchorIsFound(t *testing.T) {
	t.Parallel()
	february := int64(2)
	c := BillingCycleAnchorConfig{DayOfMonth: 29, Month: &february}
	if got := c.next(unix(t, "2026-05-01 10:00:00")); got != unix(t, "2028-02-29 10:00:00") {
		t.Errorf("got %d", got)
	}
}

func TestPausedCollectionDisposesOfNewInvoices(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]string{PauseKeepAsDraft: InvoiceDraft, PauseVoid: InvoiceVoid, PauseMarkUncollectible: InvoiceUncollectible} {
		t.Run(word, func(t *testing.T) {
			t.Parallel()
			s := openShop(t)
			sub := s.subscribe(s.customer("pm_card_visa"), s.price("Pro", 2000))
			resumes := sub.periodEnd() + 5*secondsPerDay
			s.events()
			s.do(UpdateSubscription{ID: sub.ID, PauseCollection: Some(PauseCollectionParams{Behavior: Some(word), ResumesAt: Some(resumes)})})
			s.wantEvents("paused", "customer.subscription.updated")
			s.wait(sub.periodEnd() - s.now + 2*3600)
			if got := s.latest(sub.ID); got.Status != want || s.sub(sub.ID).Status != SubActive {
				t.Errorf("invoice %s, subscription %s", got.Status, s.sub(sub.ID).Status)
			}
			s.wait(resumes - s.now)
			if s.sub(sub.ID).PauseCollection != nil {
				t.Error("the pause did not end")
			}
			s.wait(s.sub(sub.ID).periodEnd() - s.now + 3600)
			if got := s.latest(sub.ID); got.Status != InvoicePaid {
				t.Errorf("after the pause: %s", got.Status)
			}
		})
	}
}

func TestParametersOfSubscriptionsAreChecked(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	price, customer := s.price("Pro", 2000), s.customer("pm_card_visa")
	once := s.price("Once", 100, func(c *CreatePrice) { c.Recurring = Opt[RecurringParam]{} })
	euro := s.price("Euro", 100, func(c *CreatePrice) { c.Currency = Some("eur") })
	s.do(UpdatePrice{ID: s.price("Old", 100), Active: Some(false)})
	sub := s.subscribe(customer, price)
	item := sub.Items[0].ID
	foreign := s.do(AttachPaymentMethod{ID: "pm_card_visa", Customer: Some(s.customer(""))}).(*PaymentMethod).ID
	for _, c := range []struct {
		name, code, param string
		cmd               Command
	}{
		{"no customer", "parameter_missing", "customer", CreateSubscription{Items: items(price)}},
		{"unknown customer", "resource_missing", "customer", CreateSubscription{Customer: Some("cus_x"), Items: items(price)}},
		{"no items", "parameter_missing", "items", CreateSubscription{Customer: Some(customer)}},
		{"unknown price", "resource_missing", "items[0][price]", CreateSubscription{Customer: Some(customer), Items: items("price_x")}},
		{"one-time price", "", "items[0][price]", CreateSubscription{Customer: Some(customer), Items: items(once)}},
		{"the same price twice", "", "items[1][price]", CreateSubscription{Customer: Some(customer), Items: items(price, price)}},
		{"another currency", "", "", CreateSubscription{Customer: Some(customer), Items: items(euro)}},
		{"a foreign card", "resource_missing", "default_payment_method", CreateSubscription{Customer: Some(customer), Items: items(price), DefaultPaymentMethod: Some(foreign)}},
		{"an unknown behavior", "", "payment_behavior", CreateSubscription{Customer: Some(customer), Items: items(price), PaymentBehavior: Some("pending_if_incomplete")}},
		{"a trial in the past", "", "trial_end", CreateSubscription{Customer: Some(customer), Items: items(price), TrialEnd: Some(At(s.now - 1))}},
		{"two ways of a trial", "parameters_exclusive", "", CreateSubscription{Customer: Some(customer), Items: items(price), TrialEnd: Some(At(s.now + 9)), TrialPeriodDays: Some[int64](1)}},
		{"an anchor too far ahead", "", "billing_cycle_anchor", CreateSubscription{Customer: Some(customer), Items: items(price), BillingCycleAnchor: Some(s.now + 60*secondsPerDay)}},
		{"due days without mail", "", "days_until_due", CreateSubscription{Customer: Some(customer), Items: items(price), DaysUntilDue: Some[int64](3)}},
		{"an unknown subscription", "resource_missing", "id", UpdateSubscription{ID: "sub_x"}},
		{"an unknown item", "resource_missing", "items[0][id]", UpdateSubscription{ID: sub.ID, SubscriptionChange: SubscriptionChange{Items: Some([]ItemChange{{ID: Some("si_x")}})}}},
		{"the last item deleted", "", "items", UpdateSubscription{ID: sub.ID, SubscriptionChange: SubscriptionChange{Items: Some([]ItemChange{{ID: Some(item), Deleted: Some(true)}})}}},
		{"a date outside of the period", "", "proration_date", UpdateSubscription{ID: sub.ID, SubscriptionChange: SubscriptionChange{ProrationDate: Some(s.now - 5)}}},
		{"a negative quantity", "parameter_invalid_integer", "quantity", UpdateSubscriptionItem{ID: item, SubscriptionItemParams: SubscriptionItemParams{Quantity: Some[int64](-1)}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := s.Digest()
			if e := s.refuse(c.cmd); e.Code != c.code || e.Param != c.param {
				t.Errorf("code %q, param %q: %v", e.Code, e.Param, e)
			}
			if s.Digest() != before {
				t.Error("the refusal left something behind")
			}
		})
	}
}

func TestTrialShortOfTheAnchorIsFollowedByAPartialPeriod(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.now = unix(t, "2026-04-01")
	sub := s.subscribe(s.customer("pm_card_visa"), s.price("Pro", 3000), func(c *CreateSubscription) {
		c.TrialEnd, c.BillingCycleAnchor = Some(At(unix(t, "2026-04-16"))), Some(unix(t, "2026-05-01"))
	})
	s.waitUntil("2026-04-16 01:00:00")
	if got := lines(s.latest(sub.ID)); got != "1500 Remaining time on Pro after 16 Apr 2026" {
		t.Errorf("after the trial: %s", got)
	}
	s.waitUntil("2026-05-01 01:00:00")
	if got := lines(s.latest(sub.ID)); got != "3000 1 × Pro (at $30.00 / month)" {
		t.Errorf("from the anchor on: %s", got)
	}
}

func TestBillingModeFollowsTheRequestsVersion(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	price, customer := s.price("Pro", 2000), s.customer("pm_card_visa")
	for version, want := range map[string]string{
		"": ModeFlexible, "2024-06-20": ModeClassic, "2025-08-27.basil": ModeClassic, "2025-09-30.clover": ModeFlexible, "2026-10-28.endive": ModeFlexible,
	} {
		got, err := s.Apply(CreateSubscription{Customer: Some(customer), Items: items(price)}, Request{Version: version}, s.now)
		if err != nil || got.(*Subscription).BillingMode.Type != want {
			t.Errorf("version %q: got %+v, %v, want %s", version, got, err, want)
		}
	}
}
