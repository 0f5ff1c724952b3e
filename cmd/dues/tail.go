package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// Of the newest events so many are looked at, so often: what comes faster than that is in dues events list.
const (
	tailWindow = 500
	tailEvery  = time.Second
)

type eventTail struct {
	inDatabase
	Type    string `help:"Only of this type." placeholder:"TYPE"`
	Account string `help:"Only about this account's customer." placeholder:"ID"`
	Last    int    `help:"Begin with so many of those that have come already." default:"10" placeholder:"N"`
	JSON    bool   `name:"json" help:"A line of JSON for each."`
}

// Help teaches by examples.
func (eventTail) Help() string {
	return `Prints each webhook when it has come in, and once more when it was worked off or given up. Ctrl-C ends it.

  dues events tail
  dues events tail --type invoice.paid --json | jq -r .customer`
}

// Run prints what comes until somebody has seen enough.
func (t eventTail) Run(ctx context.Context, c console) error {
	return t.sit(ctx, func(desk *service.Desk) error {
		seen, first := map[string]string{}, true
		again := time.NewTicker(tailEvery)
		defer again.Stop()
		for {
			events, _, err := desk.Events(ctx, service.EventFilter{Type: t.Type, Account: billing.AccountID(t.Account)}, service.Page{Limit: tailWindow})
			if ctx.Err() != nil {
				return nil
			}
			if err != nil {
				return err
			}
			if err := t.print(c, events, seen, first); err != nil {
				return err
			}
			first = false
			select {
			case <-ctx.Done():
				return nil
			case <-again.C:
			}
		}
	})
}

// print prints what is new, oldest first, and remembers the states of all.
func (t eventTail) print(c console, events []service.Event, seen map[string]string, first bool) error {
	known := map[string]string{}
	for i, e := range slices.Backward(events) {
		key := e.ProviderAccount.Name() + " " + e.ID
		state, before := seen[key]
		known[key] = e.State
		passed := first && i >= t.Last || before && (state == e.State || e.State != "done" && e.State != "dead")
		if passed {
			continue
		}
		if err := t.line(c, e); err != nil {
			return err
		}
	}
	clear(seen)
	for key, state := range known {
		seen[key] = state
	}
	return nil
}

func (t eventTail) line(c console, e service.Event) error {
	if t.JSON {
		return json.NewEncoder(c.out).Encode(map[string]any{
			"id": e.ID, "type": e.Type, "customer": e.Customer, "object": e.Object, "state": e.State, "attempts": e.Attempts, "received_at": e.ReceivedAt.UTC(),
			"provider_account": e.ProviderAccount.Name(), "error": e.Error,
		})
	}
	_, err := fmt.Fprintf(c.out, "%s  %-7s  %-40s  %-18s  %s  %s\n", e.ReceivedAt.UTC().Format(time.TimeOnly), e.State, e.Type, e.Customer, e.ID, short(e.Error))
	return err
}
