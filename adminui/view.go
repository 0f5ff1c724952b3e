package adminui

import (
	"strconv"
	"time"

	"github.com/a-h/templ"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/internal/design"
	"github.com/dues-billing/dues/service"
)

type homeView struct {
	frame
	Query    string
	Queues   service.Queues
	Accounts []accountRow
}

type accountRow struct {
	Account billing.Account
	Status  service.Status
}

func (v homeView) rows() []design.Row {
	var rows []design.Row
	for _, a := range v.Accounts {
		rows = append(rows, design.Row{
			design.Anchor(a.Account.Email, accountPath(a.Account.ID)), design.Code(string(a.Account.ID)), design.Text(a.Status.PlanName),
			design.Status(string(a.Status.Level)), statusOrNone(a.Status.Status), design.Date(a.Account.CreatedAt),
		})
	}
	return rows
}

// statusOrNone leaves the cell empty for an account without subscription.
func statusOrNone(s billing.Status) templ.Component {
	if s == "" {
		return design.Muted("none")
	}
	return design.Status(string(s))
}

// when shows a moment, or nothing for one that is not known.
func when(t time.Time) templ.Component {
	if t.IsZero() {
		return design.Muted("–")
	}
	return design.Moment(t)
}

func (k facts) subscriptionRows() []design.Row {
	var rows []design.Row
	for _, s := range k.Subscriptions {
		price := ""
		if len(s.Items) > 0 {
			price = k.Price(s.Items[0].PriceKey)
		}
		rows = append(rows, design.Row{
			design.Code(string(s.ID)), design.Status(string(s.Status)), design.Text(price), when(s.StartedAt), when(s.PeriodEnd()), ended(s),
		})
	}
	return rows
}

func ended(s billing.Subscription) templ.Component {
	if !s.EndedAt.IsZero() && s.CancelReason != "" {
		return endedBecause(s.EndedAt, s.CancelReason)
	}
	return when(s.EndedAt)
}

func (k facts) invoiceRows() []design.Row {
	var rows []design.Row
	for _, i := range k.Invoices {
		number := design.Text(i.Number)
		if i.HostedURL != "" && i.Number != "" {
			number = design.Anchor(i.Number, i.HostedURL)
		}
		rows = append(rows, design.Row{
			number, design.Status(string(i.Status)), design.Text(i.Reason), when(i.CreatedAt), when(i.PaidAt), when(i.NextAttempt), design.Money(i.Total),
			givenBack(i), refundLink(k.Status.Account.ID, i),
		})
	}
	return rows
}

func (k facts) licenseRows() []design.Row {
	var rows []design.Row
	for _, l := range k.Licenses {
		state := design.Badge(design.Plain, "Ended")
		if l.Valid {
			state = design.Badge(design.Good, "Valid")
		}
		rows = append(rows, design.Row{design.Text(k.Names.Asset[l.Asset]), state, when(l.StartsAt), when(l.EndsAt), when(l.ValidUntil)})
	}
	return rows
}

func (k facts) purchaseRows() []design.Row {
	var rows []design.Row
	for _, p := range k.Purchases {
		rows = append(rows, design.Row{
			design.Code(string(p.ID)), design.Status(shownState(string(p.Status))), design.Text(k.Price(p.PriceKey)), when(p.CreatedAt), when(p.CompletedAt), design.Code(p.PaymentIntent),
		})
	}
	return rows
}

// nothingIn says that nothing is there, or that nothing is what was asked for.
func nothingIn(c chosen, nothing string) string {
	if c == (chosen{}) {
		return nothing
	}
	return "Nothing here is what you ask for."
}

func nothingFound(query string) string {
	if query == "" {
		return "No account was made yet. POST /v1/accounts makes one."
	}
	return "No account has this in its id, e-mail address or name, and nothing of it has this id or number."
}

func cardText(m *billing.PaymentMethod) templ.Component {
	if m == nil {
		return design.Muted("none saved")
	}
	text := design.CardName(m.Brand) + " ending in " + m.Last4 + ", valid until " + strconv.Itoa(m.ExpMonth) + "/" + strconv.Itoa(m.ExpYear)
	if m.Wallet != "" {
		text += " (" + m.Wallet + ")"
	}
	return design.Text(text)
}

func reasonIcon(t design.Tone) string {
	switch t {
	case design.Good:
		return "good"
	case design.Warn:
		return "warn"
	case design.Bad:
		return "alert"
	}
	return "info"
}
