package service

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/sqlstore"
)

const (
	// feedPause is how often the provider's list of events is compared with the inbox, unless a Pace says otherwise.
	feedPause = time.Minute
	// feedOverlap is what is read again each time: an event can show up in the list after one that is newer.
	feedOverlap = 5 * time.Minute
	// feedStart is how far back a new installation begins. What is older a backfill brings.
	feedStart = time.Hour
	// feedLease is the name under which one process reads the list for all.
	feedLease = "feed"
	// feedLeaseTime is when another process may go on after a crash of the reader.
	feedLeaseTime = 5 * time.Minute
)

// Feed is how far the provider's list of events has been read.
type Feed = sqlstore.Feed

// followFeed catches up again and again until ctx ends.
func (s *Service) followFeed(ctx context.Context) {
	if !s.hasFeed() {
		return
	}
	for {
		found, err := s.CatchUp(ctx)
		switch {
		case err != nil && failed(ctx, err):
			s.log.WarnContext(ctx, "the provider's list of events was not read; it is tried again", "error", err)
		case found > 0:
			s.log.WarnContext(ctx, "events were found whose webhook had not come", "events", found)
		}
		if sleep(ctx, s.cfg.Pace.Feed) != nil {
			return
		}
	}
}

// CatchUp reads what the provider lists since the last time, takes in what the inbox lacks, and returns how many of those events a webhook
// should have brought. Webhooks come first and usually leave it nothing to find; events that no endpoint asks for are taken in to be seen. Several processes may call it: one reads, the others are told zero.
// One provider account that cannot be read keeps no other waiting.
func (s *Service) CatchUp(ctx context.Context) (found int, err error) {
	if !s.hasFeed() {
		return 0, errors.New("service: no EventFeed is configured")
	}
	var errs []error
	for _, p := range s.providers {
		if p.Feed == nil {
			continue
		}
		n, err := s.catchUp(ctx, p)
		if err != nil && p.Name != "" {
			err = fmt.Errorf("provider account %s: %w", p.Name, err)
		}
		found, errs = found+n, append(errs, err)
	}
	return found, errors.Join(errs...)
}

// hasFeed reports whether there is any list of events to read.
func (s *Service) hasFeed() bool {
	return slices.ContainsFunc(s.providers, func(p *providerAccount) bool { return p.Feed != nil })
}

// catchUp is CatchUp for one provider account.
func (s *Service) catchUp(ctx context.Context, p *providerAccount) (found int, err error) {
	now := s.cfg.Clock.Wall()
	lease, taken, err := s.cfg.Store.TakeLease(ctx, p.nameOf(feedLease), now, now.Add(feedLeaseTime))
	if err != nil || !taken {
		return 0, err
	}
	defer func() {
		err = errors.Join(err, s.cfg.Store.ReleaseLease(context.WithoutCancel(ctx), lease))
	}()
	feed, err := s.cfg.Store.Feed(ctx, p.Name)
	if err != nil {
		return 0, err
	}
	r := &feedReader{Service: s, of: p, lease: lease, feed: feed}
	err = r.read(ctx)
	if ends, soon := FeedEnds(r.feed, now); err != nil && soon {
		s.log.ErrorContext(ctx, "the provider is about to forget events that could not be read; mend that, or dues reconcile has to compare everything",
			"provider_account", p.Name.Name(), "read", r.feed.ReadAt, "forgotten_from", ends)
	}
	if r.found > 0 {
		s.cfg.Meter.Found(r.found)
	}
	if r.added > 0 {
		wake(p.awake)
	}
	return r.found, err
}

// feedReader is one CatchUp.
type feedReader struct {
	*Service
	of    *providerAccount
	lease sqlstore.Lease
	feed  sqlstore.Feed
	added int // to the inbox
	found int // of them, whose webhook was lost
}

