package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"text/tabwriter"
	"time"

	"github.com/mattn/go-isatty"
	"github.com/schollz/progressbar/v3"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// comparing are the flags of the two commands that walk over all customers.
type comparing struct {
	shop
	Rate float64 `help:"Customers per second; one costs seven of the 25 requests a second that Stripe allows in test mode, or of the 100 in live mode. Default: 3." env:"DUES_RECONCILE_RATE" default:"3"`
	JSON bool    `name:"json" help:"A line of JSON for each difference, and one for the sum."`
}

type reconcile struct {
	comparing
	DryRun bool `help:"Say what differs and change nothing. The exit code is 2 when something does."`
}

// Help teaches by examples.
func (reconcile) Help() string {
	return `Compares every product, price and customer with Stripe: subscriptions, invoices, payment methods, charges, refunds, disputes. What differs is
printed and repaired, with the mails and licenses that follow from it. It may run beside the service.

  dues reconcile --dry-run            what differs
  dues reconcile                      the same, repaired
  dues reconcile --json | jq .field   for programs

A run that breaks off goes on where it was. Events that wait in the inbox are not differences: they are about to be worked off.`
}

// Run compares, prints and repairs.
func (r reconcile) Run(ctx context.Context, c console) error {
	sum, err := r.compare(ctx, c, service.Reconciling{DryRun: r.DryRun, Resume: !r.DryRun})
	if err != nil {
		return err
	}
	if r.DryRun && sum.Drifted+sum.Goods > 0 {
		return exit{2}
	}
	return nil
}

type backfill struct {
	comparing
	History bool `help:"Also what was billed and charged before the newest hundred of each customer, to the beginning."`
}

// Help teaches by examples.
func (backfill) Help() string {
	return `Reads the products, prices and customers that an existing Stripe account has and this database does not: customers with subscriptions,
invoices, payment methods, charges, refunds and disputes.

  dues sync                        on the first day with an account that has customers already
  dues sync --history              the whole history, to the first invoice; of customers that are known, too
  dues sync --account-key user_id  their metadata user_id is the application's own id: they become accounts

Nobody is mailed about what happened before. A run that breaks off goes on where it was.`
}

// Run reads what is missing.
func (b backfill) Run(ctx context.Context, c console) error {
	_, err := b.compare(ctx, c, service.Reconciling{Unknown: true, Resume: true, History: b.History})
	return err
}

func (f comparing) compare(ctx context.Context, c console, how service.Reconciling) (sum service.Reconciled, err error) {
	svc, err := f.open(ctx, f.logger(c.err))
	if err != nil {
		return sum, err
	}
	defer func() { err = errors.Join(err, svc.Close()) }()
	bar := progressbar.DefaultSilent(1)
	if screen, found := terminal(c.err); found {
		total, err := svc.CustomersAhead(ctx, how)
		if err != nil {
			return sum, err
		}
		bar = progress(screen, total)
	}
	drifts := printer{out: c.out, json: f.JSON}
	how.Rate, how.Found = f.Rate, drifts.add
	if how.Unknown { // a customer that is new to us differs in everything
		how.Found = nil
	}
	how.Done = func(billing.CustomerID) { _ = bar.Add(1) } // a bar that cannot be drawn stops nothing
	sum, err = svc.Reconcile(ctx, how)
	_ = bar.Finish()
	drifts.end(how, sum)
	if err != nil {
		return sum, hint(err, "run the same command again: it goes on where it was")
	}
	return sum, drifts.err
}

// terminal is w when somebody looks at it.
func terminal(w io.Writer) (screen *os.File, found bool) {
	f, isFile := w.(*os.File)
	return f, isFile && isatty.IsTerminal(f.Fd())
}

// progress draws how many customers are done of a total, how many a second, for how long already and for how long yet, in a line that
// fits the terminal.
func progress(w io.Writer, total int) *progressbar.ProgressBar {
	bar := progressbar.NewOptions(total, progressbar.OptionSetWriter(w), progressbar.OptionShowCount(), progressbar.OptionShowIts(),
		progressbar.OptionSetItsString("customers"), progressbar.OptionSetPredictTime(true), progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionClearOnFinish())
	bar.StartWithoutRender()
	return bar
}

// printer writes differences as a table or as lines of JSON.
type printer struct {
	out   io.Writer
	json  bool
	table *tabwriter.Writer
	err   error
}

// valueWidth is how much of a value a line of the table shows.
const valueWidth = 40

func (p *printer) add(d service.Drift) {
	if p.json {
		p.line(d)
		return
	}
	if p.table == nil {
		p.table = tabwriter.NewWriter(p.out, 0, 4, 2, ' ', 0)
		p.write("ACCOUNT\tCUSTOMER\tOBJECT\tID\tFIELD\tAT STRIPE\tHERE\n")
	}
	p.write("%s\t%s\t%s\t%s\t%s\t%s\t%s\n", cmp.Or(string(d.Account), "-"), cmp.Or(string(d.Customer), "-"), d.Object, d.ID, cmp.Or(d.Field, "(all)"), short(d.Provider), short(d.Mirror))
}

func (p *printer) write(format string, args ...any) {
	_, err := fmt.Fprintf(p.table, format, args...)
	p.err = errors.Join(p.err, err)
}

func (p *printer) line(v any) { p.err = errors.Join(p.err, json.NewEncoder(p.out).Encode(v)) }

func short(value string) string {
	if value == "" {
		return "(none)"
	}
	if runes := []rune(value); len(runes) > valueWidth {
		return string(runes[:valueWidth-1]) + "…"
	}
	return value
}

func (p *printer) end(how service.Reconciling, sum service.Reconciled) {
	if p.table != nil {
		p.err = errors.Join(p.err, p.table.Flush())
	}
	if p.json {
		p.line(sum)
		return
	}
	did := fmt.Sprintf("%d differed, %d repaired", sum.Drifted, sum.Repaired)
	switch {
	case how.DryRun:
		did = fmt.Sprintf("%d differ", sum.Drifted)
	case how.Unknown:
		did = fmt.Sprintf("%d read, %d known before", sum.Repaired, sum.Skipped)
	}
	if how.History {
		did += fmt.Sprintf(", %d older invoices and charges read", sum.Older)
	}
	goods := ""
	if sum.Goods > 0 {
		goods = fmt.Sprintf("; %d products and prices differed, %d repaired", sum.Goods, sum.GoodsRepaired)
	}
	_, err := fmt.Fprintf(p.out, "%d customers compared: %s, %d waiting for their events, %d failed%s\n", sum.Customers, did, sum.Late, sum.Failed, goods)
	p.err = errors.Join(p.err, err)
}
