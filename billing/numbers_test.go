package billing_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/money"
)

var counting = billing.Catalog{Plans: []billing.Plan{
	{ID: "free", Prices: []billing.Price{{Key: "free", Amount: money.New(0, "eur"), Interval: billing.Month}}},
	{ID: "basic", Prices: []billing.Price{
		{Key: "basic", Amount: money.New(1000, "eur"), Interval: billing.Month, Currencies: []billing.CurrencyPrice{{Rate: billing.Rate{Amount: money.New(1200, "usd")}}}},
		{Key: "basic-year", Amount: money.New(9990, "eur"), Interval: billing.Year},
		{Key: "basic-week", Amount: money.New(300, "eur"), Interval: billing.Week},
	}},
	{ID: "team", Prices: []billing.Price{{Key: "team", Amount: money.New(2000, "eur"), Interval: billing.Month, Kind: billing.PerSeat}}},
	{ID: "by-use", Prices: []billing.Price{{Key: "use", Amount: money.New(1, "eur"), Interval: billing.Month, Kind: billing.Metered}}},
}}

func noon(month time.Month, day int) time.Time {
	return time.Date(2026, month, day, 12, 0, 0, 0, time.UTC)
}

// bill is an invoice over a stretch of time.
func bill(status billing.InvoiceStatus, from, to time.Time, lines ...billing.InvoiceLine) billing.Invoice {
	i := billing.Invoice{ID: "in", Subscription: "sub", Status: status, CreatedAt: from, Total: money.New(0, "eur"), Lines: lines}
	for at := range i.Lines {
		i.Lines[at].Period = billing.Period{Start: from, End: to}
		i.Total.Minor += i.Lines[at].Amount.Minor
	}
	return i
}

func line(key string, minor, quantity int64) billing.InvoiceLine {
	return billing.InvoiceLine{PriceKey: key, Amount: money.New(minor, "eur"), Quantity: quantity}
}

// counted counts one customer in the months January to April 2026, on 15 April.
func counted(t *testing.T, subs []billing.Subscription, invoices ...billing.Invoice) (billing.Numbers, billing.Standings) {
	t.Helper()
	c := billing.NewCounter(counting, noon(time.April, 15), 4)
	c.Add(subs, invoices)
	all, stands := c.Numbers()
	if len(all) != 1 {
		t.Fatalf("%d currencies: %+v", len(all), all)
	}
	return all[0], stands
}

func mrr(n billing.Numbers) (all []int64) {
	for _, m := range n.Months {
		all = append(all, m.MRR)
	}
	return all
}

func same(t *testing.T, what string, got []int64, want ...int64) {
	t.Helper()
	for i := range want {
		if i >= len(got) || got[i] != want[i] {
			t.Errorf("%s: got %v, want %v", what, got, want)
			return
		}
	}
}

