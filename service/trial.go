package service

import (
	"cmp"
	"context"
	"encoding/json"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/sqlstore"
)

// MoveTrial makes the trial that an account is in of a group longer. An account in no trial is an error of code conflict.
func (s *Service) MoveTrial(ctx context.Context, id billing.AccountID, group billing.Group, end time.Time) (Status, error) {
	end = end.Truncate(time.Second)
	return s.trial(ctx, id, group, end, func(c billing.Catalog, state billing.State) (billing.Subscription, bool, error) {
		return c.MoveTrial(state, end, s.cfg.Clock.Business())
	})
}

// EndTrial ends the trial that an account is in of a group: it pays from now on, with its saved method. Without one, or when it does not pay, the trial goes on and the error has
// code conflict. It is no error that the account pays already.
func (s *Service) EndTrial(ctx context.Context, id billing.AccountID, group billing.Group) (Status, error) {
	return s.trial(ctx, id, group, time.Time{}, func(c billing.Catalog, state billing.State) (billing.Subscription, bool, error) {
		if best, ok := billing.Best(c, state); ok && best.Status == billing.Active && !best.TrialEnd.IsZero() {
			return best, false, nil
		}
		sub, err := c.Trying(state)
		if _, saved := state.DefaultMethod(); err == nil && !saved {
			return sub, false, billing.Errorf(billing.Conflict, "there is no payment method to pay with; the customer adds one in the portal")
		}
		return sub, err == nil, err
	})
}

// trial moves the end of a trial that decide allows.
func (s *Service) trial(ctx context.Context, id billing.AccountID, group billing.Group, end time.Time, decide func(billing.Catalog, billing.State) (billing.Subscription, bool, error)) (Status, error) {
	return s.fulfilled(ctx, id, group, func(p Provider, c billing.Catalog, state billing.State) (func(context.Context) error, error) {
		sub, needed, err := decide(c, state)
		if err != nil || !needed {
			return nil, err
		}
		return func(ctx context.Context) error { return p.MoveTrial(ctx, sub.ID, end, newID("trial")) }, nil
	})
}

// trialOf is how the account may try the price that is asked for: no days when it may not, or when its saved card has tried before.
func (u *upgrading) trialOf(ctx context.Context, state billing.State) (billing.TrialTerms, error) {
	_, price, _ := u.catalog.PlanOfPrice(u.req.PriceKey)
	terms := u.catalog.Trial(state, price)
	method, saved := state.DefaultMethod()
	if terms.Days == 0 || !saved || method.Fingerprint == "" {
		return terms, nil
	}
	first, err := u.cfg.Store.TrialCard(ctx, method.Fingerprint)
	if err != nil || first != "" && first != u.account.ID {
		return billing.TrialTerms{}, err
	}
	return terms, nil
}

// try begins a trial without a page: no card is asked for, or one is saved. The free plan ends when the mirror shows it.
func (u *upgrading) try(ctx context.Context, p billing.Purchase, state billing.State, terms billing.TrialTerms) (UpgradeResult, error) {
	method, _ := state.DefaultMethod()
	_, price, _ := u.catalog.PlanOfPrice(u.req.PriceKey)
	addOns, err := u.beside(ctx, billing.Subscription{})
	if err != nil {
		return UpgradeResult{}, err
	}
	_, err = call(ctx, func(ctx context.Context) (billing.SubscriptionID, error) {
		return u.provider.Provider.Subscribe(ctx, SubscribeRequest{
			Customer: u.account.Customer, Price: u.price, Quantity: cmp.Or(u.req.Quantity, price.FirstQuantity()), AddOns: addOns, Account: u.account.ID, Trial: terms, Method: method.ID, Key: "trial:" + string(p.ID),
		})
	})
	if err != nil {
		return UpgradeResult{}, err // the purchase stays open: whether it happened, the next call finds out
	}
	if _, err := u.sync(ctx, u.h, u.account.Customer); err != nil {
		u.log.WarnContext(ctx, "the sync after the start of a trial failed", "account", u.account.ID, "error", err)
	}
	return UpgradeResult{Changed: true, Purchase: p.ID}, nil
}

// claimTrials notes the cards with which an account tries something, and lets a trial end for which another account's card was entered. It reports whether the outbox
// got something to do.
func (s *Service) claimTrials(ctx context.Context, tx *sqlstore.Tx, account billing.AccountID, now billing.State) (added bool, err error) {
	for _, card := range s.cfg.Catalog.TrialCards(now) {
		first, err := tx.ClaimTrialCard(ctx, card.Fingerprint, account, s.cfg.Clock.Business())
		if err != nil {
			return added, err
		}
		if first == account || !card.Asked {
			continue
		}
		payload, err := json.Marshal(callFacts{Subscription: card.Subscription})
		if err != nil {
			return added, err
		}
		fresh, err := tx.AddEffect(ctx, sqlstore.Effect{
			Key: "end-trial:" + string(card.Subscription), Kind: string(billing.CallEffect), Name: billing.EndTrialCall, Account: account,
			Payload: payload, CreatedAt: s.cfg.Clock.Wall(),
		})
		if err != nil {
			return added, err
		}
		added = added || fresh
	}
	return added, nil
}

// endAbusedTrial ends a trial whose card has tried before. Nothing is charged: nobody agreed to pay today.
func (s *Service) endAbusedTrial(ctx context.Context, account billing.Account, facts callFacts, key string) error {
	_, err := s.fulfil(ctx, account.ID, func(p Provider, state billing.State) (func(context.Context) error, error) {
		if sub, found := state.Subscription(facts.Subscription); !found || sub.Status != billing.Trialing {
			return nil, nil
		}
		return func(ctx context.Context) error {
			return p.Cancel(ctx, CancelRequest{Subscription: facts.Subscription, When: billing.CancelNow, Key: key})
		}, nil
	})
	return err
}
