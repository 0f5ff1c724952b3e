package emulator_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v86"
)

const aDay = 24 * time.Hour

// bills are the invoices of the shop's customer, oldest first: reason, status and total, with the texts of their lines.
func (s *shop) bills(t *testing.T) []string {
	t.Helper()
	var out []string
	for inv, err := range s.sc.V1Invoices.List(t.Context(), &stripe.InvoiceListParams{Customer: stripe.String(s.customer.ID)}).All(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		text := fmt.Sprintf("%s %s %d:", inv.BillingReason, inv.Status, inv.Total)
		for _, line := range inv.Lines.Data {
			text += fmt.Sprintf(" %d %s", line.Amount, line.Description)
		}
		out = append(out, text)
	}
	slices.Reverse(out)
	return out
}

func (s *shop) wantBills(t *testing.T, what string, want ...string) {
	t.Helper()
	if got := s.bills(t); !slices.Equal(got, want) {
		t.Errorf("%s:\n got %s\nwant %s", what, strings.Join(got, "\n     "), strings.Join(want, "\n     "))
	}
}

// owes puts a pending item on the shop's customer.
func (s *shop) owes(t *testing.T, amount int64, text, subscription string) *stripe.InvoiceItem {
	t.Helper()
	params := &stripe.InvoiceItemCreateParams{
		Customer: stripe.String(s.customer.ID), Amount: stripe.Int64(amount), Currency: stripe.String("usd"), Description: stripe.String(text),
	}
	if subscription != "" {
		params.Subscription = stripe.String(subscription)
	}
	item, err := s.sc.V1InvoiceItems.Create(t.Context(), params)
	if err != nil {
		t.Fatal(err)
	}
	return item
}

const (
	firstBill = "subscription_create paid 2000: 2000 1 × Premium (at $20.00 / month)"
	nextBill  = "subscription_cycle paid 2000: 2000 1 × Premium (at $20.00 / month)"
)

// Rows: C14.
func TestPendingItemsAreBilledAtThePeriodsEndEvenAfterACancelAndNeverProrated(t *testing.T) {
	t.Parallel()
	for name, cancel := range map[string]func(t *testing.T, s *clockShop, sub string) error{
		"at once": func(t *testing.T, s *clockShop, sub string) error {
			_, err := s.sc.V1Subscriptions.Cancel(t.Context(), sub, nil)
			return err
		},
		"at the period's end": func(t *testing.T, s *clockShop, sub string) error {
			_, err := s.sc.V1Subscriptions.Update(t.Context(), sub, &stripe.SubscriptionUpdateParams{CancelAtPeriodEnd: stripe.Bool(true)})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openClockShop(t, time.April, 1)
			sub := s.subscribe(t)
			s.wait(t, 10*aDay)
			item := s.owes(t, 700, "Help with the move", sub.ID)
			s.wait(t, 5*aDay) // half of the period is over; the new price is prorated, the item is not
			if _, err := s.sc.V1Subscriptions.Update(t.Context(), sub.ID, &stripe.SubscriptionUpdateParams{Items: []*stripe.SubscriptionUpdateItemParams{{
				ID: stripe.String(sub.Items.Data[0].ID), Price: stripe.String(s.priced(t, func(p *stripe.PriceCreateParams) { p.UnitAmount = stripe.Int64(4000) })),
			}}}); err != nil {
				t.Fatal(err)
			}
			if item, err := s.sc.V1InvoiceItems.Retrieve(t.Context(), item.ID, nil); err != nil || item.Amount != 700 || item.Proration || item.Invoice != nil {
				t.Errorf("after the change of price: %+v, %v", item, err)
			}
			want := "700 Help with the move"
			if name == "at once" {
				s.wait(t, 5*aDay)
			} else {
				want = "-1000 Unused time on Premium after 16 Apr 2026 2000 Remaining time on Premium after 16 Apr 2026 " + want
			}
			if err := cancel(t, s, sub.ID); err != nil {
				t.Fatal(err)
			}
			s.wantBills(t, "canceled", firstBill)
			s.wait(t, time.Date(2026, time.May, 1, 11, 59, 59, 0, time.UTC).Sub(s.at))
			s.wantBills(t, "a second before the period's end", firstBill)
			s.wait(t, 2*time.Hour)
			bills := s.bills(t)
			if len(bills) != 2 || !strings.HasSuffix(bills[1], ": "+want) || !strings.Contains(bills[1], " paid ") {
				t.Errorf("at the period's end: got %v, want a paid invoice of %q", bills, want)
			}
			s.wait(t, 40*aDay)
			if after := s.bills(t); len(after) != 2 {
				t.Errorf("forty days later: %v", after)
			}
		})
	}
}

