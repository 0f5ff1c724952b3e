package billing_test

import (
	"fmt"
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
		return billing.LicenseLine{Line: "il_i", Asset: asset, Account: "ada", Invoice: "i", Price: "monthly", StartsAt: start, EndsAt: end, Paid: 1900}
	}
	credit := func(l billing.LicenseLine) billing.LicenseLine { l.Credit = true; return l }
	taken := func(l billing.LicenseLine, minor int64) billing.LicenseLine { l.Taken = minor; return l }
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
		{"unused time that is credited", invoice("i", "s", "monthly", billing.InvoicePaid, func(i *billing.Invoice) { i.Lines[0].Proration, i.Lines[0].Amount = true, eur(-900) }), []billing.LicenseLine{credit(line("handbook", feb28, mar31))}},
		{"a payment of which a part was given back", invoice("i", "s", "monthly", billing.InvoicePaid, func(i *billing.Invoice) { i.Refunded = eur(500) }), []billing.LicenseLine{taken(line("handbook", feb28, mar31), 500)}},
		{"a discount", invoice("i", "s", "monthly", billing.InvoicePaid, func(i *billing.Invoice) { i.Lines[0].Amount = eur(-900) }), nil},
		{"the remaining time after a change", invoice("i", "s", "monthly", billing.InvoicePaid, func(i *billing.Invoice) { i.Lines[0].Proration, i.Lines[0].Period.Start = true, mar31.Add(-days(3)) }), []billing.LicenseLine{line("handbook", mar31.Add(-days(3)), mar31)}},
		{"a line without period lasts as long as the asset says", invoice("i", "s", "monthly", billing.InvoicePaid, first, func(i *billing.Invoice) { i.Lines[0].Period = billing.Period{} }), []billing.LicenseLine{line("handbook", feb28.Add(time.Hour), feb28.Add(time.Hour+days(30)))}},
	} {
		if diff := cmp.Diff(c.want, billing.LicenseLines(shop, "ada", c.invoice)); diff != "" {
			t.Errorf("%s: -want +got\n%s", c.name, diff)
		}
	}
}

