package billing

import (
	"maps"
	"time"

	"github.com/dues-billing/dues/money"
)

// billedLine is a line of an invoice that bills a stretch of time in advance, for as long as its subscription lasted.
type billedLine struct {
	plan     PlanID // "" of an add-on
	price    Price  // zero: of none of the catalogue
	quantity int64  // negative on a credit
	amount   money.Amount
	period   Period
	until    time.Time // where it ended before; zero: it did not
}

// billed are the lines that recur, by currency. Drafts count, so that nobody seems to be gone for the hour in which a renewal is one; what was given up or taken
// back does not.
func (c *Counter) billed(subs []Subscription, invoices []Invoice) map[money.Currency][]billedLine {
	ended := map[SubscriptionID]time.Time{}
	for _, sub := range subs {
		ended[sub.ID] = sub.EndedAt
	}
	by := map[money.Currency][]billedLine{}
	for _, invoice := range invoices {
		if invoice.Subscription == "" || invoice.Status == InvoiceVoid || invoice.Status == InvoiceUncollectible {
			continue
		}
		for _, line := range invoice.Lines {
			l := billedLine{quantity: max(1, line.Quantity), amount: line.Amount, period: line.Period, until: ended[invoice.Subscription]}
			l.plan, l.price = c.sold(line.PriceKey)
			if line.Amount.IsZero() || l.price.Kind == Metered || !line.Period.End.After(line.Period.Start) {
				continue // a trial; what was used; what is paid once
			}
			if line.Amount.Minor < 0 {
				l.quantity = -l.quantity
			}
			by[line.Amount.Currency] = append(by[line.Amount.Currency], l)
		}
	}
	return by
}

// sold is the plan and the price of a key, also of an add-on, which has no plan.
func (c *Counter) sold(key string) (PlanID, Price) {
	if plan, price, ok := c.catalog.PlanOfPrice(key); ok {
		return plan.ID, price
	}
	_, price, _ := c.catalog.AddOnOfPrice(key)
	return "", price
}

// ratesAt is what is billed a month at a moment, by plan. A change in the middle of a period leaves the line of before, credits what is left of it, and
// bills the rest anew: so quantities of a price are added up, credits negative, and what remains is what was paid for at that moment.
func (c Catalog) ratesAt(lines []billedLine, at time.Time) map[PlanID]int64 {
	type sold struct {
		plan  PlanID
		price string
	}
	quantities, prices := map[sold]int64{}, map[string]Price{}
	rates := map[PlanID]int64{}
	for _, l := range lines {
		if at.Before(l.period.Start) || !at.Before(l.period.End) || !l.until.IsZero() && !at.Before(l.until) {
			continue
		}
		if len(l.price.Tiers) > 0 || l.price.Key == "" { // what it costs does not follow from the price: what was billed does
			rates[l.plan] += monthlyOf(l)
			continue
		}
		quantities[sold{l.plan, l.price.Key}] += l.quantity
		prices[l.price.Key] = l.price
	}
	for s, quantity := range quantities {
		if quantity > 0 {
			rates[s.plan] += monthly(prices[s.price], lines[0].amount.Currency) * quantity
		}
	}
	maps.DeleteFunc(rates, func(_ PlanID, rate int64) bool { return rate <= 0 }) // credits alone, whose invoice is older than what is mirrored
	return rates
}

// A month is so many days of a year, as a ratio.
const daysOfYear, monthsOfYear = 365, 12

// monthly is what one of a price costs a month in a currency, in minor units.
func monthly(p Price, currency money.Currency) int64 {
	amount := p.Amount
	for _, other := range p.Currencies {
		if other.Amount.Currency == currency {
			amount = other.Amount
		}
	}
	count := int64(max(1, p.IntervalCount))
	switch p.Interval {
	case Year:
		return amount.Part(1, monthsOfYear*count).Minor
	case Week:
		return amount.Part(daysOfYear, monthsOfYear*7*count).Minor
	case Day:
		return amount.Part(daysOfYear, monthsOfYear*count).Minor
	}
	return amount.Part(1, count).Minor
}

// monthlyOf is what a line costs a month, by its own period.
func monthlyOf(l billedLine) int64 {
	return l.amount.Part(int64(daysOfYear*24*time.Hour/monthsOfYear/time.Second), int64(max(time.Hour, l.period.End.Sub(l.period.Start))/time.Second)).Minor
}
