package engine

import (
	"cmp"
	"math/big"
	"slices"
)

// Taxes of an invoice, by the rates that somebody set up: the line's own, else those of the invoice. They come after the discounts.
// Inclusive rates are taken out of the amount, all of one line together: A × p / (100 + Σ p). Exclusive rates are added to what that leaves.
// A payer who is exempt pays neither: the inclusive part leaves the price.

// How taxes are rounded: every line for itself, or one sum for each rate of an invoice.
const (
	RoundTaxByLine    = "line"
	RoundTaxByInvoice = "invoice"
)

// levied is what taxes make of a whole invoice.
type levied struct {
	exclusive int64 // on top of the lines
	takenOut  int64 // inclusive tax that an exempt payer does not pay
}

// tax computes the taxes of a draft's lines anew, after their discounts.
func (t *tx) tax(inv *Invoice) levied {
	inv.TotalTaxes = nil
	if !inv.taxed() {
		return levied{}
	}
	lines, base := make([]*InvoiceLine, len(inv.Lines)), make([]taxable, len(inv.Lines))
	for i, stored := range inv.Lines {
		line := *stored
		lines[i], base[i] = &line, taxable{line.net(), t.rates(inv.rated(&line))}
	}
	inv.Lines = lines
	var sum levied
	reason := cmp.Or(taxReasons[inv.CustomerTaxExempt], TaxByHand)
	for i, its := range t.levy(base) {
		line := lines[i]
		line.Taxes, line.TakenOut = nil, 0
		for k, rate := range base[i].rates {
			amount := TaxAmount{Rate: rate.ID, Inclusive: rate.Inclusive, Amount: its.amounts[k], Taxable: its.taxable, Reason: reason}
			if reason != TaxByHand {
				if rate.Inclusive {
					line.TakenOut += amount.Amount
				}
				amount.Amount, amount.Taxable = 0, 0
			} else if !rate.Inclusive {
				sum.exclusive += amount.Amount
			}
			line.Taxes = append(line.Taxes, amount)
			inv.TotalTaxes = addTax(inv.TotalTaxes, amount)
		}
		sum.takenOut += line.TakenOut
	}
	return sum
}

// taxReasons say why a payer pays no tax, by the customer's tax_exempt.
var taxReasons = map[string]string{"exempt": TaxExempt, exemptReverse: TaxReversed}

// taxed says whether taxes have to be computed, or amounts of an earlier computation taken away.
func (inv *Invoice) taxed() bool {
	return len(inv.DefaultTaxRates) > 0 || slices.ContainsFunc(inv.Lines, func(l *InvoiceLine) bool { return len(l.TaxRates) > 0 || len(l.Taxes) > 0 })
}

// rated are the rates that apply to a line: its own, else the invoice's. An empty list of its own is no tax at all.
func (inv *Invoice) rated(l *InvoiceLine) []string {
	if l.TaxRates != nil {
		return l.TaxRates
	}
	return inv.DefaultTaxRates
}

// addTax adds a line's tax to a list by rate.
func addTax(list []TaxAmount, tax TaxAmount) []TaxAmount {
	for i, total := range list {
		if total.Rate == tax.Rate {
			list[i].Amount += tax.Amount
			list[i].Taxable += tax.Taxable
			return list
		}
	}
	return append(list, tax)
}

// beforeTax is what the lines come to without their inclusive taxes and before the discounts of the whole invoice.
func (t *tx) beforeTax(inv *Invoice) int64 {
	sum, base := int64(0), make([]taxable, len(inv.Lines))
	for i, line := range inv.Lines {
		amount := line.Amount
		for _, off := range line.DiscountAmounts {
			if t.ofLine(line, off.Discount) {
				amount -= off.Amount
			}
		}
		base[i] = taxable{amount, t.rates(inv.rated(line))}
	}
	for _, its := range t.levy(base) {
		sum += its.taxable
	}
	return sum
}

// allTax is the tax inside the total of an invoice.
func (inv *Invoice) allTax() int64 {
	sum := int64(0)
	for _, tax := range inv.TotalTaxes {
		sum += tax.Amount
	}
	return sum
}

func (t *tx) rates(ids []string) []*TaxRate {
	out := make([]*TaxRate, len(ids))
	for i, id := range ids {
		out[i] = must[TaxRate](t, id)
	}
	return out
}

// taxable is an amount and the rates that apply to it.
type taxable struct {
	amount int64
	rates  []*TaxRate
}

// lineTaxes are what rates make of one amount: the tax of each, in their order, and the amount without those that were inside.
type lineTaxes struct {
	amounts []int64
	taxable int64
}

// levy computes taxes, rounded as the account wants it.
func (t *tx) levy(base []taxable) []lineTaxes {
	if t.settings().TaxRounding == RoundTaxByInvoice {
		return levyBy(base, (&running{}).round)
	}
	return levyBy(base, func(_ *TaxRate, exact *big.Rat) int64 { return nearest(exact) })
}

// levyBy computes the taxes of amounts with a rounding of each.
func levyBy(base []taxable, round func(*TaxRate, *big.Rat) int64) []lineTaxes {
	out := make([]lineTaxes, len(base))
	for i, b := range base {
		out[i] = lineTaxes{amounts: make([]int64, len(b.rates)), taxable: b.amount}
		inside := new(big.Int).Mul(big.NewInt(100), big.NewInt(picosPerUnit))
		for _, rate := range b.rates {
			if rate.Inclusive {
				inside.Add(inside, rate.Percentage.picos())
			}
		}
		for k, rate := range b.rates {
			if rate.Inclusive {
				out[i].amounts[k] = round(rate, part(b.amount, rate.Percentage, inside))
				out[i].taxable -= out[i].amounts[k]
			}
		}
		whole := big.NewInt(100 * picosPerUnit)
		for k, rate := range b.rates {
			if !rate.Inclusive {
				out[i].amounts[k] = round(rate, part(out[i].taxable, rate.Percentage, whole))
			}
		}
	}
	return out
}

// part is amount × percentage / whole, exactly; whole counts in the places of Decimal.
func part(amount int64, percentage Decimal, whole *big.Int) *big.Rat {
	return new(big.Rat).SetFrac(new(big.Int).Mul(big.NewInt(amount), percentage.picos()), whole)
}

func nearest(exact *big.Rat) int64 { return roundRatio(exact.Num(), exact.Denom()) }

// running rounds the sum of each rate once: every amount is the step that the rounded sum so far takes, so that the amounts of the lines add
// up to it.
type running struct {
	sums []runningSum
}

type runningSum struct {
	rate  string
	exact *big.Rat
}

func (r *running) round(rate *TaxRate, exact *big.Rat) int64 {
	i := slices.IndexFunc(r.sums, func(s runningSum) bool { return s.rate == rate.ID })
	if i < 0 {
		i, r.sums = len(r.sums), append(r.sums, runningSum{rate.ID, new(big.Rat)})
	}
	sum := r.sums[i].exact
	before := nearest(sum)
	return nearest(sum.Add(sum, exact)) - before
}

// rated are the rates in force for an item: its own, else the subscription's.
func (s *Subscription) rated(item *SubscriptionItem) []string {
	if item.TaxRates != nil {
		return item.TaxRates
	}
	return s.DefaultTaxRates
}

// taxBack are the rates of a proration credit: those that were paid. They are named only where the invoice would apply others by itself.
func (s *Subscription) taxBack(item *SubscriptionItem, paid []string) []string {
	switch {
	case !slices.Equal(paid, s.rated(item)):
		return append([]string{}, paid...)
	case item.TaxRates != nil:
		return item.TaxRates
	}
	return nil
}
