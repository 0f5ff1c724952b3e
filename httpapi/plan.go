package httpapi

import (
	"context"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/money"
)

// Plans is what is sold.
type Plans struct {
	Plans []Plan `json:"plans" nullable:"false"`
}

// Plan is what an account can be on.
type Plan struct {
	ID          billing.PlanID `json:"id"`
	Name        string         `json:"name"`
	Description string         `json:"description"`
	Current     bool           `json:"current" doc:"Whether the caller is on it"`
	Prices      []Price        `json:"prices" nullable:"false"`
	Features    []PlanFeature  `json:"features" nullable:"false"`
	Assets      []PlanAsset    `json:"assets" nullable:"false" doc:"What a paid period licenses"`
}

// Price is one way to pay for a plan. The amount is in the currency's minor unit, as at Stripe.
type Price struct {
	Key           string           `json:"key" doc:"What POST /v1/me/checkout takes as price"`
	Amount        int64            `json:"amount" doc:"In the minor unit of the currency, such as cents"`
	Currency      money.Currency   `json:"currency"`
	Interval      billing.Interval `json:"interval" enum:"day,week,month,year"`
	IntervalCount int              `json:"interval_count"`
	Current       bool             `json:"current" doc:"Whether the caller pays it"`
}

// PlanFeature is what a plan gives of a feature.
type PlanFeature struct {
	ID      billing.FeatureID   `json:"id"`
	Name    string              `json:"name"`
	Type    billing.FeatureType `json:"type" enum:"boolean,limit,metered"`
	Enabled bool                `json:"enabled"`
	Limit   int64               `json:"limit"`
}

// PlanAsset is an asset that comes with a plan.
type PlanAsset struct {
	ID   billing.AssetID `json:"id"`
	Name string          `json:"name"`
}

func (a *api) plans(ctx context.Context, _ *struct{}) (*reply[Plans], error) {
	status, err := a.service.Status(ctx, caller(ctx))
	if err != nil {
		return nil, err
	}
	catalog := a.service.Catalog()
	out := Plans{Plans: []Plan{}}
	for _, plan := range catalog.Plans {
		p := Plan{
			ID: plan.ID, Name: plan.Name, Description: plan.Description, Current: plan.ID == status.Plan,
			Prices: []Price{}, Features: planFeatures(catalog, plan), Assets: planAssets(catalog, plan),
		}
		for _, price := range plan.Prices {
			p.Prices = append(p.Prices, Price{
				Key: price.Key, Amount: price.Amount.Minor, Currency: price.Amount.Currency, Interval: price.Interval,
				IntervalCount: price.IntervalCount, Current: price.Key == status.Price,
			})
		}
		out.Plans = append(out.Plans, p)
	}
	return ok(out), nil
}

// planFeatures lists every feature of the catalogue, also those the plan lacks: a pricing page shows both.
func planFeatures(catalog billing.Catalog, plan billing.Plan) []PlanFeature {
	given := map[billing.FeatureID]billing.FeatureValue{}
	for _, v := range plan.Features {
		given[v.Feature] = v
	}
	out := []PlanFeature{}
	for _, f := range catalog.Features {
		v := given[f.ID]
		out = append(out, PlanFeature{ID: f.ID, Name: f.Name, Type: f.Type, Enabled: v.Enabled || v.Limit > 0, Limit: v.Limit})
	}
	return out
}

func planAssets(catalog billing.Catalog, plan billing.Plan) []PlanAsset {
	out := []PlanAsset{}
	for _, id := range plan.Assets {
		for _, asset := range catalog.Assets {
			if asset.ID == id {
				out = append(out, PlanAsset{ID: asset.ID, Name: asset.Name})
			}
		}
	}
	return out
}
