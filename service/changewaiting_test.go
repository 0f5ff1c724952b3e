package service_test

import (
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// unpaidUpgrade is an upgrade of ada, who pays by the month, that waits: her card does not pay.
func (w *world) unpaidUpgrade(card, reason string) (*service.Service, billing.Account, service.UpgradeResult) {
	w.t.Helper()
	s := w.service()
	account := w.premium(s)
	w.saveCard(account.Customer, card)
	w.settle(s)
	w.mails.kinds()
	w.move(w.now.Now().Add(time.Minute))
	result := w.upgrade(s, "premium-yearly")
	if result.Changed || result.Reason != reason || !strings.Contains(result.URL, "/i/") || result.Purchase == "" {
		w.t.Fatalf("got %+v, want the page of an invoice because of %s", result, reason)
	}
	w.settle(s)
	w.interval(s, "premium-monthly")
	w.expect(s, "premium active full")
	w.expectMails() // she is looking at the page
	return s, account, result
}

// interval compares what ada pays.
func (w *world) interval(s *service.Service, price string) {
	w.t.Helper()
	if got := w.status(s).Price; got != price {
		w.t.Errorf("ada pays %s, want %s", got, price)
	}
}

// Features: 24.
func TestAnUpgradeOfWhoPaysWaitsUntilItsInvoiceIsPaid(t *testing.T) {
	for card, reason := range map[string]string{
		"pm_card_chargeCustomerFail":     service.ReasonDeclined,
		"pm_card_authenticationRequired": service.ReasonNeedsConfirmation,
	} {
		t.Run(reason, func(t *testing.T) {
			each(t, func(t *testing.T, w *world) {
				s, _, page := w.unpaidUpgrade(card, reason)
				if again := w.upgrade(s, "premium-yearly"); again.URL != page.URL || again.Reason != service.ReasonOpenPage {
					t.Errorf("asked again: %+v, want the same page", again)
				}
				w.post(page.URL, url.Values{"cardNumber": {goodCard}, "cardExpiry": {"12/34"}, "cardCvc": {"123"}, "billingName": {"Ada"}})
				w.settle(s)
				w.interval(s, "premium-yearly")
				w.expectMails("receipt", "plan")
				bought, err := s.Purchases(t.Context(), "ada")
				if err != nil || bought[0].ID != page.Purchase || bought[0].Status != billing.PurchaseCompleted || bought[0].PaymentMethod == "" {
					t.Errorf("the purchase: %+v, %v", bought, err)
				}
				if again := w.upgrade(s, "premium-yearly"); !again.Changed {
					t.Errorf("asked once more: %+v", again)
				}
				if _, subscriptions := w.paidAtStripe(); subscriptions != 1 {
					t.Errorf("%d paid subscriptions, want 1", subscriptions)
				}
				w.agrees(s)
			})
		})
	}
}

func TestTheChallengeOfAnUpgradeIsAnsweredOnItsPage(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s, _, page := w.unpaidUpgrade("pm_card_authenticationRequired", service.ReasonNeedsConfirmation)
		challenge, _ := w.post(page.URL, url.Values{"cardNumber": {challengeCard}, "cardExpiry": {"12/34"}, "cardCvc": {"123"}, "billingName": {"Ada"}})
		if !strings.Contains(challenge, "/3ds/") {
			t.Fatalf("paying leads to %q, want a challenge", challenge)
		}
		if strings.HasPrefix(challenge, "/") {
			challenge = w.stripe.URL + challenge
		}
		w.post(challenge, url.Values{"outcome": {"succeed"}})
		w.settle(s)
		w.interval(s, "premium-yearly")
	})
}

func TestAnUpgradeThatNobodyPaysChangesNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s, _, page := w.unpaidUpgrade("pm_card_chargeCustomerFail", service.ReasonDeclined)
		w.move(w.now.Now().Add(24 * time.Hour))
		w.settle(s)
		w.interval(s, "premium-monthly")
		w.expect(s, "premium active full")
		w.expectMails()
		if invoice := w.newestInvoice(s); invoice.Status != billing.InvoiceVoid {
			t.Errorf("its invoice is %s", invoice.Status)
		}
		if bought, err := s.Purchases(t.Context(), "ada"); err != nil || bought[0].Status != billing.PurchaseExpired {
			t.Errorf("the purchase: %+v, %v", bought, err)
		}
		if again := w.upgrade(s, "premium-yearly"); again.URL == page.URL || again.Reason != service.ReasonDeclined {
			t.Errorf("asked a day later: %+v, want another try", again)
		}
	})
}

