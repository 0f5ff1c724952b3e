package wire

import "github.com/dues-billing/dues/emulator/engine"

var disputeRoutes = []*route{
	list("/v1/disputes", engine.ListDisputes{}),
	retrieve[engine.Dispute]("/v1/disputes/{dispute}", "dispute", "dispute"),
	post("/v1/disputes/{dispute}", "UpdateDispute"),
	post("/v1/disputes/{dispute}/close", "CloseDispute"),

	read("/v1/charges/{charge}/dispute", func(w *engine.World, ids []string) (any, error) { return w.DisputeOf(ids[0]) }),
	post("/v1/charges/{charge}/dispute", "UpdateChargeDispute"),
	post("/v1/charges/{charge}/dispute/close", "CloseChargeDispute"),

	list("/v1/radar/early_fraud_warnings", engine.ListFraudWarnings{}),
	retrieve[engine.FraudWarning]("/v1/radar/early_fraud_warnings/{early_fraud_warning}", "early_fraud_warning", "early_fraud_warning"),
}
