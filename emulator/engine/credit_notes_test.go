package engine

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

// checkNotes looks for what must hold of the credit notes of an invoice.
func checkNotes(w *World, inv *Invoice) error {
	pre, post, total := int64(0), int64(0), int64(0)
	for _, n := range w.tables.creditNotes.all("invoice", inv.ID) {
		if err := noteAdds(w, n); err != nil {
			return fmt.Errorf("credit note %s: %w", n.Number, err)
		}
		if n.Status == CreditNoteIssued {
			pre, post, total = pre+n.PrePayment, post+n.PostPayment, total+n.Total
		}
	}
	switch {
	case pre != inv.PreCredited || post != inv.PostCredited:
		return fmt.Errorf("its notes come to %d and %d, it says %d and %d", pre, post, inv.PreCredited, inv.PostCredited)
	case total > 0 && total > inv.Total:
		return fmt.Errorf("credited %d of %d", total, inv.Total)
	}
	for _, line := range inv.Lines {
		left := map[string]int64{}
		for _, off := range line.DiscountAmounts {
			left[off.Discount] += off.Amount
		}
		amount := line.Amount
		for _, n := range w.tables.creditNotes.all("invoice", inv.ID) {
			for _, l := range n.Lines {
				if l.InvoiceLine != line.ID || n.Status != CreditNoteIssued {
					continue
				}
				amount -= l.Amount
				for _, off := range l.Discounts {
					left[off.Discount] -= off.Amount
				}
			}
		}
		if amount < 0 && line.Amount >= 0 {
			return fmt.Errorf("%d too much of the line %q was credited", -amount, line.Description)
		}
		for id, rest := range left {
			if rest < 0 || amount == 0 && rest != 0 {
				return fmt.Errorf("the line %q has %d left, and its discount %s %d", line.Description, amount, id, rest)
			}
		}
	}
	return nil
}

// noteAdds says whether the amounts of a credit note agree with one another.
func noteAdds(w *World, n *CreditNote) error {
	sum, given := int64(0), int64(0)
	for _, l := range n.Lines {
		sum += l.credits()
	}
	if n.Total-n.TotalExcludingTax != n.allTax() {
		return fmt.Errorf("total %d, %d without tax, tax %d", n.Total, n.TotalExcludingTax, n.allTax())
	}
	for _, r := range n.Refunds {
		given += r.Amount
	}
	if n.OutOfBand != nil {
		given += *n.OutOfBand
	}
	if moved, ok := Get[CustomerBalanceTransaction](w, n.BalanceTransaction); ok {
		if given -= moved.Amount; moved.CreditNote != n.ID {
			return fmt.Errorf("its movement is that of %s", moved.CreditNote)
		}
	}
	if sum != n.Total || n.PrePayment+n.PostPayment != n.Total || given != n.PostPayment {
		return fmt.Errorf("lines %d, total %d, pre %d, post %d, given back %d", sum, n.Total, n.PrePayment, n.PostPayment, given)
	}
	return nil
}

// billed makes a finalized invoice of items of the given amounts.
func (s *shop) billed(customer string, amounts ...int64) *Invoice {
	s.Helper()
	draft := s.do(CreateInvoice{Customer: Some(customer)}).(*Invoice)
	for i, amount := range amounts {
		s.do(CreateInvoiceItem{Customer: Some(customer), Invoice: Some(draft.ID), Amount: Some(amount), Description: Some(fmt.Sprint("item ", i))})
	}
	return s.do(FinalizeInvoice{ID: draft.ID}).(*Invoice)
}

// credit makes a credit note.
func (s *shop) credit(invoice string, change func(*CreateCreditNote)) *CreditNote {
	s.Helper()
	c := CreateCreditNote{CreditNoteParams{Invoice: Some(invoice)}}
	change(&c)
	return s.do(c).(*CreditNote)
}

