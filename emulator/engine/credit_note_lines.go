package engine

import "slices"

// The lines of a credit note: a part of an invoice's line takes the same part of its discounts, credits and taxes with it. Parts are cut so
// that the notes of a line, however many, add up to the line and all that belongs to it exactly.

// CreditNoteLineParams are one element of lines.
type CreditNoteLineParams struct {
	Amount            Opt[int64]             `form:"amount"`
	Description       Opt[string]            `form:"description"`
	InvoiceLineItem   Opt[string]            `form:"invoice_line_item"`
	Metadata          Opt[map[string]string] `form:"metadata"`
	Quantity          Opt[int64]             `form:"quantity"`
	Type              string                 `form:"type"`
	UnitAmount        Opt[int64]             `form:"unit_amount"`
	UnitAmountDecimal Opt[Decimal]           `form:"unit_amount_decimal"`
}

// creditLines makes the lines of a note and adds them up.
func (t *tx) creditLines(n *CreditNote, inv *Invoice, params []CreditNoteLineParams) error {
	for i, p := range params {
		var line *CreditNoteLine
		var err error
		param := element("lines", i)
		if err := oneOf(param+"[type]", p.Type, CreditCustomLine, CreditInvoiceLine); err != nil {
			return err
		}
		if p.Type == CreditInvoiceLine {
			line, err = t.creditInvoiceLine(n, inv, p, param)
		} else {
			line, err = p.custom(param)
		}
		if err != nil {
			return err
		}
		line.ID, line.Type, line.Metadata = t.long("cnli_"), p.Type, mergeMetadata(nil, p.Metadata)
		n.Lines = append(n.Lines, line)
	}
	t.sumNote(n, inv)
	return nil
}

// addDiscount adds what a discount took to a list by discount.
func addDiscount(list []DiscountAmount, off DiscountAmount) []DiscountAmount {
	for i := range list {
		if list[i].Discount == off.Discount {
			list[i].Amount += off.Amount
			return list
		}
	}
	return append(list, off)
}

// custom is a line that stands for itself.
func (p CreditNoteLineParams) custom(param string) (*CreditNoteLine, error) {
	if p.InvoiceLineItem.Given() {
		return nil, invalid(param+"[invoice_line_item]", "", "You can only pass `invoice_line_item` when the type is `invoice_line_item`.")
	}
	if p.Amount.Given() {
		return nil, invalid(param+"[amount]", "", "You can only pass `amount` when the type is `invoice_line_item`. Use `unit_amount` and `quantity` for a `custom_line_item`.")
	}
	if !p.Description.Given() {
		return nil, required(param + "[description]")
	}
	quantity := p.Quantity.Or(1)
	if err := checkQuantity(quantity, param+"[quantity]"); err != nil {
		return nil, err
	}
	unit, ok := p.UnitAmountDecimal.Get()
	if amount, whole := p.UnitAmount.Get(); whole {
		if ok {
			return nil, invalid("", "parameters_exclusive", "You may only specify one of these parameters: unit_amount, unit_amount_decimal.")
		}
		unit, ok = DecimalOf(amount), true
	}
	if !ok {
		return nil, required(param + "[unit_amount]")
	}
	if err := checkUnitAmount(unit, param+"[unit_amount]"); err != nil {
		return nil, err
	}
	if unit.Negative() {
		return nil, invalid(param+"[unit_amount]", "parameter_invalid_integer", "This value must be greater than or equal to 0.")
	}
	return &CreditNoteLine{Amount: unit.times(quantity), Description: p.Description.Or(""), Quantity: &quantity, UnitAmount: &unit}, nil
}

// creditInvoiceLine is a part of a line of the invoice, by its amount or by its quantity.
func (t *tx) creditInvoiceLine(n *CreditNote, inv *Invoice, p CreditNoteLineParams, param string) (*CreditNoteLine, error) {
	id, ok := p.InvoiceLineItem.Get()
	if !ok {
		return nil, required(param + "[invoice_line_item]")
	}
	at := slices.IndexFunc(inv.Lines, func(l *InvoiceLine) bool { return l.ID == id })
	if at < 0 {
		return nil, noSuchParam("invoice line item", id, param+"[invoice_line_item]")
	}
	if p.UnitAmount.Given() || p.UnitAmountDecimal.Given() {
		return nil, invalid(param+"[unit_amount]", "", "You can only pass `unit_amount` when the type is `custom_line_item`.")
	}
	billed := inv.Lines[at]
	done := t.creditedOf(n, billed)
	line := &CreditNoteLine{InvoiceLine: id, Description: p.Description.Or(billed.Description)}
	if err := line.take(billed, done, p, param); err != nil {
		return nil, err
	}
	if line.Amount < 1 || line.Amount > billed.Amount-done.amount {
		return nil, invalid(param, "", "The amount of a credit note line (%s) must be positive and no more than what is left to be credited of the invoice line item %s (%s).",
			money(inv.Currency, DecimalOf(line.Amount)), id, money(inv.Currency, DecimalOf(max(0, billed.Amount-done.amount))))
	}
	line.follow(billed, cut{done.amount, done.amount + line.Amount, billed.Amount})
	return line, nil
}

// take sets how much of an invoice's line is credited.
func (l *CreditNoteLine) take(billed *InvoiceLine, done creditedPart, p CreditNoteLineParams, param string) error {
	amount, byAmount := p.Amount.Get()
	quantity, byQuantity := p.Quantity.Get()
	switch {
	case byAmount && byQuantity:
		return invalid("", "parameters_exclusive", "You may only specify one of these parameters: amount, quantity.")
	case byAmount:
		l.Amount = amount
	case !byQuantity:
		return required(param + "[quantity]")
	case billed.Quantity == nil || quantity < 1 || quantity > *billed.Quantity-done.quantity:
		return invalid(param+"[quantity]", "", "The quantity of a credit note line must be at least 1 and no more than what is left of the invoice line item %s.", billed.ID)
	default:
		l.Amount = share(billed.Amount, done.quantity+quantity, *billed.Quantity) - share(billed.Amount, done.quantity, *billed.Quantity)
		l.Quantity, l.UnitAmount = &quantity, billed.UnitAmount
	}
	return nil
}

// creditedPart is how much of an invoice's line was credited before.
type creditedPart struct{ amount, quantity int64 }

// creditedOf adds up what the issued notes, and the lines of this one before, credited of an invoice's line.
func (t *tx) creditedOf(n *CreditNote, billed *InvoiceLine) creditedPart {
	var done creditedPart
	for _, note := range append(t.issuedNotes(n.Invoice), n) {
		for _, line := range note.Lines {
			if line.InvoiceLine != billed.ID {
				continue
			}
			done.amount += line.Amount
			if line.Quantity != nil {
				done.quantity += *line.Quantity
			}
		}
	}
	return done
}

// issuedNotes are the credit notes of an invoice that were not voided.
func (t *tx) issuedNotes(invoice string) []*CreditNote {
	var out []*CreditNote
	for _, note := range t.world.tables.creditNotes.all("invoice", invoice) {
		if note.Status == CreditNoteIssued {
			out = append(out, note)
		}
	}
	return out
}
