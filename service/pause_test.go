package service_test

import (
	"errors"
	"testing"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// pause and goOn fail the test when they are refused.
func (w *world) pause(s *service.Service) service.Status {
	w.t.Helper()
	status, err := s.Pause(w.t.Context(), "ada", "")
	if err != nil {
		w.t.Fatal(err)
	}
	return status
}

func (w *world) goOn(s *service.Service) service.Status {
	w.t.Helper()
	status, err := s.Unpause(w.t.Context(), "ada", "")
	if err != nil {
		w.t.Fatal(err)
	}
	return status
}

// Features: 20.
func TestAPauseChargesNothingAndGoingOnBeginsAPaidPeriod(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		w.premium(s)
		running := w.status(s)
		for range 2 {
			if status := w.pause(s); !status.Paused || status.Level != billing.Full || !status.PeriodEnd.Equal(running.PeriodEnd) {
				t.Errorf("paused: %+v, want what is paid for until %v", status, running.PeriodEnd)
			}
		}
		if _, err := s.Upgrade(t.Context(), "ada", service.Upgrade{PriceKey: "premium-yearly", SuccessURL: success, CancelURL: cancel}); billing.CodeOf(err) != billing.Conflict {
			t.Errorf("an upgrade during the pause: got %v, want code conflict", err)
		}
		w.move(running.PeriodEnd.Add(2 * time.Hour))
		w.settle(s)
		w.expect(s, "premium active free")
		w.expectPaid(1, 1)

		w.move(running.PeriodEnd.Add(70 * 24 * time.Hour))
		w.settle(s)
		w.expectPaid(1, 1)
		for range 2 {
			if status := w.goOn(s); status.Paused || status.Level != billing.Full || status.PeriodEnd.Before(w.now.Now().Add(27*24*time.Hour)) {
				t.Errorf("going on: %+v, want a whole period from now", status)
			}
		}
		w.settle(s)
		w.expectPaid(2, 1)
	})
}

func TestWhoCannotPayStaysPaused(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		account := w.premium(s)
		end := w.status(s).PeriodEnd
		w.pause(s)
		w.move(end.Add(2 * time.Hour))
		w.settle(s)
		w.saveCard(account.Customer, "pm_card_chargeCustomerFail")
		if _, err := s.Unpause(t.Context(), "ada", ""); !errors.Is(err, service.ErrDeclined) {
			t.Errorf("got %v, want the payment declined", err)
		}
		w.settle(s)
		if status := w.status(s); !status.Paused || status.Level != billing.FreeOnly {
			t.Errorf("after a declined payment: %+v, want it paused", status)
		}
		w.expectPaid(1, 1)
	})
}

func TestAPauseThatEndsInsideWhatIsPaidForCostsNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		w.premium(s)
		running := w.status(s)
		w.pause(s)
		if status := w.goOn(s); status.Paused || !status.PeriodEnd.Equal(running.PeriodEnd) {
			t.Errorf("going on: %+v, want it as before", status)
		}
		w.move(running.PeriodEnd.Add(2 * time.Hour))
		w.settle(s)
		w.expect(s, "premium active full")
		w.expectPaid(2, 1)
	})
}
