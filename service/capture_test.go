package service_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/money"
	"github.com/dues-billing/dues/service"
)

// authorized is what was bought by a wish that is captured later.
func (w *world) authorized(s *service.Service, req service.Buy) billing.OneOff {
	w.t.Helper()
	req.Manual = true
	if req.Key == "" {
		req.Key = "order-1"
	}
	bought := w.buy(s, req)
	if !req.Saved {
		w.pay(bought.URL, "4242424242424242")
		w.settle(s)
		bought = w.buy(s, req) // by its key it is the same
	}
	if bought.Status != billing.PurchaseAuthorized || bought.URL != "" || bought.PaymentIntent == "" || bought.Captured.Minor != 0 {
		w.t.Fatalf("%+v, want it authorized", bought)
	}
	if want := w.now.Now().Add(7 * 24 * time.Hour); bought.ExpiresAt.After(want) || bought.ExpiresAt.Before(want.Add(-time.Hour)) {
		w.t.Errorf("the bank keeps it ready until %v, want about %v", bought.ExpiresAt, want)
	}
	return bought
}

func (w *world) capture(s *service.Service, id billing.PurchaseID, minor int64) billing.OneOff {
	w.t.Helper()
	got, err := s.Capture(w.t.Context(), "ada", id, minor)
	if err != nil {
		w.t.Fatalf("capturing %d of %s: %v", minor, id, err)
	}
	return got
}

// help is an amount that a server names, of the saved card.
func help(minor int64, key string) service.Buy {
	return service.Buy{Amount: money.New(minor, "eur"), Description: "Two hours of help", Saved: true, Key: key}
}

// Features: 53.
func TestWhatIsAuthorizedIsLicensedWhenItIsCaptured(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.school()
		w.signUp(s)
		w.settle(s)
		ready := w.authorized(s, wish("map"))
		w.holds(s, "ada")
		w.purchases(s, "ada", "map authorized")
		w.mails.kinds()
		if _, err := s.Capture(t.Context(), "ada", ready.ID, 1000); billing.CodeOf(err) != billing.Invalid || !strings.Contains(err.Error(), "whole") {
			t.Errorf("a third of a map: %v", err)
		}
		for _, minor := range []int64{0, 3000, 0} { // asking again is success
			if got := w.capture(s, ready.ID, minor); got.Status != billing.PurchaseCompleted || got.Amount != money.New(3000, "eur") || got.Invoice == "" {
				t.Errorf("captured: %+v", got)
			}
		}
		w.settle(s)
		w.holds(s, "ada", "map for ever")
		w.expectMails("receipt")
		invoices, err := s.Invoices(t.Context(), "ada")
		if err != nil || invoices[0].ID != w.purchases(s, "ada", "map completed")[0].Invoice || invoices[0].AmountPaid != money.New(3000, "eur") || invoices[0].TakenBack().Minor != 0 {
			t.Errorf("its invoice: %+v, %v", invoices, err)
		}
		if _, err := s.Refund(t.Context(), "ada", service.Refund{Invoice: invoices[0].ID}); err != nil {
			t.Fatal(err)
		}
		w.settle(s)
		w.holds(s, "ada")
	})
}

// Features: 53.
func TestOfAnAmountAPartIsCapturedAndTheRestIsNoRefund(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.school()
		account := w.signUp(s)
		w.saveCard(account.Customer, "pm_card_visa")
		w.settle(s)
		ready := w.authorized(s, help(5000, "order-1"))
		for minor, code := range map[int64]billing.Code{5001: billing.Invalid, -1: billing.Invalid} {
			if _, err := s.Capture(t.Context(), "ada", ready.ID, minor); billing.CodeOf(err) != code {
				t.Errorf("%d of 50.00: %v", minor, err)
			}
		}
		got := w.capture(s, ready.ID, 3000)
		if got.Status != billing.PurchaseCompleted || got.Amount != money.New(3000, "eur") {
			t.Errorf("captured: %+v", got)
		}
		if _, err := s.Capture(t.Context(), "ada", ready.ID, 2000); billing.CodeOf(err) != billing.Conflict {
			t.Errorf("the rest: %v", err)
		}
		w.settle(s)
		w.expectMails("welcome", "receipt")
		invoice := w.newestInvoice(s)
		if invoice.AmountPaid != money.New(3000, "eur") || invoice.TakenBack().Minor != 0 {
			t.Errorf("30.00 were paid and nothing taken back, but: %+v", invoice)
		}
		if _, err := s.Refund(t.Context(), "ada", service.Refund{Invoice: invoice.ID, Override: true, Amount: 1000}); err != nil {
			t.Fatal(err)
		}
		w.settle(s)
		if back := w.newestInvoice(s).TakenBack(); back != money.New(1000, "eur") {
			t.Errorf("%s are taken back, want 10.00", back)
		}
		w.agrees(s)
	})
}

