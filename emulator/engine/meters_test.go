package engine

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// meter makes a meter of a formula for events of a name.
func (s *shop) meter(name, formula string, change ...func(*CreateMeter)) *Meter {
	s.Helper()
	cmd := CreateMeter{DisplayName: Some(name), EventName: Some(name), DefaultAggregation: Some(AggregationParams{Formula: Some(formula)})}
	for _, f := range change {
		f(&cmd)
	}
	return s.do(cmd).(*Meter)
}

// used is the report of a value at a moment.
func used(name, customer, value string, at int64) CreateMeterEvent {
	return CreateMeterEvent{
		EventName: Some(name), Timestamp: Some(at), Payload: Some(map[string]string{"stripe_customer_id": customer, "value": value}),
	}
}

func TestAMeterIsMadeNamedSwitchedOffAndOn(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.events()
	m := s.meter("calls", FormulaSum)
	if m.CustomerKey != "stripe_customer_id" || m.ValueKey != "value" || m.Status != StatusActive || !strings.HasPrefix(m.ID, "mtr_test_61") {
		t.Errorf("made %+v", m)
	}
	for _, c := range []struct {
		name, param string
		change      func(*CreateMeter)
	}{
		{"no name", "display_name", func(c *CreateMeter) { c.DisplayName = Opt[string]{} }},
		{"no event", "event_name", func(c *CreateMeter) { c.EventName = Some(" ") }},
		{"no formula", "default_aggregation[formula]", func(c *CreateMeter) { c.DefaultAggregation = Opt[AggregationParams]{} }},
		{"a formula of old", "default_aggregation[formula]", func(c *CreateMeter) { c.DefaultAggregation = Some(AggregationParams{Formula: Some("max")}) }},
		{"a window of minutes", "event_time_window", func(c *CreateMeter) { c.EventTimeWindow = Some("minute") }},
		{"a mapping without a type", "customer_mapping[type]", func(c *CreateMeter) { c.CustomerMapping = Some(CustomerMappingParams{EventPayloadKey: Some("who")}) }},
		{"one key for both", "value_settings[event_payload_key]", func(c *CreateMeter) {
			c.ValueSettings = Some(ValueSettingsParams{EventPayloadKey: Some("stripe_customer_id")})
		}},
		{"an event name in use", "event_name", func(c *CreateMeter) { c.EventName = Some("calls") }},
	} {
		cmd := CreateMeter{DisplayName: Some("x"), EventName: Some("x"), DefaultAggregation: Some(AggregationParams{Formula: Some(FormulaSum)})}
		c.change(&cmd)
		if e := s.refuse(cmd); e.Status != 400 || e.Param != c.param {
			t.Errorf("%s: got %d %q (%s), want %q", c.name, e.Status, e.Param, e.Message, c.param)
		}
	}
	s.wait(60)
	s.do(UpdateMeter{ID: m.ID, DisplayName: Some("API calls")})
	if again := s.do(UpdateMeter{ID: m.ID}).(*Meter); again.DisplayName != "API calls" || again.Updated != s.now {
		t.Errorf("renamed: %+v", again)
	}
	off := s.do(DeactivateMeter{ID: m.ID}).(*Meter)
	if off.Status != StatusInactive || off.DeactivatedAt != s.now {
		t.Errorf("switched off: %+v", off)
	}
	s.refuse(DeactivateMeter{ID: m.ID})
	if e := s.refuse(used("calls", s.customer(""), "1", s.now)); e.Message != `No active meter found for event name "calls".` {
		t.Errorf("event for an inactive meter: %v", e)
	}
	s.do(ReactivateMeter{ID: m.ID})
	s.refuse(ReactivateMeter{ID: m.ID})
	s.wantEvents("a meter's life", "billing.meter.created billing.meter.updated billing.meter.deactivated customer.created billing.meter.reactivated")
	for _, cmd := range []Command{UpdateMeter{ID: "mtr_x"}, DeactivateMeter{ID: "mtr_x"}, ReactivateMeter{ID: "mtr_x"}} {
		if e := s.refuse(cmd); e.Status != 404 || e.Param != "id" {
			t.Errorf("%s: %v", NameOf(cmd), e)
		}
	}
	s.do(DeactivateMeter{ID: m.ID})
	s.meter("calls", FormulaCount)
	if e := s.refuse(ReactivateMeter{ID: m.ID}); e.Param != "event_name" {
		t.Errorf("two meters of one event: %v", e)
	}
	for status, want := range map[string]int{StatusActive: 1, StatusInactive: 1} {
		if got, err := s.Query(ListMeters{Status: Some(status)}); err != nil || len(got.Data) != want {
			t.Errorf("%s meters: %v %v", status, got, err)
		}
	}
}

