package httpapi

import (
	"context"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// Effects is a page of the outbox, newest first.
type Effects struct {
	Effects    []Effect `json:"effects" nullable:"false"`
	NextCursor *string  `json:"next_cursor" doc:"cursor of the next page; null after the last"`
}

// Effect is a mail, a call to Stripe or a notice to the application, and what became of it.
type Effect struct {
	Key       string            `json:"key" doc:"Names the transition that it belongs to: it happens once"`
	Kind      string            `json:"kind" enum:"mail,call,notice"`
	Name      string            `json:"name" doc:"Such as receipt, or access.changed"`
	Account   billing.AccountID `json:"account"`
	Endpoint  string            `json:"endpoint" doc:"Where a notice goes; empty for the others"`
	State     string            `json:"state" enum:"pending,done,dead"`
	Attempts  int               `json:"attempts"`
	CreatedAt Moment            `json:"created_at" doc:"When it was decided"`
	DueAt     *Moment           `json:"due_at" nullable:"true" doc:"When it is tried next; null unless it is pending"`
	TriedAt   *Moment           `json:"tried_at" nullable:"true" doc:"The last try; null before the first"`
	DoneAt    *Moment           `json:"done_at" nullable:"true" doc:"null until it has happened"`
	Answer    int               `json:"answer" doc:"The HTTP status that a notice was answered with last; 0: none"`
	Error     string            `json:"error" doc:"Of the last try that failed"`
}

func effectOf(e service.Effect) Effect {
	out := Effect{
		Key: e.Key, Kind: e.Kind, Name: e.Name, Account: e.Account, Endpoint: e.Endpoint, State: e.State, Attempts: e.Attempts,
		CreatedAt: Moment(e.CreatedAt), TriedAt: moment(e.TriedAt), DoneAt: moment(e.DoneAt), Answer: e.Answer, Error: e.Error,
	}
	if e.State == statePending {
		out.DueAt = moment(e.DueAt)
	}
	return out
}

type askedEffects struct {
	State    string    `query:"state" enum:"pending,done,dead"`
	Kind     string    `query:"kind" enum:"mail,call,notice"`
	Name     string    `query:"name" doc:"Such as receipt, or access.changed"`
	Account  string    `query:"account" doc:"The app's own id"`
	Endpoint string    `query:"endpoint" doc:"Where notices go"`
	Since    timestamp `query:"since" doc:"Decided then or later"`
	Listed
}

func (a *api) effects(ctx context.Context, in *askedEffects) (*reply[Effects], error) {
	page, err := in.page(in)
	if err != nil {
		return nil, err
	}
	since, err := in.Since.moment("since")
	if err != nil {
		return nil, err
	}
	effects, next, err := a.service.Effects(ctx, service.EffectFilter{
		State: in.State, Kind: in.Kind, Name: in.Name, Account: billing.AccountID(in.Account), Endpoint: in.Endpoint, Since: since,
	}, page)
	if err != nil {
		return nil, err
	}
	out := Effects{Effects: []Effect{}, NextCursor: cursor(next)}
	for _, e := range effects {
		out.Effects = append(out.Effects, effectOf(e))
	}
	return ok(out), nil
}

type byKey struct {
	Key string `path:"key" doc:"The effect's, with / written as %2F"`
}

func (a *api) effect(ctx context.Context, in *byKey) (*reply[Effect], error) {
	found, err := a.service.Effect(ctx, in.Key)
	if err != nil {
		return nil, err
	}
	return ok(effectOf(found)), nil
}

func (a *api) retryEffect(ctx context.Context, in *byKey) (*reply[Effect], error) {
	now, err := a.service.RetryEffect(ctx, in.Key)
	if err != nil {
		return nil, err
	}
	return ok(effectOf(now)), nil
}

type chosenEffects struct {
	State    string    `json:"state,omitempty" enum:"dead,done" doc:"dead, unless said: what was given up; done: notices that were delivered, by one more field at least"`
	Kind     string    `json:"kind,omitempty" enum:"mail,call,notice"`
	Name     string    `json:"name,omitempty"`
	Account  string    `json:"account,omitempty"`
	Endpoint string    `json:"endpoint,omitempty"`
	Since    timestamp `json:"since,omitempty" doc:"Decided then or later"`
}

func (a *api) retryEffects(ctx context.Context, in *withBody[chosenEffects]) (*reply[Retried], error) {
	given := in.Body.value
	since, err := given.Since.moment("since")
	if err != nil {
		return nil, err
	}
	n, err := a.service.RetryEffects(ctx, service.EffectFilter{
		State: given.State, Kind: given.Kind, Name: given.Name, Account: billing.AccountID(given.Account), Endpoint: given.Endpoint, Since: since,
	})
	if err != nil {
		return nil, err
	}
	return ok(Retried{n}), nil
}
