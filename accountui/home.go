package accountui

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strconv"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/internal/design"
	"github.com/dues-billing/dues/service"
)

// doneField says in the address what was done just now: one of the texts done.NAME.
const doneField = "did"

// dones are what may stand there.
var dones = []string{"bought", "changed", "scheduled", "canceled", "resumed", "kept", "card"}

// homeView is what the account's page shows.
type homeView struct {
	frame
	Status   service.Status
	Price    billing.Price // zero without one in the catalogue
	Invoices []billing.Invoice
	Usage    []usage
	NextName string // of the plan that it changes to
	Done     string
}

// usage is how much of a feature was used.
type usage struct {
	Name        string
	Used, Limit int64 // Limit 0: there is none
}

// percent of the limit, at most 100.
func (u usage) percent() int64 {
	if u.Limit <= 0 {
		return 0
	}
	return min(100, u.Used*100/u.Limit)
}

func (u usage) text(f frame) string {
	if u.Limit <= 0 {
		return strconv.FormatInt(u.Used, 10)
	}
	return f.about("usage.of", struct{ Used, Limit int64 }{u.Used, u.Limit})
}

func (p *pages) home(w http.ResponseWriter, r *http.Request, f frame) error {
	v := homeView{frame: f}
	if done := r.URL.Query().Get(doneField); slices.Contains(dones, done) {
		v.Done = done
	}
	var err error
	if v.Status, err = p.service.Status(r.Context(), f.account.ID); err != nil {
		return err
	}
	_, v.Price, _ = p.service.Catalog().PlanOfPrice(v.Status.Price)
	next, _, _ := p.service.Catalog().PlanOfPrice(v.Status.Next.PriceKey)
	v.NextName = next.Name
	all, err := p.service.Invoices(r.Context(), f.account.ID)
	if err != nil {
		return err
	}
	v.Invoices = slices.DeleteFunc(all, func(i billing.Invoice) bool { return i.Status == billing.InvoiceDraft || i.Total.IsZero() })
	if v.Usage, err = p.usage(r.Context(), f.account.ID); err != nil {
		return err
	}
	p.serve(w, r, f, http.StatusOK, "home.title", homePage(v))
	return nil
}

// usage reads what was used of each feature that is counted.
func (p *pages) usage(ctx context.Context, id billing.AccountID) (all []usage, err error) {
	held, err := p.service.Entitlements(ctx, id)
	if err != nil {
		return nil, err
	}
	for _, e := range held {
		feature, _ := p.service.Catalog().Feature(e.Feature)
		u := usage{Name: feature.Name, Limit: e.Limit}
		switch {
		case !e.Enabled || e.Type == billing.Boolean:
			continue
		case e.Type == billing.Limit:
			quotas, err := p.service.Check(ctx, id, service.Question{Feature: e.Feature})
			if err != nil {
				return nil, err
			}
			u.Used = quotas[0].Used
		default:
			counted, err := p.service.Usage(ctx, id, service.UsageAsked{Feature: e.Feature})
			if err != nil {
				return nil, err
			}
			u.Used = counted.Total
		}
		all = append(all, u)
	}
	return all, nil
}

// pays reports whether something is paid for, or tried that will be.
func (v homeView) pays() bool { return costs(v.Price) }

// costs reports whether a price is one of the catalogue that is not free.
func costs(p billing.Price) bool { return p.Key != "" && !p.Free() }

// next says when what is paid for goes on or ends.
func (v homeView) next() string {
	s := v.Status
	switch {
	case !v.pays() || s.PeriodEnd.IsZero():
		return ""
	case s.Status == billing.Trialing:
		return v.about("plan.trial", v.day(s.PeriodEnd))
	case !s.CancelAt.IsZero():
		return "" // a notice says so
	case s.Paused:
		return v.about("plan.paused", v.day(s.PeriodEnd))
	}
	return v.about("plan.renews", v.day(s.PeriodEnd))
}

// method is the card that is charged.
func (v homeView) method() string {
	m := v.Status.Method
	if m == nil {
		return v.text("method.none")
	}
	return v.about("method.card", struct {
		Brand, Last4 string
		Month, Year  int
	}{design.CardName(m.Brand), m.Last4, m.ExpMonth, m.ExpYear})
}

// tone is how a state of an invoice is shown.
func tone(i billing.Invoice) design.Tone {
	switch i.Status {
	case billing.InvoicePaid:
		return design.Good
	case billing.InvoiceOpen:
		return design.Warn
	}
	return design.Plain
}

// invoiceRows are the invoices as a table.
func (v homeView) invoiceRows() (rows []design.Row) {
	for _, i := range v.Invoices {
		made := i.CreatedAt
		if !i.PaidAt.IsZero() {
			made = i.PaidAt
		}
		rows = append(rows, design.Row{
			design.Text(v.day(made)), design.Text(cmp.Or(i.Number, "–")), design.Badge(tone(i), v.titled("invoice", string(i.Status))),
			design.Text(v.money(i.Total)), invoiceLinks(v, i),
		})
	}
	return rows
}
