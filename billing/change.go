package billing

import (
	"time"

	"github.com/dues-billing/dues/money"
)

// ChangeWhen says when a change of plan takes effect.
type ChangeWhen string

// The moments of a change.
const (
	ChangeNow   ChangeWhen = "now"
	ChangeAtEnd ChangeWhen = "period_end" // what is paid for is kept until its end; nothing is charged or credited now
)

// Proration says what becomes of the rest of the period when a plan changes in the middle of it.
type Proration string

// The ways to prorate a change that happens now.
const (
	ProrateNow   Proration = "invoice"      // the difference is invoiced and paid at once
	ProrateLater Proration = "next_invoice" // the difference is on the next invoice
	ProrateNever Proration = "none"         // the new price counts from the next period on
)

// QuantityMax bounds a quantity: what is sold by the million is metered.
const QuantityMax = 1_000_000

// ChangeWish is what a customer wants of a running subscription. What is zero stays as it is, or is chosen by the rules.
type ChangeWish struct {
	Group     Group // whose subscription; a price says it by itself
	PriceKey  string
	Quantity  int64
	When      ChangeWhen
	Proration Proration // of a change that happens now
	AddOn     AddOnWish // of an add-on, and not of the plan
}

// OfCustomer returns an error of code forbidden when a wish is not for the customer to make: how the rest of a period is billed is the seller's to say.
// What is billed later, or never, is used before it is paid for.
func (w ChangeWish) OfCustomer() error {
	if w.Proration != "" && w.Proration != ProrateNow {
		return Errorf(Forbidden, "the difference of a change is paid at once; another way is for the application's server to ask for").In("proration")
	}
	return nil
}

// PlannedChange is a change that the rules allow, with everything chosen.
type PlannedChange struct {
	Subscription Subscription
	Item         Item // what it was
	Price        Price
	Quantity     int64
	When         ChangeWhen
	Proration    Proration
	Restarts     bool // a whole period begins now: the plan cost nothing until now
	Needed       bool // false: it is so already
	Keeps        bool // it is so already, and another change is scheduled, which is to be taken back
	AddOns       []ItemChange
}

// Change decides how a customer's running subscription changes. A change to a higher price a day, or to a longer period, happens now and is
// invoiced at once; one to a lower price, or to a shorter period, happens when what is paid for ends. Another way may be asked for, with one exception:
// a shorter period never begins inside a longer one that is paid.
//
// Errors: invalid names a field that cannot be right; conflict says what is in the way, such as an unpaid invoice: Stripe would
// credit the rest of a period that was never paid for.
//
// Add-ons follow the plan, as addOnsBeside says; of a wish about one see addOnChange.
func (c Catalog) Change(s State, wish ChangeWish) (PlannedChange, error) {
	c, err := c.meant(wish)
	if err != nil {
		return PlannedChange{}, err
	}
	if wish.AddOn != (AddOnWish{}) {
		return c.addOnChange(s, wish)
	}
	sub, ok := Best(c, s)
	if !ok || s.Deleted || sub.Status == Incomplete {
		return PlannedChange{}, Errorf(Conflict, "there is no running subscription to change; open a checkout")
	}
	item, before, ok := c.soldItem(sub)
	if !ok {
		return PlannedChange{}, Errorf(Conflict, "the subscription is on no price of the catalogue, so it cannot be changed here")
	}
	p := PlannedChange{Subscription: sub, Item: item, Price: before, Quantity: item.Quantity, When: wish.When, Proration: wish.Proration}
	if wish.PriceKey != "" {
		_, price, found := c.PlanOfPrice(wish.PriceKey)
		if !found {
			return p, Errorf(Invalid, "the catalogue has no price %q", wish.PriceKey).In("price")
		}
		p.Price = price
	}
	if wish.Quantity != 0 {
		p.Quantity = wish.Quantity
	}
	if err := p.check(before, wish); err != nil {
		return p, err
	}
	p.Needed = p.Price.Key != before.Key || p.Quantity != item.Quantity
	p.choose(before)
	if next := c.nextOf(sub); p.When == ChangeAtEnd && next.PriceKey == p.Price.Key && next.Quantity == p.Quantity {
		p.Needed = false // it is scheduled already
	}
	if !p.Needed {
		p.Keeps = p.When == ChangeNow && !c.nextOf(sub).At.IsZero()
		return p, nil
	}
	plan, _, _ := c.PlanOfPrice(p.Price.Key)
	p.AddOns = c.addOnsBeside(sub, plan, p.Price)
	return p, p.possible(before)
}

// meant returns the catalogue as the group sees it that a wish is about.
func (c Catalog) meant(wish ChangeWish) (Catalog, error) {
	plan, _, found := c.PlanOfPrice(wish.PriceKey)
	switch {
	case found && wish.Group == "":
		return c.In(plan.Group), nil
	case found && wish.Group != plan.Group:
		return c, Errorf(Invalid, "%q is of the group %q; leave group out", wish.PriceKey, plan.Group).In("group")
	}
	return c.In(wish.Group), c.CheckGroup(wish.Group)
}

// soldItem is the item of a subscription that is a plan's, with its price.
func (c Catalog) soldItem(sub Subscription) (Item, Price, bool) {
	for _, item := range sub.Items {
		if _, price, ok := c.PlanOfPrice(item.PriceKey); ok {
			return item, price, true
		}
	}
	return Item{}, Price{}, false
}

