package service_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

const (
	goodCard      = "4242424242424242"
	challengeCard = "4000002500003155"
)

// paidAtStripe counts the charges that succeeded, and the live subscriptions that cost something.
func (w *world) paidAtStripe() (charges, subscriptions int) {
	w.t.Helper()
	client, ctx := w.stripe.Client(), w.t.Context()
	for charge, err := range client.V1Charges.List(ctx, &stripe.ChargeListParams{}).All(ctx) {
		if err != nil {
			w.t.Fatal(err)
		}
		if charge.Paid {
			charges++
		}
	}
	for sub, err := range client.V1Subscriptions.List(ctx, &stripe.SubscriptionListParams{}).All(ctx) {
		if err != nil {
			w.t.Fatal(err)
		}
		if sub.Items.Data[0].Price.UnitAmount > 0 {
			subscriptions++
		}
	}
	return charges, subscriptions
}

func (w *world) expectPaid(charges, subscriptions int) {
	w.t.Helper()
	if c, s := w.paidAtStripe(); c != charges || s != subscriptions {
		w.t.Errorf("%d charges and %d paid subscriptions at Stripe, want %d and %d", c, s, charges, subscriptions)
	}
}

// Rows: A2 A4 A6 B2 B4 B7.
// Features: 15 16.
func TestAnUpgradeWithASavedMethodHappensAtOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		account := w.signUp(s)
		w.saveCard(account.Customer, "pm_card_visa")
		w.settle(s)
		w.mails.kinds()

		w.move(start.Add(10 * 24 * time.Hour))
		result := w.upgrade(s, "premium-monthly")
		if !result.Changed || result.URL != "" {
			t.Errorf("got %+v, want a change without a page", result)
		}
		w.expect(s, "premium active full") // before any webhook
		w.expectPaid(1, 1)
		purchase, err := s.Purchases(t.Context(), "ada")
		if err != nil || len(purchase) != 1 || purchase[0].Status != billing.PurchaseCompleted || purchase[0].Amount.String() != "19.00 EUR" ||
			!strings.HasPrefix(purchase[0].PaymentIntent, "pi_") || !strings.HasPrefix(string(purchase[0].PaymentMethod), "pm_") {
			t.Errorf("purchases %+v, %v; want one, completed, with the ids of its payment", purchase, err)
		}
		status := w.status(s)
		if status.Method == nil || status.Method.Last4 != "4242" || status.Until.IsZero() {
			t.Errorf("status %+v, want the saved card and an end", status)
		}
		licenses, err := s.Licenses(t.Context(), "ada")
		if err != nil || len(licenses) != 1 || !licenses[0].EndsAt.Equal(status.PeriodEnd) {
			t.Errorf("licenses %+v, %v; want one until %v", licenses, err, status.PeriodEnd)
		}
		w.settle(s)
		w.expectMails("receipt")
		if again := w.upgrade(s, "premium-monthly"); !again.Changed {
			t.Errorf("asked again: %+v, want the same answer", again)
		}
		w.settle(s)
		w.expectPaid(1, 1)
		w.expectMails()
	})
}

// Rows: B2.
// Features: 23.
func TestADoubleClickWithASavedMethodPaysOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		services := []*service.Service{w.service(), w.service()}
		account := w.signUp(services[0])
		w.saveCard(account.Customer, "pm_card_visa")
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				if result := w.upgrade(services[i%2], "premium-monthly"); !result.Changed {
					t.Errorf("got %+v, want a change", result)
				}
			})
		}
		wg.Wait()
		w.settle(services[0])
		w.expectPaid(1, 1)
		w.expectMails("welcome", "receipt")
	})
}

