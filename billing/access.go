package billing

import (
	"fmt"
	"slices"
	"time"
)

// Level is how much an account may use.
type Level string

// The levels, most to least.
const (
	Full     Level = "full"
	Limited  Level = "limited"
	FreeOnly Level = "free"
	None     Level = "none"
)

// AccessPolicy says what each status means for access. It is configuration: full access while Stripe retries is the default.
type AccessPolicy struct {
	Leeway time.Duration // how long access goes on after the period's end when no news has come from the provider
	Rules  []PolicyRule  // the first that matches decides
}

// PolicyRule gives Level to a subscription that has been in Status for less than Within (0: for ever).
type PolicyRule struct {
	Status Status
	Within time.Duration
	Level  Level
}

// Action is what the customer has to do to keep or regain access.
type Action string

// The actions.
const (
	NoAction       Action = ""
	UpdateCard     Action = "update_payment_method"
	ConfirmPayment Action = "confirm_payment"
)

// Access answers: what is the account on, may it use it, until when, why, and what must the customer do.
type Access struct {
	Group        Group // of which it is; "" is the default one
	Plan         PlanID
	Price        string // the catalogue's key of the price, "" without subscription
	Subscription SubscriptionID
	Status       Status // the subscription's, "" without one
	Level        Level
	Until        time.Time // period end plus leeway; zero: no end is known (never invented)
	PeriodEnd    time.Time // the provider's
	CancelAt     time.Time // zero unless a cancel is scheduled
	Quantity     int64     // of a price by seats, else 0
	Next         NextPlan  // a change that is scheduled, zero without one
	AddOns       []HeldAddOn
	Paused       bool   // nothing is charged; what is paid for is kept until its end
	Why          string // one sentence for people
	Action       Action
	ActionURL    string // where to do it, "" for the portal
}

// level returns what the policy gives to a subscription that has been in status for that long.
func (p AccessPolicy) level(status Status, since time.Duration) Level {
	for _, rule := range p.Rules {
		if rule.Status == status && (rule.Within == 0 || since < rule.Within) {
			return rule.Level
		}
	}
	return FreeOnly
}

// AccessOf says what a customer may use now of the catalogue's group. It reads the mirror only: an end that the provider did not name is left out.
func AccessOf(c Catalog, s State, now time.Time) Access {
	best, ok := Best(c, s)
	if !ok {
		return c.atMost(Access{Group: c.group, Plan: c.freePlan(), Level: FreeOnly, Why: c.nothingWhy()})
	}
	plan, price := c.Sold(best)
	a := Access{
		Group: c.group, Plan: plan.ID, Price: price.Key, Subscription: best.ID, Status: best.Status,
		PeriodEnd: best.PeriodEnd(), CancelAt: best.CancelAt, Next: c.nextOf(best), AddOns: c.addOnsOf(best),
	}
	if item, _, ok := c.soldItem(best); ok && price.Kind == PerSeat {
		a.Quantity = item.Quantity
	}
	if paid := c.Paid(best); paid && !a.PeriodEnd.IsZero() {
		a.Until = a.PeriodEnd.Add(c.Policy.Leeway)
	}
	// A cancel is news from the provider: it needs no leeway for late ones.
	if !a.CancelAt.IsZero() && (a.Until.IsZero() || a.CancelAt.Before(a.Until)) {
		a.Until = a.CancelAt
	}
	debt := oldestDebt(s, best.ID)
	judge(c, &a, debt, now)
	if a.Paused = best.Status == Paused; best.Suspended {
		c.suspend(&a, s.idle(best))
	}
	if best.TakenBack != "" {
		a.Level, a.Action = lesser(a.Level, FreeOnly), NoAction
		a.Why = takenBackWhy(c.nameOf(a.Plan), best.TakenBack)
	}
	if !a.Until.IsZero() && !now.Before(a.Until) {
		a.Level = lesser(a.Level, FreeOnly)
		a.Why = fmt.Sprintf("%s ended on %s, and no news of a renewal has come.", c.nameOf(a.Plan), day(a.Until))
	}
	return c.atMost(a)
}

// judge fills in Level, Why and Action by status.
func judge(c Catalog, a *Access, debt *Invoice, now time.Time) {
	name, status := c.nameOf(a.Plan), a.Status
	var since time.Duration
	if debt != nil {
		since = now.Sub(debt.CreatedAt)
	}
	switch status {
	case Active, Trialing:
		a.Why = runningWhy(c, *a)
	case PastDue:
		a.Action = UpdateCard
		over := c.unpaidFrom(debt)
		switch {
		case !over.IsZero() && !now.Before(over):
			status = Unpaid
			a.Why = fmt.Sprintf("The payment of %s for %s failed, and has not come since.", debt.AmountDue.Format("en"), name)
			if debt.NeedsConfirmation {
				a.Action, a.ActionURL = ConfirmPayment, debt.HostedURL
			}
		case debt == nil:
			a.Why = fmt.Sprintf("A payment for %s is overdue.", name)
		case debt.NeedsConfirmation:
			a.Action, a.ActionURL = ConfirmPayment, debt.HostedURL
			a.Why = fmt.Sprintf("The bank asks you to confirm the payment of %s for %s.", debt.AmountDue.Format("en"), name)
		case !debt.NextAttempt.IsZero():
			a.Why = fmt.Sprintf("The payment of %s for %s failed; it is tried again on %s.", debt.AmountDue.Format("en"), name, day(debt.NextAttempt))
		case debt.Attempts == 0: // an invoice that the customer pays by hand
			a.ActionURL = debt.HostedURL
			a.Why = fmt.Sprintf("The payment of %s for %s is overdue.", debt.AmountDue.Format("en"), name)
		default:
			// Nobody tries any more: what the provider calls past_due is in effect unpaid.
			status = Unpaid
			a.Why = fmt.Sprintf("The payment of %s for %s failed, and it is not tried again.", debt.AmountDue.Format("en"), name)
		}
	case Unpaid:
		a.Action = UpdateCard
		a.Why = fmt.Sprintf("%s is not paid for.", name)
	case Incomplete:
		a.Why = fmt.Sprintf("The first payment for %s is not complete.", name)
		if a.Action = UpdateCard; debt != nil && debt.NeedsConfirmation {
			a.Action, a.ActionURL = ConfirmPayment, debt.HostedURL
		}
	case Paused:
		a.Why = fmt.Sprintf("%s is paused.", name)
	}
	a.Level = c.Policy.level(status, since)
}

