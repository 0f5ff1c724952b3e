package catalog_test

import (
	_ "embed"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/catalog"
	"github.com/dues-billing/dues/money"
)

//go:embed testdata/full.yaml
var fullFile []byte

func full(t testing.TB) billing.Catalog {
	t.Helper()
	c, err := catalog.Parse(fullFile)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func priceOf(t testing.TB, c billing.Catalog, key string) billing.Price {
	t.Helper()
	if _, price, ok := c.PlanOfPrice(key); ok {
		return price
	}
	_, price, ok := c.AddOnOfPrice(key)
	if !ok {
		t.Fatalf("the catalogue has no price %q", key)
	}
	return price
}

// Features: 13 60.
func TestAPriceIsReadWithAllThatItSays(t *testing.T) {
	t.Parallel()
	c := full(t)
	month := func(p billing.Price) billing.Price {
		p.Interval, p.IntervalCount = billing.Month, 1
		return p
	}
	eur := func(minor int64) billing.Rate { return billing.Rate{Amount: money.New(minor, "eur")} }
	none := money.New(0, "eur")
	for _, want := range []billing.Price{
		month(billing.Price{
			Key: "pro-monthly-2", Amount: money.New(2100, "eur"), Tax: billing.TaxExclusive, Trial: billing.TrialTerms{Days: 14},
			Currencies: []billing.CurrencyPrice{{Rate: billing.Rate{Amount: money.New(2300, "usd")}}, {Rate: billing.Rate{Amount: money.New(2300, "jpy")}}},
		}),
		{
			Key: "pro-yearly", Amount: money.New(21000, "eur"), Interval: billing.Year, IntervalCount: 1,
			Trial: billing.TrialTerms{Days: 30, WithoutCard: true, Missing: billing.MissingPauses},
		},
		month(billing.Price{Key: "pro-monthly", Amount: money.New(1900, "eur"), Archived: true, MoveTo: "pro-monthly-2", ID: "price_of_old"}),
		month(billing.Price{Key: "team-monthly", Amount: money.New(900, "eur"), Kind: billing.PerSeat, MinSeats: 3, MaxSeats: 500}),
		{
			Key: "team-quarterly", Amount: none, Interval: billing.Month, IntervalCount: 3, Kind: billing.PerSeat, Tiering: billing.Graduated,
			Tiers: []billing.Tier{{UpTo: 10, Unit: eur(2500), Flat: none}, {UpTo: 50, Unit: eur(2000), Flat: money.New(500, "eur")}, {Unit: eur(1500), Flat: none}},
			Currencies: []billing.CurrencyPrice{{
				Rate: billing.Rate{Amount: money.New(0, "usd")},
				Tiers: []billing.Tier{
					{UpTo: 10, Unit: billing.Rate{Amount: money.New(2700, "usd")}, Flat: money.New(0, "usd")},
					{Unit: billing.Rate{Amount: money.New(1800, "usd")}, Flat: money.New(0, "usd")},
				},
			}},
		},
		month(billing.Price{Key: "legacy", Amount: money.New(500, "eur"), Archived: true}),
		month(billing.Price{Key: "calls", Amount: none, Pico: 200_000_000_000, Kind: billing.Metered, Feature: "api-calls"}),
		month(billing.Price{
			Key: "calls-packages", Amount: money.New(200, "eur"), Kind: billing.Metered, Feature: "api-calls", Package: 1000, Archived: true, MoveTo: "calls",
		}),
		month(billing.Price{
			Key: "storage", Amount: none, Kind: billing.Metered, Feature: "storage", Tiering: billing.Volume, Archived: true,
			Tiers: []billing.Tier{{UpTo: 100, Unit: eur(0), Flat: money.New(1000, "eur")}, {Unit: billing.Rate{Amount: money.New(8, "eur"), Pico: 150_000_000_000}, Flat: none}},
		}),
	} {
		if diff := cmp.Diff(want, priceOf(t, c, want.Key)); diff != "" {
			t.Errorf("price %s (-want +got):\n%s", want.Key, diff)
		}
	}
}

// Features: 14.
func TestMonthAndYearAreUnderOnePlan(t *testing.T) {
	t.Parallel()
	c := full(t)
	for _, key := range []string{"pro-monthly-2", "pro-yearly", "pro-monthly"} {
		if plan, _, _ := c.PlanOfPrice(key); plan.ID != "pro" {
			t.Errorf("%s is of plan %q, want pro", key, plan.ID)
		}
	}
}

func TestAddOnsCouponsAndMetersAreRead(t *testing.T) {
	t.Parallel()
	c := full(t)
	if diff := cmp.Diff([]billing.Feature{
		{ID: "api-calls", Name: "API calls", Type: billing.Usage, Meter: billing.Meter{Event: "api-calls", Aggregate: billing.Sum}},
		{ID: "storage", Name: "Storage", Type: billing.Usage, Meter: billing.Meter{Event: "storage_gb", Aggregate: billing.Last}},
	}, c.Features[2:]); diff != "" {
		t.Errorf("metered features (-want +got):\n%s", diff)
	}
	calls, _ := c.AddOn("calls")
	calls.Prices = nil
	if diff := cmp.Diff(billing.AddOn{
		ID: "calls", Name: "API calls", Description: "Paid as they are used.", Plans: []billing.PlanID{"pro", "team"}, TaxCode: "txcd_10000000",
		Features: []billing.FeatureValue{{Feature: "api-calls", Enabled: true}},
	}, calls); diff != "" {
		t.Errorf("add-on (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]billing.Coupon{
		{
			ID: "launch", Name: "Launch", Percent: 1250, Duration: billing.Repeating, Months: 3, Plans: []billing.PlanID{"pro"}, MaxRedemptions: 500,
			RedeemBy: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC),
			Codes: []billing.PromotionCode{
				{Code: "LAUNCH", MaxRedemptions: 100, FirstTime: true, ExpiresAt: time.Date(2026, 12, 24, 18, 0, 0, 0, time.UTC)},
				{Code: "Friends-2026", Minimum: money.New(2000, "eur"), Archived: true},
			},
		},
		{ID: "sorry", Name: "sorry", Amount: money.New(500, "eur"), Currencies: []money.Amount{money.New(550, "usd")}, Duration: billing.Once},
	}, c.Coupons); diff != "" {
		t.Errorf("coupons (-want +got):\n%s", diff)
	}
	if coupon, _, ok := c.CouponOfCode("launch"); !ok || coupon.ID != "launch" {
		t.Error("a code in lower case is not found")
	}
}

