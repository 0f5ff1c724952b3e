package service

import (
	"context"

	"github.com/dues-billing/dues/billing"
)

// PlanChange asks to change what an account is subscribed to, with the saved payment method.
type PlanChange struct {
	billing.ChangeWish
	// Preview is the token of a preview. With it what was previewed is done, for the amount that was shown, or not at all.
	Preview string
	// ByCustomer says that the customer himself asks, who may not choose everything: see billing.ChangeWish.OfCustomer.
	ByCustomer bool
}

// Change moves an account's running subscription to another price or quantity, now or at the period's end, by billing.Catalog.Change. Asking again for what
// is so already changes and charges nothing.
//
// An error of code conflict that wraps a *StalePreview says that the amount is not the one that was shown any more, and brings the new one. One that wraps ErrDeclined or
// ErrNeedsConfirmation says that the saved method did not pay; nothing has changed then, and Upgrade leads to a page.
func (s *Service) Change(ctx context.Context, id billing.AccountID, req PlanChange) (Status, error) {
	shown, err := s.shown(id, &req)
	if err != nil {
		return Status{}, err
	}
	account, err := s.Account(ctx, id)
	if err != nil {
		return Status{}, err
	}
	p, err := s.configured(account.ProviderAccount)
	if err != nil {
		return Status{}, err
	}
	err = s.locked(ctx, customerLock(account.Customer), func(ctx context.Context, h *hold) error {
		state, err := s.sync(ctx, h, account.Customer)
		if err != nil {
			return err
		}
		c := &changing{Service: s, account: account, provider: p}
		if err := c.plan(ctx, state, req.ChangeWish); err != nil {
			return err
		}
		switch {
		case c.planned.Keeps:
			return c.keep(ctx, h)
		case !c.planned.Needed:
			return nil
		}
		if err := c.hold(ctx, shown); err != nil {
			return err
		}
		if err := c.do(ctx, state, shown); err != nil {
			return err
		}
		after, err := s.sync(ctx, h, account.Customer)
		if err != nil {
			// It is done, and maybe paid; the webhook brings what this sync could not.
			s.log.WarnContext(ctx, "the sync after a change failed", "account", account.ID, "error", err)
			return nil
		}
		c.compare(ctx, shown, after)
		return nil
	})
	if err != nil {
		return Status{}, err
	}
	return s.Status(ctx, id)
}

// KeepPlan takes back a change that was to happen at the period's end. That none is scheduled is no error.
func (s *Service) KeepPlan(ctx context.Context, id billing.AccountID, group billing.Group) (Status, error) {
	return s.fulfilled(ctx, id, group, func(p Provider, c billing.Catalog, state billing.State) (func(context.Context) error, error) {
		best, ok := billing.Best(c, state)
		if !ok || !best.Scheduled() {
			return nil, nil
		}
		return func(ctx context.Context) error { return p.KeepPlan(ctx, best.ID, newID("keep")) }, nil
	})
}

// keep takes back what is scheduled in the place of what is asked for, and is so already: what a change leaves behind that was made, and broke off then.
func (c *changing) keep(ctx context.Context, h *hold) error {
	_, err := call(ctx, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, c.provider.Provider.KeepPlan(ctx, c.planned.Subscription.ID, newID("keep"))
	})
	if err == nil {
		_, err = c.sync(ctx, h, c.account.Customer)
	}
	return err
}

// changing is one change of an account's subscription.
type changing struct {
	*Service
	account  billing.Account
	provider *providerAccount
	wish     billing.ChangeWish
	planned  billing.PlannedChange
	price    billing.PriceID
	addOns   []ItemRequest
}

// plan decides what is to be done.
func (c *changing) plan(ctx context.Context, state billing.State, wish billing.ChangeWish) (err error) {
	c.wish = wish
	if c.planned, err = c.cfg.Catalog.Change(state, wish); err != nil {
		return err
	}
	if c.price, err = c.priceOf(ctx, c.provider, c.planned.Price, c.planned.Item); err != nil {
		return err
	}
	c.addOns, err = c.itemRequests(ctx, c.provider, c.planned.AddOns)
	return err
}

// request asks the provider for what was planned.
func (c *changing) request() ChangeRequest {
	return ChangeRequest{
		Subscription: c.planned.Subscription.ID, Item: c.planned.Item.ID, Price: c.price, Quantity: c.planned.Quantity,
		Usage: c.planned.Price.Kind == billing.Metered, AddOns: c.addOns,
		Proration: c.planned.Proration, AtEnd: c.planned.When == billing.ChangeAtEnd,
	}
}

// hold makes sure that the change will cost what was shown, where something was, and fixes the moment of the preview for it.
func (c *changing) hold(ctx context.Context, shown *token) error {
	if shown == nil {
		return nil
	}
	if now := c.cfg.Clock.Business(); !shown.expired(now) && shown.From == was(c.planned) {
		again, err := c.look(ctx, shown.at())
		if err != nil {
			return err
		}
		if again.Amounts() == shown.amounts() {
			return nil
		}
	}
	fresh, err := c.preview(ctx)
	if err != nil {
		return err
	}
	return billing.Errorf(billing.Conflict, "the amount is not the one that was shown any more; look at the new preview and send its token").
		In("preview").Because(&StalePreview{fresh})
}

// do makes the change at the provider.
func (c *changing) do(ctx context.Context, state billing.State, shown *token) error {
	req := c.request()
	if shown != nil {
		req.ProratedAt = shown.at()
	}
	if method, saved := state.DefaultMethod(); saved {
		req.PaymentMethod = method.ID
	}
	// The key is of this call alone: who changes, changes back and changes once more within a day means it.
	req.Key = newID("change")
	_, err := call(ctx, func(ctx context.Context) (struct{}, error) {
		if req.AtEnd {
			return struct{}{}, c.provider.Provider.ChangeAtEnd(ctx, req)
		}
		return struct{}{}, c.provider.Provider.Change(ctx, req)
	})
	return err
}

// compare tells the log when something else was charged than was shown. It cannot be; who finds it here has found a bug, or a change of Stripe's.
func (c *changing) compare(ctx context.Context, shown *token, after billing.State) {
	if shown == nil || c.planned.When != billing.ChangeNow || c.planned.Proration != billing.ProrateNow {
		return
	}
	sub, _ := after.Subscription(c.planned.Subscription.ID)
	invoice, found := after.Invoice(sub.LatestInvoice)
	if due := shown.amounts()[2]; found && sub.LatestInvoice != c.planned.Subscription.LatestInvoice && invoice.AmountDue != due {
		c.log.ErrorContext(ctx, "a change has cost something else than was shown", "account", c.account.ID, "invoice", invoice.ID,
			"shown", due.String(), "charged", invoice.AmountDue.String())
	}
}
