package service_test

import (
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
	"github.com/dues-billing/dues/sqlstore"
)

// claimIn is the token in a guest's way back.
func claimIn(t *testing.T, to string) string {
	t.Helper()
	u, err := url.Parse(to)
	if err != nil || u.Path != "/return/checkout" || u.Query().Get("claim") == "" {
		t.Fatalf("the guest is sent to %q, want our return page with a claim", to)
	}
	return u.Query().Get("claim")
}

// Features: 40.
func TestWhatAGuestBoughtIsClaimedByTheTokenAndByNothingElse(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.school()
		guest, err := s.SellToGuest(t.Context(), wish("map"))
		if err != nil || guest.Account != "" || guest.URL == "" {
			t.Fatalf("%+v, %v", guest, err)
		}
		w.signUp(s) // under the guest's address, which nobody has verified
		to := w.pay(guest.URL, "4242424242424242")
		token := claimIn(t, to)
		if _, err := s.Claim(t.Context(), "ada", "guessed"); billing.CodeOf(err) != billing.NotFound {
			t.Errorf("a guessed token: %v", err)
		}
		if _, err := s.CompleteReturn(t.Context(), guest.ID); billing.CodeOf(err) != billing.NotFound {
			t.Errorf("the way back without the token: %v", err)
		}
		w.settle(s)
		w.holds(s, "ada")
		redirect, err := s.CompleteGuestReturn(t.Context(), guest.ID, token)
		if want := success + "?claim=" + token + "&purchase=" + string(guest.ID); err != nil || redirect != want {
			t.Errorf("coming back leads to %q, %v; want %q", redirect, err, want)
		}
		for range 2 {
			if got, err := s.Claim(t.Context(), "ada", token); err != nil || got.Account != "ada" {
				t.Fatalf("claiming: %+v, %v", got, err)
			}
		}
		w.holds(s, "ada", "map for ever")
		bob, _, err := s.CreateAccount(t.Context(), service.NewAccount{ID: "bob", Email: "ada@example.com"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Claim(t.Context(), bob.ID, token); billing.CodeOf(err) != billing.Conflict {
			t.Errorf("claiming what another has: %v", err)
		}
		if got, err := s.ClaimByEmail(t.Context(), bob.ID, "ada@example.com"); err != nil || len(got) != 0 {
			t.Errorf("by the address: %+v, %v", got, err)
		}
		w.holds(s, "bob")

		bought := w.purchases(s, "ada", "map completed")[0]
		if _, err := w.stripe.Client().V1Refunds.Create(t.Context(), &stripe.RefundCreateParams{PaymentIntent: &bought.PaymentIntent}); err != nil {
			t.Fatal(err)
		}
		w.settle(s)
		w.holds(s, "ada")
	})
}

// What a guest had bought could be claimed, and neither quoted nor given back: only the account's own customer was asked. Nobody was told of what was given back
// at the provider, either.
func TestWhatWasBoughtAsAGuestIsGivenBackAndTheApplicationIsTold(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		app := w.application()
		s := w.school(func(c *service.Config) {
			c.Endpoints = []service.Endpoint{app.endpoint("app", "refund.created", "license.extended", "license.cut", "access.changed")}
			c.Transport = &http.Transport{DisableKeepAlives: true}
		})
		w.signUp(s)
		if _, _, err := s.CreateAccount(t.Context(), service.NewAccount{ID: "bob", Email: "bob@example.com"}); err != nil {
			t.Fatal(err)
		}
		w.settle(s)
		app.expect("access.changed free full", "access.changed free full")
		var bought []billing.OneOff
		for _, price := range []string{"map", "map"} {
			guest, err := s.SellToGuest(t.Context(), wish(price))
			if err != nil {
				t.Fatal(err)
			}
			got, err := s.Claim(t.Context(), "ada", claimIn(t, w.pay(guest.URL, "4242424242424242")))
			if err != nil {
				t.Fatal(err)
			}
			bought = append(bought, got)
		}
		w.settle(s)
		w.holds(s, "ada", "map for ever")
		app.expect("license.extended free full", "license.extended free full")

		quote, err := s.QuoteRefund(t.Context(), "ada", "", bought[0].Invoice)
		if err != nil || !quote.Eligible() || quote.Amount != bought[0].Amount {
			t.Fatalf("a quote: %+v, %v", quote, err)
		}
		if _, err := s.QuoteRefund(t.Context(), "bob", "", bought[0].Invoice); billing.CodeOf(err) != billing.NotFound {
			t.Errorf("of what another has claimed: %v", err)
		}
		for range 2 {
			order, err := s.Refund(t.Context(), "ada", service.Refund{Invoice: bought[0].Invoice})
			if err != nil || order.Status != billing.RefundMade || order.Amount != bought[0].Amount {
				t.Fatalf("giving it back: %+v, %v", order, err)
			}
		}
		w.settle(s)
		w.holds(s, "ada", "map for ever") // by the other
		app.expect("refund.created free full")

		// And at the provider.
		if _, err := w.stripe.Client().V1Refunds.Create(t.Context(), &stripe.RefundCreateParams{PaymentIntent: &bought[1].PaymentIntent}); err != nil {
			t.Fatal(err)
		}
		w.settle(s)
		w.holds(s, "ada")
		app.expect("refund.created free full", "license.cut free full")
		w.settle(s)
		app.expect()
	})
}

