package service_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/catalog"
	"github.com/dues-billing/dues/service"
)

// teamwork is a catalogue of plans to move between.
const teamwork = `
free_plan: starter
plans:
  - {id: starter, name: Starter, prices: [{key: starter, amount: 0.00 EUR, every: month}]}
  - {id: basic, name: Basic, prices: [{key: basic, amount: 10.00 EUR, every: month}, {key: basic-yearly, amount: 100.00 EUR, every: year}]}
  - {id: pro, name: Pro, prices: [{key: pro, amount: 20.00 EUR, every: month}]}
  - {id: team, name: Team, unit: seat, prices: [{key: team, amount: 9.00 EUR, every: month, per: seat, min_seats: 2}]}
`

// team is a service that sells teamwork, with ada on a price of it, paid with her card.
func (w *world) team(price string, quantity int64) *service.Service {
	w.t.Helper()
	sold, err := catalog.Parse([]byte(teamwork))
	if err != nil {
		w.t.Fatal(err)
	}
	s := w.serviceWith(func(c *service.Config) { c.Catalog = sold })
	w.saveCard(w.signUp(s).Customer, "pm_card_visa")
	w.settle(s)
	w.change(s, service.PlanChange{ChangeWish: billing.ChangeWish{PriceKey: price, Quantity: quantity}})
	w.settle(s)
	w.mails.kinds()
	return s
}

// change changes, and fails the test when that is refused.
func (w *world) change(s *service.Service, req service.PlanChange) service.Status {
	w.t.Helper()
	status, err := s.Change(w.t.Context(), "ada", req)
	if err != nil {
		w.t.Fatalf("change %+v: %v", req, err)
	}
	return status
}

// preview asks what a change costs.
func (w *world) preview(s *service.Service, wish billing.ChangeWish) service.ChangePreview {
	w.t.Helper()
	seen, err := s.PreviewChange(w.t.Context(), "ada", wish)
	if err != nil {
		w.t.Fatalf("preview %+v: %v", wish, err)
	}
	return seen
}

// newestInvoice is ada's newest invoice.
func (w *world) newestInvoice(s *service.Service) billing.Invoice {
	w.t.Helper()
	invoices, err := s.Invoices(w.t.Context(), "ada")
	if err != nil || len(invoices) == 0 {
		w.t.Fatalf("%d invoices, %v", len(invoices), err)
	}
	return invoices[0]
}

// Features: 32 33.
// Rows: C21.
func TestWhatWasPreviewedIsWhatIsCharged(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.team("basic", 0)
		w.move(start.Add(10 * 24 * time.Hour))
		seen := w.preview(s, billing.ChangeWish{PriceKey: "pro"})
		if len(seen.Lines) != 2 || seen.AmountDue.String() != "6.43 EUR" || seen.Lines[0].Amount.Minor+seen.Lines[1].Amount.Minor != seen.AmountDue.Minor {
			t.Fatalf("%+v, want the unused and the remaining time, for 6.43 EUR", seen.Preview)
		}
		w.move(start.Add(10*24*time.Hour + 20*time.Minute)) // the customer thinks about it
		status := w.change(s, service.PlanChange{Preview: seen.Token})
		if status.Plan != "pro" || status.Level != billing.Full {
			t.Errorf("got %+v", status.Access)
		}
		if paid := w.newestInvoice(s); paid.AmountPaid != seen.AmountDue || paid.Status != billing.InvoicePaid {
			t.Errorf("%s was paid, and %s was shown", paid.AmountPaid, seen.AmountDue)
		}
		charged := w.newestInvoice(s).ID
		w.change(s, service.PlanChange{Preview: seen.Token}) // a double click
		if again := w.newestInvoice(s).ID; again != charged {
			t.Errorf("the second click made the invoice %s", again)
		}
		w.settle(s)
		w.expect(s, "pro active full")
	})
}