func TestACreditNoteOfAnOpenInvoiceLowersWhatIsDue(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	inv := s.billed(s.customer("pm_card_visa"), 1000, 500)
	s.events()
	note := s.credit(inv.ID, func(c *CreateCreditNote) { c.Amount = Some[int64](400) })
	if note.Number != inv.Number+"-CN-01" || note.Type() != CreditNotePrePayment || note.PrePayment != 400 || note.PostPayment != 0 {
		t.Errorf("got %+v", note)
	}
	s.wantEvents("a note on an open invoice", "credit_note.created invoice.updated")
	after := s.invoice(inv.ID)
	if after.AmountDue != 1100 || after.AmountRemaining != 1100 || after.Total != 1500 || after.PreCredited != 400 {
		t.Errorf("due %d, remaining %d, total %d, credited %d", after.AmountDue, after.AmountRemaining, after.Total, after.PreCredited)
	}
	if pi := get[PaymentIntent](s, inv.PaymentIntent); pi.Amount != 1100 {
		t.Errorf("the payment asks for %d, want 1100", pi.Amount)
	}
	s.do(VoidCreditNote{ID: note.ID})
	s.wantEvents("a note is voided", "credit_note.voided invoice.updated")
	if after = s.invoice(inv.ID); after.AmountDue != 1500 || after.PreCredited != 0 {
		t.Errorf("after the void due %d, credited %d", after.AmountDue, after.PreCredited)
	}
	second := s.credit(inv.ID, func(c *CreateCreditNote) { c.Amount = Some[int64](1500) })
	if second.Number != inv.Number+"-CN-02" {
		t.Errorf("got number %s", second.Number)
	}
	if after = s.invoice(inv.ID); after.Status != InvoicePaid || after.AmountPaid != 0 || after.AmountDue != 0 {
		t.Errorf("wholly credited, the invoice is %s, paid %d of %d", after.Status, after.AmountPaid, after.AmountDue)
	}
	if pi := get[PaymentIntent](s, inv.PaymentIntent); pi.Status != IntentCanceled {
		t.Errorf("its payment is %s", pi.Status)
	}
	s.wantEvents("an invoice is paid by a note",
		"credit_note.created invoice.updated invoice.paid payment_intent.canceled")
	if e := s.refuse(VoidCreditNote{ID: second.ID}); e.Status != 400 {
		t.Errorf("got %v", e)
	}
}

func TestACreditNoteOfAPaidInvoiceGivesBackWhatWasPaid(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	customer := s.customer("pm_card_visa")
	inv := s.billed(customer, 2000)
	s.do(PayInvoice{ID: inv.ID})
	s.events()
	note := s.credit(inv.ID, func(c *CreateCreditNote) {
		c.Amount, c.RefundAmount, c.CreditAmount, c.OutOfBandAmount = Some[int64](900), Some[int64](500), Some[int64](300), Some[int64](100)
		c.Reason, c.Memo = Some("order_change"), Some("Sorry")
	})
	s.wantEvents("a note on a paid invoice", `refund.created charge.refunded refund.updated charge.refund.updated customer.updated
		credit_note.created invoice.updated`)
	if note.Type() != CreditNotePostPayment || len(note.Refunds) != 1 || note.Refunds[0].Amount != 500 || *note.OutOfBand != 100 {
		t.Errorf("got %+v", note)
	}
	if got := get[Customer](s, customer).Balance; got != -300 {
		t.Errorf("balance %d, want -300", got)
	}
	moved := get[CustomerBalanceTransaction](s, note.BalanceTransaction)
	if moved.Type != "credit_note" || moved.CreditNote != note.ID || moved.Amount != -300 {
		t.Errorf("got movement %+v", moved)
	}
	after := s.invoice(inv.ID)
	if after.PostCredited != 900 || after.AmountPaid != 2000 || after.AmountDue != 2000 {
		t.Errorf("got %+v", after)
	}
	refund := s.do(CreateRefund{PaymentIntent: Some(inv.PaymentIntent), Amount: Some[int64](600)}).(*Refund)
	if e := s.refuse(CreateCreditNote{CreditNoteParams{Invoice: Some(inv.ID), Amount: Some[int64](501), CreditAmount: Some[int64](501)}}); e.Param != "amount" {
		t.Errorf("credited what was refunded: %v", e)
	}
	linked := s.credit(inv.ID, func(c *CreateCreditNote) {
		c.Amount, c.CreditAmount = Some[int64](1100), Some[int64](500)
		c.Refunds = Some([]CreditNoteRefundParams{{Refund: Some(refund.ID)}})
	})
	if linked.Refunds[0] != (CreditNoteRefund{refund.ID, 600}) || s.invoice(inv.ID).PostCredited != 2000 {
		t.Errorf("got %+v", linked)
	}
	if e := s.refuse(VoidCreditNote{ID: linked.ID}); e.Status != 400 {
		t.Errorf("got %v", e)
	}
	updated := s.do(UpdateCreditNote{ID: linked.ID, Memo: Some("Thanks")}).(*CreditNote)
	if updated.Memo != "Thanks" {
		t.Errorf("got memo %q", updated.Memo)
	}
}

