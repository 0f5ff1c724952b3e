package httpapi

import (
	"context"
	"net/http"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// Dunning is a page of the accounts that owe a payment and are reminded of it.
type Dunning struct {
	Dunning    []Dunned `json:"dunning" nullable:"false"`
	NextCursor *string  `json:"next_cursor" doc:"cursor of the next page; null after the last"`
}

// Dunned is where an account stands that owes a payment.
type Dunned struct {
	Account      billing.AccountID      `json:"account" doc:"The app's own id"`
	Subscription billing.SubscriptionID `json:"subscription" doc:"Stripe's id"`
	Status       billing.Status         `json:"status" doc:"The subscription's"`
	Invoice      billing.InvoiceID      `json:"invoice" doc:"The oldest that is owed; Stripe's id"`
	Amount       int64                  `json:"amount" doc:"That is due of it, in minor units"`
	Currency     string                 `json:"currency"`
	Since        Moment                 `json:"since" doc:"When the payment failed first"`
	Attempts     int                    `json:"attempts" doc:"How often Stripe has tried"`
	RetryAt      *Moment                `json:"retry_at" nullable:"true" doc:"When Stripe tries again; null: not any more"`
	RemindedAt   *Moment                `json:"reminded_at" nullable:"true" doc:"The newest reminder; null before the first"`
	NextAt       *Moment                `json:"next_at" nullable:"true" doc:"When the next step is due; null: none comes"`
	Next         string                 `json:"next" enum:",payment_reminder,last_reminder,cancel,free" doc:"Which mail that is, or which end; empty: none comes"`
}

func dunnedOf(d service.Dunned) Dunned {
	return Dunned{
		Account: d.Account, Subscription: d.Subscription.ID, Status: d.Subscription.Status, Invoice: d.Invoice.ID,
		Amount: d.Invoice.AmountDue.Minor, Currency: string(d.Invoice.AmountDue.Currency), Since: Moment(d.Since), Attempts: d.Invoice.Attempts,
		RetryAt: moment(d.Invoice.NextAttempt), RemindedAt: moment(d.LastAt), NextAt: moment(d.NextAt), Next: d.Next,
	}
}

type askedDunning struct{ Listed }

func (a *api) dunning(ctx context.Context, in *askedDunning) (*reply[Dunning], error) {
	page, err := in.page(in)
	if err != nil {
		return nil, err
	}
	all, next, err := a.service.Dunning(ctx, page)
	if err != nil {
		return nil, err
	}
	out := Dunning{Dunning: []Dunned{}, NextCursor: cursor(next)}
	for _, d := range all {
		out.Dunning = append(out.Dunning, dunnedOf(d))
	}
	return ok(out), nil
}

// openCardLink is the button of a reminder. Where it leads is made at this click, for a page of Stripe's that lies in a mail would be over by then.
func (a *api) openCardLink(w http.ResponseWriter, r *http.Request) {
	to, err := a.service.OpenCardLink(r.Context(), r.URL.Query())
	w.Header().Set("Cache-Control", "no-store")
	a.goBack(w, r, to, err)
}
