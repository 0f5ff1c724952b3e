package service_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// ofSecond matches the requests with the second account's key.
func ofSecond(r *http.Request) bool { return r.Header.Get("Authorization") == "Bearer sk_test_second" }

// gate is a way to the provider that can be shut: what is asked then is never answered.
type gate struct {
	mu    sync.Mutex
	shut  bool
	asked chan struct{} // closed when somebody stands before the shut gate
}

func (g *gate) RoundTrip(r *http.Request) (*http.Response, error) {
	g.mu.Lock()
	shut := g.shut
	if shut && g.asked != nil {
		close(g.asked)
		g.asked = nil
	}
	g.mu.Unlock()
	if shut {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	own := &http.Transport{DisableKeepAlives: true}
	return own.RoundTrip(r)
}

// close shuts the gate, and returns what tells that somebody stands before it.
func (g *gate) close() <-chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()
	asked := make(chan struct{})
	g.shut, g.asked = true, asked
	return asked
}

// twoWithCards signs ada and bob up, and gives both a card of which no event was delivered.
func (w *world) twoWithCards(s *service.Service, other *world) (ada, bob billing.Account) {
	w.t.Helper()
	ada, bob = w.signUp(s), w.signUpSecond(s)
	w.settle(s)
	for w.deliverSecond(s, other) > 0 {
		w.drain(s)
	}
	w.saveCard(ada.Customer, "pm_card_visa")
	other.saveCard(bob.Customer, "pm_card_mastercard")
	return ada, bob
}

// waiting counts the events about a customer that are not worked off.
func (w *world) waiting(s *service.Service, customer billing.CustomerID) int {
	w.t.Helper()
	events, _, err := s.Events(w.t.Context(), service.EventFilter{State: "pending", Customer: customer}, service.Page{})
	if err != nil {
		w.t.Fatal(err)
	}
	return len(events)
}

// A lull was one for all accounts, so the limit of one of them stopped the other.
func TestALimitOfOneProviderAccountSlowsNoOther(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		other := w.second()
		s := w.both(other)
		ada, bob := w.twoWithCards(s, other)
		news := other.newEvents()
		w.trouble.limit("60")
		w.trouble.only(ofSecond)
		for _, e := range news {
			if err := s.Receive(t.Context(), "second", w.signed(e.body, secondSecret, w.now.Now()), e.body); err != nil {
				t.Fatal(err)
			}
		}
		w.drain(s)
		refused := w.trouble.failures()
		w.deliver(s, w.newEvents()...)
		w.drain(s)
		if n := w.waiting(s, ada.Customer); n != 0 || w.status(s).Method == nil {
			t.Errorf("%d events of ada wait while the other account is limited", n)
		}
		if n := w.waiting(s, bob.Customer); n == 0 {
			t.Error("nothing of bob waits")
		}
		if n := w.trouble.failures(); refused == 0 || n != refused {
			t.Errorf("%d calls were refused, and then %d more within the time that was asked for", refused, n-refused)
		}
		w.trouble.over()
		w.move(w.now.Now().Add(time.Minute))
		w.drain(s)
		if n := w.waiting(s, bob.Customer); n != 0 {
			t.Errorf("%d events of bob wait when the limit is over", n)
		}
	})
}

func TestAProviderAccountThatNeverAnswersKeepsNoOtherWaiting(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		other, way := w.second(), &gate{}
		s := w.bothBy(other, way)
		ada, bob := w.twoWithCards(s, other)
		asked := way.close()
		w.deliverSecond(s, other)
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- s.Run(ctx) }()
		<-asked
		w.deliver(s, w.newEvents()...)
		w.await("what is told of ada", func() bool { return w.waiting(s, ada.Customer) == 0 })
		if w.status(s).Method == nil || w.waiting(s, bob.Customer) == 0 {
			t.Errorf("ada has the method %v; %d events of bob wait", w.status(s).Method, w.waiting(s, bob.Customer))
		}
		stop()
		<-ended
	})
}

func TestProductsAndPricesAreMirroredOfEveryProviderAccount(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		other := w.second()
		s := w.both(other)
		w.twoWithCards(s, other)
		names := func(want ...string) {
			t.Helper()
			var got []string
			for _, of := range []billing.ProviderAccount{"", "second"} {
				goods, err := w.store().Goods(t.Context(), of)
				if err != nil {
					t.Fatal(err)
				}
				for _, p := range goods.Products {
					if p.ID == "dues_premium" {
						got = append(got, p.Name)
					}
				}
				if len(goods.Prices) == 0 || goods.Prices[0].Product == "" || strings.Contains(string(goods.Prices[0].ID+billing.PriceID(goods.Prices[0].Product)), "/") {
					t.Errorf("the prices of %q are %+v", of, goods.Prices)
				}
				if len(goods.Objects) != len(goods.Prices)+len(goods.Products) {
					t.Errorf("of %q there are %d objects for %d products and %d prices", of, len(goods.Objects), len(goods.Products), len(goods.Prices))
				}
			}
			if strings.Join(got, " ") != strings.Join(want, " ") {
				t.Errorf("the product is called %q in the two accounts, want %q", got, want)
			}
		}
		rename := func(at *world, name string) {
			t.Helper()
			_, err := at.stripe.Client().V1Products.Update(t.Context(), "dues_premium", &stripe.ProductUpdateParams{Name: stripe.String(name)})
			if err != nil {
				t.Fatal(err)
			}
		}
		names("Premium", "Premium")
		rename(other, "Gold")
		for w.deliverSecond(s, other) > 0 {
			w.drain(s)
		}
		names("Premium", "Gold")
		rename(w, "Silver")
		rename(other, "Bronze")
		w.newEvents() // both are lost
		other.newEvents()
		dry, _ := w.reconcile(s, service.Reconciling{DryRun: true})
		sum, found := w.reconcile(s, service.Reconciling{})
		if dry.Goods != 2 || dry.GoodsRepaired != 0 || sum.Goods != 2 || sum.GoodsRepaired != 2 {
			t.Errorf("the comparison says %+v, and then %+v %q; want the product of both accounts", dry, sum, found)
		}
		names("Silver", "Bronze")
	})
}