// runningWhy is the sentence for a subscription without trouble.
func runningWhy(c Catalog, a Access) string {
	name := c.nameOf(a.Plan)
	switch {
	case !a.CancelAt.IsZero():
		return name + " was cancelled and ends on " + day(a.CancelAt) + "."
	case a.Status == Trialing && !a.PeriodEnd.IsZero():
		return "The trial of " + name + " ends on " + day(a.PeriodEnd) + "."
	case a.Until.IsZero() && a.Plan == c.freePlan():
		return name + " costs nothing."
	case a.PeriodEnd.IsZero():
		return name + " is paid for."
	}
	return name + " is paid for until " + day(a.PeriodEnd) + "."
}

// Best returns the subscription of the catalogue's group that decides about access: one that runs before one that never began, a paid one before a free
// one, one that is paid up or still charged before one that is not, a newer one before an older one. There is none when all have
// ended.
func Best(c Catalog, s State) (Subscription, bool) {
	var best Subscription
	found := false
	for _, sub := range s.Subscriptions {
		if s.Deleted || sub.Status.Ended() || !c.holds(sub) {
			continue
		}
		if !found || c.before(sub, best) {
			best, found = sub, true
		}
	}
	return best, found
}

func (c Catalog) before(a, b Subscription) bool {
	if began := a.Status != Incomplete; began != (b.Status != Incomplete) {
		return began
	}
	if paid := c.Paid(a); paid != c.Paid(b) {
		return paid
	}
	if lapsed := a.lapsed(); lapsed != b.lapsed() {
		return !lapsed
	}
	return a.CreatedAt.After(b.CreatedAt)
}

// Sold returns the plan and price of the catalogue that a subscription is on; both are zero for what is not in the catalogue.
func (c Catalog) Sold(s Subscription) (Plan, Price) {
	for _, item := range s.Items {
		if plan, price, ok := c.PlanOfPrice(item.PriceKey); ok {
			return plan, price
		}
	}
	return Plan{}, Price{}
}

// Paid reports whether a subscription costs anything.
func (c Catalog) Paid(s Subscription) bool {
	for _, item := range s.Items {
		if !item.Amount.IsZero() {
			return true
		}
		if _, price, ok := c.PlanOfPrice(item.PriceKey); ok && !price.Free() {
			return true
		}
		if _, price, ok := c.AddOnOfPrice(item.PriceKey); ok && !price.Free() {
			return true
		}
	}
	return false
}

// PaidRunning counts the subscriptions of the catalogue's group that run and cost something. More than one means that somebody pays twice.
func (c Catalog) PaidRunning(s State) (n int) {
	for _, sub := range s.Subscriptions {
		if !sub.Status.Ended() && sub.Status != Incomplete && c.Paid(sub) && c.holds(sub) {
			n++
		}
	}
	return n
}

// oldestDebt returns the oldest open invoice of a subscription, nil when nothing is owed.
func oldestDebt(s State, id SubscriptionID) *Invoice {
	var debt *Invoice
	sub, _ := s.Subscription(id)
	for i, invoice := range s.Invoices {
		if invoice.Subscription != id || invoice.Status != InvoiceOpen || sub.Waits(invoice.ID) {
			continue
		}
		if debt == nil || invoice.CreatedAt.Before(debt.CreatedAt) {
			debt = &s.Invoices[i]
		}
	}
	return debt
}

// atMost turns the free level into none where there is no free plan.
func (c Catalog) atMost(a Access) Access {
	if _, ok := c.Plan(c.freePlan()); !ok && a.Level == FreeOnly {
		a.Level = None
	}
	return a
}

// lesser returns the lesser of two levels.
func lesser(a, b Level) Level {
	order := []Level{None, FreeOnly, Limited, Full}
	if slices.Index(order, a) < slices.Index(order, b) {
		return a
	}
	return b
}

func (c Catalog) nothingWhy() string {
	if plan, ok := c.Plan(c.freePlan()); ok {
		return fmt.Sprintf("There is no subscription; %s costs nothing.", plan.Name)
	}
	return "There is no subscription."
}

// nameOf is how people call a plan.
func (c Catalog) nameOf(id PlanID) string {
	if plan, ok := c.Plan(id); ok {
		return plan.Name
	}
	return "The subscription"
}

func day(t time.Time) string { return t.UTC().Format("2 January 2006") }
