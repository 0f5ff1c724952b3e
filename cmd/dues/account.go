package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/dues-billing/dues"
	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/internal/design"
	"github.com/dues-billing/dues/internal/verdict"
	"github.com/dues-billing/dues/service"
)

type accountCommands struct {
	Show accountShow `cmd:"" help:"Why an account has access, or has it not, in words."`
	List accountList `cmd:"" help:"The newest accounts, or those that are searched for."`
}

// showShown is how many invoices and events are read for an answer.
const showShown = 10

type accountShow struct {
	shop
	Who  string    `arg:"" help:"The account's id, a part of its e-mail or name that no other has, or the id or number of anything of it at Stripe." placeholder:"WHO"`
	At   time.Time `help:"Judge it at this moment instead of now: what will it have then, if no news comes?" placeholder:"2026-01-31T00:00:00Z"`
	JSON bool      `name:"json" help:"As JSON."`
}

// Help teaches by examples.
func (accountShow) Help() string {
	return `The same answer as on the account's page in the admin, from the database alone; Stripe is not asked.

  dues account show ada@example.com
  dues account show user_17 --json | jq .reasons
  dues account show cus_Qe1sXmPlA7uL2k --at 2026-12-31T00:00:00Z`
}

// Run prints the answer, its reasons and the facts behind them.
func (a accountShow) Run(ctx context.Context, c console) (err error) {
	at := cmp.Or(a.At, time.Now())
	svc, err := a.openToRead(ctx, c, at)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, svc.Close()) }()
	id, err := find(ctx, svc, a.Who)
	if err != nil {
		return err
	}
	f, held, err := readFacts(ctx, svc, id, at)
	if err != nil {
		return err
	}
	if a.JSON {
		return printVerdict(c, f, held)
	}
	return writeVerdict(c, f, held)
}

// openToRead opens what answers questions, as of a moment. It asks Stripe nothing, so it needs no key.
func (s shop) openToRead(ctx context.Context, c console, at time.Time) (*dues.Service, error) {
	s.StripeKey = cmp.Or(s.StripeKey, "sk_test_unused")
	return s.openWith(ctx, s.logger(c.err), service.Clock{Business: func() time.Time { return at }})
}

// find returns the account that somebody means.
func find(ctx context.Context, svc *dues.Service, who string) (billing.AccountID, error) {
	account, err := svc.Account(ctx, billing.AccountID(who))
	if billing.CodeOf(err) != billing.NotFound {
		return account.ID, err
	}
	found, err := svc.Search(ctx, who, 2)
	switch {
	case err != nil:
		return "", err
	case len(found) == 0:
		return "", hint(fmt.Errorf("no account has %q in its id, e-mail or name, and nothing of it has this id or number", who), "dues account list shows the newest")
	case len(found) > 1:
		return "", hint(fmt.Errorf("%q is in more than one account", who), "dues account list %s shows them; then say the id", who)
	}
	return found[0].ID, nil
}

// readFacts reads what the answer is made of, and what may be used.
func readFacts(ctx context.Context, svc *dues.Service, id billing.AccountID, at time.Time) (f verdict.Facts, held []billing.Entitlement, err error) {
	catalog := svc.Catalog()
	f = verdict.Facts{Now: at, Leeway: catalog.Policy.Leeway, Names: verdict.NamesOf(catalog)}
	if f.Status, err = svc.Status(ctx, id); err != nil {
		return f, nil, err
	}
	if f.Invoices, err = svc.Invoices(ctx, id); err != nil {
		return f, nil, err
	}
	if f.Events, _, err = svc.Events(ctx, service.EventFilter{Account: id}, service.Page{Limit: showShown}); err != nil {
		return f, nil, err
	}
	held, err = svc.Entitlements(ctx, id)
	return f, held, err
}

// signs stand before a reason by how good the news is.
var signs = map[design.Tone]string{design.Good: "+", design.Bad: "!", design.Warn: "!", design.Note: "i", design.Plain: "-"}

