package service

import (
	"context"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/sqlstore"
)

// EventFilter chooses events of the inbox, and EffectFilter effects of the outbox.
type (
	EventFilter  = sqlstore.EventFilter
	EffectFilter = sqlstore.EffectFilter
)

// RetryEvents lets events be worked off again, and returns how many: those that were given up, or with State "done" those that
// were worked off. It does no harm: an event is a hint to fetch, and effects have keys. Events about no customer stay ignored.
func (s *Service) RetryEvents(ctx context.Context, f EventFilter) (int64, error) {
	switch f.State {
	case "":
		f.State = sqlstore.Dead
	case sqlstore.Dead, sqlstore.Done:
	default:
		return 0, billing.Errorf(billing.Invalid, "state must be dead or done, got %q: what is pending is worked off anyhow", f.State).In("state")
	}
	n, err := s.cfg.Store.RetryEvents(ctx, f, s.cfg.Clock.Wall())
	if n > 0 {
		wake(s.inbox)
	}
	return n, err
}

// RetryEffects lets effects happen that were given up, with all their tries, and returns how many. What has happened never happens
// again, but for notices when the filter says so: their receiver knows them by their id.
func (s *Service) RetryEffects(ctx context.Context, f EffectFilter) (int64, error) {
	n, err := s.cfg.Store.RetryEffects(ctx, f, s.cfg.Clock.Wall())
	if n > 0 {
		wake(s.outbox)
		s.wakeEndpoints()
	}
	return n, err
}
