package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/internal/operator"
)

const (
	operatorColumns = `id, email, role, password, secret, code_step, invite, invite_until, subject, created_at, signed_in_at, removed_at`
	// One statement looks and adds: of any number at once, one is the operator of an address.
	addOperator = `INSERT INTO operators (` + operatorColumns + `) SELECT $1, $2, $3, '', $4, 0, $5, $6, '', $7, 0, 0
		WHERE (SELECT COUNT(*) FROM operators WHERE removed_at = 0) < CAST($8 AS BIGINT) ON CONFLICT (email) WHERE removed_at = 0 DO NOTHING`
	operatorByID     = `SELECT ` + operatorColumns + ` FROM operators WHERE id = $1`
	operatorByEmail  = `SELECT ` + operatorColumns + ` FROM operators WHERE email = $1 AND removed_at = 0`
	operatorByInvite = `SELECT ` + operatorColumns + ` FROM operators WHERE invite = $1 AND invite <> '' AND removed_at = 0`
	allOperators     = `SELECT ` + operatorColumns + ` FROM operators WHERE removed_at = 0 OR $1 = 1 ORDER BY removed_at <> 0, email, removed_at LIMIT $2 + 0`
	setOperatorRole  = `UPDATE operators SET role = $2 WHERE id = $1 AND removed_at = 0`
	resetOperator    = `UPDATE operators SET password = '', secret = $2, code_step = 0, invite = $3, invite_until = $4, subject = '' WHERE id = $1 AND removed_at = 0`
	removeOperator   = `UPDATE operators SET removed_at = $2, password = '', secret = '', invite = '', subject = '' WHERE id = $1 AND removed_at = 0`
	// A link, a code and the first way from the provider count once, however many come at the same moment.
	welcomeOperator = `UPDATE operators SET password = $3, code_step = $4, invite = '', invite_until = 0, signed_in_at = $5 WHERE id = $1 AND invite = $2 AND removed_at = 0`
	useCode         = `UPDATE operators SET code_step = $2, signed_in_at = $3 WHERE id = $1 AND code_step < $2 AND removed_at = 0`
	vouchOperator   = `UPDATE operators SET subject = $2, invite = '', signed_in_at = $3 WHERE id = $1 AND subject IN ('', $2) AND removed_at = 0`
	setPassword     = `UPDATE operators SET password = $3 WHERE id = $1 AND password = $2 AND removed_at = 0`

	sessionColumns = `id, operator, proof, agent, created_at, seen_at, until`
	addSession     = `INSERT INTO admin_sessions (` + sessionColumns + `) VALUES ($1, $2, $3, $4, $5, $5, $6)`
	sessionByID    = `SELECT ` + sessionColumns + ` FROM admin_sessions WHERE id = $1`
	openSessions   = `SELECT ` + sessionColumns + ` FROM admin_sessions WHERE until > $1 ORDER BY created_at DESC, id LIMIT $2 + 0`
	sessionSeen    = `UPDATE admin_sessions SET seen_at = $2 WHERE id = $1 AND seen_at < $2`
	endSession     = `DELETE FROM admin_sessions WHERE id = $1`
	endSessionsOf  = `DELETE FROM admin_sessions WHERE operator = $1 AND id <> $2`
	forgetSessions = `DELETE FROM admin_sessions WHERE id IN (SELECT id FROM admin_sessions WHERE until < $1 LIMIT $2 + 0)`
)

func scanOperator(from scanner) (o operator.Operator, err error) {
	err = from.Scan(&o.ID, &o.Email, &o.Role, &o.Password, &o.Secret, &o.CodeStep, &o.Invite, moment{&o.InviteUntil}, &o.Subject, moment{&o.CreatedAt},
		moment{&o.SignedInAt}, moment{&o.RemovedAt})
	return o, err
}

func scanSession(from scanner) (s operator.Session, err error) {
	err = from.Scan(&s.ID, &s.Operator, &s.Proof, &s.Agent, moment{&s.CreatedAt}, moment{&s.SeenAt}, moment{&s.Until})
	return s, err
}

// AddOperator stores a new operator, and reports false when there is one with this address, or as many as limit.
func (tx *Tx) AddOperator(ctx context.Context, o operator.Operator, limit int) (bool, error) {
	return changed(tx.db.ExecContext(ctx, addOperator, o.ID, o.Email, o.Role, o.Secret, o.Invite, micros(o.InviteUntil), micros(o.CreatedAt), limit))
}

func (r reads) operator(ctx context.Context, query string, arg any) (operator.Operator, error) {
	o, err := row(ctx, r, scanOperator, query, arg)
	if errors.Is(err, sql.ErrNoRows) {
		return o, billing.Errorf(billing.NotFound, "there is no such operator")
	}
	return o, err
}

// Operator returns one, also one that was removed, or an error of code not_found.
func (r reads) Operator(ctx context.Context, id operator.ID) (operator.Operator, error) {
	return r.operator(ctx, operatorByID, id)
}

