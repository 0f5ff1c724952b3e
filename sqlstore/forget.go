package sqlstore

import (
	"context"
	"time"
)

const (
	forgetEvents = `DELETE FROM inbox WHERE seq IN (
		SELECT seq FROM inbox WHERE done_at > 0 AND done_at < $1 ORDER BY done_at LIMIT $2 + 0)`
	// The key stays: it is what keeps the same transition from happening again.
	forgetPayloads = `UPDATE outbox SET payload = '' WHERE seq IN (
		SELECT seq FROM outbox WHERE state = 'done' AND payload <> '' AND done_at < $1 ORDER BY done_at LIMIT $2 + 0)`
)

// ForgetEvents deletes events that were worked off or ignored before the given time, at most limit, and returns how many.
func (s *Store) ForgetEvents(ctx context.Context, before time.Time, limit int) (n int64, err error) {
	return s.update(ctx, forgetEvents, micros(before), limit)
}

// ForgetPayloads drops what effects were made of that happened before the given time, at most limit, and returns how many. Their keys
// stay for ever, so that none happens again.
func (s *Store) ForgetPayloads(ctx context.Context, before time.Time, limit int) (n int64, err error) {
	return s.update(ctx, forgetPayloads, micros(before), limit)
}
