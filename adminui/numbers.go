package adminui

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/internal/design"
	"github.com/dues-billing/dues/money"
	"github.com/dues-billing/dues/service"
)

const (
	currencyField = "currency"
	monthsShown   = 13 // in charts and tables; files have all that was counted
	cohortsShown  = 7
)

// numbersView is what the business counts, in one currency.
type numbersView struct {
	frame
	Counted service.Numbers
	billing.Numbers
	Plans map[billing.PlanID]string // their names
}

// numbers shows revenue and customers by month.
func (a *admin) numbers(w http.ResponseWriter, r *http.Request, f frame) error {
	v, err := a.counted(r, f)
	if err != nil {
		return err
	}
	v.Title = "Numbers"
	a.serve(w, r, http.StatusOK, numbersPage(v))
	return nil
}

// countNow counts anew.
func (a *admin) countNow(w http.ResponseWriter, r *http.Request, _ frame) error {
	if _, err := a.service.Numbers(r.Context(), true); err != nil {
		return err
	}
	http.Redirect(w, r, base+"/numbers", http.StatusSeeOther)
	return nil
}

// counted reads the numbers of the currency that is asked for, or of the one of most revenue.
func (a *admin) counted(r *http.Request, f frame) (v numbersView, err error) {
	v = numbersView{frame: f, Plans: map[billing.PlanID]string{"": "Add-ons, and prices that are not in the catalogue"}}
	for _, plan := range a.service.Catalog().Plans {
		v.Plans[plan.ID] = plan.Name
	}
	if v.Counted, err = a.service.Numbers(r.Context(), false); err != nil || len(v.Counted.Currencies) == 0 {
		return v, err
	}
	wanted := money.Currency(r.URL.Query().Get(currencyField))
	at := slices.IndexFunc(v.Counted.Currencies, func(n billing.Numbers) bool { return n.Currency == wanted })
	v.Numbers = v.Counted.Currencies[max(0, at)]
	return v, nil
}

// numbersFile is one of the tables as a file.
func (a *admin) numbersFile(w http.ResponseWriter, r *http.Request, f frame) error {
	v, err := a.counted(r, f)
	if err != nil {
		return err
	}
	name, _ := strings.CutSuffix(r.PathValue("file"), ".csv")
	rows, known := v.files()[name]
	if !known {
		return billing.Errorf(billing.NotFound, "there is no such file")
	}
	h := w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="`+name+"-"+cmp.Or(string(v.Currency), "none")+`.csv"`)
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	return csv.NewWriter(w).WriteAll(rows)
}

// files are all tables, with all months. Amounts are in units of the currency, with a point.
func (v numbersView) files() map[string][][]string {
	amount := func(minor int64) string {
		digits, _, _ := strings.Cut(money.New(minor, v.Currency).String(), " ")
		return digits
	}
	revenue := [][]string{{"month", "currency", "mrr", "new", "expansion", "reactivation", "contraction", "churn", "customers", "began", "returned", "left"}}
	payments := [][]string{{"month", "currency", "failed", "failed_amount", "recovered", "recovered_amount"}}
	plans := [][]string{{"month", "currency", "plan", "mrr"}}
	cohorts := [][]string{{"began", "customers", "months_later", "still_pay"}}
	for i, m := range v.Months {
		month := m.Start.Format("2006-01")
		revenue = append(revenue, []string{month, string(v.Currency), amount(m.MRR), amount(m.New), amount(m.Expansion), amount(m.Reactivation), amount(m.Contraction), amount(m.Churn),
			strconv.Itoa(m.Active), strconv.Itoa(m.Began), strconv.Itoa(m.Returned), strconv.Itoa(m.Left)})
		payments = append(payments, []string{month, string(v.Currency), strconv.Itoa(m.Failed), amount(m.FailedAmount), strconv.Itoa(m.Recovered), amount(m.RecoveredAmount)})
		for _, plan := range v.planIDs() {
			plans = append(plans, []string{month, string(v.Currency), cmp.Or(string(plan), "other"), amount(m.Plans[plan])})
		}
		for later, stay := range v.Cohorts[i].Stay {
			cohorts = append(cohorts, []string{month, strconv.Itoa(v.Cohorts[i].Size), strconv.Itoa(later), strconv.Itoa(stay)})
		}
	}
	return map[string][][]string{"revenue": revenue, "payments": payments, "plans": plans, "cohorts": cohorts}
}

// planIDs are the plans that brought anything, in the order of their ids.
func (v numbersView) planIDs() (all []billing.PlanID) {
	for _, m := range v.Months {
		for plan := range m.Plans {
			if !slices.Contains(all, plan) {
				all = append(all, plan)
			}
		}
	}
	slices.Sort(all)
	return all
}

// shown are the months of charts and tables.
func (v numbersView) shown() []billing.MonthNumbers {
	return v.Months[max(0, len(v.Months)-monthsShown):]
}

// current is the running month.
func (v numbersView) current() billing.MonthNumbers { return v.Months[len(v.Months)-1] }

func (v numbersView) amount(minor int64) string {
	return design.FormatMoney(money.New(minor, v.Currency))
}

// short writes an amount of an axis, without what is less than a unit.
func (v numbersView) short(minor int64) string {
	units := minor
	for range v.Currency.Exponent() {
		units /= 10
	}
	switch {
	case units >= 1_000_000 || units <= -1_000_000:
		return strconv.FormatFloat(float64(units)/1_000_000, 'f', -1, 64) + "M"
	case units >= 10_000 || units <= -10_000:
		return strconv.FormatFloat(float64(units)/1_000, 'f', -1, 64) + "k"
	}
	return strconv.FormatInt(units, 10)
}

// change is how much more or less revenue there is than a month before, in percent; "" without one.
func (v numbersView) change() string {
	if len(v.Months) < 2 || v.Months[len(v.Months)-2].MRR == 0 {
		return ""
	}
	was, is := v.Months[len(v.Months)-2].MRR, v.current().MRR
	return fmt.Sprintf("%+.1f %% since the month before", float64(is-was)/float64(was)*100)
}

// churn is how many of a hundred customers left in the last whole month.
func (v numbersView) churn() string {
	if len(v.Months) < 3 || v.Months[len(v.Months)-3].Active == 0 {
		return "–"
	}
	return fmt.Sprintf("%.1f %%", float64(v.Months[len(v.Months)-2].Left)/float64(v.Months[len(v.Months)-3].Active)*100)
}

// file is the address of a table as a file.
func (v numbersView) file(name string) string {
	return base + "/numbers/" + name + ".csv?" + currencyField + "=" + string(v.Currency)
}
