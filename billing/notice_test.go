package billing_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/dues-billing/dues/billing"
)

func TestEachTransitionIsToldOnce(t *testing.T) {
	t.Parallel()
	premium, starter := sub("s", "monthly", billing.Active), sub("f", "starter", billing.Active)
	latest := func(id billing.InvoiceID) func(*billing.Subscription) {
		return func(s *billing.Subscription) { s.LatestInvoice = id }
	}
	cancelAt := func(at time.Time) func(*billing.Subscription) {
		return func(s *billing.Subscription) { s.CancelAt = at }
	}
	ended := func(s *billing.Subscription) { s.EndedAt = feb28 }
	first := func(i *billing.Invoice) { i.Reason = "subscription_create" }
	line := billing.LicenseLine{Line: "il_i", Asset: "handbook", Account: "ada", Invoice: "i", StartsAt: feb28, EndsAt: mar31}
	full, free := billing.Told{Plan: "premium", Level: billing.Full, Sequence: 7}, billing.Told{Plan: "starter", Level: billing.Full, Sequence: 7}
	for _, c := range []struct {
		name        string
		told        billing.Told
		mirror, now billing.State
		extended    []billing.LicenseLine
		want        []string
	}{
		{"nothing changed", full, known(premium), known(premium), nil, nil},
		{
			"from free to paid in one subscription", free, known(sub("s", "starter", billing.Active)), known(sub("s", "monthly", billing.Active, latest("i"))), nil,
			[]string{"access.changed access:ada:8 8 was starter", "subscription.started started:s:i 9 was starter starter"},
		},
		{
			"a checkout beside the free one", free, known(starter), known(premium, starter), nil,
			[]string{"access.changed access:ada:8 8 was starter", "subscription.started started:s: 9"},
		},
		{"the first payment is not complete", free, known(starter), known(sub("s", "monthly", billing.Incomplete), starter), nil, nil},
		{"a free subscription is nothing to tell of", free, known(), known(starter), nil, nil},
		{
			"an application that was told nothing yet hears what changed in the mirror", billing.Told{}, known(), known(starter), nil,
			[]string{"access.changed access:ada:1 1 was free"},
		},
		{
			"a renewal", full, known(premium, invoice("i", "s", "monthly", billing.InvoiceOpen)), known(premium, invoice("i", "s", "monthly", billing.InvoicePaid)),
			[]billing.LicenseLine{line},
			[]string{"invoice.paid invoice_paid:i 8", "subscription.renewed renewed:i 9", "license.extended license:il_i:handbook 10 until 2026-03-31"},
		},
		{"a renewal that was told", full, known(premium, invoice("i", "s", "monthly", billing.InvoicePaid)), known(premium, invoice("i", "s", "monthly", billing.InvoicePaid)), nil, nil},
		{
			"a first invoice is no renewal", full, known(premium), known(premium, invoice("i", "s", "monthly", billing.InvoicePaid, first)), nil,
			[]string{"invoice.created invoice_created:i 8", "invoice.finalized invoice_finalized:i 9", "invoice.paid invoice_paid:i 10"},
		},
		{"nor is an invoice of nothing", free, known(starter), known(starter, invoice("i", "f", "starter", billing.InvoicePaid)), nil, nil},
		{
			"from monthly to yearly", full, known(premium), known(sub("s", "yearly", billing.Active, latest("i"))), nil,
			[]string{"subscription.changed changed:s:monthly:yearly:8 8 was premium monthly"},
		},
		{
			"a payment failed", full, known(premium), known(sub("s", "monthly", billing.PastDue, latest("i")), invoice("i", "s", "monthly", billing.InvoiceOpen, func(i *billing.Invoice) { i.NextAttempt = mar31 })), nil,
			[]string{"subscription.past_due past_due:s:i 8", "invoice.created invoice_created:i 9", "invoice.finalized invoice_finalized:i 10"},
		},
		{
			"it failed again", full, known(sub("s", "monthly", billing.PastDue, latest("i")), invoice("i", "s", "monthly", billing.InvoiceOpen)),
			known(sub("s", "monthly", billing.PastDue, latest("i")), invoice("i", "s", "monthly", billing.InvoiceOpen, func(i *billing.Invoice) { i.NextAttempt = mar31 })), nil, nil,
		},
		{
			"it will end", full, known(premium), known(sub("s", "monthly", billing.Active, cancelAt(feb28))), nil,
			[]string{"subscription.cancel_scheduled cancel_scheduled:s:8 8"},
		},
		{
			"at another date", full, known(sub("s", "monthly", billing.Active, cancelAt(feb28))), known(sub("s", "monthly", billing.Active, cancelAt(mar31))), nil,
			[]string{"subscription.cancel_scheduled cancel_scheduled:s:8 8"},
		},
		{
			"it will go on after all", full, known(sub("s", "monthly", billing.Active, cancelAt(feb28))), known(premium), nil,
			[]string{"subscription.cancel_undone cancel_undone:s:8 8"},
		},
		{
			"it ended", full, known(sub("s", "monthly", billing.Active, cancelAt(feb28))), known(sub("s", "monthly", billing.Canceled, ended, cancelAt(feb28), latest("i")), starter), nil,
			[]string{"access.changed access:ada:8 8 was premium", "subscription.ended ended:s:i 9 was premium monthly"},
		},
		{"it had ended", free, known(sub("s", "monthly", billing.Canceled, ended), starter), known(sub("s", "monthly", billing.Canceled, ended), starter), nil, nil},
		{
			"from paid to free in one subscription", full, known(premium), known(sub("s", "starter", billing.Active)), nil,
			[]string{"access.changed access:ada:8 8 was premium", "subscription.ended ended:s: 9 was premium monthly"},
		},
		{
			"it began and ended unseen", free, known(starter), known(sub("s", "monthly", billing.Canceled, ended, latest("i")), starter, invoice("i", "s", "monthly", billing.InvoicePaid, first)), nil,
			[]string{
				"subscription.started started:s:i 8", "subscription.ended ended:s:i 9",
				"invoice.created invoice_created:i 10", "invoice.finalized invoice_finalized:i 11", "invoice.paid invoice_paid:i 12",
			},
		},
		{"it never began", free, known(sub("s", "monthly", billing.Incomplete), starter), known(sub("s", "monthly", billing.Canceled, ended), starter), nil, nil},
		{"a customer who was never fetched has no news", billing.Told{}, billing.State{}, known(premium, invoice("i", "s", "monthly", billing.InvoicePaid)), []billing.LicenseLine{line}, nil},
		{
			"time alone took access", full, known(sub("s", "monthly", billing.Unpaid)), known(sub("s", "monthly", billing.Unpaid)), nil,
			[]string{"access.changed access:ada:8 8 was full"},
		},
		{
			"a deleted customer", full, known(premium), billing.State{Customer: "cus", Known: true, Deleted: true, Subscriptions: []billing.Subscription{sub("s", "monthly", billing.Canceled, ended)}}, nil,
			[]string{"access.changed access:ada:8 8 was premium full", "subscription.ended ended:s: 9 was premium monthly"},
		},
	} {
		change := billing.Change{Account: "ada", Told: c.told, Mirror: c.mirror, Now: c.now, Extended: c.extended, Licenses: billing.Licenses(c.extended, feb10), At: feb10}
		notices, told := billing.Tell(shop, change)
		if got := tales(notices); !slices.Equal(got, c.want) {
			t.Errorf("%s:\n got %q\nwant %q", c.name, got, c.want)
		}
		if access := billing.AccessOf(shop, c.now, feb10); told.Plan != access.Plan || told.Level != access.Level || told.Sequence != c.told.Sequence+int64(len(notices)) {
			t.Errorf("%s: noted as told: %+v", c.name, told)
		}
		change.Mirror, change.Told, change.Extended = c.now, told, nil
		if again, still := billing.Tell(shop, change); len(again) > 0 || !still.Equal(told) {
			t.Errorf("%s: once more, and it is told again: %q, %+v", c.name, tales(again), still)
		}
	}
}

