package billing

import (
	"time"

	"github.com/dues-billing/dues/money"
)

// PurchaseID is our own id of a purchase.
type PurchaseID string

// PurchaseStatus is where a purchase stands.
type PurchaseStatus string

// A purchase is pending until the provider says that its checkout was completed or has expired.
const (
	PurchasePending   PurchaseStatus = "pending"
	PurchaseCompleted PurchaseStatus = "completed"
	PurchaseExpired   PurchaseStatus = "expired"
)

// Purchase is a checkout that was begun. It keeps the ids of the payment and of the method, never card data.
type Purchase struct {
	ID            PurchaseID
	Account       AccountID
	PriceKey      string
	Status        PurchaseStatus
	Checkout      string // the provider's id of the hosted page, "" until made
	URL           string
	SuccessURL    string // the app's page to return to
	Subscription  SubscriptionID
	PaymentIntent string
	PaymentMethod PaymentMethodID
	Amount        money.Amount
	CreatedAt     time.Time
	ExpiresAt     time.Time
	CompletedAt   time.Time
}

// SupportedMethods are the payment methods that a checkout accepts. Wallets (Apple Pay, Google Pay) are cards.
var SupportedMethods = []string{"card"}