// Rows: A2 A6 B3 B7 C18.
// Features: 39 42.
func TestAnUpgradeOnTheHostedPageCountsOnReturnBeforeAnyWebhook(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		w.signUp(s)
		w.settle(s)
		result := w.upgrade(s, "premium-monthly")
		if result.Changed || result.Reason != service.ReasonNoMethod || !strings.HasPrefix(result.URL, w.stripe.URL+"/c/pay/") {
			t.Fatalf("got %+v, want a page because no method is saved", result)
		}
		w.expect(s, "starter active full")

		to := w.pay(result.URL, goodCard)
		id := purchaseIn(t, to)
		if id != result.Purchase {
			t.Errorf("the page returns purchase %q, want %q", id, result.Purchase)
		}
		redirect, err := s.CompleteReturn(t.Context(), id)
		if err != nil || redirect != success {
			t.Errorf("the customer goes to %q (%v), want %q", redirect, err, success)
		}
		w.expect(s, "premium active full")
		w.settle(s)
		w.expect(s, "premium active full")
		w.expectPaid(1, 1)
		w.expectMails("welcome", "receipt")

		// The free subscription made way.
		free := 0
		subs, err := s.Subscriptions(t.Context(), "ada")
		for _, sub := range subs {
			if !sub.Status.Ended() && sub.Items[0].PriceKey == "starter-monthly" {
				free++
			}
		}
		if err != nil || free != 0 || len(subs) != 2 {
			t.Errorf("%d free subscriptions of %d run (%v), want none of 2", free, len(subs), err)
		}
		purchases, err := s.Purchases(t.Context(), "ada")
		if err != nil || len(purchases) != 1 || purchases[0].Status != billing.PurchaseCompleted || purchases[0].PaymentIntent == "" ||
			purchases[0].PaymentMethod == "" || purchases[0].Amount.String() != "19.00 EUR" {
			t.Errorf("purchases %+v, %v; want one, completed, with the ids of its payment", purchases, err)
		}
	})
}

// Features: 23.
func TestADoubleClickWithoutAMethodOpensOnePage(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		services := []*service.Service{w.service(), w.service()}
		w.signUp(services[0])
		pages := make(chan string, 8)
		var wg sync.WaitGroup
		for i := range cap(pages) {
			wg.Go(func() { pages <- w.upgrade(services[i%2], "premium-monthly").URL })
		}
		wg.Wait()
		close(pages)
		seen := map[string]bool{}
		for page := range pages {
			seen[page] = true
		}
		open := w.openPages()
		if len(seen) != 1 || open != 1 {
			t.Errorf("%d pages were answered and %d are open, want 1", len(seen), open)
		}
	})
}

func (w *world) openPages() (n int) {
	w.t.Helper()
	list := &stripe.CheckoutSessionListParams{Status: stripe.String("open")}
	for _, err := range w.stripe.Client().V1CheckoutSessions.List(w.t.Context(), list).All(w.t.Context()) {
		if err != nil {
			w.t.Fatal(err)
		}
		n++
	}
	return n
}

func TestAnotherPriceClosesTheOpenPage(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		w.signUp(s)
		monthly := w.upgrade(s, "premium-monthly")
		yearly := w.upgrade(s, "premium-yearly")
		if yearly.URL == monthly.URL || yearly.Purchase == monthly.Purchase || w.openPages() != 1 {
			t.Errorf("got %+v after %+v and %d open pages; want another page, and it alone", yearly, monthly, w.openPages())
		}
		w.pay(yearly.URL, goodCard)
		w.settle(s)
		w.expectPaid(1, 1)
		if got := w.status(s).Price; got != "premium-yearly" {
			t.Errorf("ada pays %q, want the yearly price", got)
		}
	})
}

func TestAPageThatExpiredIsFollowedByAnother(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		w.signUp(s)
		first := w.upgrade(s, "premium-monthly")
		w.move(start.Add(25 * time.Hour))
		second := w.upgrade(s, "premium-monthly")
		if second.URL == first.URL || second.URL == "" || second.Purchase == first.Purchase {
			t.Errorf("got %+v after %+v, want another page", second, first)
		}
		purchases, err := s.Purchases(t.Context(), "ada")
		if err != nil || len(purchases) != 2 || purchases[0].Status != billing.PurchasePending || purchases[1].Status != billing.PurchaseExpired {
			t.Errorf("purchases %+v, %v; want an open one and an expired one", purchases, err)
		}
		w.pay(second.URL, goodCard)
		w.settle(s)
		w.expectPaid(1, 1)
	})
}

func TestAPageThatWasPaidMeanwhileIsNotPaidAgain(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		w.signUp(s)
		w.pay(w.upgrade(s, "premium-monthly").URL, goodCard)
		// No webhook and no return has come, and the customer presses again.
		if again := w.upgrade(s, "premium-monthly"); !again.Changed {
			t.Errorf("got %+v, want to hear that it is done", again)
		}
		w.settle(s)
		w.expectPaid(1, 1)
	})
}

