package service

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/dues-billing/dues/sqlstore"
)

type turnKey struct{}

// turn is the work on the events of one customer that wait. What the log says of it names them.
type turn struct{ events atomic.Pointer[[]string] }

// take is the turn of a customer whose lease is held.
func (s *Service) take(ctx context.Context, h *hold, t *turn, d sqlstore.Due) error {
	h.last = true // whatever is committed, ends it
	customer := d.Customer
	events, err := s.cfg.Store.WaitingEvents(ctx, customer, eventsNamed+1)
	if err != nil {
		return err
	}
	if len(events) == 0 {
		return nil // they were worked off since it was seen that they are due
	}
	ids := make([]string, len(events))
	for i, event := range events {
		ids[i] = event.ID
	}
	t.events.Store(&ids)
	ctx, span := s.begin(ctx, Consumes, "inbox turn", s.origins.find(ids...)...)
	whole, err := s.syncEvents(ctx, h, customer, events)
	if span.on() {
		span.set(slog.String("dues.customer", string(customer)), slog.Int("dues.events", len(ids)), slog.Any("dues.event.ids", ids),
			slog.Bool("dues.whole", whole))
	}
	span.end(err)
	if err != nil {
		return err
	}
	now := s.cfg.Clock.Wall()
	lag := now.Sub(since(d, events))
	s.cfg.Meter.Worked(len(events), lag)
	s.log.LogAttrs(ctx, slog.LevelDebug, "events worked off", slog.String("customer", string(customer)), slog.Bool("whole", whole), slog.Duration("lag", lag))
	return nil
}

// takeUnnamed is the turn of an object that names no customer.
func (s *Service) takeUnnamed(ctx context.Context, h *hold, d sqlstore.Due) error {
	ctx, span := s.begin(ctx, Consumes, "inbox turn")
	span.set(slog.String("dues.object", d.Object), slog.String("dues.event.type", d.Type))
	err := s.syncUnnamed(ctx, h, d)
	span.end(err)
	return err
}

// since is when what is worked off began to wait. What an operator tries again waits since then, and has no tries.
func since(d sqlstore.Due, events []sqlstore.Event) time.Time {
	if d.Attempts == 0 || len(events) == 0 {
		return d.Since
	}
	return events[0].ReceivedAt
}

// named returns the ids of the first few events.
func (t *turn) named() []string {
	const most = 8 // of a renewal's burst
	ids := t.events.Load()
	if ids == nil {
		return nil
	}
	return (*ids)[:min(len(*ids), most)]
}