func TestAnEventNeedsItsCustomerItsValueAndItsTime(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.meter("calls", FormulaSum)
	customer := s.customer("")
	for _, c := range []struct {
		name, param, code string
		cmd               CreateMeterEvent
	}{
		{"no event name", "event_name", "parameter_missing", CreateMeterEvent{}},
		{"no payload", "payload", "parameter_missing", CreateMeterEvent{EventName: Some("calls")}},
		{"an unknown name", "event_name", "no_meter", used("cals", customer, "1", s.now)},
		{"no customer", "payload", "meter_event_no_customer_defined", used("calls", "", "1", s.now)},
		{"an unknown customer", "payload[stripe_customer_id]", "meter_event_customer_not_found", used("calls", "cus_x", "1", s.now)},
		{"no value", "payload", "meter_event_value_not_found", CreateMeterEvent{EventName: Some("calls"), Payload: Some(map[string]string{"stripe_customer_id": customer})}},
		{"a word", "payload[value]", "meter_event_invalid_value", used("calls", customer, "ten", s.now)},
		{"an empty value", "payload[value]", "meter_event_invalid_value", used("calls", customer, "", s.now)},
		{"thirteen places", "payload[value]", "meter_event_value_too_many_digits", used("calls", customer, "0.0000000000001", s.now)},
		{"sixteen digits", "payload[value]", "meter_event_value_too_many_digits", used("calls", customer, "1234567890123456", s.now)},
		{"too old", "timestamp", "timestamp_too_far_in_past", used("calls", customer, "1", s.now-35*secondsPerDay-1)},
		{"too new", "timestamp", "timestamp_in_future", used("calls", customer, "1", s.now+301)},
	} {
		if e := s.refuse(c.cmd); e.Status != 400 || e.Param != c.param || e.Code != c.code {
			t.Errorf("%s: got %d %q %q (%s), want %q %q", c.name, e.Status, e.Param, e.Code, e.Message, c.param, c.code)
		}
	}
	s.do(used("calls", customer, "1", s.now-35*secondsPerDay))
	s.do(used("calls", customer, "-0.5", s.now+300))
	cmd := used("calls", customer, "1", s.now)
	cmd.Identifier = Some("one")
	s.do(cmd)
	if e := s.refuse(cmd); e.Message != "An event already exists with identifier one." || e.Code != duplicateMeterEvent || e.Param != "" {
		t.Errorf("twice: %v", e)
	}
	s.wait(secondsPerDay)
	s.do(cmd)
}

func TestACanceledEventCountsNoMore(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	m, customer := s.meter("calls", FormulaSum), s.customer("")
	usage := func() string { return s.usage(m, customer, Period{0, timestampMost}).String() }
	cmd := used("calls", customer, "7", s.now)
	cmd.Identifier = Some("one")
	s.do(cmd)
	s.do(used("calls", customer, "2.25", s.now))
	take := CreateMeterEventAdjustment{EventName: Some("calls"), Type: Some("cancel"), Cancel: Some(CancelEventParams{Identifier: Some("one")})}
	for _, c := range []struct {
		name, param string
		change      func(*CreateMeterEventAdjustment)
	}{
		{"no event name", "event_name", func(c *CreateMeterEventAdjustment) { c.EventName = Opt[string]{} }},
		{"no type", "type", func(c *CreateMeterEventAdjustment) { c.Type = Opt[string]{} }},
		{"no identifier", "cancel[identifier]", func(c *CreateMeterEventAdjustment) { c.Cancel = Opt[CancelEventParams]{} }},
		{"another meter's", "cancel[identifier]", func(c *CreateMeterEventAdjustment) { c.EventName = Some("mails") }},
	} {
		wrong := take
		c.change(&wrong)
		if e := s.refuse(wrong); e.Param != c.param {
			t.Errorf("%s: %v", c.name, e)
		}
	}
	if got := usage(); got != "9.25" {
		t.Fatalf("used %s, want 9.25", got)
	}
	s.wait(secondsPerDay)
	if got := s.do(take).(*MeterEventAdjustment); got.Status != "pending" || got.Identifier != "one" || usage() != "2.25" {
		t.Errorf("adjusted %+v, used %s", got, usage())
	}
	s.refuse(take)
	late := used("calls", customer, "1", s.now)
	late.Identifier = Some("late")
	s.do(late)
	s.wait(secondsPerDay + 1)
	take.Cancel = Some(CancelEventParams{Identifier: Some("late")})
	s.refuse(take)
}

