package service_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
	"github.com/dues-billing/dues/sqlstore"
)

// watched is a provider at which somebody looks while it is asked.
type watched struct {
	service.Provider
	look func()
}

func (p watched) Fetch(ctx context.Context, customer billing.CustomerID) (service.Snapshot, error) {
	p.look()
	return p.Provider.Fetch(ctx, customer)
}

func (p watched) FetchUnnamed(ctx context.Context, about service.NamedObject) (service.Unnamed, error) {
	p.look()
	return p.Provider.FetchUnnamed(ctx, about)
}

// states counts the events that a filter chooses by their states.
func (w *world) states(s *service.Service, f service.EventFilter) map[string]int {
	w.t.Helper()
	events, _, err := s.Events(w.t.Context(), f, service.Page{})
	if err != nil {
		w.t.Fatal(err)
	}
	n := map[string]int{}
	for _, e := range events {
		n[e.State]++
	}
	return n
}

func TestAnEventIsRunningWhileSomebodyWorksAtIt(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var looks atomic.Int64
		var s *service.Service
		s = w.serviceWith(func(c *service.Config) {
			c.Provider = watched{c.Provider, func() {
				all, only := w.states(s, service.EventFilter{}), w.states(s, service.EventFilter{State: "running"})
				if len(all) == 0 { // a sign-up reads, too, and there is no event yet
					return
				}
				looks.Add(1)
				if all["running"] == 0 || only["running"] == 0 || len(only) != 1 {
					t.Errorf("while it is read there are %v, and by the filter %v; want some that run", all, only)
				}
			}}
		})
		account := w.signUp(s)
		body := []byte(`{"id":"evt_of_a_product","object":"event","type":"product.created","created":1769853600,"livemode":false,"data":{"object":{"id":"prod_1","object":"product"}}}`)
		if err := s.Receive(t.Context(), "", w.signed(body, secret, w.now.Now()), body); err != nil {
			t.Fatal(err)
		}
		w.drain(s)
		if n := looks.Load(); n != 1 {
			t.Fatalf("the product was read %d times, want once", n)
		}
		w.settle(s)
		if looks.Load() < 2 {
			t.Fatal("the customer was not read")
		}
		if n := w.states(s, service.EventFilter{State: "running"}); len(n) != 0 {
			t.Errorf("after all is done there are %v", n)
		}

		// Somebody took the customer, and has crashed.
		w.saveCard(account.Customer, "pm_card_visa")
		w.deliver(s, w.newEvents()...)
		now := w.now.Now()
		if _, taken, err := w.store().TakeLease(t.Context(), sqlstore.CustomerLease(account.Customer), now, now.Add(10*time.Second)); !taken || err != nil {
			t.Fatal(taken, err)
		}
		running, _, err := s.Events(t.Context(), service.EventFilter{State: "running", Customer: account.Customer}, service.Page{})
		if err != nil || len(running) == 0 {
			t.Fatalf("%d run, %v; want those of the customer", len(running), err)
		}
		for _, state := range []string{"pending", "running"} {
			if n := w.states(s, service.EventFilter{State: state}); n["running"] != len(running) || len(n) != 1 {
				t.Errorf("the filter %s chooses %v, want the %d that run", state, n, len(running))
			}
		}
		if e, err := s.RetryEvent(t.Context(), "", running[0].ID); err != nil || e.State != "running" {
			t.Errorf("to retry what runs: %s, %v; want it left alone", e.State, err)
		}
		w.move(now.Add(10 * time.Second))
		if n := w.states(s, service.EventFilter{Customer: account.Customer}); n["running"] != 0 || n["pending"] != len(running) {
			t.Errorf("after the lease has ended there are %v, want all pending", n)
		}
	})
}
