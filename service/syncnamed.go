package service

import (
	"context"
	"errors"
	"fmt"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/sqlstore"
)

// eventsNamed is how many events of a customer are answered one by one; who has more is read whole.
const eventsNamed = 50

// syncEvents is sync for the events that wait: it reads what they name, or everything when they say too little. The burst of a renewal
// costs one request so.
func (s *Service) syncEvents(ctx context.Context, h *hold, customer billing.CustomerID, events []sqlstore.Event) (whole bool, err error) {
	began := s.cfg.Clock.Wall()
	known, err := s.syncNamed(ctx, h, customer, events)
	if err == nil && !known || errors.Is(err, errWhole) {
		whole = true
		_, err = s.syncWhole(ctx, h, customer)
	}
	s.cfg.Meter.Synced(s.cfg.Clock.Wall().Sub(began), err)
	return whole, err
}

// syncNamed reads and commits what the events name. It reports false, and has changed nothing, when they say too little.
func (s *Service) syncNamed(ctx context.Context, h *hold, customer billing.CustomerID, events []sqlstore.Event) (bool, error) {
	if len(events) == 0 || len(events) > eventsNamed {
		return false, nil
	}
	names := make([]NamedObject, len(events))
	for i, event := range events {
		if event.State == sqlstore.Dead { // it could not be read before: the whole tells what has become of it
			return false, nil
		}
		names[i] = NamedObject{Event: event.Type, ID: event.Object}
	}
	mirror, err := s.cfg.Store.State(ctx, customer)
	if err != nil || !mirror.Known {
		return false, err
	}
	p, err := s.of(ctx, customer)
	if err != nil {
		return false, err
	}
	ok := false
	news, err := call(ctx, func(ctx context.Context) (news billing.News, err error) {
		news, ok, err = p.Provider.FetchNamed(ctx, mirror, names)
		return news, err
	})
	if err != nil {
		return false, fmt.Errorf("fetch what events of customer %s name: %w", customer, err)
	}
	if !ok {
		return false, nil
	}
	now, ok := mirror.With(news)
	if !ok {
		return false, nil
	}
	r := reading{mirror: mirror, now: now, record: news.Record, events: events}
	return true, s.commit(ctx, h, &r)
}
