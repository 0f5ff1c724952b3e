package httpapi

import (
	"context"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/money"
)

// Credit is what an account has to its credit. Amounts are in the currency's minor unit.
type Credit struct {
	Balance  int64          `json:"balance" doc:"What pays the next invoices; negative: owed, and charged with the next one"`
	Currency money.Currency `json:"currency" doc:"Empty while nothing was ever paid or given"`
	Moves    []CreditMove   `json:"moves" nullable:"false" doc:"What has changed it, newest first"`
}

// CreditMove is one change of a credit.
type CreditMove struct {
	ID        string            `json:"id"`
	Amount    int64             `json:"amount" doc:"Positive was given, negative was taken or has paid"`
	Balance   int64             `json:"balance" doc:"After it"`
	Currency  money.Currency    `json:"currency"`
	Note      string            `json:"note"`
	Key       string            `json:"key" doc:"The one that was sent; empty of what Stripe did by itself"`
	Invoice   billing.InvoiceID `json:"invoice" doc:"That it has paid, or empty"`
	CreatedAt Moment            `json:"created_at"`
}

type creditRequest struct {
	Amount   int64  `json:"amount" doc:"In the currency's minor unit: positive gives, negative takes"`
	Currency string `json:"currency"`
	Key      string `json:"key" maxLength:"100" doc:"Your own id of this credit: the same key is the same credit, however often it is sent"`
	Note     string `json:"note,omitempty" maxLength:"300" doc:"Why; the customer may see it"`
}

func (a *api) myCredit(ctx context.Context, _ *oneself) (*reply[Credit], error) {
	return creditOf(a.service.Credit(ctx, caller(ctx)))
}

func (a *api) credit(ctx context.Context, in *byID) (*reply[Credit], error) {
	return creditOf(a.service.Credit(ctx, billing.AccountID(in.ID)))
}

func (a *api) giveCredit(ctx context.Context, in *withBodyOf[creditRequest]) (*reply[Credit], error) {
	given := in.Body.value
	return creditOf(a.service.GiveCredit(ctx, billing.AccountID(in.ID), billing.CreditWish{
		Amount: money.New(given.Amount, money.Currency(given.Currency)), Note: given.Note, Key: given.Key,
	}))
}

func creditOf(c billing.Credit, err error) (*reply[Credit], error) {
	if err != nil {
		return nil, err
	}
	out := Credit{Balance: c.Balance.Minor, Currency: c.Balance.Currency, Moves: make([]CreditMove, len(c.Moves))}
	for i, m := range c.Moves {
		out.Moves[i] = CreditMove{m.ID, m.Amount.Minor, m.Balance.Minor, m.Amount.Currency, m.Note, m.Key, m.Invoice, Moment(m.CreatedAt)}
	}
	return ok(out), nil
}
