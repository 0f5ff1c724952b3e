package billing_test

import (
	"testing"
	"time"

	"github.com/dues-billing/dues/billing"
)

// reminding is the shop with reminders so many days ahead.
func reminding(days int, all bool) billing.Catalog {
	c := shop
	c.Mails.RenewalReminder = billing.RenewalReminder{Days: days, AllPeriods: all}
	return c
}

// during sets the period of a subscription.
func during(start, end time.Time) func(*billing.Subscription) {
	return func(s *billing.Subscription) { s.Items[0].Period = billing.Period{Start: start, End: end} }
}

func TestARenewalIsRemindedOfWhileItIsComingAndMeant(t *testing.T) {
	t.Parallel()
	end := jan31.AddDate(1, 0, 0)
	year := during(jan31, end)
	next := func(key string) func(*billing.Subscription) {
		return func(s *billing.Subscription) { s.Next = billing.NextPlan{PriceKey: key, At: end} }
	}
	due := end.Add(-days(7))
	for _, c := range []struct {
		name string
		shop billing.Catalog
		sub  billing.Subscription
		at   time.Time
		want string // "": nothing, "later" or the price that the mail is about
	}{
		{"months ahead", reminding(7, false), sub("s", "yearly", billing.Active, year), feb10, "later"},
		{"a second too early", reminding(7, false), sub("s", "yearly", billing.Active, year), due.Add(-time.Second), "later"},
		{"seven days ahead", reminding(7, false), sub("s", "yearly", billing.Active, year), due, "yearly"},
		{"a second ahead", reminding(7, false), sub("s", "yearly", billing.Active, year), end.Add(-time.Second), "yearly"},
		{"after an outage that lasted until the period's end", reminding(7, false), sub("s", "yearly", billing.Active, year), end, ""},
		{"nobody asked for it", shop, sub("s", "yearly", billing.Active, year), due, ""},
		{"a month, by default", reminding(7, false), sub("s", "monthly", billing.Active), feb28.Add(-days(7)), ""},
		{"a month, where all are told", reminding(7, true), sub("s", "monthly", billing.Active), feb28.Add(-days(7)), "monthly"},
		{"a month, before", reminding(7, true), sub("s", "monthly", billing.Active), feb10, "later"},
		{"a period no longer than the days", reminding(28, true), sub("s", "monthly", billing.Active), feb10, ""},
		{"a first period of a yearly price that was cut short", reminding(7, false), sub("s", "yearly", billing.Active), feb28.Add(-days(7)), "yearly"},
		{"a trial, which has a mail of its own", reminding(7, false), sub("s", "yearly", billing.Trialing, year), due, ""},
		{"a payment is overdue", reminding(7, false), sub("s", "yearly", billing.PastDue, year), due, ""},
		{"cancelled", reminding(7, false), sub("s", "yearly", billing.Active, year, ending), due, ""},
		{"paused", reminding(7, false), sub("s", "yearly", billing.Active, year, func(s *billing.Subscription) { s.Suspended = true }), due, ""},
		{"refunded", reminding(7, false), sub("s", "yearly", billing.Active, year, func(s *billing.Subscription) { s.TakenBack = billing.Refunded }), due, ""},
		{"it costs nothing", reminding(7, true), sub("s", "starter", billing.Active, year), due, ""},
		{"it goes on as a cheaper one", reminding(7, false), sub("s", "yearly", billing.Active, year, next("monthly")), due, "monthly"},
		{"it goes on as the free one", reminding(7, false), sub("s", "yearly", billing.Active, year, next("starter")), due, ""},
		{"the provider names no end", reminding(7, true), sub("s", "yearly", billing.Active, during(jan31, time.Time{})), due, ""},
	} {
		got, key := "", ""
		for _, m := range c.shop.Reminders(known(c.sub), nil, c.at) {
			got = "later"
			for _, e := range m.Effects {
				got, key = e.Price, e.Key
			}
		}
		if got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
		if key != "" && c.sub.PeriodEnd().Equal(end) && key != "renewal-coming:s:1801396800" {
			t.Errorf("%s: the key is %q", c.name, key)
		}
	}
}

func TestWhatARenewalCostsIsSaidOnlyWhereItIsKnownAhead(t *testing.T) {
	t.Parallel()
	c := shop
	c.AddOns = []billing.AddOn{{ID: "calls", Prices: []billing.Price{{Key: "calls", Kind: billing.Metered, Amount: eur(1), Interval: billing.Month}}}}
	and := func(key string) func(*billing.Subscription) {
		return func(s *billing.Subscription) { s.Items = append(s.Items, billing.Item{PriceKey: key}) }
	}
	for _, test := range []struct {
		name string
		sub  billing.Subscription
		want bool
	}{
		{"a plan", sub("s", "yearly", billing.Active), true},
		{"a plan with usage", sub("s", "yearly", billing.Active, and("calls")), false},
		{"something that the catalogue does not know", sub("s", "yearly", billing.Active, and("old")), false},
		{"a plan that changes", sub("s", "yearly", billing.Active, func(s *billing.Subscription) { s.Next.PriceKey = "monthly" }), false},
	} {
		if got := c.KnownAhead(test.sub); got != test.want {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
}
