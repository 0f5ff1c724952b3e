package service_test

import (
	"sync"
	"testing"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/money"
	"github.com/dues-billing/dues/service"
)

// Features: 6.
func TestCreditIsGivenTakenReadAndPaysTheNextInvoice(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		w.premium(s)
		give := func(minor int64, key string, code billing.Code) {
			t.Helper()
			wish := billing.CreditWish{Amount: money.New(minor, "eur"), Note: "An apology", Key: key}
			if _, err := s.GiveCredit(t.Context(), "ada", wish); billing.CodeOf(err) != code {
				t.Errorf("%d by %s: %v, want code %q", minor, key, err, code)
			}
		}
		expect := func(balance string, moves int) {
			t.Helper()
			if got, err := s.Credit(t.Context(), "ada"); err != nil || got.Balance.String() != balance || len(got.Moves) != moves {
				t.Errorf("credit %+v, %v; want %s by %d moves", got, err, balance, moves)
			}
		}
		expect("0.00 EUR", 0)
		give(700, "apology", "")
		give(-200, "slip", "")
		give(-501, "too much", billing.Conflict)
		expect("5.00 EUR", 2)
		w.move(start.Add(25 * time.Hour)) // longer than Stripe remembers keys
		give(700, "apology", "")
		give(701, "apology", billing.Conflict)
		expect("5.00 EUR", 2)
		w.move(w.status(s).PeriodEnd.Add(2 * time.Hour))
		w.settle(s)
		if got := w.newest(s); got.Status != billing.InvoicePaid || got.Total.String() != "19.00 EUR" || got.AmountPaid.String() != "14.00 EUR" {
			t.Errorf("the renewal is %+v", got)
		}
		expect("0.00 EUR", 3)
	})
}

func TestAHundredGiftsOfTheSameKeyAtOnceAreOne(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		services := []*service.Service{w.service(), w.service()}
		w.premium(services[0])
		var all sync.WaitGroup
		for i := range 100 {
			all.Go(func() {
				got, err := services[i%2].GiveCredit(t.Context(), "ada", billing.CreditWish{Amount: money.New(500, "eur"), Key: "apology"})
				if err != nil || got.Balance.String() != "5.00 EUR" || len(got.Moves) != 1 {
					t.Errorf("%+v, %v", got, err)
				}
			})
		}
		all.Wait()
	})
}
