package adminui

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/internal/design"
	"github.com/dues-billing/dues/service"
)

const dunnedShown = 50 // a link leads to more

const cursorField = "after"

type dunningView struct {
	frame
	Dunned []service.Dunned
	More   string // a link, "" after the last
}

// dunning shows who owes a payment, and what comes next.
func (a *admin) dunning(w http.ResponseWriter, r *http.Request, f frame) error {
	f.Title = "Payments owed"
	all, next, err := a.service.Dunning(r.Context(), service.Page{Cursor: r.URL.Query().Get(cursorField), Limit: dunnedShown})
	if err != nil {
		return err
	}
	v := dunningView{frame: f, Dunned: all}
	if next != "" {
		v.More = base + "/dunning?" + url.Values{cursorField: {next}}.Encode()
	}
	a.serve(w, r, http.StatusOK, dunningPage(v))
	return nil
}

func (v dunningView) rows() []design.Row {
	var rows []design.Row
	for _, d := range v.Dunned {
		rows = append(rows, design.Row{
			design.Anchor(string(d.Account), accountPath(d.Account)), design.Status(string(d.Subscription.Status)), when(d.Since),
			design.Text(strconv.Itoa(d.Invoice.Attempts)), when(d.Invoice.NextAttempt), when(d.LastAt), nextStep(d.Next, d.NextAt), design.Money(d.Invoice.AmountDue),
		})
	}
	return rows
}

// stepWords are what dunning does next.
var stepWords = map[string]string{
	billing.PaymentReminderMail: "A reminder", billing.LastReminderMail: "The last reminder",
	string(billing.DunningCancels): "The plan ends", string(billing.DunningFrees): "Back to the free plan",
}

func nextStep(step string, at time.Time) templ.Component {
	if at.IsZero() {
		return design.Muted("nothing")
	}
	return stepAt(stepWords[step], at)
}
