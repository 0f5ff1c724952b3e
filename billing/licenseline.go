package billing

import (
	"cmp"
	"slices"
	"time"

	"github.com/dues-billing/dues/money"
)

// LicenseLine is what one paid invoice line gave: an asset for a stretch of time. A line that credits unused time takes such a stretch away.
type LicenseLine struct {
	Line       string // the provider's id of the invoice line
	Asset      AssetID
	Account    AccountID
	Invoice    InvoiceID
	Price      string // the catalogue's key of what was bought, "" in what was recorded before that was kept
	StartsAt   time.Time
	EndsAt     time.Time // zero: for ever
	Credit     bool      // the time was given back when the plan was changed: it ends what the price gave before
	Paid       int64     // what the invoice was paid with, in the currency's minor unit
	Taken      int64     // what of that was given back, or is held by a bank
	RecordedAt time.Time
}

// LicenseLines returns what a paid invoice licenses: a line for each asset of the plan and the add-ons it bills, and one for each that it credits. A
// line without period and without the asset's duration gives nothing, for no end is invented.
func LicenseLines(c Catalog, account AccountID, invoice Invoice) []LicenseLine {
	if invoice.Status != InvoicePaid {
		return nil
	}
	var all []LicenseLine
	for _, line := range invoice.Lines {
		credit := line.Amount.Minor < 0
		if credit && !line.Proration || line.Proration && line.Amount.IsZero() {
			continue // a discount, or time that costs nothing
		}
		assets, renewable := c.assetsBilled(line.PriceKey)
		if !renewable {
			asset, _, once := c.AssetOfPrice(line.PriceKey)
			if period, ok := asset.bought(invoice); once && ok && !credit {
				all = append(all, LicenseLine{
					Line: line.ID, Asset: asset.ID, Account: account, Invoice: invoice.ID, Price: line.PriceKey, StartsAt: period.Start, EndsAt: period.End,
					Paid: invoice.AmountPaid.Minor, Taken: c.takenOf(invoice),
				})
			}
			continue
		}
		for _, id := range assets {
			asset, _ := c.Asset(id)
			period, ok := asset.licensed(invoice, line)
			if !ok || credit && !asset.byPeriod() {
				continue
			}
			all = append(all, LicenseLine{
				Line: line.ID, Asset: id, Account: account, Invoice: invoice.ID, Price: line.PriceKey, StartsAt: period.Start, EndsAt: period.End,
				Credit: credit, Paid: invoice.AmountPaid.Minor, Taken: c.takenOf(invoice),
			})
		}
	}
	return all
}

// byPeriod reports whether the asset is licensed for what a line bills, and not for a time of its own.
func (a Asset) byPeriod() bool { return a.Recurring || !a.Perpetual && a.Duration == 0 }

// licensed is for how long a paid line gives the asset, or false when it does not.
func (a Asset) licensed(invoice Invoice, line InvoiceLine) (Period, bool) {
	period := line.Period
	if !a.Recurring && invoice.Reason == renewal {
		return period, false
	}
	if period.Start.IsZero() {
		period.Start = invoice.PaidAt
	}
	switch {
	case a.Perpetual:
		return Period{Start: period.Start}, true
	case a.Duration > 0 && (!a.Recurring || period.End.IsZero()):
		if period.End.IsZero() {
			period.Start = invoice.PaidAt
		}
		period.End = period.Start.Add(a.Duration)
	}
	return period, period.Start.Before(period.End)
}

// takenOf is what of an invoice's payment does not count any more.
func (c Catalog) takenOf(invoice Invoice) int64 {
	if rule, _ := c.refundRuleOf(invoice); rule.KeepsPlan {
		return min(invoice.AmountPaid.Minor, invoice.Disputed.Minor)
	}
	return invoice.TakenBack().Minor
}

// Retaken returns the recorded lines of which more or less was taken back than they say, as they are now.
func (c Catalog) Retaken(recorded []LicenseLine, now State) []LicenseLine {
	var changed []LicenseLine
	for _, line := range recorded {
		invoice, found := now.Invoice(line.Invoice)
		if taken := c.takenOf(invoice); found && taken != line.Taken {
			line.Paid, line.Taken = invoice.AmountPaid.Minor, taken
			changed = append(changed, line)
		}
	}
	return changed
}

// forever stands for the end of what has none while stretches are compared.
var forever = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)

// end is the line's end as it was bought.
func (l LicenseLine) end() time.Time {
	if l.EndsAt.IsZero() {
		return forever
	}
	return l.EndsAt
}

