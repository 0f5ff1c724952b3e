package sqlstore

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"math"

	"github.com/dues-billing/dues/billing"
)

// Page is a part of a list, newest first: the rows with a lower number than Before, which is 0 for the first page, at most Limit.
type Page struct {
	Before int64
	Limit  int
	Floor  int64 // no row with a lower number than this is looked at
}

// before is the number that all rows of the page are below.
func (p Page) before() int64 { return cmp.Or(p.Before, math.MaxInt64) }

// What is given up or waits has a partial index, which only a state in the text can use; a customer's and an account's rows have
// one too. All else is found by walking the list.
const (
	newestEvents = `SELECT ` + eventColumns + ` FROM inbox
		WHERE seq < $1 AND seq >= $9 AND ($3 = '' OR id = $3) AND ($4 = '' OR type = $4) AND received_at >= $5
			AND ($6 = 0 OR provider_account = $7)
			AND (CAST($8 AS BIGINT) = 0 OR EXISTS (SELECT 1 FROM locks WHERE name = ` + eventLease + ` AND expires_at > $8))`
	newestEffects = `SELECT ` + effectColumns + ` FROM outbox
		WHERE seq < $1 AND ($3 = '' OR key = $3) AND ($4 = '' OR kind = $4) AND ($5 = '' OR name = $5) AND ($6 = '' OR endpoint = $6) AND created_at >= $7`
	ofCustomer  = ` AND customer = $10`
	ofAccount   = ` AND account = $8`
	newestFirst = ` ORDER BY seq DESC LIMIT $2 + 0`

	isPending = ` AND state = 'pending'`
	isDone    = ` AND state = 'done'`
	isDead    = ` AND state = 'dead'`
	isIgnored = ` AND state = 'ignored'`
)

const newestEvent = `SELECT COALESCE(MAX(seq), 0) FROM inbox`

// EventFloor returns the Floor of a page that looks at no more than so many events, 0 when the page needs none: its filter has an index, or
// the list has no more.
func (r reads) EventFloor(ctx context.Context, f EventFilter, p Page, walk int64) (int64, error) {
	indexed := f.ID != "" || f.Customer != "" || f.State == Pending || f.State == Dead
	if all := f == (EventFilter{}); all || indexed {
		return 0, nil
	}
	last, err := number[int64](ctx, r, newestEvent)
	return max(0, min(p.before(), last+1)-walk), err
}

// inState is how a list is held to one state, or to none.
var inState = map[string]string{"": "", Pending: isPending, Done: isDone, Dead: isDead, Ignored: isIgnored}

// Events returns a page of the events that f chooses, without their bodies.
func (r reads) Events(ctx context.Context, f EventFilter, p Page) ([]Event, error) {
	query, args := newestEvents+inState[f.State], []any{
		p.before(), p.Limit, storedID(f.from(), f.ID), f.Type, micros(f.Since), flag(f.ProviderAccount != nil), f.from(),
		micros(f.HeldAt), p.Floor,
	}
	if f.Customer != "" {
		query, args = query+ofCustomer, append(args, f.Customer)
	}
	return rows(ctx, r, scanEvent, query+newestFirst, args...)
}

// Effects returns a page of the effects that f chooses.
func (r reads) Effects(ctx context.Context, f EffectFilter, p Page) ([]Effect, error) {
	query, args := newestEffects+inState[f.State], []any{p.before(), p.Limit, f.Key, f.Kind, f.Name, f.Endpoint, micros(f.Since)}
	if f.Account != "" {
		query, args = query+ofAccount, append(args, f.Account)
	}
	return rows(ctx, r, scanEffect, query+newestFirst, args...)
}

const (
	// What lies behind the body in a row is read for one event only: in a list it would cost reading all bodies.
	deliveryByID = `SELECT body, headers FROM inbox WHERE id = $1`

	eventByID   = `SELECT ` + eventColumns + ` FROM inbox WHERE id = $1`
	effectByKey = `SELECT ` + effectColumns + ` FROM outbox WHERE key = $1`
)

// Delivery returns the body and the headers of an event, or an error of code not_found.
func (r reads) Delivery(ctx context.Context, from billing.ProviderAccount, id string) (Event, error) {
	e, err := row(ctx, r, func(from scanner) (e Event, err error) { return e, from.Scan(&e.Body, &e.Headers) }, deliveryByID, storedID(from, id))
	if errors.Is(err, sql.ErrNoRows) {
		return Event{}, noEvent(id)
	}
	return e, err
}

func noEvent(id string) error {
	return billing.Errorf(billing.NotFound, "there is no event %q; events are forgotten some time after they were worked off", id)
}

// Event returns the event of a provider account with an id, without its body, or an error of code not_found.
func (r reads) Event(ctx context.Context, from billing.ProviderAccount, id string) (Event, error) {
	e, err := row(ctx, r, scanEvent, eventByID, storedID(from, id))
	if errors.Is(err, sql.ErrNoRows) {
		return Event{}, noEvent(id)
	}
	return e, err
}

// Effect returns the effect with a key, or an error of code not_found.
func (r reads) Effect(ctx context.Context, key string) (Effect, error) {
	e, err := row(ctx, r, scanEffect, effectByKey, key)
	if errors.Is(err, sql.ErrNoRows) {
		return Effect{}, billing.Errorf(billing.NotFound, "there is no effect %q", key)
	}
	return e, err
}
