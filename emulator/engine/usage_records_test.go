package engine

import (
	"strings"
	"testing"
)

// acacia is the last version in which usage was recorded on subscription items.
const acacia = "2025-02-24.acacia"

// doOld applies a command that a request of an old version made.
func (s *shop) doOld(cmd Command) Result {
	s.Helper()
	got, err := s.Apply(cmd, Request{ID: "req_old", Version: acacia}, s.now)
	if err != nil {
		s.Fatalf("%s: %v", NameOf(cmd), err)
	}
	s.check()
	return got
}

// recordedPrice makes a monthly price of recorded usage.
func (s *shop) recordedPrice(name, aggregate string) string {
	s.Helper()
	r := RecurringParam{Interval: Some("month"), UsageType: Some(Metered)}
	if aggregate != "" {
		r.AggregateUsage = Some(aggregate)
	}
	return s.doOld(CreatePrice{
		Currency: Some("usd"), ProductData: Some(ProductData{Name: Some(name)}), UnitAmount: Some[int64](10), Recurring: Some(r),
	}).(*Price).ID
}

// record reports usage of an item at a moment.
func record(item string, quantity, at int64, action string) CreateUsageRecord {
	c := CreateUsageRecord{Item: item, Quantity: Some(quantity), Timestamp: Some(At(at))}
	if action != "" {
		c.Action = Some(action)
	}
	return c
}

func TestMeteredPricesNeedAMeterSinceBasil(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	m := s.meter("calls", FormulaSum)
	make := func(version string, r RecurringParam) error {
		r.Interval = Some("month")
		_, err := s.Apply(CreatePrice{
			Currency: Some("usd"), ProductData: Some(ProductData{Name: Some("x")}), UnitAmount: Some[int64](10), Recurring: Some(r),
		}, Request{Version: version}, s.now)
		return err
	}
	metered := RecurringParam{UsageType: Some(Metered)}
	if err := make("2025-03-31.basil", metered); err == nil || !strings.Contains(err.Error(), "metered prices must be backed by meters.") {
		t.Errorf("basil: %v", err)
	}
	if err := make(acacia, metered); err != nil {
		t.Errorf("acacia: %v", err)
	}
	for _, c := range []struct {
		name, version, param string
		r                    RecurringParam
	}{
		{"an unknown meter", "", "recurring[meter]", RecurringParam{UsageType: Some(Metered), Meter: Some("mtr_x")}},
		{"a meter for seats", "", "recurring[meter]", RecurringParam{Meter: Some(m.ID)}},
		{"records today", "2026-06-24.dahlia", "recurring[aggregate_usage]", RecurringParam{UsageType: Some(Metered), AggregateUsage: Some(AggregateMax)}},
		{"records of seats", acacia, "recurring[aggregate_usage]", RecurringParam{AggregateUsage: Some(AggregateMax)}},
		{"records and a meter", acacia, "recurring[aggregate_usage]", RecurringParam{UsageType: Some(Metered), Meter: Some(m.ID), AggregateUsage: Some(AggregateMax)}},
		{"an unknown aggregate", acacia, "recurring[aggregate_usage]", RecurringParam{UsageType: Some(Metered), AggregateUsage: Some("mean")}},
		{"an unknown type", "", "recurring[usage_type]", RecurringParam{UsageType: Some("leased")}},
	} {
		e, ok := make(c.version, c.r).(*Error)
		if !ok || e.Param != c.param {
			t.Errorf("%s: %v", c.name, e)
		}
	}
	s.do(DeactivateMeter{ID: m.ID})
	if e := s.refuse(CreatePlan{Amount: Some[int64](1), Currency: Some("usd"), Interval: Some("month"), UsageType: Some(Metered), Meter: Some(m.ID),
		Product: Some(PlanProduct{Name: Some("x")})}); e.Param != "meter" {
		t.Errorf("a plan of an inactive meter: %v", e)
	}
}

