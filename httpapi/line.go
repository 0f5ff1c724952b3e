package httpapi

import (
	"cmp"
	"context"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/money"
)

// Lines are what was added to an account's next invoice, or to a draft, newest first.
type Lines struct {
	Lines []Line `json:"lines" nullable:"false"`
}

// Line is one line that was added and is not billed yet. Amounts are in the currency's minor unit.
type Line struct {
	ID          billing.LineID    `json:"id"`
	Key         string            `json:"key" doc:"The one that was sent; empty of what was added in Stripe"`
	Amount      int64             `json:"amount" doc:"Of all of its quantity; negative takes off"`
	Currency    money.Currency    `json:"currency"`
	Quantity    int64             `json:"quantity"`
	Description string            `json:"description"`
	PeriodStart *Moment           `json:"period_start" nullable:"true"`
	PeriodEnd   *Moment           `json:"period_end" nullable:"true"`
	Invoice     billing.InvoiceID `json:"invoice" doc:"The draft that it stands on; empty while it waits for the next invoice"`
	Proration   bool              `json:"proration" doc:"Stripe has added it for a change of plan"`
	CreatedAt   Moment            `json:"created_at"`
}

type lineRequest struct {
	Amount      int64     `json:"amount" doc:"Of one, in the currency's minor unit; negative takes off"`
	Currency    string    `json:"currency"`
	Quantity    int64     `json:"quantity,omitempty" doc:"1 when it is left out"`
	Description string    `json:"description" maxLength:"500" doc:"What the customer reads on the invoice"`
	PeriodStart timestamp `json:"period_start,omitempty" doc:"The time that it is for; left out with its end, the moment at which it is added"`
	PeriodEnd   timestamp `json:"period_end,omitempty"`
	Invoice     string    `json:"invoice,omitempty" doc:"A draft's id; left out, the next invoice"`
	Key         string    `json:"key" maxLength:"100" doc:"Your own id of this line: the same key is the same line, however often it is sent"`
}

func (r lineRequest) wish() (billing.LineWish, error) {
	wish := billing.LineWish{
		Unit: money.New(r.Amount, money.Currency(r.Currency)), Quantity: cmp.Or(r.Quantity, 1), Description: r.Description,
		Invoice: billing.InvoiceID(r.Invoice), Key: r.Key,
	}
	var err error
	if wish.Period.Start, err = r.PeriodStart.moment("period_start"); err != nil {
		return wish, err
	}
	wish.Period.End, err = r.PeriodEnd.moment("period_end")
	return wish, err
}

type lineOf struct {
	ID   string `path:"id" doc:"The app's own id"`
	Line string `path:"line" doc:"The line's id"`
}

func (a *api) myLines(ctx context.Context, _ *oneself) (*reply[Lines], error) {
	return a.linesOf(ctx, caller(ctx))
}

func (a *api) lines(ctx context.Context, in *byID) (*reply[Lines], error) {
	return a.linesOf(ctx, billing.AccountID(in.ID))
}

func (a *api) linesOf(ctx context.Context, id billing.AccountID) (*reply[Lines], error) {
	list, err := a.service.Lines(ctx, id)
	if err != nil {
		return nil, err
	}
	out := Lines{Lines: make([]Line, len(list))}
	for i, line := range list {
		out.Lines[i] = lineAdded(line)
	}
	return ok(out), nil
}

func (a *api) addLine(ctx context.Context, in *withBodyOf[lineRequest]) (*reply[Line], error) {
	wish, err := in.Body.value.wish()
	if err != nil {
		return nil, err
	}
	line, err := a.service.AddLine(ctx, billing.AccountID(in.ID), wish)
	if err != nil {
		return nil, err
	}
	return ok(lineAdded(line)), nil
}

func (a *api) removeLine(ctx context.Context, in *lineOf) (*reply[Lines], error) {
	id := billing.AccountID(in.ID)
	if err := a.service.RemoveLine(ctx, id, billing.LineID(in.Line)); err != nil {
		return nil, err
	}
	return a.linesOf(ctx, id)
}

func lineAdded(l billing.AddedLine) Line {
	return Line{
		ID: l.ID, Key: l.Key, Amount: l.Amount.Minor, Currency: l.Amount.Currency, Quantity: l.Quantity, Description: l.Description,
		PeriodStart: moment(l.Period.Start), PeriodEnd: moment(l.Period.End), Invoice: l.Invoice, Proration: l.Proration, CreatedAt: Moment(l.CreatedAt),
	}
}
