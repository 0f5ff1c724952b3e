package service

import (
	"context"
	"time"
)

const (
	// faultChange is how soon another fault of a worker is told, and faultReminder how soon the same one again: a full disk fails each second.
	faultChange   = time.Minute
	faultReminder = 10 * time.Minute
)

// fault is what the rounds of a worker fail with, one after the other. Its zero value is a worker that is well.
type fault struct {
	text   string
	since  time.Time
	told   time.Time
	rounds int // that failed since
}

// failed notes that a round failed, and reports whether that is to be told.
func (f *fault) failed(text string, now time.Time) bool {
	if f.rounds == 0 {
		f.since = now
	}
	f.rounds++
	if f.rounds > 1 && now.Sub(f.told) < faultChange || f.text == text && now.Sub(f.told) < faultReminder {
		return false
	}
	f.text, f.told = text, now
	return true
}

// note tells the log what came of a worker's round, when that is news.
func (s *Service) note(ctx context.Context, worker string, f *fault, err error) {
	now := s.cfg.Clock.Wall()
	switch {
	case err != nil && f.failed(err.Error(), now):
		s.log.ErrorContext(ctx, "a worker's round failed; it is tried each second", "worker", worker, "rounds", f.rounds, "since", f.since, "error", err)
	case err == nil && f.rounds > 0:
		s.log.InfoContext(ctx, "a worker's rounds succeed again", "worker", worker, "failed_rounds", f.rounds, "since", f.since)
		*f = fault{}
	}
}
