package sqlstore

import (
	"context"
	"time"

	"github.com/dues-billing/dues/billing"
)

// Act is one line of the audit log: somebody changed something, or began to.
type Act struct {
	Seq     int64
	At      time.Time // wall clock
	Kind    string    // of who did it
	Who     string
	Action  string
	Account billing.AccountID // that it was about, "" for none
	Object  string            // what of it
	Request string            // the request's id
	Outcome string            // ActBegun, ActDone, ActRefused or ActFailed
}

// The outcomes of an act.
const (
	ActBegun   = "begun" // and nobody knows: the process has ended in the middle
	ActDone    = "done"
	ActRefused = "refused" // a conflict, such as a card that was declined
	ActFailed  = "failed"  // part of it may have happened
)

// ActFilter chooses acts. Its zero fields choose all.
type ActFilter struct {
	Kind, Who string
	Action    string
	Account   billing.AccountID
	Since     time.Time // then or later
}

const (
	actColumns = `seq, at, kind, who, action, account, object, request, outcome`
	addAct     = `INSERT INTO audit (at, kind, who, action, account, object, request, outcome) VALUES ($1, $2, $3, $4, $5, $6, $7, 'begun') RETURNING seq`
	endAct     = `UPDATE audit SET outcome = $2, account = $3, object = $4 WHERE seq = $1`
	dropAct    = `DELETE FROM audit WHERE seq = $1`
	newestActs = `SELECT ` + actColumns + ` FROM audit
		WHERE seq < $1 AND ($3 = '' OR kind = $3) AND ($4 = '' OR who = $4) AND ($5 = '' OR action = $5) AND at >= $6`
	actsOf     = ` AND account = $7`
	forgetActs = `DELETE FROM audit WHERE seq IN (SELECT seq FROM audit WHERE at < $1 ORDER BY at LIMIT $2 + 0)`
	// That something was done, and by which server or operator, stays; which of the account's people it was, and on what, goes.
	clearActs = `UPDATE audit SET object = '', who = CASE WHEN kind = 'user' THEN '' ELSE who END WHERE account = $1`
)

// AddAct notes that somebody begins to change something, and returns the line's number.
func (s *Store) AddAct(ctx context.Context, a Act) (seq int64, err error) {
	err = s.statement(ctx, func(db reads) error {
		seq, err = number[int64](ctx, db, addAct, micros(a.At), a.Kind, a.Who, a.Action, a.Account, a.Object, a.Request)
		return err
	})
	return seq, err
}

// EndAct notes what came of an act, and what it was about, as far as that is known by then.
func (s *Store) EndAct(ctx context.Context, a Act) error {
	_, err := s.update(ctx, endAct, a.Seq, a.Outcome, a.Account, a.Object)
	return err
}

// DropAct forgets an act that changed nothing.
func (s *Store) DropAct(ctx context.Context, seq int64) error {
	_, err := s.update(ctx, dropAct, seq)
	return err
}

// Acts returns a page of the acts that f chooses, newest first.
func (r reads) Acts(ctx context.Context, f ActFilter, p Page) ([]Act, error) {
	query, args := newestActs, []any{p.before(), p.Limit, f.Kind, f.Who, f.Action, micros(f.Since)}
	if f.Account != "" {
		query, args = query+actsOf, append(args, f.Account)
	}
	return rows(ctx, r, func(from scanner) (a Act, err error) {
		return a, from.Scan(&a.Seq, moment{&a.At}, &a.Kind, &a.Who, &a.Action, &a.Account, &a.Object, &a.Request, &a.Outcome)
	}, query+newestFirst, args...)
}

// ForgetActs deletes acts from before the given time, at most limit, and returns how many.
func (s *Store) ForgetActs(ctx context.Context, before time.Time, limit int) (int64, error) {
	return s.update(ctx, forgetActs, micros(before), limit)
}
