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