func TestWhatIsNotCapturedIsLetGo(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.school()
		account := w.signUp(s)
		w.saveCard(account.Customer, "pm_card_visa")
		w.settle(s)
		ready := w.authorized(s, help(5000, "order-1"))
		if _, err := s.CancelPending(t.Context(), "ada", ready.ID); billing.CodeOf(err) != billing.Conflict {
			t.Errorf("the customer lets go of it himself: %v", err)
		}
		for range 2 {
			if got, err := s.CancelPurchase(t.Context(), "ada", ready.ID); err != nil || got.Status != billing.PurchaseCanceled {
				t.Errorf("let go: %+v, %v", got, err)
			}
		}
		if _, err := s.Capture(t.Context(), "ada", ready.ID, 0); billing.CodeOf(err) != billing.Conflict {
			t.Errorf("captured afterwards: %v", err)
		}
		w.move(w.now.Now().Add(time.Minute))
		w.authorized(s, help(6000, "order-2"))
		w.move(w.now.Now().Add(7*24*time.Hour + time.Minute))
		w.settle(s)
		w.purchases(s, "ada", " expired", " canceled")

		w.move(w.now.Now().Add(time.Minute))
		last := w.authorized(s, help(7000, "order-3"))
		w.capture(s, last.ID, 0)
		if _, err := s.CancelPurchase(t.Context(), "ada", last.ID); billing.CodeOf(err) != billing.Conflict {
			t.Errorf("what was captured is let go: %v", err)
		}
		if invoices, err := s.Invoices(t.Context(), "ada"); err != nil || len(invoices) != 2 { // the free plan's, and one
			t.Errorf("%d invoices, %v", len(invoices), err)
		}
	})
}

func TestOneAuthorizationAndOneCaptureOfAHundredCallers(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		replicas := []*service.Service{w.school(), w.school()}
		s := replicas[0]
		account := w.signUp(s)
		w.saveCard(account.Customer, "pm_card_visa")
		w.settle(s)
		asked := help(5000, "order-1")
		asked.Manual = true
		all := func(ask func(s *service.Service) (billing.OneOff, error), want billing.PurchaseStatus) (id billing.PurchaseID) {
			var wait sync.WaitGroup
			var mu sync.Mutex
			for i := range 100 {
				wait.Go(func() {
					got, err := ask(replicas[i%2])
					mu.Lock()
					defer mu.Unlock()
					if err != nil || got.Status != want || id != "" && got.ID != id {
						t.Errorf("caller %d: %+v, %v", i, got, err)
					}
					id = got.ID
				})
			}
			wait.Wait()
			return id
		}
		id := all(func(s *service.Service) (billing.OneOff, error) { return s.Buy(t.Context(), "ada", asked) }, billing.PurchaseAuthorized)
		all(func(s *service.Service) (billing.OneOff, error) { return s.Capture(t.Context(), "ada", id, 4000) }, billing.PurchaseCompleted)
		w.settle(s)
		w.charged(account.Customer, 5000)
		w.expectMails("welcome", "receipt")
	})
}

// What breaks off at anything that it changes at Stripe is finished by the outbox, or by asking again, and happens once.
func TestACaptureThatBreaksOffIsFinished(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.school()
		account := w.signUp(s)
		w.saveCard(account.Customer, "pm_card_visa")
		w.settle(s)
		var want []int64
		broken := 0
		for n, past := 1, false; !past; n++ {
			if n > 10 {
				t.Fatal("a capture changes more than ten things at Stripe")
			}
			for _, lost := range []bool{false, true} {
				w.move(w.now.Now().Add(time.Minute))
				asked := help(5000, "order-"+time.Duration(n).String()+map[bool]string{true: "-lost"}[lost])
				asked.Manual = true
				seen := 0
				w.trouble.when(lost, func(r *http.Request) bool {
					if r.Method == http.MethodPost {
						seen++
					}
					return r.Method == http.MethodPost && seen == n
				})
				ready, err := s.Buy(t.Context(), "ada", asked)
				if err != nil {
					broken++
					w.trouble.over()
					if ready = w.buy(s, asked); ready.Status != billing.PurchaseAuthorized {
						t.Fatalf("request %d, lost %v: asked again it is %+v", n, lost, ready)
					}
				} else if _, err := s.Capture(t.Context(), "ada", ready.ID, 0); err != nil {
					broken++
				} else {
					past = seen < n
				}
				w.trouble.over()
				w.move(w.now.Now().Add(10 * time.Minute))
				w.settle(s)
				now := w.capture(s, ready.ID, 0)
				want = append(want, 5000)
				if now.Status != billing.PurchaseCompleted {
					t.Fatalf("request %d, lost %v: %+v", n, lost, now)
				}
			}
		}
		w.charged(account.Customer, want...)
		if broken < 2*6 { // the authorization, the capture, and four for the invoice
			t.Errorf("only %d broke off", broken)
		}
		if invoices, err := s.Invoices(t.Context(), "ada"); err != nil || len(invoices) != len(want)+1 {
			t.Errorf("%d invoices for %d purchases, %v", len(invoices), len(want), err)
		}
	})
}

