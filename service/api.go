package service

import (
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/money"
)

// NewAccount asks for an account; creating it twice with the same id is the same account.
type NewAccount struct {
	ID    billing.AccountID
	Email string
	Name  string
	// Locale is the language of mails to the account, and of the provider's, as BCP 47 names it; "" leaves it as it is, for a new account that of
	// the installation.
	Locale string
	// ProviderAccount is where the account is billed, for as long as it lives.
	ProviderAccount billing.ProviderAccount
}

// Status is what the app asks most: plan, access, until when, why, and what the customer must do.
type Status struct {
	Account        billing.Account
	billing.Access // in the default group of plans
	PlanName       string
	Others         []GroupStatus          // in the other groups of the catalogue, in its order
	Method         *billing.PaymentMethod // the saved default method, nil without
}

// Upgrade asks to put an account on a price.
type Upgrade struct {
	PriceKey   string
	SuccessURL string // absolute, host on the allow-list
	CancelURL  string
	Method     string // "" or "card"; anything else is refused by name
	NewMethod  bool   // ask for a new payment method even when one is saved
	// Preview is the token of a preview of a change that happens now. A change with the saved method then costs what was shown, or is refused with a *StalePreview.
	Preview  string
	Discount billing.Discount
	Quantity int64               // seats, of a price that is sold by them; 0 is as many as the account has, or as few as are sold
	AddOns   []billing.AddOnWish // what is bought beside the plan with it
	Currency money.Currency      // "" is the price's own; a subscription keeps its currency
}

// UpgradeResult says what came of it: either the subscription changed at once, or the customer has to visit URL.
type UpgradeResult struct {
	Changed  bool
	URL      string
	Purchase billing.PurchaseID
	Reason   string // why a page is needed: one of ReasonNoMethod …
}

// Clock tells the two times the service lives by. Business time decides periods, access and licenses, and follows the
// emulator's clock in development; wall time is for leases, back-off and signatures. Both are time.Now in production.
type Clock struct {
	Business func() time.Time
	Wall     func() time.Time
}

// Event is a webhook as the inbox holds it.
type Event struct {
	ID         string
	Type       string
	Customer   billing.CustomerID // "" for an event about nobody
	Object     string             // the id of what it is about
	APIVersion string
	// ProviderAccount is where it came from; an id is unique within it.
	ProviderAccount billing.ProviderAccount
	Foreign         bool      // the version is another than ours; the event is worked off all the same
	CreatedAt       time.Time // by the provider's clock
	ReceivedAt      time.Time // by the wall clock
	State           string    // pending, running (pending, and somebody works at it), done, dead, ignored (it names no customer)
	Attempts        int
	DueAt           time.Time // pending: when it is tried next
	DoneAt          time.Time // zero until done
	Error           string    // of the last try, "" once it is worked off
}

// Delivery is an event as it came.
type Delivery struct {
	Headers map[string]string // those of DeliveryHeaders that it had; none of an event that was found in the provider's list
	Body    []byte            // as it was received, to the byte
}

// Effect is a mail, a call to the provider or a notice to the application as the outbox holds it.
type Effect struct {
	Key       string // names the transition; it is unique
	Kind      string // mail, call or notice
	Name      string // which mail (billing.WelcomeMail …), call or notice (billing.AccessChanged …)
	Endpoint  string // a notice's
	Account   billing.AccountID
	CreatedAt time.Time // by the wall clock, like the times below
	DueAt     time.Time // pending: when it is tried next
	TriedAt   time.Time // zero before the first try
	DoneAt    time.Time // zero until done
	State     string    // pending, done, dead
	Attempts  int
	Answer    int    // the HTTP status that a notice was answered with last, 0 when no answer came
	Error     string // of the last try
}

// Queues counts what waits and what was given up.
type Queues struct {
	EventsPending, EventsDead, EffectsPending, EffectsDead int
}