func writeVerdict(c console, f verdict.Facts, held []billing.Entitlement) error {
	s := f.Status
	c.printf("%s\n\n", f.Answer().Text)
	for _, r := range f.Reasons() {
		c.printf("  %s %s\n", signs[r.Tone], r.Text)
	}
	c.printf("\n")
	t := tabwriter.NewWriter(c.out, 0, 4, 2, ' ', 0)
	row := func(name, value string) {
		if value != "" {
			fmt.Fprintf(t, "%s\t%s\n", name, value)
		}
	}
	row("account", string(s.Account.ID))
	row("name", s.Account.Name)
	row("customer at Stripe", string(s.Account.Customer))
	row("plan", s.PlanName)
	row("access", string(s.Level))
	row("until", moment(s.Until))
	for _, other := range s.Others {
		row("in "+string(other.Group), fmt.Sprintf("%s, %s", other.PlanName, other.Level))
	}
	if m := s.Method; m != nil {
		row("card", fmt.Sprintf("%s ending in %s, valid until %02d/%d", design.CardName(m.Brand), m.Last4, m.ExpMonth, m.ExpYear))
	}
	for _, e := range held {
		row("may use "+string(e.Feature), verdict.Usable(e))
	}
	for i, invoice := range f.Invoices[:min(len(f.Invoices), showShown)] {
		name := ""
		if i == 0 {
			name = "invoices"
		}
		fmt.Fprintf(t, "%s\t%s  %s  %s  %s\n", name, invoice.CreatedAt.UTC().Format(time.DateOnly), cmp.Or(invoice.Number, string(invoice.ID)), invoice.Status, design.FormatMoney(invoice.Total))
	}
	return t.Flush()
}

// moment is a time in text, "" for none.
func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return design.FormatTime(t)
}

func printVerdict(c console, f verdict.Facts, held []billing.Entitlement) error {
	s := f.Status
	var reasons []string
	for _, r := range f.Reasons() {
		reasons = append(reasons, r.Text)
	}
	features := map[billing.FeatureID]string{}
	for _, e := range held {
		features[e.Feature] = verdict.Usable(e)
	}
	invoices := []map[string]any{}
	for _, i := range f.Invoices[:min(len(f.Invoices), showShown)] {
		invoices = append(invoices, map[string]any{
			"id": i.ID, "number": i.Number, "status": i.Status, "total": i.Total.Minor, "currency": strings.ToUpper(string(i.Total.Currency)), "created_at": i.CreatedAt.UTC(),
		})
	}
	return json.NewEncoder(c.out).Encode(map[string]any{
		"account": s.Account.ID, "customer": s.Account.Customer, "email": s.Account.Email, "at": f.Now.UTC(), "answer": f.Answer().Text, "reasons": reasons,
		"plan": s.Plan, "price": s.Price, "access": s.Level, "status": s.Status, "subscription": s.Subscription, "until": orNull(s.Until), "period_end": orNull(s.PeriodEnd),
		"cancel_at": orNull(s.CancelAt), "features": features, "invoices": invoices,
	})
}

// orNull is a time for JSON, null for none.
func orNull(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC()
}

type accountList struct {
	shop
	Query string `arg:"" optional:"" help:"A part of the id, e-mail or name, or the id or number of anything at Stripe." placeholder:"QUERY"`
	Limit int    `help:"At most so many." default:"50"`
	JSON  bool   `name:"json" help:"A line of JSON each."`
}

// Help teaches by examples.
func (accountList) Help() string {
	return `  dues account list
  dues account list example.com --limit 200 --json`
}

// Run prints the accounts with what they have.
func (a accountList) Run(ctx context.Context, c console) (err error) {
	svc, err := a.openToRead(ctx, c, time.Now())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, svc.Close()) }()
	found, err := svc.Search(ctx, a.Query, a.Limit)
	if err != nil {
		return err
	}
	t := lines{console: c, json: a.JSON, head: "ACCOUNT\tE-MAIL\tPLAN\tACCESS\tSUBSCRIPTION\tSINCE"}
	for _, account := range found {
		s, err := svc.Status(ctx, account.ID)
		if err != nil {
			return err
		}
		t.add(map[string]any{
			"account": account.ID, "email": account.Email, "plan": s.Plan, "access": s.Level, "status": s.Status, "created_at": account.CreatedAt.UTC(),
		}, account.ID, account.Email, s.PlanName, s.Level, cmp.Or(string(s.Status), "none"), account.CreatedAt.UTC().Format(time.DateOnly))
	}
	return t.end("")
}
