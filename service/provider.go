package service

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/money"
)

// The ways a payment with a saved method can fail. A provider wraps them into a *billing.Error of code conflict.
var (
	ErrDeclined          = errors.New("the payment was declined")
	ErrNeedsConfirmation = errors.New("the customer has to confirm the payment")
	// ErrCheckoutComplete is what Expire answers when the customer was faster.
	ErrCheckoutComplete = errors.New("the checkout is complete already")
)

// Provider is a payment provider: Stripe today. Every call that changes something carries an idempotency key, so it may be
// repeated after a lost answer. Failures are *billing.Error where a person can do something about them: a declined
// payment has code conflict and wraps ErrDeclined; everything worth a retry has code unavailable.
type Provider interface {
	// EnsureCustomer makes the account's customer, or returns the one made before with the same key. An account whose Customer
	// is set already has its e-mail and name updated there instead.
	EnsureCustomer(ctx context.Context, account billing.Account, key string) (billing.CustomerID, error)
	// Subscribe starts a subscription that needs no payment now, such as the free plan.
	Subscribe(ctx context.Context, req SubscribeRequest) (billing.SubscriptionID, error)
	// Cancel ends a subscription now, without credit, or at its period's end, or at a date after it, or takes such an end back. What is so already is success; taking
	// back the end of a subscription that has ended is an error of code conflict.
	Cancel(ctx context.Context, req CancelRequest) error
	Pages
	Discounter
	Payments
	Changer
	Source
}

// Pages are what the provider shows to customers itself.
type Pages interface {
	// Checkout opens a hosted page where the customer enters a method and pays for a new subscription.
	Checkout(ctx context.Context, req CheckoutRequest) (CheckoutPage, error)
	// Expire closes a hosted page of Checkout so that nobody can pay on it any more. A page that has expired already is success;
	// one that was completed is an error of code conflict that wraps ErrCheckoutComplete.
	Expire(ctx context.Context, checkout string) error
	// Portal opens the hosted portal and returns its URL, which is short-lived.
	Portal(ctx context.Context, req PortalRequest) (string, error)
}

// Source is where the mirror comes from, and nothing else is.
type Source interface {
	// Fetch reads the customer's present state, all of it.
	Fetch(ctx context.Context, customer billing.CustomerID) (Snapshot, error)
	// FetchOlder reads a page of what Fetch leaves out: the invoices and charges before the given ones.
	FetchOlder(ctx context.Context, customer billing.CustomerID, than Oldest) (Older, error)
	// FetchNamed reads what events name, and what that leads to, of a customer whose mirror is at hand. ok is false when they say too
	// little, and everything has to be read.
	FetchNamed(ctx context.Context, mirror billing.State, events []NamedObject) (news billing.News, ok bool, err error)
	// FetchUnnamed reads what an event is about that names no customer: whose it is, or a product or price. What the provider has no
	// more is Deleted; what is nobody's and nothing that is sold is empty.
	FetchUnnamed(ctx context.Context, about NamedObject) (Unnamed, error)
}

// PriceMaker puts the catalogue's prices at the provider.
type PriceMaker interface {
	// EnsurePrices makes what is missing of the catalogue's products and prices and returns the provider's id of each key.
	// A price that exists with another amount, currency or interval is an error of code conflict: those never change.
	EnsurePrices(ctx context.Context, catalog billing.Catalog) (map[string]billing.PriceID, error)
	Stocker
	Mover
}

// WebhookVerifier checks a delivery's signature over the raw body and reads its envelope, nothing more.
type WebhookVerifier interface {
	// Open returns the envelope; wall is the wall clock. Errors have code invalid: bad signature, too old, no JSON.
	Open(header http.Header, body []byte, wall time.Time) (Envelope, error)
}