// Features: 24.
func TestADeclinedCardLeadsToThePageAndChangesNothing(t *testing.T) {
	for token, reason := range map[string]string{
		"pm_card_chargeCustomerFail":     service.ReasonDeclined,
		"pm_card_authenticationRequired": service.ReasonNeedsConfirmation,
	} {
		t.Run(reason, func(t *testing.T) {
			each(t, func(t *testing.T, w *world) {
				s := w.service()
				account := w.signUp(s)
				w.saveCard(account.Customer, token)
				w.settle(s)
				result := w.upgrade(s, "premium-monthly")
				if result.Changed || result.Reason != reason || result.URL == "" {
					t.Errorf("got %+v, want a page because of %s", result, reason)
				}
				w.settle(s)
				w.expect(s, "starter active full")
				w.expectPaid(0, 0)
				w.expectMails("welcome")
				w.pay(result.URL, goodCard)
				w.settle(s)
				w.expect(s, "premium active full")
				w.expectPaid(1, 1)
				w.expectMails("receipt")
			})
		})
	}
}

// Rows: A8 C27 C30.
func TestAChallengeOnThePageMayFailOnceAndThenSucceed(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		w.signUp(s)
		page := w.upgrade(s, "premium-monthly").URL
		answer := func(word string) string {
			challenge := w.pay(page, challengeCard)
			if !strings.Contains(challenge, "/3ds/") {
				t.Fatalf("paying leads to %q, want a challenge", challenge)
			}
			if strings.HasPrefix(challenge, "/") {
				challenge = w.stripe.URL + challenge
			}
			to, _ := w.post(challenge, url.Values{"outcome": {word}})
			return to
		}
		answer("fail")
		w.settle(s)
		w.expect(s, "starter active full")
		if to := answer("succeed"); purchaseIn(t, to) == "" {
			t.Errorf("the customer is sent to %q", to)
		}
		w.settle(s)
		w.expect(s, "premium active full")
		w.expectPaid(1, 1)
		w.expectMails("welcome", "receipt")
	})
}

// TestALostAnswerDoesNotMakeASecondPurchase loses the answer of each call that an upgrade makes; the customer presses again.
//
// Features: 102.
func TestALostAnswerDoesNotMakeASecondPurchase(t *testing.T) {
	posts := func(path string) func(*http.Request) bool {
		return func(r *http.Request) bool { return r.Method == http.MethodPost && strings.HasPrefix(r.URL.Path, path) }
	}
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		account := w.signUp(s)

		w.trouble.when(true, posts("/v1/checkout/sessions"))
		_, err := s.Upgrade(t.Context(), "ada", service.Upgrade{PriceKey: "premium-monthly", SuccessURL: success, CancelURL: cancel})
		if billing.CodeOf(err) != billing.Unavailable {
			t.Errorf("a lost page: got %v, want code unavailable", err)
		}
		w.trouble.over()
		w.upgrade(s, "premium-monthly")
		if open := w.openPages(); open != 1 {
			t.Errorf("%d pages are open, want 1", open)
		}

		w.saveCard(account.Customer, "pm_card_visa")
		w.trouble.when(true, posts("/v1/subscriptions/"))
		_, err = s.Upgrade(t.Context(), "ada", service.Upgrade{PriceKey: "premium-yearly", SuccessURL: success, CancelURL: cancel})
		if billing.CodeOf(err) != billing.Unavailable {
			t.Errorf("a lost change: got %v, want code unavailable", err)
		}
		w.trouble.over()
		if result := w.upgrade(s, "premium-yearly"); !result.Changed {
			t.Errorf("got %+v, want to hear that it changed", result)
		}
		w.settle(s)
		w.expectPaid(1, 1)
		w.expectMails("welcome", "receipt")
	})
}

