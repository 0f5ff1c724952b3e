package service_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

const accountPage = "https://app.example.com/account"

// cards are what ada has saved, newest first, as their last digits; the one that is charged next is marked.
func (w *world) cards(s *service.Service) string {
	w.t.Helper()
	saved, err := s.PaymentMethods(w.t.Context(), "ada")
	if err != nil {
		w.t.Fatal(err)
	}
	var words []string
	for _, m := range saved {
		word := m.Last4
		if m.Default {
			word += "*"
		}
		words = append(words, word)
	}
	return strings.Join(words, " ")
}

// card is the id of a saved card by its last digits.
func (w *world) card(s *service.Service, last4 string) billing.PaymentMethodID {
	w.t.Helper()
	saved, err := s.PaymentMethods(w.t.Context(), "ada")
	at := slices.IndexFunc(saved, func(m billing.PaymentMethod) bool { return m.Last4 == last4 })
	if err != nil || at < 0 {
		w.t.Fatalf("no card ends in %s: %v, %v", last4, saved, err)
	}
	return saved[at].ID
}

// addCard saves a card on the page that the service opens, and comes back.
func (w *world) addCard(s *service.Service, number string) {
	w.t.Helper()
	page, err := s.SavePaymentMethod(w.t.Context(), "ada", accountPage)
	if err != nil {
		w.t.Fatal(err)
	}
	_, visit, _ := strings.Cut(w.pay(page, number), "/return/portal?visit=")
	if to, err := s.CompletePortal(w.t.Context(), visit); err != nil || to != accountPage {
		w.t.Fatalf("the customer is sent to %q, %v", to, err)
	}
}

// Features: 34 35.
func TestCardsAreSavedWithoutAChargeChosenAndRemoved(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		w.signUp(s)
		w.addCard(s, "4242424242424242")
		if got := w.cards(s); got != "4242" { // back from the page, before any webhook
			t.Errorf("back from the page: %q", got)
		}
		w.settle(s)
		if got := w.cards(s); got != "4242*" {
			t.Errorf("the first card is not the default by itself: %q", got)
		}
		if result := w.upgrade(s, "premium-monthly"); !result.Changed {
			t.Fatalf("the saved card does not pay: %+v", result)
		}
		w.settle(s)

		w.addCard(s, "5555555555554444")
		w.settle(s)
		if got := w.cards(s); got != "4444 4242*" {
			t.Errorf("the second card: %q", got)
		}
		_, err := s.RemovePaymentMethod(t.Context(), "ada", w.card(s, "4242"))
		refusal(t, err, billing.Conflict, "method")
		for range 2 {
			if _, err := s.SetDefaultMethod(t.Context(), "ada", w.card(s, "4444")); err != nil {
				t.Fatal(err)
			}
		}
		if got := w.cards(s); got != "4444* 4242" {
			t.Errorf("the second one as the default: %q", got)
		}
		if left, err := s.RemovePaymentMethod(t.Context(), "ada", w.card(s, "4242")); err != nil || len(left) != 1 {
			t.Errorf("left: %+v, %v", left, err)
		}
		w.expectPaid(1, 1)
		w.move(start.Add(29 * 24 * time.Hour)) // a renewal, by the other card
		w.settle(s)
		w.expectPaid(2, 1)
		w.expect(s, "premium active full")
	})
}

func TestACardOfSomebodyElseIsNotFound(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		w.premium(s)
		if _, _, err := s.CreateAccount(t.Context(), service.NewAccount{ID: "eve", Email: "eve@example.com"}); err != nil {
			t.Fatal(err)
		}
		adas := w.card(s, "4242")
		_, err := s.SetDefaultMethod(t.Context(), "eve", adas)
		refusal(t, err, billing.NotFound, "method")
		_, err = s.RemovePaymentMethod(t.Context(), "eve", adas)
		refusal(t, err, billing.NotFound, "method")
		_, err = s.SavePaymentMethod(t.Context(), "eve", "https://evil.example.com/")
		refusal(t, err, billing.Invalid, "return_url")
	})
}

// All want another default at once: one of them is, for the customer and for the subscription alike.
func TestADefaultThatManyChooseAtOnceIsOne(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		w.premium(s)
		w.addCard(s, "5555555555554444")
		ids := []billing.PaymentMethodID{w.card(s, "4242"), w.card(s, "4444")}
		var all sync.WaitGroup
		for i := range 100 {
			all.Go(func() {
				if _, err := s.SetDefaultMethod(t.Context(), "ada", ids[i%2]); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if got := w.cards(s); strings.Count(got, "*") != 1 {
			t.Errorf("cards: %q", got)
		}
	})
}

// Features: 44.
func TestThePortalOpensAtOneTask(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		w.signUp(s)
		_, err := s.OpenPortalAt(t.Context(), "ada", "", service.CancelTask, accountPage)
		refusal(t, err, billing.Conflict, "")
		_, err = s.OpenPortalAt(t.Context(), "ada", "", "dance", accountPage)
		refusal(t, err, billing.Invalid, "task")
		w.addCard(s, "4242424242424242")
		w.settle(s)
		w.upgrade(s, "premium-monthly")
		w.settle(s)
		for _, task := range []service.PortalTask{service.UpdateMethodTask, service.CancelTask} {
			portal, err := s.OpenPortalAt(t.Context(), "ada", "", task, accountPage)
			if err != nil || !strings.HasPrefix(portal, w.stripe.URL+"/p/session/") {
				t.Errorf("%s: %q, %v", task, portal, err)
			}
		}
		if _, err := s.Cancel(t.Context(), "ada", service.Cancel{}); err != nil {
			t.Fatal(err)
		}
		_, err = s.OpenPortalAt(t.Context(), "ada", "", service.CancelTask, accountPage)
		refusal(t, err, billing.Conflict, "task")
	})
}
