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
