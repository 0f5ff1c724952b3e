package service_test

import (
	"errors"
	"testing"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/catalog"
	"github.com/dues-billing/dues/service"
)

// tries is a catalogue of plans that can be tried.
const tries = `
free_plan: starter
plans:
  - {id: starter, name: Starter, prices: [{key: starter, amount: 0.00 EUR, every: month}]}
  - {id: pro, name: Pro, prices: [{key: pro, amount: 20.00 EUR, every: month, trial: 14d}]}
  - {id: open, name: Open, prices: [{key: open, amount: 10.00 EUR, every: month, trial: {days: 14, without_card: cancel}}]}
`

// trying is a service that sells tries, with ada signed up.
func (w *world) trying() *service.Service {
	w.t.Helper()
	sold, err := catalog.Parse([]byte(tries))
	if err != nil {
		w.t.Fatal(err)
	}
	s := w.serviceWith(func(c *service.Config) { c.Catalog = sold })
	w.signUp(s)
	w.settle(s)
	w.mails.kinds()
	return s
}

// Features: 25 29.
// Rows: C27.
func TestATrialWithACardIsPaidWhenItEndsAndSaysSoThreeDaysAhead(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.trying()
		page := w.upgrade(s, "pro")
		if page.URL == "" || page.Reason != service.ReasonNoMethod {
			t.Fatalf("got %+v, want a page for the card", page)
		}
		if _, err := s.CompleteReturn(t.Context(), purchaseIn(t, w.pay(page.URL, "4242424242424242"))); err != nil {
			t.Fatal(err)
		}
		w.settle(s)
		w.expect(s, "pro trialing full")
		w.expectPaid(0, 1)
		end := start.AddDate(0, 0, 14)
		if status := w.status(s); !status.PeriodEnd.Equal(end) {
			t.Errorf("the trial ends %v, want %v", status.PeriodEnd, end)
		}
		w.expectMails()
		w.move(end.Add(-72*time.Hour - time.Minute))
		w.settle(s)
		w.expectMails()
		w.move(end.Add(-72*time.Hour + time.Minute))
		w.settle(s)
		w.settle(s)
		w.expectMails("trial-ending")
		w.move(end.Add(2 * time.Hour))
		w.settle(s)
		w.expect(s, "pro active full")
		w.expectPaid(1, 1)
		w.expectMails("receipt")
	})
}

// Features: 26.
func TestATrialWithoutACardAsksNothingAndGoesBackToFreeByItself(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.trying()
		if got := w.upgrade(s, "open"); !got.Changed {
			t.Fatalf("got %+v, want a trial at once", got)
		}
		if got := w.upgrade(s, "open"); !got.Changed {
			t.Errorf("asked again: %+v", got)
		}
		w.expect(s, "open trialing full")
		w.settle(s)
		w.expectPaid(0, 1)
		w.move(start.AddDate(0, 0, 14).Add(2 * time.Hour))
		w.settle(s)
		w.expect(s, "starter active full")
		w.expectPaid(0, 0)
		w.expectMails("ended")                                         // the notice, come late, is of a trial that is over
		if got := w.upgrade(s, "open"); got.Changed || got.URL == "" { // no second trial
			t.Errorf("a second trial: %+v, want a page to pay on", got)
		}
	})
}

// Features: 26.
func TestATrialWithoutACardGoesOnWithOneThatIsSavedMeanwhile(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.trying()
		w.upgrade(s, "open")
		account, err := s.Account(t.Context(), "ada")
		if err != nil {
			t.Fatal(err)
		}
		w.saveCard(account.Customer, "pm_card_visa")
		w.settle(s)
		w.move(start.AddDate(0, 0, 14).Add(2 * time.Hour))
		w.settle(s)
		w.expect(s, "open active full")
		w.expectPaid(1, 1)
	})
}

