package httpapi

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// Quota says whether so much of a feature may be used, and how it stands.
type Quota struct {
	Feature   billing.FeatureID   `json:"feature"`
	Type      billing.FeatureType `json:"type" enum:"boolean,limit,metered"`
	Allowed   bool                `json:"allowed" doc:"Whether as much as was asked for may be used"`
	Limit     *int64              `json:"limit" nullable:"true" doc:"How many there may be, of a metered feature in each period; null: no limit, or a boolean"`
	Used      int64               `json:"used" doc:"What was consumed, of a metered feature in this period"`
	Remaining *int64              `json:"remaining" nullable:"true" doc:"What may still be used; null: no limit, or a boolean"`
	ResetsAt  *Moment             `json:"resets_at" nullable:"true" doc:"When a metered feature is counted anew; null of others, and when the provider has not said it yet"`
}

// appendJSON implements rendered.
func (q Quota) appendJSON(to []byte) []byte {
	o := open(to)
	o.text("feature", string(q.Feature))
	o.text("type", string(q.Type))
	o.truth("allowed", q.Allowed)
	o.optional("limit", q.Limit)
	o.number("used", q.Used)
	o.optional("remaining", q.Remaining)
	o.moment("resets_at", q.ResetsAt)
	return o.close()
}

// MarshalJSON implements json.Marshaler: where the framework encodes it, it says the same as a read.
func (q Quota) MarshalJSON() ([]byte, error) { return q.appendJSON(nil), nil }

// Quotas are the answers to several questions, in their order.
type Quotas struct {
	Checks []Quota `json:"checks" nullable:"false"`
}

func quotaOf(q billing.Quota) Quota {
	out := Quota{Feature: q.Feature, Type: q.Type, Allowed: q.Allowed, Used: q.Used, ResetsAt: moment(q.Period.End)}
	if q.Bounded() || q.Type != billing.Boolean && !q.Enabled {
		limit, remaining := q.Limit, q.Remaining()
		out.Limit, out.Remaining = &limit, &remaining
	}
	return out
}

type (
	asked struct {
		ID       string      `path:"id" doc:"The app's own id"`
		Feature  string      `query:"feature" required:"true" doc:"The catalogue's id"`
		Quantity wholeNumber `query:"quantity" doc:"How much more is to be used; 1 unless said"`
	}
	askedMine struct {
		Feature  string      `query:"feature" required:"true" doc:"The catalogue's id"`
		Quantity wholeNumber `query:"quantity" doc:"How much more is to be used; 1 unless said"`
	}
	checkRequest struct {
		Feature  string `json:"feature" doc:"The catalogue's id"`
		Quantity int64  `json:"quantity,omitempty" doc:"How much more is to be used; 1 unless said"`
	}
	checksRequest struct {
		Checks []checkRequest `json:"checks" doc:"At most 100"`
	}
	consumeRequest struct {
		Feature  string `json:"feature" doc:"The catalogue's id of a feature with a limit, or a metered one"`
		Quantity int64  `json:"quantity,omitempty" doc:"How much is used; 1 unless said. Below 0 it is given back, of what has a limit"`
		Key      string `json:"key,omitempty" maxLength:"200" doc:"Names this use, so that it is counted once however often it is sent"`
	}
)

// check answers the question that is asked most, like a read (read.go).
func (a *api) check(r *http.Request, account billing.AccountID) (Quota, error) {
	q, err := questionIn(r.URL.Query())
	if err != nil {
		return Quota{}, err
	}
	answers, err := a.service.Check(r.Context(), account, q)
	if err != nil {
		return Quota{}, err
	}
	return quotaOf(answers[0]), nil
}

func questionIn(given url.Values) (q service.Question, err error) {
	for name := range given {
		if name != "feature" && name != "quantity" {
			return q, billing.Errorf(billing.Invalid, "there is no parameter %q here; known are feature, quantity", shortened(name)).In(shortened(name))
		}
	}
	if q.Feature = billing.FeatureID(given.Get("feature")); q.Feature == "" {
		return q, billing.Errorf(billing.Invalid, "feature is missing: say which is asked for").In("feature")
	}
	if text := given.Get("quantity"); text != "" {
		if q.Quantity, err = strconv.ParseInt(text, 10, 64); err != nil || q.Quantity < 1 {
			return q, billing.Errorf(billing.Invalid, "quantity must be a whole number from 1 on").In("quantity")
		}
	}
	return q, nil
}

func (a *api) checks(ctx context.Context, in *withBodyOf[checksRequest]) (*reply[Quotas], error) {
	return a.checksOf(ctx, billing.AccountID(in.ID), in.Body.value)
}

func (a *api) checksMine(ctx context.Context, in *withBody[checksRequest]) (*reply[Quotas], error) {
	return a.checksOf(ctx, caller(ctx), in.Body.value)
}

func (a *api) checksOf(ctx context.Context, id billing.AccountID, given checksRequest) (*reply[Quotas], error) {
	var questions []service.Question
	for _, c := range given.Checks {
		questions = append(questions, service.Question{Feature: billing.FeatureID(c.Feature), Quantity: c.Quantity})
	}
	answers, err := a.service.Check(ctx, id, questions...)
	if err != nil {
		return nil, err
	}
	out := Quotas{Checks: []Quota{}}
	for _, q := range answers {
		out.Checks = append(out.Checks, quotaOf(q))
	}
	return ok(out), nil
}

func (a *api) consumeFeature(ctx context.Context, in *withBodyOf[consumeRequest]) (*reply[Quota], error) {
	given := in.Body.value
	q, err := a.service.Use(ctx, billing.AccountID(in.ID), service.Use{
		Question: service.Question{Feature: billing.FeatureID(given.Feature), Quantity: given.Quantity}, Key: given.Key,
	})
	if err != nil {
		return nil, err
	}
	return ok(quotaOf(q)), nil
}
