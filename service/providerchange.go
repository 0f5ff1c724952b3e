package service

import (
	"context"
	"time"

	"github.com/dues-billing/dues/billing"
)

// Changer is what a provider can do with a running subscription beside ending it.
type Changer interface {
	// Change moves a subscription to another price or quantity now. With billing.ProrateNow the difference is charged to the saved method; a declined or
	// challenged payment changes nothing and wraps ErrDeclined or ErrNeedsConfirmation. What is so already is success, and charges nothing.
	Change(ctx context.Context, req ChangeRequest) error
	// ChangeOrWait is Change that waits for a payment which is declined or challenged: the subscription stays as it is until the customer pays the invoice that is
	// answered beside the error, and for good when it is void or its time is over. Another change takes its place. Asked again for what waits it charges
	// nothing, and answers the same.
	ChangeOrWait(ctx context.Context, req ChangeRequest) (Waiting, error)
	// ChangeAtEnd lets a subscription change when its period ends, without prorating anything, in place of a change that was scheduled before.
	ChangeAtEnd(ctx context.Context, req ChangeRequest) error
	// KeepPlan takes a scheduled change back. None is success.
	KeepPlan(ctx context.Context, sub billing.SubscriptionID, key string) error
	// MoveTrial sets the end of a trial; the zero time ends it now. What is due then is charged to the saved method; a declined or challenged payment changes
	// nothing and wraps ErrDeclined or ErrNeedsConfirmation.
	MoveTrial(ctx context.Context, sub billing.SubscriptionID, end time.Time, key string) error
	// PreviewChange answers what Change would invoice: now with billing.ProrateNow, else the next invoice after it. With AtEnd it is the first
	// invoice of the period in which the change is made. Nothing is stored or charged.
	PreviewChange(ctx context.Context, req ChangeRequest) (billing.Preview, error)
	// Upcoming answers what the subscription's next invoice will be. An error of code not_found says that there is none.
	Upcoming(ctx context.Context, sub billing.SubscriptionID) (billing.Preview, error)
	Pauser
}

// ChangeRequest asks to move a subscription to another price or quantity.
type ChangeRequest struct {
	Subscription  billing.SubscriptionID
	Item          string
	Price         billing.PriceID
	Quantity      int64                   // 0 leaves it
	Usage         bool                    // the price counts usage, which has no quantity
	Proration     billing.Proration       // "" is billing.ProrateNow
	ProratedAt    time.Time               // the moment from which it is prorated, inside the period; zero: when the provider gets to it
	AtEnd         bool                    // of a preview: at the period's end
	PaymentMethod billing.PaymentMethodID // "" leaves it
	AddOns        []ItemRequest           // further items that change with it, in the same invoice
	Key           string
}

// Waiting is an invoice that a change waits for.
type Waiting struct {
	OpenInvoice
	Until time.Time
}

// ItemRequest asks for an item of a subscription beside its plan's.
type ItemRequest struct {
	Item     string // "" adds it
	Price    billing.PriceID
	Quantity int64
	Usage    bool // as of ChangeRequest
	Drop     bool // it leaves
}
