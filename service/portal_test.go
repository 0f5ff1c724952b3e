package service_test

import (
	"strings"
	"testing"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/internal/testenv"
	"github.com/dues-billing/dues/service"
)

// Rows: A9 D6.
// Features: 43 45.
func TestThePortalIsReachedAndLeftThroughUs(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		account := w.signUp(s)
		portal, err := s.OpenPortal(t.Context(), "ada", "https://app.example.com/account")
		if err != nil || !strings.HasPrefix(portal, w.stripe.URL+"/p/session/") {
			t.Fatalf("got %q, %v", portal, err)
		}
		for range 2 {
			again, err := s.OpenPortal(t.Context(), "ada", "https://app.example.com/account")
			if err != nil || again == portal {
				t.Errorf("got %q, %v; want a link of its own", again, err)
			}
		}
		_, err = s.OpenPortal(t.Context(), "ada", "https://evil.example.com/")
		refusal(t, err, billing.Invalid, "return_url")
		if _, err := s.OpenPortal(t.Context(), "eve", "https://app.example.com/"); billing.CodeOf(err) != billing.NotFound {
			t.Errorf("an unknown account: got %v, want not_found", err)
		}

		// What the customer does there counts when the customer is back, before any webhook.
		w.saveCard(account.Customer, "pm_card_mastercard")
		visit := w.visit(portal)
		to, err := s.CompletePortal(t.Context(), visit)
		if err != nil || to != "https://app.example.com/account" {
			t.Errorf("the customer goes to %q, %v", to, err)
		}
		if method := w.status(s).Method; method == nil || method.Brand != "mastercard" {
			t.Errorf("the method is %+v, want the new card", method)
		}
		if _, err := s.CompletePortal(t.Context(), "visit_guessed"); billing.CodeOf(err) != billing.NotFound {
			t.Errorf("a guessed visit: got %v, want not_found", err)
		}
	})
}

// visit returns the visit that a portal session leads back to, which Stripe knows as its return URL.
func (w *world) visit(portal string) string {
	w.t.Helper()
	for _, e := range w.newEvents() {
		if e.Type != "billing_portal.session.created" {
			continue
		}
		_, rest, found := strings.Cut(string(e.body), "/return/portal?visit=")
		if visit, _, ends := strings.Cut(rest, `"`); found && ends {
			return visit
		}
	}
	w.t.Fatalf("no event tells where %s leads back to", portal)
	return ""
}

func TestThePublicHostIsAllowedHoweverItIsWritten(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testenv.SQLiteURL(t))
	w.publicURL = "https://Billing.Example.com"
	s := w.service()
	w.signUp(s)
	if _, err := s.OpenPortal(t.Context(), "ada", "https://billing.example.com/account"); err != nil {
		t.Error(err)
	}
}

func TestADeletedCustomerIsNamedAsTheReason(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		account := w.signUp(s)
		if _, err := w.stripe.Client().V1Customers.Delete(t.Context(), string(account.Customer), nil); err != nil {
			t.Fatal(err)
		}
		w.settle(s)
		_, err := s.Upgrade(t.Context(), "ada", service.Upgrade{PriceKey: "premium-monthly", SuccessURL: success, CancelURL: cancel})
		if billing.CodeOf(err) != billing.Conflict || !strings.Contains(err.Error(), "deleted") {
			t.Errorf("got %v, want a conflict that says that the customer was deleted", err)
		}
		if purchases, err := s.Purchases(t.Context(), "ada"); err != nil || len(purchases) != 0 {
			t.Errorf("purchases %+v, %v; want none begun", purchases, err)
		}
	})
}
