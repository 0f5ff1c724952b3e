package engine

import "slices"

// What usage costs. A metered item is billed in arrears: the invoice that closes a period has its usage, which is summed up from the meter's
// events when the draft is made and once more when it is finalized.

// metered says whether an item is billed by usage.
func (item *SubscriptionItem) metered() bool { return item.Quantity == nil }

// licensed is the quantity of an item of a price, which items of a metered price have none of.
func (p *Price) licensed(quantity int64) *int64 {
	if p.Recurring.UsageType == Metered {
		return nil
	}
	return &quantity
}

// checkQuantity checks a quantity for an item: it belongs to licensed prices alone.
func (item *SubscriptionItem) checkQuantity(quantity int64, param string) error {
	if item.metered() {
		return quantityOfMetered(param)
	}
	return checkQuantity(quantity, param+"[quantity]")
}

func quantityOfMetered(param string) *Error {
	return invalid(param+"[quantity]", "", "Quantity should not be specified where usage_type is `metered`. Remove quantity from `%s`.", param)
}

// ahead is what an item costs for a whole period that is billed in advance: of usage, nothing.
func (t *tx) ahead(s *Subscription, item *SubscriptionItem) int64 {
	if item.metered() {
		return 0
	}
	return tariffOf(must[Price](t, item.Price), s.Currency).total(*item.Quantity)
}

// unbilled is the part of an item's current period whose usage is not billed yet, as of a moment: it begins with the period, or when the
// metered price came.
func (item *SubscriptionItem) unbilled(until int64) Period {
	return Period{min(max(item.CurrentPeriodStart, item.UsageFrom), until), until}
}

// closing are the lines of the usage up to a moment, which ends the item's period. Nothing is owed for what was used in a trial.
func (t *tx) closing(before *Subscription, item *SubscriptionItem, until int64) []*InvoiceLine {
	if !item.metered() || before.Status == SubTrialing {
		return nil
	}
	span := item.unbilled(until)
	if span.Start >= span.End {
		return nil // it came in this second
	}
	return t.usageLines(before, item, span)
}

// usageLines bill what was used of a metered item in a span, a tier a line, in the order that compose expects: it turns lines round.
func (t *tx) usageLines(s *Subscription, item *SubscriptionItem, span Period) []*InvoiceLine {
	blank := t.itemLine(s, item, span)
	if from := item.tiersOf(span); from < span.Start {
		blank.TiersFrom = from
	}
	billed, used := t.usedIn(s, item.ID, must[Price](t, item.Price), span, blank.TiersFrom)
	out := t.tierLines(blank, billed, used)
	slices.Reverse(out)
	return out
}

// tierLines are the lines of a quantity, tier by tier, each a copy of a blank one; billed is what an earlier invoice has of these tiers.
func (t *tx) tierLines(blank *InvoiceLine, billed, used Decimal) []*InvoiceLine {
	price := must[Price](t, blank.Price)
	product := must[Product](t, price.Product)
	var out []*InvoiceLine
	parts := tariffOf(price, blank.Currency).linesOf(used)
	if blank.TiersFrom != 0 {
		parts = tariffOf(price, blank.Currency).linesAfter(billed, used)
	}
	for _, p := range parts {
		line := *blank
		line.Amount, line.Description, line.UnitAmount = p.Amount, pricedText(price, blank.Currency, product, p), &p.Unit
		line.Quantity, line.Used = &p.Quantity.whole, &p.Quantity
		out = append(out, &line)
	}
	return out
}

// usedOf is what was used of a metered price in a span: by the events of its meter, or by records of old. Corrections may outweigh what they
// correct; less than nothing costs nothing.
func (t *tx) usedOf(s *Subscription, item string, price *Price, span Period) Decimal {
	if price.Recurring.Meter == "" {
		if span.Start >= span.End {
			return Decimal{}
		}
		return DecimalOf(t.world.recorded(item, price.Recurring.AggregateUsage, span))
	}
	quantity := t.world.usage(must[Meter](t, price.Recurring.Meter), s.Customer, span)
	if quantity.Negative() {
		return Decimal{}
	}
	return quantity
}

