package emulator_test

import (
	"net/url"
	"testing"

	"github.com/stripe/stripe-go/v86"
)

// Stripe's documentation of invoice_creation: "Generate a post-purchase Invoice for one-time payments."
func TestAPaymentThroughCheckoutHasAnInvoiceWhereItAskedForOne(t *testing.T) {
	t.Parallel()
	shop := openShop(t, start(t), "")
	ctx := t.Context()
	price, err := shop.sc.V1Prices.Create(ctx, &stripe.PriceCreateParams{Product: &shop.price.Product.ID, Currency: stripe.String("usd"), UnitAmount: stripe.Int64(4900)})
	if err != nil {
		t.Fatal(err)
	}
	params := &stripe.CheckoutSessionCreateParams{
		Mode: stripe.String("payment"), SuccessURL: stripe.String("https://app.example/done"),
		LineItems:       []*stripe.CheckoutSessionCreateLineItemParams{{Price: &price.ID, Quantity: stripe.Int64(2)}},
		InvoiceCreation: &stripe.CheckoutSessionCreateInvoiceCreationParams{Enabled: stripe.Bool(true)},
	}
	session, err := shop.sc.V1CheckoutSessions.Create(ctx, params)
	if err != nil || !session.InvoiceCreation.Enabled || session.Invoice != nil {
		t.Fatalf("opened: %+v, %v", session, err)
	}
	if status, _ := press(t, session.URL, paying(url.Values{"email": {"guest@example.com"}})); status >= 400 {
		t.Fatalf("paying answered %d", status)
	}
	if session, err = shop.sc.V1CheckoutSessions.Retrieve(ctx, session.ID, nil); err != nil || session.Invoice == nil || session.Customer == nil {
		t.Fatalf("paid: %+v, %v; want an invoice of a customer that was made for it", session, err)
	}
	of := shop.sc.V1CheckoutSessions.List(ctx, &stripe.CheckoutSessionListParams{Customer: &session.Customer.ID})
	found := 0
	for listed, err := range of.All(ctx) {
		if found++; err != nil || listed.ID != session.ID {
			t.Errorf("of its customer: %+v, %v", listed, err)
		}
	}
	if found != 1 {
		t.Errorf("%d sessions are found by the customer that the payment made, want 1", found)
	}
	read := &stripe.InvoiceRetrieveParams{}
	read.AddExpand("payments")
	invoice, err := shop.sc.V1Invoices.Retrieve(ctx, session.Invoice.ID, read)
	if err != nil {
		t.Fatal(err)
	}
	if invoice.Status != "paid" || invoice.AmountPaid != 9800 || invoice.BillingReason != "manual" || invoice.Lines.Data[0].Pricing.PriceDetails.Price.ID != price.ID ||
		invoice.Payments.Data[0].Status != "paid" || invoice.Payments.Data[0].Payment.PaymentIntent.ID != session.PaymentIntent.ID {
		t.Errorf("the invoice is %+v", invoice)
	}
	note, err := shop.sc.V1CreditNotes.Create(ctx, &stripe.CreditNoteCreateParams{Invoice: &invoice.ID, Amount: stripe.Int64(9800), RefundAmount: stripe.Int64(9800)})
	if err != nil || len(note.Refunds) != 1 {
		t.Errorf("giving it back: %+v, %v", note, err)
	}
	for name, change := range map[string]func(){
		"of a subscription": func() { params.Mode, params.LineItems[0].Price = stripe.String("subscription"), &shop.price.ID },
		"with a capture by hand": func() {
			params.Mode, params.LineItems[0].Price = stripe.String("payment"), &price.ID
			params.PaymentIntentData = &stripe.CheckoutSessionCreatePaymentIntentDataParams{CaptureMethod: stripe.String("manual")}
		},
	} {
		change()
		if _, err := shop.sc.V1CheckoutSessions.Create(ctx, params); err == nil {
			t.Errorf("an invoice %s was taken", name)
		}
		params.PaymentIntentData = nil
	}
}
