package billing

import (
	"cmp"
	"slices"
	"time"
)

// License is an asset held by an account until a date. A paid invoice line extends it, exactly once.
type License struct {
	Account   AccountID
	Asset     AssetID
	StartsAt  time.Time
	EndsAt    time.Time // what is paid for
	UpdatedAt time.Time
}

// Held is a license and how it stands now.
type Held struct {
	License
	Valid      bool
	ValidUntil time.Time // when it stops holding if no news comes; zero: no end is known
}

// Hold says how licenses stand now. One of an asset that recurs holds for the policy's leeway longer than it is paid for, because
// a renewal is charged after the period's end; and while access to a plan with the asset is full it holds as long as that does,
// for the provider may be trying the charge again. Other assets end with what was paid.
func Hold(c Catalog, a Access, licenses []License, now time.Time) []Held {
	all := make([]Held, len(licenses))
	plan, _ := c.Plan(a.Plan)
	for i, l := range licenses {
		h := Held{License: l, ValidUntil: l.EndsAt}
		if asset, _ := c.Asset(l.Asset); asset.Recurring {
			h.ValidUntil = l.EndsAt.Add(c.Policy.Leeway)
			running := a.Level == Full && a.Subscription != "" && slices.Contains(plan.Assets, l.Asset)
			if running && (a.Until.IsZero() || a.Until.After(h.ValidUntil)) {
				h.ValidUntil = a.Until
			}
		}
		h.Valid = !now.Before(l.StartsAt) && (h.ValidUntil.IsZero() || now.Before(h.ValidUntil))
		all[i] = h
	}
	return all
}

// Entitlement is one feature an account may use now.
type Entitlement struct {
	Feature FeatureID
	Type    FeatureType
	Enabled bool  // Boolean and Usage, and true for a Limit above 0
	Limit   int64 // Limit; of Usage how much a period may hold, 0: no limit
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

// LicenseLines returns what a paid invoice licenses: a line for each asset of the plan it bills. Credits give nothing, and a
// line without period and without the asset's duration gives nothing either, for no end is invented.
func LicenseLines(c Catalog, account AccountID, invoice Invoice) []LicenseLine {
	if invoice.Status != InvoicePaid {
		return nil
	}
	var all []LicenseLine
	for _, line := range invoice.Lines {
		if line.Amount.Minor < 0 || line.Proration && line.Amount.IsZero() {
			continue
		}
		plan, _, ok := c.PlanOfPrice(line.PriceKey)
		if !ok {
			continue
		}
		for _, id := range plan.Assets {
			asset, _ := c.Asset(id)
			if !asset.Recurring && invoice.Reason == renewal {
				continue
			}
			start, end := line.Period.Start, line.Period.End
			if end.IsZero() && asset.Duration > 0 {
				start, end = invoice.PaidAt, invoice.PaidAt.Add(asset.Duration)
			}
			if !start.Before(end) {
				continue
			}
			all = append(all, LicenseLine{Line: line.ID, Asset: id, Account: account, Invoice: invoice.ID, StartsAt: start, EndsAt: end})
		}
	}
	return all
}

// Licenses sums up lines: one License for each account and asset, ordered by asset. Stretches that touch are one; of stretches
// with a gap between them the last counts. The order of the lines does not matter, and more lines never shorten a license.
func Licenses(lines []LicenseLine) []License {
	lines = slices.Clone(lines)
	slices.SortFunc(lines, func(a, b LicenseLine) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Asset, b.Asset), a.StartsAt.Compare(b.StartsAt))
	})
	var all []License
	for _, line := range lines {
		last := len(all) - 1
		if last < 0 || all[last].Account != line.Account || all[last].Asset != line.Asset {
			all = append(all, License{line.Account, line.Asset, line.StartsAt, line.EndsAt, line.RecordedAt})
			continue
		}
		l := &all[last]
		if line.StartsAt.After(l.EndsAt) {
			l.StartsAt = line.StartsAt
		}
		if line.EndsAt.After(l.EndsAt) {
			l.EndsAt = line.EndsAt
		}
		if line.RecordedAt.After(l.UpdatedAt) {
			l.UpdatedAt = line.RecordedAt
		}
	}
	return all
}
