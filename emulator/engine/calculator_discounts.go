package engine

import (
	"math/big"
	"slices"
)

// Discounts of an invoice: item discounts first, then those of the whole invoice, in the order of their lists, each on what
// the one before has left.

// taken is what discounts took off a whole invoice, by level.
type taken struct {
	ofLines   int64 // item discounts: the subtotal is already without them
	ofInvoice int64
}

// discount computes the discount amounts of a draft's lines anew. Discounts that another invoice has used up are left out.
func (t *tx) discount(inv *Invoice) taken {
	inv.TotalDiscounts = nil
	if !inv.discounted() {
		return taken{}
	}
	inv.Discounts = t.unused(inv.Discounts)
	lines, rest := make([]*InvoiceLine, len(inv.Lines)), make([]int64, len(inv.Lines))
	var own []string
	for i, stored := range inv.Lines {
		line := *stored
		line.Discounts, line.DiscountAmounts = t.unused(line.Discounts), nil
		lines[i], rest[i] = &line, line.Amount
		for _, id := range line.Discounts {
			if !slices.Contains(own, id) {
				own = append(own, id)
			}
		}
	}
	inv.Lines = lines
	var off taken
	for _, id := range own {
		off.ofLines += t.takeOff(inv, id, rest, func(line *InvoiceLine) bool { return slices.Contains(line.Discounts, id) })
	}
	for _, id := range inv.Discounts {
		off.ofInvoice += t.takeOff(inv, id, rest, func(*InvoiceLine) bool { return true })
		t.noteFolded(inv, id)
	}
	settled := t.takeReduced(inv)
	return taken{off.ofLines + settled.ofLines, off.ofInvoice + settled.ofInvoice}
}

// noteFolded names a general discount, with nothing, on the prorations that carry it inside their amount.
func (t *tx) noteFolded(inv *Invoice, id string) {
	coupon := must[Coupon](t, must[Discount](t, id).Coupon)
	for _, line := range inv.Lines {
		if line.Proration && !line.Discountable && len(line.Reduced) == 0 && coupon.covers(line.Product) {
			line.DiscountAmounts = append(line.DiscountAmounts, DiscountAmount{Discount: id})
		}
	}
}

// discounted says whether discounts have to be computed, or amounts of an earlier computation taken away.
func (inv *Invoice) discounted() bool {
	if len(inv.Discounts) > 0 {
		return true
	}
	for _, line := range inv.Lines {
		if len(line.Discounts) > 0 || len(line.DiscountAmounts) > 0 || len(line.Reduced) > 0 {
			return true
		}
	}
	return false
}

// takeOff lets one discount take its part off the lines it applies to, and answers the sum.
func (t *tx) takeOff(inv *Invoice, id string, rest []int64, applies func(*InvoiceLine) bool) int64 {
	coupon := must[Coupon](t, must[Discount](t, id).Coupon)
	var on []int
	var left []int64
	for i, line := range inv.Lines {
		if line.Discountable && rest[i] >= 0 && coupon.covers(line.Product) && applies(line) {
			on, left = append(on, i), append(left, rest[i])
		}
	}
	sum := int64(0)
	for k, off := range coupon.off(inv.Currency, left) {
		line := inv.Lines[on[k]]
		line.DiscountAmounts = append(line.DiscountAmounts, DiscountAmount{id, off})
		rest[on[k]] -= off
		sum += off
	}
	inv.TotalDiscounts = append(inv.TotalDiscounts, DiscountAmount{id, sum})
	return sum
}

// off is what a coupon takes off amounts, none of which is negative: a percentage of each, rounded, or its own amount spread over them.
func (c *Coupon) off(currency string, amounts []int64) []int64 {
	if c.PercentOff == nil {
		return spread(c.amountIn(currency), amounts)
	}
	out := make([]int64, len(amounts))
	for i, amount := range amounts {
		out[i] = c.PercentOff.percentOf(amount)
	}
	return out
}

// spread parts an amount over others in proportion to them: floor for each, the remainder to the last that is not 0. No part is
// greater than its base, and what they cannot hold is lost.
func spread(amount int64, over []int64) []int64 {
	out, total, last := make([]int64, len(over)), int64(0), -1
	for i, base := range over {
		total += base
		if base > 0 {
			last = i
		}
	}
	if last < 0 {
		return out
	}
	amount = min(amount, total)
	rest := amount
	for i, base := range over {
		if i != last {
			out[i] = floorShare(amount, base, total)
			rest -= out[i]
		}
	}
	for i := last; i >= 0; i-- { // a last line that is too small passes on what it cannot hold
		more := min(rest, over[i]-out[i])
		out[i] += more
		rest -= more
	}
	return out
}

