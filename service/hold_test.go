package service_test

import (
	"testing"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// Features: 48 49.
// Rows: C17.
func TestEachRenewalOfAnAccountOrAPlanIsHeldUntilItIsReleased(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, byPlan := range []bool{false, true} {
			s := w.serviceWith(func(c *service.Config) {
				plans := append([]billing.Plan{}, c.Catalog.Plans...)
				for i := range plans {
					plans[i].HoldInvoices = byPlan && plans[i].ID == "premium"
				}
				c.Catalog.Plans = plans
			})
			if !byPlan {
				w.premium(s)
			}
			if err := s.HoldInvoices(t.Context(), "ada", !byPlan); err != nil {
				t.Fatal(err)
			}
			w.move(w.status(s).PeriodEnd.Add(time.Minute))
			w.settle(s)
			held, err := s.HeldInvoices(t.Context())
			if err != nil || len(held) != 1 || held[0].Account != "ada" || held[0].Status != billing.InvoiceDraft {
				t.Fatalf("by plan %v: held are %+v, %v", byPlan, held, err)
			}
			w.move(w.now.Now().Add(3 * 24 * time.Hour))
			w.settle(s)
			w.expect(s, "premium active full")
			if got := w.newest(s); got.Status != billing.InvoiceDraft {
				t.Errorf("by plan %v: three days later: %+v", byPlan, got)
			}
			if _, err := s.HoldInvoice(t.Context(), "ada", held[0].ID, false); err != nil {
				t.Error(err)
			}
			w.settle(s) // and it is not held again
			w.move(w.now.Now().Add(2 * time.Hour))
			w.settle(s)
			if got := w.newest(s); got.ID != held[0].ID || got.Status != billing.InvoicePaid {
				t.Errorf("by plan %v: released: %+v", byPlan, got)
			}
			if held, err := s.HeldInvoices(t.Context()); err != nil || len(held) != 0 {
				t.Errorf("by plan %v: held are %+v, %v", byPlan, held, err)
			}
		}
		if err := w.service().HoldInvoices(t.Context(), "nobody", true); billing.CodeOf(err) != billing.NotFound {
			t.Errorf("of no account: %v", err)
		}
	})
}