// TestAnUpgradeThatBreaksOffAnywhereIsDoneOnce fails the n-th request of an upgrade to Stripe, for every n, once before it is
// carried out and once after; the customer presses again.
func TestAnUpgradeThatBreaksOffAnywhereIsDoneOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		accounts := 0
		for _, lost := range []bool{false, true} {
			for n := 1; ; n++ {
				id := billing.AccountID(fmt.Sprintf("a-%v-%d", lost, n))
				account, _, err := s.CreateAccount(t.Context(), service.NewAccount{ID: id, Email: "a@example.com"})
				if err != nil {
					t.Fatal(err)
				}
				accounts++
				w.saveCard(account.Customer, "pm_card_visa")
				upgrade := service.Upgrade{PriceKey: "premium-monthly", SuccessURL: success, CancelURL: cancel}
				var seen atomic.Int64
				w.trouble.when(lost, func(*http.Request) bool { return seen.Add(1) == int64(n) })
				first, err := s.Upgrade(t.Context(), id, upgrade)
				w.trouble.over()
				again, retried := s.Upgrade(t.Context(), id, upgrade)
				if retried != nil || !again.Changed || (err == nil && !first.Changed) {
					t.Errorf("request %d failed: first %+v, %v; then %+v, %v", n, first, err, again, retried)
				}
				if seen.Load() < int64(n) {
					break
				}
			}
		}
		w.settle(s)
		w.expectPaid(accounts, accounts)
		receipts := 0
		for _, mail := range w.mails.all() {
			if strings.HasPrefix(mail.Key, "receipt:") {
				receipts++
			}
		}
		if receipts != accounts {
			t.Errorf("%d receipts for %d accounts", receipts, accounts)
		}
	})
}

func TestAPlanThatIsCanceledOrUnpaidIsMendedInThePortal(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		account := w.premium(s)
		sub := string(w.status(s).Subscription)
		update := func(cancel bool) {
			t.Helper()
			_, err := w.stripe.Client().V1Subscriptions.Update(t.Context(), sub, &stripe.SubscriptionUpdateParams{CancelAtPeriodEnd: &cancel})
			if err != nil {
				t.Fatal(err)
			}
		}
		update(true)
		if result := w.upgrade(s, "premium-monthly"); result.Changed || result.Reason != service.ReasonCanceled || !strings.Contains(result.URL, "/p/session/") {
			t.Errorf("got %+v, want the portal, where a cancel is taken back", result)
		}
		update(false)
		w.saveCard(account.Customer, "pm_card_chargeCustomerFail")
		w.move(w.status(s).PeriodEnd.Add(2 * time.Hour))
		if result := w.upgrade(s, "premium-monthly"); result.Changed || result.Reason != service.ReasonUnpaid || !strings.Contains(result.URL, "/p/session/") {
			t.Errorf("got %+v, want the portal, where a card is changed", result)
		}
		w.expectPaid(1, 1)
	})
}

// Rows: A12 D4.
// Features: 45.
func TestAnUpgradeThatCannotBeIsRefusedByField(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		w.signUp(s)
		good := service.Upgrade{PriceKey: "premium-monthly", SuccessURL: success, CancelURL: cancel}
		for _, c := range []struct {
			field string
			make  func(*service.Upgrade)
		}{
			{"method", func(u *service.Upgrade) { u.Method = "paypal" }},
			{"method", func(u *service.Upgrade) { u.Method = "voucher" }},
			{"price", func(u *service.Upgrade) { u.PriceKey = "" }},
			{"price", func(u *service.Upgrade) { u.PriceKey = "gold" }},
			{"price", func(u *service.Upgrade) { u.PriceKey = "starter-monthly" }},
			{"success_url", func(u *service.Upgrade) { u.SuccessURL = "" }},
			{"success_url", func(u *service.Upgrade) { u.SuccessURL = "/thanks" }},
			{"success_url", func(u *service.Upgrade) { u.SuccessURL = "https://evil.example.com/" }},
			{"success_url", func(u *service.Upgrade) { u.SuccessURL = "https://app.example.com@evil.example.com/" }},
			{"success_url", func(u *service.Upgrade) { u.SuccessURL = "https://user@app.example.com/" }},
			{"success_url", func(u *service.Upgrade) { u.SuccessURL = "https://app.example.com:8443/" }},
			{"success_url", func(u *service.Upgrade) { u.SuccessURL = "javascript://app.example.com/%0aalert(1)" }},
			{"cancel_url", func(u *service.Upgrade) { u.CancelURL = "//app.example.com/" }},
		} {
			bad := good
			c.make(&bad)
			_, err := s.Upgrade(t.Context(), "ada", bad)
			refusal(t, err, billing.Invalid, c.field)
		}
		if _, err := s.Upgrade(t.Context(), "eve", good); billing.CodeOf(err) != billing.NotFound {
			t.Errorf("an unknown account: got %v, want not_found", err)
		}
		if open := w.openPages(); open != 0 {
			t.Errorf("%d pages were opened, want none", open)
		}
		good.Method = "card"
		if _, err := s.Upgrade(t.Context(), "ada", good); err != nil {
			t.Errorf("by card: %v", err)
		}
	})
}
