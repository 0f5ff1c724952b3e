package sim

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

const day = 24 * time.Hour

// deed is something that may happen in a step of a story; the heavier, the more often.
type deed struct {
	weight int
	do     func(w *world)
}

// life is what people do, and what is done for them at Stripe.
var life = []deed{
	{3, (*world).signUp},
	{9, (*world).buy},
	{2, (*world).payOnPage},
	{3, (*world).cancelAtStripe},
	{2, (*world).endAtStripe},
	{3, (*world).swapCard},
	{2, (*world).refund},
	{1, (*world).deleteCustomer},
}

// troubles are what fate does.
var troubles = []deed{
	{8, (*world).nothing},
	{3, (*world).roughen},
	{2, (*world).outage},
	{1, (*world).mailTrouble},
	{1, (*world).appTrouble},
	{6, (*world).cutPower},
	{3, (*world).calmDown},
}

// step lets something happen in some trouble, and time pass.
func (w *world) step() {
	w.one(troubles)
	w.one(life)
	w.pass()
	w.replace()
}

func (w *world) one(of []deed) {
	total := 0
	for _, d := range of {
		total += d.weight
	}
	n := w.rand.IntN(total)
	for _, d := range of {
		if n -= d.weight; n < 0 {
			d.do(w)
			return
		}
	}
}

func (w *world) nothing() {}

// pass lets time pass: mostly little, sometimes a whole period.
func (w *world) pass() {
	var by time.Duration
	switch w.rand.IntN(16) {
	case 0, 1, 2, 3, 4, 5, 6, 7:
		by = time.Duration(w.rand.IntN(600)) * time.Second
	case 8, 9, 10, 11, 12:
		by = time.Duration(w.rand.IntN(24*60)) * time.Minute
	case 13, 14:
		by = time.Duration(w.rand.IntN(8)) * day
	default:
		by = 31 * day
	}
	w.let(by)
}

// let lets so much time pass.
func (w *world) let(by time.Duration) {
	w.say("%s pass", by)
	time.Sleep(by) //tidy:allow sleep in a bubble of synctest, where time costs nothing
}

// person draws somebody who has signed up: the first does when a story begins.
func (w *world) person() billing.AccountID {
	return w.people[w.rand.IntN(len(w.people))]
}

