package sqlstore

import (
	"cmp"
	"context"
	"slices"
	"time"
)

// Notices of one account that wait for one another stand in a line: only the first of each line can be claimed.

const (
	firstInLine = `SELECT MIN(seq) FROM outbox WHERE state = 'pending' AND endpoint = $1 GROUP BY account`
	nextInLine  = `SELECT COALESCE(MIN(CASE WHEN leased_to > due_at THEN leased_to ELSE due_at END), 0) FROM outbox WHERE seq IN (` + firstInLine + `)`
	claimInLine = `UPDATE outbox SET attempts = attempts + 1, leased_to = $3
		WHERE state = 'pending' AND due_at <= $2 AND leased_to <= $2 AND seq IN (
			SELECT seq FROM outbox WHERE state = 'pending' AND due_at <= $2 AND leased_to <= $2 AND seq IN (` + firstInLine + `) ORDER BY seq LIMIT $4 + 0`
)

// NextInLine returns when the first effect of an account's line to an endpoint can be claimed, zero when none is pending.
func (r reads) NextInLine(ctx context.Context, endpoint string) (time.Time, error) {
	return row(ctx, r, scanMoment, nextInLine, endpoint)
}

// ClaimInLine is ClaimEffects for an endpoint whose effects keep their order for an account: it claims the first of each. One caller at a time may do so.
func (s *Store) ClaimInLine(ctx context.Context, endpoint string, now, leasedTo time.Time, limit int) (claimed []Effect, err error) {
	query := claimInLine + s.dialect.skipLocked + claimReturning
	err = s.statement(ctx, func(r reads) (err error) {
		claimed, err = rows(ctx, r, scanEffect, query, endpoint, micros(now), micros(leasedTo), limit)
		return err
	})
	slices.SortFunc(claimed, func(a, b Effect) int { return cmp.Compare(a.Seq, b.Seq) })
	return claimed, err
}
