package wire

import "github.com/dues-billing/dues/emulator/engine"

// usageObject renders what is measured, and the credit that pays for it; nil is another object.
func (v *view) usageObject(o any) object {
	switch o := o.(type) {
	case *engine.Meter:
		return meter(o)
	case *engine.MeterEvent:
		return meterEvent(o)
	case *engine.MeterEventAdjustment:
		return object{
			"object": "billing.meter_event_adjustment", "cancel": object{"identifier": o.Identifier}, "event_name": o.EventName, "livemode": false,
			"status": o.Status, "type": "cancel",
		}
	case *engine.MeterEventSummary:
		return object{
			"id": o.ID, "object": "billing.meter_event_summary", "aggregated_value": number(o.Value.String()), "end_time": o.Span.End,
			"livemode": false, "meter": o.Meter, "start_time": o.Span.Start,
		}
	}
	return nil
}

func meter(m *engine.Meter) object {
	return object{
		"id": m.ID, "object": "billing.meter", "created": m.Created, "livemode": false, "updated": m.Updated,
		"customer_mapping":    object{"event_payload_key": m.CustomerKey, "type": "by_id"},
		"default_aggregation": object{"formula": m.Formula}, "display_name": m.DisplayName, "event_name": m.EventName,
		"event_time_window": orNull(m.Window), "status": m.Status, "status_transitions": object{"deactivated_at": orNull(m.DeactivatedAt)},
		"value_settings": object{"event_payload_key": m.ValueKey},
	}
}

// meterEvent has no id: its identifier is what names it.
func meterEvent(e *engine.MeterEvent) object {
	return object{
		"object": "billing.meter_event", "created": e.Created, "event_name": e.EventName, "identifier": e.Identifier, "livemode": false,
		"payload": e.Payload, "timestamp": e.Timestamp,
	}
}
