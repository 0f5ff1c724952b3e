package demo

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/dues-billing/dues/internal/design"
	"github.com/dues-billing/dues/money"
)

// frame is what all pages share.
type frame struct {
	Base, Title string
	Current     string // the path of the page, to mark it in the navigation
	Email       string // who is signed in, "" for nobody
	Time        *timebar
	Inbox       string
	Dashboard   string
	Admin       string
}

func (a *app) frame(r *http.Request, title string) frame {
	f := frame{
		Base: a.cfg.BasePath, Title: title, Current: a.backFrom(r), Time: a.timebar(r),
		Inbox: a.cfg.InboxURL, Dashboard: a.cfg.DashboardURL, Admin: a.cfg.AdminURL,
	}
	if v, ok := a.visitor(r); ok {
		f.Email = v.Email
	}
	return f
}

func (f frame) page(width design.Width) design.Page {
	p := design.Page{Title: f.Title + " · Fieldnotes", Brand: "Fieldnotes", Home: f.Base + "/", Width: width}
	if f.Title == "Fieldnotes" {
		p.Title = "Fieldnotes"
	}
	if f.Email == "" {
		return p
	}
	p.End = whoIsIn(f)
	for _, link := range []struct{ text, path string }{{"Projects", "/"}, {"Handbook", "/handbook"}, {"Pricing", "/pricing"}, {"Billing", "/billing"}} {
		p.Nav = append(p.Nav, design.Link{Text: link.text, Href: f.Base + link.path, Current: link.path == f.Current})
	}
	return p
}

type notesView struct {
	frame
	Account  account
	Projects []project
	Limit    int64
	Export   bool
	Handbook *license
	Upgraded bool // just back from an upgrade
	Name     string
	// NameFault is what was wrong with the name of a new project.
	NameFault string
}

func (v notesView) full() bool { return int64(len(v.Projects)) >= v.Limit }

// used is how much of the limit is taken, for the meter.
func (v notesView) used() string { return fmt.Sprintf("%d of %d projects", len(v.Projects), v.Limit) }

// handbookWords say how the license of the handbook stands.
func (v notesView) handbookWords() string {
	switch {
	case v.Handbook == nil:
		return "Four chapters on looking closer. Comes with Premium."
	case v.Handbook.Valid && v.Account.Action != "":
		return "Paid until " + design.FormatDate(v.Handbook.EndsAt) + ". It stays open while the renewal is tried again."
	case v.Handbook.Valid:
		return "Paid until " + design.FormatDate(v.Handbook.EndsAt) + ". Each paid renewal extends it."
	case v.Account.Action != "":
		return "Your license ended on " + design.FormatDate(v.Handbook.EndsAt) + ". It goes on once the renewal is paid."
	}
	return "Your license ended on " + design.FormatDate(v.Handbook.EndsAt) + ". Premium brings it back."
}

type pricingView struct {
	frame
	Plans      []plan
	TurnedBack bool // from the payment page, without paying
}

// paying reports whether the visitor is on a price that costs something.
func (v pricingView) paying() bool {
	for _, p := range v.Plans {
		for _, price := range p.Prices {
			if price.Current && price.Amount > 0 {
				return true
			}
		}
	}
	return false
}

type billingView struct {
	frame
	Account  account
	Invoices []invoice
	Email    string
}

func (a account) actionTitle() string {
	switch a.Action {
	case "update_payment_method":
		return "Your last payment failed"
	case "confirm_payment":
		return "Your bank asks you to confirm the payment"
	}
	return ""
}

func (c card) text() string { return design.CardName(c.Brand) + " ending in " + c.Last4 }

func (c card) expiry() string { return fmt.Sprintf("%02d/%d", c.ExpMonth, c.ExpYear) }

func (p price) amount() money.Amount { return money.New(p.Amount, p.Currency) }

func (p price) per() string {
	if p.IntervalCount == 1 {
		return "per " + p.Interval
	}
	return fmt.Sprintf("every %d %ss", p.IntervalCount, p.Interval)
}

// button is what the price's button says.
func (p price) button(plan plan, paying bool) string {
	if paying {
		return "Switch to " + p.every()
	}
	return "Upgrade to " + plan.Name + " " + p.every()
}

func (p price) every() string {
	switch {
	case p.IntervalCount == 1 && p.Interval == "month":
		return "monthly"
	case p.IntervalCount == 1 && p.Interval == "year":
		return "yearly"
	}
	return p.per()
}

func (f planFeature) text() string {
	if f.Type == "limit" && f.Enabled {
		return fmt.Sprintf("%d %s", f.Limit, strings.ToLower(f.Name))
	}
	return f.Name
}

func (i invoice) total() money.Amount { return money.New(i.Total, i.Currency) }

func (i invoice) about() string {
	if len(i.Lines) == 0 {
		return "–"
	}
	return i.Lines[len(i.Lines)-1].Description
}

func invoiceRows(list []invoice) []design.Row {
	var rows []design.Row
	for _, i := range list {
		rows = append(rows, design.Row{design.Date(i.CreatedAt), design.Text(i.about()), design.Status(i.Status), design.Money(i.total()), invoiceLink(i)})
	}
	return rows
}

// offerStyle makes one button of the page the one to press: the first price that costs something.
func offerStyle(v pricingView, p price) design.ButtonStyle {
	for _, plan := range v.Plans {
		for _, other := range plan.Prices {
			if other.Amount > 0 && !v.paying() {
				if other.Key == p.Key {
					return design.Primary
				}
				return design.Secondary
			}
		}
	}
	return design.Secondary
}
