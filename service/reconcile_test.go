package service_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// reconcile compares without a limit of speed, and returns what differed in words.
func (w *world) reconcile(s *service.Service, how service.Reconciling) (service.Reconciled, []string) {
	w.t.Helper()
	var found []string
	how.Rate = 10_000
	how.Found = func(d service.Drift) { found = append(found, strings.TrimSpace(d.Object+" "+d.Field)) }
	sum, err := s.Reconcile(w.t.Context(), how)
	if err != nil {
		w.t.Fatal(err)
	}
	slices.Sort(found)
	return sum, found
}

// Rows: C24 D1.
// Features: 74.
func TestWhatDiffersFromTheProviderIsFoundSaidAndRepaired(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s, client := w.service(), w.stripe.Client()
		account := w.signUp(s)
		w.saveCard(account.Customer, "pm_card_visa")
		w.upgrade(s, "premium-monthly")
		w.settle(s)
		if sum, found := w.reconcile(s, service.Reconciling{}); sum != (service.Reconciled{Customers: 1}) {
			t.Fatalf("after everything has settled: %+v %q", sum, found)
		}
		sub := w.status(s).Subscription
		if _, err := client.V1Subscriptions.Cancel(t.Context(), string(sub), nil); err != nil {
			t.Fatal(err)
		}
		w.newEvents() // and none of the webhooks arrives
		sum, found := w.reconcile(s, service.Reconciling{DryRun: true})
		if sum != (service.Reconciled{Customers: 1, Drifted: 1}) || !slices.Contains(found, "subscription Status") {
			t.Errorf("a dry run finds %+v %q", sum, found)
		}
		w.expect(s, "premium active full") // and touches nothing
		if sum, again := w.reconcile(s, service.Reconciling{}); sum != (service.Reconciled{Customers: 1, Drifted: 1, Repaired: 1}) || !slices.Equal(found, again) {
			t.Errorf("the repair says %+v %q", sum, again)
		}
		w.drain(s)
		w.expect(s, "starter active full")
		if sum, found := w.reconcile(s, service.Reconciling{}); sum != (service.Reconciled{Customers: 1}) {
			t.Errorf("after the repair: %+v %q", sum, found)
		}
	})
}

func TestWhatWaitsInTheInboxIsLateAndNoDrift(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s, client := w.service(), w.stripe.Client()
		account := w.signUp(s)
		w.settle(s)
		if _, err := client.V1PaymentMethods.Attach(t.Context(), "pm_card_visa", &stripe.PaymentMethodAttachParams{Customer: stripe.String(string(account.Customer))}); err != nil {
			t.Fatal(err)
		}
		w.deliver(s, w.newEvents()...)
		if sum, found := w.reconcile(s, service.Reconciling{DryRun: true}); sum != (service.Reconciled{Customers: 1, Late: 1}) || len(found) > 0 {
			t.Errorf("%+v %q", sum, found)
		}
	})
}

func TestABackfillMirrorsWhatWasThereBeforeUsAndGoesOnWhereItBrokeOff(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		client := w.stripe.Client()
		const people = 230
		for i := range people {
			_, err := client.V1Customers.Create(t.Context(), &stripe.CustomerCreateParams{
				Email: stripe.String(fmt.Sprintf("user%d@example.com", i)), Metadata: map[string]string{"dues_account": fmt.Sprint("user", i)},
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		s := w.service()
		pages := 0
		w.trouble.when(false, func(r *http.Request) bool {
			if r.URL.Path == "/v1/customers" {
				pages++
			}
			return pages > 2 && r.URL.Path == "/v1/customers"
		})
		broken, err := s.Reconcile(t.Context(), service.Reconciling{Unknown: true, Resume: true, Rate: 10_000})
		if err == nil || broken.Repaired != 200 {
			t.Fatalf("two pages of three: %+v, %v", broken, err)
		}
		w.trouble.over()
		if ahead, err := s.CustomersAhead(t.Context(), service.Reconciling{Unknown: true, Resume: true}); err != nil || ahead != 30 {
			t.Errorf("%d customers are said to be ahead of a run that goes on, %v; want 30", ahead, err)
		}
		if ahead, err := s.CustomersAhead(t.Context(), service.Reconciling{}); err != nil || ahead != people {
			t.Errorf("%d customers are said to be ahead of one over all, %v; want %d", ahead, err, people)
		}
		rest, err := s.Reconcile(t.Context(), service.Reconciling{Unknown: true, Resume: true, Rate: 10_000})
		if err != nil || rest != (service.Reconciled{Customers: 30, Drifted: 30, Repaired: 30}) {
			t.Errorf("the third page: %+v, %v", rest, err)
		}
		again, err := s.Reconcile(t.Context(), service.Reconciling{Unknown: true, Resume: true, Rate: 10_000})
		if err != nil || again != (service.Reconciled{Skipped: people}) {
			t.Errorf("a second backfill: %+v, %v", again, err)
		}
		account, err := s.Account(t.Context(), "user7")
		if err != nil || account.Email != "user7@example.com" || account.Customer == "" {
			t.Errorf("user7 was taken on as %+v, %v", account, err)
		}
		w.drain(s)
		if mails := w.mails.all(); len(mails) > 0 {
			t.Errorf("people who were there before us are sent %d mails", len(mails))
		}
	})
}

func TestACustomerThatWasDeletedAtTheProviderIsFound(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		account := w.signUp(s)
		w.settle(s)
		if _, err := w.stripe.Client().V1Customers.Delete(t.Context(), string(account.Customer), nil); err != nil {
			t.Fatal(err)
		}
		w.newEvents()
		sum, found := w.reconcile(s, service.Reconciling{})
		if sum.Repaired != 1 || !slices.Contains(found, "customer Deleted") {
			t.Errorf("%+v %q", sum, found)
		}
	})
}

func TestADraftThatWasDeletedAtTheProviderIsForgotten(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s, client := w.service(), w.stripe.Client()
		account := w.signUp(s)
		draft, err := client.V1Invoices.Create(t.Context(), &stripe.InvoiceCreateParams{Customer: stripe.String(string(account.Customer)), AutoAdvance: stripe.Bool(false)})
		if err != nil {
			t.Fatal(err)
		}
		w.settle(s)
		has := func() bool {
			invoices, err := s.Invoices(t.Context(), account.ID)
			if err != nil {
				t.Fatal(err)
			}
			return slices.ContainsFunc(invoices, func(i billing.Invoice) bool { return string(i.ID) == draft.ID })
		}
		if !has() {
			t.Fatal("the draft is not in the mirror")
		}
		if _, err := client.V1Invoices.Delete(t.Context(), draft.ID, nil); err != nil {
			t.Fatal(err)
		}
		w.settle(s)
		if has() {
			t.Error("the mirror keeps a draft that was deleted")
		}
	})
}

func TestAComparisonClosesTheGapOfTheFeed(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		w.signUp(s)
		w.settle(s)
		w.openGap(start.Add(-time.Minute))
		w.reconcile(s, service.Reconciling{DryRun: true})
		if w.feed().GapAt.IsZero() {
			t.Error("a dry run closes the gap")
		}
		w.saveFeed(w.feed()) // whoever reads the list meanwhile changes nothing about it
		if w.feed().GapAt.IsZero() {
			t.Error("reading on closes the gap")
		}
		w.reconcile(s, service.Reconciling{})
		if gap := w.feed().GapAt; !gap.IsZero() {
			t.Errorf("the gap of %v is still open", gap)
		}
	})
}
