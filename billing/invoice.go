package billing

import (
	"time"

	"github.com/dues-billing/dues/money"
)

// InvoiceID is the provider's id of an invoice.
type InvoiceID string

// InvoiceStatus is where an invoice stands, in Stripe's words.
type InvoiceStatus string

// The invoice statuses.
const (
	InvoiceDraft         InvoiceStatus = "draft"
	InvoiceOpen          InvoiceStatus = "open"
	InvoicePaid          InvoiceStatus = "paid"
	InvoiceUncollectible InvoiceStatus = "uncollectible"
	InvoiceVoid          InvoiceStatus = "void"
)

// InvoicesFetched is how many invoices a fetch brings at most: the newest.
const InvoicesFetched = 100

// Invoice mirrors the provider's invoice.
type Invoice struct {
	ID                InvoiceID
	Customer          CustomerID
	Subscription      SubscriptionID // "" for an invoice outside a subscription
	Number            string
	Status            InvoiceStatus
	Reason            string // the provider's billing_reason: subscription_create, subscription_cycle, …
	Total             money.Amount
	AmountDue         money.Amount
	AmountPaid        money.Amount
	Attempts          int       // charges tried
	NextAttempt       time.Time // zero when no retry is planned
	NeedsConfirmation bool      // the customer has to complete 3-D Secure
	CreatedAt         time.Time
	PaidAt            time.Time
	HostedURL         string // where the customer can pay or confirm
	PDF               string
	PaymentIntent     string // the provider's id of the payment, kept for refunds
	PaymentMethod     PaymentMethodID
	Charge            ChargeID  // the payment's latest, "" while none was tried
	Key               string    `json:",omitempty"` // of who asked for it here, "" of the provider's own
	ByMail            bool      `json:",omitempty"` // it is sent to be paid until DueAt, and not charged
	DueAt             time.Time `json:",omitzero"`
	Held              bool      `json:",omitempty"` // a draft that is not finalized by itself
	Lines             []InvoiceLine
	FailedAt          time.Time    `json:",omitzero"` // of an open one: its payment failed first. State.Marked fills it in
	Refunded          money.Amount // of the payment, by whoever; zero: nothing. State.Marked fills in these three
	Disputed          money.Amount // that a bank has taken back and not returned
	DisputeLost       bool         // and will not return
}

// InvoiceLine is one line of an invoice.
type InvoiceLine struct {
	ID          string
	Description string
	Amount      money.Amount
	Price       PriceID
	PriceKey    string
	Quantity    int64
	Period      Period
	Proration   bool
}

// PaymentMethodID is the provider's id of a saved payment method.
type PaymentMethodID string

// PaymentMethod is what may be known of a saved method: brand, last four digits, expiry and wallet; never more, but for the provider's mark of it.
type PaymentMethod struct {
	ID       PaymentMethodID
	Type     string // card
	Brand    string
	Last4    string
	ExpMonth int
	ExpYear  int
	Wallet   string // apple_pay, google_pay, … or ""
	Default  bool
	// Fingerprint is the provider's own mark of a card's number, from which the number cannot be told. It shows that two accounts have the same card.
	Fingerprint string `json:",omitempty"`
}
