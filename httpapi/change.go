package httpapi

import (
	"context"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/money"
	"github.com/dues-billing/dues/service"
)

type previewRequest struct {
	Price     string `json:"price,omitempty" doc:"A price's key, from GET /v1/plans; left out, the price stays"`
	Quantity  int64  `json:"quantity,omitempty" minimum:"1" doc:"How many, of a price by seats; left out, it stays"`
	When      string `json:"when,omitempty" enum:"now,period_end" doc:"Left out: now for more money a day, at the period's end for less or for a shorter period"`
	Proration string `json:"proration,omitempty" enum:"invoice,next_invoice,none" doc:"Of a change now: the difference is invoiced at once (so unless said), is on the next invoice, or is left out"`
}

func (r previewRequest) wish(group billing.Group) billing.ChangeWish {
	return billing.ChangeWish{Group: group, PriceKey: r.Price, Quantity: r.Quantity, When: billing.ChangeWhen(r.When), Proration: billing.Proration(r.Proration)}
}

// An end user does not choose how the rest of the period is billed.
type (
	myPreviewRequest struct {
		Price    string `json:"price,omitempty" doc:"A price's key, from GET /v1/plans; left out, the price stays"`
		Quantity int64  `json:"quantity,omitempty" minimum:"1" doc:"How many, of a price by seats; left out, it stays"`
		When     string `json:"when,omitempty" enum:"now,period_end" doc:"Left out: now for more money a day, at the period's end for less or for a shorter period"`
	}
	myChangeRequest struct {
		Price    string `json:"price,omitempty" doc:"A price's key, from GET /v1/plans; left out, the price stays"`
		Quantity int64  `json:"quantity,omitempty" minimum:"1" doc:"How many, of a price by seats; left out, it stays"`
		When     string `json:"when,omitempty" enum:"now,period_end" doc:"Left out: now for more money a day, at the period's end for less or for a shorter period"`
		Preview  string `json:"preview,omitempty" doc:"The token of a preview: what was shown is done for what was shown, else the answer is 409 with a new preview"`
	}
)

type changeRequest struct {
	Price     string `json:"price,omitempty" doc:"A price's key, from GET /v1/plans; left out, the price stays"`
	Quantity  int64  `json:"quantity,omitempty" minimum:"1" doc:"How many, of a price by seats; left out, it stays"`
	When      string `json:"when,omitempty" enum:"now,period_end" doc:"Left out: now for more money a day, at the period's end for less or for a shorter period"`
	Proration string `json:"proration,omitempty" enum:"invoice,next_invoice,none" doc:"Of a change now: the difference is invoiced at once (so unless said), is on the next invoice, or is left out"`
	Preview   string `json:"preview,omitempty" doc:"The token of a preview: what was shown is done for what was shown, else the answer is 409 with a new preview"`
}

// ChangePreview is what a change will cost. Amounts are in the currency's minor unit.
type ChangePreview struct {
	Token     string             `json:"token" doc:"What POST …/change takes as preview"`
	ExpiresAt *Moment            `json:"expires_at"`
	When      billing.ChangeWhen `json:"when" enum:"now,period_end"`
	Price     string             `json:"price"`
	Quantity  int64              `json:"quantity"`
	Proration billing.Proration  `json:"proration" enum:",invoice,next_invoice,none"`
	AddOns    []AddOnChange      `json:"addons,omitempty" doc:"What becomes of add-ons by it; absent where all stay as they are"`
	InvoicePreview
}

// InvoicePreview is an invoice to come. Amounts are in the currency's minor unit.
type InvoicePreview struct {
	At        *Moment        `json:"at" doc:"When it is charged"`
	Currency  money.Currency `json:"currency"`
	Subtotal  int64          `json:"subtotal"`
	Total     int64          `json:"total" doc:"With discounts and taxes"`
	Applied   int64          `json:"applied_balance" doc:"What the account's credit pays of it; negative: what is added to the credit"`
	AmountDue int64          `json:"amount_due" doc:"What is charged"`
	Lines     []PreviewLine  `json:"lines" nullable:"false"`
}

// PreviewLine is one line of an invoice to come.
type PreviewLine struct {
	Description string  `json:"description"`
	Amount      int64   `json:"amount"`
	Quantity    int64   `json:"quantity"`
	Price       string  `json:"price" doc:"The price's key; empty for what is not in the catalogue"`
	PeriodStart *Moment `json:"period_start"`
	PeriodEnd   *Moment `json:"period_end"`
	Proration   bool    `json:"proration" doc:"Unused or remaining time of a period that has begun"`
}

