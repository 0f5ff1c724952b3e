package engine

import (
	"cmp"
	"strings"
)

// CreateMeter is POST /v1/billing/meters.
type CreateMeter struct {
	CustomerMapping    Opt[CustomerMappingParams] `form:"customer_mapping"`
	DefaultAggregation Opt[AggregationParams]     `form:"default_aggregation"`
	DisplayName        Opt[string]                `form:"display_name"`
	EventName          Opt[string]                `form:"event_name"`
	EventTimeWindow    Opt[string]                `form:"event_time_window"`
	ValueSettings      Opt[ValueSettingsParams]   `form:"value_settings"`
}

// CustomerMappingParams say where an event names its customer.
type CustomerMappingParams struct {
	EventPayloadKey Opt[string] `form:"event_payload_key"`
	Type            Opt[string] `form:"type"`
}

// AggregationParams say how events add up.
type AggregationParams struct {
	Formula Opt[string] `form:"formula"`
}

// ValueSettingsParams say where an event has its value.
type ValueSettingsParams struct {
	EventPayloadKey Opt[string] `form:"event_payload_key"`
}

// The keys of a payload unless a meter chooses others.
const (
	customerKeyDefault = "stripe_customer_id"
	valueKeyDefault    = "value"
)

func (c CreateMeter) apply(t *tx) (Result, error) {
	meter := &Meter{
		ID: t.meterID(), Created: t.now, Updated: t.now, DisplayName: c.DisplayName.Or(""), EventName: c.EventName.Or(""),
		Formula: c.DefaultAggregation.Or(AggregationParams{}).Formula.Or(""), Window: c.EventTimeWindow.Or(""), Status: StatusActive,
		CustomerKey: customerKeyDefault, ValueKey: valueKeyDefault,
	}
	for _, p := range []struct{ name, value string }{
		{"display_name", meter.DisplayName}, {"event_name", meter.EventName}, {"default_aggregation[formula]", meter.Formula},
	} {
		if strings.TrimSpace(p.value) == "" {
			return nil, required(p.name)
		}
	}
	if err := oneOf("default_aggregation[formula]", meter.Formula, FormulaCount, FormulaLast, FormulaSum); err != nil {
		return nil, err
	}
	if meter.Window != "" {
		if err := oneOf("event_time_window", meter.Window, "day", "hour"); err != nil {
			return nil, err
		}
	}
	if m, ok := c.CustomerMapping.Get(); ok {
		if m.Type.Or("") != "by_id" {
			return nil, required("customer_mapping[type]")
		}
		meter.CustomerKey = m.EventPayloadKey.Or(customerKeyDefault)
	}
	meter.ValueKey = c.ValueSettings.Or(ValueSettingsParams{}).EventPayloadKey.Or(valueKeyDefault)
	if meter.CustomerKey == meter.ValueKey {
		return nil, invalid("value_settings[event_payload_key]", "", "The payload key of the value must differ from that of the customer.")
	}
	if err := t.freeEventName(meter.EventName); err != nil {
		return nil, err
	}
	return create(t, "billing.meter.created", meter), nil
}

// meterID makes an id as those of test mode look.
func (t *tx) meterID() string { return "mtr_test_61" + t.world.characters(30) }

// freeEventName refuses an event name that an active meter listens to.
func (t *tx) freeEventName(name string) error {
	if holders := t.world.tables.meters.all("event_name", name); len(holders) > 0 {
		return invalid("event_name", "", "An active meter (%s) already exists for event name %q.", holders[0].ID, name)
	}
	return nil
}

// metersSince is the first API version in which a metered price needs a meter; before it, usage was recorded on subscription items.
const metersSince = "2025-03-31"

