package adminui

import (
	"fmt"
	"strconv"

	"github.com/a-h/templ"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/internal/design"
)

// meanings say what each number is, by the name under which it stands on the page.
var meanings = []struct{ ID, Name, Text string }{
	{"mrr", "MRR", "Monthly recurring revenue: what all that is billed in advance, again and again, costs a month at the month's end (the running month: now). A year counts a twelfth, a week 365/84. It is the list price of what was invoiced: before discounts, taxes and credit, and without usage and what is paid once. Invoices that are paid, open or drafts count; void and uncollectible ones do not."},
	{"new", "New", "MRR of customers who pay for the first time ever."},
	{"expansion", "Expansion", "How much more those bring who paid the month before: a higher plan, more seats, an add-on."},
	{"reactivation", "Reactivation", "MRR of customers who had paid once, and not the month before."},
	{"contraction", "Contraction", "How much less those bring who still pay."},
	{"churn", "Churn", "MRR of those who paid the month before, and do not any more. The rate is customers: of a hundred who paid at the beginning of the last whole month, so many had left at its end."},
	{"customers", "Customers", "Who has MRR at the month's end. A customer who pays in two currencies counts in each."},
	{"trials", "Trials", "Subscriptions that are being tried now, in all currencies."},
	{"owed", "Past due", "Subscriptions whose renewal is not paid, while Stripe tries again; in all currencies."},
	{"failed", "Failed payments", "Invoices made in the month whose first charge failed; recovered are those of them that have been paid since."},
	{"cohorts", "Cohorts", "Of the customers who first paid in a month, how many pay at its end, and at the ends of the months after it."},
}

// labels are the months of charts.
func (v numbersView) labels() (all []string) {
	for _, m := range v.shown() {
		all = append(all, m.Start.Format("Jan 06"))
	}
	return all
}

// values are one number of each month.
func (v numbersView) values(of func(billing.MonthNumbers) int64) (all []int64) {
	for _, m := range v.shown() {
		all = append(all, of(m))
	}
	return all
}

func (v numbersView) revenueChart() design.Chart {
	return design.Chart{Title: "Monthly recurring revenue at the end of each month", Labels: v.labels(), Format: v.short, Series: []design.Series{
		{Name: "MRR", Tone: design.ChartMain, Values: v.values(func(m billing.MonthNumbers) int64 { return m.MRR })},
	}}
}

func (v numbersView) movementChart() design.Chart {
	return design.Chart{Title: "How monthly recurring revenue moved in each month", Labels: v.labels(), Format: v.short, Series: []design.Series{
		{Name: "New", Tone: design.ChartGood, Values: v.values(func(m billing.MonthNumbers) int64 { return m.New })},
		{Name: "Expansion", Tone: design.ChartMore, Values: v.values(func(m billing.MonthNumbers) int64 { return m.Expansion })},
		{Name: "Reactivation", Tone: design.ChartAgain, Values: v.values(func(m billing.MonthNumbers) int64 { return m.Reactivation })},
		{Name: "Contraction", Tone: design.ChartLess, Values: v.values(func(m billing.MonthNumbers) int64 { return -m.Contraction })},
		{Name: "Churn", Tone: design.ChartBad, Values: v.values(func(m billing.MonthNumbers) int64 { return -m.Churn })},
	}}
}

func (v numbersView) paymentsChart() design.Chart {
	return design.Chart{Title: "Invoices of each month whose first charge failed", Labels: v.labels(), Format: func(n int64) string { return strconv.FormatInt(n, 10) }, Series: []design.Series{
		{Name: "Recovered", Tone: design.ChartGood, Values: v.values(func(m billing.MonthNumbers) int64 { return int64(m.Recovered) })},
		{Name: "Not paid yet", Tone: design.ChartBad, Values: v.values(func(m billing.MonthNumbers) int64 { return int64(m.Failed - m.Recovered) })},
	}}
}

// movementRows are the months as a table, the running one first.
func (v numbersView) movementRows() (rows []design.Row) {
	shown := v.shown()
	for i := len(shown) - 1; i >= 0; i-- {
		m := shown[i]
		row := design.Row{design.Text(m.Start.Format("January 2006"))}
		for _, minor := range []int64{m.New, m.Expansion, m.Reactivation, -m.Contraction, -m.Churn, m.MRR} {
			row = append(row, v.quietZero(minor))
		}
		rows = append(rows, append(row, design.Text(strconv.Itoa(m.Active))))
	}
	return rows
}

// quietZero keeps what did not happen in the background.
func (v numbersView) quietZero(minor int64) templ.Component {
	if minor == 0 {
		return design.Muted("–")
	}
	return design.Text(v.amount(minor))
}

// planRows are what each plan brings now, the most first.
func (v numbersView) planRows() (rows []design.Row) {
	for _, plan := range v.planIDs() {
		now, share := v.current().Plans[plan], ""
		if v.current().MRR > 0 {
			share = fmt.Sprintf("%.0f %%", float64(now)/float64(v.current().MRR)*100)
		}
		before := int64(0)
		if len(v.Months) > 1 {
			before = v.Months[len(v.Months)-2].Plans[plan]
		}
		rows = append(rows, design.Row{design.Text(v.planName(plan)), v.quietZero(before), v.quietZero(now), design.Text(share)})
	}
	return rows
}

// planName is the name of a plan, or the id of one that the catalogue has no more.
func (v numbersView) planName(id billing.PlanID) string {
	if name, ok := v.Plans[id]; ok {
		return name
	}
	return string(id)
}

// cohortColumns and cohortRows are who began when, and how many of them stay.
func (v numbersView) cohortColumns() []design.Column {
	columns := []design.Column{{Title: "Began in"}, {Title: "Customers", Num: true}, {Title: "That month", Num: true}}
	for later := 1; later < cohortsShown; later++ {
		columns = append(columns, design.Column{Title: fmt.Sprintf("+%d", later), Num: true})
	}
	return columns
}

func (v numbersView) cohortRows() (rows []design.Row) {
	for i := len(v.Cohorts) - 1; i >= max(0, len(v.Cohorts)-cohortsShown); i-- {
		c := v.Cohorts[i]
		if c.Size == 0 {
			continue
		}
		row := design.Row{design.Text(c.Start.Format("January 2006")), design.Text(strconv.Itoa(c.Size))}
		for later := range cohortsShown {
			cell := design.Muted("")
			if later < len(c.Stay) {
				cell = design.Text(fmt.Sprintf("%.0f %%", float64(c.Stay[later])/float64(c.Size)*100))
			}
			row = append(row, cell)
		}
		rows = append(rows, row)
	}
	return rows
}
