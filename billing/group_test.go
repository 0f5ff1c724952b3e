package billing_test

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dues-billing/dues/billing"
)

// twoGroups is the shop with support beside it: its own free plan, and one that gives more of what the shop gives, and something that it does not.
func twoGroups() billing.Catalog {
	c := shop
	month := func(key string, amount int64) []billing.Price {
		return []billing.Price{{Key: key, Amount: eur(amount), Interval: billing.Month, IntervalCount: 1}}
	}
	c.Plans = slices.Concat(c.Plans, []billing.Plan{
		{ID: "self-help", Name: "Self-help", Group: "support", Prices: month("self-help", 0)},
		{
			ID: "hotline", Name: "Hotline", Group: "support", Prices: month("hotline", 4900),
			Features: []billing.FeatureValue{{Feature: "projects", Limit: 10}, {Feature: "phone", Enabled: true}, {Feature: "calls", Enabled: true, Limit: 5}},
		},
		{
			ID: "storage", Name: "Storage", Group: "storage", Prices: month("storage", 500),
			Features: []billing.FeatureValue{{Feature: "export", Enabled: true}, {Feature: "calls", Enabled: true, Limit: 20}},
		},
		{ID: "archive", Name: "Archive", Group: "storage", Prices: month("archive", 900), Features: []billing.FeatureValue{{Feature: "calls", Enabled: true}}},
	})
	c.Features = slices.Concat(c.Features, []billing.Feature{{ID: "phone", Type: billing.Boolean}, {ID: "calls", Type: billing.Usage}})
	c.FreePlans = []billing.PlanID{"self-help"}
	return c
}

func TestEachGroupHasASubscriptionOfItsOwn(t *testing.T) {
	t.Parallel()
	premium, starter := sub("s", "monthly", billing.Active), sub("f", "starter", billing.Active)
	hotline, storage, foreign := sub("h", "hotline", billing.Active), sub("d", "storage", billing.Active), sub("x", "not-ours", billing.Active)
	newer := func(s *billing.Subscription) { s.CreatedAt = feb10 }
	for _, c := range []struct {
		name  string
		state billing.State
		want  []string // plan, subscription and level of each group
	}{
		{"nothing at all", known(), []string{"starter  free", "self-help  free", "  none"}},
		{"the default group alone", known(premium), []string{"premium s full", "self-help  free", "  none"}},
		{"one of each", known(premium, hotline, storage), []string{"premium s full", "hotline h full", "storage d full"}},
		{"a paid one of another group leaves the free one alone", known(starter, hotline), []string{"starter f full", "hotline h full", "  none"}},
		{"of two in a group the rules choose as ever", known(hotline, sub("h2", "hotline", billing.Active, newer), premium), []string{"premium s full", "hotline h2 full", "  none"}},
		{"a group's trouble is its own", known(premium, sub("h", "hotline", billing.Unpaid)), []string{"premium s full", "hotline h free", "  none"}},
		{"what is on no plan is of the default group", known(foreign, hotline), []string{" x full", "hotline h full", "  none"}},
	} {
		var got []string
		for _, a := range billing.AccessesOf(twoGroups(), c.state, feb10) {
			got = append(got, string(a.Plan)+" "+string(a.Subscription)+" "+string(a.Level))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s:\n got %q\nwant %q", c.name, got, c.want)
		}
		if diff := cmp.Diff(billing.AccessesOf(twoGroups(), c.state, feb10), billing.AccessesOf(twoGroups().Indexed(), c.state.Deciding(twoGroups()), feb10)); diff != "" {
			t.Errorf("%s: what a cache keeps says otherwise (-whole +kept):\n%s", c.name, diff)
		}
	}
}