// opening are the lines of a metered item on the first invoice of a subscription: classic mode shows that nothing was used yet.
func (t *tx) opening(s *Subscription, item *SubscriptionItem) []*InvoiceLine {
	if !item.metered() || s.BillingMode.Type != ModeClassic {
		return nil
	}
	return t.usageLines(s, item, Period{item.CurrentPeriodStart, item.CurrentPeriodStart})
}

// owed are the lines of all usage that a subscription has not billed as of a moment, without those that come to nothing.
func (t *tx) owed(s *Subscription, until int64) []*InvoiceLine {
	var out []*InvoiceLine
	for _, item := range s.Items {
		for _, line := range t.closing(s, item, until) {
			if line.Amount != 0 || !line.Used.IsZero() {
				out = append(out, line)
			}
		}
	}
	return out
}

// asItem makes a pending invoice item of a line of usage, for what an update or a cancellation bills with a later invoice.
func (t *tx) asItem(s *Subscription, line *InvoiceLine) *InvoiceItem {
	return &InvoiceItem{
		ID: t.long("ii_"), Created: t.now, TestClock: s.TestClock, Date: t.now, Customer: s.Customer, Amount: line.Amount, Currency: line.Currency,
		Description: line.Description, Discountable: true, Period: line.Period, Price: line.Price, Product: line.Product, UnitAmount: line.UnitAmount,
		Quantity: *line.Quantity, Used: line.Used, Subscription: s.ID, SubscriptionItem: line.SubscriptionItem,
	}
}

// billRemoved bills the usage of an item whose metered price goes: flexible mode bills it unless told not to prorate, classic mode drops it.
func (t *tx) billRemoved(before *Subscription, c *change, old *SubscriptionItem) {
	if item, kept := c.sub.item(old.ID); before.BillingMode.Type != ModeFlexible || kept && item.metered() && item.UsageFrom == old.UsageFrom {
		return
	}
	for _, line := range slices.Backward(t.closing(before, old, t.now)) {
		if line.Amount != 0 || !line.Used.IsZero() {
			c.items = append(c.items, t.asItem(before, line))
		}
	}
}

// closePeriods bills the usage of the items whose period an update ends now, as lines of the invoice that it brings.
func (t *tx) closePeriods(before *Subscription, c *change) {
	for _, old := range before.Items {
		if item, kept := c.sub.item(old.ID); kept && item.Price == old.Price {
			c.lines = append(c.lines, t.closing(before, old, t.now)...)
		}
	}
}

// refreshUsage brings the lines of usage on a draft up to date: what was reported for their time since the draft was made is billed too.
func (t *tx) refreshUsage(inv *Invoice) {
	if !slices.ContainsFunc(inv.Lines, (*InvoiceLine).usage) {
		return
	}
	s, ok := Get[Subscription](t.world, inv.Subscription)
	if !ok {
		return
	}
	var lines []*InvoiceLine
	for i := 0; i < len(inv.Lines); {
		end := i + 1
		for end < len(inv.Lines) && inv.Lines[i].sameUsage(inv.Lines[end]) {
			end++
		}
		lines = append(lines, t.usageAnew(s, inv.Lines[i:end])...)
		i = end
	}
	inv.Lines = lines
}

// sameUsage says whether two lines bill tiers of the same usage.
func (l *InvoiceLine) sameUsage(m *InvoiceLine) bool {
	return l.usage() && m.usage() && l.SubscriptionItem == m.SubscriptionItem && l.Price == m.Price && l.Period == m.Period
}

// usage says whether a line bills the usage of a subscription item.
func (l *InvoiceLine) usage() bool { return l.Used != nil && l.FromSubscription }

// usageAnew are the lines in place of those of one item's usage. Lines whose usage is as it was stay as they are.
func (t *tx) usageAnew(s *Subscription, old []*InvoiceLine) []*InvoiceLine {
	first := old[0]
	if !first.usage() || first.Period.Start == first.Period.End {
		return old
	}
	was := Decimal{}
	for _, line := range old {
		was = was.plus(*line.Used)
	}
	billed, used := t.usedIn(s, first.SubscriptionItem, must[Price](t, first.Price), first.Period, first.TiersFrom)
	if used == was {
		return old
	}
	lines := t.tierLines(first, billed, used) // the amounts of discounts and taxes on them are worked out anew
	for i, line := range lines {
		if i < len(old) {
			line.ID = old[i].ID
			continue
		}
		line.ID = t.long("il_")
	}
	return lines
}
