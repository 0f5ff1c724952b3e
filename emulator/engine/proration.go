package engine

// Proration: the one place that values a part of a period. Seconds decide, whole lines are rounded once, ties go away
// from zero.
//
// A change of an item at instant t makes a credit for what was bought and not used, and a debit for what is bought
// instead. What was bought is where the billing modes differ: classic credits the item's current price and quantity,
// flexible credits the debits that were really made for that time.

// bought is something paid, or owed, for an item's time: a price and quantity over a span, and the line it stands on.
type bought struct {
	Price    string // price id
	Quantity int64
	Full     int64 // its amount for the whole of Span
	Span     span
	Source   lineRef
}

// span is a period of time in Unix seconds, from Start up to but without End.
type span struct{ Start, End int64 }

// lineRef names the invoice line or the pending item that billed a debit; Stripe shows it as credited_items.
type lineRef struct {
	InvoiceItem string
	Invoice     string
	Line        string
}

// prorated is one proration line to be.
type prorated struct {
	Credit   bool
	Price    string
	Quantity int64
	Amount   int64
	Period   span
	Source   lineRef // of a credit
}

// prorate values a change at instant t: the credits for what is given back, in the order they were bought, then the
// debits for what is taken instead. Either may be empty: adding an item only debits, removing one only credits.
func prorate(t int64, given []bought, taken []bought) []prorated {
	out := make([]prorated, 0, len(given)+len(taken))
	for _, b := range given {
		out = append(out, prorated{
			Credit: true, Price: b.Price, Quantity: b.Quantity, Amount: -b.rest(t), Period: span{t, b.Span.End}, Source: b.Source,
		})
	}
	for _, b := range taken {
		out = append(out, prorated{Price: b.Price, Quantity: b.Quantity, Amount: b.rest(t), Period: span{t, b.Span.End}})
	}
	return out
}

// rest is the value of what remains at t. Before the span all of it remains, after it nothing does.
func (b bought) rest(t int64) int64 {
	t = min(max(t, b.Span.Start), b.Span.End)
	if b.Span.Start >= b.Span.End {
		return 0
	}
	return share(b.Full, b.Span.End-t, b.Span.End-b.Span.Start)
}
