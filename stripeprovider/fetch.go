package stripeprovider

import (
	"context"
	"sync"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// state is what Fetch reads of a customer, in Stripe's words.
type state struct {
	customer      *stripe.Customer
	subscriptions []*stripe.Subscription
	invoices      []*stripe.Invoice
	intents       map[string]*stripe.PaymentIntent
	methods       []*stripe.PaymentMethod
	charges       []charged
	checkouts     []*stripe.CheckoutSession
}

// Fetch implements service.Provider. The lists are read at once, not in one instant, for Stripe has no such call: a change in
// between brings its own webhook and so another Fetch.
func (c *Client) Fetch(ctx context.Context, customer billing.CustomerID) (service.Snapshot, error) {
	id := string(customer)
	read, err := c.sc.V1Customers.Retrieve(ctx, id, nil)
	if err != nil {
		return service.Snapshot{}, failure("retrieve customer", err)
	}
	s := state{customer: read}
	reads := []func(context.Context) error{
		func(ctx context.Context) (err error) { s.subscriptions, err = c.subscriptions(ctx, id); return err },
		func(ctx context.Context) (err error) { s.invoices, err = c.invoices(ctx, id); return err },
		func(ctx context.Context) (err error) { s.intents, err = c.intents(ctx, id); return err },
		func(ctx context.Context) (err error) { s.checkouts, err = c.checkouts(ctx, id); return err },
		func(ctx context.Context) (err error) { s.charges, err = c.charges(ctx, id); return err },
	}
	if !read.Deleted { // a deleted customer has no methods, and asking for them is an error
		reads = append(reads, func(ctx context.Context) (err error) { s.methods, err = c.methods(ctx, id); return err })
	}
	if err := together(ctx, reads); err != nil {
		return service.Snapshot{}, err
	}
	if err := c.completeIntents(ctx, &s); err != nil {
		return service.Snapshot{}, err
	}
	return c.snapshot(ctx, s)
}

// together runs the reads at once and returns the first failure, after all have ended.
func together(ctx context.Context, reads []func(context.Context) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wait sync.WaitGroup
	for _, read := range reads {
		wait.Go(func() {
			if err := read(ctx); err != nil {
				cancel(err) // the first one stays the cause; the others fail with a cancelled context
			}
		})
	}
	wait.Wait()
	return context.Cause(ctx)
}

func (c *Client) subscriptions(ctx context.Context, customer string) ([]*stripe.Subscription, error) {
	params := &stripe.SubscriptionListParams{Customer: stripe.String(customer), Status: stripe.String("all")}
	params.Limit = stripe.Int64(pageRows)
	all, err := collect(c.sc.V1Subscriptions.List(ctx, params).All(ctx), "list subscriptions")
	if err != nil {
		return nil, err
	}
	for _, sub := range all {
		if err := c.restOfItems(ctx, sub); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// restOfItems reads the items that a subscription was shown without.
func (c *Client) restOfItems(ctx context.Context, sub *stripe.Subscription) (err error) {
	if sub.Items == nil || !sub.Items.HasMore {
		return nil
	}
	rest := &stripe.SubscriptionItemListParams{Subscription: stripe.String(sub.ID)}
	rest.Limit = stripe.Int64(pageRows)
	sub.Items.Data, err = collect(c.sc.V1SubscriptionItems.List(ctx, rest).All(ctx), "list subscription items")
	return err
}

// invoices returns the newest page with its payments: what was billed longer ago is in the mirror already.
func (c *Client) invoices(ctx context.Context, customer string) ([]*stripe.Invoice, error) {
	page, _, err := c.invoicePage(ctx, customer, "")
	return page, err
}

// restOfLines reads the lines that an invoice was shown without.
func (c *Client) restOfLines(ctx context.Context, invoice *stripe.Invoice) (err error) {
	if invoice.Lines == nil || !invoice.Lines.HasMore {
		return nil
	}
	rest := &stripe.InvoiceListLinesParams{Invoice: stripe.String(invoice.ID)}
	rest.Limit = stripe.Int64(pageRows)
	invoice.Lines.Data, err = collect(c.sc.V1Invoices.ListLines(ctx, rest).All(ctx), "list invoice lines")
	return err
}

// intents returns the newest page of payments by id. Expanding them on the invoices would need a fifth level, which Stripe
// refuses.
func (c *Client) intents(ctx context.Context, customer string) (map[string]*stripe.PaymentIntent, error) {
	params := &stripe.PaymentIntentListParams{Customer: stripe.String(customer)}
	params.Limit, params.Single = stripe.Int64(pageRows), true
	all, err := collect(c.sc.V1PaymentIntents.List(ctx, params).All(ctx), "list payments")
	byID := make(map[string]*stripe.PaymentIntent, len(all))
	for _, intent := range all {
		byID[intent.ID] = intent
	}
	return byID, err
}

// completeIntents reads the payments of open invoices that the page of payments did not hold.
func (c *Client) completeIntents(ctx context.Context, s *state) error {
	for _, invoice := range s.invoices {
		id := intentOf(invoice)
		if invoice.Status != stripe.InvoiceStatusOpen || id == "" || s.intents[id] != nil {
			continue
		}
		intent, err := c.sc.V1PaymentIntents.Retrieve(ctx, id, nil)
		if err != nil {
			return failure("retrieve payment", err)
		}
		s.intents[id] = intent
	}
	return nil
}

func (c *Client) methods(ctx context.Context, customer string) ([]*stripe.PaymentMethod, error) {
	params := &stripe.CustomerListPaymentMethodsParams{Customer: stripe.String(customer)}
	params.Limit = stripe.Int64(pageRows)
	return collect(c.sc.V1Customers.ListPaymentMethods(ctx, params).All(ctx), "list payment methods")
}

// checkouts returns the newest page: a hosted page lives a day at most.
func (c *Client) checkouts(ctx context.Context, customer string) ([]*stripe.CheckoutSession, error) {
	params := &stripe.CheckoutSessionListParams{Customer: stripe.String(customer)}
	params.Limit, params.Single = stripe.Int64(pageRows), true
	return collect(c.sc.V1CheckoutSessions.List(ctx, params).All(ctx), "list checkouts")
}

func collect[T any](all stripe.Seq2[T, error], doing string) ([]T, error) {
	var rows []T
	for row, err := range all {
		if err != nil {
			return nil, failure(doing, err)
		}
		rows = append(rows, row)
	}
	return rows, nil
}
