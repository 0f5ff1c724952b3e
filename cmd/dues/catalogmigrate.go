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
	"github.com/dues-billing/dues/service"
)

type catalogMigrate struct {
	shop
	From   string  `arg:"" help:"The archived price."`
	To     string  `arg:"" optional:"" help:"The newer one. Default: the move_to of the archived one; another is refused."`
	DryRun bool    `help:"Say who would be moved and change nothing. The exit code is 2 when somebody would."`
	Rate   float64 `help:"Subscriptions per second; one costs some fifteen of the 25 requests a second that Stripe allows in test mode, or of the 100 in live mode." default:"1"`
	JSON   bool    `name:"json" help:"A line of JSON for each subscription, and one for the sum."`
}

// Help teaches by examples.
func (catalogMigrate) Help() string {
	return `Moves those who pay an archived price to the one that its move_to names, from their next period on: nothing is charged or credited now, and they are
mailed as for any change of plan. Who has cancelled, is overdue, paused, or billed in a currency that the new price lacks is skipped.

  dues catalog migrate pro-monthly --dry-run   who would be moved
  dues catalog migrate pro-monthly             moves, and prints a line for each: moved, skipped or failed, and why
  dues catalog moves pro-monthly               the same lines, from the ledger

It may run beside the service. A run that breaks off can be repeated: it takes on who is left. The exit code is 1 when somebody failed.`
}

// Run moves subscribers.
func (m catalogMigrate) Run(ctx context.Context, c console) (err error) {
	svc, err := m.open(ctx, m.logger(c.err))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, svc.Close()) }()
	say := moveLine(c, m.JSON)
	begun := time.Now()
	n := 0
	sum, err := svc.Migrate(ctx, service.Migrating{From: m.From, To: m.To, DryRun: m.DryRun, Rate: m.Rate, Done: func(move billing.PriceMove) {
		say(move)
		if n++; n%100 == 0 {
			fmt.Fprintf(c.err, "%d subscriptions in %s\n", n, time.Since(begun).Round(time.Second))
		}
	}})
	if err != nil {
		return hint(err, "run the same command again when it is mended: it takes on who is left")
	}
	if m.JSON {
		err = json.NewEncoder(c.out).Encode(sum)
	} else {
		did := "moved"
		if m.DryRun {
			did = "to be moved"
		}
		c.printf("%d %s, %d skipped, %d failed\n", sum.Moved, did, sum.Skipped, sum.Failed)
	}
	switch {
	case err != nil:
		return err
	case sum.Failed > 0:
		return exit{1}
	case m.DryRun && sum.Moved > 0:
		return exit{2}
	}
	return nil
}

type catalogMoves struct {
	shop
	From string `arg:"" help:"The archived price."`
	JSON bool   `name:"json" help:"A line of JSON for each move."`
}

// Help teaches by examples.
func (catalogMoves) Help() string {
	return `What became of the subscribers of a price, oldest first:

  dues catalog moves premium-monthly-2024
  dues catalog moves premium-monthly-2024 --json | jq 'select(.status == "failed")'`
}

// Run prints the ledger.
func (m catalogMoves) Run(ctx context.Context, c console) (err error) {
	svc, err := m.open(ctx, m.logger(c.err))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, svc.Close()) }()
	say := moveLine(c, m.JSON)
	after := billing.PriceMoveID("")
	for {
		page, err := svc.PriceMoves(ctx, m.From, after)
		if err != nil || len(page) == 0 {
			return err
		}
		for _, move := range page {
			say(move)
			after = move.ID
		}
	}
}

// shownMove is a move as --json prints it.
type shownMove struct {
	Status       billing.PriceMoveStatus `json:"status"`
	Account      billing.AccountID       `json:"account"`
	Subscription billing.SubscriptionID  `json:"subscription"`
	From         string                  `json:"from"`
	To           string                  `json:"to"`
	Why          string                  `json:"why"`
}

// moveLine returns what prints one move as a line, at once: a run may take hours.
func moveLine(c console, asJSON bool) func(billing.PriceMove) {
	out := json.NewEncoder(c.out)
	return func(m billing.PriceMove) {
		if asJSON {
			_ = out.Encode(shownMove{m.Status, m.Account, m.Subscription, m.From, m.To, m.Why}) // a closed pipe ends nothing: the ledger has it
			return
		}
		line := tabwriter.NewWriter(c.out, 10, 4, 2, ' ', 0)
		fmt.Fprintf(line, "%s\t%s\t%s\t%s → %s\t%s\n", m.Status, cmp.Or(string(m.Account), "-"), m.Subscription, m.From, m.To, m.Why)
		_ = line.Flush() // as above
	}
}
