package service_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// Rows: C23.
// Features: 62.
func TestAWebhookThatIsNotStripesIsRefusedAndChangesNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		w.signUp(s)
		e := w.newEvents()[0]
		now := w.now.Now()
		good := w.signed(e.body, secret, now)
		changed := []byte(strings.Replace(string(e.body), "evt_", "evt_x", 1))
		for name, c := range map[string]struct {
			header http.Header
			body   []byte
		}{
			"no signature":      {http.Header{}, e.body},
			"a wrong secret":    {w.signed(e.body, "whsec_other", now), e.body},
			"a changed body":    {good, changed},
			"an old one":        {w.signed(e.body, secret, now.Add(-301*time.Second)), e.body},
			"nonsense":          {http.Header{"Stripe-Signature": {"t=x,v1=zz"}}, e.body},
			"not JSON":          {w.signed([]byte("hello"), secret, now), []byte("hello")},
			"not an event":      {w.signed([]byte(`{"object":"charge"}`), secret, now), []byte(`{"object":"charge"}`)},
			"nothing":           {w.signed(nil, secret, now), nil},
			"an event of no id": {w.signed([]byte(`{"object":"event"}`), secret, now), []byte(`{"object":"event"}`)},
		} {
			if err := s.Receive(t.Context(), "", c.header, c.body); billing.CodeOf(err) != billing.Invalid {
				t.Errorf("%s: got %v, want code invalid", name, err)
			}
		}
		if events, _, err := s.Events(t.Context(), service.EventFilter{}, service.Page{}); len(events) != 0 || err != nil {
			t.Errorf("%d events were stored (%v), want none", len(events), err)
		}
		if err := s.Receive(t.Context(), "", good, e.body); err != nil {
			t.Errorf("a good one: %v", err)
		}
	})
}

// Features: 66.
func TestAnOutageOfTheProviderKeepsEventsUntilItIsOver(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		account := w.signUp(s)
		w.settle(s)
		w.saveCard(account.Customer, "pm_card_mastercard")
		events := w.newEvents()
		w.trouble.when(false, func(*http.Request) bool { return true })
		w.deliver(s, events...) // taken in although the provider is down
		for try := range 3 {
			w.drain(s)
			queues, err := s.Queues(t.Context())
			if err != nil || queues.EventsPending == 0 || queues.EventsDead != 0 {
				t.Errorf("try %d: %+v, %v; want the events to wait", try, queues, err)
			}
			waiting, _, err := s.Events(t.Context(), service.EventFilter{Account: "ada"}, service.Page{Limit: 1})
			if err != nil || waiting[0].Error == "" || waiting[0].Attempts != try+1 {
				t.Errorf("try %d: %+v, %v; want the error of the last try", try, waiting, err)
			}
			w.move(waiting[0].DueAt)
		}
		if w.status(s).Method != nil {
			t.Error("the card is known before the outage is over")
		}
		w.trouble.over()
		w.drain(s)
		if method := w.status(s).Method; method == nil || method.Brand != "mastercard" {
			t.Errorf("the method is %+v, want the card", method)
		}
		if queues, err := s.Queues(t.Context()); queues != (service.Queues{}) || err != nil {
			t.Errorf("%+v, %v; want empty queues", queues, err)
		}
	})
}

func TestEventsThatTheProviderStumblesOverAreGivenUpVisiblyAndHealedByTheNextSync(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		account := w.signUp(s)
		w.settle(s)
		w.saveCard(account.Customer, "pm_card_visa")
		w.deliver(s, w.newEvents()...)
		w.trouble.when(false, func(r *http.Request) bool { return r.URL.Path != "/v1/events" })
		for range 200 {
			w.move(w.now.Now().Add(time.Hour))
			if _, err := s.CatchUp(t.Context()); err != nil { // that is answered, so it is no outage
				t.Fatal(err)
			}
			w.drain(s)
		}
		queues, err := s.Queues(t.Context())
		if err != nil || queues.EventsPending != 0 || queues.EventsDead == 0 {
			t.Errorf("%+v, %v; want the events given up", queues, err)
		}
		w.trouble.over()
		if err := s.Sync(t.Context(), account.Customer); err != nil {
			t.Fatal(err)
		}
		if queues, err := s.Queues(t.Context()); queues != (service.Queues{}) || err != nil {
			t.Errorf("%+v, %v; want nothing left", queues, err)
		}
	})
}

