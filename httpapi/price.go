package httpapi

import (
	"cmp"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/money"
)

// AddOn is what may be bought beside a plan.
type AddOn struct {
	ID          billing.AddOnID  `json:"id"`
	Name        string           `json:"name"`
	Description string           `json:"description"`
	Plans       []billing.PlanID `json:"plans" nullable:"false" doc:"With which it may be bought; empty: with every plan that costs something"`
	Prices      []Price          `json:"prices" nullable:"false"`
	Features    []PlanFeature    `json:"features" nullable:"false"`
	Assets      []PlanAsset      `json:"assets" nullable:"false"`
}

// Price is one way to pay for a plan. The amount is in the currency's minor unit, as at Stripe.
type Price struct {
	Key           string           `json:"key" doc:"What POST /v1/me/checkout takes as price"`
	Amount        int64            `json:"amount" doc:"Of a period, a seat, a unit or a package, in the minor unit of the currency, such as cents; 0 where there are tiers"`
	AmountDecimal string           `json:"amount_decimal" doc:"The same with parts of the minor unit, such as 0.15 cents for a unit of usage"`
	Currency      money.Currency   `json:"currency"`
	Interval      billing.Interval `json:"interval" enum:"day,week,month,year"`
	IntervalCount int              `json:"interval_count"`
	Current       bool             `json:"current" doc:"Whether the caller pays it"`
	Archived      bool             `json:"archived" doc:"It is not sold any more; the caller is on it"`

	Per        string          `json:"per" doc:"What is counted: empty for nothing, seat, or the id of a metered feature"`
	Package    int64           `json:"package" doc:"The amount is for so many units; a package that was begun counts whole"`
	Tiering    billing.Tiering `json:"tiering" enum:",graduated,volume" doc:"graduated: each unit at the price of its tier. volume: all units at the price of the tier reached"`
	Tiers      []PriceTier     `json:"tiers" nullable:"false"`
	Currencies []PriceCurrency `json:"currencies" nullable:"false" doc:"What it costs in other currencies; POST /v1/me/checkout takes one as currency"`
	MinSeats   int64           `json:"min_seats" doc:"0: no limit"`
	MaxSeats   int64           `json:"max_seats" doc:"0: no limit"`

	TrialDays        int                 `json:"trial_days"`
	TrialWithoutCard bool                `json:"trial_without_card"`
	Tax              billing.TaxBehavior `json:"tax" enum:",inclusive,exclusive" doc:"Whether the amount has its tax in it; empty: as the Stripe account says"`
}

// PriceTier is a step of a price.
type PriceTier struct {
	UpTo          int64  `json:"up_to" doc:"The last unit of the tier; 0: no end"`
	Amount        int64  `json:"amount" doc:"Of each unit"`
	AmountDecimal string `json:"amount_decimal"`
	Flat          int64  `json:"flat" doc:"For entering the tier"`
}

// PriceCurrency is what a price costs in another currency.
type PriceCurrency struct {
	Currency      money.Currency `json:"currency"`
	Amount        int64          `json:"amount"`
	AmountDecimal string         `json:"amount_decimal"`
	Tiers         []PriceTier    `json:"tiers" nullable:"false"`
}

// pricesOf shows what is sold, and the price that the caller is on.
func pricesOf(prices []billing.Price, current string) []Price {
	out := []Price{}
	for _, p := range prices {
		if p.Archived && p.Key != current {
			continue
		}
		shown := Price{
			Key: p.Key, Amount: p.Amount.Minor, AmountDecimal: p.Rate().MinorDecimal(), Currency: p.Amount.Currency, Interval: p.Interval,
			IntervalCount: p.IntervalCount, Current: p.Key == current, Archived: p.Archived, Per: string(p.Feature), Package: p.Package,
			Tiering: p.Tiering, Tiers: tiersOf(p.Tiers), Currencies: []PriceCurrency{}, MinSeats: p.MinSeats, MaxSeats: p.MaxSeats,
			TrialDays: p.Trial.Days, TrialWithoutCard: p.Trial.WithoutCard, Tax: p.Tax,
		}
		if p.Kind == billing.PerSeat {
			shown.Per = cmp.Or(shown.Per, "seat")
		}
		for _, other := range p.Currencies {
			shown.Currencies = append(shown.Currencies, PriceCurrency{
				Currency: other.Amount.Currency, Amount: other.Minor, AmountDecimal: other.MinorDecimal(), Tiers: tiersOf(other.Tiers),
			})
		}
		out = append(out, shown)
	}
	return out
}

func tiersOf(tiers []billing.Tier) []PriceTier {
	out := []PriceTier{}
	for _, t := range tiers {
		out = append(out, PriceTier{UpTo: t.UpTo, Amount: t.Unit.Minor, AmountDecimal: t.Unit.MinorDecimal(), Flat: t.Flat.Minor})
	}
	return out
}
