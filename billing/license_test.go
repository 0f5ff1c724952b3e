package billing_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/dues-billing/dues/billing"
)

// Rows: A1 A7.
func TestAPaidLineLicensesTheAssetsOfItsPlan(t *testing.T) {
	t.Parallel()
	line := func(asset billing.AssetID, start, end time.Time) billing.LicenseLine {
		return billing.LicenseLine{Line: "il_i", Asset: asset, Account: "ada", Invoice: "i", StartsAt: start, EndsAt: end}
	}
	first := func(i *billing.Invoice) { i.Reason = "subscription_create" }
	for _, c := range []struct {
		name    string
		invoice billing.Invoice
		want    []billing.LicenseLine
	}{
		{"the first payment licenses all, for the line's period", invoice("i", "s", "monthly", billing.InvoicePaid, first), []billing.LicenseLine{line("handbook", feb28, mar31), line("course", feb28, mar31)}},
		{"a renewal licenses what recurs", invoice("i", "s", "monthly", billing.InvoicePaid), []billing.LicenseLine{line("handbook", feb28, mar31)}},
		{"an open invoice licenses nothing", invoice("i", "s", "monthly", billing.InvoiceOpen), nil},
		{"a void one neither", invoice("i", "s", "monthly", billing.InvoiceVoid), nil},
		{"a plan without assets", invoice("i", "s", "starter", billing.InvoicePaid), nil},
		{"a price that is not in the catalogue", invoice("i", "s", "other", billing.InvoicePaid), nil},
		{"a credit", invoice("i", "s", "monthly", billing.InvoicePaid, func(i *billing.Invoice) { i.Lines[0].Amount = eur(-900) }), nil},
		{"the remaining time after a change", invoice("i", "s", "monthly", billing.InvoicePaid, func(i *billing.Invoice) { i.Lines[0].Proration, i.Lines[0].Period.Start = true, mar31.Add(-days(3)) }), []billing.LicenseLine{line("handbook", mar31.Add(-days(3)), mar31)}},
		{"a line without period lasts as long as the asset says", invoice("i", "s", "monthly", billing.InvoicePaid, first, func(i *billing.Invoice) { i.Lines[0].Period = billing.Period{} }), []billing.LicenseLine{line("handbook", feb28.Add(time.Hour), feb28.Add(time.Hour+days(30)))}},
	} {
		if diff := cmp.Diff(c.want, billing.LicenseLines(shop, "ada", c.invoice)); diff != "" {
			t.Errorf("%s: -want +got\n%s", c.name, diff)
		}
	}
}

func TestALicenseIsTheSumOfItsLines(t *testing.T) {
	t.Parallel()
	line := func(asset billing.AssetID, from, to int) billing.LicenseLine {
		return billing.LicenseLine{Asset: asset, Account: "ada", StartsAt: jan31.Add(days(from)), EndsAt: jan31.Add(days(to)), RecordedAt: jan31.Add(days(from))}
	}
	license := func(asset billing.AssetID, from, to, recorded int) billing.License {
		return billing.License{Account: "ada", Asset: asset, StartsAt: jan31.Add(days(from)), EndsAt: jan31.Add(days(to)), UpdatedAt: jan31.Add(days(recorded))}
	}
	for _, c := range []struct {
		name  string
		lines []billing.LicenseLine
		want  []billing.License
	}{
		{"none", nil, nil},
		{"renewals continue it", []billing.LicenseLine{line("a", 0, 30), line("a", 30, 60)}, []billing.License{license("a", 0, 60, 30)}},
		{"out of order", []billing.LicenseLine{line("a", 30, 60), line("a", 0, 30)}, []billing.License{license("a", 0, 60, 30)}},
		{"a shorter line does not shorten it", []billing.LicenseLine{line("a", 0, 365), line("a", 30, 60)}, []billing.License{license("a", 0, 365, 30)}},
		{"after a gap it begins anew", []billing.LicenseLine{line("a", 0, 30), line("a", 90, 120)}, []billing.License{license("a", 90, 120, 90)}},
		{"assets are apart", []billing.LicenseLine{line("b", 0, 30), line("a", 5, 10)}, []billing.License{license("a", 5, 10, 5), license("b", 0, 30, 0)}},
	} {
		if diff := cmp.Diff(c.want, billing.Licenses(c.lines)); diff != "" {
			t.Errorf("%s: -want +got\n%s", c.name, diff)
		}
	}
}

