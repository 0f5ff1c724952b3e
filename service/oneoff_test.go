package service_test

import (
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/catalog"
	"github.com/dues-billing/dues/money"
	"github.com/dues-billing/dues/service"
)

// school sells a map for ever and a course for 90 days, beside its plans.
const school = `
free_plan: free
assets:
  - {id: map, name: The map, perpetual: true, prices: [{key: map, amount: 30.00 EUR}]}
  - id: course
    name: The course
    duration: 90d
    prices: [{key: course, amount: 49.00 EUR, currencies: [55.00 USD]}, {key: course-early, amount: 39.00 EUR, archived: true}]
plans:
  - {id: free, name: Free, prices: [{key: free-monthly, amount: 0.00 EUR, every: month}]}
  - {id: pro, name: Pro, prices: [{key: pro, amount: 20.00 EUR, every: month}]}
refunds:
  - {assets: [map], within: 14d, consumed: 20}
`

func (w *world) school(change ...func(*service.Config)) *service.Service {
	w.t.Helper()
	sold, err := catalog.Parse([]byte(school))
	if err != nil {
		w.t.Fatal(err)
	}
	return w.serviceWith(func(c *service.Config) {
		c.Catalog = sold
		for _, fn := range change {
			fn(c)
		}
	})
}

// wish is a purchase by a page.
func wish(price string) service.Buy {
	return service.Buy{PriceKey: price, SuccessURL: success, CancelURL: cancel}
}

func (w *world) buy(s *service.Service, req service.Buy) billing.OneOff {
	w.t.Helper()
	bought, err := s.Buy(w.t.Context(), "ada", req)
	if err != nil {
		w.t.Fatalf("buying %+v: %v", req, err)
	}
	return bought
}

// holds compares the licenses of an account, each as "asset until date".
func (w *world) holds(s *service.Service, id billing.AccountID, want ...string) {
	w.t.Helper()
	held, err := s.Licenses(w.t.Context(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	var got []string
	for _, l := range held {
		until := "for ever"
		if !l.EndsAt.IsZero() {
			until = l.EndsAt.Format(time.DateOnly)
		}
		if l.Valid {
			got = append(got, string(l.Asset)+" "+until)
		}
	}
	if strings.Join(got, ", ") != strings.Join(want, ", ") {
		w.t.Errorf("%s holds %q, want %q", id, got, want)
	}
}

// purchases compares what an account bought once, newest first, each as "price status".
func (w *world) purchases(s *service.Service, id billing.AccountID, want ...string) []billing.OneOff {
	w.t.Helper()
	all, err := s.OneOffs(w.t.Context(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	var got []string
	for _, o := range all {
		got = append(got, o.PriceKey+" "+string(o.Status))
	}
	if strings.Join(got, ", ") != strings.Join(want, ", ") {
		w.t.Errorf("%s bought %q, want %q", id, got, want)
	}
	return all
}

// Features: 40.
// Rows: A6.
func TestWhatIsPaidOnceLicensesTheAssetAndKeepsTheIdsOfThePayment(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.school()
		w.signUp(s)
		page := w.buy(s, wish("map"))
		if again := w.buy(s, wish("map")); again.ID != page.ID || again.URL != page.URL {
			t.Errorf("a double click got %+v beside %+v", again, page)
		}
		to := w.pay(page.URL, "4242424242424242")
		if redirect, err := s.CompleteReturn(t.Context(), purchaseIn(t, to)); err != nil || redirect != success {
			t.Fatalf("coming back leads to %q, %v", redirect, err)
		}
		w.holds(s, "ada", "map for ever") // before any webhook
		bought := w.purchases(s, "ada", "map completed")[0]
		if !strings.HasPrefix(bought.PaymentIntent, "pi_") || !strings.HasPrefix(string(bought.PaymentMethod), "pm_") || bought.Amount != money.New(3000, "eur") || bought.URL != "" {
			t.Errorf("what is kept: %+v", bought)
		}
		if _, err := s.Buy(t.Context(), "ada", wish("map")); billing.CodeOf(err) != billing.Conflict {
			t.Errorf("buying what is held for ever: %v, want a conflict", err)
		}
		w.settle(s)
		w.expectMails("welcome", "receipt")

		w.move(start.Add(time.Minute))
		page = w.buy(s, wish("course"))
		w.pay(page.URL, "4242424242424242")
		w.settle(s) // the customer never comes back
		w.holds(s, "ada", "course 2026-05-01", "map for ever")
		w.purchases(s, "ada", "course completed", "map completed")
	})
}

// Features: 73.
func TestReconcileFindsAPaymentWhoseWebhookWasLost(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.school()
		w.signUp(s)
		w.settle(s)
		w.pay(w.buy(s, wish("course")).URL, "4242424242424242")
		guest, err := s.SellToGuest(t.Context(), wish("map"))
		if err != nil {
			t.Fatal(err)
		}
		token := claimIn(t, w.pay(guest.URL, "4242424242424242"))
		w.newEvents() // lost
		w.reconcile(s, service.Reconciling{})
		w.holds(s, "ada", "course 2026-05-01")
		if _, err := s.Claim(t.Context(), "ada", token); err != nil {
			t.Fatal(err)
		}
		w.holds(s, "ada", "course 2026-05-01", "map for ever")
	})
}

