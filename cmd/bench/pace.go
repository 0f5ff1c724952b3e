package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/dues-billing/dues/sqlstore"
)

// keepUp lets a second month's webhooks arrive at a steady rate, and answers how long it took the middle one, and all but one in a hundred, from
// being taken in until what it names was fetched and committed.
func (m *month) keepUp(ctx context.Context, database string, perSecond int64) (p50, p99 time.Duration, err error) {
	stop := m.run(ctx)
	defer stop()
	if err := m.feedRead(ctx); err != nil {
		return 0, 0, err
	}
	bodies, err := m.renew(ctx, nextMonth)
	if err != nil {
		return 0, 0, err
	}
	fmt.Fprintf(os.Stderr, "another month's %d webhooks come at %d a second …\n", len(bodies), perSecond)
	headers := m.signed(bodies)
	start := time.Now()
	if err := each(len(bodies), connections, func(i int) error {
		if err := wait(ctx, time.Until(start.Add(time.Duration(int64(i)*int64(time.Second)/perSecond)))); err != nil {
			return err
		}
		return m.svc.Receive(ctx, "", headers[i], bodies[i])
	}); err != nil {
		return 0, 0, err
	}
	if err := m.finish(ctx); err != nil {
		return 0, 0, err
	}
	store, err := sqlstore.Open(ctx, database)
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	events, err := store.Events(ctx, sqlstore.EventFilter{}, sqlstore.Page{Limit: len(bodies)})
	if err != nil {
		return 0, 0, err
	}
	took := make([]time.Duration, len(events))
	for i, e := range events {
		// Both moments are noted right before their commits.
		took[i] = e.DoneAt.Sub(e.ReceivedAt)
	}
	slices.Sort(took)
	return took[len(took)/2], took[len(took)*99/100], nil
}

// feedRead waits until the service has read Stripe's list of events, which it does when it begins: what is listed from here on comes as a webhook
// first, as it does in the life of a service.
func (m *month) feedRead(ctx context.Context) error {
	began := m.ahead()
	for {
		health, err := m.svc.Health(ctx)
		if err != nil || health.Feed.ReadAt.After(began) {
			return err
		}
		if err := wait(ctx, pollPause); err != nil {
			return err
		}
	}
}

func wait(ctx context.Context, pause time.Duration) error {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// pollPause is how often is asked whether something has happened.
const pollPause = 10 * time.Millisecond
