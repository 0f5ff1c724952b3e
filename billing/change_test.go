package billing_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/money"
)

// market sells to persons and teams, and in dollars too.
var market = func() billing.Catalog {
	c := shop
	dollars := []billing.CurrencyPrice{{Rate: billing.Rate{Amount: money.New(1200, "usd")}}}
	c.Plans = append(c.Plans[:len(c.Plans):len(c.Plans)],
		billing.Plan{ID: "team", Prices: []billing.Price{
			{Key: "seats", Amount: eur(900), Interval: billing.Month, Kind: billing.PerSeat, MinSeats: 2, MaxSeats: 50, Currencies: dollars},
			{Key: "seats-yearly", Amount: eur(9000), Interval: billing.Year, Kind: billing.PerSeat},
			{Key: "seats-tiered", Amount: eur(0), Interval: billing.Month, Kind: billing.PerSeat, Tiering: billing.Volume, Tiers: []billing.Tier{{Unit: billing.Rate{Amount: eur(800)}}}},
		}},
		billing.Plan{ID: "basic", Prices: []billing.Price{
			{Key: "basic", Amount: eur(500), Interval: billing.Month},
			{Key: "old", Amount: eur(400), Interval: billing.Month, Archived: true},
		}},
	)
	return c
}()

// on is a state with one subscription to a price of the market.
func on(key string, quantity int64, change ...func(*billing.Subscription)) billing.State {
	_, price, _ := market.PlanOfPrice(key)
	return known(sub("s", "monthly", billing.Active, func(s *billing.Subscription) {
		s.Items[0].PriceKey, s.Items[0].Amount, s.Items[0].Quantity = key, price.Amount, quantity
		for _, fn := range change {
			fn(s)
		}
	}))
}

func is(status billing.Status) func(*billing.Subscription) {
	return func(s *billing.Subscription) { s.Status = status }
}

func ending(s *billing.Subscription) { s.CancelAt = feb28 }

func scheduled(key string, quantity int64) func(*billing.Subscription) {
	return func(s *billing.Subscription) { s.Next = billing.NextPlan{PriceKey: key, Quantity: quantity, At: feb28} }
}

func inDollars(s *billing.Subscription) { s.Items[0].Amount = money.New(1200, "usd") }

