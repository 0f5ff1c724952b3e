package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/sqlstore"
	"github.com/dues-billing/dues/stripeprovider"
)

// queueRows is how much dues events and dues effects print.
const queueRows = 50

type eventCommands struct {
	List  eventList  `cmd:"" help:"The newest webhooks and what became of them."`
	Retry eventRetry `cmd:"" help:"Work off again what was given up, or with --done what was worked off."`
}

type effectCommands struct {
	List  effectList  `cmd:"" help:"The newest mails, calls and notices and what became of them."`
	Retry effectRetry `cmd:"" help:"Let happen what was given up, or with --done send notices again that were delivered. Nothing is mailed twice."`
}

// inDatabase are the flags of commands that look at the queues; a running service takes up at once what they change.
type inDatabase struct {
	Database string `help:"sqlite:PATH or postgres://… Default: sqlite:dues.db." env:"DUES_DATABASE" default:"sqlite:dues.db" placeholder:"URL"`
}

// use opens the database for one piece of work.
func (d inDatabase) use(ctx context.Context, work func(*sqlstore.Store) error) error {
	store, err := sqlstore.Open(ctx, d.Database)
	if err != nil {
		return err
	}
	if err := store.Check(ctx); err != nil {
		return errors.Join(hint(err, "dues serve brings the schema up to date when it starts, or dues migrate"), store.Close())
	}
	return errors.Join(work(store), store.Close())
}

type eventList struct {
	inDatabase
	Customer string `help:"Only about this customer." placeholder:"cus_…"`
	JSON     bool   `name:"json" help:"A line of JSON for each."`
}

// Run prints events, the newest first.
func (l eventList) Run(ctx context.Context, c console) error {
	return l.use(ctx, func(store *sqlstore.Store) error {
		events, err := store.Events(ctx, billing.CustomerID(l.Customer), queueRows)
		if err != nil {
			return err
		}
		t := lines{console: c, json: l.JSON, head: "EVENT\tTYPE\tCUSTOMER\tSTATE\tTRIES\tRECEIVED\tVERSION\tERROR"}
		for _, e := range events {
			t.add(map[string]any{
				"id": e.ID, "type": e.Type, "customer": e.Customer, "state": e.State, "attempts": e.Attempts, "received_at": e.ReceivedAt,
				"api_version": e.APIVersion, "foreign_version": e.APIVersion != stripeprovider.APIVersion, "error": e.Error,
			}, e.ID, e.Type, e.Customer, e.State, e.Attempts, e.ReceivedAt.Format(time.DateTime), shownVersion(e.APIVersion), short(e.Error))
		}
		return t.end()
	})
}

// shownVersion flags the API version of an event that is not ours. The event is taken in all the same.
func shownVersion(of string) string {
	if of == stripeprovider.APIVersion {
		return of
	}
	return cmp.Or(of, "none") + " (foreign)"
}

type eventRetry struct {
	inDatabase
	ID       string `help:"Only this event." placeholder:"evt_…"`
	Type     string `help:"Only of this type." placeholder:"TYPE"`
	Customer string `help:"Only about this customer." placeholder:"cus_…"`
	Done     bool   `help:"Those that were worked off, instead of those that were given up. It causes fetches and sends nothing twice."`
}

// Run makes events due.
func (r eventRetry) Run(ctx context.Context, c console) error {
	filter := sqlstore.EventFilter{ID: r.ID, Type: r.Type, Customer: billing.CustomerID(r.Customer), State: sqlstore.Dead}
	if r.Done {
		filter.State = sqlstore.Done
	}
	return r.use(ctx, func(store *sqlstore.Store) error {
		n, err := store.RetryEvents(ctx, filter, time.Now())
		if err == nil {
			c.printf("%d events are worked off again\n", n)
		}
		return err
	})
}

type effectList struct {
	inDatabase
	Account string `help:"Only on this account." placeholder:"ID"`
	JSON    bool   `name:"json" help:"A line of JSON for each."`
}

// Run prints effects, the newest first.
func (l effectList) Run(ctx context.Context, c console) error {
	return l.use(ctx, func(store *sqlstore.Store) error {
		effects, err := store.Effects(ctx, billing.AccountID(l.Account), queueRows)
		if err != nil {
			return err
		}
		t := lines{console: c, json: l.JSON, head: "KEY\tKIND\tNAME\tACCOUNT\tSTATE\tTRIES\tDECIDED\tERROR"}
		for _, e := range effects {
			t.add(map[string]any{
				"key": e.Key, "kind": e.Kind, "name": e.Name, "endpoint": e.Endpoint, "account": e.Account, "state": e.State, "attempts": e.Attempts,
				"created_at": e.CreatedAt, "due_at": e.DueAt, "tried_at": e.TriedAt, "done_at": e.DoneAt, "answer": e.Answer, "error": e.Error,
			}, e.Key, e.Kind, e.Name, e.Account, e.State, e.Attempts, e.CreatedAt.Format(time.DateTime), short(e.Error))
		}
		return t.end()
	})
}

type effectRetry struct {
	inDatabase
	Key      string    `help:"Only this effect." placeholder:"KEY"`
	Name     string    `help:"Only of this name, such as receipt or access.changed." placeholder:"NAME"`
	Account  string    `help:"Only on this account." placeholder:"ID"`
	Endpoint string    `help:"Only notices to this endpoint." placeholder:"NAME"`
	Since    time.Time `help:"Only what was decided then or later." placeholder:"2026-01-31T00:00:00Z"`
	Done     bool      `help:"Notices that were delivered, too. Their receiver knows them by their id."`
}

// Help teaches by examples.
func (effectRetry) Help() string {
	return `Everything that was given up:

  dues effects retry

All notices of a day that the application has lost, and nothing else:

  dues effects retry --done --endpoint app --since 2026-01-31T00:00:00Z`
}

// Run makes effects due.
func (r effectRetry) Run(ctx context.Context, c console) error {
	return r.use(ctx, func(store *sqlstore.Store) error {
		n, err := store.RetryEffects(ctx, sqlstore.EffectFilter{
			Key: r.Key, Name: r.Name, Account: billing.AccountID(r.Account), Endpoint: r.Endpoint, Since: r.Since, Done: r.Done,
		}, time.Now())
		if err == nil {
			c.printf("%d effects are tried again\n", n)
		}
		return err
	})
}

// lines prints rows as a table, or as lines of JSON.
type lines struct {
	console
	json  bool
	head  string
	table *tabwriter.Writer
	err   error
}

func (l *lines) add(object map[string]any, row ...any) {
	if l.json {
		l.err = errors.Join(l.err, json.NewEncoder(l.out).Encode(object))
		return
	}
	if l.table == nil {
		l.table = tabwriter.NewWriter(l.out, 0, 4, 2, ' ', 0)
		_, err := fmt.Fprintln(l.table, l.head)
		l.err = errors.Join(l.err, err)
	}
	for i, cell := range row {
		if i > 0 {
			_, _ = fmt.Fprint(l.table, "\t") // to memory until Flush
		}
		_, _ = fmt.Fprint(l.table, cell)
	}
	_, _ = fmt.Fprintln(l.table)
}

func (l *lines) end() error {
	switch {
	case l.table != nil:
		return errors.Join(l.err, l.table.Flush())
	case !l.json:
		l.printf("there is none\n")
	}
	return l.err
}
