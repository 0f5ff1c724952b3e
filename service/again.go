package service

import (
	"context"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/sqlstore"
)

// RetryEvents lets the events that f chooses be worked off once more, and returns how many: those that were given up, or with State
// "done" those that were worked off. It does no harm: an event is a hint to fetch, and effects have keys. Events about no customer
// stay ignored.
func (d *Desk) RetryEvents(ctx context.Context, f EventFilter) (int64, error) {
	state, err := retried(f.State)
	if err != nil {
		return 0, err
	}
	stored, none, err := d.events(ctx, f)
	if err != nil || none {
		return 0, err
	}
	stored.State = state
	return d.retryEvents(ctx, stored)
}

func (d *Desk) retryEvents(ctx context.Context, f sqlstore.EventFilter) (int64, error) {
	n, err := d.store.RetryEvents(ctx, f, d.wall())
	if n > 0 {
		d.inbox()
	}
	return n, err
}

// RetryEvent lets one event of a provider account be worked off once more, whether it was given up or worked off, and returns it as it is now. One that is
// pending is left as it is. An unknown one is an error of code not_found; one about no customer is conflict, for there is nobody
// to fetch.
func (d *Desk) RetryEvent(ctx context.Context, from billing.ProviderAccount, id string) (Event, error) {
	found, err := d.Event(ctx, from, id)
	if err != nil || found.State == sqlstore.Pending || found.State == sqlstore.Running {
		return found, err
	}
	if found.State == sqlstore.Ignored {
		return found, billing.Errorf(billing.Conflict, "event %s is about nothing that is mirrored, so there is nothing to work off: it is ignored on purpose", id)
	}
	if _, err := d.retryEvents(ctx, sqlstore.EventFilter{ID: id, State: found.State, ProviderAccount: &from}); err != nil {
		return found, err
	}
	return d.Event(ctx, from, id)
}

// RetryEffects lets the effects that f chooses happen, with all their tries, and returns how many: those that were given up, or with
// State "done" the notices that were delivered, whose receiver knows them by their id. No mail or call that has happened ever happens
// again. Notices need one more field of the filter: nobody means to send all of them again.
func (d *Desk) RetryEffects(ctx context.Context, f EffectFilter) (int64, error) {
	state, err := retried(f.State)
	if err != nil {
		return 0, err
	}
	if f == (EffectFilter{State: sqlstore.Done}) {
		return 0, billing.Errorf(billing.Invalid, "say which notices are delivered again: by name, account, endpoint or since").In("since")
	}
	stored, err := d.effects(ctx, f)
	if err != nil {
		return 0, err
	}
	stored.State = state
	return d.retryEffects(ctx, stored)
}

func (d *Desk) retryEffects(ctx context.Context, f sqlstore.EffectFilter) (int64, error) {
	n, err := d.store.RetryEffects(ctx, f, d.wall())
	if n > 0 {
		d.outbox()
	}
	return n, err
}

// RetryEffect lets one effect happen that was given up, or a notice be delivered again, and returns it as it is now. One that is
// pending is left as it is. An unknown one is an error of code not_found; a mail or call that has happened, or a notice of which
// nobody knows any more what it said, is conflict.
func (d *Desk) RetryEffect(ctx context.Context, key string) (Effect, error) {
	found, err := d.Effect(ctx, key)
	if err != nil || found.State == sqlstore.Pending {
		return found, err
	}
	n, err := d.retryEffects(ctx, sqlstore.EffectFilter{Key: key, State: found.State})
	if err != nil {
		return found, err
	}
	now, err := d.Effect(ctx, key)
	switch {
	case err != nil || n > 0 || now.State == sqlstore.Pending: // by somebody else, a moment before
		return now, err
	case now.Kind == string(billing.NoticeEffect):
		return now, billing.Errorf(billing.Conflict, "notice %s is too old to be delivered again: what it said is forgotten", key)
	}
	return now, billing.Errorf(billing.Conflict, "the %s %s has happened, and never happens twice", now.Kind, key)
}

// retried is the state of what is to be retried.
func retried(asked string) (string, error) {
	switch asked {
	case "":
		return sqlstore.Dead, nil
	case sqlstore.Dead, sqlstore.Done:
		return asked, nil
	}
	return "", billing.Errorf(billing.Invalid, "state must be dead or done: what is pending is worked off anyhow").In("state")
}