// Features: 33.
func TestAPreviewThatIsNotTrueAnyMoreIsAnsweredWithANewOne(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.team("basic", 0)
		w.move(start.Add(5 * 24 * time.Hour))
		seen := w.preview(s, billing.ChangeWish{PriceKey: "pro"})
		w.move(w.now.Now().Add(31 * time.Minute))
		fresh := w.stale(s, seen)
		if fresh.AmountDue.Minor >= seen.AmountDue.Minor {
			t.Errorf("half an hour later it costs %s, before %s", fresh.AmountDue, seen.AmountDue)
		}
		w.credit(500)
		if fresh = w.stale(s, fresh); fresh.Applied.String() != "5.00 EUR" {
			t.Errorf("with a credit of 5.00 EUR: %+v", fresh.Preview)
		}
		w.expect(s, "basic active full")
		w.change(s, service.PlanChange{Preview: fresh.Token})
		if paid := w.newestInvoice(s); paid.AmountPaid != fresh.AmountDue {
			t.Errorf("%s was paid, and %s was shown", paid.AmountPaid, fresh.AmountDue)
		}
	})
}

// stale changes by a preview that is not true any more, and returns the new one.
func (w *world) stale(s *service.Service, seen service.ChangePreview) service.ChangePreview {
	w.t.Helper()
	var stale *service.StalePreview
	_, err := s.Change(w.t.Context(), "ada", service.PlanChange{Preview: seen.Token})
	if billing.CodeOf(err) != billing.Conflict || !errors.As(err, &stale) {
		w.t.Fatalf("got %v, want a conflict with a new preview", err)
	}
	return stale.Now
}

// Features: 17.
func TestADowngradeHappensAtThePeriodsEndAndCanBeTakenBack(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.team("pro", 0)
		end := w.status(s).PeriodEnd
		w.move(start.Add(10 * 24 * time.Hour))
		seen := w.preview(s, billing.ChangeWish{PriceKey: "basic"})
		if seen.Planned.When != billing.ChangeAtEnd || seen.AmountDue.String() != "10.00 EUR" || seen.At.Before(end) {
			t.Errorf("%+v, want 10.00 EUR from %v on", seen.Preview, end)
		}
		next := billing.NextPlan{PriceKey: "basic", Quantity: 1, At: end}
		status := w.change(s, service.PlanChange{Preview: seen.Token})
		if next.Price = status.Next.Price; status.Plan != "pro" || status.Next != next {
			t.Errorf("got %+v, want %+v", status.Access, next)
		}
		w.settle(s)
		if again := w.change(s, service.PlanChange{ChangeWish: billing.ChangeWish{PriceKey: "basic"}}); again.Next != next {
			t.Errorf("asked again: %+v", again.Access)
		}
		for range 2 {
			if status, err := s.KeepPlan(t.Context(), "ada", ""); err != nil || !status.Next.At.IsZero() {
				t.Errorf("taken back: %+v, %v", status.Access, err)
			}
		}
		w.change(s, service.PlanChange{ChangeWish: billing.ChangeWish{PriceKey: "starter"}})
		w.change(s, service.PlanChange{ChangeWish: billing.ChangeWish{PriceKey: "basic"}}) // in its place
		w.settle(s)
		w.move(end.Add(-time.Minute))
		w.settle(s)
		w.expect(s, "pro active full")
		w.move(end.Add(2 * time.Hour))
		w.settle(s)
		w.expect(s, "basic active full")
		if paid := w.newestInvoice(s); paid.AmountPaid.String() != "10.00 EUR" || len(paid.Lines) != 1 {
			t.Errorf("the renewal is %+v, want 10.00 EUR and nothing prorated", paid)
		}
		if status := w.status(s); !status.Next.At.IsZero() {
			t.Errorf("it is still scheduled: %+v", status.Next)
		}
		w.expectMails("receipt", "plan")
		if status := w.cancelled(s, service.Cancel{}); status.CancelAt.IsZero() {
			t.Errorf("what was changed by a schedule cannot be cancelled: %+v", status.Access)
		}
	})
}

