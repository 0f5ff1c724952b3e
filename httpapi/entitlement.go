package httpapi

import (
	"context"

	"github.com/dues-billing/dues/billing"
)

// Entitlements is what an account may use now.
type Entitlements struct {
	Entitlements []Entitlement `json:"entitlements" nullable:"false"`
}

// Entitlement is one feature.
type Entitlement struct {
	Feature billing.FeatureID   `json:"feature"`
	Type    billing.FeatureType `json:"type" enum:"boolean,limit,metered"`
	Enabled bool                `json:"enabled"`
	Limit   int64               `json:"limit" doc:"How many, for a limit; 0 for a boolean"`
}

// appendJSON implements rendered.
func (all Entitlements) appendJSON(to []byte) []byte {
	o := open(to)
	list(&o, "entitlements", all.Entitlements)
	return o.close()
}

// appendJSON implements rendered.
func (e Entitlement) appendJSON(to []byte) []byte {
	o := open(to)
	o.text("feature", string(e.Feature))
	o.text("type", string(e.Type))
	o.truth("enabled", e.Enabled)
	o.number("limit", e.Limit)
	return o.close()
}

func (a *api) entitlements(ctx context.Context, id billing.AccountID) ([]byte, error) {
	return a.service.EntitlementsText(ctx, id, func(held []billing.Entitlement) []byte {
		out := Entitlements{Entitlements: make([]Entitlement, 0, len(held))}
		for _, e := range held {
			out.Entitlements = append(out.Entitlements, Entitlement(e))
		}
		return textOf(out)
	})
}

// Licenses are the assets an account holds or has held.
type Licenses struct {
	Licenses []License `json:"licenses" nullable:"false"`
}

// License is an asset held until a date.
type License struct {
	Asset      billing.AssetID `json:"asset"`
	Name       string          `json:"name"`
	StartsAt   Moment          `json:"starts_at"`
	EndsAt     *Moment         `json:"ends_at" nullable:"true" doc:"What is paid for; earlier than what was bought when money was given back. null: it has no end"`
	Valid      bool            `json:"valid" doc:"Whether it holds at this moment"`
	ValidUntil *Moment         `json:"valid_until" nullable:"true" doc:"When it stops holding if no news comes: what is paid for and a leeway, or as long as access to the plan while a renewal is tried again. null: no end is known"`
}

func (a *api) myLicenses(ctx context.Context, _ *oneself) (*reply[Licenses], error) {
	return a.licensesOf(ctx, caller(ctx))
}

func (a *api) licenses(ctx context.Context, in *byID) (*reply[Licenses], error) {
	return a.licensesOf(ctx, billing.AccountID(in.ID))
}

func (a *api) licensesOf(ctx context.Context, id billing.AccountID) (*reply[Licenses], error) {
	held, err := a.service.Licenses(ctx, id)
	if err != nil {
		return nil, err
	}
	names := map[billing.AssetID]string{}
	for _, asset := range a.service.Catalog().Assets {
		names[asset.ID] = asset.Name
	}
	out := Licenses{Licenses: []License{}}
	for _, l := range held {
		out.Licenses = append(out.Licenses, License{
			Asset: l.Asset, Name: names[l.Asset], StartsAt: Moment(l.StartsAt), EndsAt: moment(l.EndsAt),
			Valid: l.Valid, ValidUntil: moment(l.ValidUntil),
		})
	}
	return ok(out), nil
}
