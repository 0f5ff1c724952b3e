// Package verdict says in words why an account has access, or has it not: on the operator's page, and on the command line.
package verdict

import (
	"fmt"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/internal/design"
	"github.com/dues-billing/dues/service"
)

// Facts is what the answer is made of.
type Facts struct {
	Now      time.Time // business time, which access is judged by
	Status   service.Status
	Leeway   time.Duration
	Invoices []billing.Invoice // the newest first
	Events   []service.Event   // the newest first
	Names    Names
}

// The states of events that the answer speaks of.
const (
	statePending = "pending"
	stateRunning = "running"
	stateDead    = "dead"
)

// Reason is one sentence of the answer, with how good the news is.
type Reason struct {
	Tone design.Tone
	Text string
}

// Answer is the verdict in one line.
func (f Facts) Answer() Reason {
	s := f.Status
	who := s.Account.Email
	switch s.Level {
	case billing.Full:
		return Reason{design.Good, fmt.Sprintf("%s has full access to %s", who, s.PlanName)}
	case billing.Limited:
		return Reason{design.Warn, fmt.Sprintf("%s has limited access to %s", who, s.PlanName)}
	case billing.FreeOnly:
		return Reason{design.Plain, fmt.Sprintf("%s has what is free: %s", who, s.PlanName)}
	}
	return Reason{design.Bad, fmt.Sprintf("%s has no access", who)}
}

// Reasons tell how the answer comes about, from the subscription at Stripe to what we may not have heard yet.
func (f Facts) Reasons() []Reason {
	out := []Reason{{design.Plain, f.Status.Why}}
	if f.Status.Why == "" {
		out = nil
	}
	out = append(out, f.onSubscription()...)
	out = append(out, f.onInvoice()...)
	if action := f.onAction(); action.Text != "" {
		out = append(out, action)
	}
	return append(out, f.onNews()...)
}

func (f Facts) onSubscription() []Reason {
	s := f.Status
	if s.Subscription == "" {
		if s.Account.Customer == "" {
			return []Reason{{design.Bad, "Stripe has no customer for this account yet. Its sign-up was not completed; POST /v1/accounts with the same id completes it."}}
		}
		return []Reason{{design.Warn, "There is no live subscription at Stripe."}}
	}
	out := []Reason{{toneOf(s.Status), fmt.Sprintf("Subscription %s is %s at Stripe, on %s.", s.Subscription, s.Status, f.Price(s.Price))}}
	if s.PeriodEnd.IsZero() {
		return append(out, Reason{design.Warn, "No period is known for it, so access has no end date. None is made up."})
	}
	when := "ends"
	if s.PeriodEnd.Before(f.Now) {
		when = "ended"
	}
	text := fmt.Sprintf("Its period %s on %s, as Stripe says.", when, design.FormatTime(s.PeriodEnd))
	if !s.Until.IsZero() && f.Leeway > 0 {
		text += fmt.Sprintf(" With %s of leeway, access lasts until %s.", hours(f.Leeway), design.FormatTime(s.Until))
	}
	out = append(out, Reason{design.Plain, text})
	if !s.CancelAt.IsZero() {
		out = append(out, Reason{design.Note, fmt.Sprintf("It is set to end on %s and will not renew.", design.FormatTime(s.CancelAt))})
	}
	return out
}

// onInvoice speaks of the newest invoice that asks for or took money.
func (f Facts) onInvoice() []Reason {
	for _, i := range f.Invoices {
		if i.Total.Minor <= 0 || i.Status == billing.InvoiceDraft || i.Status == billing.InvoiceVoid {
			continue
		}
		name := fmt.Sprintf("Invoice %s over %s", i.Number, design.FormatMoney(i.Total))
		switch {
		case i.Status == billing.InvoicePaid:
			return []Reason{{design.Good, fmt.Sprintf("%s was paid on %s.", name, design.FormatTime(i.PaidAt))}}
		case i.NeedsConfirmation:
			return []Reason{{design.Warn, name + " waits for the customer to confirm the payment with the bank (3-D Secure)."}}
		case !i.NextAttempt.IsZero():
			return []Reason{{design.Warn, fmt.Sprintf("%s is unpaid after %s; Stripe tries again on %s.", name, design.Tries(i.Attempts), design.FormatTime(i.NextAttempt))}}
		}
		return []Reason{{design.Bad, fmt.Sprintf("%s is unpaid after %s, and no other try is planned.", name, design.Tries(i.Attempts))}}
	}
	return nil
}

func (f Facts) onAction() Reason {
	switch f.Status.Action {
	case billing.UpdateCard:
		return Reason{design.Warn, "The customer has to give another card: in the portal, or on the invoice's page."}
	case billing.ConfirmPayment:
		return Reason{design.Warn, "The customer has to confirm the payment on the invoice's page."}
	}
	return Reason{}
}

// onNews says whether all that Stripe told us has been taken in.
func (f Facts) onNews() []Reason {
	var pending, dead int
	var fault string
	for _, e := range f.Events {
		switch e.State {
		case stateDead:
			dead++
			if fault == "" {
				fault = e.Error
			}
		case statePending, stateRunning:
			pending++
		}
	}
	var out []Reason
	if dead > 0 {
		out = append(out, Reason{design.Bad, fmt.Sprintf("%s could not be worked off, so this page may lag behind Stripe: %s", design.Count(dead, "event"), fault)})
	}
	if pending > 0 {
		out = append(out, Reason{design.Warn, fmt.Sprintf("Not yet worked off: %s.", design.Count(pending, "event"))})
	}
	if len(out) == 0 && len(f.Events) > 0 {
		out = append(out, Reason{design.Good, fmt.Sprintf("All that Stripe told us is taken in; the last was %s of %s.", f.Events[0].Type, design.FormatTime(f.Events[0].CreatedAt))})
	}
	return out
}
