package billing

import "time"

// License is an asset held by an account until a date. A paid invoice line extends it, exactly once.
type License struct {
	Account   AccountID
	Asset     AssetID
	StartsAt  time.Time
	EndsAt    time.Time
	UpdatedAt time.Time
}

// Valid reports whether the license covers now.
func (l License) Valid(now time.Time) bool { return !now.Before(l.StartsAt) && now.Before(l.EndsAt) }

// Entitlement is one feature an account may use now.
type Entitlement struct {
	Feature FeatureID
	Type    FeatureType
	Enabled bool  // Boolean, and true for a Limit above 0
	Limit   int64 // Limit
}

// LicenseLine is what one paid invoice line gave: an asset for a stretch of time.
type LicenseLine struct {
	Line       string // the provider's id of the invoice line
	Asset      AssetID
	Account    AccountID
	Invoice    InvoiceID
	StartsAt   time.Time
	EndsAt     time.Time
	RecordedAt time.Time
}
