package service_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/catalog"
	"github.com/dues-billing/dues/money"
	"github.com/dues-billing/dues/service"
)

// discounting is a service whose catalogue has coupons, and Premium in two currencies.
func (w *world) discounting() *service.Service {
	w.t.Helper()
	c, err := catalog.Parse([]byte(`plans:
  - id: premium
    name: Premium
    prices:
      - {key: premium-monthly, amount: 19.00 EUR, every: month, currencies: [22.00 USD]}
      - {key: premium-yearly, amount: 190.00 EUR, every: year}
coupons:
  - {id: half, percent: 50, duration: once, codes: [{code: HALF}, {code: TWICE, max_redemptions: 2}]}
  - {id: five, amount: 5.00 EUR, duration: forever}
`))
	if err != nil {
		w.t.Fatal(err)
	}
	demo := catalog.Default()
	starter, _ := demo.Plan("starter")
	c.FreePlan, c.Plans = "starter", append(c.Plans, starter)
	return w.serviceWith(func(cfg *service.Config) { cfg.Catalog = c })
}

func buying(change func(*service.Upgrade)) service.Upgrade {
	req := service.Upgrade{PriceKey: "premium-monthly", SuccessURL: success, CancelURL: cancel}
	change(&req)
	return req
}

// paidLast is what the newest invoice at Stripe came to.
func (w *world) paidLast(customer billing.CustomerID) (minor int64, currency string) {
	w.t.Helper()
	list := &stripe.InvoiceListParams{Customer: stripe.String(string(customer))}
	for invoice, err := range w.stripe.Client().V1Invoices.List(w.t.Context(), list).All(w.t.Context()) {
		if err != nil {
			w.t.Fatal(err)
		}
		return invoice.AmountPaid, string(invoice.Currency)
	}
	return 0, ""
}

// Features: 54.
func TestACodeIsTakenOffACheckoutAndOffASavedMethod(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.discounting()
		account := w.signUp(s)
		result, err := s.Upgrade(t.Context(), "ada", buying(func(u *service.Upgrade) { u.Discount.Code = "half" }))
		if err != nil {
			t.Fatal(err)
		}
		w.pay(result.URL, goodCard)
		w.settle(s)
		w.expect(s, "premium active full")
		if paid, _ := w.paidLast(account.Customer); paid != 950 {
			t.Errorf("%d was paid on the page, want half of 1900", paid)
		}
		w.move(start.Add(32 * 24 * time.Hour))
		w.settle(s)
		if paid, _ := w.paidLast(account.Customer); paid != 1900 {
			t.Errorf("the renewal is %d, want all of it: the coupon is for once", paid)
		}

		bob, _, err := s.CreateAccount(t.Context(), service.NewAccount{ID: "bob", Email: "bob@example.com"})
		if err != nil {
			t.Fatal(err)
		}
		w.saveCard(bob.Customer, "pm_card_visa")
		done, err := s.Upgrade(t.Context(), "bob", buying(func(u *service.Upgrade) { u.Discount.Coupon = "five" }))
		if err != nil || !done.Changed {
			t.Fatalf("%+v, %v", done, err)
		}
		if paid, _ := w.paidLast(bob.Customer); paid != 1400 {
			t.Errorf("%d was paid with the saved card, want 1900 without 500", paid)
		}
	})
}

// Features: 54.
func TestADiscountOfARunningSubscriptionBeginsWithItsNextInvoiceAndEnds(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.discounting()
		account := w.premium(s)
		charges, _ := w.paidAtStripe()
		if _, err := s.Discount(t.Context(), "ada", "", billing.Discount{Coupon: "five"}); err != nil {
			t.Fatal(err)
		}
		if again, _ := w.paidAtStripe(); again != charges {
			t.Errorf("a discount made %d charges", again-charges)
		}
		w.move(start.AddDate(0, 0, 45))
		w.settle(s)
		if paid, _ := w.paidLast(account.Customer); paid != 1400 {
			t.Errorf("the next invoice is %d, want 1400", paid)
		}
		if _, err := s.Discount(t.Context(), "ada", "", billing.Discount{}); err != nil {
			t.Fatal(err)
		}
		w.move(start.AddDate(0, 0, 75))
		w.settle(s)
		if paid, _ := w.paidLast(account.Customer); paid != 1900 {
			t.Errorf("the invoice after its end is %d, want 1900", paid)
		}
	})
}

