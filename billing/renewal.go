package billing

import (
	"fmt"
	"time"
)

// RenewalDaysMax is how many days ahead a customer may be reminded of a renewal.
const RenewalDaysMax = 90

// yearDays is how long a period is, at least, of whose renewal everybody is reminded: people forget what they bought a year ago, and in many places
// the law asks for it. Twelve months are a year, by Price.days too.
const yearDays = 360

// RenewalReminder says when customers are reminded that a plan renews. The zero value reminds nobody.
type RenewalReminder struct {
	Days       int  // ahead of the renewal; 0: nobody is reminded
	AllPeriods bool // also of periods shorter than a year
}

// renewalComing says when a customer has to be reminded of a subscription's renewal, or that now is the time; false when there is nothing to remind of.
// Once the period has ended there is no reminder of it any more, however long nobody looked.
func (c Catalog) renewalComing(sub Subscription, now time.Time) (Reminder, bool) {
	rule := c.Mails.RenewalReminder
	period, key, ok := c.renews(sub)
	if !ok || rule.Days == 0 || !now.Before(period.End) {
		return Reminder{}, false
	}
	ahead := time.Duration(rule.Days) * 24 * time.Hour
	// Who bought it so lately knows.
	if period.End.Sub(period.Start) <= ahead || !rule.AllPeriods && !c.yearly(sub, period) {
		return Reminder{}, false
	}
	r := Reminder{Rule: RenewalRule, About: sub.ID, DueAt: period.End.Add(-ahead)}
	if now.Before(r.DueAt) {
		return r, true
	}
	r.DueAt = time.Time{}
	r.Effects = []Effect{{
		Key: fmt.Sprintf("renewal-coming:%s:%d", sub.ID, period.End.Unix()), Kind: MailEffect, Name: RenewalReminderMail, Subscription: sub.ID, Price: key,
	}}
	return r, true
}

// renews returns the period after which a subscription is charged again by itself, and the key of the price it is charged for then.
func (c Catalog) renews(sub Subscription) (period Period, key string, ok bool) {
	if sub.Status != Active || !c.Paid(sub) || !sub.CancelAt.IsZero() || sub.CancelAtPeriodEnd || sub.Suspended || sub.TakenBack != "" {
		return period, "", false
	}
	item, price, sold := c.soldItem(sub)
	if period, key = item.Period, price.Key; !sold {
		period = sub.Items[0].Period // there is one, for it is paid
	}
	if sub.Next != (NextPlan{}) && !sub.Next.At.After(period.End) {
		next, _ := c.price(sub.Next.PriceKey)
		if key = sub.Next.PriceKey; next.Key != "" && next.Free() {
			return period, "", false
		}
	}
	return period, key, !period.End.IsZero()
}

// yearly reports whether a subscription is billed by the year, or less often. A first period that was cut short to begin on a certain day is one of
// them too.
func (c Catalog) yearly(sub Subscription, period Period) bool {
	const day = 24 * time.Hour
	if period.End.Sub(period.Start) >= yearDays*day {
		return true
	}
	_, price := c.Sold(sub)
	return price.days() >= yearDays
}

// KnownAhead reports whether the provider can tell now what a subscription's renewal will cost: usage is still to come, and a change that is scheduled
// is billed otherwise than what runs.
func (c Catalog) KnownAhead(sub Subscription) bool {
	for _, item := range sub.Items {
		price, ok := c.price(item.PriceKey)
		if !ok || price.Kind == Metered {
			return false
		}
	}
	return sub.Next == NextPlan{}
}
