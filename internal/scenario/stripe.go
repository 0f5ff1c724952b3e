package scenario

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/emulator"
	"github.com/dues-billing/dues/emulator/engine"
	"github.com/dues-billing/dues/emulator/wire"
	"github.com/dues-billing/dues/money"
)

// clock is the time of a story: the emulator's, the service's and that of the signatures between them.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = t
}

// stripeSide is what every driver has: an emulator, a clock, a person with a browser, and the official SDK to look with.
type stripeSide struct {
	clock  *clock
	server *emulator.Server
	client *stripe.Client
	person person
	visits map[string]visit // of each customer to the hosted Checkout
	heard  map[string]heard // of each customer: a story lasts longer than Stripe lists its events
}

// heard is what Stripe has told of a customer.
type heard struct {
	newest string   // event
	types  []string // oldest first
}

// visit is where a customer stands in a hosted Checkout.
type visit struct {
	page      string
	card      string
	challenge string // the challenge page that is open, "" for none
}

// newStripeSide starts an emulator; sites are the other places that a browser of the story can show.
func newStripeSide(t testing.TB, begin time.Time, sites ...string) stripeSide {
	t.Helper()
	c := &clock{now: begin}
	server := emulator.Start(t, func(o *emulator.Options) { o.Now = c.Now })
	return stripeSide{clock: c, server: server, client: server.Client(), person: newPerson(append(sites, server.URL)...), visits: map[string]visit{}, heard: map[string]heard{}}
}

// move sets the clock, and has the emulator live through what is due until then.
func (s stripeSide) move(to time.Time) {
	s.clock.set(to)
	s.server.Now()
}

// nextDue is when the next thing is planned at Stripe.
func (s stripeSide) nextDue() (time.Time, bool) {
	var due int64
	var planned bool
	s.server.World(s.server.Key).Read(func(w *engine.World, _ int64) { due, planned = w.NextDue() })
	return time.Unix(due, 0).UTC(), planned
}

// undelivered reports whether some event still waits for its webhook to be taken in.
func (s stripeSide) undelivered() bool {
	for _, d := range s.server.World(s.server.Key).Deliveries(1) { // those that wait come first
		return d.State == wire.DeliveryPending
	}
	return false
}

// seen reads how a customer stands at Stripe.
func (s stripeSide) seen(ctx context.Context, customer string) (Seen, error) {
	var seen Seen
	var err error
	if seen.Subscription, err = s.newest(ctx, customer); err != nil {
		return seen, err
	}
	for invoice, err := range s.client.V1Invoices.List(ctx, &stripe.InvoiceListParams{Customer: &customer}).All(ctx) {
		if err != nil {
			return seen, err
		}
		total := money.New(invoice.Total, money.Currency(invoice.Currency))
		seen.Invoices = append(seen.Invoices, Invoice{total, string(invoice.Status)})
	}
	slices.Reverse(seen.Invoices)
	seen.Events, err = s.events(ctx, customer)
	return seen, err
}

// events are the types of all that Stripe has told of a customer, oldest first. Nobody may look away for thirty days.
func (s stripeSide) events(ctx context.Context, customer string) ([]string, error) {
	before := s.heard[customer]
	now := before
	var came []string
	for event, err := range s.client.V1Events.List(ctx, &stripe.EventListParams{}).All(ctx) {
		if err != nil {
			return nil, err
		}
		if event.ID == before.newest {
			break
		}
		if event.Data.Object["customer"] == customer || event.Data.Object["id"] == customer {
			if len(came) == 0 {
				now.newest = event.ID
			}
			came = append(came, string(event.Type))
		}
	}
	slices.Reverse(came)
	now.types = append(slices.Clip(before.types), came...)
	s.heard[customer] = now
	return now.types, nil
}

// newest returns the newest subscription that has not failed before it began.
func (s stripeSide) newest(ctx context.Context, customer string) (Subscription, error) {
	list := &stripe.SubscriptionListParams{Customer: &customer, Status: stripe.String("all")}
	for sub, err := range s.client.V1Subscriptions.List(ctx, list).All(ctx) {
		if err != nil {
			return Subscription{}, err
		}
		if sub.Status == stripe.SubscriptionStatusIncomplete || sub.Status == stripe.SubscriptionStatusIncompleteExpired {
			continue
		}
		item := sub.Items.Data[0]
		return Subscription{
			id: sub.ID, item: item.ID, Price: item.Price.LookupKey, Status: string(sub.Status), PeriodEnd: time.Unix(item.CurrentPeriodEnd, 0),
		}, nil
	}
	return Subscription{}, errors.New("the customer has no subscription")
}

// pay fills in a hosted Checkout page with a card.
func (s stripeSide) pay(ctx context.Context, who, page, card string) error {
	end, err := s.person.pay(ctx, page, card)
	if err != nil {
		return err
	}
	s.visits[who] = visit{page: page, card: card, challenge: end}
	return nil
}

// challenge answers the challenge that paying led to. After a failed one the customer is on the Checkout page again, and pays
// once more to be asked once more.
func (s stripeSide) challenge(ctx context.Context, who string, succeed bool) error {
	v, ok := s.visits[who]
	if !ok {
		return errors.New("no checkout is open")
	}
	if v.challenge == "" {
		if err := s.pay(ctx, who, v.page, v.card); err != nil {
			return err
		}
		v = s.visits[who]
	}
	if v.challenge == "" {
		return errors.New("the card asked for no challenge")
	}
	s.visits[who] = visit{page: v.page, card: v.card}
	return s.person.answer(ctx, v.challenge, succeed)
}
