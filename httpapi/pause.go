package httpapi

import (
	"context"

	"github.com/dues-billing/dues/billing"
)

func (a *api) pauseMine(ctx context.Context, _ *oneself) (*reply[Account], error) {
	return changed(a.service.Pause(ctx, caller(ctx)))
}

func (a *api) pause(ctx context.Context, in *byID) (*reply[Account], error) {
	return changed(a.service.Pause(ctx, billing.AccountID(in.ID)))
}

func (a *api) unpauseMine(ctx context.Context, _ *oneself) (*reply[Account], error) {
	return changed(a.service.Unpause(ctx, caller(ctx)))
}

func (a *api) unpause(ctx context.Context, in *byID) (*reply[Account], error) {
	return changed(a.service.Unpause(ctx, billing.AccountID(in.ID)))
}
