package service

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/sqlstore"
)

// Desk is where an operator sees what came in and what goes out, and has it worked off once more. It needs the database alone, so
// the command line has one without a provider; a Service has one too, and takes up at once what is retried at it.
type Desk struct {
	store *sqlstore.Store
	wall  func() time.Time
	// version is the API version that we ask for.
	version string
	// inbox and outbox ring for the workers.
	inbox, outbox func()
	keyring       keyring
}

// NewDesk returns the desk of a database whose workers are in another process: they look for what is due every two seconds. Events in
// another API version than version are flagged; "" flags none.
func NewDesk(store *sqlstore.Store, wall func() time.Time, version string) *Desk {
	return &Desk{store: store, wall: wall, version: version, inbox: func() {}, outbox: func() {}, keyring: keyring{store: store, wall: wall}}
}

// EventFilter chooses events. Its zero fields choose all.
type EventFilter struct {
	State    string // pending (running ones too), running, done, dead or ignored
	Type     string // invoice.paid …
	Customer billing.CustomerID
	Account  billing.AccountID // whose customer it is
	Since    time.Time         // received then or later
	// ProviderAccount is the name of where they came from, "default" of the default one; "" is anywhere.
	ProviderAccount string
}

// EffectFilter chooses effects. Its zero fields choose all.
type EffectFilter struct {
	State    string // pending, done or dead
	Kind     string // mail, call or notice
	Name     string // billing.ReceiptMail, billing.AccessChanged …
	Account  billing.AccountID
	Endpoint string    // a notice's
	Since    time.Time // decided then or later
}

// Page asks for a part of a list, newest first.
type Page struct {
	Cursor string // "" begins with the newest; the answer before this one says how it goes on
	Limit  int    // rows, 0 or more than PageRowsMax is PageRowsMax
}

// PageRowsMax bounds one page of Events and Effects.
const PageRowsMax = 500

// eventWalk bounds how many events are looked at for one page: by type, age or provider account there is no index, which every webhook would
// pay for.
const eventWalk = 20_000

// Events returns a page of the events that f chooses, and the cursor of the next page, "" after the last. A page can have fewer rows than were
// asked for, or none, and a next one all the same: no more than 20,000 events are looked at for each. Errors of code invalid name
// the field of the filter that is wrong.
func (d *Desk) Events(ctx context.Context, f EventFilter, p Page) (events []Event, next string, err error) {
	at, err := p.stored()
	if err != nil {
		return nil, "", err
	}
	stored, none, err := d.events(ctx, f)
	if err != nil || none {
		return nil, "", err
	}
	if at.Floor, err = d.store.EventFloor(ctx, stored, at, eventWalk); err != nil {
		return nil, "", err
	}
	rows, err := d.store.Events(ctx, stored, at)
	rows, next = cut(rows, at, func(row sqlstore.Event) int64 { return row.Seq })
	for _, row := range rows {
		events = append(events, d.event(row))
	}
	return events, next, err
}

// Event returns one event of a provider account, or an error of code not_found.
func (d *Desk) Event(ctx context.Context, from billing.ProviderAccount, id string) (Event, error) {
	row, err := d.store.Event(ctx, from, id)
	if err != nil {
		return Event{}, err
	}
	return d.event(row), nil
}

// Delivery returns how an event came, or an error of code not_found.
func (d *Desk) Delivery(ctx context.Context, from billing.ProviderAccount, id string) (Delivery, error) {
	row, err := d.store.Delivery(ctx, from, id)
	if err != nil {
		return Delivery{}, err
	}
	out := Delivery{Body: row.Body}
	if row.Headers != "" {
		err = json.Unmarshal([]byte(row.Headers), &out.Headers)
	}
	return out, err
}

// Effects returns a page of the effects that f chooses, and the cursor of the next page, "" after the last. Errors of code invalid
// name the field of the filter that is wrong.
func (d *Desk) Effects(ctx context.Context, f EffectFilter, p Page) (effects []Effect, next string, err error) {
	at, err := p.stored()
	if err != nil {
		return nil, "", err
	}
	stored, err := d.effects(ctx, f)
	if err != nil {
		return nil, "", err
	}
	rows, err := d.store.Effects(ctx, stored, at)
	rows, next = cut(rows, at, func(row sqlstore.Effect) int64 { return row.Seq })
	for _, row := range rows {
		effects = append(effects, effectOf(row))
	}
	return effects, next, err
}

// Effect returns one effect, or an error of code not_found.
func (d *Desk) Effect(ctx context.Context, key string) (Effect, error) {
	row, err := d.store.Effect(ctx, key)
	if err != nil {
		return Effect{}, err
	}
	return effectOf(row), nil
}

// cursor names the row after which the next page begins.
func cursor(seq int64) string { return strconv.FormatInt(seq, 10) }

// cut takes off the one row that was read to know whether the list goes on, and says where.
func cut[T any](rows []T, at sqlstore.Page, seq func(T) int64) (page []T, next string) {
	if len(rows) < at.Limit && at.Floor > 1 { // below it nobody has looked
		return rows, cursor(at.Floor)
	}
	if len(rows) < at.Limit {
		return rows, ""
	}
	page = rows[:at.Limit-1]
	return page, cursor(seq(page[len(page)-1]))
}