func (r *feedReader) read(ctx context.Context) error {
	if r.feed.Event == "" {
		since := r.feed.CreatedAt
		if since.IsZero() {
			since = r.cfg.Clock.Business().Add(-feedStart)
		}
		return r.begin(ctx, since)
	}
	err := r.goOn(ctx)
	if billing.CodeOf(err) != billing.NotFound {
		return err
	}
	if r.quiet() {
		return r.begin(ctx, r.feed.CreatedAt)
	}
	// Nobody has looked for so long that the provider has forgotten where we were: what happened between, only a comparison of
	// everything can tell.
	r.log.ErrorContext(ctx, "the provider has forgotten the event that was read last; run dues reconcile", "event", r.feed.Event, "created", r.feed.CreatedAt)
	err = r.inTx(ctx, func(tx *sqlstore.Tx) error { return tx.SetGap(ctx, r.of.Name, r.cfg.Clock.Wall()) })
	if err != nil {
		return err
	}
	return r.begin(ctx, r.feed.CreatedAt)
}

// quiet reports whether the event that was read last is gone by its age alone: the list was read since, and nothing else was in it.
func (r *feedReader) quiet() bool {
	return r.cfg.Clock.Business().Sub(r.feed.CreatedAt) >= FeedKept && r.cfg.Clock.Wall().Sub(r.feed.ReadAt) < FeedKept
}

// begin reads everything since a time, newest first. How far it got is stored at the end, so one that breaks off begins anew.
func (r *feedReader) begin(ctx context.Context, since time.Time) error {
	newest, before := sqlstore.Feed{CreatedAt: since}, ""
	for {
		page, err := r.ask(ctx, func(ctx context.Context) (FeedPage, error) { return r.of.Feed.EventsSince(ctx, since, before) })
		if err != nil {
			return err
		}
		if newest.Event == "" {
			newest = r.settled(newest, page.Events)
		}
		if !page.More || len(page.Events) == 0 {
			return r.take(ctx, page.Events, newest, true)
		}
		if err := r.take(ctx, page.Events, r.feed, false); err != nil {
			return err
		}
		before = page.Events[len(page.Events)-1].ID
	}
}

// goOn reads from the last event on, a page at a time, and stores how far it got with each.
func (r *feedReader) goOn(ctx context.Context) error {
	for from := r.feed.Event; ; {
		page, err := r.ask(ctx, func(ctx context.Context) (FeedPage, error) { return r.of.Feed.NewerEvents(ctx, from) })
		if err != nil {
			return err
		}
		last := !page.More || len(page.Events) == 0
		if err := r.take(ctx, page.Events, r.settled(r.feed, page.Events), last); err != nil || last {
			return err
		}
		from = page.Events[0].ID
	}
}

// ask reads one page. What becomes of that says how the provider is to everybody: it is asked each minute, also when nothing else is.
func (r *feedReader) ask(ctx context.Context, fn func(context.Context) (FeedPage, error)) (FeedPage, error) {
	page, err := call(ctx, fn)
	r.heard(ctx, r.of, feedLease, err)
	return page, err
}

// settled is how far a page brings us: to its newest event that is old enough for nothing to appear before it any more.
func (r *feedReader) settled(feed sqlstore.Feed, newestFirst []FeedEvent) sqlstore.Feed {
	limit := r.cfg.Clock.Business().Add(-feedOverlap)
	for _, event := range newestFirst {
		if !event.Created.After(limit) {
			feed.Event, feed.CreatedAt = event.ID, event.Created
			return feed
		}
	}
	return feed
}

// take commits events together with how far the list has been read. Only with the last page it has been read: what is still behind it can
// be forgotten.
func (r *feedReader) take(ctx context.Context, events []FeedEvent, feed sqlstore.Feed, last bool) error {
	now := r.cfg.Clock.Wall()
	if last {
		feed.ReadAt = now
	}
	added, found := 0, 0
	err := r.inTx(ctx, func(tx *sqlstore.Tx) error {
		added, found = 0, 0
		if err := tx.Hold(ctx, r.lease); err != nil {
			return err
		}
		for i := len(events) - 1; i >= 0; i-- { // oldest first, as webhooks would have come
			fresh, err := tx.AddEvent(ctx, arriving(r.of.Name, events[i].Envelope, events[i].Body, now))
			if err != nil {
				return err
			}
			if fresh {
				added++
			}
			if fresh && events[i].Asked {
				found++
			}
		}
		return tx.SaveFeed(ctx, r.of.Name, feed)
	})
	if err == nil {
		r.added, r.found, r.feed = r.added+added, r.found+found, feed
	}
	return err
}
