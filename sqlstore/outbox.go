package sqlstore

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/dues-billing/dues/billing"
)

// Effect is a mail, a call to the provider or a notice to the application in the outbox.
type Effect struct {
	Seq       int64
	Key       string // names the transition
	Kind      string
	Name      string
	Endpoint  string // a notice's; effects of one endpoint are claimed apart from all others
	Account   billing.AccountID
	Payload   []byte // JSON; of a notice the body
	State     string
	Attempts  int
	CreatedAt time.Time // by the wall clock, like the times below
	DueAt     time.Time
	TriedAt   time.Time
	DoneAt    time.Time
	Answer    int // the HTTP status of a notice's last try, 0 when none came
	Error     string
}

const effectColumns = `seq, key, kind, name, endpoint, account, payload, state, attempts, created_at, due_at, tried_at, done_at, answer, error`

const (
	addEffect = `INSERT INTO outbox (key, kind, name, account, payload, state, created_at, due_at, endpoint)
		VALUES ($1, $2, $3, $4, $5, 'pending', $6, $7, $8) ON CONFLICT (key) DO NOTHING`
	dropEffect = `DELETE FROM outbox WHERE key = $1 AND state <> 'done'`
	// The conditions stand twice: on PostgreSQL a row found by the inner query may have been claimed by the time it is updated.
	claimEffects = `UPDATE outbox SET attempts = attempts + 1, leased_to = $2
		WHERE state = 'pending' AND due_at <= $1 AND leased_to <= $1 AND seq IN (
			SELECT seq FROM outbox WHERE state = 'pending' AND endpoint = $4 AND due_at <= $1 AND leased_to <= $1 ORDER BY seq LIMIT $3 + 0`
	effectDue      = `SELECT COUNT(*) FROM (SELECT 1 FROM outbox WHERE state = 'pending' AND endpoint = $1 AND due_at <= $2 AND leased_to <= $2 LIMIT 1) AS first`
	claimReturning = `) RETURNING ` + effectColumns
	// A worker whose lease was taken over sees a higher count of attempts and leaves the row alone.
	effectDone = `UPDATE outbox SET state = 'done', done_at = $3, tried_at = $3, answer = $4, leased_to = 0, error = ''
		WHERE seq = $1 AND attempts = $2`
	effectLate = `UPDATE outbox SET due_at = $3, tried_at = $6, answer = $7, leased_to = 0, error = $4, state = $5
		WHERE seq = $1 AND attempts = $2`
	pendingEndpoints = `SELECT DISTINCT endpoint FROM outbox WHERE state = 'pending' AND endpoint <> ''`
	giveUpEndpoint   = `UPDATE outbox SET state = 'dead', error = $3 WHERE state = 'pending' AND endpoint = $1 AND due_at <= $2 AND leased_to <= $2`
	returnEffect     = `UPDATE outbox SET attempts = attempts - 1, leased_to = 0 WHERE seq = $1 AND attempts = $2 AND state = 'pending'`
	nextEffect       = `SELECT COALESCE(MIN(CASE WHEN leased_to > due_at THEN leased_to ELSE due_at END), 0) FROM outbox
		WHERE state = 'pending' AND endpoint = $1`
	oldestEffect = `SELECT COALESCE(MIN(created_at), 0) FROM outbox WHERE state = 'pending' AND endpoint = $1 AND attempts > 0`
	countEffects = `SELECT COUNT(*) FROM outbox WHERE state = $1`
	countNotices = `SELECT COUNT(*) FROM outbox WHERE state = $1 AND endpoint = $2`
)

func scanEffect(from scanner) (e Effect, err error) {
	err = from.Scan(&e.Seq, &e.Key, &e.Kind, &e.Name, &e.Endpoint, &e.Account, &e.Payload, &e.State, &e.Attempts, moment{&e.CreatedAt},
		moment{&e.DueAt}, moment{&e.TriedAt}, moment{&e.DoneAt}, &e.Answer, &e.Error)
	return e, err
}

// AddEffect stores an effect, and reports false when one with its key was stored before, whatever became of it. Without DueAt it
// is due at once.
func (tx *Tx) AddEffect(ctx context.Context, e Effect) (bool, error) {
	if e.DueAt.IsZero() {
		e.DueAt = e.CreatedAt
	}
	return changed(tx.db.ExecContext(ctx, addEffect, e.Key, e.Kind, e.Name, e.Account, string(e.Payload), micros(e.CreatedAt), micros(e.DueAt),
		e.Endpoint))
}

