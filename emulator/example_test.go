package emulator_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/emulator"
	"github.com/dues-billing/dues/emulator/engine"
	"github.com/dues-billing/dues/emulator/wire"
)

const exampleKey = "sk_test_example"

// serve runs an emulator outside of a test; inside of one, [emulator.Start] does. Its wall clock stands at noon of 1 January 2030.
func serve() (e *emulator.Emulator, client *stripe.Client, stop func()) {
	noon := time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC)
	e, err := emulator.New(emulator.Options{Now: func() time.Time { return noon }})
	if err != nil {
		panic(err)
	}
	web := httptest.NewServer(e)
	return e, emulator.Client(web.URL, exampleKey), func() {
		web.Close()
		if err := e.Close(); err != nil {
			panic(err)
		}
	}
}

// subscribe sells a monthly plan to somebody whose card works.
func subscribe(client *stripe.Client) *stripe.Subscription {
	ctx := context.Background()
	customer, err := client.V1Customers.Create(ctx, &stripe.CustomerCreateParams{
		PaymentMethod:   stripe.String("pm_card_visa"),
		InvoiceSettings: &stripe.CustomerCreateInvoiceSettingsParams{DefaultPaymentMethod: stripe.String("pm_card_visa")},
	})
	if err != nil {
		panic(err)
	}
	price, err := client.V1Prices.Create(ctx, &stripe.PriceCreateParams{
		Currency: stripe.String("usd"), UnitAmount: stripe.Int64(2000), ProductData: &stripe.PriceCreateProductDataParams{Name: stripe.String("Pro")},
		Recurring: &stripe.PriceCreateRecurringParams{Interval: stripe.String("month")},
	})
	if err != nil {
		panic(err)
	}
	sub, err := client.V1Subscriptions.Create(ctx, &stripe.SubscriptionCreateParams{
		Customer: stripe.String(customer.ID), Items: []*stripe.SubscriptionCreateItemParams{{Price: stripe.String(price.ID)}},
	})
	if err != nil {
		panic(err)
	}
	return sub
}

// count counts what a list of the SDK yields.
func count[T any](list stripe.Seq2[T, error]) int {
	n := 0
	for _, err := range list {
		if err != nil {
			panic(err)
		}
		n++
	}
	return n
}

func invoices(client *stripe.Client) int {
	return count(client.V1Invoices.List(context.Background(), &stripe.InvoiceListParams{}).All(context.Background()))
}

// Time moves as far as one likes, and everything happens that becomes due on the way.
func ExampleEmulator_MoveTime() {
	e, client, stop := serve()
	defer stop()
	subscribe(client)
	fmt.Println(invoices(client), "invoice on", e.Now(exampleKey).Format(time.DateOnly))
	if err := e.MoveTime(exampleKey, 90*24*time.Hour); err != nil {
		panic(err)
	}
	fmt.Println(invoices(client), "invoices on", e.Now(exampleKey).Format(time.DateOnly))
	// Output:
	// 1 invoice on 2030-01-01
	// 4 invoices on 2030-04-01
}

// A world goes back to a snapshot as often as one likes, so that many tests can begin at the same point.
func ExampleEmulator_World_snapshots() {
	e, client, stop := serve()
	defer stop()
	world := e.World(exampleKey)
	subscribe(client)
	if err := world.Keep("subscribed"); err != nil {
		panic(err)
	}
	for _, days := range []int{40, 100} {
		if err := e.MoveTime(exampleKey, time.Duration(days)*24*time.Hour); err != nil {
			panic(err)
		}
		fmt.Println("after", days, "days:", invoices(client), "invoices")
		if err := world.Restore("subscribed"); err != nil {
			panic(err)
		}
	}
	fmt.Println(world.Snapshots(), invoices(client), "invoice")
	// Output:
	// after 40 days: 2 invoices
	// after 100 days: 4 invoices
	// [subscribed] 1 invoice
}

// A fork begins as the world is; what happens in one is nothing to the other.
func ExampleEmulator_World_fork() {
	e, client, stop := serve()
	defer stop()
	subscribe(client)
	fork, err := e.World(exampleKey).Fork("sk_test_fork", "")
	if err != nil {
		panic(err)
	}
	if err := e.MoveTime(fork.Key(), 40*24*time.Hour); err != nil {
		panic(err)
	}
	fmt.Println(e.Now(exampleKey).Format(time.DateOnly), "and", e.Now(fork.Key()).Format(time.DateOnly))
	// Output: 2030-01-01 and 2030-02-10
}

// Rewind takes commands back one by one.
func ExampleEmulator_World_rewind() {
	e, client, stop := serve()
	defer stop()
	world := e.World(exampleKey)
	subscribe(client)
	fmt.Println(world.Commands(), "commands,", invoices(client), "invoice")
	if err := world.Rewind(world.Commands() - 1); err != nil {
		panic(err)
	}
	fmt.Println(world.Commands(), "commands,", invoices(client), "invoices")
	// Output:
	// 3 commands, 1 invoice
	// 2 commands, 0 invoices
}

