package billing_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/dues-billing/dues/billing"
)

func TestAPersonIsGivenASeatThatIsPaidFor(t *testing.T) {
	t.Parallel()
	seats := func(holders string) (all []billing.Seat) {
		for _, holder := range strings.Fields(holders) {
			all = append(all, billing.Seat{Holder: holder})
		}
		return all
	}
	for _, c := range []struct {
		name, seats string
		paid        int64
		holder      string
		want        string
	}{
		{"a free seat", "ada", 2, "bob", "true "},
		{"who has one already", "ada bob", 2, "bob", "false "},
		{"who has one of more than are paid for", "ada bob", 1, "bob", "false "},
		{"none is free", "ada bob", 2, "eve", "false conflict"},
		{"none is paid for", "", 0, "ada", "false conflict"},
		{"nobody", "", 2, "", "false invalid"},
		{"a novel", "", 2, strings.Repeat("ü", billing.SeatHolderMax+1), "false invalid"},
		{"not printable", "", 2, "a\x00", "false invalid"},
	} {
		needed, err := billing.Assign(seats(c.seats), c.paid, c.holder)
		if got := fmt.Sprint(needed, " ", billing.CodeOf(err)); got != c.want {
			t.Errorf("%s: %s (%v), want %s", c.name, got, err, c.want)
		}
	}
	if held := billing.Seated(seats("ada bob eve"), 2); !held[0].Held || !held[1].Held || held[2].Held {
		t.Errorf("two of three seats are paid for: %+v", held)
	}
}

func TestSeatsAreWhatIsPaidForOrWhatThePlanHas(t *testing.T) {
	t.Parallel()
	catalog := shop
	catalog.Features = append([]billing.Feature{{ID: "seats", Type: billing.Limit}}, shop.Features...)
	catalog.Plans = append([]billing.Plan(nil), shop.Plans...)
	catalog.Plans[0].Features = []billing.FeatureValue{{Feature: "seats", Limit: 1}}
	catalog.Plans[1].Features = []billing.FeatureValue{{Feature: "seats", Limit: 5}}
	for _, c := range []struct {
		name    string
		catalog billing.Catalog
		access  billing.Access
		want    int64
	}{
		{"a price by seats", catalog, billing.Access{Plan: "premium", Level: billing.Full, Quantity: 7}, 7},
		{"a plan with seats", catalog, billing.Access{Plan: "premium", Level: billing.Full}, 5},
		{"the free plan", catalog, billing.Access{Plan: "starter", Level: billing.Full}, 1},
		{"a price by seats that is not paid", catalog, billing.Access{Plan: "premium", Level: billing.FreeOnly, Quantity: 7}, 1},
		{"no access", catalog, billing.Access{Plan: "premium", Level: billing.None, Quantity: 7}, 0},
		{"a catalogue without seats", shop, billing.Access{Plan: "premium", Level: billing.Full}, 0},
	} {
		if got := c.catalog.Seats(c.access); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
}

// What groups of plans give adds up, seats as limits do.
func TestSeatsOfGroupsAddUp(t *testing.T) {
	t.Parallel()
	catalog := billing.Catalog{
		FreePlan: "free", Features: []billing.Feature{{ID: "seats", Type: billing.Limit}},
		Plans: []billing.Plan{
			{ID: "free", Features: []billing.FeatureValue{{Feature: "seats", Limit: 1}}},
			{ID: "team", Prices: []billing.Price{{Key: "team", Kind: billing.PerSeat}}},
			{ID: "desk", Group: "support", Prices: []billing.Price{{Key: "desk", Kind: billing.PerSeat}}},
			{ID: "hotline", Group: "support", Features: []billing.FeatureValue{{Feature: "seats", Limit: 3}}},
		},
	}
	team := billing.Access{Plan: "team", Level: billing.Full, Quantity: 7}
	for _, c := range []struct {
		name    string
		support billing.Access
		want    int64
	}{
		{"by seats in both", billing.Access{Group: "support", Plan: "desk", Level: billing.Full, Quantity: 2}, 9},
		{"a limit in the other", billing.Access{Group: "support", Plan: "hotline", Level: billing.Full}, 10},
		{"nothing in the other", billing.Access{Group: "support", Level: billing.FreeOnly}, 7},
		{"the other is not paid", billing.Access{Group: "support", Plan: "desk", Level: billing.None, Quantity: 2}, 7},
	} {
		if got := catalog.Seats(team, c.support); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
	if got := catalog.Seats(billing.Access{Plan: "free", Level: billing.FreeOnly}, billing.Access{Group: "support", Plan: "desk", Level: billing.Full, Quantity: 2}); got != 3 {
		t.Errorf("seats of the free plan and of another group: %d, want 3", got)
	}
}