func TestRevenueIsWhatIsBilledAgainAndAgain(t *testing.T) {
	t.Parallel()
	jan, feb, mar, apr, year := noon(time.January, 10), noon(time.February, 10), noon(time.March, 10), noon(time.April, 10), noon(time.January, 10).AddDate(1, 0, 0)
	for name, c := range map[string]struct {
		invoices []billing.Invoice
		want     []int64
	}{
		"a year is a twelfth a month":   {[]billing.Invoice{bill(billing.InvoicePaid, jan, year, line("basic-year", 9990, 1))}, []int64{833, 833, 833, 833}},
		"a week is 52 and a bit a year": {[]billing.Invoice{bill(billing.InvoicePaid, noon(time.April, 10), noon(time.April, 17), line("basic-week", 300, 1))}, []int64{0, 0, 0, 1304}},
		"seats":                         {[]billing.Invoice{bill(billing.InvoicePaid, jan, feb, line("team", 6000, 3))}, []int64{6000, 0, 0, 0}},
		"a draft and an open one count": {[]billing.Invoice{bill(billing.InvoiceOpen, jan, feb, line("basic", 1000, 1)), bill(billing.InvoiceDraft, feb, mar, line("basic", 1000, 1))}, []int64{1000, 1000, 0, 0}},
		"what was given up does not":    {[]billing.Invoice{bill(billing.InvoiceVoid, jan, feb, line("basic", 1000, 1)), bill(billing.InvoiceUncollectible, feb, mar, line("basic", 1000, 1)), bill(billing.InvoicePaid, mar, apr, line("basic", 1000, 1))}, []int64{0, 0, 1000, 0}},
		"a trial and usage do not":      {[]billing.Invoice{bill(billing.InvoicePaid, jan, feb, line("basic", 0, 1), line("use", 700, 700)), bill(billing.InvoicePaid, feb, mar, line("basic", 1000, 1))}, []int64{0, 1000, 0, 0}},
		"a change in a period counts once": {[]billing.Invoice{
			bill(billing.InvoicePaid, jan, feb, line("basic", 1000, 1)), bill(billing.InvoicePaid, noon(time.January, 20), feb, line("basic", -677, 1), line("team", 2700, 2)),
		}, []int64{4000, 0, 0, 0}},
		"more seats in a period": {[]billing.Invoice{
			bill(billing.InvoicePaid, jan, feb, line("team", 4000, 2)), bill(billing.InvoicePaid, noon(time.January, 20), feb, line("team", -2700, 2), line("team", 6700, 5)),
		}, []int64{10000, 0, 0, 0}},
		"a price of none of ours, by its own period": {[]billing.Invoice{bill(billing.InvoicePaid, jan, year, line("foreign", 12000, 1))}, []int64{1000, 1000, 1000, 1000}},
	} {
		n, _ := counted(t, nil, c.invoices...)
		same(t, name, mrr(n), c.want...)
	}
}

func TestWhoLeavesInAPeriodIsGoneThen(t *testing.T) {
	t.Parallel()
	subs := []billing.Subscription{{ID: "sub", Status: billing.Canceled, EndedAt: noon(time.March, 20)}}
	n, stands := counted(t, subs, bill(billing.InvoicePaid, noon(time.January, 10), noon(time.January, 10).AddDate(1, 0, 0), line("basic-year", 9990, 1)))
	same(t, "revenue", mrr(n), 833, 833, 0, 0)
	if m := n.Months[2]; m.Churn != 833 || m.Left != 1 || m.Active != 0 || stands != (billing.Standings{}) {
		t.Errorf("in March: %+v; now %+v", m, stands)
	}
	if c := n.Cohorts[0]; c.Size != 1 || c.Stay[0] != 1 || c.Stay[1] != 1 || c.Stay[2] != 0 {
		t.Errorf("who began in January: %+v", c)
	}
}

func TestWhoComesBackIsNotNew(t *testing.T) {
	t.Parallel()
	n, _ := counted(t, nil, bill(billing.InvoicePaid, noon(time.January, 10), noon(time.February, 10), line("basic", 1000, 1)),
		bill(billing.InvoicePaid, noon(time.March, 10), noon(time.April, 10), line("team", 2000, 1)), bill(billing.InvoicePaid, noon(time.April, 10), noon(time.May, 10), line("basic", 1000, 1)))
	if n.Months[0].New != 1000 || n.Months[1].Churn != 1000 || n.Months[2].Reactivation != 2000 || n.Months[2].Returned != 1 || n.Months[3].Contraction != 1000 || n.Months[3].Plans["basic"] != 1000 {
		t.Errorf("%+v", n.Months)
	}
	if c := n.Cohorts[0]; c.Size != 1 || c.Stay[3] != 1 || n.Cohorts[2].Size != 0 {
		t.Errorf("%+v", n.Cohorts)
	}
}