// check refuses what cannot be right whatever the subscription's state.
func (p PlannedChange) check(before Price, wish ChangeWish) error {
	currency := p.Subscription.BilledIn()
	_, sold := p.Price.In(currency)
	low, high := max(1, p.Price.MinSeats), int64(QuantityMax)
	if p.Price.MaxSeats > 0 {
		high = p.Price.MaxSeats
	}
	switch {
	case p.Price.Archived && p.Price.Key != before.Key:
		return Errorf(Invalid, "the price %q is not sold any more", p.Price.Key).In("price")
	case !sold:
		return Errorf(Invalid, "a subscription keeps its currency, and %q is not sold in %s", p.Price.Key, currency).In("price")
	case wish.Quantity < 0:
		return Errorf(Invalid, "a quantity is at least 1, got %d", wish.Quantity).In("quantity")
	case wish.Quantity > 1 && wish.Quantity != p.Item.Quantity && p.Price.Kind != PerSeat:
		return Errorf(Invalid, "%q is not sold by quantity", p.Price.Key).In("quantity")
	case p.Price.Kind == PerSeat && (p.Quantity < low || p.Quantity > high):
		return Errorf(Invalid, "%q is sold for %d to %d seats, not %d", p.Price.Key, low, high, p.Quantity).In("quantity")
	}
	return wish.checkTerms()
}

// checkTerms refuses a moment and a proration that there are none of.
func (w ChangeWish) checkTerms() error {
	switch w.When {
	case "", ChangeNow:
	case ChangeAtEnd:
		if w.Proration != "" {
			return Errorf(Invalid, "a change at the period's end prorates nothing; leave proration out").In("proration")
		}
	default:
		return Errorf(Invalid, "a plan is changed %q or at %q, not %q", ChangeNow, ChangeAtEnd, w.When).In("when")
	}
	switch w.Proration {
	case "", ProrateNow, ProrateLater, ProrateNever:
		return nil
	}
	return Errorf(Invalid, "proration is %q, %q or %q, not %q", ProrateNow, ProrateLater, ProrateNever, w.Proration).In("proration")
}

// choose fills in what was left to the rules.
func (p *PlannedChange) choose(before Price) {
	if p.Price.Kind != PerSeat && p.Price.Kind != before.Kind {
		p.Quantity = 1 // seats do not follow to a price that has none
	}
	if p.When == "" {
		p.When = ChangeNow
		if longer := p.Price.days() > before.days(); !before.Free() && (p.shortens(before) || !longer && p.cheaper(before)) {
			p.When = ChangeAtEnd
		}
	}
	if p.When == ChangeNow && p.Proration == "" {
		p.Proration = ProrateNow
	}
	p.Restarts = p.When == ChangeNow && before.Free() && !p.Price.Free()
}

// possible says what is in the way of a change.
func (p PlannedChange) possible(before Price) error {
	switch sub := p.Subscription; {
	case sub.Status == PastDue, sub.Status == Unpaid:
		return Errorf(Conflict, "the subscription is not paid for; pay its open invoice first")
	case sub.Status == Paused, sub.Suspended: // what a change costs would be voided
		return Errorf(Conflict, "the subscription is paused; let it go on first")
	case !sub.CancelAt.IsZero() && p.When == ChangeAtEnd:
		return Errorf(Conflict, "the subscription is cancelled and ends on %s; take the cancel back first", sub.CancelAt.UTC().Format(time.RFC3339))
	case p.When == ChangeNow && !before.Free() && p.shortens(before):
		return Errorf(Conflict, "a shorter period begins when the longer one ends that is paid; say %q", ChangeAtEnd).In("when")
	}
	return nil
}

// shortens reports whether the new billing period is shorter.
func (p PlannedChange) shortens(before Price) bool { return p.Price.days() < before.days() }

// cheaper reports whether the new price is lower a day. Where tiers or parts of a unit decide, it is not known: then the change is none for
// the worse.
func (p PlannedChange) cheaper(before Price) bool {
	if len(p.Price.Tiers)+len(before.Tiers) > 0 || p.Price.Kind == Metered || before.Kind == Metered {
		return false
	}
	currency := p.Subscription.BilledIn()
	is, ok := p.Price.In(currency)
	was, known := before.In(currency)
	if !ok || !known {
		return false
	}
	// Both are far below the int64: a price is under 10^8, a quantity under 10^6, and no period has 10^4 days.
	return is.Amount.Minor*p.Quantity*before.days() < was.Amount.Minor*p.Item.Quantity*p.Price.days()
}

// days is about how long a period is, to compare it with others.
func (p Price) days() int64 {
	n := int64(max(1, p.IntervalCount))
	switch p.Interval {
	case Day:
		return n
	case Week:
		return 7 * n
	case Month:
		return 30 * n
	}
	return 365 * n
}

// Preview is what a change, or the next invoice, will cost.
type Preview struct {
	Lines     []InvoiceLine
	Subtotal  money.Amount // of the lines
	Total     money.Amount // with discounts and taxes
	Applied   money.Amount // what the customer's balance pays of it; negative: what it adds to the total
	AmountDue money.Amount // what will be charged
	At        time.Time    // when it will be
}

// Amounts reports what has to be the same for two previews to be of the same money.
func (p Preview) Amounts() [3]money.Amount { return [3]money.Amount{p.Total, p.Applied, p.AmountDue} }