// tales are notices as a specification can read them: type, key, number, and what was before or how long a license runs.
func tales(notices []billing.Notice) []string {
	var all []string
	for _, n := range notices {
		tale := fmt.Sprintf("%s %s %d", n.Type, n.Key, n.Sequence)
		if n.Previous != (billing.Previous{}) {
			tale += " was"
		}
		for _, was := range []string{string(n.Previous.Plan), n.Previous.Price, string(n.Previous.Level)} {
			if was != "" {
				tale += " " + was
			}
		}
		if !n.License.EndsAt.IsZero() {
			tale += " until " + n.License.EndsAt.Format(time.DateOnly)
		}
		all = append(all, tale)
	}
	return all
}

func TestALicenseThatEndsOtherwiseIsTold(t *testing.T) {
	t.Parallel()
	until := func(end time.Time) []billing.License {
		return []billing.License{{Account: "ada", Asset: "handbook", StartsAt: jan31, EndsAt: end}}
	}
	for _, c := range []struct {
		name      string
		held, now []billing.License
		want      []string
	}{
		{"as before", until(mar31), until(mar31), nil},
		{"cut", until(mar31), until(feb28), []string{"license.cut license:ada:handbook:8 8 until 2026-02-28"}},
		{"given again", until(feb28), until(mar31), []string{"license.extended license:ada:handbook:8 8 until 2026-03-31"}},
		{"of no end, cut", until(time.Time{}), until(jan31), []string{"license.cut license:ada:handbook:8 8 until 2026-01-31"}},
	} {
		state := known(sub("s", "monthly", billing.Active))
		change := billing.Change{Account: "ada", Told: billing.Told{Plan: "premium", Level: billing.Full, Sequence: 7}, Mirror: state, Now: state, Held: c.held, Licenses: c.now, At: feb10}
		notices, _ := billing.Tell(shop, change)
		if got := tales(notices); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestEveryTypeOfNoticeIsKnownByName(t *testing.T) {
	t.Parallel()
	if all := slices.Compact(slices.Sorted(slices.Values(billing.NoticeTypes))); len(all) != 26 {
		t.Errorf("%d types, want 26: %q", len(all), all)
	}
}

func TestAccessChangesByItselfOnlyWhenItIsLookedAt(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		at := jan31.Add(time.Duration(rapid.IntRange(0, 60*24).Draw(t, "now")) * time.Hour)
		status := rapid.SampledFrom([]billing.Status{billing.Active, billing.Trialing, billing.PastDue, billing.Unpaid, billing.Canceled}).Draw(t, "status")
		s := known(sub("s", rapid.SampledFrom([]string{"monthly", "starter"}).Draw(t, "price"), status, func(s *billing.Subscription) {
			if rapid.Bool().Draw(t, "cancels") {
				s.CancelAt = feb28
			}
		}))
		if rapid.Bool().Draw(t, "owes") {
			s.Invoices = append(s.Invoices, invoice("i", "s", "monthly", billing.InvoiceOpen, func(i *billing.Invoice) { i.NextAttempt = mar31 }))
		}
		_, told := billing.Tell(shop, billing.Change{Account: "ada", Now: s, At: at})
		later := at.Add(time.Duration(rapid.IntRange(0, 90*24).Draw(t, "later")) * time.Hour)
		if !told.LookAt.IsZero() && !later.Before(told.LookAt) {
			return
		}
		if access := billing.AccessOf(shop, s, later); access.Plan != told.Plan || access.Level != told.Level {
			t.Fatalf("told %s of %s at %s, to be looked at again at %s, and at %s it is %s of %s", told.Level, told.Plan, at, told.LookAt, later, access.Level, access.Plan)
		}
	})
}