// covers says whether a coupon applies to a product.
func (c *Coupon) covers(product string) bool {
	return c.Products == nil || slices.Contains(c.Products, product)
}

// net is the amount of a line without its discounts and without what credit paid of it.
func (l *InvoiceLine) net() int64 {
	net := l.Amount
	for _, off := range l.DiscountAmounts {
		net -= off.Amount
	}
	for _, credit := range l.Credits {
		net -= credit.Amount
	}
	return net
}

// percentOn is the percentage inside the net amount of a line: 0 when there is none, or more than one discount.
func (t *tx) percentOn(l *InvoiceLine) Decimal {
	if len(l.DiscountAmounts) == 1 {
		if c := must[Coupon](t, must[Discount](t, l.DiscountAmounts[0].Discount).Coupon); c.PercentOff != nil {
			return *c.PercentOff
		}
	}
	return Decimal{}
}

// folded is what an item costs for a whole period with the running discounts taken off, for proration lines carry them inside. evenly
// spreads an amount over the items by their number, as the credits of classic mode do; else it goes by the items' amounts. What each discount took is noted where that is asked for.
func (t *tx) folded(s *Subscription, item *SubscriptionItem, evenly bool, each *[]Reduction) (full, percent Decimal) {
	full = DecimalOf(t.ahead(s, item))
	general := t.inherited(s, t.now)
	if len(general) == 0 && !s.itemsDiscounted() {
		return full, Decimal{}
	}
	at, nets, products := 0, make([]Decimal, len(s.Items)), make([]string, len(s.Items))
	for i, other := range s.Items {
		if other.ID == item.ID {
			at = i
		}
		nets[i], products[i] = DecimalOf(t.ahead(s, other)), must[Price](t, other.Price).Product
	}
	used := 0
	apply := func(id string, on func(i int) bool) {
		coupon := must[Coupon](t, must[Discount](t, id).Coupon)
		covers := func(i int) bool { return on(i) && coupon.covers(products[i]) }
		if covers(at) {
			used++
			if coupon.PercentOff != nil {
				percent = *coupon.PercentOff
			}
		}
		was := nets[at]
		coupon.fold(s.Currency, nets, covers, evenly)
		if covers(at) && each != nil {
			*each = append(*each, Reduction{id, was.plus(nets[at].negated())})
		}
	}
	for i, other := range s.Items {
		for _, id := range t.running(other.Discounts, t.now) {
			if must[Coupon](t, must[Discount](t, id).Coupon).Duration != DurationOnce { // that one waits for an ordinary line
				apply(id, func(k int) bool { return k == i })
			}
		}
	}
	for _, id := range general {
		apply(id, func(int) bool { return true })
	}
	if used != 1 {
		percent = Decimal{}
	}
	return nets[at], percent
}

// fold takes a coupon off the whole-period amounts that it covers, percentages without rounding.
func (c *Coupon) fold(currency string, nets []Decimal, covers func(int) bool, evenly bool) {
	var on []int
	var whole []int64
	for i, net := range nets {
		if covers(i) {
			on, whole = append(on, i), append(whole, net.whole)
		}
	}
	if c.PercentOff == nil && evenly {
		for _, i := range on {
			if off := evenPart(c.amountIn(currency), int64(len(on))); off.above(nets[i]) {
				nets[i] = Decimal{}
			} else {
				nets[i] = nets[i].plus(off.negated())
			}
		}
		return
	}
	if c.PercentOff == nil {
		for k, off := range spread(c.amountIn(currency), whole) {
			nets[on[k]] = nets[on[k]].plus(DecimalOf(-off))
		}
		return
	}
	for _, i := range on {
		nets[i] = nets[i].without(*c.PercentOff)
	}
}

// evenPart is one of n equal parts of an amount, which nothing has rounded yet: the line does that, once.
func evenPart(amount, n int64) Decimal {
	return decimalOfPicos(new(big.Int).Quo(DecimalOf(amount).picos(), big.NewInt(n)))
}

// amountIn is what the coupon takes off in a currency: nothing in one that it does not know.
func (c *Coupon) amountIn(currency string) int64 {
	if c.Currency != currency {
		return c.CurrencyOptions[currency]
	}
	return c.AmountOff
}
