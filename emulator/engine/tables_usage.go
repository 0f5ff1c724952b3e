package engine

// usageTables hold what is measured, and the credit that pays for it.
type usageTables struct {
	meters       *table[Meter]
	meterEvents  *table[MeterEvent]
	usageRecords *table[UsageRecord]
}

func (ts *usageTables) open() []anyTable {
	ts.meters = newTable("billing.meter", func(o *Meter) string { return o.ID }).
		by("event_name", func(o *Meter) string { return hideIf(o.Status != StatusActive, o.EventName) })
	ts.meterEvents = newTable("billing.meter_event", func(o *MeterEvent) string { return o.ID }).
		by("usage", func(o *MeterEvent) string { return hideIf(o.Canceled, usageKey(o.Meter, o.Customer)) }).
		by("identifier", func(o *MeterEvent) string { return o.Identifier })
	ts.usageRecords = newTable("usage_record", func(o *UsageRecord) string { return o.ID }).
		by("item", func(o *UsageRecord) string { return o.Item })
	return []anyTable{ts.meters, ts.meterEvents, ts.usageRecords}
}

// usageKey is what the events of one customer on one meter share.
func usageKey(meter, customer string) string { return meter + " " + customer }