const metered = onePlan + `features: [{id: calls, name: Calls, type: metered}, {id: seats, name: Seats, type: limit}]
`

// with puts a price instead of the one of onePlan.
func with(price string) string {
	return `features: [{id: calls, name: Calls, type: metered}, {id: seats, name: Seats, type: limit}]
plans:
  - id: basic
    name: Basic
    prices:
      - {key: basic, every: month, ` + price + `}
`
}

// Rows: D4.
func TestAMistakeInAPriceIsNamedByLineAndField(t *testing.T) {
	t.Parallel()
	const at = "line 6: plans[0].prices[0]."
	expectProblems(t, []mistake{
		{"per what", with("amount: 1 EUR, per: head"), at + `per: there is no feature "head"; a price is per seat, or per a feature of type metered`},
		{"per a limit", with("amount: 1 EUR, per: seats"), at + `per: feature "seats" is limit; usage is counted of metered ones`},
		{"parts of a cent for nothing", with("amount: 0.001 EUR"), at + "amount: \"0.001 EUR\": the currency has 2 decimals, not 3"},
		{"too many decimals", with("amount: 0.123456789012345 EUR, per: calls"), at + "amount: more than twelve decimals after the currency's own are not taken"},
		{"below nothing", with("amount: -0.001 EUR, per: calls"), at + "amount: "},
		{"no amount", with("per: calls"), at + "amount: an amount is needed"},
		{"both tierings", with("per: seat, graduated: [{amount: 1 EUR}], volume: [{amount: 1 EUR}]"), at + "volume: a price is graduated or volume, not both"},
		{"amount and tiers", with("per: seat, amount: 1 EUR, graduated: [{amount: 1 EUR}]"), at + "amount: a price has an amount or tiers, not both"},
		{"tiers of nothing", with("graduated: [{amount: 1 EUR}]"), at + "graduated: tiers count something"},
		{"no tiers", with("per: seat, graduated: []"), at + "graduated: at least one tier is needed"},
		{"open tier in the middle", with("per: seat, volume: [{amount: 1 EUR}, {amount: 2 EUR}]"), at + "volume[0].up_to: only the last tier has no end"},
		{"closed tier at the end", with("per: seat, volume: [{up_to: 5, amount: 1 EUR}]"), at + "volume[0].up_to: the last tier has no end"},
		{"tiers that fall", with("per: seat, volume: [{up_to: 5, amount: 1 EUR}, {up_to: 5, amount: 1 EUR}, {amount: 1 EUR}]"), at + "volume[1].up_to: tiers rise: 5 is not over 5"},
		{"tiers in two currencies", with("per: seat, volume: [{up_to: 5, amount: 1 EUR}, {amount: 1 USD}]"), at + "volume[1]: the tiers of a price are in one currency"},
		{"tier without amount", with("per: seat, volume: [{}]"), at + "volume[0].amount: an amount is needed"},
		{"up to nothing", with("per: seat, volume: [{up_to: 0, amount: 1 EUR}, {amount: 1 EUR}]"), at + "volume[0].up_to: a number from 1 to 1000000000 is needed, not 0"},
		{"package of nothing", with("amount: 1 EUR, package: 10"), at + "package: a package holds something"},
		{"package of one", with("amount: 1 EUR, per: seat, package: 1"), at + "package: a package holds two units at least"},
		{"package of tiers", with("per: seat, package: 10, volume: [{amount: 1 EUR}]"), at + "package: Stripe does not take a package together with tiers"},
		{"currency twice", with("amount: 1 EUR, currencies: [2 EUR]"), at + "currencies[0]: EUR is given already"},
		{"tiers in no currency", with("per: seat, volume: [{amount: 1 EUR}], currencies: [2 USD]"), at + "currencies[0]: a list is needed here"},
		{"seats of a flat price", with("amount: 1 EUR, min_seats: 2"), at + "min_seats: goes with per: seat"},
		{"seats the wrong way round", with("amount: 1 EUR, per: seat, min_seats: 5, max_seats: 2"), at + "max_seats: 2 is under min_seats, 5"},
		{"trial of no day", with("amount: 1 EUR, trial: 0d"), at + "trial: a trial lasts 1d to 730d"},
		{"trial of ever", with("amount: 1 EUR, trial: {days: 800}"), at + "trial.days: a trial lasts 1d to 730d"},
		{"trial without card", with("amount: 1 EUR, trial: {days: 7, without_card: maybe}"), at + "trial.without_card: one of cancel, pause, create_invoice is needed"},
		{"trial of nothing", with("amount: 0 EUR, trial: 7d"), at + "trial: a price that costs nothing needs no trial"},
		{"tax", with("amount: 1 EUR, tax: both"), at + "tax: one of inclusive, exclusive is needed"},
		{"moves nowhere", with("amount: 1 EUR, archived: true, move_to: gone"), at + `move_to: there is no price "gone"`},
		{"moves to itself", with("amount: 1 EUR, archived: true, move_to: basic"), at + `move_to: price "basic" is archived too`},
		{"moves while it is sold", with("amount: 1 EUR, move_to: next}\n      - {key: next, amount: 2 EUR, every: month"), at + "move_to: subscribers leave an archived price"},
		{"moves to another currency", with("amount: 1 EUR, archived: true, move_to: next}\n      - {key: next, amount: 2 USD, every: month"), at + `move_to: price "next" is in USD`},
		{"moves to another period", with("amount: 1 EUR, archived: true, move_to: next}\n      - {key: next, amount: 2 EUR, every: year"), at + `move_to: price "next" is for another period`},
		{"moves to another count", with("amount: 1 EUR, archived: true, move_to: next}\n      - {key: next, amount: 2 EUR, every: month, per: seat"), at + `move_to: price "next" does not count the same`},
		{"free plan that is archived", "free_plan: basic\n" + with("amount: 0 EUR, archived: true"), `line 1: free_plan: plan "basic" has no price with amount 0`},
		{"meter of a limit", onePlan + "features: [{id: x, name: X, type: limit, event: y}]\n", "line 5: features[0].event: goes with type: metered"},
		{"one event for two", onePlan + "features: [{id: x, name: X, type: metered}, {id: y, name: Y, type: metered, event: x}]\n", `line 5: features[1].event: "x" is the event of another feature`},
		{"limit of usage", metered + "addons: [{id: a, name: A, features: {calls: -1}, prices: [{key: a, amount: 1 EUR, every: month}]}]\n", "addons[0].features.calls: a limit cannot be negative"},
	})
}

