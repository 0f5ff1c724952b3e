package billing_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/dues-billing/dues/billing"
)

// bazaar sells add-ons beside the plans of the market.
var bazaar = func() billing.Catalog {
	c := market
	c.Features = append(slices.Clone(c.Features), billing.Feature{ID: "calls", Type: billing.Usage}, billing.Feature{ID: "seats", Type: billing.Limit})
	c.Plans = slices.Clone(c.Plans)
	c.Plans[1].Features = append(slices.Clone(c.Plans[1].Features), billing.FeatureValue{Feature: "calls", Enabled: true, Limit: 1000}, billing.FeatureValue{Feature: "seats", Limit: 2})
	c.AddOns = []billing.AddOn{
		{
			ID: "space", Features: []billing.FeatureValue{{Feature: "projects", Limit: 10}, {Feature: "calls", Enabled: true, Limit: 500}, {Feature: "seats", Limit: 1}},
			Prices: []billing.Price{
				{Key: "space", Amount: eur(500), Interval: billing.Month, Kind: billing.PerSeat, MaxSeats: 9},
				{Key: "space-yearly", Amount: eur(5000), Interval: billing.Year, Kind: billing.PerSeat},
				{Key: "space-old", Amount: eur(400), Interval: billing.Month, Kind: billing.PerSeat, Archived: true},
			},
		},
		{
			ID: "usage", Plans: []billing.PlanID{"premium"}, Features: []billing.FeatureValue{{Feature: "calls", Enabled: true}},
			Prices: []billing.Price{{Key: "usage", Amount: eur(1), Interval: billing.Month, Kind: billing.Metered, Feature: "calls"}},
		},
	}
	return c
}()

// beside adds an add-on's item.
func beside(key string, quantity int64) func(*billing.Subscription) {
	return func(s *billing.Subscription) {
		_, price, _ := bazaar.AddOnOfPrice(key)
		s.Items = append(s.Items, billing.Item{ID: "si_" + key, PriceKey: key, Amount: price.Amount, Quantity: quantity, Period: s.Items[0].Period})
	}
}

// becoming schedules what a subscription has from the end of February, such as "monthly*1 space*2".
func becoming(items string) func(*billing.Subscription) {
	return func(s *billing.Subscription) {
		s.Later.At = feb28
		for _, item := range strings.Fields(items) {
			key, n, _ := strings.Cut(item, "*")
			var quantity int64
			fmt.Sscan(n, &quantity)
			s.Later.Items = append(s.Later.Items, billing.LaterItem{PriceKey: key, Quantity: quantity})
		}
	}
}

