// Bench measures what people ask a billing service for most, and what the emulator does under load, each with a peer beside it in the same
// run (a bare net/http handler, stripe-mock, bare structs): machines are shared, so only ratios mean anything. It prints tables and fails
// on any wrong answer.
//
//	make bench
//	go run ./cmd/bench -only stripe    # while one part is worked on
//	go run ./cmd/bench -scale 100000
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
	postgres := flag.String("postgres", os.Getenv("TEST_POSTGRES_URL"), "URL of an empty PostgreSQL database, to measure there too; scripts/postgres with … gives one")
	flag.Parse()
	if *only != "" && !slices.Contains(parts, *only) {
		fmt.Fprintf(os.Stderr, "bench: no part %q; there are %s\n", *only, strings.Join(parts, ", "))
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	emulator.TuneCollector()
	work := func() error { return run(ctx, *only, *span, *accounts, *people) }
	if *only == partWorked {
		work = func() error { return workedOff(ctx, *customers, *postgres) }
	}
	if *scale > 0 {
		work = func() error { return scaleTable(ctx, *scale) }
	}
	if err := work(); err != nil {
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
	partWorked  = "worked"  // webhooks worked off, with the emulator
)

var parts = []string{partService, partStatus, partStripe, partEngine, partWorked}

func run(ctx context.Context, only string, span time.Duration, accounts, people int) (err error) {
	path, err := buildDues(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(filepath.Dir(path))) }()
	if only == "" || only == partStatus {
		if err := statusTable(ctx, path, span, people); err != nil {
			return err
		}
	}
	if only != partEngine && only != partStatus {
		if err := underLoad(ctx, path, only, span, accounts); err != nil {
			return err
		}
	}
	if only != "" && only != partEngine {
		return nil
	}
	return engineTable(ctx, path)
}

// workedOff measures a month of renewals.
func workedOff(ctx context.Context, customers int, postgres string) (err error) {
	path, err := buildDues(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(filepath.Dir(path))) }()
	return processedTable(ctx, path, customers, postgres)
}

// underLoad measures what answers requests.
func underLoad(ctx context.Context, path, only string, span time.Duration, accounts int) (err error) {
	stage, err := open(ctx, path, only, accounts)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stage.close()) }()
	all := stage.workloads(only)
	fmt.Fprintf(os.Stderr, "%d workloads, %d times %s each …\n", len(all), rounds, span)
	taken, err := median(ctx, all, span)
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
		cpu := ""
		if row.cpu > 0 {
			cpu = row.cpu.Round(time.Microsecond).String()
		}
		fmt.Fprintf(w, "%s\t%d\t%d\t%s\t%s\t%s\t%s\t%s\t\n", row.name, row.requests, row.perSecond, of, goal,
			row.p50.Round(10*time.Microsecond), row.p99.Round(10*time.Microsecond), cpu)
	}
	return w.Flush()
}
