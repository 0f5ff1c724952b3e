package billing_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/dues-billing/dues/billing"
)

func TestAnIndexedCatalogueFindsWhatLookingThroughItFinds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		name := func(label string) string { return rapid.SampledFrom([]string{"a", "b", "c", "d", ""}).Draw(t, label) }
		prices := func() (all []billing.Price) {
			for range rapid.IntRange(0, 3).Draw(t, "prices") {
				all = append(all, billing.Price{Key: name("price"), Amount: eur(rapid.Int64Range(0, 9).Draw(t, "amount"))})
			}
			return all
		}
		var plain billing.Catalog
		for range rapid.IntRange(0, 3).Draw(t, "plans") {
			plain.Plans = append(plain.Plans, billing.Plan{ID: billing.PlanID(name("plan")), Prices: prices()})
		}
		for range rapid.IntRange(0, 3).Draw(t, "add-ons") {
			plain.AddOns = append(plain.AddOns, billing.AddOn{ID: billing.AddOnID(name("add-on")), Prices: prices()})
		}
		indexed, asked := plain.Indexed(), name("asked")
		if diff := cmp.Diff(found(plain, asked), found(indexed, asked)); diff != "" {
			t.Errorf("asked for %q (-looked through +indexed):\n%s", asked, diff)
		}
		if diff := cmp.Diff(plain, indexed, cmpopts.IgnoreUnexported(billing.Catalog{})); diff != "" {
			t.Errorf("the index changes the catalogue:\n%s", diff)
		}
	})
}

// found is all that a catalogue has under a name.
func found(c billing.Catalog, name string) []any {
	plan, isPlan := c.Plan(billing.PlanID(name))
	of, price, isPrice := c.PlanOfPrice(name)
	addOn, its, isAddOn := c.AddOnOfPrice(name)
	return []any{plan, isPlan, of, price, isPrice, addOn, its, isAddOn}
}

// BenchmarkAccess is the pure part of a status check, in a short catalogue and in a long one.
func BenchmarkAccess(b *testing.B) {
	for _, plans := range []int{2, 1000} {
		catalogue := billing.Catalog{FreePlan: "free", Plans: []billing.Plan{{ID: "free", Name: "Free"}}, Policy: shop.Policy}
		for i := range plans {
			id := fmt.Sprintf("plan-%d", i)
			catalogue.Plans = append(catalogue.Plans, billing.Plan{
				ID: billing.PlanID(id), Name: id, Prices: []billing.Price{{Key: id + "-month", Amount: eur(900)}, {Key: id + "-year", Amount: eur(9000)}},
			})
		}
		paying := sub("sub_a", fmt.Sprintf("plan-%d-year", plans-1), billing.Active)
		state := billing.State{Customer: "cus_ada", Known: true, Subscriptions: []billing.Subscription{paying}}
		for kind, c := range map[string]billing.Catalog{"looked through": catalogue, "indexed": catalogue.Indexed()} {
			b.Run(fmt.Sprintf("%d plans, %s", plans, kind), func(b *testing.B) {
				for b.Loop() {
					_ = billing.AccessOf(c, state, jan31)
				}
			})
		}
	}
}
