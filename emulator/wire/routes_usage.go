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

	post("/v1/billing/credit_grants", "CreateCreditGrant"),
	list("/v1/billing/credit_grants", engine.ListCreditGrants{}),
	retrieve[engine.CreditGrant]("/v1/billing/credit_grants/{id}", "credit grant", "id"),
	post("/v1/billing/credit_grants/{id}", "UpdateCreditGrant"),
	post("/v1/billing/credit_grants/{id}/expire", "ExpireCreditGrant"),
	post("/v1/billing/credit_grants/{id}/void", "VoidCreditGrant"),
	single("/v1/billing/credit_balance_summary", engine.ReadCreditBalance{}),
	list("/v1/billing/credit_balance_transactions", engine.ListCreditBalanceTransactions{}),
	retrieve[engine.CreditBalanceTransaction]("/v1/billing/credit_balance_transactions/{id}", "credit balance transaction", "id"),

	post("/v1/billing/alerts", "CreateAlert"),
	list("/v1/billing/alerts", engine.ListAlerts{}),
	read("/v1/billing/alerts/{id}", func(w *engine.World, ids []string) (any, error) { return w.AlertByID(ids[0]) }),
	post("/v1/billing/alerts/{id}/activate", "ActivateAlert"),
	post("/v1/billing/alerts/{id}/deactivate", "DeactivateAlert"),
	post("/v1/billing/alerts/{id}/archive", "ArchiveAlert"),

	post("/v1/billing/feedback_options", "CreateFeedbackOption"),
	list("/v1/billing/feedback_options", engine.ListFeedbackOptions{}),
	retrieve[engine.FeedbackOption]("/v1/billing/feedback_options/{id}", "feedback option", "id"),
	post("/v1/billing/feedback_options/{id}", "UpdateFeedbackOption"),
	post("/v1/billing/feedback_options/{id}/deactivate", "DeactivateFeedbackOption"),
}
