package billing

import "time"

// AccountID is the app's own id of a user or organisation.
type AccountID string

// CustomerID is the provider's id of an account's customer.
type CustomerID string

// Account is who pays and uses: a user or organisation of the app, with its customer at the provider.
type Account struct {
	ID        AccountID
	Email     string
	Name      string
	Customer  CustomerID // "" until the provider has made it
	CreatedAt time.Time
}

// Limits of an account's fields, in bytes.
const (
	AccountIDBytesMax = 200
	EmailBytesMax     = 512 // Stripe's limit of customer.email
	NameBytesMax      = 256 // Stripe's limit of customer.name
)
