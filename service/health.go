package service

import (
	"context"
	"time"

	"github.com/dues-billing/dues/sqlstore"
)

// Health is how far behind the service is.
type Health struct {
	Cache CacheStats
	Queues
	OldestEvent  time.Time // when the longest waiting event was received, zero without one
	OldestEffect time.Time // when the longest waiting mail or call came about, zero without one
	Endpoints    []EndpointHealth
	PausedUntil  time.Time // until when this process leaves a provider account alone, the latest of all; zero when it leaves none alone
	Feed         Feed      // of the provider accounts' lists, the one that was read longest ago; its GapAt is the latest of all
}

// EndpointHealth is how far behind the notices to an endpoint are. They are among those that Queues counts.
type EndpointHealth struct {
	Name          string
	Pending, Dead int
	Oldest        time.Time // when the longest waiting notice came about that was tried, zero without one
}

// FeedKept is how long the provider keeps events. A feed that was not read for longer has lost some.
const FeedKept = 30 * 24 * time.Hour

// FeedUrgent is how long before the provider forgets what was not read this is said aloud: time enough to mend it on a work day.
const FeedUrgent = 5 * 24 * time.Hour

// FeedEnds returns when the provider begins to forget events that nobody has read, should the feed not be read before, and whether that is
// so soon that somebody has to see to it. It is the zero time of a feed that was never read, which has nothing to lose yet.
func FeedEnds(f Feed, now time.Time) (at time.Time, soon bool) {
	if f.ReadAt.IsZero() {
		return time.Time{}, false
	}
	at = f.ReadAt.Add(FeedKept)
	return at, at.Sub(now) < FeedUrgent
}

// Health reads how far behind inbox, outbox and feed are. Cache is there also when that fails.
func (s *Service) Health(ctx context.Context) (h Health, err error) {
	h.Cache = s.Cache()
	for _, p := range s.providers {
		if until := s.paused(p); until.After(h.PausedUntil) {
			h.PausedUntil = until
		}
	}
	if h.Queues, err = s.Queues(ctx); err != nil {
		return h, err
	}
	if h.OldestEvent, err = s.cfg.Store.OldestEvent(ctx); err != nil {
		return h, err
	}
	if h.OldestEffect, err = s.cfg.Store.OldestEffect(ctx, ""); err != nil {
		return h, err
	}
	for _, e := range s.endpoints {
		one, err := s.endpointHealth(ctx, e.Name)
		if err != nil {
			return h, err
		}
		h.Endpoints = append(h.Endpoints, one)
	}
	h.Feed, err = s.oldestFeed(ctx)
	return h, err
}

// oldestFeed is how far the list of events has been read that is behind most. One that was never read yet is not behind.
func (s *Service) oldestFeed(ctx context.Context) (oldest Feed, err error) {
	var gap time.Time
	for _, p := range s.providers {
		feed, err := s.cfg.Store.Feed(ctx, p.Name)
		if err != nil {
			return oldest, err
		}
		if feed.GapAt.After(gap) {
			gap = feed.GapAt
		}
		if oldest.ReadAt.IsZero() || !feed.ReadAt.IsZero() && feed.ReadAt.Before(oldest.ReadAt) {
			oldest = feed
		}
	}
	oldest.GapAt = gap
	return oldest, nil
}

func (s *Service) endpointHealth(ctx context.Context, name string) (h EndpointHealth, err error) {
	h.Name = name
	if h.Pending, err = s.cfg.Store.CountNotices(ctx, name, sqlstore.Pending); err != nil {
		return h, err
	}
	if h.Dead, err = s.cfg.Store.CountNotices(ctx, name, sqlstore.Dead); err != nil {
		return h, err
	}
	h.Oldest, err = s.cfg.Store.OldestEffect(ctx, name)
	return h, err
}
