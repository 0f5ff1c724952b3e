// Bench measures what people ask a billing service for most, and what the emulator does under load, each with a peer beside it in the same
// run (a bare net/http handler, stripe-mock, Supabase's sync engine, bare structs): machines are shared, so only ratios mean anything. It
// prints tables and fails on any wrong answer.
//
//	make bench
//	go run ./cmd/bench -only stripe    # while one part is worked on
//	go run ./cmd/bench -scale 100000
//	go run ./cmd/bench -only compare -reconciled 100000
//	scripts/postgres synced go run ./cmd/bench -only worked -customers 1000 -filler 1000000
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"

	"github.com/dues-billing/dues/emulator"
)

func main() {
	span := flag.Duration("span", 2*time.Second, "how long each round of a workload runs")
	accounts := flag.Int("accounts", 1000, "accounts that status checks are spread over")
	only := flag.String("only", "", "measure one part: "+strings.Join(parts, ", ")+"; empty measures all")
	people := flag.Int("people", 100_000, "how many accounts the large one of the services has whose status checks are compared; 1000000 takes some minutes to make")
	scale := flag.Int("scale", 0, "only live through a year of 1,000, 10,000 and this many subscriptions, and print what memory the process took;\n"+
		"100000 takes up to 12 GiB and some minutes")
	customers := flag.Int("customers", 500, "customers whose renewals are worked off")
	reconciled := flag.Int("reconciled", 10_000, "how many customers are compared with Stripe in the largest comparison; 100000 takes ten minutes or more")
	crowd := flag.Int("filler", 0, "work the renewals off a second time among this many other customers in the database, of which each takes 2 KB of\n"+
		"disk or more; with -only worked")
	profiles := flag.String("profiles", "", "directory for a CPU profile of each time that renewals are worked off, and of each workload's last round: go tool pprof -top -cum FILE")
	postgres := flag.String("postgres", os.Getenv("TEST_POSTGRES_URL"), "URL of an empty PostgreSQL database, to measure there too; scripts/postgres with … gives one")
	flag.Parse()
	if *only != "" && !slices.Contains(parts, *only) {
		fmt.Fprintf(os.Stderr, "bench: no part %q; there are %s\n", *only, strings.Join(parts, ", "))
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	b := bench{only: *only, span: *span, accounts: *accounts, people: *people, reconciled: *reconciled, worked: processing{*customers, *crowd, *postgres, *profiles}}
	work := b.run
	if *scale > 0 {
		work = func(ctx context.Context) error { return scaleTable(ctx, *scale) }
	}
	if err := work(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// requestsMax bounds a workload in count, as its span does in time.
const requestsMax = 2_000_000

// The parts of the benchmark.
const (
	partService = "service" // Dues beside a bare handler
	partStripe  = "stripe"  // the emulator beside stripe-mock
	partStatus  = "status"  // status checks of few and of many accounts
	partEngine  = "engine"  // the engine beside bare structs
	partCompare = "compare" // every customer compared with Stripe
	partUsage   = "usage"   // usage reported, durable
	partPlans   = "plans"   // a catalogue of a thousand plans compared and applied
	partWorked  = "worked"  // webhooks worked off, with the emulator, beside the sync engine
)

var parts = []string{partService, partStatus, partStripe, partEngine, partWorked, partCompare, partPlans, partUsage}

// bench is what is to be measured.
type bench struct {
	only     string // a part, "" for all
	span     time.Duration
	accounts int
	people   int
	// reconciled is how many customers the largest comparison is of.
	reconciled int
	worked     processing
}

func (b bench) run(ctx context.Context) (err error) {
	path, err := buildDues(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(filepath.Dir(path))) }()
	if b.worked.postgres != "" && !syncs(ctx, b.worked.postgres) {
		fmt.Fprintln(os.Stderr, "bench: a commit on this PostgreSQL does not wait for the disk: scripts/postgres synced … starts one where it does")
	}
	// First, for the memory that it shows is that of this process.
	if b.only == "" || b.only == partWorked {
		if err := processedTable(ctx, path, b.worked); err != nil {
			return err
		}
	}
	if b.only == "" || b.only == partCompare {
		if err := reconcileTable(ctx, path, b.reconciled); err != nil {
			return err
		}
	}
	if b.only == "" || b.only == partPlans {
		if err := catalogueTable(ctx, path, 1000); err != nil {
			return err
		}
	}
	if b.only == "" || b.only == partUsage {
		if err := usageTable(ctx, path, b.span, b.worked.postgres, b.worked.profiles); err != nil {
			return err
		}
	}
	if b.only == "" || b.only == partStatus {
		if err := statusTable(ctx, path, b.span, b.people, b.worked.profiles); err != nil {
			return err
		}
	}
	emulator.TuneCollector() // from here on, for the service has Go's own settings
	if b.only == "" || b.only == partService || b.only == partStripe {
		if err := b.underLoad(ctx, path); err != nil {
			return err
		}
	}
	if b.only == "" || b.only == partEngine {
		return engineTable(ctx, path)
	}
	return nil
}

// underLoad measures what answers requests.
func (b bench) underLoad(ctx context.Context, path string) (err error) {
	stage, err := open(ctx, path, b)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stage.close()) }()
	all := stage.workloads(b.only)
	fmt.Fprintf(os.Stderr, "%d workloads, %d times %s each …\n", len(all), rounds, b.span)
	taken, err := median(ctx, all, b.span, b.worked.profiles)
	if err != nil {
		return err
	}
	return table(all, taken)
}

// table prints one line a workload, with what it makes of its peer.
func table(all []workload, taken []measurement) error {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "work\trequests\tper second\tof its peer\tgoal\tp50\tp99\tCPU\t")
	for i, row := range taken {
		of, goal := "", ""
		for k, peer := range all {
			if peer.name == all[i].peer {
				of = fmt.Sprintf("%d %%", row.perSecond*100/taken[k].perSecond)
			}
		}
		if all[i].goal > 0 {
			goal = fmt.Sprintf("%d %%", all[i].goal)
		}
		if all[i].goalRate > 0 {
			goal = fmt.Sprintf("%d/s", all[i].goalRate)
		}
		cpu := ""
		if row.cpu > 0 {
			cpu = row.cpu.Round(time.Microsecond).String()
		}
		fmt.Fprintf(w, "%s\t%d\t%d\t%s\t%s\t%s\t%s\t%s\t\n", row.name, row.requests, row.perSecond, of, goal,
			row.p50.Round(10*time.Microsecond), row.p99.Round(10*time.Microsecond), cpu)
	}
	return w.Flush()
}