func TestWhatIsDoneNowTakesThePlaceOfWhatWasScheduled(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.team("pro", 0)
		basic := service.PlanChange{ChangeWish: billing.ChangeWish{PriceKey: "basic"}}
		w.change(s, basic)
		basic.When = billing.ChangeNow
		if status := w.change(s, basic); status.Plan != "basic" || !status.Next.At.IsZero() {
			t.Errorf("changed now: %+v", status.Access)
		}
		w.change(s, service.PlanChange{ChangeWish: billing.ChangeWish{PriceKey: "starter"}})
		if status := w.cancelled(s, service.Cancel{}); status.CancelAt.IsZero() || !status.Next.At.IsZero() {
			t.Errorf("cancelled: %+v", status.Access)
		}
		w.settle(s)
		w.move(start.AddDate(0, 2, 0))
		w.settle(s)
		w.expect(s, "starter active full")
		w.expectPaid(1, 0)
	})
}

// Features: 21.
func TestSeatsAreAddedNowAndGivenUpAtThePeriodsEnd(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.team("team", 3)
		if first := w.newestInvoice(s); first.AmountPaid.String() != "27.00 EUR" || w.status(s).Quantity != 3 {
			t.Errorf("three seats cost %s, and %d are held", first.AmountPaid, w.status(s).Quantity)
		}
		w.move(start.Add(14 * 24 * time.Hour))
		if status := w.change(s, service.PlanChange{ChangeWish: billing.ChangeWish{Quantity: 5}}); status.Quantity != 5 {
			t.Errorf("got %+v", status.Access)
		}
		if more := w.newestInvoice(s); more.AmountPaid.String() != "9.00 EUR" { // two seats, half a period
			t.Errorf("two more seats cost %s", more.AmountPaid)
		}
		status := w.change(s, service.PlanChange{ChangeWish: billing.ChangeWish{Quantity: 2}})
		if status.Quantity != 5 || status.Next.Quantity != 2 {
			t.Errorf("got %+v", status.Access)
		}
		w.settle(s)
		w.move(status.PeriodEnd.Add(2 * time.Hour))
		w.settle(s)
		if renewed := w.newestInvoice(s); renewed.AmountPaid.String() != "18.00 EUR" || w.status(s).Quantity != 2 {
			t.Errorf("the renewal costs %s, and %d are held", renewed.AmountPaid, w.status(s).Quantity)
		}
	})
}

// Features: 30.
func TestTheRestOfAPeriodIsBilledNowLaterOrNeverAsSaid(t *testing.T) {
	for proration, want := range map[billing.Proration][2]string{
		billing.ProrateNow: {"5.00 EUR", "20.00 EUR"}, billing.ProrateLater: {"10.00 EUR", "25.00 EUR"}, billing.ProrateNever: {"10.00 EUR", "20.00 EUR"},
	} {
		t.Run(string(proration), func(t *testing.T) {
			each(t, func(t *testing.T, w *world) {
				s := w.team("basic", 0)
				end := w.status(s).PeriodEnd
				w.move(start.Add(14 * 24 * time.Hour)) // half of February
				seen := w.preview(s, billing.ChangeWish{PriceKey: "pro", When: billing.ChangeNow, Proration: proration})
				if w.change(s, service.PlanChange{Preview: seen.Token}); w.status(s).Plan != "pro" {
					t.Errorf("got %+v", w.status(s).Access)
				}
				if now := w.newestInvoice(s); now.AmountPaid.String() != want[0] {
					t.Errorf("the newest invoice is of %s, want %s", now.AmountPaid, want[0])
				}
				upcoming, err := s.Upcoming(t.Context(), "ada", "")
				if err != nil || upcoming.AmountDue.String() != want[1] || proration != billing.ProrateNow && upcoming.AmountDue != seen.AmountDue {
					t.Errorf("the next one will be of %s (%v), and %s was shown; want %s", upcoming.AmountDue, err, seen.AmountDue, want[1])
				}
				w.settle(s)
				w.move(end.Add(2 * time.Hour))
				w.settle(s)
				if renewed := w.newestInvoice(s); renewed.AmountPaid.String() != want[1] {
					t.Errorf("the renewal is of %s, want %s", renewed.AmountPaid, want[1])
				}
			})
		})
	}
}