// OperatorByEmail returns the one with this address, in lower case, or an error of code not_found.
func (r reads) OperatorByEmail(ctx context.Context, email string) (operator.Operator, error) {
	return r.operator(ctx, operatorByEmail, email)
}

// OperatorByInvite returns the one with this hash of a link, or an error of code not_found.
func (r reads) OperatorByInvite(ctx context.Context, invite string) (operator.Operator, error) {
	return r.operator(ctx, operatorByInvite, invite)
}

// Operators returns them by address, those that were removed last or not at all, at most limit.
func (r reads) Operators(ctx context.Context, removed bool, limit int) ([]operator.Operator, error) {
	too := 0
	if removed {
		too = 1
	}
	return rows(ctx, r, scanOperator, allOperators, too, limit)
}

// SetOperatorRole changes what an operator may do, and reports false for one that is not there.
func (tx *Tx) SetOperatorRole(ctx context.Context, id operator.ID, role operator.Role) (bool, error) {
	return changed(tx.db.ExecContext(ctx, setOperatorRole, id, role))
}

// ResetOperator takes an operator's password, codes and provider away and gives him a link and the secret of new codes. It reports false for one that is
// not there.
func (tx *Tx) ResetOperator(ctx context.Context, o operator.Operator) (bool, error) {
	return changed(tx.db.ExecContext(ctx, resetOperator, o.ID, o.Secret, o.Invite, micros(o.InviteUntil)))
}

// RemoveOperator lets an operator in no more, and reports false for one that is not there.
func (tx *Tx) RemoveOperator(ctx context.Context, id operator.ID, at time.Time) (bool, error) {
	return changed(tx.db.ExecContext(ctx, removeOperator, id, micros(at)))
}

// WelcomeOperator stores the password that was chosen with a link, and reports false when the link was used before.
func (tx *Tx) WelcomeOperator(ctx context.Context, o operator.Operator, invite string) (bool, error) {
	return changed(tx.db.ExecContext(ctx, welcomeOperator, o.ID, invite, o.Password, o.CodeStep, micros(o.SignedInAt)))
}

// UseCode notes that the code of a half minute was used, and reports false when it, or one after it, was before.
func (tx *Tx) UseCode(ctx context.Context, id operator.ID, step int64, at time.Time) (bool, error) {
	return changed(tx.db.ExecContext(ctx, useCode, id, step, micros(at)))
}

// VouchOperator notes who an operator is at the OpenID provider, and reports false when he is somebody else there.
func (tx *Tx) VouchOperator(ctx context.Context, id operator.ID, subject string, at time.Time) (bool, error) {
	return changed(tx.db.ExecContext(ctx, vouchOperator, id, subject, micros(at)))
}

// SetPassword stores an operator's password, and reports false when it is not before any more.
func (tx *Tx) SetPassword(ctx context.Context, id operator.ID, before, password string) (bool, error) {
	return changed(tx.db.ExecContext(ctx, setPassword, id, before, password))
}

// AddSession stores a new session.
func (tx *Tx) AddSession(ctx context.Context, s operator.Session) error {
	_, err := tx.db.ExecContext(ctx, addSession, s.ID, s.Operator, s.Proof, s.Agent, micros(s.CreatedAt), micros(s.Until))
	return err
}

// Session returns a session, or an error of code not_found.
func (r reads) Session(ctx context.Context, id operator.SessionID) (operator.Session, error) {
	s, err := row(ctx, r, scanSession, sessionByID, id)
	if errors.Is(err, sql.ErrNoRows) {
		return s, billing.Errorf(billing.NotFound, "there is no such session")
	}
	return s, err
}

// Sessions returns those that last at a moment, the newest first, at most limit.
func (r reads) Sessions(ctx context.Context, now time.Time, limit int) ([]operator.Session, error) {
	return rows(ctx, r, scanSession, openSessions, micros(now), limit)
}

// SessionSeen notes when a session was used last.
func (s *Store) SessionSeen(ctx context.Context, id operator.SessionID, at time.Time) error {
	_, err := s.update(ctx, sessionSeen, id, micros(at))
	return err
}

// EndSession ends a session, and reports false for one that is not there.
func (tx *Tx) EndSession(ctx context.Context, id operator.SessionID) (bool, error) {
	return changed(tx.db.ExecContext(ctx, endSession, id))
}

// EndSessionsOf ends the sessions of an operator but one; "" spares none.
func (tx *Tx) EndSessionsOf(ctx context.Context, of operator.ID, but operator.SessionID) error {
	_, err := tx.db.ExecContext(ctx, endSessionsOf, of, but)
	return err
}

// ForgetSessions deletes sessions that ended before the given time, at most limit, and returns how many.
func (s *Store) ForgetSessions(ctx context.Context, before time.Time, limit int) (int64, error) {
	return s.update(ctx, forgetSessions, micros(before), limit)
}