func TestAPageThatNobodyPaysOnExpires(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.school()
		w.signUp(s)
		first := w.buy(s, wish("map"))
		w.move(start.Add(25 * time.Hour))
		w.settle(s)
		w.purchases(s, "ada", "map expired")
		if again := w.buy(s, wish("map")); again.ID == first.ID || again.URL == "" {
			t.Errorf("asking again: %+v", again)
		}
		inDollars := wish("course")
		inDollars.Currency = "usd"
		w.move(start.Add(26 * time.Hour))
		w.buy(s, wish("course"))
		w.move(start.Add(27 * time.Hour))
		if page := w.buy(s, inDollars); page.Amount != money.New(5500, "usd") {
			t.Errorf("in dollars: %+v", page)
		}
		w.purchases(s, "ada", "course pending", "course expired", "map pending", "map expired")
	})
}

// Features: 94 95.
func TestARefundTakesAnAssetBackByTheRulesAndADisputeDoesToo(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.school()
		w.signUp(s)
		for i, price := range []string{"map", "course"} {
			w.move(start.Add(time.Duration(i) * time.Second))
			w.pay(w.buy(s, wish(price)).URL, "4242424242424242")
			w.settle(s)
		}
		all := w.purchases(s, "ada", "course completed", "map completed")
		if quote, err := s.QuoteRefund(t.Context(), "ada", "", all[0].Invoice); err != nil || quote.Eligible() {
			t.Errorf("of the course, for which there is no rule: %+v, %v", quote, err)
		}
		quote, err := s.QuoteRefund(t.Context(), "ada", "", all[1].Invoice)
		if err != nil || !quote.Eligible() || !quote.Until.Equal(start.AddDate(0, 0, 14)) {
			t.Errorf("of the map: %+v, %v", quote, err)
		}
		if err := s.Consume(t.Context(), "ada", "map", 21); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Refund(t.Context(), "ada", service.Refund{Invoice: all[1].Invoice}); billing.CodeOf(err) != billing.Conflict {
			t.Errorf("with more read than the rule allows: %v", err)
		}
		if _, err := s.Refund(t.Context(), "ada", service.Refund{Invoice: all[1].Invoice, Override: true}); err != nil {
			t.Fatal(err)
		}
		w.settle(s)
		w.holds(s, "ada", "course 2026-05-01")
		w.mails.kinds()

		w.pay(w.buy(s, wish("map")).URL, "4000000000000259") // its bank takes the payment back
		w.settle(s)
		w.holds(s, "ada", "course 2026-05-01")
	})
}