func TestWhatIsCapturedInTheDashboardGetsItsInvoiceToo(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.school()
		w.signUp(s)
		ready := w.authorized(s, wish("course"))
		if _, err := w.stripe.Client().V1PaymentIntents.Capture(t.Context(), ready.PaymentIntent, nil); err != nil {
			t.Fatal(err)
		}
		w.settle(s)
		w.move(w.now.Now().Add(10 * time.Minute)) // the outbox leaves it to who captured it for a while
		w.settle(s)
		w.purchases(s, "ada", "course completed")
		w.holds(s, "ada", "course 2026-05-01")
	})
}

// Stripe takes credit for every invoice. What was captured is paid already, so the credit stays.
func TestACustomersCreditIsNotSpentOnWhatWasCaptured(t *testing.T) {
	for name, credit := range map[string]int64{"a part": 1000, "all": 9000} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, w *world) {
				s := w.school()
				account := w.signUp(s)
				w.saveCard(account.Customer, "pm_card_visa")
				w.settle(s)
				w.credit(credit)
				got := w.capture(s, w.authorized(s, help(5000, "order-1")).ID, 0)
				if got.Status != billing.PurchaseCompleted || got.Amount != money.New(5000, "eur") {
					t.Errorf("%+v", got)
				}
				customer, err := w.stripe.Client().V1Customers.Retrieve(t.Context(), string(account.Customer), nil)
				if err != nil || customer.Balance != -credit {
					t.Errorf("the balance is %d, %v; want %d", customer.Balance, err, -credit)
				}
			})
		})
	}
}

func TestAnAuthorizationThatIsDeclinedLeavesNothing(t *testing.T) {
	for name, c := range map[string]struct{ card, failure string }{
		"3-D Secure":        {"pm_card_authenticationRequired", "authentication_required"},
		"a card that fails": {"pm_card_chargeCustomerFail", "generic_decline"},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, w *world) {
				s := w.school()
				account := w.signUp(s)
				w.saveCard(account.Customer, c.card)
				asked := help(5000, "order-1")
				asked.Manual = true
				for range 2 {
					if got := w.buy(s, asked); got.Status != billing.PurchaseCanceled || got.Failure != c.failure {
						t.Fatalf("%+v, want %s", got, c.failure)
					}
				}
				list := &stripe.PaymentIntentListParams{Customer: stripe.String(string(account.Customer))}
				for intent, err := range w.stripe.Client().V1PaymentIntents.List(t.Context(), list).All(t.Context()) {
					if err != nil || intent.Status != stripe.PaymentIntentStatusCanceled {
						t.Errorf("left: %+v, %v", intent, err)
					}
				}
			})
		})
	}
}

func TestADeletedAccountHasNothingKeptReady(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.school()
		account := w.signUp(s)
		w.saveCard(account.Customer, "pm_card_visa")
		ready := w.authorized(s, help(5000, "order-1"))
		page := w.buy(s, wish("map"))
		if done, err := s.DeleteAccount(t.Context(), "ada", service.Deletion{}); err != nil || !done {
			t.Fatalf("%v, %v", done, err)
		}
		intent, err := w.stripe.Client().V1PaymentIntents.Retrieve(t.Context(), ready.PaymentIntent, nil)
		if err != nil || intent.Status != stripe.PaymentIntentStatusCanceled {
			t.Errorf("what the bank kept ready is %+v, %v", intent, err)
		}
		session, err := w.stripe.Client().V1CheckoutSessions.Retrieve(t.Context(), page.Checkout, nil)
		if err != nil || session.Status != stripe.CheckoutSessionStatusExpired {
			t.Errorf("the page is %+v, %v", session, err)
		}
	})
}

func TestACaptureThatMakesNoSenseIsRefused(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.school()
		account := w.signUp(s)
		w.saveCard(account.Customer, "pm_card_visa")
		without := wish("map")
		without.Manual = true
		if _, err := s.Buy(t.Context(), "ada", without); billing.CodeOf(err) != billing.Invalid || !strings.Contains(err.Error(), "key") {
			t.Errorf("without a key: %v", err)
		}
		atOnce := w.buy(s, help(5000, "order-1"))
		if _, err := s.Capture(t.Context(), "ada", atOnce.ID, 0); billing.CodeOf(err) != billing.Conflict {
			t.Errorf("what was charged at once: %v", err)
		}
		later := help(5000, "order-1")
		later.Manual = true
		if _, err := s.Buy(t.Context(), "ada", later); billing.CodeOf(err) != billing.Conflict {
			t.Errorf("the same key, to be captured: %v", err)
		}
		without.Key = "order-2"
		page := w.buy(s, without)
		if _, err := s.Capture(t.Context(), "ada", page.ID, 0); billing.CodeOf(err) != billing.Conflict {
			t.Errorf("before the customer paid: %v", err)
		}
		if _, err := s.Capture(t.Context(), "ada", "one_none", 0); billing.CodeOf(err) != billing.NotFound {
			t.Errorf("what is not there: %v", err)
		}
		if _, _, err := s.CreateAccount(t.Context(), service.NewAccount{ID: "bob", Email: "bob@example.com"}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Capture(t.Context(), "bob", page.ID, 0); billing.CodeOf(err) != billing.NotFound {
			t.Errorf("somebody else's: %v", err)
		}
	})
}
