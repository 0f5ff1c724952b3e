package service_test

import (
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/internal/testenv"
	"github.com/dues-billing/dues/service"
)

// refunded asks for a refund, and fails the test when that is refused.
func (w *world) refunded(s *service.Service, req service.Refund) billing.RefundOrder {
	w.t.Helper()
	order, err := s.Refund(w.t.Context(), "ada", req)
	if err != nil {
		w.t.Fatal(err)
	}
	return order
}

// quote is what a refund of a payment would be, as its amount and the reasons against it.
func (w *world) quote(s *service.Service, invoice billing.InvoiceID) string {
	w.t.Helper()
	q, err := s.QuoteRefund(w.t.Context(), "ada", invoice)
	if err != nil {
		w.t.Fatal(err)
	}
	words := []string{q.Amount.String()}
	for _, reason := range q.Reasons {
		words = append(words, string(reason.Code))
	}
	return strings.Join(words, " ")
}

// refundsAtStripe are what was given back of all payments, in cents.
func (w *world) refundsAtStripe() (amounts []int64) {
	w.t.Helper()
	for refund, err := range w.stripe.Client().V1Refunds.List(w.t.Context(), &stripe.RefundListParams{}).All(w.t.Context()) {
		if err != nil {
			w.t.Fatal(err)
		}
		amounts = append(amounts, refund.Amount)
	}
	return amounts
}

// Features: 51 92.
func TestARefundIsMadeOnceOnACreditNoteAndEndsThePlan(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		w.premium(s)
		w.move(start.Add(3 * 24 * time.Hour))
		if got := w.quote(s, ""); got != "19.00 EUR" {
			t.Errorf("the quote is %q", got)
		}
		order := w.refunded(s, service.Refund{Reason: "product_unsatisfactory"})
		if order.Status != billing.RefundMade || order.Refund == "" || !strings.HasSuffix(order.CreditNote, "-CN-01") || order.Amount.String() != "19.00 EUR" {
			t.Errorf("got %+v", order)
		}
		w.expect(s, "premium active free") // before any webhook
		if again := w.refunded(s, service.Refund{}); again.ID != order.ID {
			t.Errorf("asked again: %+v, want the same order", again)
		}
		w.settle(s)
		w.expect(s, "starter active full")
		if got := w.refundsAtStripe(); len(got) != 1 || got[0] != 1900 {
			t.Errorf("given back: %v", got)
		}
		if got := w.quote(s, order.Invoice); got != "0.00 EUR already_refunded" {
			t.Errorf("the quote is %q", got)
		}
		w.move(start.Add(90 * 24 * time.Hour))
		w.settle(s)
		w.expectPaid(1, 0)
	})
}

// Features: 94. Rows: A10.
func TestARefundFollowsTheRulesOfTheCatalogue(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		account := w.signUp(s)
		if got := w.quote(s, ""); got != "0.00 nothing_paid" {
			t.Errorf("before any purchase: %q", got)
		}
		w.saveCard(account.Customer, "pm_card_visa")
		w.upgrade(s, "premium-monthly")
		w.settle(s)
		refused := func(when, want string) {
			t.Helper()
			if got := w.quote(s, ""); got != want {
				t.Errorf("%s the quote is %q, want %q", when, got, want)
			}
			if _, err := s.Refund(t.Context(), "ada", service.Refund{}); billing.CodeOf(err) != billing.Conflict {
				t.Errorf("%s: got %v, want code conflict", when, err)
			}
		}
		for _, percent := range []int{20, 5} { // what was read cannot be unread
			if err := s.Consume(t.Context(), "ada", "handbook", percent); err != nil {
				t.Fatal(err)
			}
		}
		if got := w.quote(s, ""); got != "19.00 EUR" {
			t.Errorf("with a fifth read: %q", got)
		}
		if err := s.Consume(t.Context(), "ada", "handbook", 21); err != nil {
			t.Fatal(err)
		}
		refused("with more than a fifth read", "19.00 EUR consumed")
		end := w.status(s).PeriodEnd
		w.move(start.Add(14 * 24 * time.Hour))
		refused("after fourteen days", "19.00 EUR too_late consumed")
		w.move(end.Add(2 * time.Hour))
		w.settle(s)
		refused("of a renewal", "19.00 EUR renewal too_late consumed")
		if got := w.refundsAtStripe(); len(got) != 0 {
			t.Errorf("given back: %v", got)
		}
		// A later period can be cancelled, and is kept until its end.
		if status := w.cancelled(s, service.Cancel{}); status.Level != billing.Full || status.CancelAt.IsZero() {
			t.Errorf("cancelled: %+v", status)
		}
		// A person may decide otherwise.
		if order := w.refunded(s, service.Refund{Override: true, Amount: 900}); order.Status != billing.RefundMade || !order.Override {
			t.Errorf("overridden: %+v", order)
		}
		w.settle(s)
		w.expect(s, "premium active full") // a part was given back, and a part is paid
		if _, err := s.Refund(t.Context(), "ada", service.Refund{Override: true, Amount: 1001}); billing.CodeOf(err) != billing.Invalid {
			t.Errorf("more than is left: got %v, want code invalid", err)
		}
	})
}

