package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/dues-billing/dues/billing"
)

// Request is one that its caller has given a key, so that it may be sent again.
type Request struct {
	Credential string // whose key it is; two callers may use the same
	Key        string
	Hash       string            // of what is asked
	Account    billing.AccountID // that it is about, "" when its path names none
}

// RequestClaim is the right to carry a request out. Who takes it after its time gets a higher token, and what the one before answers is not kept.
type RequestClaim struct {
	Credential, Key string
	Token           int64
}

// Answered is what became of a request so far. Status is 0 while it is carried out.
type Answered struct {
	Hash   string
	Status int
	Body   string
}

const (
	// A claim that is over is taken by the same request only: nobody knows how far the other one came. One that is old is anybody's.
	claimRequest = `INSERT INTO request_keys (credential, key, request, account, token, until, status, answer, at) VALUES ($1, $2, $3, $4, 1, $6, 0, '', $5)
		ON CONFLICT (credential, key) DO UPDATE SET request = $3, account = $4, token = request_keys.token + 1, until = $6, status = 0, answer = '', at = $5
		WHERE request_keys.at <= $7 OR (request_keys.status = 0 AND request_keys.until <= $5 AND request_keys.request = $3)
		RETURNING token`
	requestAnswered = `SELECT request, status, answer FROM request_keys WHERE credential = $1 AND key = $2`
	answerRequest   = `UPDATE request_keys SET status = $4, answer = $5 WHERE credential = $1 AND key = $2 AND token = $3 AND status = 0`
	freeRequest     = `DELETE FROM request_keys WHERE credential = $1 AND key = $2 AND token = $3 AND status = 0`
	forgetRequests  = `DELETE FROM request_keys WHERE (credential, key) IN (
		SELECT credential, key FROM request_keys WHERE at <= $1 ORDER BY at LIMIT $2 + 0)`
	deleteRequests = `DELETE FROM request_keys WHERE account = $1`
)

// ClaimRequest takes a request to be carried out until the given time, or returns what became of the one that has its key. A key from before
// forgotten is free. All are wall-clock times. Any number of callers and processes may ask at once: one of them gets the claim.
func (s *Store) ClaimRequest(ctx context.Context, r Request, now, until, forgotten time.Time) (claim RequestClaim, before Answered, claimed bool, err error) {
	claim = RequestClaim{Credential: r.Credential, Key: r.Key}
	err = s.statement(ctx, func(db reads) error {
		err := db.db.QueryRowContext(ctx, claimRequest, r.Credential, r.Key, r.Hash, r.Account, micros(now), micros(until), micros(forgotten)).Scan(&claim.Token)
		claimed = err == nil
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		return err
	})
	if err != nil || claimed {
		return claim, Answered{}, claimed && err == nil, err
	}
	before, err = row(ctx, s.reads, func(from scanner) (a Answered, err error) { return a, from.Scan(&a.Hash, &a.Status, &a.Body) }, requestAnswered, r.Credential, r.Key)
	if errors.Is(err, sql.ErrNoRows) { // it was given back in this moment: to the caller it is still under way
		return claim, Answered{Hash: r.Hash}, false, nil
	}
	return claim, before, false, err
}

// AnswerRequest keeps what a request was answered. When the claim was lost, nothing is kept.
func (s *Store) AnswerRequest(ctx context.Context, c RequestClaim, status int, body string) error {
	_, err := s.update(ctx, answerRequest, c.Credential, c.Key, c.Token, status, body)
	return err
}

// FreeRequest gives a key back whose request came to nothing.
func (s *Store) FreeRequest(ctx context.Context, c RequestClaim) error {
	_, err := s.update(ctx, freeRequest, c.Credential, c.Key, c.Token)
	return err
}

// ForgetRequests deletes keys from before the given time, at most limit, and returns how many.
func (s *Store) ForgetRequests(ctx context.Context, before time.Time, limit int) (int64, error) {
	return s.update(ctx, forgetRequests, micros(before), limit)
}