// Rows: D4.
func TestAMistakeInAnAddOnOrACouponIsNamedByLineAndField(t *testing.T) {
	t.Parallel()
	coupon := func(keys string) string { return onePlan + "coupons:\n  - {id: x, " + keys + "}\n" }
	addOn := func(keys string) string { return onePlan + "addons:\n  - {id: x, name: X, " + keys + "}\n" }
	const prices = "prices: [{key: x, amount: 1 EUR, every: month}]"
	const at = "line 6: coupons[0]"
	expectProblems(t, []mistake{
		{"add-on without prices", addOn(""), "line 6: addons[0].prices: at least one price is needed"},
		{"add-on with a plan's key", addOn("prices: [{key: basic, amount: 1 EUR, every: month}]"), `line 6: addons[0].prices[0].key: "basic" is taken`},
		{"add-on with a plan's id", onePlan + "addons:\n  - {id: basic, name: X, " + prices + "}\n", `line 6: addons[0].id: "basic" is taken`},
		{"add-on of no plan", addOn("plans: [none], " + prices), `line 6: addons[0].plans[0]: there is no plan "none"`},
		{"add-on that moves to a plan", addOn("prices: [{key: x, amount: 1 EUR, every: month, archived: true, move_to: basic}]"), `move_to: there is no price "basic"`},
		{"nothing off", coupon("duration: once"), at + ": a coupon takes off a percent or an amount: one of them is needed"},
		{"both off", coupon("percent: 5, amount: 1 EUR, duration: once"), at + ": a coupon takes off a percent or an amount"},
		{"no percent", coupon("percent: 0, duration: once"), at + ".percent: a percentage over 0 and up to 100"},
		{"more than all", coupon("percent: 100.01, duration: once"), at + ".percent: a percentage over 0 and up to 100"},
		{"fine percents", coupon("percent: 1.005, duration: once"), at + ".percent: a percentage over 0 and up to 100 with two decimals at most"},
		{"amount of nothing", coupon("amount: 0 EUR, duration: once"), at + ".amount: a coupon takes something off"},
		{"percent in a currency", coupon("percent: 5, currencies: [1 USD], duration: once"), at + ".currencies: goes with amount"},
		{"a currency twice", coupon("amount: 1 EUR, currencies: [1 EUR], duration: once"), at + ".currencies[0]: EUR is given already"},
		{"no duration", coupon("percent: 5"), at + ".duration: once, forever or a number of months"},
		{"years", coupon("percent: 5, duration: 2 years"), at + ".duration: once, forever or a number of months such as 3 months is needed, not \"2 years\""},
		{"no day", coupon("percent: 5, duration: once, redeem_by: soon"), at + ".redeem_by: a day such as 2026-12-31 is needed"},
		{"coupon of no plan", coupon("percent: 5, duration: once, plans: [none]"), at + `.plans[0]: there is no plan "none"`},
		{"code with a space", coupon("percent: 5, duration: once, codes: [{code: NO WAY}]"), at + ".codes[0].code: a code of letters, digits and - is needed"},
		{"a code twice", coupon("percent: 5, duration: once, codes: [{code: ONE}, {code: one}]"), at + `.codes[1].code: "one" is taken`},
		{"code after its coupon", coupon("percent: 5, duration: once, redeem_by: 2026-01-01, codes: [{code: A, expires_at: 2026-02-01}]"), at + ".codes[0].expires_at: is after the coupon's redeem_by"},
		{"code over its coupon", coupon("percent: 5, duration: once, max_redemptions: 2, codes: [{code: A, max_redemptions: 3}]"), at + ".codes[0].max_redemptions: is over the coupon's own, 2"},
	})
}
