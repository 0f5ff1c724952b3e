package engine

import "strings"

// CreateMeterEvent is POST /v1/billing/meter_events.
type CreateMeterEvent struct {
	EventName  Opt[string]            `form:"event_name"`
	Identifier Opt[string]            `form:"identifier"`
	Payload    Opt[map[string]string] `form:"payload"`
	Timestamp  Opt[int64]             `form:"timestamp"`
}

// Bounds of a meter event.
const (
	meterEventPastSeconds   = 35 * secondsPerDay
	meterEventFutureSeconds = 5 * 60
	meterValueDigits        = 15 // in front of the point
)

func (c CreateMeterEvent) apply(t *tx) (Result, error) {
	name, ok := c.EventName.Get()
	if !ok {
		return nil, required("event_name")
	}
	payload, ok := c.Payload.Get()
	if !ok {
		return nil, required("payload")
	}
	meters := t.world.tables.meters.all("event_name", name)
	if len(meters) == 0 {
		return nil, t.noMeter(name)
	}
	e := &MeterEvent{Meter: meters[0].ID, EventName: name, Payload: payload, Identifier: c.Identifier.Or("")}
	customer, err := t.customerOfEvent(meters[0], payload)
	if err != nil {
		return nil, err
	}
	if e.Value, err = meters[0].valueIn(payload); err != nil {
		return nil, err
	}
	e.ID, e.Created, e.Customer, e.TestClock = t.long("mtre_"), t.now, customer.ID, customer.TestClock
	if e.Timestamp = c.Timestamp.Or(t.now); e.Timestamp < t.now-meterEventPastSeconds {
		return nil, invalid("timestamp", "timestamp_too_far_in_past", "The timestamp must be within the past 35 calendar days.")
	}
	if e.Timestamp > t.now+meterEventFutureSeconds {
		return nil, invalid("timestamp", "timestamp_in_future", "The timestamp must be no more than 5 minutes in the future.")
	}
	if e.Identifier == "" {
		e.Identifier = t.world.characters(24)
	}
	if t.seen(e) {
		if t.decided().MeterDuplicate == DuplicateDropped {
			return e, nil
		}
		return nil, invalid("", duplicateMeterEvent, "An event already exists with identifier %s.", e.Identifier)
	}
	put(t, e)
	t.soundAlerts(meters[0], customer)
	t.crossThresholds(meters[0].ID, customer.ID)
	return e, nil
}

// noMeter says that no meter listens to an event name, or none any more. The first version of the API shows no code.
func (t *tx) noMeter(eventName string) *Error {
	code := "no_meter"
	if t.meterOf(eventName) != nil {
		code = "archived_meter"
	}
	return invalid("event_name", code, "No active meter found for event name %q.", eventName)
}

// customerOfEvent finds the customer that a payload names, and moves to their time line.
func (t *tx) customerOfEvent(meter *Meter, payload map[string]string) (*Customer, error) {
	id := payload[meter.CustomerKey]
	if id == "" {
		return nil, invalid("payload", "meter_event_no_customer_defined", "The payload must name a customer under the key `%s`.", meter.CustomerKey)
	}
	customer, err := t.enterCustomer(id, nested("payload", meter.CustomerKey))
	if e, ok := err.(*Error); ok && e.Code == "resource_missing" {
		e.Code = "meter_event_customer_not_found"
	}
	return customer, err
}

// valueIn reads the value of an event. A meter that counts needs none.
func (m *Meter) valueIn(payload map[string]string) (Decimal, error) {
	text, given := payload[m.ValueKey]
	param := nested("payload", m.ValueKey)
	if m.Formula == FormulaCount && !given {
		return DecimalOf(1), nil
	}
	if !given {
		return Decimal{}, invalid("payload", "meter_event_value_not_found", "The payload must have a value under the key `%s`.", m.ValueKey)
	}
	whole, places, _ := strings.Cut(strings.TrimPrefix(text, "-"), ".")
	if len(whole) > meterValueDigits || len(places) > decimalPlaces {
		return Decimal{}, invalid(param, "meter_event_value_too_many_digits",
			"The value may have at most %d digits before the decimal point and %d after it.", meterValueDigits, decimalPlaces)
	}
	value, err := ParseDecimal(text)
	if err != nil {
		return Decimal{}, invalid(param, "meter_event_invalid_value", "The value must be a number, got %q.", text)
	}
	return value, nil
}

// duplicateMeterEvent is the code of an identifier that came before. Only the second version of the API shows it.
const duplicateMeterEvent = "duplicate_meter_event"

// seen says whether the identifier of an event came within the last day.
func (t *tx) seen(e *MeterEvent) bool {
	for _, old := range t.world.tables.meterEvents.all("identifier", e.Identifier) {
		if old.EventName == e.EventName && e.Created-old.Created < meterDedupeSeconds {
			return true
		}
	}
	return false
}

// CreateMeterEventAdjustment is POST /v1/billing/meter_event_adjustments: it cancels an event that came within the last day.
type CreateMeterEventAdjustment struct {
	Cancel    Opt[CancelEventParams] `form:"cancel"`
	EventName Opt[string]            `form:"event_name"`
	Type      Opt[string]            `form:"type"`
}

// CancelEventParams name the event to cancel.
type CancelEventParams struct {
	Identifier Opt[string] `form:"identifier"`
}

func (c CreateMeterEventAdjustment) apply(t *tx) (Result, error) {
	name, ok := c.EventName.Get()
	if !ok {
		return nil, required("event_name")
	}
	if c.Type.Or("") != "cancel" {
		return nil, required("type")
	}
	identifier := c.Cancel.Or(CancelEventParams{}).Identifier.Or("")
	if identifier == "" {
		return nil, required("cancel[identifier]")
	}
	var found *MeterEvent
	for _, e := range t.world.tables.meterEvents.all("identifier", identifier) {
		if e.EventName == name && !e.Canceled {
			found = e
		}
	}
	if found == nil {
		return nil, noSuchParam("meter event", identifier, "cancel[identifier]")
	}
	if err := t.enter(found.TestClock); err != nil {
		return nil, err
	}
	if t.now-found.Created > meterCancelSeconds {
		return nil, invalid("cancel[identifier]", "", "Only meter events received within the last 24 hours can be canceled.")
	}
	canceled := *found
	canceled.Canceled = true
	put(t, &canceled)
	return &MeterEventAdjustment{
		ID: "mtr_event_adj_test_" + t.world.characters(24), Created: t.now, EventName: name, Identifier: identifier, Status: adjustmentStatus,
	}, nil
}

var _ = register(CreateMeterEvent{}, CreateMeterEventAdjustment{})