func TestWhatGroupsGiveAddsUp(t *testing.T) {
	t.Parallel()
	premium, hotline, storage, archive := sub("s", "monthly", billing.Active), sub("h", "hotline", billing.Active), sub("d", "storage", billing.Active), sub("a", "archive", billing.Active)
	for _, c := range []struct {
		name  string
		state billing.State
		want  string
	}{
		{"nothing: what is free", known(), "projects 3"},
		{"the free plan of one group and a paid one of another", known(hotline), "projects 13 phone calls 5"},
		{"limits are added, what is on in one is on", known(premium, hotline), "projects 110 export phone calls 5"},
		{"allowances are added", known(hotline, storage), "projects 13 export phone calls 25"},
		{"what one gives without limit has none", known(hotline, archive), "projects 13 phone calls unlimited"},
		{"what is not paid for gives nothing", known(premium, sub("h", "hotline", billing.Unpaid)), "projects 100 export"},
	} {
		if got := gives(billing.EntitlementsOf(twoGroups(), billing.AccessesOf(twoGroups(), c.state, feb10)...)); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

// gives writes what is enabled.
func gives(all []billing.Entitlement) string {
	var words []string
	for _, e := range all {
		switch {
		case !e.Enabled:
		case e.Type == billing.Boolean:
			words = append(words, string(e.Feature))
		case e.Limit == 0:
			words = append(words, string(e.Feature)+" unlimited")
		default:
			words = append(words, string(e.Feature)+" "+strconv.FormatInt(e.Limit, 10))
		}
	}
	return strings.Join(words, " ")
}

func TestADecisionIsOfOneGroup(t *testing.T) {
	t.Parallel()
	c := twoGroups()
	both := known(sub("s", "monthly", billing.Active), sub("h", "hotline", billing.Active))
	for _, w := range []struct {
		name string
		wish billing.ChangeWish
		want string // the subscription, or the field that is refused
	}{
		{"by its price", billing.ChangeWish{PriceKey: "yearly"}, "s"},
		{"by the price of another group", billing.ChangeWish{PriceKey: "self-help"}, "h"},
		{"by the group, where no price is named", billing.ChangeWish{Group: "support", Quantity: 1}, "h"},
		{"by neither: the default group", billing.ChangeWish{Quantity: 1}, "s"},
		{"a price of another group than the one that is named", billing.ChangeWish{Group: "support", PriceKey: "yearly"}, "group"},
		{"a group that is not", billing.ChangeWish{Group: "cars", Quantity: 1}, "group"},
	} {
		planned, err := c.Change(both, w.wish)
		got := string(planned.Subscription.ID)
		if refused := (*billing.Error)(nil); errors.As(err, &refused) {
			got = refused.Field
		}
		if got != w.want {
			t.Errorf("a change %s: got %q, %v; want %q", w.name, got, err, w.want)
		}
	}
	for group, want := range map[billing.Group]billing.SubscriptionID{"": "s", "support": "h"} {
		if got, _, err := c.In(group).Cancel(both, billing.CancelAtEnd, time.Time{}); got.ID != want || err != nil {
			t.Errorf("a cancel in %q: got %s, %v; want %s", group, got.ID, err, want)
		}
		if got, _, err := c.In(group).Pause(both); got.ID != want || err != nil {
			t.Errorf("a pause in %q: got %s, %v; want %s", group, got.ID, err, want)
		}
	}
	if _, _, err := c.In("storage").Cancel(both, billing.CancelAtEnd, time.Time{}); billing.CodeOf(err) != billing.Conflict {
		t.Errorf("a cancel in a group of which nothing runs: got %v, want code conflict", err)
	}
}

func TestAnotherGroupsSubscriptionIsNoDuplicate(t *testing.T) {
	t.Parallel()
	c := twoGroups()
	premium, hotline := sub("s", "monthly", billing.Active), sub("h", "hotline", billing.Active)
	calls := func(s billing.State) (keys []string) {
		for _, e := range billing.Decide(c, "ada", s, s).Effects {
			keys = append(keys, e.Key)
		}
		return keys
	}
	for _, w := range []struct {
		name  string
		state billing.State
		paid  map[billing.Group]int
		calls []string
	}{
		{"one of each", known(premium, hotline), map[billing.Group]int{"": 1, "support": 1}, nil},
		{"two of a group", known(premium, hotline, sub("h2", "hotline", billing.Active)), map[billing.Group]int{"": 1, "support": 2}, nil},
		{"a free one beside a paid one of another group stays", known(sub("f", "starter", billing.Active), hotline), map[billing.Group]int{"": 0, "support": 1}, nil},
		{"a free one beside a paid one of its group ends", known(premium, hotline, sub("n", "self-help", billing.Active)), map[billing.Group]int{"": 1, "support": 1}, []string{"cancel-free:n"}},
		{"what ends leaves its own group's free plan", known(premium, sub("h", "hotline", billing.Canceled)), map[billing.Group]int{"": 1, "support": 0}, []string{"free-after:h"}},
	} {
		for group, want := range w.paid {
			if got := c.In(group).PaidRunning(w.state); got != want {
				t.Errorf("%s: %d are paid for in %q, want %d", w.name, got, group, want)
			}
		}
		if got := calls(w.state); !slices.Equal(got, w.calls) {
			t.Errorf("%s: calls %q, want %q", w.name, got, w.calls)
		}
	}
}
