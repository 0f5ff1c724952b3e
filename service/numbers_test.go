package service_test

import (
	"testing"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

func TestNumbersFollowALifeAtStripe(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		account := w.premium(s)
		w.settle(s)
		now := func() billing.MonthNumbers {
			t.Helper()
			n, err := s.Numbers(t.Context(), true)
			if err != nil || len(n.Currencies) != 1 {
				t.Fatalf("%+v, %v", n, err)
			}
			return n.Currencies[0].Months[len(n.Currencies[0].Months)-1]
		}
		if m := now(); m.MRR != 1900 || m.New != 1900 || m.Active != 1 || m.Plans["premium"] != 1900 {
			t.Errorf("of who pays by the month: %+v", m)
		}
		w.saveCard(account.Customer, "pm_card_visa")
		w.move(w.now.Now().AddDate(0, 0, 10))
		w.upgrade(s, "premium-yearly")
		w.settle(s)
		if m := now(); m.MRR != 1583 || m.Active != 1 {
			t.Errorf("of who pays 190.00 a year since ten days: %+v", m)
		}
		if _, err := s.Cancel(t.Context(), "ada", service.Cancel{When: billing.CancelNow}); err != nil {
			t.Fatal(err)
		}
		w.settle(s)
		w.move(w.now.Now().Add(time.Hour))
		if m := now(); m.MRR != 0 || m.Active != 0 {
			t.Errorf("of who has left: %+v", m)
		}
		kept, err := s.Numbers(t.Context(), false)
		if err != nil {
			t.Fatal(err)
		}
		w.move(w.now.Now().Add(14 * time.Minute))
		if again, err := s.Numbers(t.Context(), false); err != nil || !again.At.Equal(kept.At) {
			t.Errorf("counted anew after 14 minutes: %v, %v", again.At, err)
		}
	})
}
