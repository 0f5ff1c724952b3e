package stripeprovider

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// SendUsage implements service.Metering by the stream, which takes a hundred events with one request where the first version of the API takes one.
// Stripe looks at them after its answer: it drops what it knows, and tells of what is wrong by thin events only, so totals are to be compared.
func (c *Client) SendUsage(ctx context.Context, events []service.MeterEvent) error {
	params := &stripe.V2BillingMeterEventStreamCreateParams{}
	for _, e := range events {
		at := e.At.UTC()
		params.Events = append(params.Events, &stripe.V2BillingMeterEventStreamCreateEventParams{
			EventName: stripe.String(e.Event), Identifier: stripe.String(e.Identifier), Timestamp: &at,
			Payload: map[string]string{"stripe_customer_id": string(e.Customer), "value": strconv.FormatInt(e.Quantity, 10)},
		})
	}
	err := c.stream(ctx, params)
	var ended *stripe.TemporarySessionExpiredError
	if errors.As(err, &ended) {
		c.endSession()
		err = c.stream(ctx, params)
	}
	return failure("send usage", err)
}

func (c *Client) stream(ctx context.Context, params *stripe.V2BillingMeterEventStreamCreateParams) error {
	session, err := c.meterSession(ctx)
	if err != nil {
		return err
	}
	return session.V2BillingMeterEventStreams.Create(ctx, params)
}

// meterSession returns a client whose key is the token of a session. A session lasts a quarter of an hour; Stripe's refusal tells its end.
func (c *Client) meterSession(ctx context.Context) (*stripe.Client, error) {
	c.mu.Lock()
	session := c.session
	c.mu.Unlock()
	if session != nil {
		return session, nil
	}
	made, err := c.sc.V2BillingMeterEventSessions.Create(ctx, nil)
	if err != nil {
		return nil, err
	}
	session = stripe.NewClient(made.AuthenticationToken, stripe.WithBackends(c.backends))
	c.mu.Lock()
	c.session = session
	c.mu.Unlock()
	return session, nil
}

func (c *Client) endSession() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.session = nil
}

// MeteredUsage implements service.Metering.
func (c *Client) MeteredUsage(ctx context.Context, customer billing.CustomerID, event string, since, until time.Time) (map[time.Time]int64, error) {
	meter, err := c.meterOf(ctx, event)
	if err != nil {
		return nil, err
	}
	params := &stripe.BillingMeterEventSummaryListParams{
		ID: stripe.String(meter), Customer: stripe.String(string(customer)), StartTime: stripe.Int64(since.Unix()), EndTime: stripe.Int64(until.Unix()),
		ValueGroupingWindow: stripe.String("day"),
	}
	params.Limit = stripe.Int64(pageRows)
	days, err := collect(c.sc.V1BillingMeterEventSummaries.List(ctx, params).All(ctx), "read usage")
	if err != nil {
		return nil, err
	}
	found := map[time.Time]int64{}
	for _, day := range days {
		found[time.Unix(day.StartTime, 0).UTC()] = int64(day.AggregatedValue) // what we send are whole numbers
	}
	return found, nil
}