func TestEventsAggregateByTheMetersFormula(t *testing.T) {
	t.Parallel()
	const hour = 3600
	for _, c := range []struct{ name, formula, window, events, want string }{
		{"the sum adds decimals and takes off", FormulaSum, "", "0:1.5 10:2 20:-0.25", "3.25"},
		{"the count looks at no value", FormulaCount, "", "0:1.5 10:2 20:7", "3"},
		{"the last is the latest by its time, not by its arrival", FormulaLast, "", "20:7 0:1.5 10:2", "7"},
		{"of two at one time the last to arrive is the last", FormulaLast, "", "20:7 20:9 10:2", "9"},
		{"without any event the last is 0", FormulaLast, "", "", "0"},
		{"hourly events replace one another", FormulaSum, "hour", "0:5 3599:6 3600:1", "7"},
		{"daily events replace one another", FormulaSum, "day", "0:5 3600:6 86400:1", "7"},
		{"what lies outside is left out", FormulaSum, "", "-1:5 0:1 172800:9", "1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := openShop(t)
			s.waitUntil("2026-02-10 00:00:00")
			start := s.now - 3*24*hour
			m := s.meter("calls", c.formula, func(p *CreateMeter) {
				if c.window != "" {
					p.EventTimeWindow = Some(c.window)
				}
			})
			customer, other := s.customer(""), s.customer("")
			for _, e := range strings.Fields(c.events) {
				var at int64
				var value string
				if _, err := fmt.Sscanf(strings.Replace(e, ":", " ", 1), "%d %s", &at, &value); err != nil {
					t.Fatal(err)
				}
				s.do(used("calls", customer, value, start+at))
				s.do(used("calls", other, "100", start+at))
			}
			if got := s.usage(m, customer, Period{start, start + 48*hour}).String(); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestSummariesOfWindowsAddUpToTheWhole(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		s := openShop(t)
		s.waitUntil("2026-02-10 00:00:00")
		m, customer := s.meter("calls", FormulaSum), s.customer("")
		start := s.now - 4*secondsPerDay
		for range rapid.IntRange(0, 12).Draw(r, "events") {
			value := Decimal{rapid.Int64Range(-50, 50).Draw(r, "whole"), rapid.Int64Range(0, picosPerUnit-1).Draw(r, "pico")}
			s.do(used("calls", customer, value.String(), start+rapid.Int64Range(0, 4*secondsPerDay-1).Draw(r, "at")))
		}
		ask := ListMeterEventSummaries{
			ID: m.ID, Customer: Some(customer), StartTime: Some(start), EndTime: Some(s.now), Page: Page{Limit: Some[int64](100)},
		}
		sum := func() (Decimal, int) {
			got, err := s.Query(ask)
			if err != nil {
				r.Fatal(err)
			}
			total := Decimal{}
			for _, o := range got.Data {
				total = total.plus(o.(*MeterEventSummary).Value)
			}
			return total, len(got.Data)
		}
		whole, one := sum()
		ask.ValueGroupingWindow = Some("day")
		days, four := sum()
		ask.ValueGroupingWindow = Some("hour")
		hours, many := sum()
		if one != 1 || four != 4 || many != 96 || days != whole || hours != whole {
			r.Fatalf("%s in %d, %s in %d, %s in %d", whole, one, days, four, hours, many)
		}
	})
}

func TestSummariesAskForAlignedTimes(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	m, customer := s.meter("calls", FormulaSum), s.customer("")
	ask := func(start, end int64, window string) ListMeterEventSummaries {
		q := ListMeterEventSummaries{ID: m.ID, Customer: Some(customer), StartTime: Some(start), EndTime: Some(end)}
		if window != "" {
			q.ValueGroupingWindow = Some(window)
		}
		return q
	}
	for _, c := range []struct {
		name, param string
		q           ListMeterEventSummaries
	}{
		{"no customer", "customer", ListMeterEventSummaries{ID: m.ID}},
		{"an unknown customer", "customer", ListMeterEventSummaries{ID: m.ID, Customer: Some("cus_x")}},
		{"no start", "start_time", ListMeterEventSummaries{ID: m.ID, Customer: Some(customer)}},
		{"an unknown meter", "id", ListMeterEventSummaries{ID: "mtr_x"}},
		{"off the minute", "start_time", ask(61, 120, "")},
		{"off the hour", "end_time", ask(3600, 7260, "hour")},
		{"off the day", "start_time", ask(3600, 86400, "day")},
		{"backwards", "end_time", ask(120, 60, "")},
		{"too many", "end_time", ask(0, 3600*20_000, "hour")},
	} {
		_, err := s.Query(c.q)
		if e, ok := err.(*Error); !ok || e.Param != c.param {
			t.Errorf("%s: got %v, want a refusal of %s", c.name, err, c.param)
		}
	}
	got, err := s.Query(ask(0, 3600*30, "hour"))
	if err != nil || len(got.Data) != 10 || !got.HasMore {
		t.Fatalf("got %v, %v", got, err)
	}
	last := got.Data[9].(*MeterEventSummary)
	if first := got.Data[0].(*MeterEventSummary); first.Span != (Period{29 * 3600, 30 * 3600}) {
		t.Errorf("the first is %+v, want the newest", first)
	}
	next := ask(0, 3600*30, "hour")
	next.StartingAfter = Some(last.ID)
	if got, err = s.Query(next); err != nil || got.Data[0].(*MeterEventSummary).Span.End != last.Span.Start {
		t.Errorf("the next page: %v, %v", got, err)
	}
}
