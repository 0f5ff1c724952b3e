package billing

import (
	"slices"
	"time"
)

// License is an asset held by an account until a date. A paid invoice line extends it, exactly once, and what is given back of the payment
// cuts it.
type License struct {
	Account   AccountID
	Asset     AssetID
	StartsAt  time.Time
	EndsAt    time.Time // what is paid for; zero: for ever
	Cut       bool      // it ends before what was bought, for money was given back
	UpdatedAt time.Time
}

// Held is a license and how it stands now.
type Held struct {
	License
	Valid      bool
	ValidUntil time.Time // when it stops holding if no news comes; zero: no end is known
}

// Hold says how licenses stand now, with the account's access in each group. One of an asset that recurs holds for the policy's leeway longer than it is paid for, because
// a renewal is charged after the period's end; and while access to a plan with the asset is full it holds as long as that does,
// for the provider may be trying the charge again. Other assets end with what was paid, and so does a license that was cut.
func Hold(c Catalog, accesses []Access, licenses []License, now time.Time) []Held {
	all := make([]Held, len(licenses))
	for i, l := range licenses {
		h := Held{License: l, ValidUntil: l.EndsAt}
		if asset, _ := c.Asset(l.Asset); asset.Recurring && !l.Cut && !l.EndsAt.IsZero() {
			h.ValidUntil = l.EndsAt.Add(c.Policy.Leeway)
			for _, a := range accesses {
				running := a.Level == Full && a.Subscription != "" && c.licenses(a, l.Asset)
				if running && !h.ValidUntil.IsZero() && (a.Until.IsZero() || a.Until.After(h.ValidUntil)) {
					h.ValidUntil = a.Until
				}
			}
		}
		h.Valid = !now.Before(l.StartsAt) && (h.ValidUntil.IsZero() || now.Before(h.ValidUntil))
		all[i] = h
	}
	return all
}

// licenses reports whether an asset comes with the plan that an account is on, or with one of its add-ons.
func (c Catalog) licenses(a Access, id AssetID) bool {
	plan, _ := c.Plan(a.Plan)
	return slices.Contains(plan.Assets, id) || slices.ContainsFunc(a.AddOns, func(held HeldAddOn) bool {
		addOn, _ := c.AddOn(held.AddOn)
		return slices.Contains(addOn.Assets, id)
	})
}

// Entitlement is one feature an account may use now.
type Entitlement struct {
	Feature FeatureID
	Type    FeatureType
	Enabled bool  // Boolean and Usage, and true for a Limit above 0
	Limit   int64 // Limit; of Usage how much a period may hold, 0: no limit
}