func TestAChangeIsUpNowAndDownAtThePeriodsEndUnlessSaid(t *testing.T) {
	t.Parallel()
	now, end := billing.ChangeNow, billing.ChangeAtEnd
	for _, c := range []struct {
		name  string
		state billing.State
		wish  billing.ChangeWish
		want  string
	}{
		{"to more money", on("basic", 1), billing.ChangeWish{PriceKey: "monthly"}, "monthly 1 now invoice"},
		{"to more money, at the end", on("basic", 1), billing.ChangeWish{PriceKey: "monthly", When: end}, "monthly 1 period_end"},
		{"to less money", on("monthly", 1), billing.ChangeWish{PriceKey: "basic"}, "basic 1 period_end"},
		{"to less money now", on("monthly", 1), billing.ChangeWish{PriceKey: "basic", When: now}, "basic 1 now invoice"},
		{"to less money now, credited later", on("monthly", 1), billing.ChangeWish{PriceKey: "basic", When: now, Proration: billing.ProrateLater}, "basic 1 now next_invoice"},
		{"to less money now, without credit", on("monthly", 1), billing.ChangeWish{PriceKey: "basic", When: now, Proration: billing.ProrateNever}, "basic 1 now none"},
		{"down to the free plan", on("monthly", 1), billing.ChangeWish{PriceKey: "starter"}, "starter 1 period_end"},
		{"down to the free plan now, with credit", on("monthly", 1), billing.ChangeWish{PriceKey: "starter", When: now}, "starter 1 now invoice"},
		{"out of the free plan", on("starter", 1), billing.ChangeWish{PriceKey: "monthly"}, "monthly 1 now invoice restarts"},
		{"to a longer period, cheaper a day", on("monthly", 1), billing.ChangeWish{PriceKey: "yearly"}, "yearly 1 now invoice"},
		{"to a shorter period", on("yearly", 1), billing.ChangeWish{PriceKey: "monthly"}, "monthly 1 period_end"},
		{"more seats", on("seats", 3), billing.ChangeWish{Quantity: 5}, "seats 5 now invoice"},
		{"fewer seats", on("seats", 5), billing.ChangeWish{Quantity: 3}, "seats 3 period_end"},
		{"seats of another period keep their number", on("seats", 5), billing.ChangeWish{PriceKey: "seats-yearly", When: now}, "seats-yearly 5 now invoice"},
		{"tiers are compared by nobody", on("seats", 5), billing.ChangeWish{PriceKey: "seats-tiered"}, "seats-tiered 5 now invoice"},
		{"from seats to one amount", on("seats", 5), billing.ChangeWish{PriceKey: "monthly"}, "monthly 1 period_end"},
		{"in a trial", on("basic", 1, is(billing.Trialing)), billing.ChangeWish{PriceKey: "monthly"}, "monthly 1 now invoice"},
		{"in another currency that is sold", on("seats", 3, inDollars), billing.ChangeWish{Quantity: 4}, "seats 4 now invoice"},
		{"what is so already", on("monthly", 1), billing.ChangeWish{PriceKey: "monthly"}, "nothing"},
		{"nothing", on("monthly", 1), billing.ChangeWish{}, "nothing"},
		{"what is scheduled already", on("monthly", 1, scheduled("basic", 1)), billing.ChangeWish{PriceKey: "basic"}, "nothing"},
		{"another than is scheduled", on("monthly", 1, scheduled("starter", 1)), billing.ChangeWish{PriceKey: "basic"}, "basic 1 period_end"},
		{"now what was scheduled", on("monthly", 1, scheduled("basic", 1)), billing.ChangeWish{PriceKey: "basic", When: now}, "basic 1 now invoice"},

		{"nobody", known(), billing.ChangeWish{PriceKey: "monthly"}, "conflict"},
		{"who never paid", on("basic", 1, is(billing.Incomplete)), billing.ChangeWish{PriceKey: "monthly"}, "conflict"},
		{"who left", on("basic", 1, is(billing.Canceled)), billing.ChangeWish{PriceKey: "monthly"}, "conflict"},
		{"who owes", on("basic", 1, is(billing.PastDue)), billing.ChangeWish{PriceKey: "monthly"}, "conflict"},
		{"who is paused", on("basic", 1, is(billing.Paused)), billing.ChangeWish{PriceKey: "monthly"}, "conflict"},
		{"what is sold by nobody", on("elsewhere", 1), billing.ChangeWish{PriceKey: "monthly"}, "conflict"},
		{"a change after the end", on("monthly", 1, ending), billing.ChangeWish{PriceKey: "basic"}, "conflict"},
		{"a shorter period now", on("yearly", 1), billing.ChangeWish{PriceKey: "monthly", When: now}, "conflict when"},
		{"a price that is not there", on("basic", 1), billing.ChangeWish{PriceKey: "gold"}, "invalid price"},
		{"a price that is not sold any more", on("basic", 1), billing.ChangeWish{PriceKey: "old"}, "invalid price"},
		{"a price in another currency", on("seats", 3, inDollars), billing.ChangeWish{PriceKey: "monthly"}, "invalid price"},
		{"a negative quantity", on("seats", 3), billing.ChangeWish{Quantity: -1}, "invalid quantity"},
		{"fewer seats than are sold", on("seats", 3), billing.ChangeWish{Quantity: 1}, "invalid quantity"},
		{"more seats than are sold", on("seats", 3), billing.ChangeWish{Quantity: 51}, "invalid quantity"},
		{"seats without end", on("seats-yearly", 3), billing.ChangeWish{Quantity: billing.QuantityMax + 1}, "invalid quantity"},
		{"several of what is sold once", on("basic", 1), billing.ChangeWish{Quantity: 2}, "invalid quantity"},
		{"too few seats for the new price", on("basic", 1), billing.ChangeWish{PriceKey: "seats"}, "invalid quantity"},
		{"some day", on("basic", 1), billing.ChangeWish{PriceKey: "monthly", When: "later"}, "invalid when"},
		{"a proration of its own", on("basic", 1), billing.ChangeWish{PriceKey: "monthly", Proration: "half"}, "invalid proration"},
		{"a proration at the end", on("basic", 1), billing.ChangeWish{PriceKey: "monthly", When: end, Proration: billing.ProrateLater}, "invalid proration"},
	} {
		if got := planned(market.Change(c.state, c.wish)); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func planned(p billing.PlannedChange, err error) string {
	var e *billing.Error
	switch {
	case err != nil:
		e = err.(*billing.Error)
		return strings.TrimSpace(string(e.Code) + " " + e.Field)
	case !p.Needed:
		return "nothing"
	}
	out := strings.TrimSpace(fmt.Sprintf("%s %d %s %s", p.Price.Key, p.Quantity, p.When, p.Proration))
	if p.Restarts {
		out += " restarts"
	}
	return out
}
