package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/mattn/go-isatty"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/catalog"
	"github.com/dues-billing/dues/stripeprovider"
)

type catalogCommands struct {
	Check   catalogCheck   `cmd:"" help:"Read the file and say what is wrong with it."`
	Plan    catalogPlan    `cmd:"" help:"Show what differs at Stripe. Changes nothing."`
	Apply   catalogApply   `cmd:"" help:"Show what differs at Stripe, and make it as the file says."`
	Pull    catalogPull    `cmd:"" help:"Print what Dues sells at Stripe as a file."`
	Import  catalogImport  `cmd:"" help:"Print products from before Dues as plans for the file."`
	Migrate catalogMigrate `cmd:"" help:"Move the subscribers of an archived price to a newer one."`
	Moves   catalogMoves   `cmd:"" help:"Print the ledger of such moves."`
	Schema  catalogSchema  `cmd:"" help:"Print the JSON Schema of the file, for editors."`
}

// catalogFile names the file; other commands have the same flag.
type catalogFile struct {
	Catalog string `help:"What is sold. Default: catalog.yaml." env:"DUES_CATALOG" default:"catalog.yaml" placeholder:"FILE"`
}

// catalogShop is the file and the Stripe account that it is compared with.
type catalogShop struct {
	catalogFile
	stripeFlags
}

func (f stripeFlags) client() (*stripeprovider.Client, error) {
	if f.StripeKey == "" {
		return nil, hint(errors.New("this needs "+keyNeeded), "without an account at hand start dues emulate, and take --stripe-base http://127.0.0.1:12111 --stripe-key sk_test_x")
	}
	return stripeprovider.New(stripeprovider.Config{Key: f.StripeKey, BaseURL: f.StripeBase, Log: slog.New(slog.DiscardHandler)}), nil
}

// differences reads both sides.
func (s catalogShop) differences(ctx context.Context) (*stripeprovider.Client, []billing.StockChange, error) {
	cat, err := readCatalog(s.Catalog)
	if err != nil {
		return nil, nil, err
	}
	client, err := s.client()
	if err != nil {
		return nil, nil, err
	}
	stock, err := client.Stock(ctx)
	if err != nil {
		return nil, nil, err
	}
	return client, catalog.Diff(cat, stock), nil
}

type catalogCheck struct{ catalogFile }

// Run reads the file.
func (f catalogCheck) Run(c console) error {
	cat, err := readCatalog(f.Catalog)
	if err != nil {
		return err
	}
	prices := 0
	for _, plan := range cat.Plans {
		prices += len(plan.Prices)
	}
	for _, addOn := range cat.AddOns {
		prices += len(addOn.Prices)
	}
	c.printf("%s: %d plans and %d add-ons with %d prices, %d features, %d coupons\n", f.Catalog, len(cat.Plans), len(cat.AddOns), prices, len(cat.Features), len(cat.Coupons))
	return nil
}

type catalogPlan struct {
	catalogShop
	JSON bool `name:"json" help:"A line of JSON for each difference, and one for the sum."`
}

// Help teaches by examples.
func (catalogPlan) Help() string {
	return `Compares the file with Stripe's products, prices, meters, coupons and promotion codes.

  dues catalog plan
  dues catalog plan --json | jq -r .name

The exit code is 0 when nothing differs, 2 when dues catalog apply has something to do, and 1 when the file asks for what Stripe
refuses: the table says what to do instead.`
}

// Run shows the differences.
func (p catalogPlan) Run(ctx context.Context, c console) error {
	_, changes, err := p.differences(ctx)
	if err != nil {
		return err
	}
	refused, err := show(c, p.JSON, changes)
	switch {
	case err != nil:
		return err
	case refused > 0:
		return exit{1}
	case len(changes) > 0:
		return exit{2}
	}
	return nil
}

type catalogApply struct {
	catalogShop
	Yes    bool `help:"Do not ask."`
	DryRun bool `help:"Change nothing, as dues catalog plan."`
	JSON   bool `name:"json" help:"A line of JSON for each difference, and one for the sum."`
}

// Help teaches by examples.
func (catalogApply) Help() string {
	return `Shows what differs as dues catalog plan does, asks, and makes it so: first what others need, archived last.

  dues catalog apply          asks before it changes anything
  dues catalog apply --yes    for a deployment

Where the file asks for anything that Stripe refuses, nothing is changed at all. A run that breaks off can be repeated: what was made is
not made again.`
}