// Features: 27.
func TestATrialIsMadeLongerAndEnded(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.trying()
		if _, err := s.EndTrial(t.Context(), "ada", ""); billing.CodeOf(err) != billing.Conflict {
			t.Errorf("without a trial: got %v, want code conflict", err)
		}
		w.upgrade(s, "open")
		end := start.AddDate(0, 0, 14)
		w.move(end.Add(-48 * time.Hour))
		w.settle(s)
		w.expectMails("trial-ending")
		longer := end.AddDate(0, 0, 10)
		for range 2 {
			if status, err := s.MoveTrial(t.Context(), "ada", "", longer); err != nil || !status.PeriodEnd.Equal(longer) {
				t.Errorf("%+v, %v; want a trial until %v", status.Access, err, longer)
			}
		}
		for name, to := range map[string]time.Time{"shorter": end, "never": {}, "for years": start.AddDate(3, 0, 0)} {
			var e *billing.Error
			if _, err := s.MoveTrial(t.Context(), "ada", "", to); !errors.As(err, &e) || e.Code != billing.Invalid || e.Field != "end" {
				t.Errorf("%s: got %v, want code invalid in end", name, err)
			}
		}
		w.settle(s)
		w.expectMails()
		w.move(longer.Add(-71 * time.Hour))
		w.settle(s)
		w.expectMails("trial-ending") // it ends anew
		if _, err := s.EndTrial(t.Context(), "ada", ""); billing.CodeOf(err) != billing.Conflict {
			t.Errorf("ended without a card: got %v, want code conflict", err)
		}
		account, err := s.Account(t.Context(), "ada")
		if err != nil {
			t.Fatal(err)
		}
		w.saveCard(account.Customer, "pm_card_chargeCustomerFail")
		if _, err := s.EndTrial(t.Context(), "ada", ""); !errors.Is(err, service.ErrDeclined) {
			t.Errorf("ended with a card that does not pay: got %v, want a declined payment", err)
		}
		w.expect(s, "open trialing full")
		w.saveCard(account.Customer, "pm_card_visa")
		for range 2 {
			if status, err := s.EndTrial(t.Context(), "ada", ""); err != nil || status.Access.Status != billing.Active {
				t.Errorf("ended: %+v, %v", status.Access, err)
			}
		}
		w.settle(s)
		w.expectPaid(1, 1)
	})
}

// Features: 28.
func TestACardOpensOneTrialWhoeverItBelongsTo(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.trying()
		if _, err := s.CompleteReturn(t.Context(), purchaseIn(t, w.pay(w.upgrade(s, "pro").URL, "4242424242424242"))); err != nil {
			t.Fatal(err)
		}
		w.settle(s)
		w.cancelled(s, service.Cancel{When: billing.CancelNow})
		w.settle(s)
		w.expect(s, "starter active full")
		if again := w.upgrade(s, "pro"); !again.Changed { // the same account pays
			t.Errorf("ada again: %+v", again)
		}
		w.settle(s)
		w.expect(s, "pro active full")
		w.expectPaid(1, 1)

		_, _, err := s.CreateAccount(t.Context(), service.NewAccount{ID: "eve", Email: "eve@example.com"})
		if err != nil {
			t.Fatal(err)
		}
		page, err := s.Upgrade(t.Context(), "eve", service.Upgrade{PriceKey: "pro", SuccessURL: success, CancelURL: cancel})
		if err != nil || page.URL == "" {
			t.Fatalf("%+v, %v", page, err)
		}
		w.pay(page.URL, "4242424242424242") // ada's card, under another name
		w.settle(s)
		w.access(s, "eve", "starter", billing.Active)
		w.expectPaid(1, 1) // and eve has paid nothing that she did not agree to

		if paid, err := s.Upgrade(t.Context(), "eve", service.Upgrade{PriceKey: "pro", SuccessURL: success, CancelURL: cancel}); err != nil || !paid.Changed {
			t.Errorf("%+v, %v; want it paid with the saved card, without a trial", paid, err)
		}
		w.settle(s)
		w.access(s, "eve", "pro", billing.Active)
		w.expectPaid(2, 2)
	})
}
