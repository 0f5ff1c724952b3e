package billing

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Dunning says how a customer whose renewal was not paid is reminded, and what happens in the end. The zero value does nothing: the provider tries again
// by itself, and ends the subscription or not, as its settings say.
type Dunning struct {
	Steps        []DunningStep // earliest first
	Finally      DunningEnd
	FinallyAfter time.Duration // since the first failure; later than the last step
}

// DunningStep is one reminder.
type DunningStep struct {
	After time.Duration // since the first failure
	Mail  string        // PaymentReminderMail or LastReminderMail
}

// DunningEnd says what happens to a subscription that stays unpaid.
type DunningEnd string

// The ends. The zero value leaves it to the provider.
const (
	DunningCancels DunningEnd = "cancel" // it is cancelled; the free plan follows, where there is one
	DunningFrees   DunningEnd = "free"   // the same, of a catalogue that has a free plan
	DunningUnpaid  DunningEnd = "unpaid" // it goes on, with the access that the policy gives to Unpaid until it is paid
)

const day24 = 24 * time.Hour

// Cancels reports whether a subscription that stays unpaid is ended.
func (d Dunning) Cancels() bool { return d.Finally == DunningCancels || d.Finally == DunningFrees }

// debt returns the oldest invoice of a subscription whose payment was tried and is owed, false when nothing is. The first payment is none: its customer
// was present. An invoice that nobody has tried to charge is paid by hand, and reminded of by whoever wrote it.
func (s State) debt(c Catalog, sub Subscription) (Invoice, bool) {
	if sub.Status != PastDue && sub.Status != Unpaid || !c.Paid(sub) || sub.Suspended {
		return Invoice{}, false
	}
	owed := oldestDebt(s, sub.ID)
	if owed == nil || owed.Reason == firstInvoice || owed.Attempts == 0 && !owed.NeedsConfirmation {
		return Invoice{}, false
	}
	return *owed, true
}

// FailedSince returns when the payment of an open invoice failed first. Where no charge was made, such as without a card, it is when it was written.
func (i Invoice) FailedSince() time.Time {
	if i.FailedAt.IsZero() {
		return i.CreatedAt
	}
	return i.FailedAt
}

// noteFailure fills in when an open invoice's payment failed first: the provider says it of charges only.
func (i *Invoice) noteFailure(was Invoice, read Record) {
	if i.FailedAt = was.FailedAt; i.Status != InvoiceOpen {
		i.FailedAt = time.Time{}
		return
	}
	for _, charge := range read.Charges {
		if charge.Status == "failed" && charge.PaymentIntent == i.PaymentIntent && i.PaymentIntent != "" &&
			(i.FailedAt.IsZero() || charge.CreatedAt.Before(i.FailedAt)) {
			i.FailedAt = charge.CreatedAt
		}
	}
}

// dun says what is due for a subscription that is not paid, and what will be; false when it owes nothing.
//
// After an outage the newest step alone is due: nobody is reminded three times at once. And nobody is cut off who was not told: the end comes as long after
// the last reminder as the catalogue has it, also when that reminder was late, or dunning was turned on when somebody owed for months already.
func (c Catalog) dun(s State, sub Subscription, sent []Reminder, now time.Time) (Reminder, bool) {
	owed, ok := s.debt(c, sub)
	if !ok || len(c.Dunning.Steps) == 0 {
		return Reminder{}, false
	}
	r := Reminder{Rule: DunningRule, About: sub.ID}
	of := "dunning:" + string(owed.ID) + ":"
	if last := lastOf(sent, r); strings.HasPrefix(last.LastKey, of) { // else it was about an invoice that is paid
		r.LastKey, r.LastAt = last.LastKey, last.LastAt
	}
	since, next := owed.FailedSince(), 0
	for next < len(c.Dunning.Steps) && !now.Before(since.Add(c.Dunning.Steps[next].After)) {
		next++
	}
	effect := Effect{Kind: MailEffect, Subscription: sub.ID, Price: billed(c, owed), Invoice: owed}
	if next > 0 {
		step := c.Dunning.Steps[next-1]
		effect.Key, effect.Name = fmt.Sprintf("%s%dd", of, step.After/day24), step.Mail
		if effect.Key != r.LastKey {
			r.LastKey, r.LastAt, r.Effects = effect.Key, now, []Effect{effect}
		}
	}
	if next < len(c.Dunning.Steps) {
		r.DueAt = since.Add(c.Dunning.Steps[next].After)
		return r, true
	}
	if !c.Dunning.Cancels() {
		return r, true
	}
	last := c.Dunning.Steps[next-1].After
	if r.DueAt = since.Add(c.Dunning.FinallyAfter); r.DueAt.Before(r.LastAt.Add(c.Dunning.FinallyAfter - last)) {
		r.DueAt = r.LastAt.Add(c.Dunning.FinallyAfter - last)
	}
	r.Ends = true
	if !now.Before(r.DueAt) {
		r.DueAt = time.Time{}
		effect.Key, effect.Kind, effect.Name = fmt.Sprintf("dunning-end:%s:%s", sub.ID, owed.ID), CallEffect, EndUnpaidCall
		r.Effects = append(r.Effects, effect)
	}
	return r, true
}

// unpaidFrom returns from when a debt counts as unpaid whatever the provider calls it, zero when it does not.
func (c Catalog) unpaidFrom(debt *Invoice) time.Time {
	if debt == nil || c.Dunning.Finally != DunningUnpaid || debt.Attempts == 0 && !debt.NeedsConfirmation {
		return time.Time{}
	}
	return debt.FailedSince().Add(c.Dunning.FinallyAfter)
}

// Dunned is where a customer stands who is reminded of a payment.
type Dunned struct {
	Subscription Subscription
	Invoice      Invoice   // the oldest that is owed
	Since        time.Time // the first failure
	LastAt       time.Time // of the last reminder, zero before the first
	NextAt       time.Time // zero: nothing comes
	Next         string    // which mail or end comes then
}

// Dunned returns where a subscription stands, by what is kept of its reminders; false when it owes nothing any more.
func (c Catalog) Dunned(s State, kept Reminder) (Dunned, bool) {
	sub, _ := s.Subscription(kept.About)
	owed, ok := s.debt(c, sub)
	if !ok {
		return Dunned{}, false
	}
	d := Dunned{Subscription: sub, Invoice: owed, Since: owed.FailedSince(), LastAt: kept.LastAt, NextAt: kept.DueAt}
	if d.NextAt.IsZero() {
		return d, true
	}
	d.Next = string(c.Dunning.Finally)
	for i := len(c.Dunning.Steps) - 1; i >= 0; i-- {
		if step := c.Dunning.Steps[i]; !d.NextAt.After(d.Since.Add(step.After)) {
			d.Next = step.Mail
		}
	}
	return d, true
}

// Owes reports whether a customer owes a payment that was tried.
func (c Catalog) Owes(s State) bool {
	return !s.Deleted && slices.ContainsFunc(s.Subscriptions, func(sub Subscription) bool {
		_, owed := s.debt(c, sub)
		return owed
	})
}