func opensPage(r *http.Request) bool {
	return r.Method == http.MethodPost && r.URL.Path == "/v1/checkout/sessions"
}

// A guest's request that broke off before its page was open was answered 503 for its key, and so was every other with that key, for ever: the
// token of the claim was drawn by chance, and only its digest was kept.
func TestAGuestsRequestThatBrokeOffOpensItsPageWhenItIsSentAgain(t *testing.T) {
	for name, lost := range map[string]bool{"the question was lost": false, "the answer was lost": true} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, w *world) {
				s := w.school()
				asked := wish("map")
				asked.Key = "order-7"
				w.trouble.when(lost, opensPage)
				if _, err := s.SellToGuest(t.Context(), asked); billing.CodeOf(err) != billing.Unavailable {
					t.Fatalf("while the provider is away: %v", err)
				}
				w.trouble.over()
				w.move(start.Add(time.Minute))
				guest, err := s.SellToGuest(t.Context(), asked)
				if err != nil || guest.URL == "" {
					t.Fatalf("sent again: %+v, %v", guest, err)
				}
				if again, err := s.SellToGuest(t.Context(), asked); err != nil || again.ID != guest.ID || again.URL != guest.URL {
					t.Errorf("sent once more: %+v, %v; want %+v", again, err, guest)
				}
				token := claimIn(t, w.pay(guest.URL, "4242424242424242"))
				w.signUp(s)
				if got, err := s.Claim(t.Context(), "ada", token); err != nil || got.ID != guest.ID {
					t.Errorf("claiming: %+v, %v", got, err)
				}
				w.holds(s, "ada", "map for ever")
			})
		})
	}
}

// What was claimed lost its key: asked for again it was sold once more, and an account that had the same key for a purchase of its own could not claim it.
func TestWhatWasClaimedKeepsItsKeyAndIsInNobodysWay(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.school()
		w.signUp(s)
		asked := wish("map")
		asked.Key = "order-11"
		own, err := s.Buy(t.Context(), "ada", asked)
		if err != nil {
			t.Fatal(err)
		}
		guest, err := s.SellToGuest(t.Context(), asked)
		if err != nil || guest.ID == own.ID {
			t.Fatalf("%+v, %v", guest, err)
		}
		token := claimIn(t, w.pay(guest.URL, "4242424242424242"))
		if got, err := s.Claim(t.Context(), "ada", token); err != nil || got.ID != guest.ID {
			t.Fatalf("claiming: %+v, %v", got, err)
		}
		if again, err := s.SellToGuest(t.Context(), asked); err != nil || again.ID != guest.ID || again.URL != "" || again.Status != billing.PurchaseCompleted {
			t.Errorf("a guest's request that is sent again: %+v, %v; want %s", again, err, guest.ID)
		}
		if again, err := s.Buy(t.Context(), "ada", asked); err != nil || again.ID != own.ID {
			t.Errorf("the account's own, asked for again: %+v, %v; want %s", again, err, own.ID)
		}
		w.holds(s, "ada", "map for ever")
	})
}

func TestAHundredRequestsOfAGuestAreOnePurchase(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		services := []*service.Service{w.school(), w.school()}
		asked := wish("map")
		asked.Key = "order-8"
		ids := make([]billing.PurchaseID, 100)
		var wait sync.WaitGroup
		for i := range ids {
			wait.Go(func() {
				guest, err := services[i%2].SellToGuest(t.Context(), asked)
				if err != nil || guest.URL == "" {
					t.Errorf("caller %d: %+v, %v", i, guest, err)
				}
				ids[i] = guest.ID
			})
		}
		wait.Wait()
		for i, id := range ids {
			if id != ids[0] {
				t.Errorf("caller %d has %s, and the first %s", i, id, ids[0])
			}
		}
	})
}

func TestAGuestsPageThatNobodyPaidOnIsOver(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.school()
		asked := wish("map")
		asked.Key = "order-9"
		guest, err := s.SellToGuest(t.Context(), asked)
		if err != nil {
			t.Fatal(err)
		}
		w.move(guest.ExpiresAt.Add(time.Second))
		for range 2 {
			if again, err := s.SellToGuest(t.Context(), asked); err != nil || again.ID != guest.ID || again.Status != billing.PurchaseExpired || again.URL != "" {
				t.Errorf("asked again when it is over: %+v, %v", again, err)
			}
		}
		asked.Key = "order-10"
		if next, err := s.SellToGuest(t.Context(), asked); err != nil || next.ID == guest.ID || next.URL == "" {
			t.Errorf("with another key: %+v, %v", next, err)
		}
	})
}