// Rows: C16.
func TestAnInvoiceOutsideTheCycleIsBilledInTheMiddleOfIt(t *testing.T) {
	t.Parallel()
	s := openClockShop(t, time.April, 1)
	ctx := t.Context()
	sub := s.subscribe(t)
	s.wait(t, 12*aDay)
	s.owes(t, 1500, "Workshop", "")
	inv, err := s.sc.V1Invoices.Create(ctx, &stripe.InvoiceCreateParams{
		Customer: stripe.String(s.customer.ID), PendingInvoiceItemsBehavior: stripe.String("include"), Description: stripe.String("As agreed"),
	})
	if err != nil || inv.Status != stripe.InvoiceStatusDraft || inv.AutoAdvance || inv.Total != 1500 {
		t.Fatalf("made: %+v, %v", inv, err)
	}
	if inv.PeriodStart != s.at.Unix() || inv.PeriodEnd != s.at.Unix() {
		t.Errorf("its period is %d to %d, want the moment %d", inv.PeriodStart, inv.PeriodEnd, s.at.Unix())
	}
	if inv, err = s.sc.V1Invoices.FinalizeInvoice(ctx, inv.ID, nil); err != nil || inv.Status != stripe.InvoiceStatusOpen || inv.Number == "" {
		t.Fatalf("finalized: %+v, %v", inv, err)
	}
	if inv, err = s.sc.V1Invoices.Pay(ctx, inv.ID, nil); err != nil || inv.Status != stripe.InvoiceStatusPaid || inv.AmountPaid != 1500 {
		t.Fatalf("paid: %+v, %v", inv, err)
	}
	// An invoice of the subscription itself takes what is tied to it, and leaves the periods alone.
	s.owes(t, 250, "Travel", sub.ID)
	own, err := s.sc.V1Invoices.Create(ctx, &stripe.InvoiceCreateParams{
		Customer: stripe.String(s.customer.ID), Subscription: stripe.String(sub.ID), PendingInvoiceItemsBehavior: stripe.String("include"),
	})
	if err != nil {
		t.Fatal(err)
	}
	if own, err = s.sc.V1Invoices.Pay(ctx, own.ID, nil); err != nil || own.AmountPaid != 250 || own.PeriodStart != sub.Items.Data[0].CurrentPeriodStart {
		t.Fatalf("of the subscription: %+v, %v", own, err)
	}
	after, err := s.sc.V1Subscriptions.Retrieve(ctx, sub.ID, nil)
	if err != nil || after.Items.Data[0].CurrentPeriodEnd != sub.Items.Data[0].CurrentPeriodEnd {
		t.Fatalf("the cycle moved: %+v, %v", after, err)
	}
	s.wait(t, 19*aDay)
	s.wantBills(t, "after the renewal", firstBill, "manual paid 1500: 1500 Workshop", "manual paid 250: 250 Travel", nextBill)
}

// Rows: C17.
func TestARenewalHeldForReviewWaitsUntilItIsReleased(t *testing.T) {
	t.Parallel()
	s := openClockShop(t, time.April, 1)
	ctx := t.Context()
	sub := s.subscribe(t)
	s.wait(t, 30*aDay)
	draft := s.newest(t, sub.ID)
	if draft.Status != stripe.InvoiceStatusDraft || !draft.AutoAdvance || draft.NextPaymentAttempt == 0 {
		t.Fatalf("at the renewal: %+v", draft)
	}
	held, err := s.sc.V1Invoices.Update(ctx, draft.ID, &stripe.InvoiceUpdateParams{AutoAdvance: stripe.Bool(false)})
	if err != nil || held.AutoAdvance || held.NextPaymentAttempt != 0 {
		t.Fatalf("held: %+v, %v", held, err)
	}
	s.wait(t, 5*aDay)
	if inv := s.newest(t, sub.ID); inv.Status != stripe.InvoiceStatusDraft || inv.Attempted {
		t.Fatalf("five days later: %s, attempted %v", inv.Status, inv.Attempted)
	}
	if got, err := s.sc.V1Subscriptions.Retrieve(ctx, sub.ID, nil); err != nil || got.Status != stripe.SubscriptionStatusActive {
		t.Errorf("meanwhile the subscription is %s, %v", got.Status, err)
	}
	// The review has found something: it goes onto the same invoice.
	if _, err := s.sc.V1InvoiceItems.Create(ctx, &stripe.InvoiceItemCreateParams{
		Customer: stripe.String(s.customer.ID), Invoice: stripe.String(draft.ID), Amount: stripe.Int64(-300), Currency: stripe.String("usd"), Description: stripe.String("Outage"),
	}); err != nil {
		t.Fatal(err)
	}
	released, err := s.sc.V1Invoices.Update(ctx, draft.ID, &stripe.InvoiceUpdateParams{AutoAdvance: stripe.Bool(true)})
	if err != nil || !released.AutoAdvance || released.Status != stripe.InvoiceStatusDraft {
		t.Fatalf("released: %+v, %v", released, err)
	}
	s.wait(t, time.Hour)
	if inv := s.newest(t, sub.ID); inv.ID != draft.ID || inv.Status != stripe.InvoiceStatusPaid || inv.AmountPaid != 1700 || inv.AttemptCount != 1 {
		t.Errorf("an hour after its release: %s %d after %d attempts", inv.Status, inv.AmountPaid, inv.AttemptCount)
	}
	// The next one advances by itself again.
	s.wait(t, 26*aDay)
	if inv := s.newest(t, sub.ID); inv.ID == draft.ID || inv.Status != stripe.InvoiceStatusPaid {
		t.Errorf("the renewal after: %s", inv.Status)
	}
}

