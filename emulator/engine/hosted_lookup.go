package engine

import (
	"cmp"
	"slices"
)

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

// Plan is what happens next on one time line, the earliest first, at most so many timers: on that of a test clock, or with "" outside of them all.
// Its cost grows with everything that is planned there.
func (w *World) Plan(clock string, most int) []Timer {
	line := w.timers.line(clock)
	if line == nil {
		return nil
	}
	var plan []Timer
	for entry := range line.all() {
		if !entry.timer.gone {
			plan = append(plan, *entry.timer)
		}
	}
	slices.SortFunc(plan, func(a, b Timer) int { return cmp.Or(cmp.Compare(a.Due, b.Due), cmp.Compare(a.Seq, b.Seq)) })
	return plan[:min(most, len(plan))]
}
