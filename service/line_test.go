package service_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/money"
	"github.com/dues-billing/dues/service"
)

func hours(minor, quantity int64, key string) billing.LineWish {
	return billing.LineWish{Unit: money.New(minor, "eur"), Quantity: quantity, Description: "Set-up, hours", Key: key}
}

// Features: 48.
// Rows: C13.
func TestLinesAreAddedToTheNextInvoiceOrItsDraftAndRemovedUntilItIsFinal(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		w.premium(s)
		add := func(wish billing.LineWish, code billing.Code) billing.LineID {
			t.Helper()
			line, err := s.AddLine(t.Context(), "ada", wish)
			if billing.CodeOf(err) != code {
				t.Errorf("%s: %v, want code %q", wish.Key, err, code)
			}
			return line.ID
		}
		expect := func(count int) {
			t.Helper()
			if got, err := s.Lines(t.Context(), "ada"); err != nil || len(got) != count {
				t.Errorf("lines %+v, %v; want %d", got, err, count)
			}
		}
		remove := func(id billing.LineID, code billing.Code) {
			t.Helper()
			if err := s.RemoveLine(t.Context(), "ada", id); billing.CodeOf(err) != code {
				t.Errorf("remove %s: %v, want code %q", id, err, code)
			}
		}
		billed := add(hours(250, 3, "setup"), "")
		add(hours(-150, 1, "apology"), "")
		slip := add(hours(999, 1, "slip"), "")
		expect(3)
		remove(slip, "")
		remove(slip, "")
		add(hours(999, 1, "slip"), billing.Conflict) // the key of what was removed
		expect(2)
		w.move(start.Add(25 * time.Hour)) // longer than Stripe remembers keys
		if again := add(hours(250, 3, "setup"), ""); again != billed {
			t.Errorf("again: %s, want %s", again, billed)
		}
		add(hours(251, 3, "setup"), billing.Conflict)
		expect(2)
		if next, err := s.Upcoming(t.Context(), "ada", ""); err != nil || next.Total.String() != "25.00 EUR" {
			t.Errorf("the next invoice: %+v, %v", next, err)
		}

		w.move(w.status(s).PeriodEnd.Add(time.Minute))
		w.settle(s)
		draft := w.newest(s)
		if draft.Status != billing.InvoiceDraft || draft.Total.String() != "25.00 EUR" {
			t.Errorf("the draft is %+v", draft)
		}
		late := hours(100, 1, "late")
		late.Invoice = draft.ID
		add(late, "")
		early := hours(500, 1, "early")
		early.Invoice = draft.ID
		remove(add(early, ""), "")
		w.move(w.now.Now().Add(2 * time.Hour))
		w.settle(s)
		if got := w.newest(s); got.Status != billing.InvoicePaid || got.AmountPaid.String() != "26.00 EUR" || len(got.Lines) != 4 {
			t.Errorf("the renewal is %+v", got)
		}
		late.Key = "too late"
		add(late, billing.Conflict)
		remove(billed, billing.Conflict)
		expect(0)
	})
}

func TestAHundredLinesOfTheSameKeyAtOnceAreOne(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		services := []*service.Service{w.service(), w.service()}
		w.premium(services[0])
		var all sync.WaitGroup
		for i := range 100 {
			all.Go(func() {
				if got, err := services[i%2].AddLine(t.Context(), "ada", hours(500, 1, "setup")); err != nil || got.Amount.String() != "5.00 EUR" {
					t.Errorf("%+v, %v", got, err)
				}
			})
		}
		all.Wait()
		if got, err := services[0].Lines(t.Context(), "ada"); err != nil || len(got) != 1 {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

func TestALineWhoseAnswerWasLostIsNotAddedTwice(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		w.premium(s)
		w.trouble.when(true, func(r *http.Request) bool {
			return r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/invoiceitems")
		})
		if _, err := s.AddLine(t.Context(), "ada", hours(500, 1, "setup")); err == nil {
			t.Error("no error, although no answer came")
		}
		w.trouble.over()
		for range 2 {
			if _, err := s.AddLine(t.Context(), "ada", hours(500, 1, "setup")); err != nil {
				t.Error(err)
			}
		}
		if got, err := s.Lines(t.Context(), "ada"); err != nil || len(got) != 1 {
			t.Errorf("%+v, %v", got, err)
		}
	})
}
