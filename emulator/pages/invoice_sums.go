package pages

import (
	"cmp"
	"slices"
	"strings"

	"github.com/dues-billing/dues/emulator/engine"
)

// invoiceSums lead from the lines of an invoice to its total: the discounts of single lines, the subtotal, the discounts of the whole invoice,
// and its taxes.
func invoiceSums(w *engine.World, inv *engine.Invoice) []summarySum {
	row := func(name string, minor int64) summarySum {
		return summarySum{Name: name, Amount: amountOf(minor, inv.Currency)}
	}
	var ofLines, ofInvoice []summarySum
	for _, off := range inv.TotalDiscounts {
		sum := row(discountName(w, off.Discount), -off.Amount)
		if slices.Contains(inv.Discounts, off.Discount) {
			ofInvoice = append(ofInvoice, sum)
		} else {
			ofLines = append(ofLines, sum)
		}
	}
	sums := append(ofLines, row("Subtotal", inv.Subtotal))
	sums = append(sums, ofInvoice...)
	for _, tax := range inv.TotalTaxes {
		if tax.Reason == engine.TaxByHand {
			sums = append(sums, row(taxName(w, tax), tax.Amount))
		}
	}
	takenOut := int64(0)
	for _, line := range inv.Lines {
		takenOut += line.TakenOut
	}
	if takenOut != 0 {
		sums = append(sums, row("Tax inside prices, not charged", -takenOut))
	}
	return append(sums, row("Total", inv.Total))
}

// discountName is what the payer calls a discount: "Launch (25% off)".
func discountName(w *engine.World, id string) string {
	discount, _ := engine.Get[engine.Discount](w, id)
	if discount == nil {
		return "Discount"
	}
	coupon, _ := engine.Get[engine.Coupon](w, discount.Coupon)
	name := cmp.Or(coupon.Name, "Discount")
	if code, ok := engine.Get[engine.PromotionCode](w, discount.PromotionCode); ok {
		name = code.Code
	}
	if coupon.PercentOff != nil {
		name += " (" + coupon.PercentOff.String() + "% off)"
	}
	return name
}

// taxName is a tax as an invoice shows it: "VAT DE 19%", "VAT 19% inclusive".
func taxName(w *engine.World, tax engine.TaxAmount) string {
	rate, _ := engine.Get[engine.TaxRate](w, tax.Rate)
	parts := []string{rate.DisplayName}
	if rate.Jurisdiction != "" {
		parts = append(parts, rate.Jurisdiction)
	}
	parts = append(parts, rate.Percentage.String()+"%")
	if rate.Inclusive {
		parts = append(parts, "inclusive")
	}
	return strings.Join(parts, " ")
}
