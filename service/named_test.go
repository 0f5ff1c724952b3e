package service_test

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/service"
)

// watched lets a test see which requests reach the provider. It returns what has come since the last call.
func (w *world) watched() (since func() []string) {
	var mu sync.Mutex
	var seen []string
	w.trouble.when(false, func(r *http.Request) bool {
		mu.Lock()
		defer mu.Unlock()
		seen = append(seen, r.Method+" "+strings.SplitN(strings.TrimPrefix(r.URL.Path, "/v1/"), "_", 2)[0])
		return false
	})
	return func() []string {
		mu.Lock()
		defer mu.Unlock()
		out := slices.Clone(seen)
		seen = nil
		return out
	}
}

// agrees says that the mirror is what a comparison with everything shows.
func (w *world) agrees(s *service.Service) {
	w.t.Helper()
	if sum, found := w.reconcile(s, service.Reconciling{DryRun: true}); sum.Drifted+sum.Goods+sum.Late+sum.Failed > 0 {
		w.t.Errorf("the mirror differs: %+v %q", sum, found)
	}
}

func TestARenewalsBurstCostsTwoRequestsAndTheMirrorAgrees(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		w.premium(s)
		end := w.status(s).PeriodEnd
		for _, step := range []struct {
			at   time.Time
			want []string
		}{
			{end.Add(10 * time.Minute), []string{"GET invoices/in"}},                // the draft, with the subscription
			{end.Add(2 * time.Hour), []string{"GET invoices/in", "GET charges/ch"}}, // finalized, paid
		} {
			w.move(step.at)
			events, since := w.newEvents(), w.watched()
			w.deliver(s, events...)
			since()
			w.drain(s)
			if got := since(); !slices.Equal(got, step.want) {
				t.Errorf("%d events cost %q, want %q", len(events), got, step.want)
			}
			w.agrees(s)
		}
		w.expectMails("receipt")
	})
}

// What events name is read alone only where that is enough.
func TestWhatAnEventLeavesUnsaidIsReadToo(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s, client := w.service(), w.stripe.Client()
		account := w.premium(s)
		customer := string(account.Customer)
		for _, step := range []struct {
			name string
			do   func() error
		}{
			{"another default card", func() error {
				w.saveCard(account.Customer, "pm_card_mastercard")
				return nil
			}},
			{"a card taken away", func() error {
				for method, err := range client.V1Customers.ListPaymentMethods(t.Context(), &stripe.CustomerListPaymentMethodsParams{Customer: &customer}).All(t.Context()) {
					if err != nil {
						return err
					}
					if _, err := client.V1PaymentMethods.Detach(t.Context(), method.ID, nil); err != nil {
						return err
					}
				}
				return nil
			}},
			{"an invoice outside of the subscription", func() error {
				_, err := client.V1Invoices.Create(t.Context(), &stripe.InvoiceCreateParams{Customer: &customer, Description: stripe.String("By hand")})
				return err
			}},
			{"a draft that is deleted", func() error {
				invoice, err := client.V1Invoices.Create(t.Context(), &stripe.InvoiceCreateParams{Customer: &customer, AutoAdvance: stripe.Bool(false)})
				if err != nil {
					return err
				}
				w.settle(s)
				_, err = client.V1Invoices.Delete(t.Context(), invoice.ID, nil)
				return err
			}},
			{"two invoices of one second", func() error {
				for range 2 {
					if _, err := client.V1Invoices.Create(t.Context(), &stripe.InvoiceCreateParams{Customer: &customer}); err != nil {
						return err
					}
				}
				return nil
			}},
			{"the customer deleted", func() error {
				_, err := client.V1Customers.Delete(t.Context(), customer, nil)
				return err
			}},
		} {
			w.move(w.now.Now().Add(time.Minute))
			if err := step.do(); err != nil {
				t.Fatalf("%s: %v", step.name, err)
			}
			w.settle(s)
			if sum, found := w.reconcile(s, service.Reconciling{DryRun: true}); sum.Drifted+sum.Goods+sum.Late+sum.Failed > 0 {
				t.Errorf("after %s the mirror differs: %+v %q", step.name, sum, found)
			}
		}
	})
}
