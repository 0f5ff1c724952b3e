package engine

// usageTables hold what is measured, and the credit that pays for it.
type usageTables struct {
	meters       *table[Meter]
	meterEvents  *table[MeterEvent]
	usageRecords *table[UsageRecord]
	creditGrants *table[CreditGrant]
	creditMoves  *table[CreditBalanceTransaction]
	alerts       *table[Alert]
	alarms       *table[AlertTriggered]
	feedback     *table[FeedbackOption]

	meterSessions *table[MeterEventSession]
}

func (ts *usageTables) open() []anyTable {
	ts.meters = newTable("billing.meter", func(o *Meter) string { return o.ID }).
		by("event_name", func(o *Meter) string { return hideIf(o.Status != StatusActive, o.EventName) })
	ts.meterEvents = newTable("billing.meter_event", func(o *MeterEvent) string { return o.ID }).
		by("usage", func(o *MeterEvent) string { return hideIf(o.Canceled, usageKey(o.Meter, o.Customer)) }).
		by("identifier", func(o *MeterEvent) string { return o.Identifier })
	ts.usageRecords = newTable("usage_record", func(o *UsageRecord) string { return o.ID }).
		by("item", func(o *UsageRecord) string { return o.Item })
	ts.creditGrants = newTable("billing.credit_grant", func(o *CreditGrant) string { return o.ID }).
		by("customer", func(o *CreditGrant) string { return o.Customer })
	ts.creditMoves = newTable("billing.credit_balance_transaction", func(o *CreditBalanceTransaction) string { return o.ID }).
		by("customer", func(o *CreditBalanceTransaction) string { return o.Customer }).
		by("credit_grant", func(o *CreditBalanceTransaction) string { return o.Grant })
	ts.alerts = newTable("billing.alert", func(o *Alert) string { return o.ID }).
		by("meter", func(o *Alert) string { return hideIf(o.Status == StatusArchived, o.Meter) })
	ts.alarms = newTable("billing.alert_triggered", func(o *AlertTriggered) string { return o.ID }).
		by("once", func(o *AlertTriggered) string { return hideIf(o.Over, usageKey(o.Alert.ID, o.Customer)) }).
		by("alert", func(o *AlertTriggered) string { return hideIf(o.Over, o.Alert.ID) })
	ts.feedback = newTable("billing.feedback_option", func(o *FeedbackOption) string { return o.ID })
	ts.meterSessions = newTable("v2.billing.meter_event_session", func(o *MeterEventSession) string { return o.ID }).
		by("token", func(o *MeterEventSession) string { return o.Token })
	return []anyTable{
		ts.meters, ts.meterEvents, ts.usageRecords, ts.creditGrants, ts.creditMoves, ts.alerts, ts.alarms, ts.feedback, ts.meterSessions,
	}
}

// usageKey is what the events of one customer on one meter share.
func usageKey(meter, customer string) string { return meter + " " + customer }
