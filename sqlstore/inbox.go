package sqlstore

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/dues-billing/dues/billing"
)

// The states of a row in inbox and outbox.
const (
	Pending = "pending"
	Running = "running" // an event that is pending while somebody holds the lease under which it is worked off: told by that, and never stored
	Done    = "done"
	Dead    = "dead"    // given up after too many tries; its error is kept
	Ignored = "ignored" // an event about no customer, kept to be seen
)

// Event is a webhook in the inbox.
type Event struct {
	Seq        int64
	ID         string
	Type       string
	Customer   billing.CustomerID
	Object     string
	APIVersion string
	CreatedAt  time.Time // by the provider's clock
	ReceivedAt time.Time // by the wall clock, like the times below
	Body       []byte    // as received; reading lists leaves it out, and the headers
	Headers    string    // of its delivery, as JSON; "" of one that was not delivered
	State      string
	Attempts   int
	DueAt      time.Time
	DoneAt     time.Time
	Error      string
	// ProviderAccount is where it came from; an id is unique within it.
	ProviderAccount billing.ProviderAccount
	// HeldTo is until when somebody holds the lease under which it is worked off: then it is Running. Zero unless it is pending.
	HeldTo time.Time
}

// storedID is how an event's id is stored, so that it is unique within its provider account: of another than the default one, the name of
// the account comes before it. The column is unique by itself, for the version before relies on that.
func storedID(from billing.ProviderAccount, id string) string {
	if from == "" || id == "" {
		return id
	}
	return string(from) + "/" + id
}

// Due is a customer with events to work off, or an object that events are about which name no customer.
type Due struct {
	Customer billing.CustomerID
	Object   string // set when Customer is not
	Type     string // of one of the events about Object
	// ProviderAccount is where the events came from: ids of objects such as products are unique within it only.
	ProviderAccount billing.ProviderAccount
	Seq             int64     // the newest of its due events that were looked at
	Attempts        int       // the most that one of them was tried
	Since           time.Time // of a customer: when the first of them became due
}

const eventColumns = `seq, id, type, customer, object, api_version, created_at, received_at, state, attempts, due_at, done_at, error, provider_account, ` + heldTo

// heldTo is until when the lease is held under which a pending event is worked off. Its row says nothing of that: a second write for each
// event would tell what the lease tells, and would outlive a crash.
const heldTo = `CASE WHEN state = 'pending' THEN COALESCE((SELECT expires_at FROM locks WHERE name = ` + eventLease + `), 0) ELSE 0 END`

const eventLease = `CASE WHEN inbox.customer <> '' THEN '` + customerLease + `' || inbox.customer ELSE '` + objectLease + `' || inbox.object END`

const (
	dueEvents   = `SELECT customer, seq, attempts, due_at FROM inbox WHERE state = 'pending' AND provider_account = $3 AND due_at <= $1 ORDER BY due_at, seq LIMIT $2 + 0`
	nextEvent   = `SELECT COALESCE(MIN(due_at), 0) FROM inbox WHERE state = 'pending' AND provider_account = $1`
	eventsWait  = `SELECT COUNT(*) FROM inbox WHERE customer = $1 AND state = 'pending'`
	oldestEvent = `SELECT COALESCE(MIN(received_at), 0) FROM inbox WHERE state = 'pending'`
	lastEventOf = `SELECT COALESCE(MAX(seq), 0) FROM inbox WHERE customer = $1`
	waitingOf   = `SELECT seq, id, type, object, received_at, state FROM inbox WHERE customer = $1 AND state IN ('pending', 'dead') ORDER BY seq LIMIT $2 + 0`
	// A fetch of everything after an event was taken in shows what the event spoke of, also when the event was given up before.
	eventsDone = `UPDATE inbox SET state = 'done', done_at = $3, error = '' WHERE customer = $1 AND seq <= $2 AND state IN ('pending', 'dead')`
	namedDone  = `UPDATE inbox SET state = 'done', done_at = $4, error = '' WHERE customer = $1 AND seq BETWEEN $2 AND $3 AND state IN ('pending', 'dead')`
	eventsLate = `UPDATE inbox SET attempts = attempts + $6, due_at = $3, error = $4, state = $5
		WHERE customer = $1 AND seq <= $2 AND state = 'pending'`
	countEvents = `SELECT COUNT(*) FROM inbox WHERE state = $1`
)

func scanEvent(from scanner) (e Event, err error) {
	err = from.Scan(&e.Seq, &e.ID, &e.Type, &e.Customer, &e.Object, &e.APIVersion, moment{&e.CreatedAt}, moment{&e.ReceivedAt},
		&e.State, &e.Attempts, moment{&e.DueAt}, moment{&e.DoneAt}, &e.Error, &e.ProviderAccount, moment{&e.HeldTo})
	if e.ProviderAccount != "" {
		e.ID = strings.TrimPrefix(e.ID, string(e.ProviderAccount)+"/")
	}
	return e, err
}

// AddEvent commits an event to the inbox, and reports false when one of its provider account with its id is there already. An event about no customer
// should come with State Ignored and DoneAt: it is kept, and nobody works on it.
func (s *Store) AddEvent(ctx context.Context, e Event) (added bool, err error) {
	return s.arrive(ctx, e)
}

