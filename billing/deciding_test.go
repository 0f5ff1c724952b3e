package billing_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/dues-billing/dues/billing"
)

func TestWhatDecidesAboutAccessGivesTheSameAnswerAtAnyTime(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		state := anyState(t)
		now := jan31.Add(days(rapid.IntRange(-40, 400).Draw(t, "day")))
		short := state.Deciding(shop)
		if diff := cmp.Diff(billing.AccessOf(shop, state, now), billing.AccessOf(shop, short, now)); diff != "" {
			t.Errorf("access differs at %v (-whole +short):\n%s", now, diff)
		}
		method, ok := state.DefaultMethod()
		if kept, there := short.DefaultMethod(); kept != method || there != ok {
			t.Errorf("the default method is %+v %v, want %+v %v", kept, there, method, ok)
		}
		if again := short.Deciding(shop); cmp.Diff(short, again) != "" {
			t.Errorf("of what decides, everything decides:\n%s", cmp.Diff(short, again))
		}
	})
}

// anyState draws a customer's state, also such as no provider would tell.
func anyState(t *rapid.T) billing.State {
	at := func(label string) time.Time {
		if rapid.Bool().Draw(t, label+" set") {
			return jan31.Add(days(rapid.IntRange(-60, 380).Draw(t, label)))
		}
		return time.Time{}
	}
	state := billing.State{Customer: "cus_ada", Known: true, Deleted: rapid.IntRange(0, 9).Draw(t, "deleted") == 0}
	statuses := []billing.Status{
		billing.Incomplete, billing.IncompleteExpired, billing.Trialing, billing.Active, billing.PastDue, billing.Canceled, billing.Unpaid, billing.Paused,
	}
	for range rapid.IntRange(0, 3).Draw(t, "subscriptions") {
		id := billing.SubscriptionID(rapid.SampledFrom([]string{"sub_a", "sub_b", "sub_c"}).Draw(t, "subscription"))
		s := sub(id, rapid.SampledFrom([]string{"starter", "monthly", "yearly", "hotline", "self-help", "elsewhere"}).Draw(t, "price"), rapid.SampledFrom(statuses).Draw(t, "status"))
		s.CreatedAt, s.CancelAt, s.LatestInvoice = at("created"), at("cancel"), "in_a"
		for i := range s.Items {
			s.Items[i].Period.End = at("period end")
		}
		state.Subscriptions = append(state.Subscriptions, s)
	}
	for range rapid.IntRange(0, 3).Draw(t, "invoices") {
		state.Invoices = append(state.Invoices, billing.Invoice{
			ID:           billing.InvoiceID(rapid.SampledFrom([]string{"in_a", "in_b", "in_c"}).Draw(t, "invoice")),
			Subscription: billing.SubscriptionID(rapid.SampledFrom([]string{"", "sub_a", "sub_b", "sub_c"}).Draw(t, "of")),
			Status:       rapid.SampledFrom([]billing.InvoiceStatus{billing.InvoiceDraft, billing.InvoiceOpen, billing.InvoicePaid, billing.InvoiceVoid}).Draw(t, "invoice status"),
			AmountDue:    eur(rapid.Int64Range(0, 5000).Draw(t, "due")), Attempts: rapid.IntRange(0, 2).Draw(t, "attempts"), NextAttempt: at("next attempt"),
			NeedsConfirmation: rapid.Bool().Draw(t, "confirm"), CreatedAt: at("invoiced"), HostedURL: "https://invoice.example.com/a",
			Lines: []billing.InvoiceLine{{ID: "il_a", PriceKey: "monthly"}},
		})
	}
	for i := range rapid.IntRange(0, 3).Draw(t, "methods") {
		state.Methods = append(state.Methods, billing.PaymentMethod{
			ID: billing.PaymentMethodID(rune('a' + i)), Type: "card", Brand: "visa", Default: rapid.Bool().Draw(t, "default"),
		})
	}
	return state
}
