// Bench measures what people ask a billing service for most, and what the emulator does under load, each with a peer beside it in the same
// run (a bare net/http handler, stripe-mock, bare structs): machines are shared, so only ratios mean anything. It prints tables and fails
// on any wrong answer.
//
//	make bench
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"text/tabwriter"
	"time"
)

func main() {
	span := flag.Duration("span", 2*time.Second, "how long each round of a workload runs")
	accounts := flag.Int("accounts", 1000, "accounts that status checks are spread over")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *span, *accounts); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// requestsMax bounds a workload in count, as its span does in time.
const requestsMax = 2_000_000

func run(ctx context.Context, span time.Duration, accounts int) (err error) {
	first, err := firstAnswer() // before anything else has made what is made once per process
	if err != nil {
		return err
	}
	stage, err := open(ctx, accounts)
	if err != nil {
		return err
	}
	defer func() {
		if closing := stage.close(); err == nil {
			err = closing
		}
	}()
	all := stage.workloads()
	fmt.Fprintf(os.Stderr, "%d workloads, %d times %s each …\n", len(all), rounds, span)
	taken, err := median(ctx, all, span)
	if err != nil {
		return err
	}
	if err := table(all, taken); err != nil {
		return err
	}
	return engineTable(ctx, first)
}

// table prints one line a workload, with what it makes of its peer.
func table(all []workload, taken []measurement) error {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "work\trequests\tper second\tof its peer\tgoal\tp50\tp99\theap\t")
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
		fmt.Fprintf(w, "%s\t%d\t%d\t%s\t%s\t%s\t%s\t%d MiB\t\n", row.name, row.requests, row.perSecond, of, goal,
			row.p50.Round(10*time.Microsecond), row.p99.Round(10*time.Microsecond), row.heapBytes>>20)
	}
	return w.Flush()
}
