package emulator_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/emulator"
)

// shop is a catalogue with one monthly price, and a customer with a card.
type shop struct {
	*emulator.Server
	sc       *stripe.Client
	product  *stripe.Product
	price    *stripe.Price
	customer *stripe.Customer
	card     *stripe.PaymentMethod
}

// openShop sets a shop up on the test clock, or outside of all clocks for "".
func openShop(t *testing.T, s *emulator.Server, clock string) *shop {
	t.Helper()
	sc, ctx := s.Client(), t.Context()
	shop := &shop{Server: s, sc: sc}
	var err error
	if shop.product, err = sc.V1Products.Create(ctx, &stripe.ProductCreateParams{Name: stripe.String("Premium")}); err != nil {
		t.Fatal(err)
	}
	shop.price, err = sc.V1Prices.Create(ctx, &stripe.PriceCreateParams{
		Product: stripe.String(shop.product.ID), Currency: stripe.String("usd"), UnitAmount: stripe.Int64(2000),
		Recurring: &stripe.PriceCreateRecurringParams{Interval: stripe.String("month")},
	})
	if err != nil {
		t.Fatal(err)
	}
	customer := &stripe.CustomerCreateParams{
		Email: stripe.String("ada@example.com"), PaymentMethod: stripe.String("pm_card_visa"),
		InvoiceSettings: &stripe.CustomerCreateInvoiceSettingsParams{DefaultPaymentMethod: stripe.String("pm_card_visa")},
	}
	customer.AddExpand("invoice_settings.default_payment_method")
	if clock != "" {
		customer.TestClock = stripe.String(clock)
	}
	if shop.customer, err = sc.V1Customers.Create(ctx, customer); err != nil {
		t.Fatal(err)
	}
	shop.card = shop.customer.InvoiceSettings.DefaultPaymentMethod
	return shop
}

func (s *shop) subscribe(t *testing.T) *stripe.Subscription {
	t.Helper()
	params := &stripe.SubscriptionCreateParams{
		Customer: stripe.String(s.customer.ID), Items: []*stripe.SubscriptionCreateItemParams{{Price: stripe.String(s.price.ID)}},
	}
	params.AddExpand("latest_invoice.payments.data.payment.payment_intent")
	params.AddExpand("items.data.price.product")
	sub, err := s.sc.V1Subscriptions.Create(t.Context(), params)
	if err != nil {
		t.Fatal(err)
	}
	return sub
}

// Rows: B2 C3 C18 A6.
// Features: 108.
func TestSubscribingChargesTheCardAtOnce(t *testing.T) {
	t.Parallel()
	shop := openShop(t, start(t), "")
	if shop.card.Card.Last4 != "4242" {
		t.Fatalf("the default card is %+v", shop.card)
	}
	sub := shop.subscribe(t)
	if sub.Status != stripe.SubscriptionStatusActive || sub.DefaultPaymentMethod != nil {
		t.Errorf("got %s with default %v, want active without one of its own", sub.Status, sub.DefaultPaymentMethod)
	}
	item := sub.Items.Data[0]
	if item.Price.Product.Name != "Premium" {
		t.Errorf("items.data.price.product did not expand: %+v", item.Price.Product)
	}
	inv := sub.LatestInvoice
	if inv.Status != stripe.InvoiceStatusPaid || inv.AmountPaid != 2000 || inv.Number == "" {
		t.Errorf("got invoice %s %d %q, want paid 2000 with a number", inv.Status, inv.AmountPaid, inv.Number)
	}
	intent := inv.Payments.Data[0].Payment.PaymentIntent
	if intent.Status != stripe.PaymentIntentStatusSucceeded || intent.Amount != 2000 {
		t.Errorf("got intent %s over %d", intent.Status, intent.Amount)
	}
	lines := 0
	for line, err := range shop.sc.V1Invoices.ListLines(t.Context(), &stripe.InvoiceListLinesParams{Invoice: stripe.String(inv.ID)}).All(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		lines++
		if line.Description != "1 × Premium (at $20.00 / month)" {
			t.Errorf("got line %q", line.Description)
		}
	}
	if lines != 1 {
		t.Errorf("got %d lines, want 1", lines)
	}
}

// Rows: C19 A7 A8.
// Features: 109.
func TestATestClockRenews(t *testing.T) {
	t.Parallel()
	server := start(t)
	sc, ctx := server.Client(), t.Context()
	from := time.Date(2026, time.January, 31, 12, 0, 0, 0, time.UTC)
	clock, err := sc.V1TestHelpersTestClocks.Create(ctx, &stripe.TestHelpersTestClockCreateParams{FrozenTime: stripe.Int64(from.Unix())})
	if err != nil {
		t.Fatal(err)
	}
	shop := openShop(t, server, clock.ID)
	sub := shop.subscribe(t)
	end := time.Date(2026, time.February, 28, 12, 0, 0, 0, time.UTC)
	if got := sub.Items.Data[0].CurrentPeriodEnd; got != end.Unix() {
		t.Errorf("the period ends %v, want %v", time.Unix(got, 0).UTC(), end)
	}
	advanced, err := sc.V1TestHelpersTestClocks.Advance(ctx, clock.ID, &stripe.TestHelpersTestClockAdvanceParams{
		FrozenTime: stripe.Int64(end.Add(2 * time.Hour).Unix()),
	})
	if err != nil || advanced.Status != stripe.TestHelpersTestClockStatusAdvancing {
		t.Fatalf("advance answered %v, %v; want advancing", advanced, err)
	}
	for advanced.Status != stripe.TestHelpersTestClockStatusReady {
		if advanced, err = sc.V1TestHelpersTestClocks.Retrieve(ctx, clock.ID, nil); err != nil {
			t.Fatal(err)
		}
	}
	var reasons []string
	params := &stripe.InvoiceListParams{Subscription: stripe.String(sub.ID)}
	for inv, err := range sc.V1Invoices.List(ctx, params).All(ctx) {
		if err != nil {
			t.Fatal(err)
		}
		reasons = append(reasons, string(inv.BillingReason)+" "+string(inv.Status))
	}
	if want := []string{"subscription_cycle paid", "subscription_create paid"}; !slices.Equal(reasons, want) {
		t.Errorf("got invoices %v, want %v", reasons, want)
	}
	var types []string
	for event, err := range sc.V1Events.List(ctx, &stripe.EventListParams{}).All(ctx) {
		if err != nil {
			t.Fatal(err)
		}
		types = append(types, string(event.Type))
	}
	for _, want := range []stripe.EventType{stripe.EventTypeInvoiceUpcoming, stripe.EventTypeInvoicePaid, stripe.EventTypeTestHelpersTestClockReady} {
		if !slices.Contains(types, string(want)) {
			t.Errorf("no %s among %v", want, types)
		}
	}
}

