package billing

import (
	"slices"

	"github.com/dues-billing/dues/money"
)

// TakenBack says that the money for the period that runs is not ours any more.
type TakenBack string

// The ways money goes back. Disputed may come to us again; Refunded, which a lost dispute is too, does not.
const (
	Refunded TakenBack = "refunded"
	Disputed TakenBack = "disputed"
)

// The provider's words of a dispute that has taken no money, or has given it back.
var harmlessDisputes = []string{"won", "prevented", "warning_needs_response", "warning_under_review", "warning_closed"}

// lostDispute is the provider's word of a dispute whose money does not come back.
const lostDispute = "lost"

// TakenBack returns what of the paid amount was given back or is held by a bank, at most all of it.
func (i Invoice) TakenBack() money.Amount {
	return money.New(min(i.AmountPaid.Minor, i.Refunded.Minor+i.Disputed.Minor), i.AmountPaid.Currency)
}

// unpaidAgain reports whether nothing is left of a payment.
func (i Invoice) unpaidAgain() bool {
	return i.Status == InvoicePaid && i.AmountPaid.Minor > 0 && i.TakenBack() == i.AmountPaid
}

// Marked returns the state with what was given back or is disputed, whoever did it: read is what was read of charges with this state, and
// of an invoice whose charge was not among them the mirror still knows. The provider tells it of charges only, which a state does not have.
func (s State) Marked(c Catalog, mirror State, read Record) State {
	s.Invoices = slices.Clone(s.Invoices)
	for i := range s.Invoices {
		s.Invoices[i].mark(mirror, read)
	}
	s.Subscriptions = slices.Clone(s.Subscriptions)
	for i := range s.Subscriptions {
		s.Subscriptions[i].TakenBack = s.takenBack(c, s.Subscriptions[i])
	}
	return s
}

func (i *Invoice) mark(mirror State, read Record) {
	was, _ := mirror.Invoice(i.ID)
	i.noteFailure(was, read)
	at := slices.IndexFunc(read.Charges, func(c Charge) bool {
		return c.PaymentIntent == i.PaymentIntent && i.PaymentIntent != "" && c.Status == "succeeded"
	})
	if at < 0 {
		i.Refunded, i.Disputed, i.DisputeLost = was.Refunded, was.Disputed, was.DisputeLost
		return
	}
	charge := read.Charges[at]
	i.Refunded, i.Disputed, i.DisputeLost = money.Amount{}, money.Amount{}, false
	if charge.Refunded.Minor > 0 {
		i.Refunded = charge.Refunded
	}
	for _, d := range read.Disputes {
		if d.Charge != charge.ID || slices.Contains(harmlessDisputes, d.Status) {
			continue
		}
		i.Disputed = money.New(min(charge.Amount.Minor, i.Disputed.Minor+d.Amount.Minor), charge.Amount.Currency)
		i.DisputeLost = i.DisputeLost || d.Status == lostDispute
	}
}

// takenBack says what has become of the payment for a subscription's running period.
func (s State) takenBack(c Catalog, sub Subscription) TakenBack {
	if sub.Status.Ended() || !c.Paid(sub) {
		return ""
	}
	taken := TakenBack("")
	for _, invoice := range s.Invoices {
		if invoice.Subscription != sub.ID || !invoice.unpaidAgain() || !invoice.paysUntil(sub) {
			continue
		}
		plan, _ := c.Sold(sub)
		rule, _ := c.refundRule(plan.ID)
		switch {
		case invoice.Disputed.Minor > 0 && !invoice.DisputeLost:
			taken = Disputed
		case taken == "" && !rule.KeepsPlan:
			taken = Refunded
		}
	}
	return taken
}

// paysUntil reports whether an invoice bills the period in which a subscription is.
func (i Invoice) paysUntil(sub Subscription) bool {
	return slices.ContainsFunc(i.Lines, func(l InvoiceLine) bool {
		return l.Amount.Minor > 0 && !l.Period.End.Before(sub.PeriodEnd())
	})
}

func takenBackWhy(plan string, t TakenBack) string {
	if t == Disputed {
		return "The bank has taken back the payment for " + plan + "; until that is decided nothing is paid for."
	}
	return "The payment for " + plan + " was given back."
}
