package service_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// Features: 72.
func TestTheWholeHistoryIsReadInAndGoesOnWhereItBrokeOff(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		const many = 230 // more than two readings bring
		client := w.stripe.Client()
		customer, err := client.V1Customers.Create(t.Context(), &stripe.CustomerCreateParams{
			Email: stripe.String("ada@example.com"), Metadata: map[string]string{"dues_account": "ada"}, PaymentMethod: stripe.String("pm_card_visa"),
			InvoiceSettings: &stripe.CustomerCreateInvoiceSettingsParams{DefaultPaymentMethod: stripe.String("pm_card_visa")},
		})
		if err != nil {
			t.Fatal(err)
		}
		for i := range many {
			w.move(start.Add(time.Duration(i) * time.Minute))
			w.bill(customer.ID)
		}
		s := w.service()
		if sum, _ := w.reconcile(s, service.Reconciling{Unknown: true}); sum.Repaired != 1 || sum.Older != 0 {
			t.Errorf("a sync: %+v", sum)
		}
		if invoices, charges := w.counted(customer.ID); invoices != billing.InvoicesFetched || charges != billing.InvoicesFetched {
			t.Errorf("a sync reads %d invoices and %d charges", invoices, charges)
		}

		// It is stopped at the third page: what was read by then is kept, and the next run goes on behind it.
		ctx, stop := context.WithCancel(t.Context())
		pages := 0
		w.trouble.when(false, func(r *http.Request) bool {
			if r.URL.Path != "/v1/invoices" || !r.URL.Query().Has("starting_after") {
				return false
			}
			if pages++; pages > 1 {
				stop()
			}
			return pages > 1
		})
		if sum, err := s.Reconcile(ctx, service.Reconciling{Unknown: true, History: true, Rate: 10_000}); err == nil || sum.Older != 200 {
			t.Errorf("a history that is stopped: %+v, %v", sum, err)
		}
		w.trouble.over()
		if sum, _ := w.reconcile(s, service.Reconciling{Unknown: true, History: true}); sum.Failed != 0 || sum.Older != 2*(many-200) {
			t.Errorf("its next run: %+v", sum)
		}
		if invoices, charges := w.counted(customer.ID); invoices != many || charges != many {
			t.Errorf("%d invoices and %d charges of %d are there", invoices, charges, many)
		}
		if sum, found := w.reconcile(s, service.Reconciling{History: true}); sum != (service.Reconciled{Customers: 1}) {
			t.Errorf("once more: %+v %q", sum, found)
		}
		w.drain(s)
		if mails := w.mails.all(); len(mails) > 0 {
			t.Errorf("what happened before was mailed: %v", mails)
		}
	})
}

// bill makes a paid invoice.
func (w *world) bill(customer string) {
	w.t.Helper()
	client, ctx := w.stripe.Client(), w.t.Context()
	invoice, err := client.V1Invoices.Create(ctx, &stripe.InvoiceCreateParams{Customer: &customer, Currency: stripe.String("eur"), AutoAdvance: stripe.Bool(false)})
	if err == nil {
		_, err = client.V1InvoiceItems.Create(ctx, &stripe.InvoiceItemCreateParams{Customer: &customer, Invoice: &invoice.ID, Amount: stripe.Int64(700), Currency: stripe.String("eur")})
	}
	if err == nil {
		_, err = client.V1Invoices.Pay(ctx, invoice.ID, nil)
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

// counted is how many invoices and charges the mirror holds of a customer.
func (w *world) counted(customer string) (invoices, charges int) {
	w.t.Helper()
	state, err := w.store().State(w.t.Context(), billing.CustomerID(customer))
	if err != nil {
		w.t.Fatal(err)
	}
	record, err := w.store().Record(w.t.Context(), billing.CustomerID(customer))
	if err != nil {
		w.t.Fatal(err)
	}
	return len(state.Invoices), len(record.Charges)
}