// Rows: C21.
func TestAPreviewIsWhatTheUpdateThenBills(t *testing.T) {
	t.Parallel()
	shop := openShop(t, start(t), "")
	ctx := t.Context()
	sub := shop.subscribe(t)
	pro, err := shop.sc.V1Prices.Create(ctx, &stripe.PriceCreateParams{
		Product: stripe.String(shop.product.ID), Currency: stripe.String("usd"), UnitAmount: stripe.Int64(5000),
		Recurring: &stripe.PriceCreateRecurringParams{Interval: stripe.String("month")},
	})
	if err != nil {
		t.Fatal(err)
	}
	shop.MoveTime(10 * 24 * time.Hour)
	at := shop.Now().Unix()
	preview, err := shop.sc.V1Invoices.CreatePreview(ctx, &stripe.InvoiceCreatePreviewParams{
		Subscription: stripe.String(sub.ID),
		SubscriptionDetails: &stripe.InvoiceCreatePreviewSubscriptionDetailsParams{
			Items:             []*stripe.InvoiceCreatePreviewSubscriptionDetailsItemParams{{ID: stripe.String(sub.Items.Data[0].ID), Price: stripe.String(pro.ID)}},
			ProrationBehavior: stripe.String("always_invoice"), ProrationDate: stripe.Int64(at),
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	params := &stripe.SubscriptionUpdateParams{
		Items:             []*stripe.SubscriptionUpdateItemParams{{ID: stripe.String(sub.Items.Data[0].ID), Price: stripe.String(pro.ID)}},
		ProrationBehavior: stripe.String("always_invoice"), ProrationDate: stripe.Int64(at),
	}
	params.AddExpand("latest_invoice")
	changed, err := shop.sc.V1Subscriptions.Update(ctx, sub.ID, params)
	if err != nil {
		t.Fatal(err)
	}
	if got := changed.LatestInvoice; got.Total != preview.Total || got.Status != stripe.InvoiceStatusPaid || got.Total <= 0 {
		t.Errorf("billed %d (%s), previewed %d", got.Total, got.Status, preview.Total)
	}
}

// Rows: C5 C4 C2.
func TestPlansAndPricesAreOneRecord(t *testing.T) {
	t.Parallel()
	shop := openShop(t, start(t), "")
	ctx := t.Context()
	plan, err := shop.sc.V1Plans.Retrieve(ctx, shop.price.ID, nil)
	if err != nil || plan.Amount != 2000 || plan.Interval != stripe.PlanIntervalMonth {
		t.Errorf("the price as a plan: %+v, %v", plan, err)
	}
	gold, err := shop.sc.V1Plans.Create(ctx, &stripe.PlanCreateParams{
		ID: stripe.String("gold"), Amount: stripe.Int64(900), Currency: stripe.String("usd"), Interval: stripe.String("year"),
		Product: &stripe.PlanCreateProductParams{Name: stripe.String("Gold")},
	})
	if err != nil {
		t.Fatal(err)
	}
	price, err := shop.sc.V1Prices.Retrieve(ctx, gold.ID, nil)
	if err != nil || price.UnitAmount != 900 || price.Recurring.Interval != stripe.PriceRecurringIntervalYear {
		t.Errorf("the plan as a price: %+v, %v", price, err)
	}
	if _, err := shop.sc.V1Products.Delete(ctx, shop.product.ID, nil); err == nil {
		t.Error("a product with a price was deleted")
	}
	tiered := &stripe.PriceCreateParams{
		Product: stripe.String(shop.product.ID), Currency: stripe.String("usd"), BillingScheme: stripe.String("tiered"), TiersMode: stripe.String("graduated"),
		Recurring: &stripe.PriceCreateRecurringParams{Interval: stripe.String("month")},
		Tiers: []*stripe.PriceCreateTierParams{
			{UpTo: stripe.Int64(10), UnitAmount: stripe.Int64(200)}, {UpToInf: stripe.Bool(true), UnitAmount: stripe.Int64(100)},
		},
	}
	tiered.AddExpand("tiers")
	made, err := shop.sc.V1Prices.Create(ctx, tiered)
	if err != nil {
		t.Fatal(err)
	}
	if len(made.Tiers) != 2 || made.Tiers[1].UpTo != 0 || made.Tiers[1].UnitAmount != 100 {
		t.Errorf("got tiers %+v", made.Tiers)
	}
}