func TestBadCreditNotesAreRefusedWithoutATrace(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	customer := s.customer("pm_card_visa")
	inv := s.billed(customer, 1000)
	paid := s.billed(customer, 1000)
	s.do(PayInvoice{ID: paid.ID})
	draft := s.do(CreateInvoice{Customer: Some(customer)}).(*Invoice)
	line := inv.Lines[0].ID
	lines := func(p CreditNoteLineParams) func(*CreditNoteParams) {
		return func(c *CreditNoteParams) { c.Lines = Some([]CreditNoteLineParams{p}) }
	}
	for _, tc := range []struct {
		name    string
		invoice string
		param   string
		change  func(*CreditNoteParams)
	}{
		{"nothing credited", inv.ID, "", func(*CreditNoteParams) {}},
		{"an unknown invoice", "in_nope", "invoice", func(c *CreditNoteParams) { c.Amount = Some[int64](1) }},
		{"a draft", draft.ID, "invoice", func(c *CreditNoteParams) { c.Amount = Some[int64](1) }},
		{"nothing at all", inv.ID, "amount", func(c *CreditNoteParams) { c.Amount = Some[int64](0) }},
		{"more than the invoice", inv.ID, "amount", func(c *CreditNoteParams) { c.Amount = Some[int64](1001) }},
		{"a refund of what was not paid", inv.ID, "", func(c *CreditNoteParams) { c.Amount, c.RefundAmount = Some[int64](10), Some[int64](10) }},
		{"a paid amount that goes nowhere", paid.ID, "", func(c *CreditNoteParams) { c.Amount = Some[int64](10) }},
		{"a reason of one's own", inv.ID, "reason", func(c *CreditNoteParams) { c.Amount, c.Reason = Some[int64](10), Some("whim") }},
		{"another mail", inv.ID, "email_type", func(c *CreditNoteParams) { c.Amount, c.EmailType = Some[int64](10), Some("all") }},
		{"negative credit", paid.ID, "credit_amount", func(c *CreditNoteParams) { c.Amount, c.CreditAmount = Some[int64](10), Some[int64](-10) }},
		{"an unknown refund", paid.ID, "refunds[0][refund]", func(c *CreditNoteParams) {
			c.Amount, c.Refunds = Some[int64](10), Some([]CreditNoteRefundParams{{Refund: Some("re_nope")}})
		}},
		{"a line of no type", inv.ID, "lines[0][type]", lines(CreditNoteLineParams{})},
		{"an unknown line", inv.ID, "lines[0][invoice_line_item]", lines(CreditNoteLineParams{Type: CreditInvoiceLine, InvoiceLineItem: Some("il_nope"), Amount: Some[int64](1)})},
		{"a line without a part", inv.ID, "lines[0][quantity]", lines(CreditNoteLineParams{Type: CreditInvoiceLine, InvoiceLineItem: Some(line)})},
		{"more than the line", inv.ID, "lines[0]", lines(CreditNoteLineParams{Type: CreditInvoiceLine, InvoiceLineItem: Some(line), Amount: Some[int64](1001)})},
		{"more units than the line", inv.ID, "lines[0][quantity]", lines(CreditNoteLineParams{Type: CreditInvoiceLine, InvoiceLineItem: Some(line), Quantity: Some[int64](2)})},
		{"a custom line without a text", inv.ID, "lines[0][description]", lines(CreditNoteLineParams{Type: CreditCustomLine, UnitAmount: Some[int64](1)})},
		{"a custom line without a price", inv.ID, "lines[0][unit_amount]", lines(CreditNoteLineParams{Type: CreditCustomLine, Description: Some("x")})},
		{"a custom line below 0", inv.ID, "lines[0][unit_amount]", lines(CreditNoteLineParams{Type: CreditCustomLine, Description: Some("x"), UnitAmount: Some[int64](-1)})},
	} {
		before := s.Digest()
		params := CreditNoteParams{Invoice: Some(tc.invoice)}
		tc.change(&params)
		if e := s.refuse(CreateCreditNote{params}); e.Param != tc.param || e.Status != 400 {
			t.Errorf("%s: got param %q: %v, want %q", tc.name, e.Param, e, tc.param)
		}
		if s.Digest() != before {
			t.Errorf("%s: left something behind", tc.name)
		}
	}
}

