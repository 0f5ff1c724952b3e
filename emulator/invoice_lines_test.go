package emulator_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v86"
)

// clocked opens a shop on a test clock that stands at a time.
func clocked(t *testing.T, at time.Time) (*shop, string) {
	t.Helper()
	server := start(t)
	clock, err := server.Client().V1TestHelpersTestClocks.Create(t.Context(), &stripe.TestHelpersTestClockCreateParams{FrozenTime: stripe.Int64(at.Unix())})
	if err != nil {
		t.Fatal(err)
	}
	return openShop(t, server, clock.ID), clock.ID
}

// liveUntil advances a test clock and waits until it is ready.
func (s *shop) liveUntil(t *testing.T, clock string, at time.Time) {
	t.Helper()
	ctx := t.Context()
	c, err := s.sc.V1TestHelpersTestClocks.Advance(ctx, clock, &stripe.TestHelpersTestClockAdvanceParams{FrozenTime: stripe.Int64(at.Unix())})
	for err == nil && c.Status != stripe.TestHelpersTestClockStatusReady {
		c, err = s.sc.V1TestHelpersTestClocks.Retrieve(ctx, clock, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// Rows: C13.
func TestExtraLinesJoinTheDraftOfARenewalInItsHour(t *testing.T) {
	t.Parallel()
	from := time.Date(2026, time.March, 1, 9, 0, 0, 0, time.UTC)
	shop, clock := clocked(t, from)
	sc, ctx := shop.sc, t.Context()
	sub := shop.subscribe(t)
	renewal := from.AddDate(0, 1, 0)
	shop.liveUntil(t, clock, renewal)
	sub, err := sc.V1Subscriptions.Retrieve(ctx, sub.ID, nil)
	if err != nil {
		t.Fatal(err)
	}
	draft := sub.LatestInvoice.ID
	inv, err := sc.V1Invoices.AddLines(ctx, draft, &stripe.InvoiceAddLinesParams{
		InvoiceMetadata: map[string]string{"usage": "march"},
		Lines: []*stripe.InvoiceAddLinesLineParams{
			{Amount: stripe.Int64(350), Description: stripe.String("Storage")},
			{
				Quantity: stripe.Int64(3), PriceData: &stripe.InvoiceAddLinesLinePriceDataParams{
					Currency: stripe.String("usd"), UnitAmount: stripe.Int64(100), ProductData: &stripe.InvoiceAddLinesLinePriceDataProductDataParams{Name: stripe.String("Support hours")},
				},
			},
		},
	})
	if err != nil || inv.Status != stripe.InvoiceStatusDraft || inv.Total != 2650 || len(inv.Lines.Data) != 3 || inv.Metadata["usage"] != "march" {
		t.Fatalf("got %+v, %v", inv, err)
	}
	own, storage, hours := inv.Lines.Data[0], inv.Lines.Data[1], inv.Lines.Data[2]
	if own.Parent.Type != "subscription_item_details" || storage.Parent.Type != "invoice_item_details" {
		t.Errorf("the parents are %s and %s", own.Parent.Type, storage.Parent.Type)
	}
	line, err := sc.V1InvoiceLineItems.Update(ctx, hours.ID, &stripe.InvoiceLineItemUpdateParams{Invoice: &draft, Quantity: stripe.Int64(2)})
	if err != nil || line.Amount != 200 || line.Pricing.UnitAmountDecimal != 100 {
		t.Fatalf("got %+v, %v", line, err)
	}
	if item, err := sc.V1InvoiceItems.Retrieve(ctx, hours.Parent.InvoiceItemDetails.InvoiceItem, nil); err != nil || item.Quantity != 2 {
		t.Errorf("the item has %+v, %v", item, err)
	}
	inv, err = sc.V1Invoices.UpdateLines(ctx, draft, &stripe.InvoiceUpdateLinesParams{Lines: []*stripe.InvoiceUpdateLinesLineParams{
		{ID: &storage.ID, Amount: stripe.Int64(400)}, {ID: &own.ID, Description: stripe.String("Premium, April")},
	}})
	if err != nil || inv.Total != 2600 || inv.Lines.Data[0].Description != "Premium, April" {
		t.Fatalf("got %+v, %v", inv, err)
	}
	var refused *stripe.Error
	if _, err := sc.V1Invoices.RemoveLines(ctx, draft, &stripe.InvoiceRemoveLinesParams{Lines: []*stripe.InvoiceRemoveLinesLineParams{
		{ID: &own.ID, Behavior: stripe.String("delete")},
	}}); !errors.As(err, &refused) || refused.Param != "lines[0][id]" {
		t.Errorf("got %v, want a refusal of the subscription's line", err)
	}
	inv, err = sc.V1Invoices.RemoveLines(ctx, draft, &stripe.InvoiceRemoveLinesParams{Lines: []*stripe.InvoiceRemoveLinesLineParams{
		{ID: &hours.ID, Behavior: stripe.String("unassign")},
	}})
	if err != nil || inv.Total != 2400 {
		t.Fatalf("got %+v, %v", inv, err)
	}
	shop.liveUntil(t, clock, renewal.Add(time.Hour))
	if inv, err = sc.V1Invoices.Retrieve(ctx, draft, nil); err != nil || inv.Status != stripe.InvoiceStatusPaid || inv.AmountPaid != 2400 {
		t.Errorf("after its hour the invoice is %+v, %v", inv, err)
	}
	if _, err := sc.V1Invoices.AddLines(ctx, draft, &stripe.InvoiceAddLinesParams{Lines: []*stripe.InvoiceAddLinesLineParams{
		{Amount: stripe.Int64(1), Description: stripe.String("Too late")},
	}}); !errors.As(err, &refused) || refused.Code != stripe.ErrorCodeInvoiceNotEditable {
		t.Errorf("got %v, want invoice_not_editable", err)
	}
	shop.liveUntil(t, clock, renewal.AddDate(0, 1, 0).Add(2*time.Hour))
	if sub, err = sc.V1Subscriptions.Retrieve(ctx, sub.ID, &stripe.SubscriptionRetrieveParams{Expand: []*string{stripe.String("latest_invoice")}}); err != nil {
		t.Fatal(err)
	}
	if got := sub.LatestInvoice; got.AmountPaid != 2200 || got.Lines.Data[0].Description != "Support hours" {
		t.Errorf("the unassigned line was billed as %d with %q first", got.AmountPaid, got.Lines.Data[0].Description)
	}
}