// checkMeter checks what a new price says of usage: a metered one has an active meter, or of old a way to aggregate records; no other price
// has any of these.
func (t *tx) checkMeter(r *Recurring, param string) error {
	old := t.req.Version != "" && t.req.Version < metersSince
	switch {
	case r == nil || r.UsageType == Licensed && r.Meter == "" && r.AggregateUsage == "":
		return nil
	case r.AggregateUsage != "" && !old:
		return invalid(nested(param, "aggregate_usage"), "parameter_unknown", "Received unknown parameter: %s", nested(param, "aggregate_usage"))
	case r.UsageType == Licensed && r.AggregateUsage != "":
		return invalid(nested(param, "aggregate_usage"), "", "You can only specify `aggregate_usage` if `usage_type` is `metered`.")
	case r.UsageType == Licensed:
		return invalid(nested(param, "meter"), "", "You can only specify a `meter` if `usage_type` is `metered`.")
	case r.Meter != "" && r.AggregateUsage != "":
		return invalid(nested(param, "aggregate_usage"), "", "A price that is backed by a meter is aggregated by the meter: leave out `aggregate_usage`.")
	case r.Meter == "" && old:
		r.AggregateUsage = cmp.Or(r.AggregateUsage, AggregateSum)
		return oneOf(nested(param, "aggregate_usage"), r.AggregateUsage, AggregateLast, AggregateLastOfEver, AggregateMax, AggregateSum)
	case r.Meter == "":
		return invalid("", "", "Starting with Stripe version `2025-03-31.basil`, metered prices must be backed by meters.")
	}
	meter, ok := Get[Meter](t.world, r.Meter)
	if !ok {
		return noSuchParam("billing meter", r.Meter, nested(param, "meter"))
	}
	if meter.Status != StatusActive {
		return invalid(nested(param, "meter"), "", "The meter %s is inactive. You can only attach an active meter to a price.", meter.ID)
	}
	return nil
}

// UpdateMeter is POST /v1/billing/meters/{id}: only the name may change.
type UpdateMeter struct {
	ID          string      `form:"-"`
	DisplayName Opt[string] `form:"display_name"`
}

func (c UpdateMeter) apply(t *tx) (Result, error) {
	before, err := t.meterAtPath(c.ID)
	if err != nil {
		return nil, err
	}
	name, given := c.DisplayName.Get()
	if !given || name == before.DisplayName {
		return before, nil
	}
	meter := *before
	meter.DisplayName, meter.Updated = name, t.now
	return update(t, "billing.meter.updated", before, &meter), nil
}

func (t *tx) meterAtPath(id string) (*Meter, error) {
	if meter, ok := Get[Meter](t.world, id); ok {
		return meter, nil
	}
	return nil, NotFound("billing meter", id, "id")
}

// DeactivateMeter is POST /v1/billing/meters/{id}/deactivate: its events are refused from now on.
type DeactivateMeter struct {
	ID string `form:"-"`
}

func (c DeactivateMeter) apply(t *tx) (Result, error) {
	before, err := t.meterAtPath(c.ID)
	if err != nil {
		return nil, err
	}
	if before.Status == StatusInactive {
		return nil, invalid("", "", "This meter is already inactive.")
	}
	meter := *before
	meter.Status, meter.DeactivatedAt, meter.Updated = StatusInactive, t.now, t.now
	put(t, &meter)
	t.emit("billing.meter.deactivated", &meter)
	return &meter, nil
}

// ReactivateMeter is POST /v1/billing/meters/{id}/reactivate.
type ReactivateMeter struct {
	ID string `form:"-"`
}

func (c ReactivateMeter) apply(t *tx) (Result, error) {
	before, err := t.meterAtPath(c.ID)
	if err != nil {
		return nil, err
	}
	if before.Status == StatusActive {
		return nil, invalid("", "", "This meter is already active.")
	}
	if err := t.freeEventName(before.EventName); err != nil {
		return nil, err
	}
	meter := *before
	meter.Status, meter.DeactivatedAt, meter.Updated = StatusActive, 0, t.now
	put(t, &meter)
	t.emit("billing.meter.reactivated", &meter)
	return &meter, nil
}

// ListMeters is GET /v1/billing/meters.
type ListMeters struct {
	Page
	Status Opt[string] `form:"status"`
}

func (q ListMeters) run(w *World) (*Listing, error) {
	return list(w, q.Page, selection[Meter]{cursorName: "billing meter", keep: func(m *Meter) bool {
		return q.Status.Or(m.Status) == m.Status
	}})
}

var _ = register(CreateMeter{}, UpdateMeter{}, DeactivateMeter{}, ReactivateMeter{})
