package billing_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/money"
)

// Features: 11.
func TestWhoRenewsIsMovedToTheNewPriceAndNobodyElse(t *testing.T) {
	t.Parallel()
	cancelled := func(at time.Time) func(*billing.Subscription) {
		return func(s *billing.Subscription) { s.CancelAt = at }
	}
	dollars := func(s *billing.Subscription) { s.Items[0].Amount = money.New(2000, "usd") }
	for _, c := range []struct {
		name string
		sub  billing.Subscription
		to   string
		why  string // "" when it moves
	}{
		{"runs", sub("s", "monthly", billing.Active), "yearly", ""},
		{"on trial", sub("s", "monthly", billing.Trialing), "yearly", ""},
		{"cancelled for later than its period", sub("s", "monthly", billing.Active, cancelled(mar31)), "yearly", ""},
		{"cancelled with its period", sub("s", "monthly", billing.Active, cancelled(feb28)), "yearly", "ends with its period"},
		{"on another price", sub("s", "starter", billing.Active), "yearly", "not on monthly"},
		{"ended", sub("s", "monthly", billing.Canceled), "yearly", "has ended"},
		{"never began", sub("s", "monthly", billing.Incomplete), "yearly", "first payment"},
		{"overdue", sub("s", "monthly", billing.PastDue), "yearly", "overdue"},
		{"unpaid", sub("s", "monthly", billing.Unpaid), "yearly", "not billed"},
		{"paused", sub("s", "monthly", billing.Paused), "yearly", "not billed"},
		{"in another currency", sub("s", "monthly", billing.Active, dollars), "yearly", "USD"},
		{"to nothing", sub("s", "monthly", billing.Active), "gone", "no price gone"},
	} {
		item, why := shop.Movable(c.sub, "monthly", c.to)
		if (why == "") != (c.why == "") || !strings.Contains(why, c.why) {
			t.Errorf("%s: got %q, want %q", c.name, why, c.why)
		}
		if why == "" && item.ID != "si_s" {
			t.Errorf("%s: item %q moves", c.name, item.ID)
		}
	}
}

func TestTheCatalogueSaysWhoMovesWhere(t *testing.T) {
	t.Parallel()
	c := billing.Catalog{
		Plans:  []billing.Plan{{Prices: []billing.Price{{Key: "old", MoveTo: "new"}, {Key: "new"}}}},
		AddOns: []billing.AddOn{{Prices: []billing.Price{{Key: "extra-old", MoveTo: "extra"}, {Key: "extra"}}}},
	}
	if diff := cmp.Diff(map[string]string{"old": "new", "extra-old": "extra"}, c.MovablePrices()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestSeatsAreKeptWhereBothPricesCountThem(t *testing.T) {
	t.Parallel()
	seats := func(key string, least int64) billing.Price {
		return billing.Price{Key: key, Kind: billing.PerSeat, MinSeats: least}
	}
	c := billing.Catalog{Plans: []billing.Plan{{Prices: []billing.Price{{Key: "flat"}, seats("seats", 0), {Key: "usage", Kind: billing.Metered}}}}}
	for _, m := range []struct {
		name string
		from billing.Item
		to   billing.Price
		want int64
	}{
		{"one where nothing is counted", billing.Item{PriceKey: "flat", Quantity: 1}, billing.Price{Key: "other"}, 1},
		{"what was bought of what is not counted", billing.Item{PriceKey: "before Dues", Quantity: 4}, billing.Price{Key: "other"}, 4},
		{"one of a price with seats left", billing.Item{PriceKey: "seats", Quantity: 7}, billing.Price{Key: "flat"}, 1},
		{"the seats that were", billing.Item{PriceKey: "seats", Quantity: 7}, seats("more", 3), 7},
		{"the fewest seats", billing.Item{PriceKey: "seats", Quantity: 2}, seats("more", 3), 3},
		{"the fewest seats at first", billing.Item{PriceKey: "flat", Quantity: 1}, seats("more", 3), 3},
		{"no seats without usage's", billing.Item{PriceKey: "usage"}, seats("more", 0), 1},
		{"nothing of usage", billing.Item{PriceKey: "seats", Quantity: 7}, billing.Price{Kind: billing.Metered}, 0},
	} {
		if got := c.QuantityOn(m.to, m.from); got != m.want {
			t.Errorf("%s: got %d, want %d", m.name, got, m.want)
		}
	}
}
