package engine

// noteAttempt records how the latest try of a SetupIntent stands. A challenge and its answer are one attempt.
func (t *tx) noteAttempt(si *SetupIntent, pm *PaymentMethod, status string, cause *Error) {
	a := SetupAttempt{
		ID: si.LatestAttempt, Created: t.now, Customer: si.Customer, PaymentMethod: pm.ID, SetupIntent: si.ID, Usage: si.Usage,
	}
	if before, ok := Get[SetupAttempt](t.world, si.LatestAttempt); ok {
		a = *before
		a.ThreeDSecure = before.Status == "requires_action" && status == IntentSucceeded
	}
	a.Card, a.Status, a.Error = checked(pm.Card, pm.BillingDetails), status, cause
	put(t, &a)
}

// ListSetupAttempts is GET /v1/setup_attempts.
type ListSetupAttempts struct {
	Page
	Created     Range       `form:"created"`
	SetupIntent Opt[string] `form:"setup_intent"`
}

func (q ListSetupAttempts) run(w *World) (*Listing, error) {
	id, ok := q.SetupIntent.Get()
	if !ok {
		return nil, required("setup_intent")
	}
	if _, ok := Get[SetupIntent](w, id); !ok {
		return nil, noSuchParam("setupintent", id, "setup_intent")
	}
	return list(w, q.Page, selection[SetupAttempt]{
		index: "setup_intent", value: id, cursorName: "setup_attempt", keep: func(a *SetupAttempt) bool { return q.Created.holds(a.Created) },
	})
}