// DropEffect forgets an effect that is not needed any more. One that has happened stays.
func (tx *Tx) DropEffect(ctx context.Context, key string) error {
	_, err := tx.db.ExecContext(ctx, dropEffect, key)
	return err
}

// EffectDue reports whether an effect of an endpoint can be claimed.
func (r reads) EffectDue(ctx context.Context, endpoint string, now time.Time) (bool, error) {
	n, err := number[int](ctx, r, effectDue, endpoint, micros(now))
	return n > 0, err
}

// ClaimEffects leases the oldest effects of an endpoint that are due, at most limit, to the caller; endpoint "" has the mails and the
// calls. What is not done when the lease ends is claimed again.
func (s *Store) ClaimEffects(ctx context.Context, endpoint string, now, leasedTo time.Time, limit int) (claimed []Effect, err error) {
	query := claimEffects + s.dialect.skipLocked + claimReturning
	err = s.statement(ctx, func(r reads) (err error) {
		claimed, err = rows(ctx, r, scanEffect, query, micros(now), micros(leasedTo), limit, endpoint)
		return err
	})
	slices.SortFunc(claimed, func(a, b Effect) int { return cmp.Compare(a.Seq, b.Seq) })
	return claimed, err
}

// EffectDone notes that a claimed effect has happened, with its Answer.
func (s *Store) EffectDone(ctx context.Context, e Effect, at time.Time) error {
	return s.statement(ctx, func(r reads) error {
		_, err := r.db.ExecContext(ctx, effectDone, e.Seq, e.Attempts, micros(at), e.Answer)
		return err
	})
}

// EffectLate notes that a claimed effect failed, with its TriedAt and Answer: it waits until due, or is dead.
func (s *Store) EffectLate(ctx context.Context, e Effect, due time.Time, cause string, dead bool) error {
	return s.statement(ctx, func(r reads) error {
		_, err := r.db.ExecContext(ctx, effectLate, e.Seq, e.Attempts, micros(due), cause, lateState(dead), micros(e.TriedAt), e.Answer)
		return err
	})
}

// ReturnEffects gives claimed effects back that were not tried: the claim does not count as a try.
func (s *Store) ReturnEffects(ctx context.Context, effects []Effect) error {
	return s.InTx(ctx, func(tx *Tx) error {
		for _, e := range effects {
			if _, err := tx.db.ExecContext(ctx, returnEffect, e.Seq, e.Attempts); err != nil {
				return err
			}
		}
		return nil
	})
}

// GiveUpEndpoints gives up the notices to endpoints other than those named, if they were due by then and nobody has claimed them, and
// returns how many.
func (s *Store) GiveUpEndpoints(ctx context.Context, but []string, due time.Time, cause string) (n int64, err error) {
	waiting, err := rows(ctx, s.reads, func(from scanner) (name string, err error) { return name, from.Scan(&name) }, pendingEndpoints)
	if err != nil {
		return 0, err
	}
	for _, endpoint := range waiting {
		if slices.Contains(but, endpoint) {
			continue
		}
		gone, err := s.update(ctx, giveUpEndpoint, endpoint, micros(due), cause)
		if n += gone; err != nil {
			return n, err
		}
	}
	return n, nil
}

// NextEffect returns when the next pending effect of an endpoint can be claimed, zero when none is pending.
func (r reads) NextEffect(ctx context.Context, endpoint string) (time.Time, error) {
	return row(ctx, r, scanMoment, nextEffect, endpoint)
}

// OldestEffect returns when the longest waiting effect of an endpoint came about that was tried and has not happened, zero without
// one. Effects that are planned for later do not count.
func (r reads) OldestEffect(ctx context.Context, endpoint string) (time.Time, error) {
	return row(ctx, r, scanMoment, oldestEffect, endpoint)
}

// CountEffects returns how many effects are Pending or Dead; these have an index.
func (r reads) CountEffects(ctx context.Context, state string) (int, error) {
	return number[int](ctx, r, countEffects, state)
}

// CountNotices returns how many notices to an endpoint are Pending or Dead.
func (r reads) CountNotices(ctx context.Context, endpoint, state string) (int, error) {
	return number[int](ctx, r, countNotices, state, endpoint)
}