// What Stripe keeps in its Dashboard is a setting.
func ExampleEmulator_World_settings() {
	e, _, stop := serve()
	defer stop()
	world := e.World(exampleKey)
	err := world.ChangeSettings(func(s *engine.Settings) {
		s.EndOfDunning, s.RetryDays = engine.EndUnpaid, []int64{1, 3}
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(world.Settings().EndOfDunning, world.Settings().RetryDays)
	err = world.ChangeSettings(func(s *engine.Settings) { s.EndOfDunning = "forgive" })
	fmt.Println(err != nil, world.Settings().EndOfDunning)
	// Output:
	// unpaid [1 3]
	// true unpaid
}

// listen registers an endpoint for the creation of customers that takes everything.
func listen(client *stripe.Client) (stop func()) {
	app := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	_, err := client.V1WebhookEndpoints.Create(context.Background(), &stripe.WebhookEndpointCreateParams{
		URL: stripe.String(app.URL), EnabledEvents: stripe.StringSlice([]string{"customer.created"}),
	})
	if err != nil {
		panic(err)
	}
	return app.Close
}

// finished waits until so many deliveries are over and returns them, newest first.
func finished(world wire.World, n int) []wire.Delivery {
	for {
		list, over := world.Deliveries(100), 0
		for _, d := range list {
			if d.State != wire.DeliveryPending {
				over++
			}
		}
		if over == n && len(list) == n {
			return list
		}
	}
}

// Chaos makes webhooks come twice, late, in another order or not at all.
func ExampleEmulator_World_chaos() {
	e, client, stop := serve()
	defer stop()
	defer listen(client)()
	world := e.World(exampleKey)
	for _, kind := range []string{wire.ChaosDuplicate, wire.ChaosDrop} {
		if err := world.SetChaos(wire.Chaos{Kind: kind, Percent: 100, Types: []string{"customer.*"}}); err != nil {
			panic(err)
		}
		if _, err := client.V1Customers.Create(context.Background(), &stripe.CustomerCreateParams{}); err != nil {
			panic(err)
		}
		finished(world, map[string]int{wire.ChaosDuplicate: 2, wire.ChaosDrop: 3}[kind])
	}
	for _, d := range finished(world, 3) {
		fmt.Println(d.Type, d.State)
	}
	// Output:
	// customer.created dropped
	// customer.created delivered
	// customer.created delivered
}

// Every delivery is in the log with its tries, and an event can be sent again.
func ExampleEmulator_World_deliveries() {
	e, client, stop := serve()
	defer stop()
	defer listen(client)()
	world := e.World(exampleKey)
	if _, err := client.V1Customers.Create(context.Background(), &stripe.CustomerCreateParams{}); err != nil {
		panic(err)
	}
	first := finished(world, 1)[0]
	fmt.Println(first.Type, first.State, "by an answer", first.Status, "to try", first.Tries)
	endpoints, err := world.Resend(first.Event, "")
	if err != nil {
		panic(err)
	}
	fmt.Println("sent again to", endpoints, "endpoint:", len(finished(world, 2)), "deliveries")
	// Output:
	// customer.created delivered by an answer 200 to try 1
	// sent again to 1 endpoint: 2 deliveries
}

// The request log says what an application really sent.
func ExampleEmulator_World_requests() {
	e, client, stop := serve()
	defer stop()
	_, err := client.V1Customers.Create(context.Background(), &stripe.CustomerCreateParams{Balance: stripe.Int64(1 << 60)})
	fmt.Println(err != nil)
	for _, r := range e.World(exampleKey).Requests(10) {
		fmt.Println(r.Method, r.Path, r.Status, r.Params, r.Error.Param)
	}
	// Output:
	// true
	// POST /v1/customers 400 [{balance 1152921504606846976}] balance
}

// A test clock is advanced over Stripe's own API; Emulator.World hears of it at once.
func ExampleEmulator_World_testClock() {
	e, client, stop := serve()
	defer stop()
	ctx, noon := context.Background(), e.Now(exampleKey)
	clock, err := client.V1TestHelpersTestClocks.Create(ctx, &stripe.TestHelpersTestClockCreateParams{FrozenTime: stripe.Int64(noon.Unix())})
	if err != nil {
		panic(err)
	}
	clock, err = client.V1TestHelpersTestClocks.Advance(ctx, clock.ID, &stripe.TestHelpersTestClockAdvanceParams{
		FrozenTime: stripe.Int64(noon.AddDate(1, 0, 0).Unix()),
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(clock.Status)
	for clock.Status == stripe.TestHelpersTestClockStatusAdvancing {
		if clock, err = client.V1TestHelpersTestClocks.Retrieve(ctx, clock.ID, nil); err != nil {
			panic(err)
		}
	}
	fmt.Println(clock.Status, "on", time.Unix(clock.FrozenTime, 0).UTC().Format(time.DateOnly), "while the world is at", e.Now(exampleKey).Format(time.DateOnly))
	// Output:
	// advancing
	// ready on 2031-01-01 while the world is at 2030-01-01
}
