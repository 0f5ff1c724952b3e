package service

import (
	"context"

	"github.com/dues-billing/dues/billing"
)

// Pause charges an account nothing any more for what it pays in a group, from the end of what is paid for, until Unpause. Asking again changes nothing. What is in the way, such as
// an unpaid invoice or a scheduled end, is an error of code conflict.
func (s *Service) Pause(ctx context.Context, id billing.AccountID, group billing.Group) (Status, error) {
	return s.fulfilled(ctx, id, group, func(p Provider, c billing.Catalog, state billing.State) (func(context.Context) error, error) {
		sub, needed, err := c.Pause(state)
		if err != nil || !needed {
			return nil, err
		}
		return func(ctx context.Context) error { return p.Pause(ctx, sub.ID, newID("pause")) }, nil
	})
}

// Unpause lets a paused account go on. Inside what is paid for it costs nothing; after it a whole period begins now and is charged to the saved method.
// A payment that fails is an error of code conflict that wraps ErrDeclined or ErrNeedsConfirmation, and the account stays paused.
func (s *Service) Unpause(ctx context.Context, id billing.AccountID, group billing.Group) (Status, error) {
	return s.fulfilled(ctx, id, group, func(p Provider, c billing.Catalog, state billing.State) (func(context.Context) error, error) {
		sub, renews, needed, err := c.Unpause(state)
		if err != nil || !needed {
			return nil, err
		}
		return func(ctx context.Context) error {
			return p.Unpause(ctx, UnpauseRequest{Subscription: sub.ID, Renews: renews, Key: newID("unpause")})
		}, nil
	})
}