// Features: 31.
// Rows: C15.
func TestTheNextInvoiceIsShownAsItWillBe(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.team("basic", 0)
		seen, err := s.Upcoming(t.Context(), "ada", "")
		if err != nil || seen.AmountDue.String() != "10.00 EUR" || len(seen.Lines) != 1 || seen.At.Before(w.status(s).PeriodEnd) {
			t.Fatalf("%+v, %v", seen, err)
		}
		w.credit(300)
		if seen, err = s.Upcoming(t.Context(), "ada", ""); err != nil || seen.AmountDue.String() != "7.00 EUR" || seen.Applied.String() != "3.00 EUR" {
			t.Errorf("with a credit of 3.00: %+v, %v", seen, err)
		}
		w.move(seen.At.Add(2 * time.Hour))
		w.settle(s)
		if renewed := w.newestInvoice(s); renewed.AmountPaid != seen.AmountDue || renewed.Total != seen.Total {
			t.Errorf("%s was paid, and %s was shown", renewed.AmountPaid, seen.AmountDue)
		}
		w.cancelled(s, service.Cancel{})
		if _, err := s.Upcoming(t.Context(), "ada", ""); billing.CodeOf(err) != billing.NotFound {
			t.Errorf("of a plan that ends: got %v, want code not_found", err)
		}
	})
}

func TestAHundredChangesAtOnceAreOne(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.team("basic", 0)
		seen := w.preview(s, billing.ChangeWish{PriceKey: "pro"})
		var wait sync.WaitGroup
		for range 100 {
			wait.Go(func() {
				if _, err := s.Change(t.Context(), "ada", service.PlanChange{Preview: seen.Token}); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		if invoices, err := s.Invoices(t.Context(), "ada"); err != nil || len(invoices) != 3 { // free, basic, pro
			t.Errorf("%d invoices, %v; want 3", len(invoices), err)
		}
	})
}

// Features: 24.
func TestAChangeThatTheCardDoesNotPayChangesNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.team("basic", 0)
		account, err := s.Account(t.Context(), "ada")
		if err != nil {
			t.Fatal(err)
		}
		for card, want := range map[string]error{"pm_card_chargeCustomerFail": service.ErrDeclined, "pm_card_authenticationRequired": service.ErrNeedsConfirmation} {
			w.saveCard(account.Customer, card)
			_, err := s.Change(t.Context(), "ada", service.PlanChange{ChangeWish: billing.ChangeWish{PriceKey: "pro"}})
			if billing.CodeOf(err) != billing.Conflict || !errors.Is(err, want) {
				t.Errorf("%s: got %v, want a conflict that wraps %q", card, err, want)
			}
			w.settle(s)
			w.expect(s, "basic active full")
		}
		w.expectPaid(1, 1)
	})
}

func TestATokenThatIsNoPreviewOfThisIsRefused(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.team("basic", 0)
		seen := w.preview(s, billing.ChangeWish{PriceKey: "pro"})
		for name, req := range map[string]service.PlanChange{
			"no token":         {Preview: "here you are"},
			"no JSON":          {Preview: "aGVyZQ"},
			"of nothing":       {Preview: "e30"},
			"another price":    {Preview: seen.Token, ChangeWish: billing.ChangeWish{PriceKey: "basic-yearly"}},
			"another quantity": {Preview: seen.Token, ChangeWish: billing.ChangeWish{Quantity: 2}},
			"another moment":   {Preview: seen.Token, ChangeWish: billing.ChangeWish{When: billing.ChangeAtEnd}},
		} {
			var e *billing.Error
			if _, err := s.Change(t.Context(), "ada", req); !errors.As(err, &e) || e.Code != billing.Invalid || e.Field != "preview" {
				t.Errorf("%s: got %v, want code invalid in preview", name, err)
			}
		}
		if _, err := s.PreviewChange(t.Context(), "ada", billing.ChangeWish{PriceKey: "basic"}); billing.CodeOf(err) != billing.Conflict {
			t.Errorf("a preview of no change: got %v, want code conflict", err)
		}
		if _, err := s.PreviewChange(t.Context(), "nobody", billing.ChangeWish{PriceKey: "pro"}); billing.CodeOf(err) != billing.NotFound {
			t.Errorf("of nobody: got %v, want code not_found", err)
		}
	})
}