func TestADiscountThatDoesNotHoldIsRefusedAndChangesNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.discounting()
		w.signUp(s)
		refused := func(name string, err error, code billing.Code, field string) {
			t.Helper()
			var e *billing.Error
			if !errors.As(err, &e) || e.Code != code || e.Field != field {
				t.Errorf("%s: got %v, want code %s about %s", name, err, code, field)
			}
		}
		for name, c := range map[string]struct {
			change func(*service.Upgrade)
			field  string
		}{
			"a code that nobody made":        {func(u *service.Upgrade) { u.Discount.Code = "NOBODY" }, "promotion_code"},
			"a coupon that is not sold":      {func(u *service.Upgrade) { u.Discount.Coupon = "none" }, "coupon"},
			"an amount in another currency":  {func(u *service.Upgrade) { u.Discount.Coupon, u.Currency = "five", "usd" }, "coupon"},
			"a currency that is not offered": {func(u *service.Upgrade) { u.Currency = "gbp" }, "currency"},
			"a price in no other currency":   {func(u *service.Upgrade) { u.PriceKey, u.Currency = "premium-yearly", "usd" }, "currency"},
		} {
			_, err := s.Upgrade(t.Context(), "ada", buying(c.change))
			refused(name, err, billing.Invalid, c.field)
		}
		_, err := s.Discount(t.Context(), "ada", "", billing.Discount{Code: "HALF"})
		refused("of a free plan", err, billing.Conflict, "")
		w.expect(s, "starter active full")
		w.expectPaid(0, 0)

		_, err = s.Upgrade(t.Context(), "ada", buying(func(u *service.Upgrade) { u.Currency = "usd" }))
		refused("another currency than the free plan's", err, billing.Conflict, "currency")
	})
}

// A code for two customers, and five who want it at once: two have it.
func TestACodeIsNotTakenMoreOftenThanItMayBe(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.discounting()
		ids := []billing.AccountID{"a", "b", "c", "d", "e"}
		for _, id := range ids {
			account, _, err := s.CreateAccount(t.Context(), service.NewAccount{ID: id, Email: string(id) + "@example.com"})
			if err != nil {
				t.Fatal(err)
			}
			w.saveCard(account.Customer, "pm_card_visa")
			if _, err := s.Upgrade(t.Context(), id, buying(func(*service.Upgrade) {})); err != nil {
				t.Fatal(err)
			}
		}
		var all sync.WaitGroup
		errs := make([]error, len(ids))
		for i, id := range ids {
			all.Go(func() { _, errs[i] = s.Discount(t.Context(), id, "", billing.Discount{Code: "TWICE"}) })
		}
		all.Wait()
		taken := 0
		for i, err := range errs {
			if err == nil {
				taken++
			} else if billing.CodeOf(err) != billing.Invalid {
				t.Errorf("%s: %v", ids[i], err)
			}
		}
		if taken != 2 {
			t.Errorf("the code was taken %d times, want 2", taken)
		}
	})
}

func TestAnotherDiscountIsAnotherPageAndTheSameOneIsTheSame(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.discounting()
		w.signUp(s)
		ask := func(code string) service.UpgradeResult {
			t.Helper()
			result, err := s.Upgrade(t.Context(), "ada", buying(func(u *service.Upgrade) { u.Discount.Code = code }))
			if err != nil {
				t.Fatal(err)
			}
			return result
		}
		plain, half := ask(""), ask("HALF")
		if half.URL == plain.URL || half.Reason != service.ReasonNoMethod {
			t.Errorf("with a code the answer is %+v, want a page of its own", half)
		}
		if again := ask("half"); again.URL != half.URL || again.Reason != service.ReasonOpenPage {
			t.Errorf("the same code again is %+v, want the page that is open", again)
		}
		w.expectExpired(s, plain.Purchase)
	})
}