// Features: 52.
func TestASavedMethodIsChargedOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.school()
		account := w.signUp(s)
		w.saveCard(account.Customer, "pm_card_visa")
		var wait sync.WaitGroup
		ids := make([]billing.PurchaseID, 100)
		for i := range ids {
			wait.Go(func() {
				bought, err := s.Buy(t.Context(), "ada", service.Buy{PriceKey: "course", Saved: true, Key: "order-1"})
				if err != nil || bought.Status != billing.PurchaseCompleted {
					t.Errorf("caller %d: %+v, %v", i, bought, err)
				}
				ids[i] = bought.ID
			})
		}
		wait.Wait()
		for _, id := range ids {
			if id != ids[0] {
				t.Errorf("two purchases, %s and %s", id, ids[0])
			}
		}
		w.charged(account.Customer, 4900)
		w.holds(s, "ada", "course 2026-05-01")
		bought, err := s.Buy(t.Context(), "ada", service.Buy{Amount: money.New(1250, "eur"), Description: "Two hours of help", Saved: true, Key: "order-2"})
		if err != nil || bought.Status != billing.PurchaseCompleted || bought.Amount != money.New(1250, "eur") {
			t.Errorf("an amount: %+v, %v", bought, err)
		}
		w.charged(account.Customer, 4900, 1250)
		if _, err := s.Buy(t.Context(), "ada", service.Buy{Amount: money.New(1, "eur"), Description: "Other", Saved: true, Key: "order-2"}); billing.CodeOf(err) != billing.Conflict {
			t.Errorf("the key of another purchase: %v", err)
		}
	})
}

// charged compares the successful charges of a customer, oldest first.
func (w *world) charged(customer billing.CustomerID, want ...int64) {
	w.t.Helper()
	var got []int64
	for charge, err := range w.stripe.Client().V1Charges.List(w.t.Context(), &stripe.ChargeListParams{Customer: stripe.String(string(customer))}).All(w.t.Context()) {
		if err != nil {
			w.t.Fatal(err)
		}
		if charge.Paid {
			got = append([]int64{charge.Amount}, got...)
		}
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		w.t.Errorf("charged %v, want %v", got, want)
	}
}

// Features: 52.
func TestADeclinedChargeSaysWhyAndWhereItCanBePaid(t *testing.T) {
	for name, c := range map[string]struct{ card, failure string }{
		"3-D Secure":        {"pm_card_authenticationRequired", "authentication_required"},
		"a card that fails": {"pm_card_chargeCustomerFail", "generic_decline"},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, w *world) {
				s := w.school()
				account := w.signUp(s)
				w.saveCard(account.Customer, c.card)
				req := service.Buy{PriceKey: "map", Saved: true, Key: "order-1"}
				for range 2 {
					if got := w.buy(s, req); got.Status != billing.PurchasePending || got.Failure != c.failure || !strings.Contains(got.URL, "/i/") {
						t.Fatalf("%+v, want %s and the invoice's page", got, c.failure)
					}
				}
				w.holds(s, "ada")
				page := w.buy(s, req).URL
				w.post(page, url.Values{"cardNumber": {"4242424242424242"}, "cardExpiry": {"12/34"}, "cardCvc": {"123"}, "billingName": {"Ada"}, "email": {"ada@example.com"}})
				w.settle(s)
				w.holds(s, "ada", "map for ever")
				w.purchases(s, "ada", "map completed")
				w.charged(account.Customer, 3000)
			})
		})
	}
}

