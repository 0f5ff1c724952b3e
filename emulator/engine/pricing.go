package engine

// Pricing: what a quantity costs under a price. Every amount of a subscription line, a proration and a preview is made here.

// tariff is the part of a price that decides amounts.
type tariff struct {
	Unit      Decimal
	Tiers     []tier // ascending; none for a price per unit
	Graduated bool   // tiers: each unit at its own tier's amount, else all at the reached tier's (volume)
	DivideBy  int64  // transform_quantity; 0 = none
	RoundUp   bool
}

// tier is one step of a tiered tariff. UpTo is the last unit inside it; 0 stands for inf.
type tier struct {
	UpTo int64
	Unit Decimal
	Flat Decimal
}

// priced is one line's worth of a quantity: graduated tiers make one per tier entered, everything else makes one.
type priced struct {
	Tier     int // counted from 1; 0 for a price that is not graduated
	Quantity Decimal
	Unit     Decimal
	Amount   int64
}

// lines splits a licensed quantity as Stripe's invoice does.
func (p tariff) lines(quantity int64) []priced { return p.linesOf(DecimalOf(quantity)) }

// linesOf splits a quantity that may be a fraction, as usage is. Each line is rounded once, on its own.
func (p tariff) linesOf(quantity Decimal) []priced {
	switch {
	case len(p.Tiers) == 0:
		return []priced{{Quantity: quantity, Unit: p.Unit, Amount: p.Unit.by(p.packages(quantity), Decimal{})}}
	case p.Graduated:
		return p.graduated(quantity)
	default:
		t := p.reached(quantity)
		return []priced{{Quantity: quantity, Unit: t.Unit, Amount: t.amount(quantity)}}
	}
}

// total is what the whole quantity costs for a whole period: the base of every proration.
func (p tariff) total(quantity int64) int64 {
	sum := int64(0)
	for _, line := range p.lines(quantity) {
		sum += line.Amount
	}
	return sum
}

// free reports whether no quantity would ever cost anything, which decides where a trial or an anchor reset begins.
func (p tariff) free() bool {
	for _, t := range p.Tiers {
		if !t.Unit.IsZero() || !t.Flat.IsZero() {
			return false
		}
	}
	return p.Unit.IsZero()
}

// packages are what is charged for: the quantity itself, or the packages it fills, or begins when they are rounded up.
func (p tariff) packages(quantity Decimal) Decimal {
	if p.DivideBy == 0 {
		return quantity
	}
	whole := floorDiv(quantity.whole, p.DivideBy)
	if p.RoundUp && quantity.above(DecimalOf(whole*p.DivideBy)) {
		whole++
	}
	return DecimalOf(whole)
}

func (p tariff) reached(quantity Decimal) tier {
	for _, t := range p.Tiers {
		if t.UpTo == 0 || !quantity.above(DecimalOf(t.UpTo)) {
			return t
		}
	}
	panic("engine: a tiered price without a last tier passed validation")
}

// graduated makes a line per tier entered. A quantity of 0 enters the first one: its flat amount is billed all the same.
func (p tariff) graduated(quantity Decimal) []priced {
	var out []priced
	from := Decimal{}
	for i, t := range p.Tiers {
		if i > 0 && !quantity.above(from) {
			break
		}
		upTo := DecimalOf(t.UpTo)
		if t.UpTo == 0 || upTo.above(quantity) {
			upTo = quantity
		}
		inside := upTo.plus(from.negated())
		out = append(out, priced{Tier: i + 1, Quantity: inside, Unit: t.Unit, Amount: t.amount(inside)})
		from = upTo
	}
	return out
}

func (t tier) amount(quantity Decimal) int64 { return t.Unit.by(quantity, t.Flat) }

// tariffOf is what a price charges in a currency: its own, or one of its currency options.
func tariffOf(p *Price, currency string) tariff {
	unit, tiers := p.UnitAmount, p.Tiers
	if option, ok := p.CurrencyOptions[currency]; ok && currency != p.Currency {
		unit, tiers = option.UnitAmount, option.Tiers
	}
	out := tariff{Unit: orZero(unit), Graduated: p.TiersMode == Graduated}
	if p.TransformQuantity != nil {
		out.DivideBy, out.RoundUp = p.TransformQuantity.DivideBy, p.TransformQuantity.Round == RoundUp
	}
	for _, step := range tiers {
		bound := int64(0)
		if step.UpTo != nil {
			bound = *step.UpTo
		}
		out.Tiers = append(out.Tiers, tier{UpTo: bound, Unit: orZero(step.UnitAmount), Flat: orZero(step.FlatAmount)})
	}
	return out
}

// offers says whether a price can be charged in a currency.
func (p *Price) offers(currency string) bool {
	_, ok := p.CurrencyOptions[currency]
	return ok || p.Currency == currency
}

// intervalOf is the rhythm of a recurring price.
func intervalOf(p *Price) interval {
	return interval{Unit: p.Recurring.Interval, Count: p.Recurring.IntervalCount}
}

func orZero(d *Decimal) Decimal {
	if d == nil {
		return Decimal{}
	}
	return *d
}
