package emulator_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v86"
)

// previewed is what the shop's customer is shown before a change of price.
func (s *shop) previewed(t *testing.T, sub *stripe.Subscription, price, behavior string) *stripe.Invoice {
	t.Helper()
	shown, err := s.sc.V1Invoices.CreatePreview(t.Context(), &stripe.InvoiceCreatePreviewParams{
		Subscription: stripe.String(sub.ID),
		SubscriptionDetails: &stripe.InvoiceCreatePreviewSubscriptionDetailsParams{
			Items:             []*stripe.InvoiceCreatePreviewSubscriptionDetailsItemParams{{ID: stripe.String(sub.Items.Data[0].ID), Price: stripe.String(price)}},
			ProrationBehavior: stripe.String(behavior),
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return shown
}

// switched changes the price for good, and answers the latest invoice.
func (s *shop) switched(t *testing.T, sub *stripe.Subscription, price, behavior string) *stripe.Invoice {
	t.Helper()
	params := &stripe.SubscriptionUpdateParams{
		Items:             []*stripe.SubscriptionUpdateItemParams{{ID: stripe.String(sub.Items.Data[0].ID), Price: stripe.String(price)}},
		ProrationBehavior: stripe.String(behavior),
	}
	params.AddExpand("latest_invoice")
	changed, err := s.sc.V1Subscriptions.Update(t.Context(), sub.ID, params)
	if err != nil {
		t.Fatal(err)
	}
	return changed.LatestInvoice
}

// owed is an invoice as its customer reads it.
func owed(inv *stripe.Invoice) string {
	text := ""
	for _, line := range inv.Lines.Data {
		text += fmt.Sprintf("%d %s, ", line.Amount, line.Description)
	}
	return text + fmt.Sprintf("subtotal %d, total %d, balance %d, due %d", inv.Subtotal, inv.Total, inv.StartingBalance, inv.AmountDue)
}

func (s *shop) balance(t *testing.T) int64 {
	t.Helper()
	customer, err := s.sc.V1Customers.Retrieve(t.Context(), s.customer.ID, nil)
	if err != nil {
		t.Fatal(err)
	}
	return customer.Balance
}

// April has thirty days, so on the 16th at the hour of the start exactly half of the period is over.
//
// Rows: C21.
func TestUpgradeAndDowngradeShowTheirProrationBefore(t *testing.T) {
	t.Parallel()
	s := openClockShop(t, time.April, 1)
	sub := s.subscribe(t)
	priced := func(amount int64) string {
		return s.priced(t, func(p *stripe.PriceCreateParams) { p.UnitAmount = stripe.Int64(amount) })
	}
	pro, basic := priced(5000), priced(1000)
	if _, err := s.sc.V1Customers.Update(t.Context(), s.customer.ID, &stripe.CustomerUpdateParams{Balance: stripe.Int64(-500)}); err != nil {
		t.Fatal(err)
	}
	s.wait(t, 15*aDay)
	const unused, remaining = "-1000 Unused time on Premium after 16 Apr 2026", "2500 Remaining time on Premium after 16 Apr 2026"
	same := func(what, got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("%s:\n got %s\nwant %s", what, got, want)
		}
	}

	same("an upgrade with the next invoice", owed(s.previewed(t, sub, pro, "create_prorations")),
		unused+", "+remaining+", 5000 1 × Premium (at $50.00 / month), subtotal 6500, total 6500, balance -500, due 6000")
	shown := owed(s.previewed(t, sub, pro, "always_invoice"))
	same("an upgrade at once", shown, unused+", "+remaining+", subtotal 1500, total 1500, balance -500, due 1000")
	if s.balance(t) != -500 {
		t.Errorf("being shown it has moved the balance to %d", s.balance(t))
	}
	billed := s.switched(t, sub, pro, "always_invoice")
	same("billed", owed(billed), shown)
	if billed.Status != stripe.InvoiceStatusPaid || billed.AmountPaid != 1000 || s.balance(t) != 0 {
		t.Errorf("the upgrade: %s %d, balance %d", billed.Status, billed.AmountPaid, s.balance(t))
	}

	s.wait(t, 7*aDay+12*time.Hour) // a quarter is left: 50.00 gives 12.50 back, 10.00 takes 2.50
	const less = "-1250 Unused time on Premium after 24 Apr 2026, 250 Remaining time on Premium after 24 Apr 2026, "
	shown = owed(s.previewed(t, sub, basic, "always_invoice"))
	same("a downgrade at once", shown, less+"subtotal -1000, total -1000, balance 0, due 0")
	same("a downgrade with the next invoice", owed(s.previewed(t, sub, basic, "create_prorations")),
		less+"1000 1 × Premium (at $10.00 / month), subtotal 0, total 0, balance 0, due 0")
	billed = s.switched(t, sub, basic, "always_invoice")
	same("given back", owed(billed), shown)
	if billed.Status != stripe.InvoiceStatusPaid || billed.AmountDue != 0 || billed.AmountPaid != 0 || s.balance(t) != -1000 {
		t.Errorf("the downgrade: %s, due %d, paid %d, balance %d", billed.Status, billed.AmountDue, billed.AmountPaid, s.balance(t))
	}
	if shown := owed(s.previewed(t, sub, basic, "none")); shown != "1000 1 × Premium (at $10.00 / month), subtotal 1000, total 1000, balance -1000, due 0" {
		t.Errorf("what comes next: %s", shown)
	}
	s.wait(t, 8*aDay)
	if next := s.newest(t, sub.ID); next.AmountDue != 0 || next.Status != stripe.InvoiceStatusPaid || s.balance(t) != 0 {
		t.Errorf("the renewal: %s, due %d, balance %d", next.Status, next.AmountDue, s.balance(t))
	}
}

// Rows: C22.
func TestTheFullNewPlanIsChargedByCancellingAndSubscribingAnew(t *testing.T) {
	t.Parallel()
	s := openClockShop(t, time.April, 1)
	old := s.subscribe(t)
	s.wait(t, 15*aDay)
	gone, err := s.sc.V1Subscriptions.Cancel(t.Context(), old.ID, nil)
	if err != nil || gone.Status != stripe.SubscriptionStatusCanceled || gone.EndedAt != s.at.Unix() {
		t.Fatalf("canceled: %+v, %v", gone, err)
	}
	s.price.ID = s.priced(t, func(p *stripe.PriceCreateParams) { p.UnitAmount = stripe.Int64(5000) })
	anew := s.subscribe(t)
	item := anew.Items.Data[0]
	if anew.Status != stripe.SubscriptionStatusActive || anew.BillingCycleAnchor != s.at.Unix() || item.CurrentPeriodStart != s.at.Unix() ||
		item.CurrentPeriodEnd != time.Date(2026, time.May, 16, 12, 0, 0, 0, time.UTC).Unix() {
		t.Errorf("subscribed anew: %s, anchor %d, period %d to %d", anew.Status, anew.BillingCycleAnchor, item.CurrentPeriodStart, item.CurrentPeriodEnd)
	}
	const full = " paid 5000: 5000 1 × Premium (at $50.00 / month)"
	s.wantBills(t, "charged in full, nothing given back", firstBill, "subscription_create"+full)
	if s.balance(t) != 0 {
		t.Errorf("the balance is %d", s.balance(t))
	}
	s.wait(t, 30*aDay+time.Hour)
	s.wantBills(t, "the renewal follows the new anchor", firstBill, "subscription_create"+full, "subscription_cycle"+full)
}
