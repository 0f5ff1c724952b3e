package billing_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/dues-billing/dues/billing"
)

// Reading what has changed and reading everything lead to the same state, whatever has changed and in whatever order it was read.
func TestNewsMakeTheStateThatAWholeReadingShows(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		now, was := aState(r), billing.State{Customer: "cus_1", Known: true}
		news := billing.News{Methods: &billing.Methods{Saved: now.Methods, Default: now.OwnMethod}}
		for _, sub := range now.Subscriptions {
			switch rapid.IntRange(0, 2).Draw(r, "subscription") {
			case 0: // nothing new
				was.Subscriptions = append(was.Subscriptions, sub)
			case 1:
				old := sub
				old.Status = billing.Trialing
				was.Subscriptions = append(was.Subscriptions, old)
				news.Subscriptions = append(news.Subscriptions, sub)
			case 2:
				news.Subscriptions = append(news.Subscriptions, sub)
			}
		}
		for _, invoice := range now.Invoices {
			if rapid.Bool().Draw(r, "known") {
				was.Invoices = append(was.Invoices, invoice)
			} else {
				news.Invoices = append(news.Invoices, invoice)
			}
		}
		if rapid.Bool().Draw(r, "a draft was deleted") {
			gone := billing.Invoice{ID: "in_gone", Status: billing.InvoiceDraft, CreatedAt: time.Unix(50_000, 0)}
			was.Invoices, news.Gone = append([]billing.Invoice{gone}, was.Invoices...), []billing.InvoiceID{gone.ID}
		}
		if rapid.Bool().Draw(r, "other methods") {
			was.Methods = []billing.PaymentMethod{{ID: "pm_old", Default: true}}
		}
		if len(news.Subscriptions) > 1 && rapid.Bool().Draw(r, "read the other way round") {
			slices.Reverse(news.Subscriptions)
		}
		before := fmt.Sprintf("%+v", was)
		got, ok := was.With(news)
		if !ok {
			r.Fatalf("no order was found in %+v", news)
		}
		if diff := cmp.Diff(now, got, cmpopts.EquateEmpty()); diff != "" {
			r.Fatal(diff)
		}
		if after := fmt.Sprintf("%+v", was); after != before {
			r.Fatalf("the state before was changed:\n%s\n%s", before, after)
		}
	})
}

// aState draws a state in which no two objects of a kind are of one second.
func aState(r *rapid.T) billing.State {
	s := billing.State{Customer: "cus_1", Known: true, OwnMethod: billing.PaymentMethodID(rapid.SampledFrom([]string{"", "pm_1", "pm_gone"}).Draw(r, "own"))}
	second := int64(40_000)
	older := func() time.Time {
		second -= rapid.Int64Range(1, 100).Draw(r, "seconds")
		return time.Unix(second, 0)
	}
	for i := range rapid.IntRange(0, 4).Draw(r, "subscriptions") {
		s.Subscriptions = append(s.Subscriptions, billing.Subscription{
			ID: billing.SubscriptionID(fmt.Sprint("sub_", i)), CreatedAt: older(),
			Status:        rapid.SampledFrom([]billing.Status{billing.Active, billing.Canceled}).Draw(r, "status"),
			PaymentMethod: billing.PaymentMethodID(rapid.SampledFrom([]string{"", "pm_1", "pm_2"}).Draw(r, "method")),
		})
	}
	for i := range rapid.IntRange(0, 6).Draw(r, "invoices") {
		s.Invoices = append(s.Invoices, billing.Invoice{ID: billing.InvoiceID(fmt.Sprint("in_", i)), CreatedAt: older(), Status: billing.InvoicePaid})
	}
	s.Methods = []billing.PaymentMethod{{ID: "pm_2"}, {ID: "pm_1"}}
	s.MarkDefault()
	return s
}

func TestTheOrderOfOneSecondIsNotGuessed(t *testing.T) {
	t.Parallel()
	at := time.Unix(40_000, 0)
	mirror := billing.State{Known: true, Invoices: []billing.Invoice{{ID: "in_1", CreatedAt: at}}}
	if _, ok := mirror.With(billing.News{Invoices: []billing.Invoice{{ID: "in_2", CreatedAt: at}}}); ok {
		t.Error("two invoices of one second were put into an order")
	}
	if now, ok := mirror.With(billing.News{Invoices: []billing.Invoice{{ID: "in_1", CreatedAt: at, Number: "A-1"}}}); !ok || now.Invoices[0].Number != "A-1" {
		t.Errorf("the same invoice again: %+v, %v", now, ok)
	}
}
