package wire

import "github.com/dues-billing/dues/emulator/engine"

// usageRoutes serve what is measured, and the credit that pays for it.
var usageRoutes = []*route{
	post("/v1/billing/meters", "CreateMeter"),
	list("/v1/billing/meters", engine.ListMeters{}),
	retrieve[engine.Meter]("/v1/billing/meters/{id}", "billing meter", "id"),
	post("/v1/billing/meters/{id}", "UpdateMeter"),
	post("/v1/billing/meters/{id}/deactivate", "DeactivateMeter"),
	post("/v1/billing/meters/{id}/reactivate", "ReactivateMeter"),
	list("/v1/billing/meters/{id}/event_summaries", engine.ListMeterEventSummaries{}),
	post("/v1/billing/meter_events", "CreateMeterEvent"),
	post("/v1/billing/meter_event_adjustments", "CreateMeterEventAdjustment"),
}