// Rows: A7 C20.
func TestALicenseHoldsWhileItsRenewalIsUnderWay(t *testing.T) {
	t.Parallel()
	leeway := shop.Policy.Leeway
	full := billing.Access{Plan: "premium", Subscription: "s", Level: billing.Full, Until: feb28.Add(leeway)}
	retrying := full
	retrying.Until = mar31.Add(leeway)
	limited, endless, starter := retrying, full, full
	limited.Level, endless.Until = billing.Limited, time.Time{}
	starter.Plan, starter.Until = "starter", time.Time{}
	second := time.Second
	for _, c := range []struct {
		name   string
		asset  billing.AssetID
		access billing.Access
		now    time.Time
		valid  bool
		until  time.Time
	}{
		{"within what is paid", "handbook", full, feb10, true, feb28.Add(leeway)},
		{"before it starts", "handbook", full, jan31.Add(-second), false, feb28.Add(leeway)},
		{"in the hour before the renewal is charged", "handbook", full, feb28.Add(time.Hour), true, feb28.Add(leeway)},
		{"at the end of the leeway without news", "handbook", starter, feb28.Add(leeway), false, feb28.Add(leeway)},
		{"just before it, also after a cancel", "handbook", starter, feb28.Add(leeway - second), true, feb28.Add(leeway)},
		{"while the provider tries again", "handbook", retrying, feb28.Add(days(10)), true, mar31.Add(leeway)},
		{"when access is no longer full", "handbook", limited, feb28.Add(days(10)), false, feb28.Add(leeway)},
		{"when access has no known end", "handbook", endless, mar31, true, time.Time{}},
		{"on a plan without the asset", "handbook", starter, feb28.Add(days(10)), false, feb28.Add(leeway)},
		{"without subscription", "handbook", billing.Access{Plan: "premium", Level: billing.Full}, feb28.Add(days(10)), false, feb28.Add(leeway)},
		{"an asset that does not recur", "course", retrying, feb28, false, feb28},
		{"an asset that is no longer sold", "map", retrying, feb28, false, feb28},
	} {
		license := billing.License{Account: "ada", Asset: c.asset, StartsAt: jan31, EndsAt: feb28}
		want := []billing.Held{{License: license, Valid: c.valid, ValidUntil: c.until}}
		if diff := cmp.Diff(want, billing.Hold(shop, c.access, []billing.License{license}, c.now)); diff != "" {
			t.Errorf("%s: -want +got\n%s", c.name, diff)
		}
	}
}

func TestMoreLinesNeverShortenALicenseInWhateverOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var lines []billing.LicenseLine
		for range rapid.IntRange(1, 8).Draw(t, "lines") {
			start := jan31.Add(days(rapid.IntRange(0, 100).Draw(t, "start")))
			lines = append(lines, billing.LicenseLine{Asset: "a", Account: "ada", StartsAt: start, EndsAt: start.Add(days(rapid.IntRange(1, 60).Draw(t, "days")))})
		}
		all := billing.Licenses(lines)
		fewer := billing.Licenses(lines[:len(lines)-1])
		if len(fewer) > 0 && all[0].EndsAt.Before(fewer[0].EndsAt) {
			t.Fatalf("%v is shorter than %v", all, fewer)
		}
		shuffled := rapid.Permutation(slices.Clone(lines)).Draw(t, "order")
		if diff := cmp.Diff(all, billing.Licenses(shuffled)); diff != "" {
			t.Fatalf("the order matters: %s", diff)
		}
	})
}
