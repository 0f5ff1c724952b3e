package emulator_test

import (
	"testing"

	"github.com/stripe/stripe-go/v86"
)

func TestAQuoteIsOfferedRevisedAndAccepted(t *testing.T) {
	t.Parallel()
	server := start(t)
	shop := openShop(t, server, "")
	sc, ctx := shop.sc, t.Context()
	once, err := sc.V1Prices.Create(ctx, &stripe.PriceCreateParams{
		Product: stripe.String(shop.product.ID), Currency: stripe.String("usd"), UnitAmount: stripe.Int64(5000),
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sc.V1Coupons.Create(ctx, &stripe.CouponCreateParams{ID: stripe.String("TENTH"), PercentOff: stripe.Float64(10), Duration: stripe.String("once")}); err != nil {
		t.Fatal(err)
	}
	params := &stripe.QuoteCreateParams{
		Customer: stripe.String(shop.customer.ID), Description: stripe.String("Offer"),
		LineItems: []*stripe.QuoteCreateLineItemParams{
			{Price: stripe.String(shop.price.ID), Quantity: stripe.Int64(3)}, {Price: stripe.String(once.ID)},
		},
		Discounts: []*stripe.QuoteCreateDiscountParams{{Coupon: stripe.String("TENTH")}},
	}
	params.AddExpand("line_items")
	params.AddExpand("discounts.source.coupon")
	quote, err := sc.V1Quotes.Create(ctx, params)
	if err != nil {
		t.Fatal(err)
	}
	if quote.AmountSubtotal != 11000 || quote.AmountTotal != 9900 || quote.Computed.Recurring.AmountTotal != 6000 || len(quote.LineItems.Data) != 2 {
		t.Errorf("offers %d, %d; again and again %+v", quote.AmountSubtotal, quote.AmountTotal, quote.Computed.Recurring)
	}
	if quote.Discounts[0].Source.Coupon.PercentOff != 10 {
		t.Errorf("discounts %+v", quote.Discounts)
	}
	if quote, err = sc.V1Quotes.Update(ctx, quote.ID, &stripe.QuoteUpdateParams{Header: stripe.String("Hello")}); err != nil || quote.Header != "Hello" {
		t.Fatalf("%+v, %v", quote, err)
	}
	if quote, err = sc.V1Quotes.FinalizeQuote(ctx, quote.ID, nil); err != nil || quote.Status != stripe.QuoteStatusOpen || quote.Number == "" {
		t.Fatalf("%+v, %v", quote, err)
	}
	revision, err := sc.V1Quotes.Create(ctx, &stripe.QuoteCreateParams{FromQuote: &stripe.QuoteCreateFromQuoteParams{Quote: stripe.String(quote.ID), IsRevision: stripe.Bool(true)}})
	if err != nil {
		t.Fatal(err)
	}
	if revision, err = sc.V1Quotes.FinalizeQuote(ctx, revision.ID, nil); err != nil {
		t.Fatal(err)
	}
	if quote, err = sc.V1Quotes.Retrieve(ctx, quote.ID, nil); err != nil || quote.Status != stripe.QuoteStatusCanceled {
		t.Errorf("the revised quote is %s, %v", quote.Status, err)
	}
	accept := &stripe.QuoteAcceptParams{}
	accept.AddExpand("subscription.latest_invoice")
	if revision, err = sc.V1Quotes.Accept(ctx, revision.ID, accept); err != nil {
		t.Fatal(err)
	}
	if inv := revision.Subscription.LatestInvoice; inv.Total != 9900 || inv.Status != stripe.InvoiceStatusDraft || revision.Status != stripe.QuoteStatusAccepted {
		t.Errorf("accepted: %+v with %s over %d", revision, inv.Status, inv.Total)
	}
	upfront := 0
	for line, err := range sc.V1Quotes.ListComputedUpfrontLineItems(ctx, &stripe.QuoteListComputedUpfrontLineItemsParams{Quote: stripe.String(revision.ID)}).All(ctx) {
		if err != nil {
			t.Fatal(err)
		}
		upfront += int(line.AmountTotal)
	}
	for line, err := range sc.V1Quotes.ListLineItems(ctx, &stripe.QuoteListLineItemsParams{Quote: stripe.String(revision.ID)}).All(ctx) {
		if err != nil {
			t.Fatal(err)
		}
		upfront -= int(line.AmountTotal)
	}
	if upfront != 0 {
		t.Errorf("the lines due now differ by %d from all", upfront)
	}
	if _, err := sc.V1Quotes.Cancel(ctx, revision.ID, nil); err == nil {
		t.Error("an accepted quote was canceled")
	}
	draft, err := sc.V1Quotes.Create(ctx, &stripe.QuoteCreateParams{
		Customer: stripe.String(shop.customer.ID), LineItems: []*stripe.QuoteCreateLineItemParams{{Price: stripe.String(once.ID)}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sc.V1Quotes.FinalizeQuote(ctx, draft.ID, nil); err != nil {
		t.Fatal(err)
	}
	bought := &stripe.QuoteAcceptParams{}
	bought.AddExpand("invoice")
	if draft, err = sc.V1Quotes.Accept(ctx, draft.ID, bought); err != nil || draft.Invoice.Total != 5000 || draft.Invoice.BillingReason != "quote_accept" ||
		draft.Invoice.Parent.QuoteDetails.Quote != draft.ID {
		t.Errorf("an invoice of a quote: %+v, %v", draft, err)
	}
	found := 0
	for _, err := range sc.V1Quotes.List(ctx, &stripe.QuoteListParams{Status: stripe.String("accepted")}).All(ctx) {
		if err != nil {
			t.Fatal(err)
		}
		found++
	}
	if found != 2 {
		t.Errorf("listed %d accepted quotes, want 2", found)
	}
}
