package emulator_test

import (
	"net/url"
	"testing"

	"github.com/stripe/stripe-go/v86"
)

func TestAnInvoiceIsPaidInPartsThroughTheSDK(t *testing.T) {
	t.Parallel()
	shop := openShop(t, start(t), "")
	sc, ctx := shop.sc, t.Context()
	inv := shop.bill(t, 500)
	for _, amount := range []int64{400, 600} {
		pi, err := sc.V1PaymentIntents.Create(ctx, &stripe.PaymentIntentCreateParams{
			Amount: &amount, Currency: stripe.String("usd"), Customer: &shop.customer.ID, PaymentMethod: &shop.card.ID,
			PaymentMethodTypes: []*string{stripe.String("card")}, Confirm: stripe.Bool(true),
		})
		if err != nil {
			t.Fatal(err)
		}
		params := &stripe.InvoiceAttachPaymentParams{PaymentIntent: &pi.ID}
		params.AddExpand("payments")
		if inv, err = sc.V1Invoices.AttachPayment(ctx, inv.ID, params); err != nil {
			t.Fatal(err)
		}
	}
	if inv.Status != stripe.InvoiceStatusPaid || inv.AmountPaid != 1000 || inv.AmountRemaining != 0 || len(inv.Payments.Data) != 3 {
		t.Errorf("got %s, paid %d with %d payments", inv.Status, inv.AmountPaid, len(inv.Payments.Data))
	}
	canceled := 0
	for p, err := range sc.V1InvoicePayments.List(ctx, &stripe.InvoicePaymentListParams{Invoice: &inv.ID, Status: stripe.String("canceled")}).All(ctx) {
		if err != nil || !p.IsDefault {
			t.Errorf("got %+v, %v", p, err)
		}
		canceled++
	}
	if canceled != 1 {
		t.Errorf("%d payments were canceled, want the invoice's own", canceled)
	}
}

func TestInvoiceTemplatesAreTakenAndArchived(t *testing.T) {
	t.Parallel()
	server := start(t)
	shop := openShop(t, server, "")
	sc, ctx := shop.sc, t.Context()
	id := plain{t, server, ""}.must("POST", "/_emulator/api/invoice_rendering_templates", url.Values{"nickname": {"Blue"}})["id"].(string)
	template, err := sc.V1InvoiceRenderingTemplates.Retrieve(ctx, id, nil)
	if err != nil || template.Nickname != "Blue" || template.Status != "active" || template.Version != 1 {
		t.Fatalf("got %+v, %v", template, err)
	}
	rendering := &stripe.InvoiceCreateRenderingParams{Template: &id, PDF: &stripe.InvoiceCreateRenderingPDFParams{PageSize: stripe.String("a4")}}
	inv, err := sc.V1Invoices.Create(ctx, &stripe.InvoiceCreateParams{Customer: &shop.customer.ID, Rendering: rendering})
	if err != nil || inv.Rendering.Template != id || inv.Rendering.TemplateVersion != 1 || inv.Rendering.PDF.PageSize != "a4" {
		t.Fatalf("got %+v, %v", inv, err)
	}
	if template, err = sc.V1InvoiceRenderingTemplates.Archive(ctx, id, nil); err != nil || template.Status != "archived" {
		t.Errorf("got %+v, %v", template, err)
	}
	if _, err := sc.V1Invoices.Create(ctx, &stripe.InvoiceCreateParams{Customer: &shop.customer.ID, Rendering: rendering}); err == nil {
		t.Error("an archived template was taken")
	}
	for o, err := range sc.V1InvoiceRenderingTemplates.List(ctx, &stripe.InvoiceRenderingTemplateListParams{Status: stripe.String("archived")}).All(ctx) {
		if err != nil || o.ID != id {
			t.Errorf("listed %+v, %v", o, err)
		}
	}
	if template, err = sc.V1InvoiceRenderingTemplates.Unarchive(ctx, id, nil); err != nil || template.Status != "active" {
		t.Errorf("got %+v, %v", template, err)
	}
}