func TestRecordsOfOldAggregateAsThePriceSays(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		aggregate, records string
		want               int64 // of the first period
		next               int64 // of the second, which has no records
	}{
		{"", "1:5 2:7", 12, 0},
		{AggregateSum, "1:5 1:3 2:7", 15, 0},
		{AggregateSum, "1:5 1=3 2:7", 10, 0},
		{AggregateMax, "1:5 2:9 3:7", 9, 0},
		{AggregateLast, "3:7 1:5", 7, 0},
		{AggregateLastOfEver, "3:7 1:5", 7, 7},
	} {
		s := openShop(t)
		sub := s.subscribe(s.customer("pm_card_visa"), s.recordedPrice("Calls", c.aggregate))
		item := sub.Items[0].ID
		start := s.now
		s.wait(10 * secondsPerDay)
		for _, r := range strings.Fields(c.records) {
			action := ""
			if strings.Contains(r, "=") {
				action = "set"
			}
			s.doOld(record(item, int64(r[2]-'0'), start+int64(r[0]-'0')*secondsPerDay, action))
		}
		s.waitUntil("2026-02-28 14:00:00")
		if inv := s.latest(sub.ID); inv.Total != c.want*10 {
			t.Errorf("%s of %s: %s", c.aggregate, c.records, spans(inv))
		}
		s.waitUntil("2026-03-31 14:00:00")
		if inv := s.latest(sub.ID); inv.Total != c.next*10 {
			t.Errorf("%s of %s, the period after: %s", c.aggregate, c.records, spans(inv))
		}
		found, err := s.Query(ListUsageRecordSummaries{Item: item})
		if err != nil || len(found.Data) != 3 {
			t.Fatalf("summaries %v, %v", found, err)
		}
		running, first := found.Data[0].(*UsageRecordSummary), found.Data[2].(*UsageRecordSummary)
		if running.Invoice != "" || running.Total != c.next || first.Total != c.want || first.Invoice == "" || first.Period.Start != start {
			t.Errorf("%s: summaries %+v … %+v", c.aggregate, running, first)
		}
	}
}

func TestRecordsKeepToTheRunningPeriod(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	sub := s.subscribe(s.customer("pm_card_visa"), s.recordedPrice("Calls", ""))
	item := sub.Items[0].ID
	seat := s.subscribe(s.customer("pm_card_visa"), s.price("Seat", 100)).Items[0].ID
	for _, c := range []struct {
		name, param string
		cmd         CreateUsageRecord
	}{
		{"an unknown item", "subscription_item", record("si_x", 1, s.now, "")},
		{"seats", "", record(seat, 1, s.now, "")},
		{"no quantity", "quantity", CreateUsageRecord{Item: item}},
		{"less than nothing", "quantity", record(item, -1, s.now, "")},
		{"an unknown action", "action", record(item, 1, s.now, "add")},
		{"ahead", "timestamp", record(item, 1, s.now+1, "")},
		{"before the period", "timestamp", record(item, 1, s.now-1, "")},
		{"a word", "timestamp", CreateUsageRecord{Item: item, Quantity: Some[int64](1), Timestamp: Some(Instant{Word: "soon"})}},
	} {
		if e := s.refuse(c.cmd); e.Param != c.param {
			t.Errorf("%s: %v", c.name, e)
		}
	}
	s.doOld(CreateUsageRecord{Item: item, Quantity: Some[int64](3)})
	end := sub.periodEnd()
	s.wait(end + usageGraceSeconds - s.now)
	s.doOld(record(item, 4, end-1, "")) // a little late
	s.wait(1)
	if e := s.refuse(record(item, 4, end-1, "")); e.Param != "timestamp" {
		t.Errorf("too late: %v", e)
	}
	s.wait(2 * 3600)
	if inv := s.latest(sub.ID); inv.Total != 70 {
		t.Errorf("billed %s", spans(inv))
	}
}

func TestRemovingAnItemWithRecordsHasToClearThem(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	customer := s.customer("pm_card_visa")
	fixed, calls, mails := s.price("Base", 2000), s.recordedPrice("Calls", ""), s.recordedPrice("Mails", "")
	sub := s.subscribe(customer, fixed, func(c *CreateSubscription) { c.Items = items(fixed, calls) })
	item := sub.Items[1].ID
	s.wait(secondsPerDay)
	s.doOld(record(item, 5, s.now, ""))
	if e := s.refuse(DeleteSubscriptionItem{ID: item}); e.Param != "clear_usage" {
		t.Errorf("without clear_usage: %v", e)
	}
	swap := func(to string, clear bool) UpdateSubscription {
		return UpdateSubscription{ID: sub.ID, SubscriptionChange: SubscriptionChange{Items: Some([]ItemChange{{
			ID: Some(item), ClearUsage: Some(clear), SubscriptionItemParams: SubscriptionItemParams{Price: Some(to)},
		}})}}
	}
	total := func() int64 { return s.do(CreatePreview{Subscription: Some(sub.ID)}).(*Invoice).Total }
	if s.do(swap(mails, false)); total() != 2050 {
		t.Errorf("the usage did not follow its item: %d", total())
	}
	if s.do(swap(calls, true)); total() != 2000 {
		t.Errorf("the usage was not cleared: %d", total())
	}
	s.doOld(record(item, 5, s.now, ""))
	s.do(DeleteSubscriptionItem{ID: item, ClearUsage: Some(true)})
	if total() != 2000 || len(s.tables.usageRecords.all("item", item)) != 0 {
		t.Errorf("removed with its usage: %d", total())
	}
}