// visit lets somebody ask a process for something. That it fails is part of life; that it takes for ever is not.
func (w *world) visit(what string, ask func(ctx context.Context, p *process) error) {
	p := w.alive()
	if p == nil {
		w.say("%s: no process is up", what)
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	err := ask(ctx, p)
	w.say("%s at %s: %v", what, p.name, err)
}

func (w *world) signUp() {
	if len(w.people) >= 3 {
		return
	}
	id := billing.AccountID([]string{"ada", "ben", "cyd"}[len(w.people)])
	w.people = append(w.people, id)
	email := string(id) + "@app.sim"
	w.visit("sign-up of "+string(id), func(ctx context.Context, p *process) error {
		_, _, err := p.CreateAccount(ctx, service.NewAccount{ID: id, Email: email, Name: string(id)})
		return err
	})
}

// buy asks for a plan, and mostly pays for it at once when there is a page to pay on.
func (w *world) buy() {
	id := w.person()
	w.upgrade(id)
	if w.rand.IntN(4) > 0 {
		w.pay(id)
	}
}

// buyWith lets somebody pay for a plan with a card.
func (w *world) buyWith(price, card string) {
	id := w.person()
	w.ask(id, price)
	w.payWith(id, card)
}

func (w *world) upgrade(id billing.AccountID) {
	w.ask(id, []string{"premium-monthly", "premium-yearly"}[w.rand.IntN(2)])
}

// ask asks for a plan on somebody's behalf.
func (w *world) ask(id billing.AccountID, price string) {
	w.visit("upgrade of "+string(id)+" to "+price, func(ctx context.Context, p *process) error {
		result, err := p.Upgrade(ctx, id, service.Upgrade{PriceKey: price, SuccessURL: appURL + "/thanks", CancelURL: appURL + "/pricing"})
		if err == nil && strings.Contains(result.URL, "/c/pay/") {
			w.pages[id] = result.URL
		}
		return err
	})
}

var cards = []string{"4242424242424242", "4242424242424242", "4242424242424242", "4000000000000002", "4000000000000341"}

func (w *world) payOnPage() { w.pay(w.person()) }

func (w *world) pay(id billing.AccountID) { w.payWith(id, cards[w.rand.IntN(len(cards))]) }

// payWith fills in the page that somebody has open. The browser comes back to us, or is closed before.
func (w *world) payWith(id billing.AccountID, card string) {
	page := w.pages[id]
	if page == "" {
		return
	}
	to := w.submit(page, url.Values{
		"cardNumber": {card}, "cardExpiry": {"12/34"}, "cardCvc": {"123"}, "billingName": {string(id)}, "email": {string(id) + "@app.sim"},
	})
	w.say("%s pays on the page with %s and is sent to %q", id, card, to)
	back, err := url.Parse(to)
	if err != nil || back.Path != "/return/checkout" {
		return
	}
	delete(w.pages, id)
	if w.rand.IntN(2) == 0 {
		return
	}
	w.visit("return of "+string(id), func(ctx context.Context, p *process) error {
		_, err := p.CompleteReturn(ctx, billing.PurchaseID(back.Query().Get("purchase")))
		return err
	})
}

// submit sends a form as a browser does, and returns where it is sent to.
func (w *world) submit(page string, form url.Values) string {
	r, err := http.NewRequestWithContext(context.Background(), http.MethodPost, page, strings.NewReader(form.Encode()))
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer := carry(w.stripe, r)
	_ = answer.Body.Close() // it is in memory
	return answer.Header.Get("Location")
}

// subscriptionOf returns a subscription that somebody pays for, or nil.
func (w *world) subscriptionOf(id billing.AccountID) *stripe.Subscription {
	for _, customer := range w.customers(id) {
		list := &stripe.SubscriptionListParams{Customer: &customer.ID}
		for sub, err := range w.client.V1Subscriptions.List(context.Background(), list).All(context.Background()) {
			if err != nil {
				w.t.Fatal(err)
			}
			if len(sub.Items.Data) > 0 && sub.Items.Data[0].Price.UnitAmount > 0 {
				return sub
			}
		}
	}
	return nil
}

// customers returns all customers at Stripe that are somebody's.
func (w *world) customers(id billing.AccountID) (all []*stripe.Customer) {
	for customer, err := range w.client.V1Customers.List(context.Background(), &stripe.CustomerListParams{}).All(context.Background()) {
		if err != nil {
			w.t.Fatal(err)
		}
		if customer.Metadata["dues_account"] == string(id) {
			all = append(all, customer)
		}
	}
	return all
}

// cancelAtStripe is a click in the portal: cancel at the period's end, or take that back.
func (w *world) cancelAtStripe() {
	id := w.person()
	sub := w.subscriptionOf(id)
	if sub == nil {
		return
	}
	_, err := w.client.V1Subscriptions.Update(context.Background(), sub.ID, &stripe.SubscriptionUpdateParams{CancelAtPeriodEnd: stripe.Bool(!sub.CancelAtPeriodEnd)})
	w.say("%s: cancel at the period's end: %v, %v", id, !sub.CancelAtPeriodEnd, err)
}

// endAtStripe is a click in Stripe's dashboard.
func (w *world) endAtStripe() {
	id := w.person()
	sub := w.subscriptionOf(id)
	if sub == nil {
		return
	}
	_, err := w.client.V1Subscriptions.Cancel(context.Background(), sub.ID, nil)
	w.say("the subscription of %s is ended at Stripe: %v", id, err)
}

// swapCard makes another card the one that is charged, a failing one as often as a good one.
func (w *world) swapCard() {
	id := w.person()
	customers := w.customers(id)
	if len(customers) == 0 {
		return
	}
	token := []string{"pm_card_visa", "pm_card_chargeCustomerFail", "pm_card_authenticationRequired"}[w.rand.IntN(3)]
	ctx := context.Background()
	method, err := w.client.V1PaymentMethods.Attach(ctx, token, &stripe.PaymentMethodAttachParams{Customer: &customers[0].ID})
	if err == nil {
		_, err = w.client.V1Customers.Update(ctx, customers[0].ID, &stripe.CustomerUpdateParams{
			InvoiceSettings: &stripe.CustomerUpdateInvoiceSettingsParams{DefaultPaymentMethod: &method.ID},
		})
	}
	if sub := w.subscriptionOf(id); err == nil && sub != nil {
		_, err = w.client.V1Subscriptions.Update(ctx, sub.ID, &stripe.SubscriptionUpdateParams{DefaultPaymentMethod: &method.ID})
	}
	w.say("%s has the card %s now: %v", id, token, err)
}

// refund gives the newest payment of somebody back, in Stripe's dashboard.
func (w *world) refund() {
	id := w.person()
	for _, customer := range w.customers(id) {
		list := &stripe.PaymentIntentListParams{Customer: &customer.ID}
		for intent, err := range w.client.V1PaymentIntents.List(context.Background(), list).All(context.Background()) {
			if err != nil {
				w.t.Fatal(err)
			}
			if intent.Status == stripe.PaymentIntentStatusSucceeded {
				_, err := w.client.V1Refunds.Create(context.Background(), &stripe.RefundCreateParams{PaymentIntent: &intent.ID})
				w.say("%s gets %d back: %v", id, intent.Amount, err)
				return
			}
		}
	}
}

func (w *world) deleteCustomer() {
	id := w.person()
	customers := w.customers(id)
	if len(customers) == 0 || w.rand.IntN(3) > 0 {
		return
	}
	_, err := w.client.V1Customers.Delete(context.Background(), customers[0].ID, nil)
	w.say("the customer of %s is deleted at Stripe: %v", id, err)
}

func (w *world) roughen() {
	rough := 50 + w.rand.IntN(500)
	w.say("the network loses, doubles and delays %d of 1000", rough)
	w.net.set(rough, time.Time{})
}

func (w *world) outage() {
	until := time.Now().Add(time.Duration(w.rand.IntN(5*60)) * time.Minute)
	w.say("Stripe is out of order until %s", until.Format(time.DateTime))
	w.net.set(0, until)
}

func (w *world) mailTrouble() {
	until := time.Now().Add(time.Duration(w.rand.IntN(24*60)) * time.Minute)
	w.say("the mail server is down until %s", until.Format(time.DateTime))
	w.mails.setDown(until)
}

// cutPower lets a process die after one of its next statements.
func (w *world) cutPower() {
	p := w.alive()
	if p == nil {
		return
	}
	after := 1 + w.rand.IntN(40)
	w.say("%s will lose its power after %d statements", p.name, after)
	p.power.cutAfter(after)
}

func (w *world) calmDown() {
	w.say("all is calm")
	w.net.calm()
	w.mails.setDown(time.Time{})
	w.app.setDown(time.Time{})
}

// settle ends all trouble and gives everybody the time to find out.
func (w *world) settle() {
	w.calmDown()
	for _, p := range w.processes {
		p.power.cutAfter(-1)
	}
	for range 4 {
		w.replace()
		time.Sleep(12 * time.Hour) //tidy:allow sleep in a bubble of synctest, where time costs nothing
	}
	for _, p := range slices.Clone(w.processes) {
		w.operate(p)
		if _, err := p.CatchUp(context.Background()); err != nil {
			w.fail("%s cannot catch up: %v", p.name, err)
		}
		if err := p.Drain(context.Background()); err != nil {
			w.fail("%s cannot drain: %v", p.name, err)
		}
	}
}

// operate is the operator's button: what was given up, because trouble lasted for longer than anything is tried, is tried again.
func (w *world) operate(p *process) {
	if _, err := p.RetryEvents(context.Background(), service.EventFilter{}); err != nil {
		w.fail("%s: %v", p.name, err)
	}
	if _, err := p.RetryEffects(context.Background(), service.EffectFilter{}); err != nil {
		w.fail("%s: %v", p.name, err)
	}
}

// fail fails the test with the story.
func (w *world) fail(format string, args ...any) {
	w.t.Helper()
	w.t.Errorf("seed %d: %s\n\n%s", w.seed, fmt.Sprintf(format, args...), strings.Join(w.told, "\n"))
}
