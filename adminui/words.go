package adminui

import (
	"fmt"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/internal/design"
	"github.com/dues-billing/dues/service"
)

// reason is one sentence of the answer, with how good the news is.
type reason struct {
	Tone design.Tone
	Text string
}

// answer is the verdict in one line.
func (k facts) answer() reason {
	s := k.Status
	who := s.Account.Email
	switch s.Level {
	case billing.Full:
		return reason{design.Good, fmt.Sprintf("%s has full access to %s", who, s.PlanName)}
	case billing.Limited:
		return reason{design.Warn, fmt.Sprintf("%s has limited access to %s", who, s.PlanName)}
	case billing.FreeOnly:
		return reason{design.Plain, fmt.Sprintf("%s has what is free: %s", who, s.PlanName)}
	}
	return reason{design.Bad, fmt.Sprintf("%s has no access", who)}
}

// reasons tell how the answer comes about, from the subscription at Stripe to what we may not have heard yet.
func (k facts) reasons() []reason {
	out := []reason{{design.Plain, k.Status.Why}}
	if k.Status.Why == "" {
		out = nil
	}
	out = append(out, k.onSubscription()...)
	out = append(out, k.onInvoice()...)
	if action := k.onAction(); action.Text != "" {
		out = append(out, action)
	}
	return append(out, k.onNews()...)
}

func (k facts) onSubscription() []reason {
	s := k.Status
	if s.Subscription == "" {
		if s.Account.Customer == "" {
			return []reason{{design.Bad, "Stripe has no customer for this account yet. Its sign-up was not completed; POST /v1/accounts with the same id completes it."}}
		}
		return []reason{{design.Warn, "There is no live subscription at Stripe."}}
	}
	out := []reason{{toneOf(s.Status), fmt.Sprintf("Subscription %s is %s at Stripe, on %s.", s.Subscription, s.Status, k.priceName(s.Price))}}
	if s.PeriodEnd.IsZero() {
		return append(out, reason{design.Warn, "No period is known for it, so access has no end date. None is made up."})
	}
	when := "ends"
	if s.PeriodEnd.Before(k.Now) {
		when = "ended"
	}
	text := fmt.Sprintf("Its period %s on %s, as Stripe says.", when, design.FormatTime(s.PeriodEnd))
	if !s.Until.IsZero() && k.Leeway > 0 {
		text += fmt.Sprintf(" With %s of leeway, access lasts until %s.", hours(k.Leeway), design.FormatTime(s.Until))
	}
	out = append(out, reason{design.Plain, text})
	if !s.CancelAt.IsZero() {
		out = append(out, reason{design.Note, fmt.Sprintf("It is set to end on %s and will not renew.", design.FormatTime(s.CancelAt))})
	}
	return out
}

// onInvoice speaks of the newest invoice that asks for or took money.
func (k facts) onInvoice() []reason {
	for _, i := range k.Invoices {
		if i.Total.Minor <= 0 || i.Status == billing.InvoiceDraft || i.Status == billing.InvoiceVoid {
			continue
		}
		name := fmt.Sprintf("Invoice %s over %s", i.Number, design.FormatMoney(i.Total))
		switch {
		case i.Status == billing.InvoicePaid:
			return []reason{{design.Good, fmt.Sprintf("%s was paid on %s.", name, design.FormatTime(i.PaidAt))}}
		case i.NeedsConfirmation:
			return []reason{{design.Warn, name + " waits for the customer to confirm the payment with the bank (3-D Secure)."}}
		case !i.NextAttempt.IsZero():
			return []reason{{design.Warn, fmt.Sprintf("%s is unpaid after %s; Stripe tries again on %s.", name, times(i.Attempts), design.FormatTime(i.NextAttempt))}}
		}
		return []reason{{design.Bad, fmt.Sprintf("%s is unpaid after %s, and no other try is planned.", name, times(i.Attempts))}}
	}
	return nil
}

func (k facts) onAction() reason {
	switch k.Status.Action {
	case billing.UpdateCard:
		return reason{design.Warn, "The customer has to give another card: in the portal, or on the invoice's page."}
	case billing.ConfirmPayment:
		return reason{design.Warn, "The customer has to confirm the payment on the invoice's page."}
	}
	return reason{}
}

// onNews says whether all that Stripe told us has been taken in.
func (k facts) onNews() []reason {
	var pending, dead int
	var fault string
	for _, e := range k.Events {
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
	var out []reason
	if dead > 0 {
		out = append(out, reason{design.Bad, fmt.Sprintf("%s could not be worked off, so this page may lag behind Stripe: %s", count(dead, "event"), fault)})
	}
	if pending > 0 {
		out = append(out, reason{design.Warn, fmt.Sprintf("Not yet worked off: %s.", count(pending, "event"))})
	}
	if len(out) == 0 && len(k.Events) > 0 {
		out = append(out, reason{design.Good, fmt.Sprintf("All that Stripe told us is taken in; the last was %s of %s.", k.Events[0].Type, design.FormatTime(k.Events[0].CreatedAt))})
	}
	return out
}

// The states of events and effects.
const (
	statePending = "pending"
	stateRunning = "running" // of an event
	stateDone    = "done"
	stateDead    = "dead"
	stateIgnored = "ignored"
)

// shownState gives the states of events, effects and purchases the words of the pages.
func shownState(state string) string {
	if state == stateDead {
		return "given_up"
	}
	if state == statePending {
		return "waiting"
	}
	if state == string(billing.PurchaseCompleted) {
		return "complete"
	}
	return state
}

func (k facts) priceName(key string) string {
	if name, ok := k.Names.Price[key]; ok {
		return name
	}
	return "a price that is not in the catalogue"
}

func priceInWords(p billing.Price) string {
	text := design.FormatMoney(p.Amount)
	if p.Pico > 0 { // parts of a cent
		text = p.Rate().String()
	}
	if p.Tiering != "" {
		text = string(p.Tiering) + " tiers"
	}
	switch {
	case p.Package > 0:
		text += fmt.Sprintf(" for %d", p.Package)
	case p.Kind == billing.PerSeat:
		text += " for each seat"
	case p.Kind == billing.Metered:
		text += " for each unit"
	}
	if p.IntervalCount == 1 {
		return fmt.Sprintf("%s per %s", text, p.Interval)
	}
	return fmt.Sprintf("%s every %d %ss", text, p.IntervalCount, p.Interval)
}

func toneOf(s billing.Status) design.Tone {
	switch s {
	case billing.Active, billing.Trialing:
		return design.Good
	case billing.PastDue, billing.Incomplete, billing.Paused:
		return design.Warn
	}
	return design.Bad
}

func hours(d time.Duration) string {
	const day = 24 * time.Hour
	if d%day == 0 {
		return count(int(d/day), "day")
	}
	return count(int(d/time.Hour), "hour")
}

func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

func times(n int) string {
	if n == 1 {
		return "one try"
	}
	return fmt.Sprintf("%d tries", n)
}

func entitlementInWords(e billing.Entitlement) string {
	switch {
	case !e.Enabled:
		return "no"
	case e.Type == billing.Limit, e.Type == billing.Usage && e.Limit > 0:
		return fmt.Sprintf("up to %d", e.Limit)
	}
	return "yes"
}

// effectName is what an effect is about, for people.
func effectName(e service.Effect) string {
	switch billing.EffectKind(e.Kind) {
	case billing.MailEffect:
		return "Mail: " + e.Name
	case billing.NoticeEffect:
		return "Notice to " + e.Endpoint + ": " + e.Name
	}
	return "Call to Stripe: " + e.Name
}
