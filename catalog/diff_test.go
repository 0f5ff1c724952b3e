package catalog_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/catalog"
)

const shopFile = `features:
  - {id: calls, name: Calls, type: metered}
plans:
  - id: pro
    name: Pro
    prices:
      - {key: pro, amount: 19.00 EUR, every: month, currencies: [20.00 USD]}
      - {key: pro-old, amount: 15.00 EUR, every: month, archived: true}
addons:
  - id: more
    name: More
    prices: [{key: more, amount: 0.002 EUR, every: month, per: calls}]
coupons:
  - {id: half, percent: 50, duration: once, codes: [{code: HALF}]}
`

func parse(t testing.TB, file string) billing.Catalog {
	t.Helper()
	c, err := catalog.Parse([]byte(file))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// shop is what Stripe holds after shopFile was applied, pro-old included.
func shop(t testing.TB) billing.Stock {
	t.Helper()
	return applied(billing.Stock{}, catalog.Diff(parse(t, strings.Replace(shopFile, ", archived: true", "", 1)), billing.Stock{}))
}

// applied is what a provider holds after changes.
func applied(s billing.Stock, changes []billing.StockChange) billing.Stock {
	for i, change := range changes {
		if change.Action != billing.CreateStock {
			continue
		}
		id := fmt.Sprintf("id%d", i)
		switch change.Kind {
		case billing.MeterStock:
			change.Meter.ID = id
			s.Meters = append(s.Meters, change.Meter)
		case billing.ProductStock:
			s.Products = append(s.Products, change.Product)
		case billing.PriceStock:
			price := change.Price
			price.ID = billing.PriceID(id)
			if price.Feature = ""; price.Kind == billing.PerSeat {
				price.Kind = billing.Flat
			}
			s.Prices = append(s.Prices, price)
		case billing.CouponStock:
			s.Coupons = append(s.Coupons, change.Coupon)
		case billing.CodeStock:
			s.Codes = append(s.Codes, change.Code)
		}
	}
	return s
}

func words(changes []billing.StockChange) []string {
	var all []string
	for _, change := range changes {
		text := fmt.Sprintf("%s %s %s", change.Action, change.Kind, change.Name)
		for _, f := range change.Fields {
			text += fmt.Sprintf(" %s: %q not %q", f.Name, f.AtProvider, f.Wanted)
		}
		all = append(all, text)
	}
	return all
}

// Features: 9.
func TestAnEmptyProviderGetsAllThatIsSoldInTheOrderInWhichItCanBeMade(t *testing.T) {
	t.Parallel()
	if diff := cmp.Diff([]string{
		"create meter calls", "create product pro", "create product more", "create price pro", "create price more", "create coupon half",
		"create promotion code HALF",
	}, words(catalog.Diff(parse(t, shopFile), billing.Stock{}))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestADifferenceIsWhatIsDoneAboutIt(t *testing.T) {
	t.Parallel()
	edit := func(old, now string) func(string, *billing.Stock) string {
		return func(file string, _ *billing.Stock) string { return strings.Replace(file, old, now, 1) }
	}
	there := func(change func(s *billing.Stock)) func(string, *billing.Stock) string {
		return func(file string, s *billing.Stock) string {
			change(s)
			return file
		}
	}
	for _, c := range []struct {
		name    string
		differ  func(file string, s *billing.Stock) string
		want    []string
		refusal string
	}{
		{"nothing but the archived price", edit("", ""), []string{"archive price pro-old"}, ""},
		{"sold again", edit(", archived: true", ""), nil, ""},
		{"another name", edit("name: Pro", "name: Professional"), []string{`update product pro name: "Pro" not "Professional"`, "archive price pro-old"}, ""},
		{"another currency", edit("[20.00 USD]", "[20.00 USD, 3000 JPY]"), []string{`update price pro currency: "" not "3000 JPY"`, "archive price pro-old"}, ""},
		{
			"an edited amount", edit("19.00 EUR", "21.00 EUR"), []string{`refuse price pro amount: "19.00 EUR a month" not "21.00 EUR a month"`, "archive price pro-old"},
			"give the new one a new key",
		},
		{"an edited period", edit("19.00 EUR, every: month", "19.00 EUR, every: year"), []string{`refuse price pro amount: "19.00 EUR a month" not "19.00 EUR a year"`, "archive price pro-old"}, "a price never changes"},
		{"another amount in another currency", edit("20.00 USD", "25.00 USD"), []string{`refuse price pro currency: "20.00 USD" not "25.00 USD"`, "archive price pro-old"}, "a price never changes"},
		{"a currency less", edit(", currencies: [20.00 USD]", ""), []string{`refuse price pro currency: "20.00 USD" not ""`, "archive price pro-old"}, "add that to its currencies"},
		{
			"a price that is gone", edit("      - {key: pro-old, amount: 15.00 EUR, every: month, archived: true}\n", ""),
			[]string{`refuse price pro-old amount: "15.00 EUR a month" not ""`}, "put it back with archived: true",
		},
		{
			"a plan that is gone", there(func(s *billing.Stock) {
				s.Products = append(s.Products, billing.StockProduct{ID: "dues_lite", Ours: true, Active: true, Name: "Lite"})
			}), []string{"refuse product lite", "archive price pro-old"}, "does not delete a product with prices",
		},
		{"what is not ours", there(func(s *billing.Stock) {
			s.Products = append(s.Products, billing.StockProduct{ID: "prod_x", Active: true, Name: "Cups"})
			s.Prices = append(s.Prices, billing.StockPrice{ID: "price_x", Product: "prod_x", Active: true, Price: billing.Price{Key: "cups"}})
			s.Coupons = append(s.Coupons, billing.StockCoupon{ID: "x"})
		}), []string{"archive price pro-old"}, ""},
		{"a plan that is archived", edit("    name: Pro\n", "    name: Pro\n    archived: true\n"), []string{"archive price pro", "archive price pro-old", "archive product pro"}, ""},
		{"another way to count", edit("type: metered", "type: metered, aggregate: count"), []string{`refuse meter calls aggregate: "sum" not "count"`, "archive price pro-old"}, "give the feature another event"},
		{"a meter that sleeps", there(func(s *billing.Stock) { s.Meters[0].Active = false }), []string{"restore meter calls", "archive price pro-old"}, ""},
		{"a plan of the catalogue that was archived there", there(func(s *billing.Stock) { s.Products[0].Active = false }), []string{"restore product pro", "archive price pro-old"}, ""},
		{"another discount", edit("percent: 50", "percent: 40"), []string{`refuse coupon half off: "50 %" not "40 %"`, "archive price pro-old"}, "the terms of a coupon never change"},
		{"a coupon's name", edit("{id: half", "{id: half, name: Half"), []string{`update coupon half name: "half" not "Half"`, "archive price pro-old"}, ""},
		{
			"a coupon that is gone", edit("  - {id: half, percent: 50, duration: once, codes: [{code: HALF}]}", "  - {id: new, percent: 5, duration: once}"),
			[]string{"create coupon new", `delete coupon half off: "50 %" not ""`, "archive price pro-old"}, "",
		},
		{"a code that is gone", edit(", codes: [{code: HALF}]", ""), []string{"archive promotion code HALF", "archive price pro-old"}, ""},
		{"a code that is archived", edit("{code: HALF}", "{code: HALF, archived: true}"), []string{"archive promotion code HALF", "archive price pro-old"}, ""},
		{"another code's terms", edit("{code: HALF}", "{code: half, first_time: true}"), []string{`refuse promotion code half first_time: "false" not "true"`, "archive price pro-old"}, "another code"},
		{"a price from before Dues, in another account", edit("{key: pro,", "{key: pro, id: price_9,"), []string{"archive price pro-old"}, ""},
	} {
		s := shop(t)
		file := c.differ(shopFile, &s)
		changes := catalog.Diff(parse(t, file), s)
		if diff := cmp.Diff(c.want, words(changes)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
		told := slices.ContainsFunc(changes, func(change billing.StockChange) bool { return strings.Contains(change.Refusal, c.refusal) })
		if c.refusal != "" && !told {
			t.Errorf("%s: no refusal says %q: %+v", c.name, c.refusal, changes)
		}
	}
}

// Features: 11.
func TestAPriceFromBeforeDuesIsTakenOverByItsID(t *testing.T) {
	t.Parallel()
	const file = `plans:
  - id: pro
    name: Pro
    product: prod_9
    prices: [{key: pro, id: price_9, amount: 19.00 EUR, every: month}]
`
	before := billing.Stock{
		Products: []billing.StockProduct{{ID: "prod_9", Active: true, Name: "Professional"}},
		Prices: []billing.StockPrice{{ID: "price_9", Product: "prod_9", Active: true, Price: func() billing.Price {
			p := priceOf(t, parse(t, file), "pro")
			p.Key = ""
			return p
		}()}},
	}
	if diff := cmp.Diff([]string{
		`update product pro name: "Professional" not "Pro" plan: "" not "pro"`, `update price pro key: "" not "pro"`,
	}, words(catalog.Diff(parse(t, file), before))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Features: 9.
func TestWhatWasAppliedDiffersInNothing(t *testing.T) {
	t.Parallel()
	c := full(t)
	for i := range c.Plans { // what is archived is not made, and what is from before Dues is not here
		c.Plans[i].Archived, c.Plans[i].Product = false, ""
		for j := range c.Plans[i].Prices {
			c.Plans[i].Prices[j].Archived, c.Plans[i].Prices[j].ID = false, ""
		}
	}
	if changes := catalog.Diff(c, applied(billing.Stock{}, catalog.Diff(c, billing.Stock{}))); len(changes) > 0 {
		t.Errorf("a second time it is to do:\n%s", strings.Join(words(changes), "\n"))
	}
}

func BenchmarkDiffOfAThousandPlans(b *testing.B) {
	c := billing.Catalog{}
	for i := range 1000 {
		c.Plans = append(c.Plans, billing.Plan{
			ID: billing.PlanID(fmt.Sprintf("plan-%d", i)), Name: "Plan",
			Prices: []billing.Price{{Key: fmt.Sprintf("price-%d", i), Interval: billing.Month, IntervalCount: 1}},
		})
	}
	there := applied(billing.Stock{}, catalog.Diff(c, billing.Stock{}))
	for b.Loop() {
		if len(catalog.Diff(c, there)) > 0 {
			b.Fatal("something differs")
		}
	}
}