// EventFeed is the provider's own list of what happened, by which events are found whose webhook never came.
type EventFeed interface {
	// NewerEvents returns the page of events that follows the given one, newest first. Of an event that the provider has
	// forgotten it answers an error of code not_found.
	NewerEvents(ctx context.Context, than string) (FeedPage, error)
	// EventsSince returns the newest page of events created at or after a time, newest first; before asks for the page that
	// continues after that event.
	EventsSince(ctx context.Context, since time.Time, before string) (FeedPage, error)
}

// FeedPage is one page of events, newest first.
type FeedPage struct {
	Events []FeedEvent
	More   bool // there is another page in the direction of reading
}

// FeedEvent is an event as the provider lists it.
type FeedEvent struct {
	Envelope
	Body []byte
	// Asked says that webhook endpoints ask for its type: when no webhook has brought it, one was lost.
	Asked bool
}

// Envelope is what is read of an event before it is stored.
type Envelope struct {
	ID         string
	Type       string
	APIVersion string
	Created    time.Time
	Livemode   bool
	Customer   billing.CustomerID // whom it is about, "" when it names nobody
	ObjectID   string             // what it is about; of a refund or dispute the charge, for only that is somebody's
	Mirrored   bool               // it names nobody, and the mirror holds what it is about all the same
	Beside     bool               // nothing that the mirror holds changes by what it tells: what follows from that has events of its own
}

// NamedObject is what an event says about what it is about.
type NamedObject struct {
	Event string // the event's type
	ID    string
}

// SubscribeRequest asks for a subscription without payment.
type SubscribeRequest struct {
	Customer billing.CustomerID
	Price    billing.PriceID
	Account  billing.AccountID // kept as metadata
	Quantity int64             // 0 of usage, which has none
	AddOns   []ItemRequest     // beside it
	Trial    billing.TrialTerms
	Method   billing.PaymentMethodID // that pays after the trial, "" for the customer's default, or none
	Key      string                  // idempotency key
}

// CancelRequest asks to end a subscription, or to let it go on.
type CancelRequest struct {
	Subscription billing.SubscriptionID
	When         billing.CancelWhen
	Date         time.Time // of billing.CancelOn
	billing.CancellationDetails
	Key string
}

// CheckoutRequest asks for a hosted page.
type CheckoutRequest struct {
	Customer   billing.CustomerID
	Price      billing.PriceID
	Quantity   int64         // 0 of usage, which has none
	AddOns     []ItemRequest // beside it
	Account    billing.AccountID
	Purchase   billing.PurchaseID // kept as client_reference_id
	TrialDays  int                // 0: it is paid at once
	SuccessURL string
	CancelURL  string
	Discount   billing.Discount
	AskCode    bool           // let the customer enter a promotion code, where there is no Discount
	Currency   money.Currency // "" is the price's own
	Key        string
}

// CheckoutPage is a hosted page that was opened.
type CheckoutPage struct {
	ID        string
	URL       string
	ExpiresAt time.Time
}

// Snapshot is a customer's state at the provider at one moment.
type Snapshot struct {
	Customer       billing.CustomerID
	Deleted        bool
	Email          string
	Name           string
	Account        billing.AccountID      // from the customer's metadata
	Subscriptions  []billing.Subscription // all, ended ones included, newest first
	Invoices       []billing.Invoice      // newest first, the newest 100
	Methods        []billing.PaymentMethod
	OwnMethod      billing.PaymentMethodID // the customer's own default
	Checkouts      []CheckoutState         // hosted pages of this customer, newest first
	billing.Record                         // charges: the newest 100, with what was given back and disputed of them
}

// Oldest names the oldest invoice and charge that were read of a customer; "" reads no more of that kind.
type Oldest struct {
	Invoice billing.InvoiceID
	Charge  billing.ChargeID
}

// Older is a page of a customer's history, newest first, and where the next one begins; there is none when Next is zero.
type Older struct {
	Invoices []billing.Invoice
	billing.Record
	Next Oldest
}

// CheckoutState is where a hosted page stands.
type CheckoutState = billing.CheckoutState
