package service_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// crowd signs many accounts up and returns the events about them that have not been delivered.
func (w *world) crowd(s *service.Service, many int) []event {
	w.t.Helper()
	for n := range many {
		id := fmt.Sprintf("account-%d", n)
		if _, _, err := s.CreateAccount(w.t.Context(), service.NewAccount{ID: billing.AccountID(id), Email: id + "@example.com"}); err != nil {
			w.t.Fatal(err)
		}
	}
	return w.newEvents()
}

const (
	many    = 24
	workers = 8 // as many calls are under way when the first is refused
)

func TestARateLimitSlowsEverybodyAndLosesNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		events := w.crowd(s, many)
		w.trouble.limit("7")
		w.deliver(s, events...)
		w.drain(s)
		asked := w.trouble.failures()
		if asked == 0 || asked > workers {
			t.Errorf("%d calls were refused, want no more than were under way at once", asked)
		}
		w.move(w.now.Now().Add(6 * time.Second))
		w.drain(s)
		if n := w.trouble.failures(); n != asked {
			t.Errorf("%d more calls were made within the time that Stripe asked for", n-asked)
		}
		waiting, _, err := s.Events(t.Context(), service.EventFilter{}, service.Page{Limit: 500})
		if err != nil || len(waiting) != len(events) {
			t.Fatalf("%d events, %v; want %d", len(waiting), err, len(events))
		}
		for _, e := range waiting {
			if e.Customer != "" && (e.State != "pending" || e.Attempts != 0) {
				t.Errorf("%s is %s after %d tries, want it to wait and none", e.ID, e.State, e.Attempts)
			}
		}
		if h, err := s.Health(t.Context()); err != nil || !h.PausedUntil.Equal(w.now.Now().Add(time.Second)) {
			t.Errorf("health says %v, %v; want another second", h.PausedUntil, err)
		}
		w.trouble.over()
		w.move(w.now.Now().Add(time.Second))
		w.drain(s)
		if q, err := s.Queues(t.Context()); q != (service.Queues{}) || err != nil {
			t.Errorf("%+v, %v; want empty queues", q, err)
		}
		if n := len(w.mails.all()); n != many {
			t.Errorf("%d mails have left, want a welcome each", n)
		}
	})
}

func TestAnOutageIsFoundOutByOneForAll(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		events := w.crowd(s, many)
		w.trouble.when(false, func(*http.Request) bool { return true })
		w.deliver(s, events...)
		w.drain(s)
		const minutes = 10
		for range minutes * 12 {
			w.move(w.now.Now().Add(5 * time.Second))
			w.drain(s)
		}
		// Everybody by himself would have asked 9 times in that time.
		if n := w.trouble.failures(); n > workers+2*minutes {
			t.Errorf("%d calls in an outage of %d minutes, want about one a minute", n, minutes)
		}
		w.trouble.over()
		for range 2 * many {
			w.move(w.now.Now().Add(5 * time.Second))
			w.drain(s)
		}
		w.move(w.now.Now().Add(time.Hour)) // for those who asked
		w.drain(s)
		if q, err := s.Queues(t.Context()); q != (service.Queues{}) || err != nil {
			t.Errorf("%+v, %v; want empty queues", q, err)
		}
	})
}

func TestACustomerThatTheProviderStumblesOverKeepsNobodyElseWaiting(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		events := w.crowd(s, many)
		account, err := s.Account(t.Context(), "account-0")
		if err != nil {
			t.Fatal(err)
		}
		w.trouble.when(false, func(r *http.Request) bool { return r.URL.Path == "/v1/customers/"+string(account.Customer) })
		w.deliver(s, events...)
		w.drain(s)
		waiting, _, err := s.Events(t.Context(), service.EventFilter{}, service.Page{Limit: 500})
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range waiting {
			if e.State == "pending" && e.Customer != account.Customer {
				t.Errorf("%s about %s waits", e.ID, e.Customer)
			}
		}
	})
}
