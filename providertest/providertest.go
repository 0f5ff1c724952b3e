// Package providertest holds what every payment provider must do, as tests that its package runs against a provider in which
// nothing is at stake: the emulator for Stripe.
//
//	func TestStripeKeepsThePromises(t *testing.T) {
//		providertest.Run(t, func(t *testing.T) providertest.Setup { … })
//	}
package providertest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/money"
	"github.com/dues-billing/dues/service"
)

// Setup is a provider with nothing in it, and the world around it.
type Setup struct {
	Provider service.Provider
	Prices   service.PriceMaker
	World    World
}

// Card is how a card behaves, whatever number the provider gives it in tests.
type Card string

// The cards.
const (
	Good       Card = "good"       // pays
	Refused    Card = "refused"    // cannot be saved or charged
	Failing    Card = "failing"    // can be saved, and each charge of it is declined
	Challenged Card = "challenged" // the customer has to confirm each payment
)

// World is what happens on the other side of a provider: customers at their browsers, and time.
type World interface {
	// Pay enters a card on a hosted checkout, confirms when asked, and reports whether the customer was sent on to the app.
	Pay(t *testing.T, url string, card Card) bool
	// SaveCard saves a card as the customer's default, as the portal does, without a payment.
	SaveCard(t *testing.T, customer billing.CustomerID, card Card)
	// Visit opens a hosted page and fails the test when it is not shown.
	Visit(t *testing.T, url string)
	// Delete removes the customer at the provider, as an operator can in its Dashboard.
	Delete(t *testing.T, customer billing.CustomerID)
	// Pass lets time pass and everything happen that falls due meanwhile.
	Pass(t *testing.T, d time.Duration)
}

// Run checks all promises, each in a provider of its own.
func Run(t *testing.T, start func(t *testing.T) Setup) {
	t.Helper()
	for _, p := range promises {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			p.check(newScene(t, start(t)))
		})
	}
}

type promise struct {
	name  string
	check func(c *scene)
}

// promises is the behaviour list.
var promises = []promise{
	{"one customer, however often it is asked for", oneCustomer},
	{"one customer, asked for by two at once", oneCustomerAtOnce},
	{"a customer is brought up to date", customerUpdated},
	{"prices are made once", pricesOnce},
	{"a price never changes", pricesNeverChange},
	{"what a catalogue asks for is on sale, and asking again changes nothing", stocked},
	{"what may change at the provider follows the catalogue", restocked},
	{"nobody's customer is not found", unknownCustomer},
	{"a deleted customer can still be read", deletedCustomer},
	{"the free plan is a subscription with a period", freePlan},
	{"a repeated subscribe is one subscription", subscribeOnce},
	{"a subscribe that must be paid makes nothing", subscribeUnpaid},

	{"a paid checkout is a subscription, an invoice and a saved method", checkoutPaid},
	{"a checkout that needs confirmation completes", checkoutChallenged},
	{"a refused card leaves the checkout open", checkoutRefused},
	{"a closed checkout takes no payment", checkoutExpired},
	{"a completed checkout cannot be closed", checkoutComplete},

	{"leaving the free plan charges the whole price and starts a period", changeFromFree},
	{"an upgrade in the middle charges the difference", changeProrated},
	{"a repeated change charges once", changeOnce},
	{"a declined change changes nothing", changeDeclined},
	{"a change waits until its invoice is paid", changeWaits},
	{"a change waits until the bank's question is answered", changeWaitsForBank},
	{"a change that waits gives way to another", changeWaitsNoMore},
	{"a change that needs confirmation changes nothing", changeChallenged},
	{"a change without a method changes nothing", changeWithoutMethod},

	{"a change costs what its preview showed, some time later", changePreviewed},
	{"the next invoice is what was shown", upcomingShown},
	{"more of a quantity is charged, and the rest of a period is billed as asked", changeQuantity},
	{"a change at the period's end happens then, in place of another, or never", changeAtEnd},

	{"a trial without a method ends as asked", trialWithoutMethod},
	{"a trial is made longer, and paid when it is ended", trialMoved},

	{"a cancelled subscription has ended, and cancelling again is no error", cancelled},
	{"a cancel at the period's end can be taken back, and then happens", cancelledAtEnd},
	{"a cancel at a date shortens the last period to it", cancelledOnDate},
	{"a pause charges nothing, and going on begins a paid period", paused},
	{"a pause that ends inside what is paid for costs nothing", pausedShortly},
	{"a renewal moves the period and is an invoice of its own", renewed},
	{"a failed renewal is retried, then ends the subscription", renewalFails},
	{"a new card saves a failing subscription", renewalRecovers},
	{"a renewal that needs confirmation says so", renewalChallenged},
	{"an open invoice is paid when asked, once", invoicePaid},
	{"an invoice that its method does not pay stays open", invoiceUnpaid},
	{"a line is added once, removed, and billed with the next invoice", linesAdded},
	{"a line is added to a draft, and not to what is finalized", lineOnDraft},
	{"an invoice is made once, takes what waits, and is charged", invoiceMade},
	{"an invoice is sent by mail, and ends unpaid as asked", invoiceSent},
	{"a renewal's draft is held until it is released", invoiceHeld},
	{"what is sold once is paid on a page, and has an invoice", soldOnce},
	{"a guest who pays on a page becomes a customer", soldToGuest},
	{"a saved method is charged once for a purchase", chargedOnce},
	{"a charge that is not paid leaves an invoice that can be, or be void", chargeUnpaid},
	{"what a bank keeps ready is captured, and has an invoice", captured},
	{"what a bank keeps ready is let go", released},
	{"credit is given once, taken, and pays the next invoice", creditPays},
	{"a refund is made once, on a credit note", refunded},
	{"no more is given back than was paid", refundedTooMuch},
	{"a new price is paid from the next period, and nothing before", repriced},
	{"a discount is taken off the next invoice, and ends", discounted},
	{"usage is counted once, whoever sends it again", usageCounted},
	{"the portal opens", portalOpens},
	{"the portal opens at one task", portalTasks},
	{"a method is saved without a payment", methodSaved},
	{"a method that is made the default is charged next", methodDefault},
	{"a deleted customer is billed no more, and deleting it again is no error", customerRemoved},
	{"a released customer is no account's", customerReleased},
	{"a removed method is gone, and removing it again is no error", methodRemoved},
}

