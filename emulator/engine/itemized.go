package engine

import "slices"

// billing_mode[flexible][proration_discounts]: whether the discounts of prorations are inside of their amounts (included) or stand beside them
// (itemized). What they are is settled when the proration is made, and its net amount is the same either way.

const (
	discountsIncluded = "included"
	discountsItemized = "itemized"
)

// Reduction is what one discount takes off a whole period.
type Reduction struct {
	Discount string
	Off      Decimal
}

// itemize notes on a debit, of a subscription that itemizes, its amount before its discounts, and theirs.
func (d *Debit) itemize(s *Subscription, gross Decimal, reductions []Reduction) {
	if s.BillingMode.ProrationDiscounts == discountsItemized {
		d.Gross, d.Reductions, d.PercentOff = gross, reductions, Decimal{}
	}
}

// shown is what a line of what remains at t says: its amount, and what discounts took off that. The last discount takes what rounding leaves.
func (d Debit) shown(t, sign int64, ties string) (amount int64, reduced []DiscountAmount) {
	net := d.rest(t, ties)
	if len(d.Reductions) == 0 {
		return sign * net, nil
	}
	gross := d.restOf(d.Gross, t, ties)
	left := gross - net
	for i, r := range d.Reductions {
		off := d.restOf(r.Off, t, ties)
		if i == len(d.Reductions)-1 {
			off = left
		}
		left -= off
		reduced = append(reduced, DiscountAmount{r.Discount, sign * off})
	}
	return sign * gross, reduced
}

// takeReduced takes off an invoice what the discounts of its itemized prorations took, settled long ago.
func (t *tx) takeReduced(inv *Invoice) (off taken) {
	for _, line := range inv.Lines {
		for _, r := range line.Reduced {
			line.DiscountAmounts = append(line.DiscountAmounts, r)
			inv.TotalDiscounts = addDiscount(inv.TotalDiscounts, r)
			if t.ofLine(line, r.Discount) {
				off.ofLines += r.Amount
			} else {
				off.ofInvoice += r.Amount
			}
		}
	}
	return off
}

// ofLine says whether a discount is of a line alone, and the subtotal without it.
func (t *tx) ofLine(line *InvoiceLine, discount string) bool {
	return slices.Contains(line.Discounts, discount) || len(line.Reduced) > 0 && must[Discount](t, discount).SubscriptionItem != ""
}

// reductions are what discounts took off the line of a whole period, after those of another line of the same purchase.
func (l *InvoiceLine) reductions(before []Reduction) []Reduction {
	out := slices.Clone(before)
	for _, off := range l.DiscountAmounts {
		if i := slices.IndexFunc(out, func(r Reduction) bool { return r.Discount == off.Discount }); i >= 0 {
			out[i].Off = out[i].Off.plus(DecimalOf(off.Amount))
		} else {
			out = append(out, Reduction{off.Discount, DecimalOf(off.Amount)})
		}
	}
	return out
}