func previewOf(p service.ChangePreview) ChangePreview {
	return ChangePreview{
		Token: p.Token, ExpiresAt: moment(p.ExpiresAt), When: p.Planned.When, Price: p.Planned.Price.Key, Quantity: p.Planned.Quantity,
		Proration: p.Planned.Proration, AddOns: addOnChangesOf(p.Planned.AddOns), InvoicePreview: upcomingOf(p.Preview),
	}
}

func upcomingOf(p billing.Preview) InvoicePreview {
	out := InvoicePreview{
		At: moment(p.At), Currency: p.Total.Currency, Subtotal: p.Subtotal.Minor, Total: p.Total.Minor, Applied: p.Applied.Minor,
		AmountDue: p.AmountDue.Minor, Lines: []PreviewLine{},
	}
	for _, line := range p.Lines {
		out.Lines = append(out.Lines, PreviewLine{
			Description: line.Description, Amount: line.Amount.Minor, Quantity: line.Quantity, Price: line.PriceKey,
			PeriodStart: moment(line.Period.Start), PeriodEnd: moment(line.Period.End), Proration: line.Proration,
		})
	}
	return out
}

func (a *api) previewMine(ctx context.Context, in *withBodyInGroup[myPreviewRequest]) (*reply[ChangePreview], error) {
	given := in.Body.value
	return a.previewAsked(ctx, caller(ctx), in.group(), previewRequest{Price: given.Price, Quantity: given.Quantity, When: given.When})
}

func (a *api) preview(ctx context.Context, in *withBodyOfInGroup[previewRequest]) (*reply[ChangePreview], error) {
	return a.previewAsked(ctx, billing.AccountID(in.ID), in.group(), in.Body.value)
}

func (a *api) previewAsked(ctx context.Context, id billing.AccountID, group billing.Group, given previewRequest) (*reply[ChangePreview], error) {
	seen, err := a.service.PreviewChange(ctx, id, given.wish(group))
	if err != nil {
		return nil, err
	}
	return ok(previewOf(seen)), nil
}

func (a *api) upcomingMine(ctx context.Context, in *oneselfInGroup) (*reply[InvoicePreview], error) {
	return a.upcomingAsked(ctx, caller(ctx), in.group())
}

func (a *api) upcoming(ctx context.Context, in *byIDInGroup) (*reply[InvoicePreview], error) {
	return a.upcomingAsked(ctx, billing.AccountID(in.ID), in.group())
}

func (a *api) upcomingAsked(ctx context.Context, id billing.AccountID, group billing.Group) (*reply[InvoicePreview], error) {
	next, err := a.service.Upcoming(ctx, id, group)
	if err != nil {
		return nil, err
	}
	return ok(upcomingOf(next)), nil
}

func (a *api) changeMine(ctx context.Context, in *withBodyInGroup[myChangeRequest]) (*reply[Account], error) {
	given := in.Body.value
	wish := previewRequest{Price: given.Price, Quantity: given.Quantity, When: given.When}.wish(in.group())
	return changed(a.service.Change(ctx, caller(ctx), service.PlanChange{ChangeWish: wish, Preview: given.Preview, ByCustomer: true}))
}

func (a *api) change(ctx context.Context, in *withBodyOfInGroup[changeRequest]) (*reply[Account], error) {
	given := in.Body.value
	wish := previewRequest{given.Price, given.Quantity, given.When, given.Proration}.wish(in.group())
	return changed(a.service.Change(ctx, billing.AccountID(in.ID), service.PlanChange{ChangeWish: wish, Preview: given.Preview}))
}

// NextPlan is a change that happens when the period ends.
type NextPlan struct {
	Price    string  `json:"price" doc:"The price's key; empty for what is not in the catalogue"`
	Quantity int64   `json:"quantity"`
	At       *Moment `json:"at"`
}

// appendJSON implements rendered.
func (n *NextPlan) appendJSON(to []byte) []byte {
	o := open(to)
	o.text("price", n.Price)
	o.number("quantity", n.Quantity)
	o.moment("at", n.At)
	return o.close()
}

func nextOf(n billing.NextPlan) *NextPlan {
	if n.At.IsZero() {
		return nil
	}
	return &NextPlan{n.PriceKey, n.Quantity, moment(n.At)}
}

func (a *api) keepMine(ctx context.Context, in *oneselfInGroup) (*reply[Account], error) {
	return changed(a.service.KeepPlan(ctx, caller(ctx), in.group()))
}

func (a *api) keep(ctx context.Context, in *byIDInGroup) (*reply[Account], error) {
	return changed(a.service.KeepPlan(ctx, billing.AccountID(in.ID), in.group()))
}
