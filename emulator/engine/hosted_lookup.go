package engine

// Hosted pages are found by the unguessable part of their address, and show what a world will do next.

// PortalSessionByToken finds a portal session by the token in its URL.
func (w *World) PortalSessionByToken(token string) (*PortalSession, bool) {
	return one(w.tables.portals.all("token", token))
}

// InvoiceByToken finds a finalized invoice by the token in its hosted URL.
func (w *World) InvoiceByToken(token string) (*Invoice, bool) {
	return one(w.tables.invoices.all("hosted_token", token))
}

func one[T any](found []*T) (*T, bool) {
	if len(found) == 0 {
		return nil, false
	}
	return found[0], true
}

// NextTimer is what happens next outside of all test clocks, if anything is planned.
func (w *World) NextTimer() (Timer, bool) {
	if timer := w.timers.peek(worldLine); timer != nil {
		return *timer, true
	}
	return Timer{}, false
}
