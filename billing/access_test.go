package billing_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/google/go-cmp/cmp"

	"github.com/dues-billing/dues/billing"
)

// Rows: B8 C20 C27 C28 D2.
// Features: 83.
func TestAccessFollowsTheProviderAndThePolicy(t *testing.T) {
	t.Parallel()
	retrying := func(i *billing.Invoice) { i.Attempts, i.NextAttempt = 1, feb28.Add(days(3)) }
	exhausted := func(i *billing.Invoice) { i.Attempts = 5 }
	confirm := func(i *billing.Invoice) { i.NeedsConfirmation = true }
	canceledAt := func(at time.Time) func(*billing.Subscription) {
		return func(s *billing.Subscription) { s.CancelAt, s.CancelAtPeriodEnd = at, true }
	}
	for _, c := range []struct {
		name  string
		state billing.State
		now   time.Time
		want  billing.Access
	}{
		{
			"a free subscription has no end", known(sub("s", "starter", billing.Active)), mar31,
			billing.Access{Plan: "starter", Price: "starter", Subscription: "s", Status: billing.Active, Level: billing.Full, PeriodEnd: feb28, Why: "Starter costs nothing."},
		},
		{
			"nothing was bought", billing.State{}, feb10,
			billing.Access{Plan: "starter", Level: billing.FreeOnly, Why: "There is no subscription; Starter costs nothing."},
		},
		{
			"a paid one runs until the provider's date and the leeway", known(sub("s", "monthly", billing.Active)), feb10,
			billing.Access{Plan: "premium", Price: "monthly", Subscription: "s", Status: billing.Active, Level: billing.Full, PeriodEnd: feb28, Until: feb28.Add(days(2)), Why: "Premium is paid for until 28 February 2026."},
		},
		{
			"within the leeway nobody is shut out", known(sub("s", "monthly", billing.Active)), feb28.Add(days(2) - time.Second),
			billing.Access{Plan: "premium", Price: "monthly", Subscription: "s", Status: billing.Active, Level: billing.Full, PeriodEnd: feb28, Until: feb28.Add(days(2)), Why: "Premium is paid for until 28 February 2026."},
		},
		{
			"after the leeway without news only the free plan is left", known(sub("s", "monthly", billing.Active)), feb28.Add(days(2)),
			billing.Access{Plan: "premium", Price: "monthly", Subscription: "s", Status: billing.Active, Level: billing.FreeOnly, PeriodEnd: feb28, Until: feb28.Add(days(2)), Why: "Premium ended on 2 March 2026, and no news of a renewal has come."},
		},
		{
			"a period that the provider does not name is not invented",
			known(sub("s", "monthly", billing.Active, func(s *billing.Subscription) { s.Items[0].Period = billing.Period{} })), mar31,
			billing.Access{Plan: "premium", Price: "monthly", Subscription: "s", Status: billing.Active, Level: billing.Full, Why: "Premium is paid for."},
		},
		{
			"a paid one counts before a free one, however new", known(sub("f", "starter", billing.Active, func(s *billing.Subscription) { s.CreatedAt = feb10 }), sub("s", "monthly", billing.Active)), feb10,
			billing.Access{Plan: "premium", Price: "monthly", Subscription: "s", Status: billing.Active, Level: billing.Full, PeriodEnd: feb28, Until: feb28.Add(days(2)), Why: "Premium is paid for until 28 February 2026."},
		},
		{
			"one that is paid counts before a newer one that is not", known(sub("u", "yearly", billing.Unpaid, func(s *billing.Subscription) { s.CreatedAt = feb10 }), sub("s", "monthly", billing.Active)), feb10,
			billing.Access{Plan: "premium", Price: "monthly", Subscription: "s", Status: billing.Active, Level: billing.Full, PeriodEnd: feb28, Until: feb28.Add(days(2)), Why: "Premium is paid for until 28 February 2026."},
		},
		{
			"one that never began does not count beside a free one", known(sub("s", "monthly", billing.Incomplete), sub("f", "starter", billing.Active)), feb10,
			billing.Access{Plan: "starter", Price: "starter", Subscription: "f", Status: billing.Active, Level: billing.Full, PeriodEnd: feb28, Why: "Starter costs nothing."},
		},
		{
			"an ended one does not count", known(sub("s", "monthly", billing.Canceled), sub("f", "starter", billing.Active)), feb10,
			billing.Access{Plan: "starter", Price: "starter", Subscription: "f", Status: billing.Active, Level: billing.Full, PeriodEnd: feb28, Why: "Starter costs nothing."},
		},
		{
			"a scheduled cancel ends access on its day, without leeway", known(sub("s", "monthly", billing.Active, canceledAt(feb28))), feb10,
			billing.Access{Plan: "premium", Price: "monthly", Subscription: "s", Status: billing.Active, Level: billing.Full, PeriodEnd: feb28, Until: feb28, CancelAt: feb28, Why: "Premium was cancelled and ends on 28 February 2026."},
		},
		{
			"a trial", known(sub("s", "monthly", billing.Trialing)), feb10,
			billing.Access{Plan: "premium", Price: "monthly", Subscription: "s", Status: billing.Trialing, Level: billing.Full, PeriodEnd: feb28, Until: feb28.Add(days(2)), Why: "The trial of Premium ends on 28 February 2026."},
		},
		{
			"past_due keeps access while the provider retries", known(sub("s", "monthly", billing.PastDue, next), invoice("i", "s", "monthly", billing.InvoiceOpen, retrying)), feb28.Add(days(1)),
			billing.Access{Plan: "premium", Price: "monthly", Subscription: "s", Status: billing.PastDue, Level: billing.Full, PeriodEnd: mar31, Until: mar31.Add(days(2)), Action: billing.UpdateCard, Why: "The payment of €19.00 for Premium failed; it is tried again on 3 March 2026."},
		},
		{
			"the policy's days count from the unpaid invoice", known(sub("s", "monthly", billing.PastDue, next), invoice("i", "s", "monthly", billing.InvoiceOpen, retrying)), feb28.Add(days(14)),
			billing.Access{Plan: "premium", Price: "monthly", Subscription: "s", Status: billing.PastDue, Level: billing.Limited, PeriodEnd: mar31, Until: mar31.Add(days(2)), Action: billing.UpdateCard, Why: "The payment of €19.00 for Premium failed; it is tried again on 3 March 2026."},
		},
		{
			"past_due that nobody retries is as good as unpaid", known(sub("s", "monthly", billing.PastDue, next), invoice("i", "s", "monthly", billing.InvoiceOpen, exhausted)), feb28.Add(days(1)),
			billing.Access{Plan: "premium", Price: "monthly", Subscription: "s", Status: billing.PastDue, Level: billing.FreeOnly, PeriodEnd: mar31, Until: mar31.Add(days(2)), Action: billing.UpdateCard, Why: "The payment of €19.00 for Premium failed, and it is not tried again."},
		},
		{
			"an overdue invoice that is paid by hand keeps access as the policy says", known(sub("s", "monthly", billing.PastDue, next), invoice("i", "s", "monthly", billing.InvoiceOpen)), feb28.Add(days(1)),
			billing.Access{Plan: "premium", Price: "monthly", Subscription: "s", Status: billing.PastDue, Level: billing.Full, PeriodEnd: mar31, Until: mar31.Add(days(2)), Action: billing.UpdateCard, ActionURL: "https://pay.example.com/i", Why: "The payment of €19.00 for Premium is overdue."},
		},
		{
			"past_due without an open invoice cuts nobody off", known(sub("s", "monthly", billing.PastDue, next)), feb28.Add(days(1)),
			billing.Access{Plan: "premium", Price: "monthly", Subscription: "s", Status: billing.PastDue, Level: billing.Full, PeriodEnd: mar31, Until: mar31.Add(days(2)), Action: billing.UpdateCard, Why: "A payment for Premium is overdue."},
		},
		{
			"a renewal that the bank wants confirmed keeps access and says where to confirm", known(sub("s", "monthly", billing.PastDue, next), invoice("i", "s", "monthly", billing.InvoiceOpen, confirm)), feb28.Add(days(1)),
			billing.Access{Plan: "premium", Price: "monthly", Subscription: "s", Status: billing.PastDue, Level: billing.Full, PeriodEnd: mar31, Until: mar31.Add(days(2)), Action: billing.ConfirmPayment, ActionURL: "https://pay.example.com/i", Why: "The bank asks you to confirm the payment of €19.00 for Premium."},
		},
		{
			"unpaid", known(sub("s", "monthly", billing.Unpaid, next)), feb28.Add(days(30)),
			billing.Access{Plan: "premium", Price: "monthly", Subscription: "s", Status: billing.Unpaid, Level: billing.FreeOnly, PeriodEnd: mar31, Until: mar31.Add(days(2)), Action: billing.UpdateCard, Why: "Premium is not paid for."},
		},
	} {
		if diff := cmp.Diff(c.want, billing.AccessOf(shop, c.state, c.now)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

// next moves a subscription into the period after.
func next(s *billing.Subscription) { s.Items[0].Period = billing.Period{Start: feb28, End: mar31} }

func TestWithoutAFreePlanNothingIsLeft(t *testing.T) {
	t.Parallel()
	c := shop
	c.FreePlan = ""
	if got := billing.AccessOf(c, billing.State{}, feb10); got.Level != billing.None || got.Why != "There is no subscription." {
		t.Errorf("got %+v, want no access", got)
	}
	if got := billing.AccessOf(c, known(sub("s", "monthly", billing.Unpaid)), feb10); got.Level != billing.None {
		t.Errorf("got %+v, want no access", got)
	}
}

func TestADeletedCustomerHasWhatANewOneHas(t *testing.T) {
	t.Parallel()
	s := known(sub("s", "monthly", billing.Active))
	s.Deleted = true
	if got := billing.AccessOf(shop, s, feb10); got.Level != billing.FreeOnly || got.Subscription != "" {
		t.Errorf("got %+v, want the free level without subscription", got)
	}
}

// Rows: B4 C28 D1.
func TestNoDateIsEverInvented(t *testing.T) {
	t.Parallel()
	keys := []string{"starter", "monthly", "yearly", "not-ours"}
	statuses := []billing.Status{
		billing.Incomplete, billing.IncompleteExpired, billing.Trialing, billing.Active, billing.PastDue, billing.Canceled, billing.Unpaid, billing.Paused,
	}
	rapid.Check(t, func(t *rapid.T) {
		moment := func(label string) time.Time {
			if n := rapid.IntRange(0, 400).Draw(t, label); n > 0 {
				return jan31.Add(days(n))
			}
			return time.Time{}
		}
		dates := map[time.Time]bool{{}: true}
		var s billing.State
		for range rapid.IntRange(0, 4).Draw(t, "subscriptions") {
			end, cancel := moment("end"), moment("cancel")
			s.Subscriptions = append(s.Subscriptions, sub("s", rapid.SampledFrom(keys).Draw(t, "key"), rapid.SampledFrom(statuses).Draw(t, "status"), func(s *billing.Subscription) {
				s.Items[0].Period.End, s.CancelAt = end, cancel
			}))
			dates[end], dates[cancel] = true, true
			if !end.IsZero() {
				dates[end.Add(shop.Policy.Leeway)] = true
			}
		}
		now := jan31.Add(days(rapid.IntRange(0, 400).Draw(t, "now")))
		a := billing.AccessOf(shop, s, now)
		if !dates[a.Until] || !dates[a.PeriodEnd] || !dates[a.CancelAt] {
			t.Fatalf("%+v has a date that the provider did not give", a)
		}
		if a.Level == billing.Full && !a.Until.IsZero() && !now.Before(a.Until) {
			t.Fatalf("%+v is full at %v, after its end", a, now)
		}
		if a.Why == "" {
			t.Fatalf("%+v does not say why", a)
		}
	})
}

// Features: 85.
func TestEntitlementsFollowTheLevel(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		plan     billing.PlanID
		level    billing.Level
		projects int64
		export   bool
	}{
		{"premium", billing.Full, 100, true},
		{"premium", billing.Limited, 3, true},
		{"premium", billing.FreeOnly, 3, false},
		{"premium", billing.None, 0, false},
		{"starter", billing.Full, 3, false},
		{"", billing.Full, 0, false},
	} {
		got := billing.EntitlementsOf(shop, billing.Access{Plan: c.plan, Level: c.level})
		want := []billing.Entitlement{
			{Feature: "projects", Type: billing.Limit, Enabled: c.projects > 0, Limit: c.projects},
			{Feature: "export", Type: billing.Boolean, Enabled: c.export},
		}
		if len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
			t.Errorf("plan %q at level %q: got %+v, want %+v", c.plan, c.level, got, want)
		}
	}
}
