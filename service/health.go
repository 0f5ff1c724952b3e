package service

import (
	"context"
	"time"
)

// Health is how far behind the service is.
type Health struct {
	Queues
	OldestEvent  time.Time // when the longest waiting event was received, zero without one
	OldestEffect time.Time // when the longest waiting effect came about, zero without one
	Feed         Feed
}

// FeedKept is how long the provider keeps events. A feed that was not read for longer has lost some.
const FeedKept = 30 * 24 * time.Hour

// Health reads how far behind inbox, outbox and feed are.
func (s *Service) Health(ctx context.Context) (h Health, err error) {
	if h.Queues, err = s.Queues(ctx); err != nil {
		return h, err
	}
	if h.OldestEvent, err = s.cfg.Store.OldestEvent(ctx); err != nil {
		return h, err
	}
	if h.OldestEffect, err = s.cfg.Store.OldestEffect(ctx, ""); err != nil {
		return h, err
	}
	h.Feed, err = s.cfg.Store.Feed(ctx)
	return h, err
}
