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
	q, err := s.QuoteRefund(w.t.Context(), "ada", "", invoice)
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
		w.expectMails()
		if again := w.refunded(s, service.Refund{}); again.ID != order.ID {
			t.Errorf("asked again: %+v, want the same order", again)
		}
		w.settle(s)
		w.expect(s, "starter active full")
		w.expectMails("refunded", "ended")
		if got := w.held(s); got.Valid || !got.EndsAt.Equal(got.StartsAt) {
			t.Errorf("the license is %+v, want nothing of it", got)
		}
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
		first, err := s.QuoteRefund(t.Context(), "ada", "", "")
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

// dispute is that of a charge at Stripe.
func (w *world) dispute(charge billing.ChargeID) string {
	w.t.Helper()
	list := &stripe.DisputeListParams{Charge: stripe.String(string(charge))}
	for d, err := range w.stripe.Client().V1Disputes.List(w.t.Context(), list).All(w.t.Context()) {
		if err != nil {
			w.t.Fatal(err)
		}
		return d.ID
	}
	w.t.Fatalf("charge %s is not disputed", charge)
	return ""
}

// newest is ada's newest payment.
func (w *world) newest(s *service.Service) billing.Invoice {
	w.t.Helper()
	all, err := s.Invoices(w.t.Context(), "ada")
	if err != nil || len(all) == 0 {
		w.t.Fatalf("invoices %+v, %v", all, err)
	}
	return all[0]
}

// Features: 79 91 93 95.
func TestARefundInTheDashboardTakesTheRenewalBackAndNoMore(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		app := w.application()
		s := w.telling(app.endpoint("app", "refund.created", "license.cut", "access.changed"))
		w.premium(s)
		first := w.license(s)
		w.move(first.Add(2 * time.Hour))
		w.settle(s)
		renewed := w.license(s)
		w.expectMails("receipt")
		app.expect("access.changed starter full", "access.changed premium full")
		if !renewed.After(first) {
			t.Fatalf("the renewal left the license at %v", renewed)
		}
		give := func(minor int64) {
			t.Helper()
			params := &stripe.RefundCreateParams{PaymentIntent: stripe.String(w.newest(s).PaymentIntent), Amount: stripe.Int64(minor)}
			if _, err := w.stripe.Client().V1Refunds.Create(t.Context(), params); err != nil {
				t.Fatal(err)
			}
			w.settle(s)
		}
		give(950)
		if got, want := w.license(s), first.Add(renewed.Sub(first)/2); !got.Equal(want) {
			t.Errorf("with a half given back the license ends at %v, want %v", got, want)
		}
		w.expect(s, "premium active full")
		w.expectMails("refunded")
		app.expect("refund.created premium full", "license.cut premium full")
		give(950)
		if got := w.held(s); !got.EndsAt.Equal(first) || got.Valid {
			t.Errorf("with all of the renewal given back the license is %+v, want its end at %v", got, first)
		}
		w.expect(s, "starter active full")
		w.expectPaid(2, 0)
		w.expectMails("refunded", "ended")
		app.expect("access.changed premium free", "refund.created premium free", "license.cut premium free", "access.changed starter free", "access.changed starter full")
		w.settle(s)
		w.expectMails()
	})
}

// Features: 96.
func TestADisputeTakesAccessAndLicenseUntilItIsWon(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		app := w.application()
		s := w.telling(app.endpoint("app", "dispute.*", "license.*"))
		account := w.signUp(s)
		w.saveCard(account.Customer, "pm_card_createDispute")
		w.upgrade(s, "premium-monthly")
		w.settle(s)
		end := w.status(s).PeriodEnd
		w.expect(s, "premium active free")
		if got := w.held(s); got.Valid || !got.EndsAt.Equal(got.StartsAt) {
			t.Errorf("disputed: %+v, want nothing of it", got)
		}
		answer := func(evidence string) {
			t.Helper()
			params := &stripe.DisputeUpdateParams{Evidence: &stripe.DisputeUpdateEvidenceParams{UncategorizedText: stripe.String(evidence)}, Submit: stripe.Bool(true)}
			if _, err := w.stripe.Client().V1Disputes.Update(t.Context(), w.dispute(w.newest(s).Charge), params); err != nil {
				t.Fatal(err)
			}
			w.settle(s)
		}
		app.expect("dispute.opened premium free")
		answer("winning_evidence")
		app.expect("dispute.closed premium full", "license.extended premium full")
		w.expect(s, "premium active full")
		if got := w.held(s); !got.Valid || !got.EndsAt.Equal(end) {
			t.Errorf("won: %+v, want it until %v again", got, end)
		}

		w.move(end.Add(2 * time.Hour)) // the renewal is disputed too
		w.settle(s)
		w.expect(s, "premium active free")
		answer("losing_evidence")
		w.expect(s, "starter active full")
		app.expect("dispute.opened premium free", "dispute.closed premium free")
		if got := w.held(s); got.Valid || !got.EndsAt.Equal(end) {
			t.Errorf("lost: %+v, want an end at %v", got, end)
		}
	})
}

// Rows: B5.
func TestADowngradeToStarterProratesTheUnusedTimeAndCutsTheLicense(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		w.premium(s)
		sub := w.status(s).Subscription
		at := start.Add(10 * 24 * time.Hour)
		w.move(at)
		client := w.stripe.Client()
		held, err := client.V1Subscriptions.Retrieve(t.Context(), string(sub), nil)
		if err != nil {
			t.Fatal(err)
		}
		var starter string
		for price, err := range client.V1Prices.List(t.Context(), &stripe.PriceListParams{LookupKeys: stripe.StringSlice([]string{"starter-monthly"})}).All(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			starter = price.ID
		}
		_, err = client.V1Subscriptions.Update(t.Context(), string(sub), &stripe.SubscriptionUpdateParams{
			Items: []*stripe.SubscriptionUpdateItemParams{{ID: &held.Items.Data[0].ID, Price: &starter}}, ProrationBehavior: stripe.String("always_invoice"),
		})
		if err != nil {
			t.Fatal(err)
		}
		w.settle(s)
		w.expect(s, "starter active full")
		if got := w.held(s); got.Valid || got.EndsAt.Sub(at).Abs() > time.Minute {
			t.Errorf("the license is %+v, want it cut at %v", got, at)
		}
		if credit := w.newest(s); credit.Total.Minor >= 0 || credit.AmountDue.Minor != 0 {
			t.Errorf("the unused time is billed as %+v", credit)
		}
		w.move(at.Add(90 * 24 * time.Hour))
		w.settle(s)
		w.expectPaid(1, 0)
		w.expect(s, "starter active full")
	})
}

// isField reports whether an error has that code and names that field.
func isField(err error, code billing.Code, field string) bool {
	var refused *billing.Error
	return errors.As(err, &refused) && refused.Code == code && refused.Field == field
}
