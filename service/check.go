package service

import (
	"context"
	"errors"
	"math"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/sqlstore"
)

// Limits of calls that ask or consume.
const (
	ChecksMax          = 100 // in one call
	useKeyBytesMax     = 200
	unknownFeatureText = "the catalogue has no feature %q"
)

// Question asks whether so much of a feature may be used.
type Question struct {
	Feature  billing.FeatureID
	Quantity int64 // 0 is 1
}

// Use is a Question whose quantity is counted when it may be used.
type Use struct {
	Question
	// Key names the call, so that it is counted once however often it is sent; it is known for as long as Config.Retention says. "" counts each time.
	Key string
}

// Check answers whether an account may use so much of each feature now, beside what it has consumed. It changes nothing. A feature that is
// not in the catalogue, and more than ChecksMax questions, are errors of code invalid.
func (s *Service) Check(ctx context.Context, id billing.AccountID, asked ...Question) ([]billing.Quota, error) {
	if len(asked) > ChecksMax {
		return nil, billing.Errorf(billing.Invalid, "%d questions in one call, and %d are the limit", len(asked), ChecksMax).In("checks")
	}
	held, err := s.facts.entitlements(ctx, id)
	if err != nil {
		return nil, err
	}
	answers := make([]billing.Quota, len(asked))
	for i, q := range asked {
		if answers[i], err = s.quota(ctx, id, held, q); err != nil {
			return nil, err
		}
	}
	return answers, nil
}

// quota is one answer.
func (s *Service) quota(ctx context.Context, id billing.AccountID, all []billing.Entitlement, q Question) (billing.Quota, error) {
	if q.Quantity == 0 {
		q.Quantity = 1
	}
	if q.Quantity < 0 || q.Quantity > billing.ConsumeMax {
		return billing.Quota{}, billing.Errorf(billing.Invalid, "a quantity is 1 to %d", billing.ConsumeMax).In("quantity")
	}
	held, err := s.quotaOf(ctx, id, all, q.Feature)
	held.Allowed = held.Allows(q.Quantity)
	return held, err
}

// quotaOf is what an account with these entitlements may use of a feature, and has used.
func (s *Service) quotaOf(ctx context.Context, id billing.AccountID, all []billing.Entitlement, feature billing.FeatureID) (billing.Quota, error) {
	for _, e := range all {
		if e.Feature != feature {
			continue
		}
		q := billing.Quota{Entitlement: e}
		if e.Type == billing.Boolean {
			return q, nil
		}
		if e.Type == billing.Usage {
			now, err := s.facts.verdict(ctx, id)
			if err != nil {
				return q, err
			}
			q.Period = s.usagePeriod(now, feature)
		}
		var err error
		q.Used, err = s.cfg.Store.Used(ctx, id, feature, q.Period.Start)
		return q, err
	}
	return billing.Quota{}, billing.Errorf(billing.Invalid, unknownFeatureText, feature).In("feature")
}

// usagePeriod is the period in which an account's usage of a feature is counted now.
func (s *Service) usagePeriod(now *judged, feature billing.FeatureID) billing.Period {
	return billing.UsagePeriod(s.cfg.Catalog.Counting(feature, now.Accesses), now.state, s.cfg.Clock.Business())
}

// Use consumes so much of a feature with a limit or of a metered one, and answers how it stands then. What is not Allowed is not counted, and is
// no error: two calls at once, on any number of processes, never use more than there is. A quantity below 0 gives back of what has a limit.
func (s *Service) Use(ctx context.Context, id billing.AccountID, c Use) (billing.Quota, error) {
	if c.Quantity == 0 {
		c.Quantity = 1
	}
	feature, known := s.cfg.Catalog.Feature(c.Feature)
	if !known {
		return billing.Quota{}, billing.Errorf(billing.Invalid, unknownFeatureText, c.Feature).In("feature")
	}
	if err := feature.CheckQuantity(c.Quantity); err != nil {
		return billing.Quota{}, err
	}
	if len(c.Key) > useKeyBytesMax {
		return billing.Quota{}, billing.Errorf(billing.Invalid, "a key is at most %d bytes long", useKeyBytesMax).In("key")
	}
	held, err := s.facts.entitlements(ctx, id)
	if err != nil {
		return billing.Quota{}, err
	}
	q, err := s.quotaOf(ctx, id, held, c.Feature)
	if err != nil {
		return q, err
	}
	if q.Allowed, err = s.consume(ctx, q, id, c); err != nil {
		return q, err
	}
	q.Used, err = s.cfg.Store.Used(ctx, id, c.Feature, q.Period.Start)
	return q, err
}

// errNotAllowed ends a transaction that counts more than there is, with all that it wrote.
var errNotAllowed = errors.New("service: there is not that much left")

func (s *Service) consume(ctx context.Context, q billing.Quota, id billing.AccountID, c Use) (allowed bool, err error) {
	most := q.Limit
	switch {
	case !q.Enabled:
		most = -1
	case !q.Bounded():
		most = math.MaxInt64 - billing.ConsumeMax
	}
	err = s.inTx(ctx, func(tx *sqlstore.Tx) error {
		allowed, err := tx.Use(ctx, sqlstore.Use{
			Account: id, Feature: c.Feature, Since: q.Period.Start, Quantity: c.Quantity, Max: most, Key: c.Key, At: s.cfg.Clock.Wall(),
		})
		if err == nil && !allowed {
			err = errNotAllowed
		}
		return err
	})
	if errors.Is(err, errNotAllowed) {
		return false, nil
	}
	return err == nil, err
}