// gone reports whether nothing of the payment is left.
func (l LicenseLine) gone() bool { return l.Paid > 0 && l.Taken >= l.Paid }

// kept is the stretch that is still paid for: of the time as large a share as of the money. What has no end is given back whole or not.
func (l LicenseLine) kept() Period {
	p := Period{Start: l.StartsAt, End: l.end()}
	switch {
	case l.gone():
		p.End = p.Start
	case l.Taken > 0 && !l.EndsAt.IsZero():
		seconds := money.New(int64(p.End.Sub(p.Start)/time.Second), "") // Part is exact
		p.End = p.Start.Add(time.Duration(seconds.Part(l.Paid-l.Taken, l.Paid).Minor) * time.Second)
	}
	return p
}

// ends reports whether a credit ends what a line gave: an earlier line for the same price, on another invoice. What stands beside it on its own invoice was
// bought instead.
func (l LicenseLine) ends(other LicenseLine) bool {
	return l.Credit && !l.gone() && !other.Credit && l.Invoice != other.Invoice && (l.Price == other.Price || other.Price == "") && !other.StartsAt.After(l.StartsAt)
}

// Licenses sums up lines: one License for each account and asset, ordered by asset. What is still paid for is put together: stretches that touch
// are one. Of stretches with a gap between them the one counts that holds now, else the next one, else the last. The order of the lines does not
// matter; more lines that were paid for never shorten a license, and what was given back shortens it by as much and no more.
func Licenses(lines []LicenseLine, now time.Time) []License {
	lines = slices.Clone(lines)
	slices.SortFunc(lines, func(a, b LicenseLine) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Asset, b.Asset), a.StartsAt.Compare(b.StartsAt))
	})
	var all []License
	for len(lines) > 0 {
		first := lines[0]
		n := slices.IndexFunc(lines, func(l LicenseLine) bool { return l.Account != first.Account || l.Asset != first.Asset })
		if n < 0 {
			n = len(lines)
		}
		if license, ok := licenseOf(lines[:n], now); ok {
			all = append(all, license)
		}
		lines = lines[n:]
	}
	return all
}

// licenseOf sums up the lines of one asset, ordered by start. There is none when they only credit.
func licenseOf(lines []LicenseLine, now time.Time) (License, bool) {
	license := License{Account: lines[0].Account, Asset: lines[0].Asset}
	var stretches []Period
	var bought time.Time
	for _, line := range lines {
		if line.RecordedAt.After(license.UpdatedAt) {
			license.UpdatedAt = line.RecordedAt
		}
		if line.Credit {
			continue
		}
		if line.end().After(bought) {
			bought, license.StartsAt = line.end(), line.StartsAt
		}
		stretches = append(stretches, keptOf(line, lines)...)
	}
	if bought.IsZero() {
		return license, false
	}
	stretches = joined(stretches)
	if len(stretches) == 0 { // all of it was given back: it ended as it began
		license.EndsAt, license.Cut = license.StartsAt, true
		return license, true
	}
	at := slices.IndexFunc(stretches, func(p Period) bool { return p.End.After(now) })
	if at < 0 {
		at = len(stretches) - 1
	}
	license.StartsAt, license.EndsAt = stretches[at].Start, stretches[at].End
	license.Cut = stretches[len(stretches)-1].End.Before(bought)
	if license.EndsAt.Equal(forever) {
		license.EndsAt = time.Time{}
	}
	return license, true
}

// keptOf is what is left of a line when what was given back and what was credited is taken from it.
func keptOf(line LicenseLine, lines []LicenseLine) []Period {
	left := []Period{line.kept()}
	for _, credit := range lines {
		if !credit.ends(line) {
			continue
		}
		var rest []Period
		for _, p := range left {
			rest = append(rest, Period{Start: p.Start, End: earlier(p.End, credit.StartsAt)}, Period{Start: later(p.Start, credit.end()), End: p.End})
		}
		left = rest
	}
	return slices.DeleteFunc(left, func(p Period) bool { return !p.Start.Before(p.End) })
}

// joined puts stretches together that touch or overlap, in order.
func joined(stretches []Period) []Period {
	slices.SortFunc(stretches, func(a, b Period) int { return cmp.Or(a.Start.Compare(b.Start), a.End.Compare(b.End)) })
	var all []Period
	for _, p := range stretches {
		if last := len(all) - 1; last >= 0 && !p.Start.After(all[last].End) {
			all[last].End = later(all[last].End, p.End)
			continue
		}
		all = append(all, p)
	}
	return all
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
