package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/dues-billing/dues/emulator/engine"
)

// What the engine does without the wire: a year of renewals beside bare structs, how it grows, and how soon an emulator answers.

const (
	year          = 366 * 24 * time.Hour
	fewer         = 1_000  // subscriptions
	more          = 10_000 // ten times as many
	smallTable    = 10_000 // customers
	largeTable    = 1_000_000
	readsMeasured = 10_000
	bytesPerGoal  = 12 << 30 / (100_000 * 12) // 100,000 subscriptions × 12 in 12 GiB
)

func engineTable(ctx context.Context, path string) error {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "\nwork\tresult\tpeer\tgoal\t")
	if err := advanceRows(ctx, w); err != nil {
		return err
	}
	for _, customers := range []int{smallTable, largeTable} {
		first, listed, read, err := reads(customers)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "one page, one object of %d customers (the first after all: %s)\t%s, %s\t\tflat\t\n", customers,
			first.Round(10*time.Microsecond), listed, read)
	}
	first, err := firstAnswer(ctx, path)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "dues emulate: start to first answer\t%s\t\t≤ 150ms\t\n", first.Round(time.Millisecond))
	return w.Flush()
}

// advanceRows measures a year of renewals in rounds, bare structs, few subscriptions and many in turn, and prints the middle of each: what else
// the machine does hits all three.
func advanceRows(ctx context.Context, w io.Writer) error {
	var bare, one, ten []time.Duration
	var bytes int64
	for range rounds {
		debug.FreeOSMemory() // everybody begins with what the system gives, as the first advance of a process does
		bare = append(bare, bareStructs(bareInvoices))
		debug.FreeOSMemory()
		took, _, err := renewals(fewer)
		if err != nil {
			return err
		}
		one = append(one, took)
		debug.FreeOSMemory()
		if took, bytes, err = renewals(more); err != nil {
			return err
		}
		ten = append(ten, took)
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	for _, took := range [][]time.Duration{bare, one, ten} {
		slices.Sort(took)
	}
	perSecond := func(invoices int64, took time.Duration) int64 { return invoices * int64(time.Second) / int64(took) }
	const middle = rounds / 2
	ours, peer := perSecond(12*more, ten[middle]), perSecond(bareInvoices, bare[middle])
	fmt.Fprintf(w, "advance: 10,000 subscriptions × 12 months\t%d invoices/s (%d to %d)\tbare structs: %d/s\t40000 of 200000/s\t\n",
		ours, perSecond(12*more, ten[rounds-1]), perSecond(12*more, ten[0]), peer)
	fmt.Fprintf(w, "the same, of bare structs\t%d %%\t\t≥ 20 %%\t\n", 100*ours/peer)
	fmt.Fprintf(w, "ten times the subscriptions\t%d.%d × the time\t\t≤ 11 ×\t\n", ten[middle]/one[middle], ten[middle]*10/one[middle]%10)
	fmt.Fprintf(w, "what a renewal leaves on the heap\t%d B\t\t≤ %d B\t\n", bytes, bytesPerGoal)
	return nil
}

// opening is when the worlds begin: noon of a day that every month has.
const opening = 1_800_014_400

// renewals lives through a year of so many monthly subscriptions. It returns how long that took and what one renewal left behind.
func renewals(subscriptions int) (took time.Duration, bytes int64, err error) {
	w := engine.New("bench", engine.DefaultSettings())
	made, err := w.Apply(engine.CreatePrice{
		Currency: engine.Some("usd"), UnitAmount: engine.Some[int64](2000), ProductData: engine.Some(engine.ProductData{Name: engine.Some("Pro")}),
		Recurring: engine.Some(engine.RecurringParam{Interval: engine.Some("month")}),
	}, engine.Request{}, opening)
	if err != nil {
		return 0, 0, err
	}
	price := made.(*engine.Price).ID
	for range subscriptions {
		customer, err := w.Apply(engine.CreateCustomer{
			PaymentMethod: engine.Some("pm_card_visa"), CustomerParams: engine.CustomerParams{InvoiceSettings: engine.Some(
				engine.CustomerInvoiceSettingsParams{DefaultPaymentMethod: engine.Some("pm_card_visa")})},
		}, engine.Request{}, opening)
		if err != nil {
			return 0, 0, err
		}
		if _, err := w.Apply(engine.CreateSubscription{
			Customer: engine.Some(customer.(*engine.Customer).ID), Items: engine.Some([]engine.SubscriptionItemParams{{Price: engine.Some(price)}}),
		}, engine.Request{}, opening); err != nil {
			return 0, 0, err
		}
	}
	before, events := liveBytes(), w.LastEventSeq()
	start := time.Now()
	if _, err := w.Apply(engine.MoveTime{By: int64(year / time.Second)}, engine.Request{}, opening); err != nil {
		return 0, 0, err
	}
	took = time.Since(start)
	bytes = (liveBytes() - before) / int64(12*subscriptions)
	paid := 0
	for e := range w.EventsAfter(events) { // all at once would be the peak of the process
		if e.Type == "invoice.paid" {
			paid++
		}
	}
	if paid != 12*subscriptions {
		return 0, 0, fmt.Errorf("%d invoices were paid, want %d", paid, 12*subscriptions)
	}
	return took, bytes, nil
}

// kept is what a renewal leaves behind, as bare structs.
type kept struct {
	invoices [3]*engine.Invoice
	line     *engine.InvoiceLine
	intents  [2]*engine.PaymentIntent
	charge   *engine.Charge
	movement *engine.BalanceTransaction
	events   [11]*engine.Event
}

// bareStructs is the time that it takes to make the objects and events of so many invoices and to keep them, and nothing else.
func bareStructs(invoices int) time.Duration {
	all := make([]kept, 0, invoices)
	start := time.Now()
	for range invoices {
		k := kept{line: &engine.InvoiceLine{}, charge: &engine.Charge{}, movement: &engine.BalanceTransaction{}}
		for i := range k.invoices {
			k.invoices[i] = &engine.Invoice{Lines: []*engine.InvoiceLine{k.line}}
		}
		for i := range k.intents {
			k.intents[i] = &engine.PaymentIntent{}
		}
		for i := range k.events {
			k.events[i] = &engine.Event{Object: k.invoices[0]}
		}
		all = append(all, k)
	}
	took := time.Since(start)
	runtime.KeepAlive(all)
	return took
}

// reads is how long one page of customers and one customer take among so many. The first page after they were made takes all of them into
// the indexes, once.
func reads(customers int) (first, page, one time.Duration, err error) {
	w := engine.New("bench", engine.DefaultSettings())
	ids := make([]string, 0, customers)
	for range customers {
		made, err := w.Apply(engine.CreateCustomer{}, engine.Request{}, opening)
		if err != nil {
			return 0, 0, 0, err
		}
		ids = append(ids, made.(*engine.Customer).ID)
	}
	list := func(times int) error {
		for i := range times {
			after := engine.Page{StartingAfter: engine.Some(ids[(i*7919+100)%len(ids)])}
			if _, err := w.Query(engine.ListCustomers{Page: after}); err != nil {
				return err
			}
		}
		return nil
	}
	start := time.Now()
	if err := list(1); err != nil {
		return 0, 0, 0, err
	}
	first, start = time.Since(start), time.Now()
	if err := list(readsMeasured); err != nil {
		return 0, 0, 0, err
	}
	page = time.Since(start) / readsMeasured
	start = time.Now()
	for i := range readsMeasured {
		if _, ok := engine.Get[engine.Customer](w, ids[i*7919%len(ids)]); !ok {
			return 0, 0, 0, fmt.Errorf("customer %s is gone", ids[i*7919%len(ids)])
		}
	}
	return first, page, time.Since(start) / readsMeasured, nil
}

// liveBytes is what is left on the heap after a collection.
func liveBytes() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
