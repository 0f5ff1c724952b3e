package service_test

import (
	"net/url"
	"testing"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/billing"
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
	w.saveCard(account.Customer, "pm_card_visa")
	client := w.stripe.Client()
	price := ""
	for p, err := range client.V1Prices.List(t.Context(), &stripe.PriceListParams{LookupKeys: stripe.StringSlice([]string{"premium-monthly"})}).All(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		price = p.ID
	}
	free, err := s.Subscriptions(t.Context(), "ada")
	if err != nil || len(free) != 1 {
		t.Fatalf("subscriptions %+v, %v", free, err)
	}
	_, err = client.V1Subscriptions.Update(t.Context(), string(free[0].ID), &stripe.SubscriptionUpdateParams{
		Items: []*stripe.SubscriptionUpdateItemParams{{ID: &free[0].Items[0].ID, Price: &price}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if result := w.upgrade(s, again); !result.Changed {
		t.Errorf("got %+v, want no page", result)
	}
	purchases, err := s.Purchases(t.Context(), "ada")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range purchases {
		if p.ID == page.Purchase && p.Status != billing.PurchaseExpired {
			t.Errorf("the page's purchase is %s, want expired", p.Status)
		}
	}
	form := url.Values{"cardNumber": {goodCard}, "cardExpiry": {"12/34"}, "cardCvc": {"123"}, "billingName": {"Ada"}, "email": {"ada@example.com"}}
	w.post(page.URL, form)
	if _, running := w.paidAtStripe(); running != 1 {
		t.Errorf("%d paid subscriptions run after paying on the old page, want 1", running)
	}
}