// Rows: A12.
func TestAPurchaseThatMakesNoSenseIsRefusedByItsField(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.school()
		w.signUp(s)
		ten := money.New(1000, "eur")
		for name, c := range map[string]struct {
			change func(*service.Buy)
			field  string
		}{
			"nothing":               {func(b *service.Buy) { b.PriceKey = "" }, "price"},
			"a price and an amount": {func(b *service.Buy) { b.Amount = ten }, "price"},
			"no such price":         {func(b *service.Buy) { b.PriceKey = "none" }, "price"},
			"a plan's price":        {func(b *service.Buy) { b.PriceKey = "pro" }, "price"},
			"an archived price":     {func(b *service.Buy) { b.PriceKey = "course-early" }, "price"},
			"a currency it has not": {func(b *service.Buy) { b.Currency = "jpy" }, "currency"},
			"a voucher":             {func(b *service.Buy) { b.Method = "voucher" }, "method"},
			"PayPal":                {func(b *service.Buy) { b.Method = "paypal" }, "method"},
			"a negative amount":     {func(b *service.Buy) { *b = service.Buy{Amount: ten.Neg(), Description: "x", Key: "k", Saved: true} }, "amount"},
			"an amount too large": {func(b *service.Buy) {
				*b = service.Buy{Amount: money.New(1e8, "eur"), Description: "x", Key: "k", Saved: true}
			}, "amount"},
			"an amount of no currency": {func(b *service.Buy) {
				*b = service.Buy{Amount: money.New(1, "e1"), Description: "x", Key: "k", Saved: true}
			}, "currency"},
			"an amount for nothing":   {func(b *service.Buy) { *b = service.Buy{Amount: ten, Key: "k", Saved: true} }, "description"},
			"an amount without a key": {func(b *service.Buy) { b.PriceKey, b.Amount, b.Description = "", ten, "x" }, "key"},
			"a charge without a key":  {func(b *service.Buy) { b.Saved = true }, "key"},
			"a key too long":          {func(b *service.Buy) { b.Key = strings.Repeat("k", 201) }, "key"},
			"a method for a page":     {func(b *service.Buy) { b.SavedMethod = "pm_1" }, "payment_method"},
			"nobody's method":         {func(b *service.Buy) { b.Saved, b.Key, b.SavedMethod = true, "k", "pm_none" }, "method"},
			"nothing saved":           {func(b *service.Buy) { b.Saved, b.Key = true, "k2" }, "saved"},
			"another site":            {func(b *service.Buy) { b.SuccessURL = "https://evil.example.org" }, "success_url"},
			"nowhere to turn back":    {func(b *service.Buy) { b.CancelURL = "" }, "cancel_url"},
		} {
			req := wish("map")
			c.change(&req)
			var known *billing.Error
			_, err := s.Buy(t.Context(), "ada", req)
			if known, _ = err.(*billing.Error); known == nil || known.Field != c.field {
				t.Errorf("%s: %v, want the field %s", name, err, c.field)
			}
		}
		w.charged("cus_none")
	})
}

func TestWhatIsNotPaidYetIsTakenBackAndWhatIsPaidIsNot(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.school()
		account := w.signUp(s)
		page := w.buy(s, wish("map"))
		w.saveCard(account.Customer, "pm_card_chargeCustomerFail")
		w.move(start.Add(time.Minute))
		charge := w.buy(s, service.Buy{PriceKey: "course", Saved: true, Key: "order-1"})
		for range 2 {
			for _, o := range []billing.OneOff{page, charge} {
				if _, err := s.CancelPurchase(t.Context(), "ada", o.ID); err != nil {
					t.Fatalf("%s: %v", o.PriceKey, err)
				}
			}
		}
		w.purchases(s, "ada", "course canceled", "map expired")
		w.post(page.URL, url.Values{"cardNumber": {"4242424242424242"}, "cardExpiry": {"12/34"}, "cardCvc": {"123"}, "billingName": {"Ada"}}) // too late
		w.saveCard(account.Customer, "pm_card_visa")
		w.move(start.Add(time.Hour))
		paid := w.buy(s, service.Buy{PriceKey: "map", Saved: true, Key: "order-2"})
		if _, err := s.CancelPurchase(t.Context(), "ada", paid.ID); billing.CodeOf(err) != billing.Conflict {
			t.Errorf("what is paid: %v, want a conflict", err)
		}
		if _, _, err := s.CreateAccount(t.Context(), service.NewAccount{ID: "bob", Email: "bob@example.com"}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.CancelPurchase(t.Context(), "bob", paid.ID); billing.CodeOf(err) != billing.NotFound {
			t.Errorf("somebody else's: %v", err)
		}
		w.charged(account.Customer, 3000)
		w.holds(s, "ada", "map for ever")
	})
}
