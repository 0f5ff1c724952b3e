package service_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// owing lets ada's renewal fail, and returns its invoice.
func (w *world) owing(s *service.Service) billing.Invoice {
	w.t.Helper()
	account := w.premium(s)
	w.saveCard(account.Customer, "pm_card_chargeCustomerFail")
	w.move(w.status(s).PeriodEnd.Add(2 * time.Hour))
	w.settle(s)
	invoice := w.newest(s)
	if invoice.Status != billing.InvoiceOpen {
		w.t.Fatalf("the renewal is %+v", invoice)
	}
	return invoice
}

// Features: 50.
func TestAnOpenInvoiceIsPaidWithASavedMethodOrLeadsToItsPage(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		owed := w.owing(s)
		account, err := s.Account(t.Context(), "ada")
		if err != nil {
			t.Fatal(err)
		}
		w.expect(s, "premium past_due full update_payment_method")
		pay := func(method billing.PaymentMethodID) (billing.Invoice, error) {
			return s.PayInvoice(t.Context(), "ada", owed.ID, method)
		}
		_, err = pay("")
		var unpaid *service.UnpaidInvoice
		if billing.CodeOf(err) != billing.Conflict || !errors.Is(err, service.ErrDeclined) || !errors.As(err, &unpaid) || unpaid.URL != owed.HostedURL || unpaid.URL == "" {
			t.Errorf("declined: %v, want a conflict with the page", err)
		}
		w.saveCard(account.Customer, "pm_card_authenticationRequired")
		if _, err := pay(""); !errors.Is(err, service.ErrNeedsConfirmation) || !errors.As(err, &unpaid) || unpaid.URL == "" {
			t.Errorf("challenged: %v, want a conflict with the page", err)
		}
		good := w.card(s, "4242")
		for range 2 { // the second finds it paid
			if got, err := pay(good); err != nil || got.Status != billing.InvoicePaid || got.AmountPaid.String() != "19.00 EUR" {
				t.Errorf("paid: %+v, %v", got, err)
			}
		}
		w.expect(s, "premium active full") // before any webhook
		w.settle(s)
		w.expect(s, "premium active full")
		w.expectPaid(2, 1)
	})
}

func TestAHundredPaymentsOfAnInvoiceAtOnceChargeOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		services := []*service.Service{w.service(), w.service()}
		owed := w.owing(services[0])
		good := w.card(services[0], "4242")
		var all sync.WaitGroup
		for i := range 100 {
			all.Go(func() {
				if got, err := services[i%2].PayInvoice(t.Context(), "ada", owed.ID, good); err != nil || got.Status != billing.InvoicePaid {
					t.Errorf("%+v, %v", got, err)
				}
			})
		}
		all.Wait()
		w.expectPaid(2, 1)
	})
}

// Features: 48.
func TestTheApplicationHearsOfEachStepOfAnInvoiceInTimeToAddToIt(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		app := w.application()
		s := w.telling(app.endpoint("app", "invoice.*"))
		account := w.premium(s)
		app.expect("invoice.created premium full", "invoice.finalized premium full", "invoice.paid premium full")
		w.saveCard(account.Customer, "pm_card_chargeCustomerFail")
		w.move(w.status(s).PeriodEnd.Add(time.Minute))
		w.settle(s)
		app.expect("invoice.created premium full")
		draft := app.got[len(app.got)-1].Data.Invoice
		line := hours(100, 1, "workshop")
		line.Invoice = billing.InvoiceID(draft.ID)
		if _, err := s.AddLine(t.Context(), "ada", line); err != nil || draft.Status != "draft" || draft.Total != 1900 {
			t.Errorf("the draft is %+v, %v", draft, err)
		}
		w.move(w.now.Now().Add(2 * time.Hour))
		w.settle(s)
		app.expect("invoice.finalized premium full", "invoice.payment_failed premium full")
		if _, err := s.PayInvoice(t.Context(), "ada", billing.InvoiceID(draft.ID), w.card(s, "4242")); err != nil {
			t.Fatal(err)
		}
		w.settle(s)
		app.expect("invoice.paid premium full")
		if got := app.got[len(app.got)-1].Data.Invoice; got.Status != "paid" || got.AmountPaid != 2000 || got.URL == "" {
			t.Errorf("the invoice is %+v", got)
		}
	})
}
