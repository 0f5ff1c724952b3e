package engine

import "testing"

// A credited line gives its tax back with it: what was paid comes back to the cent.
func TestACreditNoteGivesTheTaxBack(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		percentage   string
		inclusive    bool
		total        int64 // of a note over the whole line of 100.00
		tax, without int64
	}{
		"exclusive": {"19", false, 11900, 1900, 10000},
		"inclusive": {"19", true, 10000, 1597, 8403},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openShop(t)
			customer := s.customer("pm_card_visa")
			draft := s.do(CreateInvoice{Customer: Some(customer), InvoiceParams: InvoiceParams{DefaultTaxRates: Some([]string{s.rate(tc.percentage, tc.inclusive)})}}).(*Invoice)
			s.do(CreateInvoiceItem{Customer: Some(customer), Invoice: Some(draft.ID), Amount: Some[int64](10000)})
			inv := s.do(PayInvoice{ID: draft.ID}).(*Invoice)
			if inv.AmountPaid != tc.total {
				t.Fatalf("paid %d, want %d", inv.AmountPaid, tc.total)
			}
			left := inv.AmountPaid
			for _, part := range []int64{3333, 6667} {
				lines := []CreditNoteLineParams{{Type: CreditInvoiceLine, InvoiceLineItem: Some(inv.Lines[0].ID), Amount: Some(part)}}
				back := s.notePlanned(inv, lines)
				n := s.credit(inv.ID, func(c *CreateCreditNote) { c.Lines, c.RefundAmount = Some(lines), Some(back) })
				left -= n.Total
				tc.tax -= n.allTax()
				tc.without -= n.TotalExcludingTax
				if n.Refunds[0].Amount != n.Total || n.Taxes[0].Inclusive != tc.inclusive {
					t.Errorf("refunded %+v, taxes %+v", n.Refunds, n.Taxes)
				}
			}
			if left != 0 || tc.tax != 0 || tc.without != 0 {
				t.Errorf("both notes together leave %d paid, %d of the tax and %d of the price", left, tc.tax, tc.without)
			}
		})
	}
}

// notePlanned is what a note over some lines comes to.
func (s *shop) notePlanned(inv *Invoice, lines []CreditNoteLineParams) int64 {
	s.Helper()
	tx, planned := s.begin(worldLine, s.now, Request{}), &CreditNote{Invoice: inv.ID}
	err := tx.creditLines(planned, inv, lines)
	tx.rollback()
	if err != nil {
		s.Fatal(err)
	}
	return planned.Total
}