// Notes are cut from the lines of a discounted invoice in random parts until nothing is left. What they credit adds up to the invoice, its
// discounts included, to the cent; a preview is what the note then is.
func TestCreditNotesAddUpToTheirInvoice(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		s := openShop(t)
		customer := s.customer("pm_card_visa")
		s.do(UpdateCustomer{ID: customer, CustomerParams: CustomerParams{TaxExempt: Some(rapid.SampledFrom([]string{exemptNone, "exempt"}).Draw(r, "exempt"))}})
		rates := rapid.SampledFrom([][]string{nil, {s.rate("19", false)}, {s.rate("7.7", true)}, {s.rate("7.7", true), s.rate("3.3333", false)}}).Draw(r, "rates")
		draft := s.do(CreateInvoice{Customer: Some(customer), InvoiceParams: InvoiceParams{
			Discounts: byCoupon(s.coupon("12.5", DurationForever), s.coupon("77c", DurationForever)), DefaultTaxRates: Some(rates),
		}}).(*Invoice)
		for range rapid.IntRange(1, 3).Draw(r, "lines") {
			s.do(CreateInvoiceItem{Customer: Some(customer), Invoice: Some(draft.ID), UnitAmountDecimal: Some(DecimalOf(rapid.Int64Range(1, 5000).Draw(r, "unit"))),
				Quantity: Some(rapid.Int64Range(1, 7).Draw(r, "quantity"))})
		}
		inv := s.do(FinalizeInvoice{ID: draft.ID}).(*Invoice)
		if rapid.Bool().Draw(r, "paid") && inv.Status == InvoiceOpen {
			inv = s.do(PayInvoice{ID: inv.ID}).(*Invoice)
		}
		byQuantity, all := rapid.Bool().Draw(r, "by quantity"), true
		for _, line := range inv.Lines {
			left := line.Amount
			if byQuantity {
				left = *line.Quantity
			}
			for left > 0 {
				part := rapid.Int64Range(max(1, left/3), left).Draw(r, "part")
				left -= part
				p := CreditNoteLineParams{Type: CreditInvoiceLine, InvoiceLineItem: Some(line.ID), Amount: Some(part)}
				if byQuantity {
					p.Amount, p.Quantity = Opt[int64]{}, Some(part)
				}
				all = s.creditPart(r, inv.ID, p) && all
			}
		}
		credited := int64(0)
		for _, n := range s.tables.creditNotes.all("invoice", inv.ID) {
			credited += n.Total
		}
		if credited > inv.Total || all && credited != inv.Total {
			r.Fatalf("credited %d of %d, everything: %v", credited, inv.Total, all)
		}
	})
}

// creditPart credits a part of a line, and says so, unless its discounts leave nothing of it. What was paid already goes to the balance.
func (s *shop) creditPart(r *rapid.T, invoice string, p CreditNoteLineParams) bool {
	params := CreditNoteParams{Invoice: Some(invoice), Lines: Some([]CreditNoteLineParams{p})}
	inv := s.invoice(invoice)
	tx, planned := s.begin(worldLine, s.now, Request{}), &CreditNote{Invoice: invoice}
	err := tx.creditLines(planned, inv, []CreditNoteLineParams{p})
	tx.rollback()
	if err != nil {
		if p.Quantity.Given() { // a unit that costs less than a cent
			return false
		}
		r.Fatal(err)
	}
	if planned.Total < 1 { // the discounts leave nothing of a part so small
		return false
	}
	if back := planned.Total - inv.AmountRemaining; back > 0 {
		params.CreditAmount = Some(back)
	}
	preview := s.do(PreviewCreditNote{params}).(*CreditNote)
	note := s.do(CreateCreditNote{params}).(*CreditNote)
	if preview.Total != note.Total || preview.PrePayment != note.PrePayment || preview.Number != note.Number {
		r.Fatalf("previewed %+v, made %+v", preview, note)
	}
	if note.Total != planned.Total || note.PrePayment != min(note.Total, inv.AmountRemaining) {
		r.Fatalf("%d of %d taken off %d", note.PrePayment, note.Total, inv.AmountRemaining)
	}
	return true
}
