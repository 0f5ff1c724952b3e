package billing

import "github.com/dues-billing/dues/money"

// Price is one way to pay for a plan or an add-on. Amount, currency and interval never change, nor do the tiers: a new amount is a new price,
// and the old one stays in the catalogue as Archived for as long as somebody pays it.
type Price struct {
	Key           string       // lookup_key at Stripe, unique in the catalogue
	Amount        money.Amount // of a period, a seat, a unit of usage or a package; 0 in its currency where there are Tiers
	Interval      Interval
	IntervalCount int

	Kind       PriceKind
	Feature    FeatureID // Metered: whose usage is billed
	Pico       int64     // beside Amount, in trillionths of its minor unit
	Package    int64     // Amount is for so many units, a package that was begun counts whole; 0: for one
	Tiering    Tiering
	Tiers      []Tier
	Currencies []CurrencyPrice // what it costs in other currencies

	MinSeats, MaxSeats int64 // PerSeat; 0: no limit
	Trial              TrialTerms
	Tax                TaxBehavior

	ID       PriceID // the provider's id of a price from before Dues; "" it is found by Key
	Archived bool    // not sold any more; who is on it stays, and is entitled as before
	MoveTo   string  // the key of the price to which its subscribers are to be moved; "" they stay
}

// PriceKind says what a price counts.
type PriceKind string

// The kinds. The zero value is Flat.
const (
	Flat    PriceKind = ""         // nothing: one amount a period
	PerSeat PriceKind = "per_seat" // the subscription's quantity, paid in advance
	Metered PriceKind = "metered"  // usage that was reported, paid afterwards
)

// Tiering says how Tiers apply.
type Tiering string

// The ways to apply tiers. The zero value is none.
const (
	Graduated Tiering = "graduated" // each unit at the price of the tier that it falls into
	Volume    Tiering = "volume"    // all units at the price of the tier that the quantity reaches
)

// Tier is a step of a price.
type Tier struct {
	UpTo int64        // the last unit of the tier; 0: no end
	Unit Rate         // of each unit
	Flat money.Amount // for entering the tier, beside the units
}

// CurrencyPrice is what a price costs in another currency: Rate, or Tiers where the price has them.
type CurrencyPrice struct {
	Rate
	Tiers []Tier
}

// TrialTerms are how a price may be tried before it is paid.
type TrialTerms struct {
	Days        int  // 0: there is no trial
	WithoutCard bool // it begins without a payment method
	Missing     MissingMethod
}

// MissingMethod says what happens at the end of a trial when there is no payment method.
type MissingMethod string

// What may happen then, in Stripe's words.
const (
	MissingCancels  MissingMethod = "cancel"
	MissingPauses   MissingMethod = "pause"
	MissingInvoices MissingMethod = "create_invoice" // it is billed and becomes past due
)

// TaxBehavior says whether an amount has its tax in it.
type TaxBehavior string

// The tax behaviours. The zero value leaves it to the provider account's default.
const (
	TaxInclusive TaxBehavior = "inclusive"
	TaxExclusive TaxBehavior = "exclusive"
)

// Rate returns what one unit costs, 0 for a price with tiers.
func (p Price) Rate() Rate { return Rate{p.Amount, p.Pico} }

// FirstQuantity is what a first purchase buys: one, or the fewest seats; 0 of usage, which has no quantity.
func (p Price) FirstQuantity() int64 {
	switch p.Kind {
	case Metered:
		return 0
	case PerSeat:
		return max(1, p.MinSeats)
	}
	return 1
}

// QuantityOn is the quantity of an item that moves to a price: it is kept, never fewer than the price sells, but for seats that a flat price does not
// count, and usage, which has none.
func (c Catalog) QuantityOn(to Price, item Item) int64 {
	was, _ := c.price(item.PriceKey)
	if to.Kind == Metered || was.Kind == PerSeat && to.Kind == Flat {
		return to.FirstQuantity()
	}
	return max(item.Quantity, to.FirstQuantity())
}

// Free reports whether the price costs nothing, however much is used.
func (p Price) Free() bool {
	for _, tier := range p.Tiers {
		if !tier.Unit.IsZero() || !tier.Flat.IsZero() {
			return false
		}
	}
	return p.Rate().IsZero()
}

// In returns what the price costs in a currency, or false where it is not sold in it. "" is its own currency.
func (p Price) In(currency money.Currency) (CurrencyPrice, bool) {
	if currency == "" || currency == p.Amount.Currency {
		return CurrencyPrice{p.Rate(), p.Tiers}, true
	}
	for _, other := range p.Currencies {
		if other.Amount.Currency == currency {
			return other, true
		}
	}
	return CurrencyPrice{}, false
}
