package httpapi

import (
	"context"
	"slices"

	"github.com/dues-billing/dues/billing"
)

// Plans is what is sold. What is archived is shown only to who is on it.
type Plans struct {
	Plans  []Plan  `json:"plans" nullable:"false"`
	AddOns []AddOn `json:"addons" nullable:"false" doc:"What may be bought beside a plan"`
}

// Plan is what an account can be on.
type Plan struct {
	ID          billing.PlanID `json:"id"`
	Name        string         `json:"name"`
	Description string         `json:"description"`
	Group       billing.Group  `json:"group" doc:"An account has one plan of each group; empty is the default one"`
	Unit        string         `json:"unit" doc:"How a seat or a unit of usage is called; may be empty"`
	Current     bool           `json:"current" doc:"Whether the caller is on it"`
	Prices      []Price        `json:"prices" nullable:"false"`
	Features    []PlanFeature  `json:"features" nullable:"false"`
	Assets      []PlanAsset    `json:"assets" nullable:"false" doc:"What a paid period licenses"`
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
	out := Plans{Plans: []Plan{}, AddOns: []AddOn{}}
	for _, plan := range catalog.Plans {
		on := in(status, plan.Group)
		p := Plan{
			ID: plan.ID, Name: plan.Name, Description: plan.Description, Group: plan.Group, Unit: plan.Unit, Current: plan.ID == on.Plan,
			Prices: pricesOf(plan.Prices, on.Price), Features: planFeatures(catalog, plan.Features), Assets: planAssets(catalog, plan.Assets),
		}
		if p.Current || !plan.Archived && len(p.Prices) > 0 {
			out.Plans = append(out.Plans, p)
		}
	}
	for _, addOn := range catalog.AddOns {
		if shown := addOnShown(catalog, addOn, ""); len(shown.Prices) > 0 {
			out.AddOns = append(out.AddOns, shown)
		}
	}
	return ok(out), nil
}

// addOnShown is an add-on with the prices that are sold, and the one that is paid.
func addOnShown(catalog billing.Catalog, addOn billing.AddOn, current string) AddOn {
	return AddOn{
		ID: addOn.ID, Name: addOn.Name, Description: addOn.Description, Plans: slices.Concat([]billing.PlanID{}, addOn.Plans),
		Prices: pricesOf(addOn.Prices, current), Features: planFeatures(catalog, addOn.Features), Assets: planAssets(catalog, addOn.Assets),
	}
}

// planFeatures lists every feature of the catalogue, also those the plan lacks: a pricing page shows both.
func planFeatures(catalog billing.Catalog, values []billing.FeatureValue) []PlanFeature {
	given := map[billing.FeatureID]billing.FeatureValue{}
	for _, v := range values {
		given[v.Feature] = v
	}
	out := []PlanFeature{}
	for _, f := range catalog.Features {
		v := given[f.ID]
		out = append(out, PlanFeature{ID: f.ID, Name: f.Name, Type: f.Type, Enabled: v.Enabled || v.Limit > 0, Limit: v.Limit})
	}
	return out
}

func planAssets(catalog billing.Catalog, ids []billing.AssetID) []PlanAsset {
	out := []PlanAsset{}
	for _, id := range ids {
		for _, asset := range catalog.Assets {
			if asset.ID == id {
				out = append(out, PlanAsset{ID: asset.ID, Name: asset.Name})
			}
		}
	}
	return out
}