func TestPaymentsThatFailedAreCountedWithThoseThatWereRecovered(t *testing.T) {
	t.Parallel()
	failed := bill(billing.InvoiceOpen, noon(time.February, 10), noon(time.March, 10), line("basic", 1000, 1))
	failed.Attempts = 2
	recovered := bill(billing.InvoicePaid, noon(time.February, 12), noon(time.March, 12), line("basic", 1000, 1))
	recovered.Attempts = 3
	once := bill(billing.InvoicePaid, noon(time.February, 14), noon(time.March, 14), line("basic", 1000, 1))
	once.Attempts = 1
	n, _ := counted(t, nil, failed, recovered, once)
	if m := n.Months[1]; m.Failed != 2 || m.FailedAmount != 2000 || m.Recovered != 1 || m.RecoveredAmount != 1000 {
		t.Errorf("%+v", m)
	}
}

func TestEachCurrencyHasItsOwnNumbers(t *testing.T) {
	t.Parallel()
	c := billing.NewCounter(counting, noon(time.April, 15), 4)
	dollars := bill(billing.InvoicePaid, noon(time.April, 1), noon(time.May, 1), line("basic", 1200, 1))
	dollars.Total.Currency, dollars.Lines[0].Amount.Currency = "usd", "usd"
	c.Add([]billing.Subscription{{ID: "sub", Status: billing.Trialing, CancelAt: noon(time.May, 1), Items: []billing.Item{{PriceKey: "basic"}}}}, []billing.Invoice{dollars})
	c.Add(nil, []billing.Invoice{bill(billing.InvoicePaid, noon(time.April, 1), noon(time.May, 1), line("basic", 1000, 1))})
	all, stands := c.Numbers()
	if len(all) != 2 || all[0].Currency != "usd" || all[0].Months[3].MRR != 1200 || all[1].Months[3].MRR != 1000 {
		t.Errorf("%+v", all)
	}
	if stands.Trialing != 1 || stands.Canceling != 1 {
		t.Errorf("%+v", stands)
	}
}

// What a month's revenue is follows from that of the month before and how it moved, whatever happened; so does who pays; and what plans bring adds up.
func TestMovementsAddUp(t *testing.T) {
	t.Parallel()
	keys := []string{"basic", "basic-year", "team", "basic-week", "foreign"}
	rapid.Check(t, func(t *rapid.T) {
		c := billing.NewCounter(counting, noon(time.April, 15), 4)
		for range rapid.IntRange(1, 5).Draw(t, "customers") {
			var invoices []billing.Invoice
			for range rapid.IntRange(0, 8).Draw(t, "invoices") {
				from := noon(time.January, 1).AddDate(0, 0, rapid.IntRange(-60, 110).Draw(t, "from"))
				to := from.AddDate(0, 0, rapid.IntRange(0, 400).Draw(t, "days"))
				minor := rapid.Int64Range(-5000, 9000).Draw(t, "minor")
				invoices = append(invoices, bill(billing.InvoicePaid, from, to, line(rapid.SampledFrom(keys).Draw(t, "price"), minor, rapid.Int64Range(0, 5).Draw(t, "quantity"))))
			}
			sub := billing.Subscription{ID: "sub", EndedAt: rapid.SampledFrom([]time.Time{{}, noon(time.March, 3)}).Draw(t, "ended")}
			c.Add([]billing.Subscription{sub}, invoices)
		}
		all, _ := c.Numbers()
		for _, n := range all {
			for i, m := range n.Months {
				var plans int64
				for _, rate := range m.Plans {
					plans += rate
				}
				if plans != m.MRR {
					t.Fatalf("plans bring %d of %d", plans, m.MRR)
				}
				if i == 0 {
					continue
				}
				before := n.Months[i-1]
				if got := before.MRR + m.New + m.Expansion + m.Reactivation - m.Contraction - m.Churn; got != m.MRR {
					t.Fatalf("month %d: %d moved to %d, and is %d: %+v", i, before.MRR, got, m.MRR, m)
				}
				if got := before.Active + m.Began + m.Returned - m.Left; got != m.Active {
					t.Fatalf("month %d: %d customers moved to %d, and are %d", i, before.Active, got, m.Active)
				}
			}
		}
	})
}