// Features: 91.
func TestALicenseIsTheSumOfWhatIsStillPaidFor(t *testing.T) {
	t.Parallel()
	day := func(n int) time.Time { return jan31.Add(days(n)) }
	line := func(invoice billing.InvoiceID, from, to int, change ...func(*billing.LicenseLine)) billing.LicenseLine {
		l := billing.LicenseLine{Asset: "a", Account: "ada", Invoice: invoice, Price: "monthly", StartsAt: day(from), EndsAt: day(to), Paid: 1000}
		for _, fn := range change {
			fn(&l)
		}
		return l
	}
	taken := func(minor int64) func(*billing.LicenseLine) { return func(l *billing.LicenseLine) { l.Taken = minor } }
	credit := func(l *billing.LicenseLine) { l.Credit, l.Paid = true, 0 }
	yearly := func(l *billing.LicenseLine) { l.Price = "yearly" }
	forever := func(l *billing.LicenseLine) { l.EndsAt = time.Time{} }
	for _, c := range []struct {
		name  string
		lines []billing.LicenseLine
		now   int
		want  string // from, to, and whether it was cut
	}{
		{"none", nil, 0, ""},
		{"renewals continue it", []billing.LicenseLine{line("1", 0, 30), line("2", 30, 60)}, 10, "0 60"},
		{"out of order", []billing.LicenseLine{line("2", 30, 60), line("1", 0, 30)}, 10, "0 60"},
		{"an early renewal adds", []billing.LicenseLine{line("1", 0, 30), line("2", 30, 60), line("3", 60, 90)}, 10, "0 90"},
		{"a shorter line does not shorten it", []billing.LicenseLine{line("1", 0, 365), line("2", 30, 60)}, 10, "0 365"},
		{"after a gap it begins anew", []billing.LicenseLine{line("1", 0, 30), line("2", 90, 120)}, 30, "90 120"},
		{"before the gap it has not ended", []billing.LicenseLine{line("1", 0, 30), line("2", 90, 120)}, 29, "0 30"},
		{"all have ended", []billing.LicenseLine{line("1", 0, 30), line("2", 90, 120)}, 200, "90 120"},

		{"a refund of the only payment", []billing.LicenseLine{line("1", 0, 30, taken(1000))}, 10, "0 0 cut"},
		{"a refund of a half", []billing.LicenseLine{line("1", 0, 30, taken(500))}, 10, "0 15 cut"},
		{"a refund of the renewal takes that renewal back", []billing.LicenseLine{line("1", 0, 30), line("2", 30, 60, taken(1000))}, 40, "0 30 cut"},
		{"a refund of the period that runs leaves the one that is paid ahead", []billing.LicenseLine{line("1", 0, 30, taken(1000)), line("2", 30, 60)}, 10, "30 60"},
		{"a refund of the one in the middle leaves the one that runs", []billing.LicenseLine{line("1", 0, 30), line("2", 30, 60, taken(1000)), line("3", 60, 90)}, 10, "0 30"},
		{"paid again after a refund", []billing.LicenseLine{line("1", 0, 30, taken(1000)), line("2", 5, 35)}, 10, "5 35"},
		{"a dispute that was won", []billing.LicenseLine{line("1", 0, 30, taken(0))}, 10, "0 30"},

		{"unused time that was credited", []billing.LicenseLine{line("1", 0, 30), line("2", 10, 30, credit)}, 20, "0 10 cut"},
		{"credited, and bought for longer beside it", []billing.LicenseLine{line("1", 0, 30), line("2", 10, 30, credit), line("2", 10, 375, yearly)}, 20, "0 375"},
		{"credited for more seats of the same", []billing.LicenseLine{line("1", 0, 30), line("2", 10, 30, credit), line("2", 10, 30)}, 20, "0 30"},
		{"a credit does not end what another price gives", []billing.LicenseLine{line("1", 0, 365, yearly), line("2", 10, 30, credit)}, 20, "0 365"},
		{"nor what was bought after it", []billing.LicenseLine{line("1", 0, 30), line("2", 10, 30, credit), line("3", 20, 30)}, 25, "20 30"},
		{"a change that was given back is undone", []billing.LicenseLine{
			line("1", 0, 30), line("2", 10, 30, credit, func(l *billing.LicenseLine) { l.Paid, l.Taken = 500, 500 }), line("2", 10, 375, yearly, taken(1000)),
		}, 20, "0 30 cut"},
		{"a credit alone is no license", []billing.LicenseLine{line("2", 10, 30, credit)}, 20, ""},

		{"for ever", []billing.LicenseLine{line("1", 0, 0, forever)}, 10000, "0 ever"},
		{"for ever, and a part was given back", []billing.LicenseLine{line("1", 0, 0, forever, taken(999))}, 10, "0 ever"},
		{"for ever, and all was given back", []billing.LicenseLine{line("1", 0, 0, forever, taken(1000))}, 10, "0 0 cut"},
	} {
		got := ""
		for _, l := range billing.Licenses(c.lines, day(c.now)) {
			got = fmt.Sprint(int(l.StartsAt.Sub(jan31)/days(1)), " ", int(l.EndsAt.Sub(jan31)/days(1)))
			if l.EndsAt.IsZero() {
				got = fmt.Sprint(int(l.StartsAt.Sub(jan31)/days(1)), " ever")
			}
			if l.Cut {
				got += " cut"
			}
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	apart := billing.Licenses([]billing.LicenseLine{{Asset: "b", Account: "ada", StartsAt: jan31, EndsAt: day(30)}, {Asset: "a", Account: "ada", StartsAt: day(5), EndsAt: day(10), RecordedAt: feb10}}, feb10)
	if len(apart) != 2 || apart[0].Asset != "a" || !apart[0].UpdatedAt.Equal(feb10) || apart[1].Asset != "b" {
		t.Errorf("assets are apart: %+v", apart)
	}
}

func TestALicenseIsPerpetualFixedOrRecurring(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		asset   billing.Asset
		reason  string
		ends    time.Time
		nothing bool
	}{
		{"recurring: the line's period", billing.Asset{ID: "handbook", Recurring: true, Duration: days(30)}, "subscription_cycle", mar31, false},
		{"fixed: its duration, with the first payment", billing.Asset{ID: "handbook", Duration: days(365)}, "subscription_create", feb28.Add(days(365)), false},
		{"fixed: and with no other", billing.Asset{ID: "handbook", Duration: days(365)}, "subscription_cycle", time.Time{}, true},
		{"perpetual: no end", billing.Asset{ID: "handbook", Perpetual: true}, "subscription_create", time.Time{}, false},
		{"perpetual: once", billing.Asset{ID: "handbook", Perpetual: true}, "subscription_cycle", time.Time{}, true},
	} {
		catalog := shop
		catalog.Assets = []billing.Asset{c.asset}
		catalog.Plans = slices.Clone(shop.Plans)
		catalog.Plans[1].Assets = []billing.AssetID{"handbook"}
		lines := billing.LicenseLines(catalog, "ada", invoice("i", "s", "monthly", billing.InvoicePaid, func(i *billing.Invoice) { i.Reason = c.reason }))
		if len(lines) == 0 != c.nothing || !c.nothing && !lines[0].EndsAt.Equal(c.ends) {
			t.Errorf("%s: %+v, want an end at %v", c.name, lines, c.ends)
		}
		credit := invoice("i", "s", "monthly", billing.InvoicePaid, func(i *billing.Invoice) {
			i.Reason, i.Lines[0].Proration, i.Lines[0].Amount = "subscription_update", true, eur(-1)
		})
		if lines := billing.LicenseLines(catalog, "ada", credit); len(lines) == 0 == c.asset.Recurring {
			t.Errorf("%s: a credit takes %+v", c.name, lines)
		}
	}
}

// Periods follow each other; each is paid, and some of it may be given back, in whatever order that is recorded: what is held is what was paid
// for less what was given back.
func TestWhatIsHeldIsWhatWasPaidForLessWhatWasGivenBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var lines []billing.LicenseLine
		var paid, refunded, held time.Duration
		start := jan31
		for range rapid.IntRange(1, 8).Draw(t, "periods") {
			length := days(rapid.IntRange(1, 366).Draw(t, "days"))
			money := rapid.Int64Range(1, 100_000).Draw(t, "paid")
			back := rapid.SampledFrom([]int64{0, 0, money, money / 2, money / 3}).Draw(t, "back")
			lines = append(lines, billing.LicenseLine{Asset: "a", Account: "ada", StartsAt: start, EndsAt: start.Add(length), Paid: money, Taken: back})
			paid += length
			refunded += time.Duration(int64(length/time.Second)*back/money) * time.Second
			start = start.Add(length)
		}
		lines = rapid.Permutation(lines).Draw(t, "order")
		for now := jan31; now.Before(start); { // stretch by stretch
			license := billing.Licenses(lines, now)[0]
			if !license.EndsAt.After(now) {
				break
			}
			held += license.EndsAt.Sub(later(license.StartsAt, now))
			now = license.EndsAt
		}
		if diff := paid - refunded - held; diff < -8*time.Second || diff > 8*time.Second { // each share is rounded to a second
			t.Fatalf("%v paid, %v given back, %v held", paid, refunded, held)
		}
	})
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
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
		{"a license that was cut, in the leeway", "cut", full, feb28.Add(time.Hour), false, feb28},
		{"an asset that does not recur", "course", retrying, feb28, false, feb28},
		{"an asset that is no longer sold", "map", retrying, feb28, false, feb28},
	} {
		license := billing.License{Account: "ada", Asset: c.asset, StartsAt: jan31, EndsAt: feb28}
		if c.asset == "cut" {
			license.Asset, license.Cut = "handbook", true
		}
		want := []billing.Held{{License: license, Valid: c.valid, ValidUntil: c.until}}
		if diff := cmp.Diff(want, billing.Hold(shop, []billing.Access{c.access}, []billing.License{license}, c.now)); diff != "" {
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
		after := jan31.Add(days(rapid.IntRange(0, 200).Draw(t, "now")))
		all, fewer := billing.Licenses(lines, after), billing.Licenses(lines[:len(lines)-1], after)
		holds := func(l billing.License) bool { return !after.Before(l.StartsAt) && after.Before(l.EndsAt) }
		if len(fewer) > 0 && holds(fewer[0]) && (!holds(all[0]) || all[0].EndsAt.Before(fewer[0].EndsAt)) {
			t.Fatalf("%v is shorter than %v", all, fewer)
		}
		shuffled := rapid.Permutation(slices.Clone(lines)).Draw(t, "order")
		if diff := cmp.Diff(all, billing.Licenses(shuffled, after)); diff != "" {
			t.Fatalf("the order matters: %s", diff)
		}
	})
}
