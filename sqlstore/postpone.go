package sqlstore

import (
	"context"
	"time"
)

const postponeEffect = `UPDATE outbox SET attempts = attempts - 1, leased_to = 0, due_at = $3 WHERE seq = $1 AND attempts = $2 AND state = 'pending'`

// PostponeEffect gives a claimed effect back until a time; the claim does not count as a try. The time is rounded up to what a column
// holds: an effect that is due a moment too early is postponed again at once, and again, for as long as the moment lasts.
func (s *Store) PostponeEffect(ctx context.Context, e Effect, until time.Time) error {
	_, err := s.update(ctx, postponeEffect, e.Seq, e.Attempts, micros(until.Add(time.Microsecond-1)))
	return err
}
