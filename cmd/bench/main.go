// Bench measures what people ask a billing service for most, with a bare net/http handler beside it in the same run:
// these machines are shared, so only ratios mean anything. It prints a table and fails on any wrong answer.
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
	span := flag.Duration("span", 5*time.Second, "how long each workload runs")
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
	stage, err := open(ctx, accounts)
	if err != nil {
		return err
	}
	defer func() {
		if closing := stage.close(); err == nil {
			err = closing
		}
	}()
	var rows []measurement
	for _, w := range stage.workloads() {
		fmt.Fprintf(os.Stderr, "%s for %s …\n", w.name, span)
		row, err := measure(ctx, w, span, requestsMax)
		if err != nil {
			return err
		}
		rows = append(rows, row)
	}
	return table(rows)
}

// table prints one line a workload; the first row is the bare handler that the others are compared with.
func table(rows []measurement) error {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "work\trequests\tper second\tof bare\tp50\tp99\theap\t")
	for _, row := range rows {
		fmt.Fprintf(w, "%s\t%d\t%d\t%d %%\t%s\t%s\t%d MiB\t\n", row.name, row.requests, row.perSecond,
			row.perSecond*100/rows[0].perSecond, row.p50.Round(10*time.Microsecond), row.p99.Round(10*time.Microsecond), row.heapBytes>>20)
	}
	return w.Flush()
}
