package main

import (
	"context"
	"time"

	"github.com/dues-billing/dues"
	"github.com/dues-billing/dues/emulator"
	"github.com/dues-billing/dues/emulator/engine"
	"github.com/dues-billing/dues/emulator/wire"
)

// devClock is the time of `dues dev`. It implements demo.Clock.
type devClock struct {
	emulator *emulator.Emulator
	service  *dues.Service
}

// Now implements demo.Clock.
func (c devClock) Now(context.Context) (time.Time, error) { return c.emulator.Now(devKey), nil }

// Next implements demo.Clock.
func (c devClock) Next(context.Context) (time.Time, bool, error) {
	var due int64
	var planned bool
	c.emulator.World(devKey).Read(func(w *engine.World, _ int64) { due, planned = w.NextDue() })
	return time.Unix(due, 0).UTC(), planned, nil
}

// Move implements demo.Clock. It goes from one planned thing to the next and lets the service take each in, as it would if the
// days really passed: of three failed retries the customer hears three times.
func (c devClock) Move(ctx context.Context, to time.Time) error {
	if err := c.settle(ctx); err != nil { // what has happened before happened before
		return err
	}
	for {
		due, planned, err := c.Next(ctx)
		if err != nil {
			return err
		}
		if !planned || due.After(to) {
			due = to
		}
		if _, err := c.emulator.World(devKey).Apply(&engine.MoveTimeTo{At: due.Unix()}); err != nil {
			return err
		}
		if err := c.settle(ctx); err != nil {
			return err
		}
		if due.Equal(to) || !c.emulator.Now(devKey).Before(to) {
			return nil
		}
	}
}

const (
	// settleMax is how long a step waits for webhooks. One that is refused is tried again in the background; the page does
	// not wait for it.
	settleMax   = 3 * time.Second
	settlePause = 5 * time.Millisecond
)

// settle returns when the service has taken in what has happened so far, and has done what follows from it.
func (c devClock) settle(ctx context.Context) error {
	patience, cancel := context.WithTimeout(ctx, settleMax)
	defer cancel()
	look := time.NewTicker(settlePause)
	defer look.Stop()
	for patience.Err() == nil {
		if c.delivering() {
			select {
			case <-look.C:
			case <-patience.Done():
			}
			continue
		}
		// What the service does now may make events of its own.
		if err := c.service.Drain(ctx); err != nil || !c.delivering() {
			return err
		}
	}
	return ctx.Err()
}

// delivering reports whether a webhook is on its way.
func (c devClock) delivering() bool {
	for _, d := range c.emulator.World(devKey).Deliveries(1) { // those that wait come first
		return d.State == wire.DeliveryPending
	}
	return false
}
