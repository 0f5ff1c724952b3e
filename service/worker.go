package service

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/dues-billing/dues/billing"
)

// Limits of the workers.
const (
	// triesMax is when an event or effect is given up: with the back-off below after about a day and a half.
	triesMax = 80
	// backOffMax bounds the pause between two tries.
	backOffMax = 30 * time.Minute
	// pollMax is how long a worker sleeps when nothing wakes it, unless a Pace says otherwise: work of another process, or of a
	// crashed one, may have come.
	pollMax = 2 * time.Second
	// pollMin keeps a worker from spinning on work that somebody else holds.
	pollMin = 20 * time.Millisecond
	// tidyPause is how often old events are looked for, unless a Pace says otherwise, and tidyBatch how many one transaction deletes.
	tidyPause = time.Hour
	tidyBatch = 1000
	// errorBytesMax is how much of an error is kept with an event or effect.
	errorBytesMax = 500
)

// backOff is the pause after the given number of failed tries: 1 s, 2 s, 4 s … up to backOffMax.
func backOff(tries int) time.Duration {
	if tries > 20 {
		return backOffMax
	}
	return min(time.Second<<max(tries-1, 0), backOffMax)
}

// Run works off inbox and outbox until ctx ends. Several processes may run it on one database.
func (s *Service) Run(ctx context.Context) error {
	var workers sync.WaitGroup
	for _, p := range s.providers {
		workers.Go(func() { s.work(ctx, p.nameOf("inbox"), p.awake, s.inboxRound(p), s.nextEvent(p)) })
	}
	workers.Go(func() { s.work(ctx, "outbox", s.outbox, s.outboxRound(""), s.nextEffect("")) })
	for _, e := range s.endpoints {
		workers.Go(func() { s.work(ctx, "notices:"+e.Name, e.awake, s.endpointRound(e), s.nextNotice(e)) })
	}
	workers.Go(func() { s.work(ctx, "usage log", nil, s.countRound, noneDue) })
	workers.Go(func() { s.work(ctx, "usage", nil, s.usageRound, noneDue) })
	workers.Go(func() { s.work(ctx, "keys", nil, s.keysRound, noneDue) })
	workers.Go(func() { s.tidyUp(ctx) })
	workers.Go(func() { s.followFeed(ctx) })
	workers.Go(func() { s.followTime(ctx, "accounts whose access has changed were not looked at", s.lookRound) })
	workers.Go(func() { s.followTime(ctx, "reminders that are due were not looked at", s.remindRound) })
	workers.Go(func() { s.followTime(ctx, "what guests did not pay for was not ended", s.leaveRound) })
	workers.Go(func() { s.followChanges(ctx) })
	workers.Wait()
	return ctx.Err()
}

// nextEffect asks when the next effect of an endpoint is due.
func (s *Service) nextEffect(endpoint string) func(context.Context) (time.Time, error) {
	return func(ctx context.Context) (time.Time, error) { return s.cfg.Store.NextEffect(ctx, endpoint) }
}

// round works off what is due. It reports how much it did, and whether it left work that somebody else is at.
type round func(ctx context.Context) (done int, held bool, err error)

func (s *Service) work(ctx context.Context, name string, awake chan struct{}, do round, next func(context.Context) (time.Time, error)) {
	var faults fault
	for ctx.Err() == nil {
		done, held, err := do(ctx)
		if ctx.Err() == nil {
			s.note(ctx, name, &faults, err)
		}
		pause := s.cfg.Pace.Poll
		switch {
		case err != nil && ctx.Err() == nil:
			pause = time.Second
		case done > 0:
			continue
		case held:
			pause = pollMin
		default:
			if at, err := next(ctx); err == nil && !at.IsZero() {
				pause = min(max(at.Sub(s.cfg.Clock.Wall()), pollMin), s.cfg.Pace.Poll)
			}
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
		case <-awake:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// tidyUp deletes what is too old to be asked for, and gives up notices that nobody will deliver.
func (s *Service) tidyUp(ctx context.Context) {
	for {
		s.giveUpOrphans(ctx)
		if full := s.forget(ctx); full {
			continue
		}
		if sleep(ctx, s.cfg.Pace.Tidy) != nil {
			return
		}
	}
}

// Drain works off inbox and outbox until nothing is due, whether Run is running or not. What waits for a later try stays.
func (s *Service) Drain(ctx context.Context) error {
	rounds := []round{s.outboxRound(""), s.lookRound, s.remindRound, s.leaveRound, s.countRound, s.usageRound, s.keysRound}
	for _, p := range s.providers {
		rounds = append(rounds, s.inboxRound(p))
	}
	for _, e := range s.endpoints {
		rounds = append(rounds, s.endpointRound(e))
	}
	for {
		worked, waits := 0, false
		for _, do := range rounds {
			done, held, err := do(ctx)
			if err != nil {
				return err
			}
			worked, waits = worked+done, waits || held
		}
		switch {
		case worked > 0:
		case waits, s.working.Load() > 0:
			if err := sleep(ctx, pollMin/4); err != nil {
				return err
			}
		default:
			return nil
		}
	}
}

// brief is an error as it is kept with an event or effect: cut, and without what PostgreSQL refuses in a text. An outcome that
// cannot be stored would be tried again for ever.
func brief(err error) string {
	text := err.Error()
	text = strings.ToValidUTF8(text[:min(len(text), errorBytesMax)], "")
	return strings.ReplaceAll(text, "\x00", "")
}

// failed reports whether an error is a try that failed, and not our own stop.
func failed(ctx context.Context, err error) bool {
	return err != nil && (ctx.Err() == nil || !errors.Is(err, context.Canceled)) && !errors.Is(err, errHeld)
}

// giveUp reports whether work that failed that often is given up.
func giveUp(tries int, err error) bool {
	// What the provider or the mail server calls wrong stays wrong, but a few tries tell that from a passing oddity.
	const triesOfWrong = 12
	return tries >= triesMax || tries >= triesOfWrong && billing.CodeOf(err) == billing.Invalid
}
