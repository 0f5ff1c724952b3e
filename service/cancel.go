package service

import (
	"context"
	"time"

	"github.com/dues-billing/dues/billing"
)

// Cancel asks to end what an account pays for. The zero value ends it with the period.
type Cancel struct {
	Group billing.Group      // of which the subscription is
	When  billing.CancelWhen // "" is billing.CancelAtEnd, or billing.CancelOn where there is a date
	Date  time.Time          // of billing.CancelOn, to the second; it must be to come
	billing.CancellationDetails
}

// Cancel ends the account's paid subscription, at its period's end, at a date or now, and keeps the reason at the provider; the free plan follows. Asking
// again for what is so already changes nothing. Ending now gives nothing back: that is a refund, which has rules of its own. An account that
// pays for nothing is an error of code conflict. The answer is the account's status with the cancel in it.
func (s *Service) Cancel(ctx context.Context, id billing.AccountID, req Cancel) (Status, error) {
	if req.When == "" {
		req.When = billing.CancelAtEnd
		if !req.Date.IsZero() {
			req.When = billing.CancelOn
		}
	}
	req.Date = req.Date.Truncate(time.Second)
	if err := s.checkCancel(req); err != nil {
		return Status{}, err
	}
	return s.cancel(ctx, id, req)
}

func (s *Service) checkCancel(req Cancel) error {
	switch req.When {
	case billing.CancelOn:
		if !req.Date.After(s.cfg.Clock.Business()) {
			return billing.Errorf(billing.Invalid, "the date of a cancel must be to come; to cancel at once, say %q", billing.CancelNow).In("date")
		}
	case billing.CancelAtEnd, billing.CancelNow:
		if !req.Date.IsZero() {
			return billing.Errorf(billing.Invalid, "a date goes with %q and not with %q", billing.CancelOn, req.When).In("date")
		}
	default:
		return billing.Errorf(billing.Invalid, "a subscription is cancelled at %q, %q or a %q, not %q", billing.CancelAtEnd, billing.CancelNow, billing.CancelOn, req.When).In("when")
	}
	return req.Check()
}

// Resume takes back a cancel that has not happened yet. One that has is an error of code conflict: the account subscribes again.
func (s *Service) Resume(ctx context.Context, id billing.AccountID, group billing.Group) (Status, error) {
	return s.cancel(ctx, id, Cancel{Group: group, When: billing.CancelNever})
}

func (s *Service) cancel(ctx context.Context, id billing.AccountID, req Cancel) (Status, error) {
	return s.fulfilled(ctx, id, req.Group, func(p Provider, c billing.Catalog, state billing.State) (func(context.Context) error, error) {
		sub, needed, err := c.Cancel(state, req.When, req.Date)
		if err != nil || !needed {
			return nil, err
		}
		return func(ctx context.Context) error {
			return p.Cancel(ctx, CancelRequest{
				Subscription: sub.ID, When: req.When, Date: req.Date, CancellationDetails: req.CancellationDetails, Key: newID("cancel"),
			})
		}, nil
	})
}
