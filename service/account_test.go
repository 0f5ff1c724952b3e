package service_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// customersAtStripe counts the customers and subscriptions of ada, whatever made them.
func (w *world) customersAtStripe() (customers, subscriptions int) {
	w.t.Helper()
	client := w.stripe.Client()
	for _, err := range client.V1Customers.List(w.t.Context(), &stripe.CustomerListParams{}).All(w.t.Context()) {
		if err != nil {
			w.t.Fatal(err)
		}
		customers++
	}
	for _, err := range client.V1Subscriptions.List(w.t.Context(), &stripe.SubscriptionListParams{Status: stripe.String("all")}).All(w.t.Context()) {
		if err != nil {
			w.t.Fatal(err)
		}
		subscriptions++
	}
	return customers, subscriptions
}

// Rows: B1 C18.
// Features: 3.
func TestSigningUpAHundredTimesAtOnceIsOneCustomerAndOneSubscription(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		const callers = 100
		services := []*service.Service{w.service(), w.service()}
		var made atomic.Int64
		var wg sync.WaitGroup
		for i := range callers {
			wg.Go(func() {
				_, created, err := services[i%2].CreateAccount(t.Context(), service.NewAccount{ID: "ada", Email: "ada@example.com", Name: "Ada"})
				if err != nil {
					t.Error(err)
				}
				if created {
					made.Add(1)
				}
			})
		}
		wg.Wait()
		if made.Load() != 1 {
			t.Errorf("%d callers were told that they made the account, want 1", made.Load())
		}
		if customers, subscriptions := w.customersAtStripe(); customers != 1 || subscriptions != 1 {
			t.Errorf("%d customers and %d subscriptions at Stripe, want 1 and 1", customers, subscriptions)
		}
		w.settle(services[0])
		w.expect(services[1], "starter active full")
		w.expectMails("welcome")
	})
}

// Rows: B1 B7.
// Features: 1 2.
func TestSigningUpStartsTheFreePlan(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		account := w.signUp(s)
		if !strings.HasPrefix(string(account.Customer), "cus_") {
			t.Errorf("customer %q, want one of Stripe's", account.Customer)
		}
		w.settle(s)
		w.expect(s, "starter active full")
		w.expectMails("welcome")
		if mail := w.mails.all()[0]; mail.To != "ada@example.com" || mail.Name != "Ada" || mail.Subject == "" {
			t.Errorf("the welcome goes to %q (%q) with subject %q", mail.To, mail.Name, mail.Subject)
		}
		projects, err := s.Entitlements(t.Context(), "ada")
		if err != nil || projects[0].Limit != 3 {
			t.Errorf("entitlements %+v, %v; want 3 projects", projects, err)
		}
		if export, err := s.Entitled(t.Context(), "ada", "export"); export || err != nil {
			t.Errorf("export is %v, %v; want no", export, err)
		}
		if _, err := s.Entitled(t.Context(), "ada", "teleport"); billing.CodeOf(err) != billing.NotFound {
			t.Errorf("an unknown feature: got %v, want not_found", err)
		}
		byCustomer, err := s.AccountByCustomer(t.Context(), account.Customer)
		if err != nil || byCustomer.ID != "ada" {
			t.Errorf("the customer's account: got %+v, %v", byCustomer, err)
		}
	})
}

// Features: 4.
func TestSigningUpAgainUpdatesWhatChangedAndMakesNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		before := w.signUp(s)
		after, created, err := s.CreateAccount(t.Context(), service.NewAccount{ID: "ada", Email: "lovelace@example.com", Name: "Ada Lovelace"})
		if err != nil || created || after.Customer != before.Customer || after.Email != "lovelace@example.com" {
			t.Errorf("got %+v, created %v, %v", after, created, err)
		}
		customer, err := w.stripe.Client().V1Customers.Retrieve(t.Context(), string(after.Customer), nil)
		if err != nil || customer.Email != "lovelace@example.com" || customer.Name != "Ada Lovelace" {
			t.Errorf("Stripe has %+v, %v", customer, err)
		}
		if customers, subscriptions := w.customersAtStripe(); customers != 1 || subscriptions != 1 {
			t.Errorf("%d customers and %d subscriptions, want 1 and 1", customers, subscriptions)
		}
	})
}

