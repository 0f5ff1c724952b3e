package engine

// Proration: the one place that values a part of a period. Seconds decide, whole lines are rounded once, ties go away
// from zero unless the account decided otherwise.
//
// A change of an item at instant t makes a credit for what was bought and not used, and a debit for what is bought
// instead. What was bought is where the billing modes differ: classic credits the item's current price and quantity,
// flexible credits the debits that were really made for that time.

// Debit is something paid, or owed, for an item's time: a price and quantity over a period, and the line it stands on.
type Debit struct {
	Price       string
	Quantity    int64
	Full        Decimal // what the whole of Period costs, discounts taken off
	PercentOff  Decimal // the one percentage inside Full; 0 is none or several
	Gross       Decimal // where discounts are itemized: Full before these
	Reductions  []Reduction
	TaxRates    []string // that were in force
	Period      Period
	Since       int64  // when a change inside Period began it; 0 is at its start
	Until       int64  // where a cancellation cut it; 0 is at Period's end
	InvoiceItem string // a pending item that billed it, until an invoice takes that in
	Invoice     string
	Line        string
}

// prorated is one proration line to be.
type prorated struct {
	Credit   bool
	Price    string
	Quantity int64
	Amount   int64
	Reduced  []DiscountAmount // itemized, what discounts took off Amount
	Period   Period
	Percent  Decimal // the discount inside Amount
	Credited Debit   // of a credit: what it gives back
}

// prorate values a change at instant t: the credits for what is given back, in the order it was bought, then the debits
// for what is taken instead. Either may be empty: adding an item only debits, removing one only credits.
func prorate(t int64, given, taken []Debit, ties string) []prorated {
	out := make([]prorated, 0, len(given)+len(taken))
	for _, d := range given {
		if d.end() <= t {
			continue // used up: a change that was not prorated has left it behind
		}
		amount, reduced := d.shown(t, -1, ties)
		out = append(out, prorated{
			Credit: true, Price: d.Price, Quantity: d.Quantity, Amount: amount, Reduced: reduced, Period: Period{max(t, d.Since), d.end()},
			Percent: d.PercentOff, Credited: d,
		})
	}
	for _, d := range taken {
		amount, reduced := d.shown(t, 1, ties)
		out = append(out, prorated{Price: d.Price, Quantity: d.Quantity, Amount: amount, Reduced: reduced, Period: Period{t, d.end()}, Percent: d.PercentOff})
	}
	return out
}

// rest is the value of what remains at t, rounded once. Before its start all of it remains, after its end nothing does.
func (d Debit) rest(t int64, ties string) int64 { return d.restOf(d.Full, t, ties) }

// restOf is the same of another amount of the whole period.
func (d Debit) restOf(full Decimal, t int64, ties string) int64 {
	if d.Period.Start >= d.Period.End {
		return 0
	}
	t = min(max(t, d.Period.Start, d.Since), d.end())
	return full.share(d.end()-t, d.Period.End-d.Period.Start, ties)
}

// end is where the debit ends: with its period, or where that was cut.
func (d Debit) end() int64 {
	if d.Until != 0 {
		return d.Until
	}
	return d.Period.End
}

// moveEnd values a period's end that moves: an earlier one credits the time between, a later one debits it.
func moveEnd(taken []Debit, whole Debit, to int64, ties string) []prorated {
	var out []prorated
	from := whole.end()
	if to < from {
		out = prorate(to, taken, nil, ties)
		for i := range out {
			out[i].Period.End = from
		}
		return out
	}
	whole.Until = to
	return prorate(from, nil, []Debit{whole}, ties)
}

// ties is where the account lets prorations of exactly half a unit go.
func (t *tx) ties() string { return t.decided().ProrationTies }
