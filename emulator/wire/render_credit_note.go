package wire

import "github.com/dues-billing/dues/emulator/engine"

func (v *view) creditNote(n *engine.CreditNote) object {
	discounted, credits := int64(0), []any{}
	for _, off := range n.Discounts {
		discounted += off.Amount
	}
	for _, line := range n.Lines {
		credits = append(credits, appliedCredits(line.Credits)...)
	}
	return object{
		"id": n.ID, "object": "credit_note", "created": n.Created, "livemode": false, "metadata": metadata(n.Metadata),
		"amount": n.Total, "amount_shipping": 0, "currency": n.Currency, "customer": n.Customer, "customer_account": nil,
		"customer_balance_transaction": orNull(n.BalanceTransaction), "discount_amount": discounted, "discount_amounts": discountAmounts(n.Discounts),
		"effective_at": n.EffectiveAt, "invoice": n.Invoice, "lines": v.creditNoteLines(n), "memo": orNull(n.Memo), "number": n.Number,
		"out_of_band_amount": pointee(n.OutOfBand), "pdf": v.base + "/credit_notes/" + v.world.AccountID() + "/" + n.ID + "/pdf",
		"post_payment_amount": n.PostPayment, "pre_payment_amount": n.PrePayment, "pretax_credit_amounts": append(pretaxCredits(n.Discounts), credits...),
		"reason": orNull(n.Reason), "refunds": creditNoteRefunds(n.Refunds), "shipping_cost": nil, "status": n.Status, "subtotal": n.Subtotal,
		"subtotal_excluding_tax": n.SubtotalExcludingTax, "total": n.Total, "total_excluding_tax": n.TotalExcludingTax, "total_taxes": taxes(n.Taxes), "type": n.Type(),
		"voided_at": orNull(n.VoidedAt),
	}
}

func (v *view) creditNoteLines(n *engine.CreditNote) object {
	data := make([]any, 0, linesShown)
	for _, line := range n.Lines[:min(len(n.Lines), linesShown)] {
		data = append(data, v.creditNoteLine(line))
	}
	return object{"object": "list", "data": data, "has_more": len(n.Lines) > linesShown, "url": "/v1/credit_notes/" + n.ID + "/lines"}
}

func (v *view) creditNoteLine(l *engine.CreditNoteLine) object {
	discounted := int64(0)
	for _, off := range l.Discounts {
		discounted += off.Amount
	}
	rates := make([]string, len(l.Taxes))
	for i, tax := range l.Taxes {
		rates[i] = tax.Rate
	}
	o := object{
		"id": l.ID, "object": "credit_note_line_item", "livemode": false, "metadata": metadata(l.Metadata), "amount": l.Amount,
		"description": orNull(l.Description), "discount_amount": discounted, "discount_amounts": discountAmounts(l.Discounts),
		"pretax_credit_amounts": append(pretaxCredits(l.Discounts), appliedCredits(l.Credits)...), "quantity": pointee(l.Quantity),
		"tax_rates": v.taxRates(rates), "taxes": taxes(l.Taxes),
		"type": l.Type, "unit_amount": whole(l.UnitAmount), "unit_amount_decimal": decimal(l.UnitAmount),
	}
	if l.InvoiceLine != "" {
		o["invoice_line_item"] = l.InvoiceLine
	}
	return o
}

func creditNoteRefunds(list []engine.CreditNoteRefund) []any {
	out := make([]any, len(list))
	for i, r := range list {
		out[i] = object{"amount_refunded": r.Amount, "payment_record_refund": nil, "refund": r.Refund, "type": "refund"}
	}
	return out
}