// TestASignUpThatBreaksOffAnywhereIsCompletedByTheNext fails the n-th request to Stripe, for every n, once before it is carried out
// and once after.
//
// Features: 1 3.
func TestASignUpThatBreaksOffAnywhereIsCompletedByTheNext(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		w.signUp(s) // the prices exist from here on
		for _, lost := range []bool{false, true} {
			for n := 1; ; n++ {
				seen := 0
				w.trouble.when(lost, func(*http.Request) bool { seen++; return seen == n })
				account := service.NewAccount{ID: billing.AccountID(fmt.Sprintf("a-%v-%d", lost, n)), Email: fmt.Sprintf("a%d@example.com", n)}
				_, _, err := s.CreateAccount(t.Context(), account)
				w.trouble.over()
				if err != nil && billing.CodeOf(err) != billing.Unavailable {
					t.Fatalf("request %d failed with %v, want code unavailable", n, err)
				}
				made, _, again := s.CreateAccount(t.Context(), account)
				if again != nil {
					t.Fatalf("after request %d failed (%v), the next try: %v", n, err, again)
				}
				list := &stripe.SubscriptionListParams{Customer: stripe.String(string(made.Customer)), Status: stripe.String("all")}
				subscriptions := 0
				for range w.stripe.Client().V1Subscriptions.List(t.Context(), list).All(t.Context()) {
					subscriptions++
				}
				if subscriptions != 1 {
					t.Errorf("after request %d failed: %d subscriptions, want 1", n, subscriptions)
				}
				if err == nil {
					break // this sign-up made fewer than n requests
				}
			}
		}
		customers, subscriptions := w.customersAtStripe()
		accounts, err := s.Accounts(t.Context(), "", 0)
		if err != nil || customers != len(accounts) || subscriptions != len(accounts) {
			t.Errorf("%d customers, %d subscriptions, %d accounts (%v): want as many of each", customers, subscriptions, len(accounts), err)
		}
	})
}

// Rows: B1.
func TestASignUpThatNobodyRepeatsIsCompletedByItself(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		w.trouble.when(false, func(r *http.Request) bool { return r.Method == http.MethodPost })
		_, _, err := s.CreateAccount(t.Context(), service.NewAccount{ID: "ada", Email: "ada@example.com"})
		if billing.CodeOf(err) != billing.Unavailable {
			t.Fatalf("got %v, want code unavailable", err)
		}
		w.expect(s, "starter  free")
		w.trouble.over()
		w.move(start.Add(time.Minute))
		w.drain(s)
		w.expect(s, "starter active full")
		w.expectMails("welcome")
		if customers, subscriptions := w.customersAtStripe(); customers != 1 || subscriptions != 1 {
			t.Errorf("%d customers and %d subscriptions, want 1 and 1", customers, subscriptions)
		}
	})
}

// Rows: D4.
func TestABadAccountIsRefusedByField(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		for field, bad := range map[string][]service.NewAccount{
			"id":    {{Email: "a@example.com"}, {ID: billing.AccountID(strings.Repeat("x", 201)), Email: "a@example.com"}, {ID: "a\nb", Email: "a@example.com"}},
			"email": {{ID: "a"}, {ID: "a", Email: "nobody"}, {ID: "a", Email: "Ada <a@example.com>"}, {ID: "a", Email: strings.Repeat("x", 600) + "@example.com"}, {ID: "a", Email: "a@example.com\r\nBcc: b@example.com"}},
			"name":  {{ID: "a", Email: "a@example.com", Name: strings.Repeat("x", 257)}, {ID: "a", Email: "a@example.com", Name: "a\x00b"}, {ID: "a", Email: "a@example.com", Name: "\xff"}},
		} {
			for _, req := range bad {
				_, _, err := s.CreateAccount(t.Context(), req)
				refusal(t, err, billing.Invalid, field)
			}
		}
		if customers, _ := w.customersAtStripe(); customers != 0 {
			t.Errorf("%d customers were made, want none", customers)
		}
	})
}

// refusal checks code and field of an error.
func refusal(t *testing.T, err error, code billing.Code, field string) {
	t.Helper()
	e, ok := err.(*billing.Error)
	if !ok || e.Code != code || e.Field != field {
		t.Errorf("got %v, want an error of code %s about %q", err, code, field)
	}
}

// The account's creation was tried until it was given up: the customer had been deleted at Stripe in the middle of it.
func TestAnAccountWhoseCustomerIsDeletedInTheMiddleOfItsCreationIsGivenUpByNobody(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		w.trouble.when(false, func(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, "/v1/subscriptions") })
		if _, _, err := s.CreateAccount(t.Context(), service.NewAccount{ID: "ada", Email: "ada@example.com", Name: "Ada"}); err == nil {
			t.Fatal("the sign-up succeeded without a subscription")
		}
		w.trouble.over()
		account, err := s.Account(t.Context(), "ada")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.stripe.Client().V1Customers.Delete(t.Context(), string(account.Customer), nil); err != nil {
			t.Fatal(err)
		}
		w.move(w.now.Now().Add(time.Hour))
		w.settle(s)
		if queues, err := s.Queues(t.Context()); err != nil || queues != (service.Queues{}) {
			t.Errorf("%+v, %v; want nothing that waits or was given up", queues, err)
		}
		w.expectMails()
	})
}