// What a guest asked for stayed pending for ever when nobody paid: no event names a page without a customer.
func TestWhatGuestsDoNotPayForIsOverByItself(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var store *sqlstore.Store
		s := w.school(func(c *service.Config) { store = c.Store })
		paid, err := s.SellToGuest(t.Context(), wish("map"))
		if err != nil {
			t.Fatal(err)
		}
		left, err := s.SellToGuest(t.Context(), wish("map"))
		if err != nil {
			t.Fatal(err)
		}
		w.trouble.when(false, opensPage)
		never, err := s.SellToGuest(t.Context(), wish("map"))
		if billing.CodeOf(err) != billing.Unavailable {
			t.Fatalf("while the provider is away: %v", err)
		}
		w.trouble.over()
		w.pay(paid.URL, "4242424242424242")
		w.newEvents() // lost
		statuses := func(want ...billing.PurchaseStatus) {
			t.Helper()
			w.drain(s)
			for i, o := range []billing.OneOff{paid, left, never} {
				if now, err := store.OneOff(t.Context(), o.ID); err != nil || now.Status != want[i] {
					t.Errorf("%s after %s: %q, %v; want %q", o.ID, w.now.Now().Sub(start), now.Status, err, want[i])
				}
			}
		}
		statuses(billing.PurchasePending, billing.PurchasePending, billing.PurchasePending)
		w.move(left.ExpiresAt.Add(2 * time.Hour))
		statuses(billing.PurchaseCompleted, billing.PurchaseExpired, billing.PurchasePending)
		w.move(start.Add(49 * time.Hour))
		statuses(billing.PurchaseCompleted, billing.PurchaseExpired, billing.PurchaseExpired)
	})
}

// A page that Stripe does not know, as when a database is moved to another account, stopped the round at it for ever, and nothing after it was ended.
func TestAPageThatTheProviderDoesNotKnowKeepsNoOtherWaiting(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var store *sqlstore.Store
		s := w.school(func(c *service.Config) { store = c.Store })
		unknown := billing.OneOff{ID: "one_0", PriceKey: "map", Claim: "digest", Checkout: "cs_test_of_another_account", Status: billing.PurchasePending,
			CreatedAt: start.Add(-time.Hour), ExpiresAt: start.Add(time.Hour)}
		if err := store.InTx(t.Context(), func(tx *sqlstore.Tx) error {
			_, err := tx.AddOneOff(t.Context(), unknown)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		left, err := s.SellToGuest(t.Context(), wish("map"))
		if err != nil {
			t.Fatal(err)
		}
		w.move(left.ExpiresAt.Add(2 * time.Hour))
		w.drain(s)
		for _, id := range []billing.PurchaseID{unknown.ID, left.ID} {
			if now, err := store.OneOff(t.Context(), id); err != nil || now.Status != billing.PurchaseExpired {
				t.Errorf("%s is %q, %v; want it to be over", id, now.Status, err)
			}
		}
	})
}

func TestAVerifiedAddressClaimsWhatWasPaidUnderIt(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.school()
		for _, price := range []string{"map", "course"} {
			page, err := s.SellToGuest(t.Context(), wish(price))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := s.Claim(t.Context(), "ada", "none"); billing.CodeOf(err) != billing.NotFound {
				t.Errorf("before it is paid: %v", err)
			}
			w.pay(page.URL, "4242424242424242")
		}
		w.settle(s)
		w.signUp(s)
		got, err := s.ClaimByEmail(t.Context(), "ada", "Ada@Example.com")
		if err != nil || len(got) != 2 {
			t.Errorf("%+v, %v; want both", got, err)
		}
		w.holds(s, "ada", "course 2026-05-01", "map for ever")
	})
}

// Who gave back what was bought as a guest could give back once more what the account bought itself.
func TestWhatWasGivenBackAsAGuestCountsForTheAccount(t *testing.T) {
	for name, guestFirst := range map[string]bool{"as a guest first": true, "as itself first": false} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, w *world) {
				s := w.school(func(c *service.Config) { c.Catalog.Refunds[0].Count = 1 })
				w.signUp(s)
				w.settle(s)
				asGuest := func() {
					guest, err := s.SellToGuest(t.Context(), wish("map"))
					if err != nil {
						t.Fatal(err)
					}
					if _, err := s.Claim(t.Context(), "ada", claimIn(t, w.pay(guest.URL, goodCard))); err != nil {
						t.Fatal(err)
					}
				}
				asItself := func() { w.pay(w.buy(s, wish("map")).URL, goodCard) }
				ways := []func(){asGuest, asItself}
				if !guestFirst {
					ways = []func(){asItself, asGuest}
				}
				for i, buy := range ways {
					w.move(w.now.Now().Add(time.Minute))
					buy()
					w.settle(s)
					bought, err := s.OneOffs(t.Context(), "ada")
					if err != nil {
						t.Fatal(err)
					}
					_, err = s.Refund(t.Context(), "ada", service.Refund{Invoice: bought[0].Invoice})
					if want := []billing.Code{"", billing.Conflict}[i]; billing.CodeOf(err) != want {
						t.Errorf("refund %d of at most one: %v, want code %q", i+1, err, want)
					}
					w.settle(s)
				}
			})
		})
	}
}
