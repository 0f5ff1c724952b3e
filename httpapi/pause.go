package httpapi

import (
	"context"

	"github.com/dues-billing/dues/billing"
)

func (a *api) pauseMine(ctx context.Context, in *oneselfInGroup) (*reply[Account], error) {
	return changed(a.service.Pause(ctx, caller(ctx), in.group()))
}

func (a *api) pause(ctx context.Context, in *byIDInGroup) (*reply[Account], error) {
	return changed(a.service.Pause(ctx, billing.AccountID(in.ID), in.group()))
}

func (a *api) unpauseMine(ctx context.Context, in *oneselfInGroup) (*reply[Account], error) {
	return changed(a.service.Unpause(ctx, caller(ctx), in.group()))
}

func (a *api) unpause(ctx context.Context, in *byIDInGroup) (*reply[Account], error) {
	return changed(a.service.Unpause(ctx, billing.AccountID(in.ID), in.group()))
}
