package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// A comparison of every customer with Stripe: first on an empty database, where everything is repaired, then as a dry run, where nothing
// differs. What it costs must grow with the customers and no faster, and its memory hardly at all.

const (
	linearGoal  = 120       // percent of the time that a customer of the smallest run takes
	memoryGoal  = 200 << 20 // bytes
	pageOfBench = 100       // customers whose time is taken together: a page of Stripe's list
)

// compared is one comparison.
type compared struct {
	customers int
	took      time.Duration
	pages     []time.Duration // sorted
	requests  int64
	cpu       time.Duration
	peak      int64
}

func (c compared) perCustomer() time.Duration { return c.took / time.Duration(c.customers) }

// reconcileTable prints what comparisons of more and more customers take, up to as many as asked for.
func reconcileTable(ctx context.Context, path string, most int) (err error) {
	m, err := newMonth(ctx, path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.stripe.stop()) }()
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "\ncompared with Stripe, SQLite\tcustomers\tper second\ta page of 100: p50\tp99\trequests\tCPU\tmemory\tgoal\ta customer's time, of the smallest run's\tgoal\t")
	made := 0
	var repaired, dry compared // the smallest
	for _, count := range scales(most) {
		if err := m.subscribe(ctx, made, count); err != nil {
			return err
		}
		made = count
		first, second, err := m.compareAll(ctx, count)
		if err != nil {
			return err
		}
		if repaired.customers == 0 {
			repaired, dry = first, second
		}
		first.print(w, "everything repaired", repaired)
		second.print(w, "dry run", dry)
	}
	return w.Flush()
}

func (c compared) print(w io.Writer, name string, smallest compared) {
	fmt.Fprintf(w, "%s\t%d\t%d\t%s\t%s\t%d\t%s\t%d MiB\t≤ %d MiB\t%d %%\t≤ %d %%\t\n", name, c.customers, int64(c.customers)*int64(time.Second)/int64(c.took),
		c.pages[len(c.pages)/2].Round(time.Millisecond), c.pages[len(c.pages)*99/100].Round(time.Millisecond), c.requests, c.cpu.Round(time.Millisecond), c.peak>>20, memoryGoal>>20,
		100*c.perCustomer()/smallest.perCustomer(), linearGoal)
}

// compareAll compares on a new database, and once more.
func (m *month) compareAll(ctx context.Context, customers int) (repaired, dry compared, err error) {
	made, err := newSQLite()
	if err != nil {
		return repaired, dry, err
	}
	defer func() { err = errors.Join(err, made.drop()) }()
	if err := m.open(ctx, made.url); err != nil {
		return repaired, dry, err
	}
	defer func() { err = errors.Join(err, m.svc.Close()) }()
	if repaired, err = m.compare(ctx, service.Reconciling{}, service.Reconciled{Customers: customers, Drifted: customers, Repaired: customers}); err != nil {
		return repaired, dry, err
	}
	dry, err = m.compare(ctx, service.Reconciling{DryRun: true}, service.Reconciled{Customers: customers})
	return repaired, dry, err
}

// compare is one comparison, which must come to what is wanted.
func (m *month) compare(ctx context.Context, how service.Reconciling, want service.Reconciled) (done compared, err error) {
	fmt.Fprintf(os.Stderr, "%d customers are compared …\n", want.Customers)
	m.asked.n.Store(0)
	forgetPeak()
	cpu, start := ownTime(), time.Now()
	page, n := start, 0
	how.Rate = 1e6
	how.Done = func(billing.CustomerID) { // from one goroutine at a time
		if n++; n%pageOfBench == 0 {
			now := time.Now()
			done.pages, page = append(done.pages, now.Sub(page)), now
		}
	}
	got, err := m.svc.Reconcile(ctx, how)
	if err != nil {
		return done, err
	}
	if !how.DryRun {
		got.Goods, got.GoodsRepaired = 0, 0 // the catalogue's products and prices, which are new to an empty database, too
	}
	if got != want {
		return done, fmt.Errorf("the comparison found %+v, want %+v", got, want)
	}
	done.customers, done.took, done.requests, done.cpu = n, time.Since(start), m.asked.n.Load(), ownTime()-cpu
	slices.Sort(done.pages)
	done.peak, err = peakBytes()
	return done, err
}
