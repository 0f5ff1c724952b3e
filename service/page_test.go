package service_test

import (
	"net/url"
	"testing"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

func TestWhoBoughtElsewhereCannotPayOnTheOldPage(t *testing.T) {
	each(t, func(t *testing.T, w *world) { boughtElsewhere(t, w, "premium-monthly") })
}

func TestWhoBoughtElsewhereSwitchesWithoutTheOldPage(t *testing.T) {
	each(t, func(t *testing.T, w *world) { boughtElsewhere(t, w, "premium-yearly") })
}

// boughtElsewhere opens a page for a price, puts the account on the monthly one by other means, and asks for the price again.
func boughtElsewhere(t *testing.T, w *world, again string) {
	t.Helper()
	s := w.service()
	account := w.signUp(s)
	page := w.upgrade(s, again)
	w.buyElsewhere(s, account)
	if result := w.upgrade(s, again); !result.Changed {
		t.Errorf("got %+v, want no page", result)
	}
	w.expectExpired(s, page.Purchase)
	form := url.Values{"cardNumber": {goodCard}, "cardExpiry": {"12/34"}, "cardCvc": {"123"}, "billingName": {"Ada"}, "email": {"ada@example.com"}}
	w.post(page.URL, form)
	if _, running := w.paidAtStripe(); running != 1 {
		t.Errorf("%d paid subscriptions run after paying on the old page, want 1", running)
	}
}

// A page that was left open beside a plan that was bought elsewhere could be paid for a day: two subscriptions.
func TestAPageLeftOpenIsClosedWithoutAnotherUpgrade(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		account := w.signUp(s)
		page := w.upgrade(s, "premium-yearly")
		w.buyElsewhere(s, account)
		if err := s.Sync(t.Context(), account.Customer); err != nil {
			t.Fatal(err)
		}
		if err := s.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.expectExpired(s, page.Purchase)
		w.post(page.URL, url.Values{"cardNumber": {goodCard}, "cardExpiry": {"12/34"}, "cardCvc": {"123"}, "billingName": {"Ada"}, "email": {"ada@example.com"}})
		if _, running := w.paidAtStripe(); running != 1 {
			t.Errorf("%d paid subscriptions run after paying on the page that was left open, want 1", running)
		}
	})
}

// buyElsewhere puts the account on the monthly plan as an operator does at Stripe.
func (w *world) buyElsewhere(s *service.Service, account billing.Account) {
	w.t.Helper()
	w.saveCard(account.Customer, "pm_card_visa")
	client := w.stripe.Client()
	price := ""
	for p, err := range client.V1Prices.List(w.t.Context(), &stripe.PriceListParams{LookupKeys: stripe.StringSlice([]string{"premium-monthly"})}).All(w.t.Context()) {
		if err != nil {
			w.t.Fatal(err)
		}
		price = p.ID
	}
	free, err := s.Subscriptions(w.t.Context(), account.ID)
	if err != nil || len(free) != 1 {
		w.t.Fatalf("subscriptions %+v, %v", free, err)
	}
	_, err = client.V1Subscriptions.Update(w.t.Context(), string(free[0].ID), &stripe.SubscriptionUpdateParams{
		Items: []*stripe.SubscriptionUpdateItemParams{{ID: &free[0].Items[0].ID, Price: &price}},
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) expectExpired(s *service.Service, id billing.PurchaseID) {
	w.t.Helper()
	purchases, err := s.Purchases(w.t.Context(), "ada")
	if err != nil {
		w.t.Fatal(err)
	}
	for _, p := range purchases {
		if p.ID == id && p.Status != billing.PurchaseExpired {
			w.t.Errorf("the page's purchase is %s, want expired", p.Status)
		}
	}
}
