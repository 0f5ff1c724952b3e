package service

import (
	"context"
	"strings"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/sqlstore"
)

// RequestKeyHeader is the header that names a request, so that sending it again does nothing twice.
const RequestKeyHeader = "Idempotency-Key"

const (
	// RequestKeyBytesMax is Stripe's limit.
	RequestKeyBytesMax = 255
	// requestKept is how long an answer is given again, Stripe's time.
	requestKept = 24 * time.Hour
	// requestTime is longer than any request takes: after it, its process is taken for dead, and the same request may be carried out anew.
	requestTime = 2 * time.Minute
)

type (
	// Request is one that its caller has given a key.
	Request = sqlstore.Request
	// RequestClaim is the right to carry a request out.
	RequestClaim = sqlstore.RequestClaim
	// Answered is what a request was answered before.
	Answered = sqlstore.Answered
)

// ClaimRequest looks whether a request with a key was made before. With claimed the caller carries it out, and then calls AnswerRequest or
// FreeRequest; without it before is what to answer again. A key that cannot be one, and one that was given another request, are errors of code
// invalid in the field Idempotency-Key; one whose request is being carried out is a conflict.
func (s *Service) ClaimRequest(ctx context.Context, r Request) (claim RequestClaim, before Answered, claimed bool, err error) {
	if err := checkRequestKey(r.Key); err != nil {
		return claim, before, false, err
	}
	now := s.cfg.Clock.Wall()
	claim, before, claimed, err = s.cfg.Store.ClaimRequest(ctx, r, now, now.Add(requestTime), now.Add(-requestKept))
	switch {
	case err != nil || claimed:
		return claim, before, claimed, err
	case before.Hash != r.Hash:
		return claim, Answered{}, false, billing.Errorf(billing.Invalid, "this %s was sent with another method, path or body; give each request a key of its own", RequestKeyHeader).In(RequestKeyHeader)
	case before.Status == 0:
		return claim, Answered{}, false, billing.Errorf(billing.Conflict, "the request with this %s is still being carried out; send it again in a moment", RequestKeyHeader).In(RequestKeyHeader)
	}
	return claim, before, false, nil
}

// AnswerRequest keeps for 24 hours what a request was answered. It is called before the answer is sent.
func (s *Service) AnswerRequest(ctx context.Context, c RequestClaim, status int, body string) error {
	return s.cfg.Store.AnswerRequest(ctx, c, status, body)
}

// FreeRequest lets the key of a request that came to nothing be used again.
func (s *Service) FreeRequest(ctx context.Context, c RequestClaim) error {
	return s.cfg.Store.FreeRequest(ctx, c)
}

// forgetRequests deletes answers that are not given again.
func (s *Service) forgetRequests(ctx context.Context, _ time.Time, limit int) (int64, error) {
	return s.cfg.Store.ForgetRequests(ctx, s.cfg.Clock.Wall().Add(-requestKept), limit)
}

func checkRequestKey(key string) error {
	unprintable := func(c rune) bool { return c < ' ' || c > '~' }
	switch {
	case key == "":
		return billing.Errorf(billing.Invalid, "the %s is empty", RequestKeyHeader).In(RequestKeyHeader)
	case len(key) > RequestKeyBytesMax:
		return billing.Errorf(billing.Invalid, "the %s is longer than %d characters", RequestKeyHeader, RequestKeyBytesMax).In(RequestKeyHeader)
	case strings.ContainsFunc(key, unprintable):
		return billing.Errorf(billing.Invalid, "the %s must be printable ASCII", RequestKeyHeader).In(RequestKeyHeader)
	}
	return nil
}