func TestEventsOfAProviderAccountThatIsNotConfiguredAnyMoreAreGivenUp(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		other := w.second()
		s := w.both(other)
		_, bob := w.twoWithCards(s, other)
		w.deliverSecond(s, other)
		waiting := w.waiting(s, bob.Customer)
		w.move(w.now.Now().Add(3*24*time.Hour + time.Minute))
		alone := w.serviceWith(func(c *service.Config) { c.Feed = nil })
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- alone.Run(ctx) }()
		w.await("that they are given up", func() bool { return w.waiting(alone, bob.Customer) == 0 })
		stop()
		<-ended
		n, err := s.RetryEvents(t.Context(), service.EventFilter{ProviderAccount: "second"})
		if err != nil || waiting == 0 || n != int64(waiting) {
			t.Errorf("%d of %d are tried again when the account is back, %v", n, waiting, err)
		}
		w.drain(s)
		if n := w.waiting(s, bob.Customer); n != 0 {
			t.Errorf("%d events of bob wait", n)
		}
	})
}

func TestAnInterruptedComparisonGoesOnInTheProviderAccountWhereItBrokeOff(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		other := w.second()
		s := w.both(other)
		w.signUp(s)
		w.settle(s)
		const people = 130
		for range people {
			if _, err := other.stripe.Client().V1Customers.Create(t.Context(), &stripe.CustomerCreateParams{}); err != nil {
				t.Fatal(err)
			}
		}
		how := service.Reconciling{Resume: true, Rate: 10_000}
		lists := 0
		failing := func(at int) func(*http.Request) bool {
			lists = 0
			return func(r *http.Request) bool {
				if r.URL.Path == "/v1/customers" && ofSecond(r) {
					lists++
				}
				return r.URL.Path == "/v1/customers" && ofSecond(r) && lists >= at
			}
		}
		// Before the second account's first page nothing of it is done, and the default one's is done again: its customers fit into a page.
		w.trouble.when(false, failing(1))
		if sum, err := s.Reconcile(t.Context(), how); err == nil || sum.Customers != 1 {
			t.Fatalf("the first account alone: %+v, %v", sum, err)
		}
		w.trouble.when(false, failing(2))
		if sum, err := s.Reconcile(t.Context(), how); err == nil || sum.Customers != 1+100 || sum.Repaired != 100 {
			t.Fatalf("up to the second account's second page: %+v, %v", sum, err)
		}
		w.trouble.over()
		if sum, err := s.Reconcile(t.Context(), how); err != nil || sum.Customers != people-100 || sum.Repaired != people-100 || sum.Failed != 0 {
			t.Errorf("the rest: %+v, %v; want the second page alone", sum, err)
		}
		if sum, err := s.Reconcile(t.Context(), how); err != nil || sum.Customers != 1+people || sum.Drifted+sum.Goods != 0 {
			t.Errorf("the next run begins anew and finds nothing: %+v, %v", sum, err)
		}
	})
}

// An outage of a day and a half used up the tries of a customer who was the only one that something was told of.
func TestAnOutageOfAnyLengthGivesNothingUp(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		account := w.signUp(s)
		w.settle(s)
		w.saveCard(account.Customer, "pm_card_visa")
		w.deliver(s, w.newEvents()...)
		w.trouble.when(false, func(*http.Request) bool { return true })
		for range 10 * 24 * 2 { // ten days
			w.move(w.now.Now().Add(30 * time.Minute))
			_, _ = s.CatchUp(t.Context()) // fails too
			w.drain(s)
		}
		queues, err := s.Queues(t.Context())
		if err != nil || queues.EventsPending == 0 || queues.EventsDead != 0 {
			t.Errorf("%+v, %v; want everything to wait", queues, err)
		}
		w.trouble.over()
		w.move(w.now.Now().Add(30 * time.Minute))
		w.drain(s)
		if queues, err := s.Queues(t.Context()); queues != (service.Queues{}) || err != nil || w.status(s).Method == nil {
			t.Errorf("%+v, %v, %v; want all worked off", queues, err, w.status(s).Method)
		}
		events, _, err := s.Events(t.Context(), service.EventFilter{Account: "ada"}, service.Page{})
		if err != nil || events[0].State != "done" || events[0].Error != "" || events[0].Attempts == 0 {
			t.Errorf("%+v, %v; want one that was tried, is done, and has no error any more", events[0], err)
		}
	})
}