// AddEvent is Store.AddEvent within a transaction of the caller's.
func (tx *Tx) AddEvent(ctx context.Context, e Event) (bool, error) {
	added, err := changed(tx.db.ExecContext(ctx, addEvent, eventValues(e)...))
	if err == nil && added {
		err = tx.SetHome(ctx, e.Customer, e.ProviderAccount)
	}
	return added, err
}

// eventsPerCustomer is how many events are looked through for each customer that was asked for: about what a renewal brings.
const eventsPerCustomer = 8

// DueCustomers returns customers of a provider account with pending events that are due, longest waiting first, and among them the objects
// of events that name no customer. It looks through a bounded number of events, however many wait there or elsewhere.
func (r reads) DueCustomers(ctx context.Context, of billing.ProviderAccount, now time.Time, limit int) ([]Due, error) {
	events, err := rows(ctx, r, func(from scanner) (d Due, err error) {
		d.ProviderAccount = of
		return d, from.Scan(&d.Customer, &d.Seq, &d.Attempts, moment{&d.Since})
	}, dueEvents, micros(now), limit*eventsPerCustomer, of)
	if err != nil {
		return nil, err
	}
	var due []Due
	unnamed := -1 // where the objects go: in the place of the one that has waited longest
	place := map[billing.CustomerID]int{}
	for _, event := range events {
		at, known := place[event.Customer]
		if known {
			due[at].Seq, due[at].Attempts = max(due[at].Seq, event.Seq), max(due[at].Attempts, event.Attempts)
		} else if len(due) < limit {
			place[event.Customer] = len(due)
			if event.Customer == "" {
				unnamed = len(due)
			}
			due = append(due, event)
		}
	}
	if unnamed < 0 {
		return due, nil
	}
	objects, err := r.dueObjects(ctx, of, now, limit-len(due)+1)
	return slices.Replace(due, unnamed, unnamed+1, objects...), err
}

// NextEvent returns when the next pending event of a provider account is due, zero when none is pending.
func (r reads) NextEvent(ctx context.Context, of billing.ProviderAccount) (time.Time, error) {
	return row(ctx, r, scanMoment, nextEvent, of)
}

// OldestEvent returns when the longest waiting event was received, zero when none waits.
func (r reads) OldestEvent(ctx context.Context) (time.Time, error) {
	return row(ctx, r, scanMoment, oldestEvent)
}

// LastEvent returns the number of the customer's newest event, 0 without one.
func (r reads) LastEvent(ctx context.Context, customer billing.CustomerID) (int64, error) {
	return number[int64](ctx, r, lastEventOf, customer)
}

// EventsWait reports whether an event about the customer waits to be worked off.
func (r reads) EventsWait(ctx context.Context, customer billing.CustomerID) (bool, error) {
	n, err := number[int](ctx, r, eventsWait, customer)
	return n > 0, err
}

// WaitingEvents returns what is kept of the customer's events that are not worked off, oldest first: their numbers, ids, types, objects,
// arrivals and states. What lies behind the body in a row would cost reading that.
func (r reads) WaitingEvents(ctx context.Context, customer billing.CustomerID, limit int) ([]Event, error) {
	return rows(ctx, r, func(from scanner) (e Event, err error) {
		return e, from.Scan(&e.Seq, &e.ID, &e.Type, &e.Object, moment{&e.ReceivedAt}, &e.State)
	}, waitingOf, customer, limit)
}

// NamedDone marks the customer's events from first to last as worked off, and reports whether these were so many as the caller knows
// of. One more may have come in between: on PostgreSQL a number can be given before a higher one and be seen after it.
func (tx *Tx) NamedDone(ctx context.Context, customer billing.CustomerID, first, last int64, known int, at time.Time) (bool, error) {
	result, err := tx.db.ExecContext(ctx, namedDone, customer, first, last, micros(at))
	if err != nil {
		return false, err
	}
	n, err := result.RowsAffected()
	return n <= int64(known), err
}

// EventsDone marks the customer's events up to seq as worked off.
func (tx *Tx) EventsDone(ctx context.Context, customer billing.CustomerID, seq int64, at time.Time) error {
	return tx.put(ctx, string(customer), eventsDone, customer, seq, micros(at))
}

// Late is what a failed try makes of events.
type Late struct {
	Due       time.Time // when they are tried again
	Cause     string
	Dead      bool // they are given up instead
	Uncounted bool // the try was nobody's: it is not one of those after which they are given up
}

// EventsLate notes a failed try on the customer's pending events up to seq.
func (tx *Tx) EventsLate(ctx context.Context, customer billing.CustomerID, seq int64, l Late) error {
	_, err := tx.db.ExecContext(ctx, eventsLate, customer, seq, micros(l.Due), l.Cause, lateState(l.Dead), flag(!l.Uncounted))
	return err
}

func lateState(dead bool) string {
	if dead {
		return Dead
	}
	return Pending
}

// CountEvents returns how many events are Pending or Dead; these have an index.
func (r reads) CountEvents(ctx context.Context, state string) (int, error) {
	return number[int](ctx, r, countEvents, state)
}
