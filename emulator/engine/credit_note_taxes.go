package engine

import "slices"

// The taxes of a credit note: a part of an invoice's line takes the same part of its taxes, its credits and of what an exempt payer was spared
// with it, cut as its discounts are. A line that stands for itself has none.

// cut is the part of a whole amount that goes with a part of a line: the notes of a line, however many, cut it into parts that add up to it.
type cut struct {
	done, upTo, of int64 // of the line: credited before, credited with this part, billed
}

func (c cut) part(whole int64) int64 { return share(whole, c.upTo, c.of) - share(whole, c.done, c.of) }

// follow gives a part of a line its part of everything that the invoice says of the line.
func (l *CreditNoteLine) follow(billed *InvoiceLine, c cut) {
	for _, off := range billed.DiscountAmounts {
		l.Discounts = append(l.Discounts, DiscountAmount{off.Discount, c.part(off.Amount)})
	}
	for _, credit := range billed.Credits {
		l.Credits = append(l.Credits, AppliedCredit{Amount: c.part(credit.Amount), Transaction: credit.Transaction})
	}
	for _, tax := range billed.Taxes {
		tax.Amount, tax.Taxable = c.part(tax.Amount), c.part(tax.Taxable)
		l.Taxes = append(l.Taxes, tax)
	}
	l.TakenOut = c.part(billed.TakenOut)
}

// credits is what a line comes to: after discounts and credits, with the taxes on top.
func (l *CreditNoteLine) credits() int64 {
	sum := l.net() - l.TakenOut
	for _, tax := range l.Taxes {
		if !tax.Inclusive {
			sum += tax.Amount
		}
	}
	return sum
}

// allTax is the tax inside the total of a credit note.
func (n *CreditNote) allTax() int64 {
	sum := int64(0)
	for _, tax := range n.Taxes {
		sum += tax.Amount
	}
	return sum
}

// sumNote adds the lines of a credit note up.
func (t *tx) sumNote(n *CreditNote, inv *Invoice) {
	var base []taxable
	for _, line := range n.Lines {
		n.Total += line.credits()
		own := line.Amount // before the discounts of the whole invoice
		for _, off := range line.Discounts {
			n.Discounts = addDiscount(n.Discounts, off)
			if !slices.Contains(inv.Discounts, off.Discount) {
				own -= off.Amount
			}
		}
		rates := make([]string, len(line.Taxes))
		for i, tax := range line.Taxes {
			n.Taxes = addTax(n.Taxes, tax)
			rates[i] = tax.Rate
		}
		n.Subtotal += own
		base = append(base, taxable{own, t.rates(rates)})
	}
	n.TotalExcludingTax = n.Total - n.allTax()
	for _, its := range t.levy(base) {
		n.SubtotalExcludingTax += its.taxable
	}
}
