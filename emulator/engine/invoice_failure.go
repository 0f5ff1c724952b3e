package engine

// finalizationError is why the latest finalization failed, or nothing.
func (inv *Invoice) finalizationError() Error {
	if inv.FinalizationError == nil {
		return Error{}
	}
	return *inv.FinalizationError
}

// unfinalizable says why a draft cannot be finalized as it is: what is mailed needs an address.
func (t *tx) unfinalizable(inv *Invoice) *Error {
	if inv.CollectionMethod == InvoiceByMail && must[Customer](t, inv.Customer).Email == "" {
		return missingEmail()
	}
	return nil
}

func missingEmail() *Error {
	return invalid("", "", "Missing email. In order to create invoices that are sent to the customer, the customer must have a valid email.")
}

// finalizationFailed notes on a draft why it stays one. It does not try again by itself.
func (t *tx) finalizationFailed(before *Invoice, why *Error) {
	inv := *before
	inv.FinalizationError, inv.AutomaticallyFinalizesAt, inv.NextPaymentAttempt = why, 0, 0
	t.unschedule(timerFinalize, inv.ID)
	put(t, &inv)
	t.emitChange("invoice.updated", before, &inv)
	t.emit("invoice.finalization_failed", &inv)
}

// finalizable refuses a request that finalizes a draft which cannot be; what failed stays noted on the draft.
func (t *tx) finalizable(inv *Invoice) error {
	why := t.unfinalizable(inv)
	if why == nil {
		return nil
	}
	t.finalizationFailed(inv, why)
	refusal := *why
	refusal.Keep = true
	return &refusal
}