func TestAnAddOnIsBoughtNowAndGivenUpWithThePeriodUnlessSaid(t *testing.T) {
	t.Parallel()
	wish := func(key string, quantity int64) billing.ChangeWish {
		return billing.ChangeWish{AddOn: billing.AddOnWish{PriceKey: key, Quantity: quantity}}
	}
	drop := func(key string) billing.ChangeWish {
		return billing.ChangeWish{AddOn: billing.AddOnWish{PriceKey: key, Drop: true}}
	}
	at := func(w billing.ChangeWish, when billing.ChangeWhen) billing.ChangeWish {
		w.When = when
		return w
	}
	plan := func(key string, when billing.ChangeWhen) billing.ChangeWish {
		return billing.ChangeWish{PriceKey: key, When: when}
	}
	now, end := billing.ChangeNow, billing.ChangeAtEnd
	both := on("monthly", 1, beside("space", 2), beside("usage", 0))
	for _, c := range []struct {
		name  string
		state billing.State
		wish  billing.ChangeWish
		want  string
	}{
		{"one", on("monthly", 1), wish("space", 0), "now invoice: +space*1"},
		{"several", on("monthly", 1), wish("space", 3), "now invoice: +space*3"},
		{"usage", on("monthly", 1), wish("usage", 0), "now invoice: +usage*0"},
		{"beside another", on("monthly", 1, beside("space", 2)), wish("usage", 0), "now invoice: +usage*0"},
		{"more", both, wish("space", 5), "now invoice: space*5"},
		{"as many as there are", both, wish("space", 0), "nothing"},
		{"usage again", both, wish("usage", 0), "nothing"},
		{"fewer", both, wish("space", 1), "period_end: space*1"},
		{"fewer now", both, at(wish("space", 1), now), "now invoice: space*1"},
		{"none", both, drop("space"), "period_end: -space"},
		{"none now", both, at(drop("usage"), now), "now invoice: -usage"},
		{"none of what is not there", on("monthly", 1), drop("space"), "nothing"},
		{"out of an old price", on("monthly", 1, beside("space-old", 2)), wish("space", 0), "now invoice: space*2"},
		{"more at an old price", on("monthly", 1, beside("space-old", 2)), wish("space-old", 3), "now invoice: space-old*3"},
		{"none, beside one that leaves", on("monthly", 1, beside("space", 2), beside("usage", 0), becoming("monthly*1 space*2")), drop("space"), "period_end: -space -usage"},
		{"what is scheduled", on("monthly", 1, beside("space", 2), becoming("monthly*1")), drop("space"), "nothing"},
		{"another than is scheduled", on("monthly", 1, beside("space", 3), becoming("monthly*1 space*2")), drop("space"), "period_end: -space"},
		{"more, of what is scheduled to leave", on("monthly", 1, beside("space", 2), becoming("monthly*1")), wish("space", 4), "now invoice: space*4"},

		{"beside the free plan", on("starter", 1), wish("space", 1), "conflict price"},
		{"beside a plan that it does not go with", on("basic", 1), wish("usage", 0), "conflict price"},
		{"of another period", on("monthly", 1), wish("space-yearly", 1), "invalid price"},
		{"in another currency", on("seats", 3, inDollars), wish("space", 1), "invalid price"},
		{"not sold any more", on("monthly", 1), wish("space-old", 1), "invalid price"},
		{"not there", on("monthly", 1), wish("gold", 1), "invalid price"},
		{"of a plan", on("monthly", 1), wish("yearly", 1), "invalid price"},
		{"too many", on("monthly", 1), wish("space", 10), "invalid quantity"},
		{"fewer than none", on("monthly", 1), wish("space", -1), "invalid quantity"},
		{"usage by quantity", on("monthly", 1), wish("usage", 2), "invalid quantity"},
		{"bought at the period's end", on("monthly", 1), at(wish("space", 1), end), "invalid when"},
		{"kept by buying it", on("monthly", 1, beside("space", 2), becoming("monthly*1")), wish("space", 2), "conflict"},
		{"now, beside one that leaves", on("monthly", 1, beside("space", 2), becoming("monthly*1")), wish("usage", 0), "conflict"},
		{"beside a downgrade that is scheduled", on("monthly", 1, beside("space", 2), becoming("basic*1 space*2")), wish("space", 3), "conflict"},
		{"who owes", on("monthly", 1, is(billing.PastDue)), wish("space", 1), "conflict"},
		{"who is paused", on("monthly", 1, is(billing.Paused)), wish("space", 1), "conflict"},
		{"dropped at the end of what ends", on("monthly", 1, beside("space", 1), ending), drop("space"), "conflict"},
		{"nobody", known(), wish("space", 1), "conflict"},

		{"a plan that it goes with", both, plan("premium-none", ""), "invalid price"},
		{"down to a plan that one does not go with", both, plan("basic", end), "period_end: -usage"},
		{"to a longer period: what is sold for it follows", both, plan("yearly", ""), "now invoice: space-yearly*2 -usage"},
		{"down to the free plan", both, plan("starter", ""), "period_end: -space -usage"},
		{"down to the free plan now", both, plan("starter", now), "now invoice: -space -usage"},
		{"another plan now: what was to leave leaves with it", on("basic", 1, beside("space", 2), becoming("basic*1")), plan("monthly", ""), "now invoice: -space"},
	} {
		if got := besidePlanned(bazaar.Change(c.state, c.wish)); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func besidePlanned(p billing.PlannedChange, err error) string {
	if err != nil || !p.Needed {
		return planned(p, err)
	}
	out := strings.TrimSpace(fmt.Sprintf("%s %s", p.When, p.Proration)) + ":"
	for _, change := range p.AddOns {
		switch {
		case change.Drop:
			out += " -" + change.Was.PriceKey
		case change.Item == "":
			out += fmt.Sprintf(" +%s*%d", change.Price.Key, change.Quantity)
		default:
			out += fmt.Sprintf(" %s*%d", change.Price.Key, change.Quantity)
		}
	}
	return out
}

func TestWhatAddOnsGiveAddsUpWithThePlan(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		state billing.State
		want  string
	}{
		{"the plan alone", on("monthly", 1), "projects 100 export calls 1000 seats 2"},
		{"one of it", on("monthly", 1, beside("space", 1)), "projects 110 export calls 1500 seats 3"},
		{"three of it", on("monthly", 1, beside("space", 3)), "projects 130 export calls 2500 seats 5"},
		{"what has no limit gives it none", on("monthly", 1, beside("space", 3), beside("usage", 0)), "projects 130 export calls seats 5"},
		{"to seats that are paid for", on("seats", 4, beside("space", 2)), "projects 20 calls 1000 seats 6"},
		{"until it leaves", on("monthly", 1, beside("space", 1), becoming("monthly*1")), "projects 110 export calls 1500 seats 3"},
		{"while it is owed for too long, no more than the free plan gives", on("monthly", 1, beside("space", 1), is(billing.Unpaid)), "projects 3 seats 0"},
	} {
		access := billing.AccessOf(bazaar, c.state, feb10)
		var got []string
		for _, e := range billing.EntitlementsOf(bazaar, access) {
			switch {
			case e.Feature == "seats":
				got = append(got, fmt.Sprintf("seats %d", bazaar.Seats(access)))
			case e.Enabled && e.Limit > 0:
				got = append(got, fmt.Sprintf("%s %d", e.Feature, e.Limit))
			case e.Enabled:
				got = append(got, string(e.Feature))
			}
		}
		if text := strings.Join(got, " "); text != c.want {
			t.Errorf("%s: got %q, want %q", c.name, text, c.want)
		}
	}
}

func TestAChangeOfAddOnsIsTold(t *testing.T) {
	t.Parallel()
	tell := func(mirror, now billing.State) []string {
		notices, _ := billing.Tell(bazaar, billing.Change{
			Account: "ada", Told: billing.Told{Plan: "premium", Level: billing.Full, Sequence: 7}, Mirror: mirror, Now: now, At: feb10,
		})
		return tales(notices)
	}
	none, two := on("monthly", 1), on("monthly", 1, beside("space", 2))
	if got := tell(none, two); !slices.Equal(got, []string{"subscription.addons_changed addons:s::space*2:8 8"}) {
		t.Errorf("bought: %q", got)
	}
	if got := tell(two, none); !slices.Equal(got, []string{"subscription.addons_changed addons:s:space*2::8 8"}) {
		t.Errorf("dropped: %q", got)
	}
	if got := tell(two, two); len(got) > 0 {
		t.Errorf("nothing: %q", got)
	}
}

func TestAPaidAddOnLicensesItsAssetsAsAPlanDoes(t *testing.T) {
	t.Parallel()
	c := bazaar
	c.Assets = append(slices.Clone(c.Assets), billing.Asset{ID: "atlas", Recurring: true})
	c.AddOns = slices.Clone(c.AddOns)
	c.AddOns[0].Assets = []billing.AssetID{"atlas"}
	both := func(change ...func(*billing.InvoiceLine)) billing.Invoice {
		return invoice("i", "s", "monthly", billing.InvoicePaid, func(i *billing.Invoice) {
			line := i.Lines[0]
			line.ID, line.PriceKey, line.Amount = "il_space", "space", eur(1000)
			for _, fn := range change {
				fn(&line)
			}
			i.Lines = append(i.Lines, line)
		})
	}
	credited := func(l *billing.InvoiceLine) { l.Proration, l.Amount = true, eur(-300) }
	for _, w := range []struct {
		name    string
		invoice billing.Invoice
		want    string
	}{
		{"a renewal of both", both(), "handbook monthly, atlas space"},
		{"an add-on that is given up, with credit", both(credited), "handbook monthly, atlas space credited"},
		{"one that licenses nothing", both(func(l *billing.InvoiceLine) { l.PriceKey = "usage" }), "handbook monthly"},
	} {
		var got []string
		for _, l := range billing.LicenseLines(c, "ada", w.invoice) {
			words := string(l.Asset) + " " + l.Price
			if l.Credit {
				words += " credited"
			}
			got = append(got, words)
		}
		if got := strings.Join(got, ", "); got != w.want {
			t.Errorf("%s: %q, want %q", w.name, got, w.want)
		}
	}
	license := billing.License{Asset: "atlas", StartsAt: jan31, EndsAt: feb28}
	access := billing.Access{Plan: "premium", Level: billing.Full, Subscription: "s", Until: mar31, AddOns: []billing.HeldAddOn{{AddOn: "space"}}}
	renewing := billing.Hold(c, []billing.Access{access}, []billing.License{license}, feb28)
	access.AddOns = nil
	dropped := billing.Hold(c, []billing.Access{access}, []billing.License{license}, feb28)
	if !renewing[0].ValidUntil.Equal(mar31) || !dropped[0].ValidUntil.Equal(feb28.Add(c.Policy.Leeway)) {
		t.Errorf("while its renewal is tried it holds until %v, and after it was dropped until %v", renewing[0].ValidUntil, dropped[0].ValidUntil)
	}
}
