package billing

import (
	"fmt"
	"time"
)

// Pause decides which subscription has to be paused for a customer who wants that. What is paid for is kept until its end; from then on nothing is
// charged, and access is what the policy gives to Paused. needed is false when it is so already.
//
// Errors of code conflict say what is in the way: a pause must neither hide a debt, nor run beside an end or a change that is scheduled.
func (c Catalog) Pause(s State) (sub Subscription, needed bool, err error) {
	sub, ok := c.paying(s)
	switch {
	case !ok:
		return sub, false, Errorf(Conflict, "there is no running paid subscription to pause")
	case sub.Suspended || sub.Status == Paused:
		return sub, false, nil
	case sub.Status == Trialing:
		return sub, false, Errorf(Conflict, "a trial is not paused; cancel it, or have it made longer")
	case sub.Status != Active:
		return sub, false, Errorf(Conflict, "the subscription is not paid for; pay its open invoice first")
	case !sub.CancelAt.IsZero():
		return sub, false, Errorf(Conflict, "the subscription is cancelled and ends on %s; take the cancel back first", sub.CancelAt.UTC().Format(time.RFC3339))
	case sub.Scheduled():
		return sub, false, Errorf(Conflict, "a change of the subscription is scheduled; take it back first")
	}
	return sub, true, nil
}

// Unpause decides which subscription has to go on. renews says that what was paid for has ended meanwhile, so that a whole period begins with the
// payment of it; without it, the running period is paid already.
func (c Catalog) Unpause(s State) (sub Subscription, renews, needed bool, err error) {
	sub, ok := c.paying(s)
	switch {
	case !ok:
		return sub, false, false, Errorf(Conflict, "there is no running paid subscription that could go on; subscribe again")
	case sub.Status == Paused:
		return sub, false, false, Errorf(Conflict, "the subscription was paused at the payment provider; let it go on there")
	}
	return sub, s.idle(sub), sub.Suspended, nil
}

// idle reports whether a subscription is paused and what was paid for has ended: the invoice of its running period is one that nobody is to pay.
func (s State) idle(sub Subscription) bool {
	latest, ok := s.latest(sub)
	if !ok {
		return false
	}
	switch latest.Status {
	case InvoiceDraft, InvoiceVoid, InvoiceUncollectible:
		return true
	}
	return false
}

// latest is the newest invoice of a subscription that is paused.
func (s State) latest(sub Subscription) (Invoice, bool) {
	for _, invoice := range s.Invoices {
		if sub.Suspended && sub.LatestInvoice != "" && invoice.ID == sub.LatestInvoice {
			return invoice, true
		}
	}
	return Invoice{}, false
}

// suspend fills in what a pause means for access.
func (c Catalog) suspend(a *Access, idle bool) {
	a.Paused = true
	name := c.nameOf(a.Plan)
	switch {
	case idle:
		a.Level, a.Until = lesser(a.Level, c.Policy.level(Paused, 0)), time.Time{}
		a.Why = fmt.Sprintf("%s is paused.", name)
	case a.Status == Active && a.CancelAt.IsZero() && !a.PeriodEnd.IsZero():
		a.Why = fmt.Sprintf("%s is paid for until %s and pauses then.", name, day(a.PeriodEnd))
	}
}
