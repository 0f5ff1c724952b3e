package service

import (
	"context"
	"time"

	"github.com/dues-billing/dues/billing"
)

// Limits of Config.Retention.
const (
	RetentionDefault = 90 * 24 * time.Hour
	// RetentionMin is a day longer than Stripe lists events and lets them be sent again: one that comes again is known.
	RetentionMin = 31 * 24 * time.Hour
)

// CheckRetention says what is wrong with a Config.Retention, nil when it can be used.
func CheckRetention(given time.Duration) error {
	if given != 0 && given < RetentionMin {
		const day = 24 * time.Hour
		return billing.Errorf(billing.Invalid, "retention must be %d days or more, got %d: Stripe may bring an event again for 30 days",
			RetentionMin/day, given/day).In("retention")
	}
	return nil
}

// forget drops what is too old to be asked for, a batch at a time, and reports whether there may be more.
func (s *Service) forget(ctx context.Context) (more bool) {
	before := s.cfg.Clock.Wall().Add(-s.cfg.Retention)
	for what, drop := range map[string]func(context.Context, time.Time, int) (int64, error){
		"old events": s.cfg.Store.ForgetEvents, "what old effects were made of": s.cfg.Store.ForgetPayloads,
		"old keys of what was consumed":      s.cfg.Store.ForgetUsedKeys,
		"old answers to requests with a key": s.forgetRequests,
		"old usage":                          s.cfg.Store.ForgetUsage,
		"old lines of the audit log":         s.forgetActs,
		"keys that nobody can use any more":  s.cfg.Store.ForgetKeys,
		"sessions that have ended":           s.forgetSessions,
	} {
		n, err := drop(ctx, before, tidyBatch)
		if err != nil && ctx.Err() == nil {
			s.log.ErrorContext(ctx, what+" could not be deleted; it is tried again", "error", err)
		}
		more = more || n == tidyBatch
	}
	return more
}
