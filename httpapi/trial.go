package httpapi

import (
	"context"

	"github.com/dues-billing/dues/billing"
)

type trialRequest struct {
	End timestamp `json:"end" doc:"The new end of the trial, after the present one and within two years"`
}

func (a *api) extendTrial(ctx context.Context, in *withBodyOfInGroup[trialRequest]) (*reply[Account], error) {
	end, err := in.Body.value.End.moment("end")
	if err != nil {
		return nil, err
	}
	return changed(a.service.MoveTrial(ctx, billing.AccountID(in.ID), in.group(), end))
}

func (a *api) endTrial(ctx context.Context, in *byIDInGroup) (*reply[Account], error) {
	return changed(a.service.EndTrial(ctx, billing.AccountID(in.ID), in.group()))
}

func (a *api) endMyTrial(ctx context.Context, in *oneselfInGroup) (*reply[Account], error) {
	return changed(a.service.EndTrial(ctx, caller(ctx), in.group()))
}
