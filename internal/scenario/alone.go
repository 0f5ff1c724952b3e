package scenario

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/billing"
)

// alone is the driver of the emulator alone: what the service would ask of Stripe, the driver asks itself.
type alone struct {
	stripeSide
	t         testing.TB
	catalog   billing.Catalog
	begun     bool
	prices    map[string]string // Stripe's id of each key of the catalogue
	customers map[string]*payer
}

// payer is a customer as the driver has to remember him.
type payer struct {
	id   string
	free string // the free subscription that a paid one replaces
}

// NewAlone returns a driver that runs the emulator alone, where the prices of a catalogue are sold.
func NewAlone(t testing.TB, catalog billing.Catalog) Driver {
	return &alone{t: t, catalog: catalog, prices: map[string]string{}, customers: map[string]*payer{}}
}

// Move implements Driver.
func (d *alone) Move(ctx context.Context, to time.Time) error {
	if d.begun {
		return d.moveOn(ctx, to)
	}
	d.begun = true
	d.stripeSide = newStripeSide(d.t, to)
	for _, plan := range d.catalog.Plans {
		product, err := d.client.V1Products.Create(ctx, &stripe.ProductCreateParams{Name: stripe.String(plan.Name)})
		if err != nil {
			return err
		}
		for _, price := range plan.Prices {
			made, err := d.client.V1Prices.Create(ctx, priceParams(product.ID, price))
			if err != nil {
				return err
			}
			d.prices[price.Key] = made.ID
		}
	}
	return nil
}

func (d *alone) moveOn(ctx context.Context, to time.Time) error {
	d.move(to)
	for _, p := range d.customers {
		if err := d.settle(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

func priceParams(product string, price billing.Price) *stripe.PriceCreateParams {
	return &stripe.PriceCreateParams{
		Product: &product, LookupKey: &price.Key, UnitAmount: &price.Amount.Minor, Currency: stripe.String(string(price.Amount.Currency)),
		Recurring: &stripe.PriceCreateRecurringParams{
			Interval: stripe.String(string(price.Interval)), IntervalCount: stripe.Int64(int64(price.IntervalCount)),
		},
	}
}

func (d *alone) payer(who string) (*payer, error) {
	p, ok := d.customers[who]
	if !ok {
		return nil, fmt.Errorf("%s has not signed up", who)
	}
	return p, nil
}

// SignUp implements Driver.
func (d *alone) SignUp(ctx context.Context, who string) error {
	customer, err := d.client.V1Customers.Create(ctx, &stripe.CustomerCreateParams{Email: stripe.String(mailOf(who))})
	if err != nil {
		return err
	}
	p := &payer{id: customer.ID}
	d.customers[who] = p
	return d.startFree(ctx, p)
}

func mailOf(who string) string { return who + "@example.com" }

func (d *alone) startFree(ctx context.Context, p *payer) error {
	free, ok := d.catalog.FreePrice()
	if !ok {
		return errors.New("the catalogue has no free plan")
	}
	sub, err := d.client.V1Subscriptions.Create(ctx, &stripe.SubscriptionCreateParams{
		Customer: &p.id, Items: []*stripe.SubscriptionCreateItemParams{{Price: stripe.String(d.prices[free.Key])}},
	})
	if err != nil {
		return err
	}
	p.free = sub.ID
	return nil
}

// Subscribe implements Driver.
func (d *alone) Subscribe(ctx context.Context, who, price, card string) error {
	p, err := d.payer(who)
	if err != nil {
		return err
	}
	session, err := d.client.V1CheckoutSessions.Create(ctx, &stripe.CheckoutSessionCreateParams{
		Mode: stripe.String("subscription"), Customer: &p.id, SuccessURL: stripe.String("https://app.example.com/done"),
		LineItems: []*stripe.CheckoutSessionCreateLineItemParams{{Price: stripe.String(d.prices[price]), Quantity: stripe.Int64(1)}},
	})
	if err != nil {
		return err
	}
	if err := d.pay(ctx, who, session.URL, card); err != nil {
		return err
	}
	return d.settle(ctx, p)
}

// settle does what the service does after news from Stripe: a paid subscription replaces the free one, and the free one follows
// a paid one that ended.
func (d *alone) settle(ctx context.Context, p *payer) error {
	newest, err := d.newest(ctx, p.id)
	if err != nil {
		return err
	}
	switch {
	case p.free != "" && newest.id != p.free:
		_, err = d.client.V1Subscriptions.Cancel(ctx, p.free, nil)
		p.free = ""
	case newest.Status == "canceled":
		err = d.startFree(ctx, p)
	}
	return err
}

// Challenge implements Driver.
func (d *alone) Challenge(ctx context.Context, who string, succeed bool) error {
	p, err := d.payer(who)
	if err != nil {
		return err
	}
	if err := d.challenge(ctx, who, succeed); err != nil {
		return err
	}
	return d.settle(ctx, p)
}

// Change implements Driver. Leaving the free plan starts the paid period anew; any other change keeps its days.
func (d *alone) Change(ctx context.Context, who, price string) error {
	p, err := d.payer(who)
	if err != nil {
		return err
	}
	newest, err := d.newest(ctx, p.id)
	if err != nil {
		return err
	}
	params := &stripe.SubscriptionUpdateParams{
		Items:             []*stripe.SubscriptionUpdateItemParams{{ID: &newest.item, Price: stripe.String(d.prices[price])}},
		ProrationBehavior: stripe.String("always_invoice"), PaymentBehavior: stripe.String("error_if_incomplete"),
	}
	if newest.id == p.free {
		params.BillingCycleAnchorNow = stripe.Bool(true)
		p.free = ""
	}
	_, err = d.client.V1Subscriptions.Update(ctx, newest.id, params)
	return err
}

// Card implements Driver.
func (d *alone) Card(ctx context.Context, who, card string) error {
	portal, err := d.portal(ctx, who)
	if err != nil {
		return err
	}
	return d.person.addCard(ctx, portal, card)
}

// Cancel implements Driver.
func (d *alone) Cancel(ctx context.Context, who string, undo bool) error {
	portal, err := d.portal(ctx, who)
	if err != nil {
		return err
	}
	return d.person.cancel(ctx, portal, undo)
}

func (d *alone) portal(ctx context.Context, who string) (string, error) {
	p, err := d.payer(who)
	if err != nil {
		return "", err
	}
	session, err := d.client.V1BillingPortalSessions.Create(ctx, &stripe.BillingPortalSessionCreateParams{Customer: &p.id})
	if err != nil {
		return "", err
	}
	return session.URL, nil
}

// Seen implements Driver.
func (d *alone) Seen(ctx context.Context, who string) (Seen, error) {
	p, err := d.payer(who)
	if err != nil {
		return Seen{}, err
	}
	return d.seen(ctx, p.id)
}
