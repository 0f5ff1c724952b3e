package sqlstore

import (
	"context"
	"fmt"
	"strings"
)

// addEvents is addEvent for several rows, which stand for ROWS, and answers with the ids of those that were not there.
const (
	newColumns = `id, type, customer, object, api_version, created_at, received_at, body, state, due_at, done_at, provider_account, headers`
	addEvent   = `INSERT INTO inbox (` + newColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT (id) DO NOTHING`
	addEvents  = `INSERT INTO inbox (` + newColumns + `) VALUES ROWS ON CONFLICT (id) DO NOTHING RETURNING id`
)

// eventPlaces is how many places addEvent has.
const eventPlaces = 13

// eventValues are what goes into them.
func eventValues(e Event) []any {
	return []any{
		storedID(e.ProviderAccount, e.ID), e.Type, e.Customer, e.Object, e.APIVersion, micros(e.CreatedAt), micros(e.ReceivedAt), e.Body, e.State,
		micros(e.DueAt), micros(e.DoneAt), e.ProviderAccount, e.Headers,
	}
}

// arrival is an event on its way into the inbox.
type arrival struct {
	event Event
	added bool
	err   error
}

// arrivalsMax bounds one commit of arrivals, so that the last of it does not wait for long.
const arrivalsMax = 256

// arrive commits an event, with those that arrive meanwhile: a commit costs a sync of the disk, however many rows it holds.
func (s *Store) arrive(ctx context.Context, e Event) (bool, error) {
	own := &arrival{event: e, err: errUndone}
	ctx = context.WithoutCancel(ctx) // the batch is not only its leader's
	s.arrivals.do(own, arrivalsMax, func(batch []*arrival) {
		err := s.InTx(ctx, func(tx *Tx) error { return tx.addArrivals(ctx, batch) })
		for _, a := range batch {
			if a.err = err; err != nil && len(batch) > 1 { // one bad row must not fail the others
				a.err = s.InTx(ctx, func(tx *Tx) (err error) {
					a.added, err = tx.AddEvent(ctx, a.event)
					return err
				})
			}
		}
	})
	return own.added && own.err == nil, own.err
}

// addArrivals adds events to the inbox, and notes which were not there. On PostgreSQL a statement is a round trip, so those of a batch share
// some; SQLite has no way to go, and answering with the ids costs it more than the statements.
func (tx *Tx) addArrivals(ctx context.Context, batch []*arrival) (err error) {
	var several []addition
	if !tx.dialect.oneWriter {
		several = additions
	}
	for _, a := range several {
		for ; len(batch) >= a.events; batch = batch[a.events:] {
			if err := tx.addSeveral(ctx, a.statement, batch[:a.events]); err != nil {
				return err
			}
		}
	}
	for _, a := range batch {
		if a.added, err = tx.AddEvent(ctx, a.event); err != nil {
			return err
		}
	}
	return nil
}

// addition is addEvents for so many events.
type addition struct {
	events    int
	statement string
}

// additions are few, for the database keeps each prepared: 63 events take nine statements.
var additions = []addition{adding(64), adding(16), adding(4)}

func adding(events int) addition {
	var rows, row []string
	for place := range events * eventPlaces {
		if row = append(row, fmt.Sprintf("$%d", place+1)); len(row) == eventPlaces {
			rows, row = append(rows, "("+strings.Join(row, ", ")+")"), nil
		}
	}
	return addition{events, strings.Replace(addEvents, "ROWS", strings.Join(rows, ", "), 1)}
}

func (tx *Tx) addSeveral(ctx context.Context, statement string, batch []*arrival) error {
	values := make([]any, 0, len(batch)*eventPlaces)
	for _, a := range batch {
		values = append(values, eventValues(a.event)...)
	}
	// Not by rows, which takes a text that the database cannot hold for one that is not there: an event with such a text must fail.
	found, err := tx.db.QueryContext(ctx, statement, values...)
	if err != nil {
		return err
	}
	defer func() { _ = found.Close() }() // found.Err tells what matters
	fresh := map[string]bool{}
	for found.Next() {
		var id string
		if err := found.Scan(&id); err != nil {
			return err
		}
		fresh[id] = true
	}
	if err := found.Err(); err != nil {
		return err
	}
	for _, a := range batch {
		id := storedID(a.event.ProviderAccount, a.event.ID)
		a.added = fresh[id]
		delete(fresh, id) // what came twice at once is added once
		if !a.added {
			continue
		}
		if err := tx.SetHome(ctx, a.event.Customer, a.event.ProviderAccount); err != nil {
			return err
		}
	}
	return nil
}
