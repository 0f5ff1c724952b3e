package billing_test

import (
	"testing"

	"github.com/dues-billing/dues/billing"
)

// by lets a subscription charge a method of its own.
func by(method billing.PaymentMethodID) func(*billing.Subscription) {
	return func(s *billing.Subscription) { s.PaymentMethod = method }
}

// saved is a state with two cards, old and new, of which own is the customer's default.
func saved(own billing.PaymentMethodID, subs ...billing.Subscription) billing.State {
	s := billing.State{Customer: "cus", Known: true, OwnMethod: own, Methods: []billing.PaymentMethod{{ID: "new"}, {ID: "old"}}, Subscriptions: subs}
	s.MarkDefault()
	return s
}

func TestTheMethodThatPaysForARunningSubscriptionStays(t *testing.T) {
	t.Parallel()
	later := func(s *billing.Subscription) { s.CancelAt = feb28.AddDate(0, 3, 0) }
	ending := func(s *billing.Subscription) { s.CancelAt, s.CancelAtPeriodEnd = feb28, true }
	for _, c := range []struct {
		name   string
		state  billing.State
		remove billing.PaymentMethodID
		want   billing.Code // "" when it may go
	}{
		{"nothing is paid for", saved("old", sub("free", "starter", billing.Active)), "old", ""},
		{"a subscription's own", saved("", sub("sub", "monthly", billing.Active, by("old"))), "old", billing.Conflict},
		{"beside a subscription's own", saved("", sub("sub", "monthly", billing.Active, by("old"))), "new", ""},
		{"the customer's default, that a subscription charges", saved("old", sub("sub", "monthly", billing.Active)), "old", billing.Conflict},
		{"the customer's default, beside a subscription's own", saved("old", sub("sub", "monthly", billing.Active, by("new"))), "old", ""},
		{"one whose payment is late", saved("", sub("sub", "monthly", billing.PastDue, by("old"))), "old", billing.Conflict},
		{"one in its trial", saved("", sub("sub", "monthly", billing.Trialing, by("old"))), "old", billing.Conflict},
		{"one that ends with its period", saved("", sub("sub", "monthly", billing.Active, by("old"), ending)), "old", ""},
		{"one that is renewed before it ends", saved("", sub("sub", "monthly", billing.Active, by("old"), later)), "old", billing.Conflict},
		{"one that has ended", saved("", sub("sub", "monthly", billing.Canceled, by("old"))), "old", ""},
		{"somebody else's", saved("old"), "other", billing.NotFound},
	} {
		if err := shop.MethodToRemove(c.state, c.remove); (err != nil || c.want != "") && billing.CodeOf(err) != c.want {
			t.Errorf("%s: got %v, want code %q", c.name, err, c.want)
		}
	}
}

func TestADefaultMethodIsThatOfEveryRunningSubscription(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		state billing.State
		want  int // subscriptions that have to be told too, -1 when nothing has to be done
	}{
		{"nothing is the default", saved(""), 0},
		{"it is so already", saved("new", sub("sub", "monthly", billing.Active)), -1},
		{"a subscription charges another one", saved("new", sub("sub", "monthly", billing.Active, by("old"))), 1},
		{"a subscription charges this one, and the customer's is another", saved("old", sub("sub", "monthly", billing.Active, by("new"))), 0},
		{"one that has ended does not matter", saved("new", sub("sub", "monthly", billing.Canceled, by("old"))), -1},
	} {
		needed, own, err := c.state.MethodToDefault("new")
		if got := len(own); err != nil || needed != (c.want >= 0) || needed && got != c.want {
			t.Errorf("%s: needed %v, %v, %v", c.name, needed, own, err)
		}
	}
	if _, _, err := saved("new").MethodToDefault("other"); billing.CodeOf(err) != billing.NotFound {
		t.Errorf("somebody else's: got %v, want code not_found", err)
	}
}

func TestACardThatNothingWouldChargeBecomesTheDefault(t *testing.T) {
	t.Parallel()
	before := billing.State{Customer: "cus", Known: true}
	for _, c := range []struct {
		name        string
		mirror, now billing.State
		want        bool
	}{
		{"saved without a default", before, saved(""), true},
		{"saved as the default", before, saved("new"), false},
		{"saved beside what a subscription charges", before, saved("", sub("sub", "monthly", billing.Active, by("old"))), false},
		{"known before", saved(""), saved(""), false},
		{"of a customer that was never fetched", billing.State{}, saved(""), false},
	} {
		var got []billing.Effect
		for _, e := range billing.Decide(shop, "ada", c.mirror, c.now).Effects {
			if e.Name == billing.SetDefaultMethodCall {
				got = append(got, e)
			}
		}
		if len(got) > 1 || (len(got) == 1) != c.want || c.want && got[0].Method != "new" {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
}
