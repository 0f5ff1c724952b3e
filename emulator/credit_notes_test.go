package emulator_test

import (
	"errors"
	"testing"

	"github.com/stripe/stripe-go/v86"
)

// bill makes a finalized invoice of one item for the shop's customer.
func (s *shop) bill(t *testing.T, amount int64) *stripe.Invoice {
	t.Helper()
	ctx := t.Context()
	draft, err := s.sc.V1Invoices.Create(ctx, &stripe.InvoiceCreateParams{Customer: &s.customer.ID})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.sc.V1InvoiceItems.Create(ctx, &stripe.InvoiceItemCreateParams{
		Customer: &s.customer.ID, Invoice: &draft.ID, UnitAmountDecimal: stripe.Float64(float64(amount)), Quantity: stripe.Int64(2), Description: stripe.String("Hours"),
	}); err != nil {
		t.Fatal(err)
	}
	inv, err := s.sc.V1Invoices.FinalizeInvoice(ctx, draft.ID, nil)
	if err != nil {
		t.Fatal(err)
	}
	return inv
}

func TestCreditNotesLiveAsOnStripe(t *testing.T) {
	t.Parallel()
	shop := openShop(t, start(t), "")
	sc, ctx := shop.sc, t.Context()
	inv := shop.bill(t, 500)
	line := inv.Lines.Data[0]
	preview, err := sc.V1CreditNotes.Preview(ctx, &stripe.CreditNotePreviewParams{
		Invoice: &inv.ID, Lines: []*stripe.CreditNotePreviewLineParams{{Type: stripe.String("invoice_line_item"), InvoiceLineItem: &line.ID, Quantity: stripe.Int64(1)}},
	})
	if err != nil || preview.Total != 500 || preview.PrePaymentAmount != 500 || preview.Type != stripe.CreditNoteTypePrePayment {
		t.Fatalf("previewed %+v, %v", preview, err)
	}
	shown := 0
	for l, err := range sc.V1CreditNotes.PreviewLines(ctx, &stripe.CreditNotePreviewLinesParams{
		Invoice: &inv.ID, Lines: []*stripe.CreditNotePreviewLinesLineParams{{Type: stripe.String("custom_line_item"), Description: stripe.String("Goodwill"), UnitAmount: stripe.Int64(30)}},
	}).All(ctx) {
		if err != nil || l.Amount != 30 || l.Description != "Goodwill" {
			t.Fatalf("previewed line %+v, %v", l, err)
		}
		shown++
	}
	note, err := sc.V1CreditNotes.Create(ctx, &stripe.CreditNoteCreateParams{
		Invoice: &inv.ID, Reason: stripe.String("order_change"), Memo: stripe.String("One hour less"),
		Lines: []*stripe.CreditNoteCreateLineParams{{Type: stripe.String("invoice_line_item"), InvoiceLineItem: &line.ID, Quantity: stripe.Int64(1)}},
	})
	if err != nil || shown != 1 || note.Number != inv.Number+"-CN-01" || note.Lines.Data[0].InvoiceLineItem != line.ID || note.Lines.Data[0].UnitAmount != 500 {
		t.Fatalf("made %+v, %v", note, err)
	}
	if got, err := sc.V1Invoices.Retrieve(ctx, inv.ID, nil); err != nil || got.AmountDue != 500 || got.PrePaymentCreditNotesAmount != 500 || got.Total != 1000 {
		t.Errorf("the invoice is %+v, %v", got, err)
	}
	if note, err = sc.V1CreditNotes.Update(ctx, note.ID, &stripe.CreditNoteUpdateParams{Metadata: map[string]string{"ticket": "7"}}); err != nil || note.Metadata["ticket"] != "7" {
		t.Errorf("updated %+v, %v", note, err)
	}
	if note, err = sc.V1CreditNotes.VoidCreditNote(ctx, note.ID, nil); err != nil || note.Status != stripe.CreditNoteStatusVoid || note.VoidedAt == 0 {
		t.Errorf("voided %+v, %v", note, err)
	}
	if _, err := sc.V1Invoices.Pay(ctx, inv.ID, nil); err != nil {
		t.Fatal(err)
	}
	params := &stripe.CreditNoteCreateParams{
		Invoice: &inv.ID, Amount: stripe.Int64(1000), RefundAmount: stripe.Int64(600), CreditAmount: stripe.Int64(300), OutOfBandAmount: stripe.Int64(100),
	}
	params.AddExpand("refunds.refund")
	params.AddExpand("customer_balance_transaction")
	params.AddExpand("invoice")
	back, err := sc.V1CreditNotes.Create(ctx, params)
	if err != nil {
		t.Fatal(err)
	}
	if back.Refunds[0].Refund.Amount != 600 || back.CustomerBalanceTransaction.Amount != -300 || back.OutOfBandAmount != 100 ||
		back.Invoice.PostPaymentCreditNotesAmount != 1000 || back.PostPaymentAmount != 1000 {
		t.Errorf("gave back %+v", back)
	}
	var notes []string
	for n, err := range sc.V1CreditNotes.List(ctx, &stripe.CreditNoteListParams{Invoice: &inv.ID}).All(ctx) {
		if err != nil {
			t.Fatal(err)
		}
		notes = append(notes, n.Number)
	}
	if len(notes) != 2 || notes[0] != inv.Number+"-CN-02" {
		t.Errorf("listed %v", notes)
	}
	for l, err := range sc.V1CreditNotes.ListLines(ctx, &stripe.CreditNoteListLinesParams{CreditNote: &back.ID}).All(ctx) {
		if err != nil || l.Amount != 1000 {
			t.Errorf("listed line %+v, %v", l, err)
		}
	}
	if again, err := sc.V1CreditNotes.Retrieve(ctx, back.ID, nil); err != nil || again.Total != 1000 {
		t.Errorf("retrieved %+v, %v", again, err)
	}
	var refused *stripe.Error
	if _, err := sc.V1CreditNotes.Create(ctx, &stripe.CreditNoteCreateParams{Invoice: &inv.ID, Amount: stripe.Int64(1)}); !errors.As(err, &refused) || refused.Param != "amount" {
		t.Errorf("got %v, want a refusal of the amount", err)
	}
}
