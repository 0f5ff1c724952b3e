package billing

import (
	"time"

	"github.com/dues-billing/dues/money"
)

// ChargeID is the provider's id of a charge.
type ChargeID string

// RefundID is the provider's id of a refund.
type RefundID string

// DisputeID is the provider's id of a dispute.
type DisputeID string

// Charge mirrors one try at taking a payment. A payment that is tried three times has three charges.
type Charge struct {
	ID            ChargeID
	Customer      CustomerID
	PaymentIntent string // the provider's id of the payment, by which its Invoice is found
	PaymentMethod PaymentMethodID
	Status        string // the provider's: succeeded, pending or failed
	Amount        money.Amount
	Captured      money.Amount
	Refunded      money.Amount
	Disputed      bool   // it is or was
	Failure       string // the provider's code, such as card_declined; "" when it did not fail
	CreatedAt     time.Time
}

// Refund mirrors money that was given back of a charge.
type Refund struct {
	ID        RefundID
	Customer  CustomerID
	Charge    ChargeID
	Status    string // the provider's: pending, requires_action, succeeded, failed or canceled
	Reason    string // the provider's, such as requested_by_customer; often ""
	Amount    money.Amount
	CreatedAt time.Time
}

// Dispute mirrors a charge that the customer's bank takes back, or asks about.
type Dispute struct {
	ID        DisputeID
	Customer  CustomerID
	Charge    ChargeID
	Status    string // the provider's: needs_response, under_review, won, lost, …
	Reason    string // the provider's, such as fraudulent
	Amount    money.Amount
	AnswerBy  time.Time // until when evidence is taken; zero: no answer is due
	CreatedAt time.Time
}

// Record is what the mirror keeps of a customer beside the State that the rules look at: money that moved, and every object as the
// provider sent it. One that was read holds what was read.
type Record struct {
	Charges  []Charge
	Refunds  []Refund
	Disputes []Dispute
	Objects  []Object
	// Authorizations say more of charges that were made for one-offs. The mirror does not keep them.
	Authorizations []Authorization
}

// ObjectKind says what an Object is.
type ObjectKind string

// The kinds of objects that the mirror holds.
const (
	CustomerObject      ObjectKind = "customer"
	SubscriptionObject  ObjectKind = "subscription"
	InvoiceObject       ObjectKind = "invoice"
	PaymentMethodObject ObjectKind = "payment_method"
	ChargeObject        ObjectKind = "charge"
	RefundObject        ObjectKind = "refund"
	DisputeObject       ObjectKind = "dispute"
	ProductObject       ObjectKind = "product"
	PriceObject         ObjectKind = "price"
)

// Object is one of the provider's objects, as it was sent.
type Object struct {
	ID   string
	Kind ObjectKind
	Raw  string // JSON without blanks
}
