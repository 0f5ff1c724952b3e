package billing

import (
	"cmp"
	"time"
)

// AccountID is the app's own id of a user or organisation.
type AccountID string

// CustomerID is the provider's id of an account's customer.
type CustomerID string

// ProviderAccount names one of several accounts that we have at the provider, such as one in test and one in live mode. The zero value is
// the default one, whose name is "default".
type ProviderAccount string

const defaultProviderAccount = "default"

// Name returns the name. It is not called String: a driver would store what that returns.
func (p ProviderAccount) Name() string { return cmp.Or(string(p), defaultProviderAccount) }

// ProviderAccountNamed returns the provider account of a name; "" and "default" are the default one.
func ProviderAccountNamed(name string) ProviderAccount {
	if name == defaultProviderAccount {
		return ""
	}
	return ProviderAccount(name)
}

// Account is who pays and uses: a user or organisation of the app, with its customer at the provider.
type Account struct {
	ID        AccountID
	Email     string
	Name      string
	Customer  CustomerID // "" until the provider has made it
	CreatedAt time.Time
	// Locale is the language of its mails, and of the provider's, as BCP 47 names it, such as de or fr-CA; "" is that of the installation.
	Locale string
	// ProviderAccount is where the account is billed, for as long as it lives.
	ProviderAccount ProviderAccount
	// HoldInvoices says that its renewals are held for a person before they are charged.
	HoldInvoices bool
}

// Limits of an account's fields, in bytes.
const (
	AccountIDBytesMax = 200
	LocaleBytesMax    = 35  // what BCP 47 asks everybody to make room for
	EmailBytesMax     = 512 // Stripe's limit of customer.email
	NameBytesMax      = 256 // Stripe's limit of customer.name
)