// Features: 13.
func TestWhoHasNoSubscriptionYetChoosesTheCurrency(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c, err := catalog.Parse([]byte("plans: [{id: premium, name: Premium, prices: [{key: premium-monthly, amount: 19.00 EUR, every: month, currencies: [22.00 USD]}]}]"))
		if err != nil {
			t.Fatal(err)
		}
		s := w.serviceWith(func(cfg *service.Config) { cfg.Catalog = c })
		account := w.signUp(s)
		result, err := s.Upgrade(t.Context(), "ada", buying(func(u *service.Upgrade) { u.Currency = "usd" }))
		if err != nil {
			t.Fatal(err)
		}
		w.pay(result.URL, goodCard)
		w.settle(s)
		w.expect(s, "premium active full")
		if paid, currency := w.paidLast(account.Customer); paid != 2200 || currency != "usd" {
			t.Errorf("%d %s was paid, want 2200 usd", paid, currency)
		}
	})
}

// Whoever had bought in a currency that is not the price's own was taken to pay in the price's own: an upgrade that named the currency they pay in was
// refused, and so was a coupon of it.
func TestWhoPaysInAnotherCurrencyThanThePricesOwnKeepsIt(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c, err := catalog.Parse([]byte(`plans:
  - {id: premium, name: Premium, prices: [{key: premium-monthly, amount: 19.00 EUR, every: month, currencies: [22.00 USD]}]}
  - {id: team, name: Team, prices: [{key: team-monthly, amount: 49.00 EUR, every: month, currencies: [55.00 USD]}, {key: team-euro, amount: 59.00 EUR, every: month}]}
coupons: [{id: dollars, amount: 5.00 USD, duration: forever}, {id: euros, amount: 5.00 EUR, duration: forever}]
`))
		if err != nil {
			t.Fatal(err)
		}
		s := w.serviceWith(func(cfg *service.Config) { cfg.Catalog = c })
		account := w.signUp(s)
		page, err := s.Upgrade(t.Context(), "ada", buying(func(u *service.Upgrade) { u.Currency = "usd" }))
		if err != nil {
			t.Fatal(err)
		}
		w.pay(page.URL, goodCard)
		w.settle(s)

		for name, err := range map[string]error{
			"an upgrade in the price's own currency": second(s.Upgrade(t.Context(), "ada", buying(func(u *service.Upgrade) { u.PriceKey, u.Currency = "team-monthly", "eur" }))),
			"a coupon in the price's own currency":   second(s.Discount(t.Context(), "ada", "", billing.Discount{Coupon: "euros"})),
			"a price that is not sold in dollars":    second(s.Change(t.Context(), "ada", service.PlanChange{ChangeWish: billing.ChangeWish{PriceKey: "team-euro"}})),
			"a line in the price's own currency":     second(s.AddLine(t.Context(), "ada", billing.LineWish{Unit: money.New(100, "eur"), Quantity: 1, Description: "Help", Key: "a"})),
		} {
			if code := billing.CodeOf(err); code != billing.Conflict && code != billing.Invalid {
				t.Errorf("%s: %v, want it to be refused", name, err)
			}
		}

		if _, err := s.Discount(t.Context(), "ada", "", billing.Discount{Coupon: "dollars"}); err != nil {
			t.Errorf("a coupon in dollars: %v", err)
		}
		if _, err := s.AddLine(t.Context(), "ada", billing.LineWish{Unit: money.New(100, "usd"), Quantity: 1, Description: "Help", Key: "b"}); err != nil {
			t.Errorf("a line in dollars: %v", err)
		}
		if done, err := s.Upgrade(t.Context(), "ada", buying(func(u *service.Upgrade) { u.PriceKey, u.Currency = "team-monthly", "usd" })); err != nil || !done.Changed {
			t.Errorf("an upgrade in dollars: %+v, %v", done, err)
		}
		if paid, currency := w.paidLast(account.Customer); paid != 5500-2200-500 || currency != "usd" {
			t.Errorf("%d %s was paid for the upgrade, want 2800 usd", paid, currency)
		}
		w.settle(s)
		w.expect(s, "team active full")
	})
}

// second is the error of two results.
func second[T any](_ T, err error) error { return err }
