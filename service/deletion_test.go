package service_test

import (
	"bytes"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// gone checks that nothing of ada is left but the two ids, and that nobody is billed for her.
func (w *world) gone(s *service.Service, customer billing.CustomerID) {
	w.t.Helper()
	if _, err := s.Status(w.t.Context(), "ada"); billing.CodeOf(err) != billing.NotFound {
		w.t.Errorf("the account is still there: %v", err)
	}
	if found, err := s.Accounts(w.t.Context(), "ada", 10); err != nil || len(found) != 0 {
		w.t.Errorf("found: %+v, %v", found, err)
	}
	var backup bytes.Buffer
	if _, err := w.store().Export(w.t.Context(), &backup); err != nil {
		w.t.Fatal(err)
	}
	for line := range strings.Lines(backup.String()) {
		kept := strings.Contains(line, `{"table":"accounts"`) || strings.Contains(line, `{"table":"customer_homes"`) || strings.Contains(line, `"body":{"base64":""}`)
		notice := strings.Contains(line, `"kind":"notice"`) && strings.Contains(line, billing.AccountDeleted)
		if strings.Contains(line, `"account":"ada"`) && !notice {
			w.t.Errorf("left behind: %.300s", line)
		}
		if strings.Contains(line, "ada@example.com") || strings.Contains(line, string(customer)) && !kept && !notice {
			w.t.Errorf("left behind: %.300s", line)
		}
	}
	list := &stripe.SubscriptionListParams{}
	for sub, err := range w.stripe.Client().V1Subscriptions.List(w.t.Context(), list).All(w.t.Context()) {
		if err != nil {
			w.t.Fatal(err)
		}
		w.t.Errorf("subscription %s of %s still runs", sub.ID, sub.Customer.ID)
	}
}

// Features: 7.
func TestADeletedAccountIsBilledNoMoreAndForgotten(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		app := w.application()
		s := w.serviceWith(func(c *service.Config) { c.Endpoints = []service.Endpoint{app.endpoint("app", billing.AccountDeleted)} })
		account := w.premium(s)
		if done, err := s.DeleteAccount(t.Context(), "ada", service.Deletion{DeleteCustomer: true}); err != nil || !done {
			t.Fatalf("done %v, %v", done, err)
		}
		w.gone(s, account.Customer)
		w.settle(s) // what Stripe tells of it brings nothing back
		w.gone(s, account.Customer)
		if got := app.news(); !slices.Equal(got, []string{"account.deleted  none"}) {
			t.Errorf("the application heard %q", got)
		}
		w.move(start.Add(90 * 24 * time.Hour))
		w.settle(s)
		w.gone(s, account.Customer)
		w.expectMails() // no goodbye to somebody who is forgotten
		if customer, err := w.stripe.Client().V1Customers.Retrieve(t.Context(), string(account.Customer), nil); err == nil && !customer.Deleted {
			t.Errorf("the customer is still at Stripe: %+v", customer)
		}
		if _, err := s.DeleteAccount(t.Context(), "ada", service.Deletion{DeleteCustomer: true}); billing.CodeOf(err) != billing.NotFound {
			t.Errorf("deleted again: %v", err)
		}
		_, _, err := s.CreateAccount(t.Context(), service.NewAccount{ID: "ada", Email: "ada@example.com"})
		refusal(t, err, billing.Conflict, "id")
	})
}

func TestACustomerThatIsKeptForTheBooksIsNobodysAccount(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		account := w.premium(s)
		if done, err := s.DeleteAccount(t.Context(), "ada", service.Deletion{}); err != nil || !done {
			t.Fatalf("done %v, %v", done, err)
		}
		w.settle(s)
		w.gone(s, account.Customer)
		if _, err := s.Reconcile(t.Context(), service.Reconciling{}); err != nil {
			t.Fatal(err)
		}
		w.gone(s, account.Customer) // a comparison does not take it on again
		customer, err := w.stripe.Client().V1Customers.Retrieve(t.Context(), string(account.Customer), nil)
		if err != nil || customer.Deleted || customer.Email != "ada@example.com" {
			t.Errorf("the customer was to be kept: %+v, %v", customer, err)
		}
		w.expectPaid(1, 0)
	})
}

// Whoever has the page open cannot pay on it for an account that is gone.
func TestTheOpenPageOfADeletedAccountIsClosed(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		account := w.signUp(s)
		page := w.upgrade(s, "premium-monthly").URL
		if _, err := s.DeleteAccount(t.Context(), "ada", service.Deletion{}); err != nil {
			t.Fatal(err)
		}
		if to, status := w.post(page, nil); strings.HasPrefix(to, w.publicURL) {
			t.Errorf("the page takes a payment: %d %s", status, to)
		}
		w.settle(s)
		w.gone(s, account.Customer)
		w.expectPaid(0, 0)
	})
}

func TestADeletionThatBreaksOffGoesOnByItself(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		account := w.premium(s)
		w.trouble.when(false, func(r *http.Request) bool {
			return r.Method == http.MethodDelete && strings.HasPrefix(r.URL.Path, "/v1/customers/")
		})
		if done, err := s.DeleteAccount(t.Context(), "ada", service.Deletion{DeleteCustomer: true}); err != nil || done {
			t.Fatalf("done %v, %v", done, err)
		}
		w.trouble.when(false, nil)
		w.move(start.Add(time.Hour))
		w.settle(w.service()) // another process
		w.gone(s, account.Customer)
	})
}

func TestAHundredDeletionsAtOnceAreOne(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		account := w.premium(s)
		var all sync.WaitGroup
		for range 100 {
			all.Go(func() {
				if _, err := s.DeleteAccount(t.Context(), "ada", service.Deletion{DeleteCustomer: true}); err != nil && billing.CodeOf(err) != billing.NotFound {
					t.Error(err)
				}
			})
		}
		all.Wait()
		w.settle(s)
		w.gone(s, account.Customer)
	})
}