// Run makes the differences.
func (a catalogApply) Run(ctx context.Context, c console) error {
	if a.DryRun {
		return catalogPlan{a.catalogShop, a.JSON}.Run(ctx, c)
	}
	client, changes, err := a.differences(ctx)
	if err != nil {
		return err
	}
	refused, err := show(c, a.JSON, changes)
	switch {
	case err != nil:
		return err
	case refused > 0:
		return hint(errors.New("nothing was changed: the file asks for what Stripe refuses"), "each line above says what to do instead")
	case len(changes) == 0:
		return nil
	}
	if err := a.agreed(c); err != nil {
		return err
	}
	for i, change := range changes {
		if _, err := client.Restock(ctx, change); err != nil {
			return hint(fmt.Errorf("%s %s %s, after %d of %d changes: %w", change.Action, change.Kind, change.Name, i, len(changes), err),
				"run the same command again: it goes on where it was")
		}
	}
	if !a.JSON {
		c.printf("done: %s\n", changesOf(len(changes)))
	}
	return nil
}

// agreed asks a person.
func (a catalogApply) agreed(c console) error {
	switch {
	case a.Yes:
		return nil
	case !isatty.IsTerminal(os.Stdin.Fd()):
		return hint(errors.New("nothing was changed: nobody can be asked here"), "add --yes")
	}
	fmt.Fprint(c.err, "Make these changes at Stripe? [y/N] ")
	answer, _ := bufio.NewReader(os.Stdin).ReadString('\n') // no answer is no
	if word := strings.ToLower(strings.TrimSpace(answer)); word != "y" && word != "yes" {
		return errors.New("nothing was changed")
	}
	return nil
}

// shownChange is a difference as --json prints it.
type shownChange struct {
	Action  billing.StockAction `json:"action"`
	Kind    billing.StockKind   `json:"kind"`
	Name    string              `json:"name"`
	ID      string              `json:"id"`
	Fields  []shownField        `json:"fields"`
	Refusal string              `json:"refusal"`
}

type shownField struct {
	Name     string `json:"name"`
	AtStripe string `json:"at_stripe"`
	InFile   string `json:"in_file"`
}

// show prints differences as a table, with what to do about the refused ones below it, or as lines of JSON.
func show(c console, asJSON bool, changes []billing.StockChange) (refused int, err error) {
	for _, change := range changes {
		if change.Action == billing.RefuseStock {
			refused++
		}
	}
	if asJSON {
		return refused, showJSON(c, changes, refused)
	}
	if len(changes) == 0 {
		c.printf("nothing differs\n")
		return 0, nil
	}
	table := tabwriter.NewWriter(c.out, 0, 4, 2, ' ', 0)
	fmt.Fprint(table, "ACTION\tOBJECT\tNAME\tFIELD\tAT STRIPE\tIN THE FILE\n")
	for _, change := range changes {
		fields := change.Fields
		if len(fields) == 0 {
			fields = []billing.StockField{catalog.About(change)}
		}
		for _, f := range fields {
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", change.Action, change.Kind, change.Name, cmp.Or(f.Name, "(all)"), short(f.AtProvider), short(f.Wanted))
		}
	}
	if err := table.Flush(); err != nil {
		return refused, err
	}
	for _, change := range changes {
		if change.Refusal != "" {
			c.printf("%s %s: %s\n", change.Kind, change.Name, change.Refusal)
		}
	}
	c.printf("%s, %d refused\n", changesOf(len(changes)-refused), refused)
	return refused, nil
}

func changesOf(n int) string {
	if n == 1 {
		return "1 change"
	}
	return fmt.Sprintf("%d changes", n)
}

func showJSON(c console, changes []billing.StockChange, refused int) error {
	out := json.NewEncoder(c.out)
	for _, change := range changes {
		line := shownChange{change.Action, change.Kind, change.Name, change.ID, []shownField{}, change.Refusal}
		for _, f := range change.Fields {
			line.Fields = append(line.Fields, shownField{f.Name, f.AtProvider, f.Wanted})
		}
		if err := out.Encode(line); err != nil {
			return err
		}
	}
	return out.Encode(struct {
		Changes int `json:"changes"`
		Refused int `json:"refused"`
	}{len(changes) - refused, refused})
}
