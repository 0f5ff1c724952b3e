package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os/user"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
	"github.com/dues-billing/dues/sqlstore"
	"github.com/dues-billing/dues/stripeprovider"
)

type eventCommands struct {
	List   eventList   `cmd:"" help:"The newest webhooks and what became of them."`
	Tail   eventTail   `cmd:"" help:"Each webhook when it comes in, and when it is worked off."`
	Show   eventShow   `cmd:"" help:"One webhook as it came: its headers, its body and the last error."`
	Retry  eventRetry  `cmd:"" help:"Work off again what was given up."`
	Replay eventReplay `cmd:"" help:"Work off anew what was worked off. It causes fetches and sends nothing twice."`
}

type effectCommands struct {
	List   effectList   `cmd:"" help:"The newest mails, calls and notices and what became of them."`
	Retry  effectRetry  `cmd:"" help:"Let happen what was given up."`
	Replay effectReplay `cmd:"" help:"Send notices again that were delivered. Nothing is mailed twice."`
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

// sit is use at the operator's desk.
func (d inDatabase) sit(ctx context.Context, work func(*service.Desk) error) error {
	return d.use(ctx, func(store *sqlstore.Store) error {
		return work(service.NewDesk(store, time.Now, stripeprovider.APIVersion))
	})
}

// act is sit for what changes something: the audit log has a line of it.
func (d inDatabase) act(ctx context.Context, command, object string, work func(*service.Desk, *service.Act) error) error {
	return d.sit(ctx, func(desk *service.Desk) error {
		by := service.Actor{Kind: service.CLIActor}
		if who, err := user.Current(); err == nil { // a container may have nobody
			by.Name = who.Username
		}
		return desk.Audited(ctx, service.Act{Actor: by, Action: command, Object: object}, func(act *service.Act) error { return work(desk, act) })
	})
}

// page are the flags of lists.
type page struct {
	Limit  int    `help:"Rows. Default: 50; at most 500." default:"50" placeholder:"N"`
	Cursor string `help:"Where the list before this one says that it goes on." placeholder:"CURSOR"`
	JSON   bool   `name:"json" help:"A line of JSON for each."`
}

func (p page) asked() service.Page { return service.Page{Cursor: p.Cursor, Limit: p.Limit} }

// eventChoice are the flags that choose events.
type eventChoice struct {
	inDatabase
	Type     string    `help:"Only of this type." placeholder:"TYPE"`
	Customer string    `help:"Only about this customer." placeholder:"cus_…"`
	Account  string    `help:"Only about this account's customer." placeholder:"ID"`
	Since    time.Time `help:"Only what was received then or later." placeholder:"2026-01-31T00:00:00Z"`

	ProviderAccount string `help:"Only from this provider account; with --id, the one that it came from. Default of --id: default." placeholder:"NAME"`
}

func (e eventChoice) filter(state string) service.EventFilter {
	return service.EventFilter{
		State: state, Type: e.Type, Customer: billing.CustomerID(e.Customer), Account: billing.AccountID(e.Account), Since: e.Since,
		ProviderAccount: e.ProviderAccount,
	}
}

type eventList struct {
	eventChoice
	State string `help:"Only those that are pending (running ones too), running, done, dead or ignored." placeholder:"STATE"`
	page
}

// Help teaches by examples.
func (eventList) Help() string {
	return `  dues events list
  dues events list --account ada --type invoice.paid
  dues events list --state dead --json | jq -r .error`
}

// Run prints events, the newest first.
func (l eventList) Run(ctx context.Context, c console) error {
	return l.sit(ctx, func(desk *service.Desk) error {
		events, next, err := desk.Events(ctx, l.filter(l.State), l.asked())
		if err != nil {
			return err
		}
		t := lines{console: c, json: l.JSON, head: "EVENT\tTYPE\tCUSTOMER\tSTATE\tTRIES\tRECEIVED\tVERSION\tERROR"}
		for _, e := range events {
			t.add(map[string]any{
				"id": e.ID, "type": e.Type, "customer": e.Customer, "object": e.Object, "state": e.State, "attempts": e.Attempts,
				"created_at": e.CreatedAt, "received_at": e.ReceivedAt, "due_at": e.DueAt, "done_at": e.DoneAt,
				"provider_account": e.ProviderAccount.Name(), "api_version": e.APIVersion, "foreign_version": e.Foreign, "error": e.Error,
			}, e.ID, e.Type, e.Customer, e.State, e.Attempts, e.ReceivedAt.Format(time.DateTime), shownVersion(e), short(e.Error))
		}
		return t.end(next)
	})
}

// shownVersion flags the API version of an event that is not ours. The event is taken in all the same.
func shownVersion(e service.Event) string {
	if !e.Foreign {
		return e.APIVersion
	}
	return cmp.Or(e.APIVersion, "none") + " (foreign)"
}

type eventShow struct {
	inDatabase
	ProviderAccount string `help:"The name of the provider account that it came from. Default: default." placeholder:"NAME"`
	ID              string `arg:"" help:"Stripe's id: evt_…" placeholder:"evt_…"`
}

// Help teaches by examples.
func (eventShow) Help() string {
	return `Its body as Stripe sent it goes to standard output, all else to standard error:

  dues events show evt_1Sx8b22eZvKYlo2C
  dues events show evt_1Sx8b22eZvKYlo2C | jq .data.object`
}

// Run prints what is known of one event. Its body goes to standard output, the rest to standard error.
func (v eventShow) Run(ctx context.Context, c console) error {
	from := billing.ProviderAccountNamed(v.ProviderAccount)
	return v.sit(ctx, func(desk *service.Desk) error {
		e, err := desk.Event(ctx, from, v.ID)
		if err != nil {
			return err
		}
		came, err := desk.Delivery(ctx, from, v.ID)
		if err != nil {
			return err
		}
		say := console{c.err, c.err}
		say.printf("%s %s, received %s: %s after %d tries\n", e.ID, e.Type, e.ReceivedAt.UTC().Format(time.RFC3339), e.State, e.Attempts)
		if e.Error != "" {
			say.printf("error: %s\n", e.Error)
		}
		if len(came.Headers) == 0 {
			say.printf("no headers: it was found in Stripe's list of events, or came before they were kept\n")
		}
		for _, name := range slices.Sorted(maps.Keys(came.Headers)) {
			say.printf("%s: %s\n", name, came.Headers[name])
		}
		c.printf("%s\n", bytes.TrimSpace(came.Body))
		return nil
	})
}

// eventAgain are the flags by which events are worked off once more.
type eventAgain struct {
	ID string `help:"This event, whatever became of it." placeholder:"evt_…"`
	eventChoice
}

// again works off those in a state, or the one.
func (a eventAgain) again(ctx context.Context, c console, command, state string) error {
	return a.act(ctx, command, a.ID, func(desk *service.Desk, act *service.Act) (err error) {
		act.Account = billing.AccountID(a.Account)
		n := int64(1)
		switch f := a.filter(state); {
		case a.ID == "":
			n, err = desk.RetryEvents(ctx, f)
		case f != (service.EventFilter{State: state, ProviderAccount: f.ProviderAccount}):
			err = errBoth("--id")
		default:
			_, err = desk.RetryEvent(ctx, billing.ProviderAccountNamed(a.ProviderAccount), a.ID)
		}
		if err == nil {
			c.printf("%d events are worked off again\n", n)
		}
		return err
	})
}

// errBoth is one row that was named together with a filter.
func errBoth(flag string) error {
	return hint(fmt.Errorf("%s names one, so nothing else can choose", flag), "leave out either %s or the other flags", flag)
}

type eventRetry struct{ eventAgain }

// Help teaches by examples.
func (eventRetry) Help() string {
	return `  dues events retry                          all that was given up
  dues events retry --type invoice.paid
  dues events retry --id evt_1Sx8b22eZvKYlo2C`
}

// Run makes events due that were given up.
func (r eventRetry) Run(ctx context.Context, c console) error {
	return r.again(ctx, c, "events retry", sqlstore.Dead)
}

type eventReplay struct{ eventAgain }

// Help teaches by examples.
func (eventReplay) Help() string {
	return `All that was received since a moment:

  dues events replay --since 2026-01-31T00:00:00Z

One event:

  dues events replay --id evt_…`
}

// Run makes events due that were worked off.
func (r eventReplay) Run(ctx context.Context, c console) error {
	return r.again(ctx, c, "events replay", sqlstore.Done)
}

// effectChoice are the flags that choose effects.
type effectChoice struct {
	inDatabase
	Kind     string    `help:"Only mail, call or notice." placeholder:"KIND"`
	Name     string    `help:"Only of this name, such as receipt or access.changed." placeholder:"NAME"`
	Account  string    `help:"Only on this account." placeholder:"ID"`
	Endpoint string    `help:"Only notices to this endpoint." placeholder:"NAME"`
	Since    time.Time `help:"Only what was decided then or later." placeholder:"2026-01-31T00:00:00Z"`
}

func (e effectChoice) filter(state string) service.EffectFilter {
	return service.EffectFilter{
		State: state, Kind: e.Kind, Name: e.Name, Account: billing.AccountID(e.Account), Endpoint: e.Endpoint, Since: e.Since,
	}
}

type effectList struct {
	effectChoice
	State string `help:"Only those that are pending, done or dead." placeholder:"STATE"`
	page
}

// Help teaches by examples.
func (effectList) Help() string {
	return `  dues effects list
  dues effects list --account ada --name receipt
  dues effects list --state dead --json`
}

// Run prints effects, the newest first.
func (l effectList) Run(ctx context.Context, c console) error {
	return l.sit(ctx, func(desk *service.Desk) error {
		effects, next, err := desk.Effects(ctx, l.filter(l.State), l.asked())
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
		return t.end(next)
	})
}

// effectAgain are the flags by which effects happen that were given up, or notices once more.
type effectAgain struct {
	Key string `help:"This effect, whatever became of it." placeholder:"KEY"`
	effectChoice
}

// again lets those in a state happen, or the one.
func (a effectAgain) again(ctx context.Context, c console, command, state string) error {
	return a.act(ctx, command, a.Key, func(desk *service.Desk, act *service.Act) (err error) {
		act.Account = billing.AccountID(a.Account)
		n := int64(1)
		switch f := a.filter(state); {
		case a.Key == "":
			n, err = desk.RetryEffects(ctx, f)
		case f != (service.EffectFilter{State: state}):
			err = errBoth("--key")
		default:
			_, err = desk.RetryEffect(ctx, a.Key)
		}
		if err == nil {
			c.printf("%d effects are tried again\n", n)
		}
		return err
	})
}

type effectRetry struct{ effectAgain }

// Help teaches by examples.
func (effectRetry) Help() string {
	return `Everything that was given up:

  dues effects retry

Receipts that the mail server refused:

  dues effects retry --name receipt`
}

// Run makes effects due that were given up.
func (r effectRetry) Run(ctx context.Context, c console) error {
	return r.again(ctx, c, "effects retry", sqlstore.Dead)
}

type effectReplay struct{ effectAgain }

// Help teaches by examples.
func (effectReplay) Help() string {
	return `All notices of a day that the application has lost:

  dues effects replay --endpoint app --since 2026-01-31T00:00:00Z

Their receiver knows them by their id. Mails and calls to Stripe that have happened never happen again.`
}

// Run makes notices due that were delivered.
func (r effectReplay) Run(ctx context.Context, c console) error {
	return r.again(ctx, c, "effects replay", sqlstore.Done)
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

// end prints what is left, and how the list goes on.
func (l *lines) end(next string) error {
	switch {
	case l.json:
	case l.table == nil:
		l.printf("there is none\n")
	default:
		l.err = errors.Join(l.err, l.table.Flush())
	}
	if next != "" && !l.json {
		l.printf("older ones: --cursor %s\n", next)
	}
	return l.err
}