// credit gives ada a balance, in cents.
func (w *world) credit(minor int64) {
	w.t.Helper()
	account, err := w.store().Account(w.t.Context(), "ada")
	if err != nil {
		w.t.Fatal(err)
	}
	params := &stripe.CustomerUpdateParams{Balance: stripe.Int64(-minor)}
	if _, err := w.stripe.Client().V1Customers.Update(w.t.Context(), string(account.Customer), params); err != nil {
		w.t.Fatal(err)
	}
}

// Features: 33.
func TestAnUpgradeByCheckoutCostsWhatItsPreviewShows(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.team("basic", 0)
		w.move(start.Add(10 * 24 * time.Hour))
		asked := service.Upgrade{PriceKey: "pro", SuccessURL: success, CancelURL: cancel, Preview: w.preview(s, billing.ChangeWish{PriceKey: "pro"}).Token}
		w.credit(100)
		var stale *service.StalePreview
		if _, err := s.Upgrade(t.Context(), "ada", asked); billing.CodeOf(err) != billing.Conflict || !errors.As(err, &stale) {
			t.Fatalf("got %v, want a conflict with a new preview", err)
		}
		w.expect(s, "basic active full")
		asked.Preview = stale.Now.Token
		w.move(w.now.Now().Add(25 * time.Minute))
		for range 2 {
			if got, err := s.Upgrade(t.Context(), "ada", asked); err != nil || !got.Changed {
				t.Errorf("%+v, %v", got, err)
			}
		}
		if paid := w.newestInvoice(s); paid.AmountPaid != stale.Now.AmountDue {
			t.Errorf("%s was paid, and %s was shown", paid.AmountPaid, stale.Now.AmountDue)
		}
		w.expectPaid(2, 1)
	})
}

func TestGoingDownToFreeNowCreditsTheUnusedTimeAndBillsNoMore(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.team("pro", 0)
		w.move(start.Add(14 * 24 * time.Hour)) // half of February
		free := billing.ChangeWish{PriceKey: "starter", When: billing.ChangeNow}
		seen := w.preview(s, free)
		if seen.Total.String() != "-10.00 EUR" || !seen.AmountDue.IsZero() || seen.Applied != seen.Total {
			t.Errorf("%+v, want 10.00 EUR for the balance", seen.Preview)
		}
		if status := w.change(s, service.PlanChange{Preview: seen.Token}); status.Plan != "starter" || !status.CancelAt.IsZero() {
			t.Errorf("got %+v", status.Access)
		}
		if credited := w.newestInvoice(s); credited.Total != seen.Total {
			t.Errorf("%s was credited, and %s was shown", credited.Total, seen.Total)
		}
		w.settle(s)
		w.move(start.AddDate(0, 4, 0))
		w.settle(s)
		w.expect(s, "starter active full")
		w.expectPaid(1, 0)
	})
}

func TestACustomerDoesNotChooseToPayLater(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.team("basic", 0)
		for _, proration := range []billing.Proration{billing.ProrateNever, billing.ProrateLater} {
			wish := billing.ChangeWish{PriceKey: "pro", When: billing.ChangeNow, Proration: proration}
			token := w.preview(s, wish).Token // as the application's server gets it, or as somebody writes it himself
			_, said := s.Change(t.Context(), "ada", service.PlanChange{ChangeWish: wish, ByCustomer: true})
			_, carried := s.Change(t.Context(), "ada", service.PlanChange{Preview: token, ByCustomer: true})
			_, checkout := s.Upgrade(t.Context(), "ada", service.Upgrade{PriceKey: "pro", Preview: token, SuccessURL: success, CancelURL: cancel})
			for what, err := range map[string]error{"said": said, "carried by a preview": carried, "carried to a checkout": checkout} {
				if billing.CodeOf(err) != billing.Forbidden {
					t.Errorf("%s, %s: %v; want it forbidden", proration, what, err)
				}
			}
		}
		w.settle(s)
		w.expect(s, "basic active full")
	})
}
