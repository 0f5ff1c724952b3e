package adminui

import (
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// galleryNumbers are two years of a shop that grows.
func galleryNumbers() numbersView {
	n := billing.Numbers{Currency: "eur"}
	mrr, active := int64(0), 0
	for i := range 25 {
		start := time.Date(2025, time.February+time.Month(i), 1, 0, 0, 0, 0, time.UTC)
		began, left := 9+i*2/3, i/2
		m := billing.MonthNumbers{
			Start: start, End: start.AddDate(0, 1, 0), Began: began, Left: left, New: int64(began) * 1900, Churn: int64(left) * 1900,
			Expansion: int64(i%5) * 3000, Contraction: int64(i%4) * 1000, Failed: 2 + i%6, Recovered: 1 + i%6*2/3,
		}
		if i%3 == 2 {
			m.Reactivation, m.Returned = 3800, 2
		}
		mrr += m.New + m.Expansion + m.Reactivation - m.Contraction - m.Churn
		active += m.Began + m.Returned - m.Left
		m.MRR, m.Active = mrr, active
		m.Plans = map[billing.PlanID]int64{"premium": mrr * 7 / 10, "team": mrr - mrr*7/10}
		n.Months = append(n.Months, m)
		c := billing.Cohort{Start: start, Size: began}
		for later := range 25 - i {
			c.Stay = append(c.Stay, began-min(began/2, later*began/20))
		}
		n.Cohorts = append(n.Cohorts, c)
	}
	return numbersView{
		frame: galleryFrame("Numbers", base+"/numbers"), Numbers: n,
		Counted: service.Numbers{At: galleryNow, Standings: billing.Standings{Active: active, Trialing: 14, PastDue: 6, Unpaid: 1}, Currencies: []billing.Numbers{n, {Currency: "usd"}}},
		Plans:   map[billing.PlanID]string{"premium": "Premium", "team": "Team"},
	}
}
