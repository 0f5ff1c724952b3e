package service_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// A change that the card did not pay took away what was scheduled: the schedule was released before the change was asked for.
func TestAChangeThatIsNotPaidLeavesWhatIsScheduled(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.team("basic", 0)
		account, err := s.Account(t.Context(), "ada")
		if err != nil {
			t.Fatal(err)
		}
		next := w.change(s, service.PlanChange{ChangeWish: billing.ChangeWish{PriceKey: "starter", When: billing.ChangeAtEnd}}).Next
		if next.PriceKey != "starter" {
			t.Fatalf("scheduled is %+v", next)
		}
		w.saveCard(account.Customer, "pm_card_chargeCustomerFail")
		if _, err := s.Change(t.Context(), "ada", service.PlanChange{ChangeWish: billing.ChangeWish{PriceKey: "pro"}}); !errors.Is(err, service.ErrDeclined) {
			t.Fatalf("with a card that pays nothing: %v", err)
		}
		w.settle(s)
		if now := w.status(s); now.Plan != "basic" || now.Next != next {
			t.Errorf("the account is on %s, and %+v is scheduled; want basic and %+v", now.Plan, now.Next, next)
		}
	})
}

// The schedule goes after the change. When that breaks off, asking again ends it.
func TestAChangeThatBrokeOffBeforeItsScheduleWasGoneIsFinishedByAskingAgain(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.team("basic", 0)
		w.change(s, service.PlanChange{ChangeWish: billing.ChangeWish{PriceKey: "starter", When: billing.ChangeAtEnd}})
		w.trouble.when(false, func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/release") })
		pro := service.PlanChange{ChangeWish: billing.ChangeWish{PriceKey: "pro"}}
		if _, err := s.Change(t.Context(), "ada", pro); billing.CodeOf(err) != billing.Unavailable {
			t.Fatalf("while the schedule cannot be released: %v", err)
		}
		w.trouble.over()
		w.settle(s)
		if now := w.change(s, pro); now.Plan != "pro" || !now.Next.At.IsZero() {
			t.Errorf("asked again: %s, and %+v is scheduled", now.Plan, now.Next)
		}
		w.expectPaid(2, 1)
		w.move(start.AddDate(0, 1, 1))
		w.settle(s)
		w.expect(s, "pro active full")
	})
}

// The same of an upgrade: asked again it said that all is done, and at the period's end the plan went back to what had been scheduled.
func TestAnUpgradeThatBrokeOffBeforeItsScheduleWasGoneIsFinishedByAskingAgain(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.team("basic", 0)
		w.change(s, service.PlanChange{ChangeWish: billing.ChangeWish{PriceKey: "starter", When: billing.ChangeAtEnd}})
		w.trouble.when(false, func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/release") })
		pro := service.Upgrade{PriceKey: "pro", SuccessURL: success, CancelURL: cancel}
		if _, err := s.Upgrade(t.Context(), "ada", pro); billing.CodeOf(err) != billing.Unavailable {
			t.Fatalf("while the schedule cannot be released: %v", err)
		}
		w.trouble.over()
		w.settle(s)
		for range 2 {
			if done := w.upgrade(s, "pro"); !done.Changed {
				t.Errorf("asked again: %+v", done)
			}
		}
		if now := w.status(s); now.Plan != "pro" || !now.Next.At.IsZero() {
			t.Errorf("the account is on %s, and %+v is scheduled", now.Plan, now.Next)
		}
		w.move(start.AddDate(0, 1, 1))
		w.settle(s)
		w.expect(s, "pro active full")
	})
}
