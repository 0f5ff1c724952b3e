package engine

import "testing"

// watch makes an alert on a meter, for everybody or one customer.
func watch(m *Meter, gte int64, customer string) CreateAlert {
	p := UsageThresholdParams{GTE: Some(gte), Meter: Some(m.ID), Recurrence: Some("one_time")}
	if customer != "" {
		p.Filters = Some([]AlertFilterParams{{Customer: Some(customer), Type: Some("customer")}})
	}
	return CreateAlert{AlertType: Some("usage_threshold"), Title: Some("Much"), UsageThreshold: Some(p)}
}

func TestAnAlertTriggersOncePerCustomer(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	m, ada, bob := s.meter("calls", FormulaSum), s.customer(""), s.customer("")
	s.use(ada, "100") // before the alert: not counted
	s.wait(1)
	alert := s.do(watch(m, 10, "")).(*Alert)
	s.do(watch(m, 1000, bob))
	s.events()
	s.use(ada, "9.5")
	s.wantEvents("below", "")
	s.use(ada, "0.5")
	s.use(ada, "50")
	s.use(bob, "11")
	s.wantEvents("reached", "billing.alert.triggered billing.alert.triggered")
	if e := s.EventsSince(s.LastEventSeq() - 1)[0].Object.(*AlertTriggered); e.Customer != bob || e.Value.String() != "11" || e.Alert.ID != alert.ID {
		t.Errorf("triggered %+v", e)
	}
	s.do(DeactivateAlert{ID: alert.ID})
	carl := s.customer("")
	s.events()
	s.use(carl, "99")
	s.wantEvents("inactive", "")
	s.wait(1)
	s.do(ActivateAlert{ID: alert.ID})
	s.use(ada, "10")
	s.wantEvents("again", "billing.alert.triggered")
	if archived := s.do(ArchiveAlert{ID: alert.ID}).(*Alert); archived.Status != StatusArchived {
		t.Errorf("archived %+v", archived)
	}
	for _, cmd := range []Command{ArchiveAlert{ID: alert.ID}, ActivateAlert{ID: alert.ID}, DeactivateAlert{ID: "alrt_x"}} {
		if e := s.refuse(cmd); e.Status != 404 {
			t.Errorf("%s: %v", NameOf(cmd), e)
		}
	}
	if got, err := s.Query(ListAlerts{Meter: Some(m.ID)}); err != nil || len(got.Data) != 1 {
		t.Errorf("listed %v, %v", got, err)
	}
}

func TestAnAlertIsChecked(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	m := s.meter("calls", FormulaSum)
	threshold := func(change func(*UsageThresholdParams)) func(*CreateAlert) {
		return func(c *CreateAlert) { change(c.UsageThreshold.Fill().(*UsageThresholdParams)) }
	}
	for _, c := range []struct {
		name, param string
		change      func(*CreateAlert)
	}{
		{"no type", "alert_type", func(c *CreateAlert) { c.AlertType = Opt[string]{} }},
		{"no title", "title", func(c *CreateAlert) { c.Title = Some("") }},
		{"no threshold", "usage_threshold", func(c *CreateAlert) { c.UsageThreshold = Opt[UsageThresholdParams]{} }},
		{"no bound", "usage_threshold[gte]", threshold(func(p *UsageThresholdParams) { p.GTE = Opt[int64]{} })},
		{"a bound of 0", "usage_threshold[gte]", threshold(func(p *UsageThresholdParams) { p.GTE = Some[int64](0) })},
		{"no meter", "usage_threshold[meter]", threshold(func(p *UsageThresholdParams) { p.Meter = Some("mtr_x") })},
		{"no recurrence", "usage_threshold[recurrence]", threshold(func(p *UsageThresholdParams) { p.Recurrence = Opt[string]{} })},
		{"two filters", "usage_threshold[filters]", threshold(func(p *UsageThresholdParams) { p.Filters = Some(make([]AlertFilterParams, 2)) })},
		{"a filter of no type", "usage_threshold[filters][0][type]", threshold(func(p *UsageThresholdParams) { p.Filters = Some(make([]AlertFilterParams, 1)) })},
		{"a stranger", "usage_threshold[filters][0][customer]", threshold(func(p *UsageThresholdParams) {
			p.Filters = Some([]AlertFilterParams{{Type: Some("customer"), Customer: Some("cus_x")}})
		})},
	} {
		cmd := watch(m, 10, "")
		c.change(&cmd)
		if e := s.refuse(cmd); e.Status != 400 || e.Param != c.param {
			t.Errorf("%s: got %d %q (%s), want %q", c.name, e.Status, e.Param, e.Message, c.param)
		}
	}
	for range alertsMax {
		s.do(watch(m, 10, ""))
	}
	s.refuse(watch(m, 10, ""))
	s.do(watch(m, 10, s.customer("")))
}

func TestFeedbackOptionsAreWordedAndSwitchedOff(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	if e := s.refuse(CreateFeedbackOption{}); e.Param != "description" {
		t.Errorf("without words: %v", e)
	}
	o := s.do(CreateFeedbackOption{Description: Some("Too loud")}).(*FeedbackOption)
	if o = s.do(UpdateFeedbackOption{ID: o.ID, Description: Some("Too noisy")}).(*FeedbackOption); o.Description != "Too noisy" {
		t.Errorf("reworded %+v", o)
	}
	if o = s.do(DeactivateFeedbackOption{ID: o.ID}).(*FeedbackOption); o.Status != StatusInactive || o.DeactivatedAt != s.now {
		t.Errorf("off %+v", o)
	}
	s.refuse(DeactivateFeedbackOption{ID: o.ID})
	s.refuse(UpdateFeedbackOption{ID: "bfo_x"})
	s.refuse(DeactivateFeedbackOption{ID: "bfo_x"})
	if got, err := s.Query(ListFeedbackOptions{Status: Some(StatusActive)}); err != nil || len(got.Data) != 0 {
		t.Errorf("active: %v, %v", got, err)
	}
}
