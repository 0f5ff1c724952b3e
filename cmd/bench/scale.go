package main

import (
	"context"
	"fmt"
	"os"
	"runtime/debug"
	"strings"
	"text/tabwriter"
	"time"
)

// scaleTable shows how a year of renewals grows with the subscriptions, up to as many as asked for, and what memory that takes. It is
// a run of its own: the peak of a process is the peak of everything it did.
func scaleTable(ctx context.Context, most int) error {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "subscriptions × 12 months\ttook\tinvoices/s\tof bare structs\ta renewal leaves\tpeak of the process\t")
	for _, count := range scales(most) {
		bare := bareStructs(bareInvoices)
		took, bytes, err := renewals(count)
		if err != nil {
			return err
		}
		peak, err := peakBytes()
		if err != nil {
			return err
		}
		perSecond := int64(12*count) * int64(time.Second) / int64(took)
		fmt.Fprintf(w, "%d\t%s\t%d\t%d %%\t%d B\t%d MiB\t\n", count, took.Round(time.Millisecond), perSecond,
			100*perSecond*int64(bare)/(bareInvoices*int64(time.Second)), bytes, peak>>20)
		if err := ctx.Err(); err != nil {
			return err
		}
		debug.FreeOSMemory() // the next world begins with what the system gives, not with what this one leaves
	}
	return w.Flush()
}

// bareInvoices is how many invoices' bare structs are made for comparison.
const bareInvoices = 120_000

// scales are the sizes on the way to the largest.
func scales(most int) []int {
	var out []int
	for _, count := range []int{fewer, more} {
		if count < most {
			out = append(out, count)
		}
	}
	return append(out, most)
}

// forgetPeak gives back what is free, and lets the peak begin anew at what the process has now. Only Linux can; elsewhere the peak stays what
// it was.
func forgetPeak() {
	debug.FreeOSMemory()
	const resetPeak = "5"
	_ = os.WriteFile("/proc/self/clear_refs", []byte(resetPeak), 0)
}

// peakBytes is the most memory that the process had at any time, or since forgetPeak.
func peakBytes() (int64, error) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, fmt.Errorf("peak memory: only Linux tells it: %w", err)
	}
	_, after, _ := strings.Cut(string(status), "VmHWM:")
	var kilobytes int64
	if _, err := fmt.Sscan(after, &kilobytes); err != nil {
		return 0, fmt.Errorf("peak memory: %w", err)
	}
	return kilobytes << 10, nil
}
