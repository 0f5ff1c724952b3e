package httpapi

import (
	"context"
	"net/http"

	"github.com/dues-billing/dues/billing"
)

// Grants are the entitlements that were given by hand, newest first.
type Grants struct {
	Grants []Grant `json:"grants" nullable:"false"`
}

// Grant is an entitlement beside the plan.
type Grant struct {
	ID        billing.GrantID   `json:"id"`
	Feature   billing.FeatureID `json:"feature"`
	Limit     int64             `json:"limit" doc:"So many more than the plan gives; 0 of a boolean, and of a metered feature without limit"`
	Note      string            `json:"note"`
	CreatedAt Moment            `json:"created_at"`
	EndsAt    *Moment           `json:"ends_at" nullable:"true" doc:"null: it has no end"`
}

type grantRequest struct {
	Feature string    `json:"feature" doc:"The catalogue's id"`
	Limit   int64     `json:"limit,omitempty" doc:"So many more than the plan gives, of a feature with a limit or a metered one; of a metered one 0 is without limit"`
	EndsAt  timestamp `json:"ends_at,omitempty" doc:"When it ends; without it, it is for good"`
	Note    string    `json:"note,omitempty" maxLength:"500" doc:"Why, for those who look later"`
}

type byGrant struct {
	ID    string `path:"id" doc:"The app's own id"`
	Grant string `path:"grant" doc:"The id of the grant"`
}

func grantOf(g billing.Grant) Grant {
	return Grant{ID: g.ID, Feature: g.Feature, Limit: g.Limit, Note: g.Note, CreatedAt: Moment(g.CreatedAt), EndsAt: moment(g.EndsAt)}
}

func (a *api) grants(ctx context.Context, in *byID) (*reply[Grants], error) {
	found, err := a.service.Grants(ctx, billing.AccountID(in.ID))
	if err != nil {
		return nil, err
	}
	out := Grants{Grants: []Grant{}}
	for _, g := range found {
		out.Grants = append(out.Grants, grantOf(g))
	}
	return ok(out), nil
}

func (a *api) grant(ctx context.Context, in *withBodyOf[grantRequest]) (*reply[Grant], error) {
	given := in.Body.value
	ends, err := given.EndsAt.moment("ends_at")
	if err != nil {
		return nil, err
	}
	made, err := a.service.Grant(ctx, billing.AccountID(in.ID), billing.Grant{
		Feature: billing.FeatureID(given.Feature), Limit: given.Limit, EndsAt: ends, Note: given.Note,
	})
	if err != nil {
		return nil, err
	}
	note(ctx, "", string(made.ID))
	out := ok(grantOf(made))
	out.Status = http.StatusCreated
	return out, nil
}

func (a *api) endGrant(ctx context.Context, in *byGrant) (*reply[Grants], error) {
	if err := a.service.EndGrant(ctx, billing.AccountID(in.ID), billing.GrantID(in.Grant)); err != nil {
		return nil, err
	}
	return a.grants(ctx, &byID{in.ID})
}