func TestAHundredRefundsAtOnceWhileItRenewsAreOneAndLeaveTheRenewalPaid(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		services := []*service.Service{w.service(), w.service()}
		s := services[0]
		w.premium(s)
		first, err := s.QuoteRefund(t.Context(), "ada", "")
		if err != nil {
			t.Fatal(err)
		}
		end := w.status(s).PeriodEnd
		w.move(end.Add(2 * time.Hour))
		events := w.newEvents()
		orders := make([]billing.RefundOrderID, 100)
		var wait sync.WaitGroup
		wait.Go(func() {
			w.deliver(services[1], events...)
			w.drain(services[1])
		})
		for i := range orders {
			wait.Go(func() {
				order, err := services[i%2].Refund(t.Context(), "ada", service.Refund{Invoice: first.Invoice, Override: true})
				if err != nil {
					t.Errorf("refund %d: %v", i, err)
				}
				orders[i] = order.ID
			})
		}
		wait.Wait()
		w.settle(s)
		for _, order := range orders {
			if order != orders[0] {
				t.Fatalf("orders %q and %q, want one", orders[0], order)
			}
		}
		if got := w.refundsAtStripe(); len(got) != 1 || got[0] != 1900 {
			t.Errorf("given back: %v, want one payment", got)
		}
		w.expect(s, "premium active full") // the renewal is paid
	})
}

// An answer that is lost leaves nobody guessing: the outbox asks with the same key, and Stripe says what it made.
func TestARefundWhoseAnswerIsLostIsMadeOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		w.premium(s)
		w.trouble.when(true, func(r *http.Request) bool { return r.Method == http.MethodPost })
		order := w.refunded(s, service.Refund{})
		if order.Status != billing.RefundPending {
			t.Errorf("got %+v, want it pending", order)
		}
		w.trouble.over()
		w.move(start.Add(26 * time.Hour)) // Stripe has forgotten the key
		w.settle(s)
		all, err := s.Refunds(t.Context(), "ada")
		if err != nil || len(all) != 1 || all[0].Status != billing.RefundMade {
			t.Errorf("orders %+v, %v", all, err)
		}
		if got := w.refundsAtStripe(); len(got) != 1 {
			t.Errorf("given back: %v, want it once", got)
		}
		w.expect(s, "starter active full")
	})
}

func TestARefundThatCannotBeIsRefusedByField(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testenv.SQLiteURL(t))
	s := w.service()
	w.premium(s)
	for _, c := range []struct {
		name  string
		req   service.Refund
		code  billing.Code
		field string
	}{
		{"an unknown invoice", service.Refund{Invoice: "in_none"}, billing.NotFound, "invoice"},
		{"less than nothing", service.Refund{Amount: -1}, billing.Invalid, "amount"},
		{"more than was paid", service.Refund{Amount: 1901}, billing.Invalid, "amount"},
		{"a reason that nobody counts", service.Refund{Reason: "whim"}, billing.Invalid, "reason"},
	} {
		if _, err := s.Refund(t.Context(), "ada", c.req); !isField(err, c.code, c.field) {
			t.Errorf("%s: got %v, want code %s of field %s", c.name, err, c.code, c.field)
		}
	}
	for field, err := range map[string]error{
		"asset": s.Consume(t.Context(), "ada", "nothing", 1), "percent": s.Consume(t.Context(), "ada", "handbook", 101),
	} {
		if !isField(err, billing.Invalid, field) {
			t.Errorf("consumption: got %v, want field %s", err, field)
		}
	}
	if got := w.refundsAtStripe(); len(got) != 0 {
		t.Errorf("given back: %v", got)
	}
}

// isField reports whether an error has that code and names that field.
func isField(err error, code billing.Code, field string) bool {
	var refused *billing.Error
	return errors.As(err, &refused) && refused.Code == code && refused.Field == field
}
