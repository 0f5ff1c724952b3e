package billing

import (
	"slices"
	"time"
	"unicode/utf8"
)

// GrantID is our own id of a grant.
type GrantID string

// Grant is an entitlement that is given by hand, beside what a plan gives: to a partner, as an apology, for a trial of one feature. It holds
// whatever the account pays for, also when that is nothing.
type Grant struct {
	ID        GrantID
	Account   AccountID
	Feature   FeatureID
	Limit     int64     // Limit and Usage: so many more than the plan gives; of Usage 0 is without limit
	Note      string    // why, for those who look later
	CreatedAt time.Time // business time
	EndsAt    time.Time // zero: it has no end
}

// Limits of grants.
const (
	GrantsMax          = 100               // that an account may hold at a time: each is read at every check
	GrantLimitMax      = 1_000_000_000_000 // far above what is counted, and far below where sums overflow
	GrantNoteCharsMax  = 500
	grantLengthMax     = 100 * 365 * 24 * time.Hour
	noFeatureOfThatKey = "the catalogue has no feature %q"
)

// Holds reports whether the grant counts at a moment.
func (g Grant) Holds(now time.Time) bool { return g.EndsAt.IsZero() || now.Before(g.EndsAt) }

// Check returns an error of code invalid that names the field.
func (g Grant) Check(c Catalog, now time.Time) error {
	feature, known := c.Feature(g.Feature)
	switch {
	case !known:
		return Errorf(Invalid, noFeatureOfThatKey, g.Feature).In("feature")
	case feature.Type == Boolean && g.Limit != 0:
		return Errorf(Invalid, "%s is on or off, so nothing can be added to it; leave limit out", g.Feature).In("limit")
	case feature.Type == Limit && g.Limit < 1, g.Limit < 0, g.Limit > GrantLimitMax:
		return Errorf(Invalid, "limit says how many more of %s there may be: 1 to %d", g.Feature, int64(GrantLimitMax)).In("limit")
	case !g.EndsAt.IsZero() && !g.EndsAt.After(now):
		return Errorf(Invalid, "a grant must end in the future, or be without end").In("ends_at")
	case g.EndsAt.After(now.Add(grantLengthMax)):
		return Errorf(Invalid, "a grant ends within a hundred years, or is without end").In("ends_at")
	case utf8.RuneCountInString(g.Note) > GrantNoteCharsMax:
		return Errorf(Invalid, "a note is at most %d characters long", GrantNoteCharsMax).In("note")
	}
	return nil
}

// WithGrants returns the entitlements with what the grants that hold now add to them. Those of features that are no longer in the catalogue
// add nothing.
func WithGrants(all []Entitlement, grants []Grant, now time.Time) []Entitlement {
	for _, g := range grants {
		at := slices.IndexFunc(all, func(e Entitlement) bool { return e.Feature == g.Feature })
		if at < 0 || !g.Holds(now) {
			continue
		}
		e := &all[at]
		unlimited := e.Type == Usage && (g.Limit == 0 || e.Enabled && e.Limit == 0)
		e.Enabled = true
		if e.Limit += g.Limit; unlimited || e.Type == Boolean {
			e.Limit = 0
		}
	}
	return all
}