// stored is the page with one row more than was asked for.
func (p Page) stored() (sqlstore.Page, error) {
	at := sqlstore.Page{Limit: bounded(p.Limit, PageRowsMax) + 1}
	if p.Cursor == "" {
		return at, nil
	}
	var err error
	if at.Before, err = strconv.ParseInt(p.Cursor, 10, 64); err != nil || at.Before <= 0 || cursor(at.Before) != p.Cursor {
		return at, billing.Errorf(billing.Invalid, "the cursor is none that a list has given; leave it out to begin with the newest").In("cursor")
	}
	return at, nil
}

// events checks the filter, and finds the account's customer. none: it has none yet, or is not the customer asked for.
func (d *Desk) events(ctx context.Context, f EventFilter) (of sqlstore.EventFilter, none bool, err error) {
	switch f.State {
	case "", sqlstore.Pending, sqlstore.Running, sqlstore.Done, sqlstore.Dead, sqlstore.Ignored:
	default:
		return of, false, billing.Errorf(billing.Invalid, "the state of an event is pending, running, done, dead or ignored").In("state")
	}
	of = sqlstore.EventFilter{State: f.State, Type: f.Type, Customer: f.Customer, Since: f.Since}
	if f.State == sqlstore.Running {
		of.State, of.HeldAt = sqlstore.Pending, d.wall()
	}
	if f.ProviderAccount != "" {
		from := billing.ProviderAccountNamed(f.ProviderAccount)
		of.ProviderAccount = &from
	}
	if f.Account == "" {
		return of, false, nil
	}
	account, err := d.account(ctx, f.Account)
	none = account.Customer == "" || f.Customer != "" && f.Customer != account.Customer
	of.Customer = account.Customer
	return of, none, err
}

// effects checks the filter.
func (d *Desk) effects(ctx context.Context, f EffectFilter) (of sqlstore.EffectFilter, err error) {
	switch f.State {
	case "", sqlstore.Pending, sqlstore.Done, sqlstore.Dead:
	default:
		return of, billing.Errorf(billing.Invalid, "the state of an effect is pending, done or dead").In("state")
	}
	switch billing.EffectKind(f.Kind) {
	case "", billing.MailEffect, billing.CallEffect, billing.NoticeEffect:
	default:
		return of, billing.Errorf(billing.Invalid, "the kind of an effect is mail, call or notice").In("kind")
	}
	if f.Account != "" {
		_, err = d.account(ctx, f.Account)
	}
	return sqlstore.EffectFilter{State: f.State, Kind: f.Kind, Name: f.Name, Account: f.Account, Endpoint: f.Endpoint, Since: f.Since}, err
}

// account returns the account that a filter names, which must be known: a typing error is not an empty list.
func (d *Desk) account(ctx context.Context, id billing.AccountID) (sqlstore.Account, error) {
	account, err := d.store.Account(ctx, id)
	if billing.CodeOf(err) == billing.NotFound {
		err = billing.Errorf(billing.Invalid, "there is no account with this id").In("account")
	}
	return account, err
}

func (d *Desk) event(row sqlstore.Event) Event {
	if row.State == sqlstore.Pending && row.HeldTo.After(d.wall()) {
		row.State = sqlstore.Running
	}
	return Event{
		ID: row.ID, Type: row.Type, Customer: row.Customer, Object: row.Object, APIVersion: row.APIVersion,
		ProviderAccount: row.ProviderAccount, Foreign: d.version != "" && row.APIVersion != d.version, CreatedAt: row.CreatedAt, ReceivedAt: row.ReceivedAt,
		State: row.State, Attempts: row.Attempts, DueAt: row.DueAt, DoneAt: row.DoneAt, Error: row.Error,
	}
}

func effectOf(row sqlstore.Effect) Effect {
	return Effect{
		Key: row.Key, Kind: row.Kind, Name: row.Name, Endpoint: row.Endpoint, Account: row.Account, CreatedAt: row.CreatedAt,
		DueAt: row.DueAt, TriedAt: row.TriedAt, DoneAt: row.DoneAt, State: row.State, Attempts: row.Attempts, Answer: row.Answer, Error: row.Error,
	}
}

// Queues counts what waits in inbox and outbox, and what was given up.
func (d *Desk) Queues(ctx context.Context) (q Queues, err error) {
	for _, c := range []struct {
		count func(context.Context, string) (int, error)
		state string
		into  *int
	}{
		{d.store.CountEvents, sqlstore.Pending, &q.EventsPending},
		{d.store.CountEvents, sqlstore.Dead, &q.EventsDead},
		{d.store.CountEffects, sqlstore.Pending, &q.EffectsPending},
		{d.store.CountEffects, sqlstore.Dead, &q.EffectsDead},
	} {
		if *c.into, err = c.count(ctx, c.state); err != nil {
			return q, err
		}
	}
	return q, nil
}
