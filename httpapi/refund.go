package httpapi

import (
	"context"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/money"
	"github.com/dues-billing/dues/service"
)

// RefundQuote says whether a payment may be given back. Amounts are in the currency's minor unit.
type RefundQuote struct {
	Invoice  billing.InvoiceID `json:"invoice" doc:"The payment that it is about; empty when nothing was paid"`
	Eligible bool              `json:"eligible" doc:"Whether the rules of the catalogue allow it"`
	Amount   int64             `json:"amount" doc:"What is left to be given back"`
	Currency money.Currency    `json:"currency"`
	Until    *Moment           `json:"until" nullable:"true" doc:"Until when it may be asked for; null: there is no such time"`
	Reasons  []RefundReason    `json:"reasons" nullable:"false" doc:"Why not; empty when eligible"`
}

// RefundReason is one reason against a refund.
type RefundReason struct {
	Code    billing.NoRefund `json:"code" enum:"nothing_paid,not_offered,renewal,too_late,consumed,too_often,already_refunded,disputed"`
	Message string           `json:"message"`
}

// Refunds are the refunds that were asked for, newest first.
type Refunds struct {
	Refunds []Refund `json:"refunds" nullable:"false"`
}

// Refund is a payment that is given back.
type Refund struct {
	ID         billing.RefundOrderID `json:"id"`
	Invoice    billing.InvoiceID     `json:"invoice"`
	Status     billing.RefundStatus  `json:"status" enum:"pending,made,refused" doc:"pending: Stripe has not answered yet, and is asked again until it does"`
	Amount     int64                 `json:"amount"`
	Currency   money.Currency        `json:"currency"`
	Reason     string                `json:"reason"`
	Override   bool                  `json:"override" doc:"The rules spoke against it"`
	Refund     billing.RefundID      `json:"refund" doc:"Stripe's id, once made"`
	CreditNote string                `json:"credit_note" doc:"The number of the credit note that it is on"`
	CreatedAt  Moment                `json:"created_at"`
	DoneAt     *Moment               `json:"done_at" nullable:"true"`
}

type myRefundRequest struct {
	Invoice string `json:"invoice,omitempty" doc:"The payment to give back; the newest unless said"`
}

type refundRequest struct {
	Invoice  string `json:"invoice,omitempty" doc:"The payment to give back; the newest unless said"`
	Amount   int64  `json:"amount,omitempty" doc:"In the currency's minor unit; all that is left unless said"`
	Reason   string `json:"reason,omitempty" enum:"duplicate,fraudulent,order_change,product_unsatisfactory" doc:"What the credit note says (credit_note.reason)"`
	Override bool   `json:"override,omitempty" doc:"Give it back whatever the rules say"`
}

type quotedMine struct {
	OfGroup
	Invoice string `query:"invoice" doc:"The payment to ask about; the newest unless said"`
}

type quoted struct {
	ID string `path:"id" doc:"The app's own id"`
	OfGroup
	Invoice string `query:"invoice" doc:"The payment to ask about; the newest unless said"`
}

func (a *api) quoteMine(ctx context.Context, in *quotedMine) (*reply[RefundQuote], error) {
	return a.quoteOf(ctx, caller(ctx), in.group(), in.Invoice)
}

func (a *api) quote(ctx context.Context, in *quoted) (*reply[RefundQuote], error) {
	return a.quoteOf(ctx, billing.AccountID(in.ID), in.group(), in.Invoice)
}

func (a *api) quoteOf(ctx context.Context, id billing.AccountID, group billing.Group, invoice string) (*reply[RefundQuote], error) {
	q, err := a.service.QuoteRefund(ctx, id, group, billing.InvoiceID(invoice))
	if err != nil {
		return nil, err
	}
	out := RefundQuote{Invoice: q.Invoice, Eligible: q.Eligible(), Amount: q.Amount.Minor, Currency: q.Amount.Currency, Until: moment(q.Until), Reasons: []RefundReason{}}
	for _, reason := range q.Reasons {
		out.Reasons = append(out.Reasons, RefundReason(reason))
	}
	return ok(out), nil
}

func (a *api) refundMine(ctx context.Context, in *withBodyInGroup[myRefundRequest]) (*reply[Refund], error) {
	return a.refunded(ctx, caller(ctx), service.Refund{Group: in.group(), Invoice: billing.InvoiceID(in.Body.value.Invoice)})
}

func (a *api) refund(ctx context.Context, in *withBodyOfInGroup[refundRequest]) (*reply[Refund], error) {
	given := in.Body.value
	return a.refunded(ctx, billing.AccountID(in.ID), service.Refund{
		Group:   in.group(),
		Invoice: billing.InvoiceID(given.Invoice), Amount: given.Amount, Reason: given.Reason, Override: given.Override,
	})
}

func (a *api) refunded(ctx context.Context, id billing.AccountID, req service.Refund) (*reply[Refund], error) {
	order, err := a.service.Refund(ctx, id, req)
	if err != nil {
		return nil, err
	}
	note(ctx, "", string(order.ID))
	return ok(refundOf(order)), nil
}

func (a *api) myRefunds(ctx context.Context, _ *oneself) (*reply[Refunds], error) {
	return a.refundsOf(ctx, caller(ctx))
}

func (a *api) refunds(ctx context.Context, in *byID) (*reply[Refunds], error) {
	return a.refundsOf(ctx, billing.AccountID(in.ID))
}

func (a *api) refundsOf(ctx context.Context, id billing.AccountID) (*reply[Refunds], error) {
	orders, err := a.service.Refunds(ctx, id)
	if err != nil {
		return nil, err
	}
	out := Refunds{Refunds: []Refund{}}
	for _, order := range orders {
		out.Refunds = append(out.Refunds, refundOf(order))
	}
	return ok(out), nil
}

func refundOf(o billing.RefundOrder) Refund {
	return Refund{
		ID: o.ID, Invoice: o.Invoice, Status: o.Status, Amount: o.Amount.Minor, Currency: o.Amount.Currency, Reason: o.Reason, Override: o.Override,
		Refund: o.Refund, CreditNote: o.CreditNote, CreatedAt: Moment(o.CreatedAt), DoneAt: moment(o.DoneAt),
	}
}

type consumptionRequest struct {
	Asset   string `json:"asset"`
	Percent int64  `json:"percent" minimum:"0" maximum:"100" doc:"How much of it was consumed so far; less than was said before changes nothing"`
}

// Consumed is how much of each asset an account has consumed.
type Consumed struct {
	Consumption []Consumption `json:"consumption" nullable:"false"`
}

// Consumption is how much of an asset was consumed.
type Consumption struct {
	Asset      billing.AssetID `json:"asset"`
	Percent    int             `json:"percent"`
	ReportedAt Moment          `json:"reported_at"`
}

func (a *api) consume(ctx context.Context, in *withBodyOf[consumptionRequest]) (*reply[Consumed], error) {
	id, given := billing.AccountID(in.ID), in.Body.value
	if err := a.service.Consume(ctx, id, billing.AssetID(given.Asset), int(given.Percent)); err != nil {
		return nil, err
	}
	all, err := a.service.Consumption(ctx, id)
	if err != nil {
		return nil, err
	}
	out := Consumed{Consumption: []Consumption{}}
	for _, c := range all {
		out.Consumption = append(out.Consumption, Consumption{Asset: c.Asset, Percent: c.Percent, ReportedAt: Moment(c.ReportedAt)})
	}
	return ok(out), nil
}
