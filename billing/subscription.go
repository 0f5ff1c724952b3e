package billing

import (
	"slices"
	"time"

	"github.com/dues-billing/dues/money"
)

// SubscriptionID is the provider's id of a subscription.
type SubscriptionID string

// PriceID is the provider's id of a price.
type PriceID string

// Status is where a subscription stands, in Stripe's words.
type Status string

// The statuses, as Stripe defines them; Canceled and IncompleteExpired are final.
const (
	Incomplete        Status = "incomplete"
	IncompleteExpired Status = "incomplete_expired"
	Trialing          Status = "trialing"
	Active            Status = "active"
	PastDue           Status = "past_due"
	Canceled          Status = "canceled"
	Unpaid            Status = "unpaid"
	Paused            Status = "paused"
)

// Ended reports whether the status is final.
func (s Status) Ended() bool { return s == Canceled || s == IncompleteExpired }

// lapsed reports whether nothing is paid for any more, although the subscription has not ended.
func (s Subscription) lapsed() bool {
	return s.Status == Unpaid || s.Status == Paused || s.TakenBack != ""
}

// Item is one price of a subscription and the period it is billed for. Periods live on items, not on the subscription.
type Item struct {
	ID       string
	Price    PriceID
	PriceKey string // the catalogue's key (Stripe's lookup_key), "" for a price that is not in the catalogue
	Quantity int64
	Period   Period
	Amount   money.Amount // unit amount in the price's own currency
}

// Period is a stretch of time, start inclusive and end exclusive.
type Period struct{ Start, End time.Time }

// Subscription mirrors the provider's subscription: it is read from there and never argued with.
type Subscription struct {
	ID                SubscriptionID
	Customer          CustomerID
	Status            Status
	Items             []Item
	StartedAt         time.Time
	CreatedAt         time.Time
	TrialEnd          time.Time // zero without trial
	CancelAt          time.Time // zero unless a cancel is scheduled
	CanceledAt        time.Time
	EndedAt           time.Time
	CancelAtPeriodEnd bool
	CancelReason      string // the provider's, such as payment_failed
	PaymentMethod     PaymentMethodID
	LatestInvoice     InvoiceID
	TakenBack         TakenBack      // "" while what the running period was paid with is ours. State.Marked fills it in
	Suspended         bool           `json:",omitzero"` // nothing is collected (Stripe's pause_collection); the status does not tell
	Next              NextPlan       `json:",omitzero"` // what it changes to at a time to come; zero: it stays
	Later             LaterItems     `json:",omitzero"` // all items that it has then
	WaitsUntil        time.Time      `json:",omitzero"` // until when a change waits for LatestInvoice to be paid (Stripe's pending_update); zero: none does
	Currency          money.Currency `json:",omitzero"` // that it is billed in; "" of what was mirrored before that was kept
}

// Waits reports whether a change of the subscription waits for an invoice. Nobody owes that: unpaid, it is void in the end, and nothing has changed.
func (s Subscription) Waits(invoice InvoiceID) bool {
	return !s.WaitsUntil.IsZero() && s.LatestInvoice == invoice
}

// NextPlan is a change of a subscription that is scheduled.
type NextPlan struct {
	Price    PriceID
	PriceKey string // "" for a price that is not in the catalogue
	Quantity int64
	At       time.Time
}

// LaterItems are the items of a subscription from a moment on.
type LaterItems struct {
	At    time.Time
	Items []LaterItem
}

// LaterItem is an item that a subscription will have.
type LaterItem struct {
	Price    PriceID
	PriceKey string // "" for a price that is not in the catalogue
	Quantity int64
}

// Scheduled reports whether a change of the subscription is scheduled.
func (s Subscription) Scheduled() bool { return !s.Next.At.IsZero() || !s.Later.At.IsZero() }

// nextOf returns the change that is scheduled of a subscription's plan, zero when it stays.
func (c Catalog) nextOf(s Subscription) NextPlan {
	item, _, sold := c.soldItem(s)
	for _, next := range s.Later.Items {
		if _, _, ok := c.PlanOfPrice(next.PriceKey); !ok {
			continue
		}
		if sold && next.PriceKey == item.PriceKey && next.Quantity == item.Quantity {
			return NextPlan{}
		}
		return NextPlan{Price: next.Price, PriceKey: next.PriceKey, Quantity: next.Quantity, At: s.Later.At}
	}
	if _, _, addOn := c.AddOnOfPrice(s.Next.PriceKey); addOn {
		return NextPlan{}
	}
	return s.Next
}

// BilledIn returns the currency the subscription is billed in, which is not always its prices' own: a price can be sold in several.
func (s Subscription) BilledIn() money.Currency {
	if s.Currency == "" && len(s.Items) > 0 {
		return s.Items[0].Amount.Currency
	}
	return s.Currency
}

// On reports whether an item of the subscription has the price with that key.
func (s Subscription) On(key string) bool {
	return slices.ContainsFunc(s.Items, func(item Item) bool { return item.PriceKey == key })
}

// PeriodEnd returns the latest end among the items' current periods. It comes from the provider; zero means unknown.
func (s Subscription) PeriodEnd() time.Time {
	var end time.Time
	for _, item := range s.Items {
		if item.Period.End.After(end) {
			end = item.Period.End
		}
	}
	return end
}
