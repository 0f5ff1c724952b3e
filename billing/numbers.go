package billing

import (
	"cmp"
	"slices"
	"time"

	"github.com/dues-billing/dues/money"
)

// Numbers are what a business counts of who pays it in one currency. All follow from invoices as the provider has them, before discounts, taxes and
// credit: what is billed again and again counts, and what is paid once, or by usage, does not.
type Numbers struct {
	Currency money.Currency
	Months   []MonthNumbers // calendar months, UTC; the last one is the running one
	Cohorts  []Cohort       // who began in each of them
}

// MonthNumbers are those of one month. Amounts are in minor units, and none is negative.
type MonthNumbers struct {
	Start, End time.Time // the running one ends now
	MRR        int64     // monthly recurring revenue at its end
	Plans      map[PlanID]int64

	New, Expansion, Reactivation, Contraction, Churn int64 // how MRR came from the month before: the first three up, the others down
	Active                                           int   // customers who pay at its end
	Began, Returned, Left                            int   // customers
	Failed, Recovered                                int   // invoices made in it whose first charge failed, and those of them that were paid all the same
	FailedAmount, RecoveredAmount                    int64
}

// Cohort are the customers who first paid in a month.
type Cohort struct {
	Start time.Time
	Size  int
	Stay  []int // how many of them pay at the end of that month, the one after, …, the running one
}

// Standings are how subscriptions that cost something stand now, in all currencies.
type Standings struct {
	Active, Trialing, PastDue, Unpaid, Canceling int
}

// Counter counts Numbers, a customer at a time, so that no more than one of them has to be in memory.
type Counter struct {
	catalog Catalog
	now     time.Time
	months  []Period
	by      map[money.Currency]*Numbers
	stands  Standings
}

// NewCounter counts so many months up to now.
func NewCounter(c Catalog, now time.Time, months int) *Counter {
	now = now.UTC()
	first := time.Date(now.Year(), now.Month()-time.Month(months-1), 1, 0, 0, 0, 0, time.UTC)
	counter := &Counter{catalog: c, now: now, by: map[money.Currency]*Numbers{}}
	for i := range months {
		counter.months = append(counter.months, Period{Start: first.AddDate(0, i, 0), End: first.AddDate(0, i+1, 0)})
	}
	counter.months[months-1].End = now.Add(time.Nanosecond) // what happens now has happened
	return counter
}

// of are the numbers of a currency.
func (c *Counter) of(currency money.Currency) *Numbers {
	n := c.by[currency]
	if n == nil {
		n = &Numbers{Currency: currency}
		for _, m := range c.months {
			n.Months = append(n.Months, MonthNumbers{Start: m.Start, End: m.End, Plans: map[PlanID]int64{}})
			n.Cohorts = append(n.Cohorts, Cohort{Start: m.Start})
		}
		n.Months[len(n.Months)-1].End = c.now
		for i := range n.Cohorts {
			n.Cohorts[i].Stay = make([]int, len(n.Months)-i)
		}
		c.by[currency] = n
	}
	return n
}

// Numbers are those of each currency, the one of most revenue first, and how subscriptions stand.
func (c *Counter) Numbers() ([]Numbers, Standings) {
	all := make([]Numbers, 0, len(c.by))
	for _, n := range c.by {
		all = append(all, *n)
	}
	slices.SortFunc(all, func(a, b Numbers) int {
		last := len(c.months) - 1
		return cmp.Or(cmp.Compare(b.Months[last].MRR, a.Months[last].MRR), cmp.Compare(a.Currency, b.Currency))
	})
	return all, c.stands
}

// Add counts a customer.
func (c *Counter) Add(subs []Subscription, invoices []Invoice) {
	for _, sub := range subs {
		c.stand(sub)
	}
	for _, invoice := range invoices {
		c.payment(invoice)
	}
	billed := c.billed(subs, invoices)
	for currency, lines := range billed {
		c.follow(c.of(currency), lines)
	}
}

// stand counts a subscription as it is now.
func (c *Counter) stand(sub Subscription) {
	if !c.catalog.Paid(sub) {
		return
	}
	switch sub.Status {
	case Active:
		c.stands.Active++
	case Trialing:
		c.stands.Trialing++
	case PastDue:
		c.stands.PastDue++
	case Unpaid:
		c.stands.Unpaid++
	default:
		return
	}
	if !sub.CancelAt.IsZero() {
		c.stands.Canceling++
	}
}

// payment counts an invoice whose first charge failed.
func (c *Counter) payment(invoice Invoice) {
	at := slices.IndexFunc(c.months, func(m Period) bool { return !invoice.CreatedAt.Before(m.Start) && invoice.CreatedAt.Before(m.End) })
	paid := invoice.Status == InvoicePaid
	if at < 0 || invoice.Attempts == 0 || paid && invoice.Attempts == 1 || invoice.Total.Minor <= 0 {
		return
	}
	m := &c.of(invoice.Total.Currency).Months[at]
	m.Failed++
	m.FailedAmount += invoice.Total.Minor
	if paid {
		m.Recovered++
		m.RecoveredAmount += invoice.Total.Minor
	}
}

// follow counts how a customer's revenue moves through the months.
func (c *Counter) follow(n *Numbers, lines []billedLine) {
	began := slices.MinFunc(lines, func(a, b billedLine) int { return a.period.Start.Compare(b.period.Start) }).period.Start
	was := total(c.catalog.ratesAt(lines, c.months[0].Start.Add(-time.Nanosecond)))
	cohort := slices.IndexFunc(c.months, func(m Period) bool { return !began.Before(m.Start) && began.Before(m.End) })
	if cohort >= 0 {
		n.Cohorts[cohort].Size++
	}
	for i := range n.Months {
		m := &n.Months[i]
		rates := c.catalog.ratesAt(lines, c.months[i].End.Add(-time.Nanosecond))
		is := total(rates)
		for plan, rate := range rates {
			m.Plans[plan] += rate
		}
		m.MRR += is
		if is > 0 {
			m.Active++
		}
		m.move(was, is, i == cohort)
		if cohort >= 0 && i >= cohort && is > 0 {
			n.Cohorts[cohort].Stay[i-cohort]++
		}
		was = is
	}
}

// move counts how a customer's revenue changed in a month. Who begins and leaves within one is seen in its cohort alone.
func (m *MonthNumbers) move(was, is int64, begins bool) {
	switch {
	case was == is:
	case was == 0 && begins:
		m.New += is
		m.Began++
	case was == 0:
		m.Reactivation += is
		m.Returned++
	case is == 0:
		m.Churn += was
		m.Left++
	case is > was:
		m.Expansion += is - was
	default:
		m.Contraction += was - is
	}
}

func total(rates map[PlanID]int64) (sum int64) {
	for _, rate := range rates {
		sum += rate
	}
	return sum
}