// The catalogue that is sold here.
const (
	freeKey, basicKey, proKey, yearKey = "free-monthly", "basic-monthly", "pro-monthly", "pro-yearly"
	currency                           = money.Currency("eur")
)

func catalogue() billing.Catalog {
	monthly := func(key string, minor int64) billing.Price {
		return billing.Price{Key: key, Amount: money.New(minor, currency), Interval: billing.Month, IntervalCount: 1}
	}
	yearly := billing.Price{Key: yearKey, Amount: money.New(20000, currency), Interval: billing.Year, IntervalCount: 1}
	return billing.Catalog{FreePlan: "free", Plans: []billing.Plan{
		{ID: "free", Name: "Free", Prices: []billing.Price{monthly(freeKey, 0)}},
		{ID: "basic", Name: "Basic", Prices: []billing.Price{monthly(basicKey, 1000)}},
		{ID: "pro", Name: "Pro", Prices: []billing.Price{monthly(proKey, 2000), yearly}},
	}}
}

// scene is one provider under test, with a customer and the prices made.
type scene struct {
	*testing.T
	Setup
	ctx    context.Context
	prices map[string]billing.PriceID
	ada    billing.Account
	asked  int // cancels, so far
}

func newScene(t *testing.T, setup Setup) *scene {
	t.Helper()
	c := &scene{T: t, Setup: setup, ctx: t.Context(), ada: billing.Account{ID: "ada", Email: "ada@example.com", Name: "Ada"}}
	prices, err := c.Prices.EnsurePrices(c.ctx, catalogue())
	c.must(err)
	c.prices = prices
	if c.ada.Customer, err = c.Provider.EnsureCustomer(c.ctx, c.ada, "customer-ada"); err != nil {
		c.Fatal(err)
	}
	return c
}

func (c *scene) must(err error) {
	c.Helper()
	if err != nil {
		c.Fatal(err)
	}
}

// fetch reads Ada's state.
func (c *scene) fetch() service.Snapshot {
	c.Helper()
	snap, err := c.Provider.Fetch(c.ctx, c.ada.Customer)
	c.must(err)
	return snap
}

// subscribe puts Ada on the free plan.
func (c *scene) subscribe() billing.Subscription {
	c.Helper()
	id, err := c.Provider.Subscribe(c.ctx, service.SubscribeRequest{
		Customer: c.ada.Customer, Price: c.prices[freeKey], Account: c.ada.ID, Key: "free-ada",
	})
	c.must(err)
	return c.subscription(id)
}

func (c *scene) subscription(id billing.SubscriptionID) billing.Subscription {
	c.Helper()
	for _, sub := range c.fetch().Subscriptions {
		if sub.ID == id {
			if len(sub.Items) != 1 {
				c.Fatalf("subscription %s has %d items", id, len(sub.Items))
			}
			return sub
		}
	}
	c.Fatalf("there is no subscription %s", id)
	return billing.Subscription{}
}

// open opens a checkout for a price.
func (c *scene) open(key string) service.CheckoutPage {
	c.Helper()
	page, err := c.Provider.Checkout(c.ctx, service.CheckoutRequest{
		Quantity: 1,
		Customer: c.ada.Customer, Price: c.prices[key], Account: c.ada.ID, Purchase: "purchase-1",
		SuccessURL: "https://app.example/thanks?session={CHECKOUT_SESSION_ID}", CancelURL: "https://app.example/pricing", Key: "checkout-1",
	})
	c.must(err)
	return page
}

// buy pays for a price on a checkout and returns the subscription.
func (c *scene) buy(key string, card Card) billing.Subscription {
	c.Helper()
	if !c.World.Pay(c.T, c.open(key).URL, card) {
		c.Fatal("the checkout did not take the card")
	}
	return c.subscription(c.fetch().Checkouts[0].Subscription)
}

// change moves a subscription with Ada's default method.
func (c *scene) change(sub billing.Subscription, key string) error {
	c.Helper()
	req := service.ChangeRequest{Subscription: sub.ID, Item: sub.Items[0].ID, Price: c.prices[key], Key: "change-" + key}
	for _, method := range c.fetch().Methods {
		if method.Default {
			req.PaymentMethod = method.ID
		}
	}
	return c.Provider.Change(c.ctx, req)
}

// cancel asks for the end of a subscription, or to let it go on. Each ask has a key of its own, as one of a customer has.
func (c *scene) cancel(sub billing.Subscription, when billing.CancelWhen, date ...time.Time) error {
	c.Helper()
	c.asked++
	return c.Provider.Cancel(c.ctx, service.CancelRequest{
		Subscription: sub.ID, When: when, Date: append(date, time.Time{})[0], Key: fmt.Sprintf("cancel-%d", c.asked),
		CancellationDetails: billing.CancellationDetails{Feedback: "too_expensive", Comment: "Another time."},
	})
}

func eur(minor int64) money.Amount { return money.New(minor, currency) }

// month is more than any month with the hour or more that a renewal's invoice is a draft.
const month = 31*24*time.Hour + 3*time.Hour