// Rows: C19.
func TestEachRenewalIsAnnouncedDraftedAndChargedAnHourLater(t *testing.T) {
	t.Parallel()
	s := openClockShop(t, time.January, 31)
	sub := s.subscribe(t)
	s.wait(t, 30*aDay)
	s.wait(t, 30*aDay) // to 1 April: over 28 February and 31 March, both at noon
	kept := map[string]bool{
		"invoice.upcoming": true, "invoice.created": true, "invoice.finalized": true, "charge.succeeded": true, "invoice.payment_succeeded": true,
	}
	var got []string
	for event, err := range s.sc.V1Events.List(t.Context(), &stripe.EventListParams{}).All(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if kept[string(event.Type)] && event.Created > sub.Created {
			got = append(got, string(event.Type)+" "+time.Unix(event.Created, 0).UTC().Format("2 January 15:04"))
		}
		if (event.Type == "invoice.upcoming" || event.Type == "charge.succeeded") && event.Created > sub.Created && event.Request != nil && event.Request.ID != "" {
			t.Errorf("%s of the renewal names the request %s", event.Type, event.Request.ID)
		}
	}
	slices.Reverse(got)
	var want []string
	for _, days := range [][2]string{{"21 February", "28 February"}, {"24 March", "31 March"}} {
		want = append(want, "invoice.upcoming "+days[0]+" 12:00", "invoice.created "+days[1]+" 12:00", "invoice.finalized "+days[1]+" 13:00",
			"charge.succeeded "+days[1]+" 13:00", "invoice.payment_succeeded "+days[1]+" 13:00")
	}
	if !slices.Equal(got, want) {
		t.Errorf("\n got %s\nwant %s", strings.Join(got, "\n     "), strings.Join(want, "\n     "))
	}
	s.wantBills(t, "two renewals", firstBill, nextBill, nextBill)
}

// Rows: C15.
func TestThePreviewOfTheNextInvoiceIsWhatTheRenewalThenBills(t *testing.T) {
	t.Parallel()
	s := openClockShop(t, time.April, 1)
	sub := s.subscribe(t)
	s.wait(t, 10*aDay)
	s.owes(t, 700, "Help with the move", sub.ID)
	s.owes(t, 50, "Postage", "")
	next, err := s.sc.V1Invoices.CreatePreview(t.Context(), &stripe.InvoiceCreatePreviewParams{Subscription: stripe.String(sub.ID)})
	if err != nil {
		t.Fatal(err)
	}
	const want = "50 Postage, 700 Help with the move, 2000 1 × Premium (at $20.00 / month), subtotal 2750, total 2750, balance 0, due 2750"
	if got := owed(next); got != want || next.Status != stripe.InvoiceStatusDraft || next.BillingReason != "upcoming" || next.PeriodEnd != sub.Items.Data[0].CurrentPeriodEnd {
		t.Errorf("shown: %s (%s, %s, until %d)", got, next.Status, next.BillingReason, next.PeriodEnd)
	}
	s.wantBills(t, "being shown it has made nothing", firstBill)
	s.wait(t, 20*aDay+time.Hour)
	if got := owed(s.newest(t, sub.ID)); got != want {
		t.Errorf("billed: %s", got)
	}
}