func TestANewCardPaysWhatAnUpgradeWaitsFor(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s, account, page := w.unpaidUpgrade("pm_card_chargeCustomerFail", service.ReasonDeclined)
		w.saveCard(account.Customer, "pm_card_authenticationRequired")
		if result := w.upgrade(s, "premium-yearly"); result.Changed || result.URL != page.URL {
			t.Errorf("with a card that does not pay either: %+v", result)
		}
		w.saveCard(account.Customer, "pm_card_visa")
		var wait sync.WaitGroup
		for range 20 {
			wait.Go(func() {
				if result := w.upgrade(s, "premium-yearly"); !result.Changed {
					t.Errorf("with one that pays: %+v", result)
				}
			})
		}
		wait.Wait()
		w.settle(s)
		w.interval(s, "premium-yearly")
		w.expectMails("receipt", "plan")
	})
}

func TestAnotherChangeTakesThePlaceOfOneThatWaits(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.team("basic", 0)
		account, err := w.store().Account(t.Context(), "ada")
		if err != nil {
			t.Fatal(err)
		}
		w.saveCard(account.Customer, "pm_card_chargeCustomerFail")
		first := w.upgrade(s, "pro")
		if first.Changed || !strings.Contains(first.URL, "/i/") {
			t.Fatalf("got %+v", first)
		}
		w.saveCard(account.Customer, "pm_card_visa")
		w.change(s, service.PlanChange{ChangeWish: billing.ChangeWish{PriceKey: "pro"}})
		w.settle(s)
		w.expect(s, "pro active full")
		paid := 0
		invoices, err := s.Invoices(t.Context(), "ada")
		if err != nil {
			t.Fatal(err)
		}
		for _, invoice := range invoices {
			if invoice.Status == billing.InvoiceOpen {
				t.Errorf("%s is still open", invoice.ID)
			}
			if invoice.Status == billing.InvoicePaid && invoice.AmountPaid.Minor > 0 {
				paid++
			}
		}
		if paid != 2 {
			t.Errorf("%d invoices were paid, want the first and one for the change", paid)
		}
		if again := w.upgrade(s, "pro"); !again.Changed {
			t.Errorf("asked again: %+v", again)
		}
	})
}

func TestWhoStaysOnThePriceOweNothingForTheUpgradeThatWaited(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s, _, page := w.unpaidUpgrade("pm_card_chargeCustomerFail", service.ReasonDeclined)
		if stays := w.upgrade(s, "premium-monthly"); !stays.Changed {
			t.Errorf("back to the price that is paid: %+v", stays)
		}
		w.settle(s)
		if invoice := w.newestInvoice(s); invoice.Status != billing.InvoiceVoid {
			t.Errorf("the invoice of %s is %s and can be paid", page.URL, invoice.Status)
		}
		w.interval(s, "premium-monthly")
		w.expect(s, "premium active full")
		w.expectMails()
		w.agrees(s)
	})
}

func TestAnUpgradeThatIsPaidWhileItIsGivenUpCounts(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s, _, page := w.unpaidUpgrade("pm_card_chargeCustomerFail", service.ReasonDeclined)
		w.post(page.URL, url.Values{"cardNumber": {goodCard}, "cardExpiry": {"12/34"}, "cardCvc": {"123"}, "billingName": {"Ada"}})
		w.upgrade(s, "premium-monthly") // the webhooks are not here yet
		w.settle(s)
		bought, err := s.Purchases(t.Context(), "ada")
		i := slices.IndexFunc(bought, func(p billing.Purchase) bool { return p.ID == page.Purchase })
		if err != nil || i < 0 || bought[i].Status != billing.PurchaseCompleted {
			t.Errorf("the purchases: %+v, %v", bought, err)
		}
		w.agrees(s)
	})
}