func TestACustomerLockedByACrashedWorkerIsFreeAgainSoon(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		account := w.signUp(s)
		w.saveCard(account.Customer, "pm_card_visa")
		w.deliver(s, w.newEvents()...)
		// Another process took the customer and died.
		now := w.now.Now()
		_, taken, err := w.store().TakeLease(t.Context(), "customer:"+string(account.Customer), now, now.Add(10*time.Second))
		if !taken || err != nil {
			t.Fatal(taken, err)
		}
		short, stop := context.WithTimeout(t.Context(), 200*time.Millisecond)
		defer stop()
		if err := s.Drain(short); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("draining ends with %v while the customer is locked, want to wait", err)
		}
		if w.status(s).Method != nil {
			t.Error("somebody synced a locked customer")
		}
		w.move(now.Add(10 * time.Second))
		w.drain(s)
		if w.status(s).Method == nil {
			t.Error("the customer was not synced after the lease ended")
		}
	})
}

func TestAnEffectOfACrashedWorkerHappensAgainLater(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		w.signUp(s)
		now := w.now.Now()
		claimed, err := w.store().ClaimEffects(t.Context(), "", now, now.Add(45*time.Second), 10)
		if err != nil || len(claimed) != 1 {
			t.Fatalf("claimed %+v, %v; want the welcome", claimed, err)
		}
		w.drain(s)
		w.expectMails()
		w.move(now.Add(45 * time.Second))
		w.drain(s)
		w.expectMails("welcome")
	})
}

// Rows: B7.
func TestAMailThatCannotBeSentIsTriedAgainAndThenGivenUpVisibly(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		w.signUp(s)
		w.mails.refuse(errors.New("mailbox full"))
		w.drain(s)
		effects, _, err := s.Effects(t.Context(), service.EffectFilter{Account: "ada"}, service.Page{})
		if err != nil || len(effects) != 1 || effects[0].State != "pending" || !strings.Contains(effects[0].Error, "mailbox full") {
			t.Errorf("effects %+v, %v; want the mail to wait with its error", effects, err)
		}
		w.mails.refuse(nil)
		w.move(w.now.Now().Add(time.Second))
		w.drain(s)
		w.expectMails("welcome")

		w.mails.refuse(errors.New("mailbox full"))
		if _, _, err := s.CreateAccount(t.Context(), service.NewAccount{ID: "bob", Email: "bob@example.com"}); err != nil {
			t.Fatal(err)
		}
		for range 200 {
			w.move(w.now.Now().Add(time.Hour))
			w.drain(s)
		}
		if queues, err := s.Queues(t.Context()); queues != (service.Queues{EffectsDead: 1}) || err != nil {
			t.Errorf("%+v, %v; want one effect given up", queues, err)
		}
	})
}

func TestRunWorksOffWhatComesAtOnceAndEndsWithItsContext(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- s.Run(ctx) }()
		account := w.signUp(s)
		w.saveCard(account.Customer, "pm_card_visa")
		w.deliver(s, w.newEvents()...)
		w.drain(s) // waits for what Run is at
		w.expectMails("welcome")
		if w.status(s).Method == nil {
			t.Error("the card is not known")
		}
		stop()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("Run ends with %v, want the context's error", err)
		}
	})
}

func TestACustomerWhoIsNobodysAccountIsMirroredWithoutEffects(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		customer, err := w.stripe.Client().V1Customers.Create(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		w.saveCard(billing.CustomerID(customer.ID), "pm_card_visa")
		w.settle(s)
		if queues, err := s.Queues(t.Context()); queues != (service.Queues{}) || err != nil {
			t.Errorf("%+v, %v; want nothing waiting", queues, err)
		}
		w.expectMails()
		if _, err := s.AccountByCustomer(t.Context(), billing.CustomerID(customer.ID)); billing.CodeOf(err) != billing.NotFound {
			t.Errorf("got %v, want not_found", err)
		}
	})
}
