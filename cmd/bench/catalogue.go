package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"text/tabwriter"
	"time"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/catalog"
	"github.com/dues-billing/dues/money"
	"github.com/dues-billing/dues/stripeprovider"
)

// A catalogue of many plans: made at an empty Stripe, compared when nothing differs, and after one price was added. The peer is the SDK that lists
// the same products and prices and looks at none of them. A comparison is one pass of list calls: a page for each hundred objects of a list.

const lists = 5 // meters, products, prices, coupons, promotion codes

// catalogueStep is one pass over the catalogue.
type catalogueStep struct {
	name     string
	changes  int
	requests int64
	most     int64 // requests; 0: no limit
	took     time.Duration
	peer     time.Duration
}

// manyPlans is a catalogue of n plans with a price by the month and one by the year.
func manyPlans(n int) billing.Catalog {
	var c billing.Catalog
	for i := range n {
		id := fmt.Sprintf("plan-%d", i)
		price := func(every billing.Interval, minor int64) billing.Price {
			return billing.Price{Key: fmt.Sprintf("%s-%s", id, every), Amount: money.New(minor, "eur"), Interval: every, IntervalCount: 1}
		}
		c.Plans = append(c.Plans, billing.Plan{
			ID: billing.PlanID(id), Name: fmt.Sprintf("Plan %d", i), Prices: []billing.Price{price(billing.Month, 1000), price(billing.Year, 10000)},
		})
	}
	return c
}

// catalogueTable prints what a catalogue of n plans takes.
func catalogueTable(ctx context.Context, path string, n int) (err error) {
	m, err := newMonth(ctx, path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.stripe.stop()) }()
	steps, err := m.catalogue(ctx, n)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "\na catalogue of %d plans, %d prices\tchanges\trequests\tat most\ttook\tof its peer, the bare lists\t\n", n, 2*n)
	for _, s := range steps {
		most, of := "", ""
		if s.most > 0 {
			most = fmt.Sprint(s.most)
		}
		if s.peer > 0 {
			of = fmt.Sprintf("%d %%", s.took*100/s.peer)
		}
		fmt.Fprintf(w, "%s\t%d\t%d\t%s\t%s\t%s\t\n", s.name, s.changes, s.requests, most, s.took.Round(time.Millisecond), of)
		if s.most > 0 && s.requests > s.most {
			err = errors.Join(err, fmt.Errorf("%s took %d requests, more than one pass", s.name, s.requests))
		}
	}
	return errors.Join(w.Flush(), err)
}

func (m *month) catalogue(ctx context.Context, n int) (steps []catalogueStep, err error) {
	asked := int64(0) // by one goroutine
	provider := stripeprovider.New(stripeprovider.Config{
		Key: stripeKey, BaseURL: m.stripe.url, Wall: time.Now, Asked: func(string, int, time.Duration) { asked++ },
	})
	pages := int64((n+99)/100 + (2*n+1+99)/100 + lists - 2)
	step := func(name string, c billing.Catalog, want int, most int64) error {
		start, before := time.Now(), asked
		read, err := catalog.Parse(catalog.Format(c)) // as from a file
		if err != nil {
			return err
		}
		stock, err := provider.Stock(ctx)
		if err != nil {
			return err
		}
		changes := catalog.Diff(read, stock)
		if len(changes) != want {
			return fmt.Errorf("%s: %d changes, want %d", name, len(changes), want)
		}
		for _, change := range changes {
			if _, err := provider.Restock(ctx, change); err != nil {
				return err
			}
		}
		done := catalogueStep{name: name, changes: want, requests: asked - before, most: most, took: time.Since(start)}
		if want == 0 {
			if done.peer, err = m.bareLists(ctx, n); err != nil {
				return err
			}
		}
		steps = append(steps, done)
		return nil
	}
	c := manyPlans(n)
	if err := step("made at an empty account", c, 3*n, 0); err != nil {
		return nil, err
	}
	if err := step("compared, nothing differs", c, 0, pages); err != nil {
		return nil, err
	}
	c.Plans[n/2].Prices = append(c.Plans[n/2].Prices, billing.Price{Key: "added", Amount: money.New(500, "eur"), Interval: billing.Week, IntervalCount: 1})
	err = step("one price added", c, 1, pages+1)
	return steps, err
}

// bareLists lists products and prices with the SDK alone.
func (m *month) bareLists(ctx context.Context, n int) (time.Duration, error) {
	start, seen := time.Now(), 0
	products := &stripe.ProductListParams{}
	products.Limit = stripe.Int64(100)
	for _, err := range m.client.V1Products.List(ctx, products).All(ctx) {
		if err != nil {
			return 0, err
		}
		seen++
	}
	prices := &stripe.PriceListParams{Expand: stripe.StringSlice([]string{"data.tiers", "data.currency_options"})}
	prices.Limit = stripe.Int64(100)
	for _, err := range m.client.V1Prices.List(ctx, prices).All(ctx) {
		if err != nil {
			return 0, err
		}
		seen++
	}
	if seen != 3*n {
		return 0, fmt.Errorf("the lists hold %d products and prices, want %d", seen, 3*n)
	}
	return time.Since(start), nil
}
