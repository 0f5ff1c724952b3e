package sqlstore

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/dues-billing/dues/billing"
)

// Effect is a mail or a call to the provider in the outbox.
type Effect struct {
	Seq       int64
	Key       string // names the transition
	Kind      string
	Name      string
	Account   billing.AccountID
	Payload   []byte // JSON
	State     string
	Attempts  int
	CreatedAt time.Time // by the wall clock, like the times below
	DueAt     time.Time
	DoneAt    time.Time
	Error     string
}

const effectColumns = `seq, key, kind, name, account, payload, state, attempts, created_at, due_at, done_at, error`

const (
	addEffect = `INSERT INTO outbox (key, kind, name, account, payload, state, created_at, due_at)
		VALUES ($1, $2, $3, $4, $5, 'pending', $6, $7) ON CONFLICT (key) DO NOTHING`
	dropEffect = `DELETE FROM outbox WHERE key = $1 AND state <> 'done'`
	// The conditions stand twice: on PostgreSQL a row found by the inner query may have been claimed by the time it is updated.
	claimEffects = `UPDATE outbox SET attempts = attempts + 1, leased_to = $2
		WHERE state = 'pending' AND due_at <= $1 AND leased_to <= $1 AND seq IN (
			SELECT seq FROM outbox WHERE state = 'pending' AND due_at <= $1 AND leased_to <= $1 ORDER BY seq LIMIT $3`
	claimReturning = `) RETURNING ` + effectColumns
	// A worker whose lease was taken over sees a higher count of attempts and leaves the row alone.
	effectDone = `UPDATE outbox SET state = 'done', done_at = $3, leased_to = 0, error = '' WHERE seq = $1 AND attempts = $2`
	effectLate = `UPDATE outbox SET due_at = $3, leased_to = 0, error = $4, state = $5 WHERE seq = $1 AND attempts = $2`
	nextEffect = `SELECT COALESCE(MIN(CASE WHEN leased_to > due_at THEN leased_to ELSE due_at END), 0) FROM outbox
		WHERE state = 'pending'`
	oldestEffect    = `SELECT COALESCE(MIN(created_at), 0) FROM outbox WHERE state = 'pending' AND attempts > 0`
	newestEffects   = `SELECT ` + effectColumns + ` FROM outbox ORDER BY seq DESC LIMIT $1`
	newestEffectsOf = `SELECT ` + effectColumns + ` FROM outbox WHERE account = $1 ORDER BY seq DESC LIMIT $2`
	countEffects    = `SELECT COUNT(*) FROM outbox WHERE state = $1`
)

func scanEffect(from scanner) (e Effect, err error) {
	err = from.Scan(&e.Seq, &e.Key, &e.Kind, &e.Name, &e.Account, &e.Payload, &e.State, &e.Attempts, moment{&e.CreatedAt},
		moment{&e.DueAt}, moment{&e.DoneAt}, &e.Error)
	return e, err
}

// AddEffect stores an effect, and reports false when one with its key was stored before, whatever became of it. Without DueAt it
// is due at once.
func (tx *Tx) AddEffect(ctx context.Context, e Effect) (bool, error) {
	if e.DueAt.IsZero() {
		e.DueAt = e.CreatedAt
	}
	return changed(tx.db.ExecContext(ctx, addEffect, e.Key, e.Kind, e.Name, e.Account, string(e.Payload), micros(e.CreatedAt), micros(e.DueAt)))
}

// DropEffect forgets an effect that is not needed any more. One that has happened stays.
func (tx *Tx) DropEffect(ctx context.Context, key string) error {
	_, err := tx.db.ExecContext(ctx, dropEffect, key)
	return err
}

// ClaimEffects leases the oldest effects that are due, at most limit, to the caller. What is not done when the lease ends is
// claimed again.
func (s *Store) ClaimEffects(ctx context.Context, now, leasedTo time.Time, limit int) (claimed []Effect, err error) {
	query := claimEffects + s.dialect.skipLocked + claimReturning
	err = s.InTx(ctx, func(tx *Tx) (err error) {
		claimed, err = rows(ctx, tx.reads, scanEffect, query, micros(now), micros(leasedTo), limit)
		return err
	})
	slices.SortFunc(claimed, func(a, b Effect) int { return cmp.Compare(a.Seq, b.Seq) })
	return claimed, err
}

// EffectDone notes that a claimed effect has happened.
func (s *Store) EffectDone(ctx context.Context, e Effect, at time.Time) error {
	return s.InTx(ctx, func(tx *Tx) error {
		_, err := tx.db.ExecContext(ctx, effectDone, e.Seq, e.Attempts, micros(at))
		return err
	})
}

// EffectLate notes that a claimed effect failed: it waits until due, or is dead.
func (s *Store) EffectLate(ctx context.Context, e Effect, due time.Time, cause string, dead bool) error {
	return s.InTx(ctx, func(tx *Tx) error {
		_, err := tx.db.ExecContext(ctx, effectLate, e.Seq, e.Attempts, micros(due), cause, lateState(dead))
		return err
	})
}

// NextEffect returns when the next pending effect can be claimed, zero when none is pending.
func (r reads) NextEffect(ctx context.Context) (time.Time, error) {
	return row(ctx, r, scanMoment, nextEffect)
}

// OldestEffect returns when the longest waiting effect came about that was tried and has not happened, zero without one. Effects that
// are planned for later do not count.
func (r reads) OldestEffect(ctx context.Context) (time.Time, error) {
	return row(ctx, r, scanMoment, oldestEffect)
}

// Effects returns the newest effects on an account, or on everybody when account is "".
func (r reads) Effects(ctx context.Context, account billing.AccountID, limit int) ([]Effect, error) {
	if account == "" {
		return rows(ctx, r, scanEffect, newestEffects, limit)
	}
	return rows(ctx, r, scanEffect, newestEffectsOf, account, limit)
}

// CountEffects returns how many effects are Pending or Dead; these have an index.
func (r reads) CountEffects(ctx context.Context, state string) (int, error) {
	return number[int](ctx, r, countEffects, state)
}
