package engine

import (
	"slices"
)

// weigh bills a change: prorations of what changed, ordinary lines of a period that begins now, and whether the invoice
// comes at once (chapter 4.3).
func (t *tx) weigh(before *Subscription, c *change, w weighing) {
	s := c.sub
	before = before.discountedAs(s)
	switch {
	case before.Status == SubTrialing && w.trial != trialEnded:
		return // nothing was paid, nothing is owed
	case before.Status == SubPaused:
		return // updates of a paused subscription make no prorations
	case w.trial == trialEnded:
		t.beginPeriod(c)
	case w.trial == trialStarted:
		t.creditAll(before, c, w)
		t.closePeriods(before, c)
		for _, item := range s.Items {
			if item.UsageFrom = t.now; !item.metered() {
				c.lines = append(c.lines, t.trialLine(s, item, Period{item.CurrentPeriodStart, item.CurrentPeriodEnd}))
			}
			item.Debits = nil
		}
		c.invoiceNow, c.period = true, Period{t.now, t.now}
	case w.reset:
		t.creditAll(before, c, w)
		t.closePeriods(before, c)
		t.beginPeriod(c)
		if w.behavior == CreateProrations && s.BillingMode.Type == ModeFlexible && c.cancelsOut(before) {
			c.items, c.lines, c.invoiceNow = nil, nil, false
		}
	case w.behavior != NoProrations:
		t.prorateChanged(before, c, w)
		c.invoiceNow = w.behavior == AlwaysInvoice && len(c.items) > 0
	}
}

// cancelsOut says whether a period that begins now has nothing to bill: it costs nothing, or is the one that was paid. Flexible mode then makes
// no invoice (chapter 3.4).
func (c *change) cancelsOut(before *Subscription) bool {
	net, gross := int64(0), int64(0)
	for _, item := range c.items {
		net, gross = net+item.Amount, gross+max(item.Amount, -item.Amount)
	}
	for _, line := range c.lines {
		net, gross = net+line.Amount, gross+max(line.Amount, -line.Amount)
	}
	if net != 0 || gross == 0 {
		return gross == 0
	}
	for _, item := range c.sub.Items {
		old, kept := before.item(item.ID)
		if !kept || item.Price != old.Price || item.CurrentPeriodStart != old.CurrentPeriodStart || item.CurrentPeriodEnd != old.CurrentPeriodEnd {
			return false
		}
	}
	return len(c.sub.Items) == len(before.Items)
}

// beginPeriod bills every item for a whole new period, at once.
func (t *tx) beginPeriod(c *change) {
	for _, item := range c.sub.Items {
		item.UsageFrom = t.now
		c.lines = append(c.lines, t.periodLines(c.sub, item, Period{item.CurrentPeriodStart, item.CurrentPeriodEnd})...)
	}
	c.invoiceNow, c.period = true, Period{t.now, t.now}
}

// creditAll gives back what is unused of every item, because all of them begin anew.
func (t *tx) creditAll(before *Subscription, c *change, w weighing) {
	if w.behavior == NoProrations {
		return
	}
	for _, old := range before.Items {
		t.addProrations(before, c, old, prorate(w.at, t.bought(before, old), nil, t.ties()))
		if item, kept := c.sub.item(old.ID); !kept || item.Price != old.Price {
			t.billRemoved(before, c, old)
		}
	}
}

// prorateChanged makes the prorations of the items that differ, added and removed ones included.
func (t *tx) prorateChanged(before *Subscription, c *change, w weighing) {
	s := c.sub
	for _, item := range s.Items {
		old, known := before.item(item.ID)
		if known && old.Price == item.Price && old.quantity() == item.quantity() {
			continue
		}
		var given []Debit
		if known {
			given = t.bought(before, old)
			t.billRemoved(before, c, old)
		}
		item.Debits = spent(item.Debits, w.at)
		if item.metered() {
			t.addProrations(s, c, item, prorate(w.at, given, nil, t.ties()))
			continue
		}
		debit := t.debitOf(s, item, t.wholePeriod(s, item))
		made := t.addProrations(s, c, item, prorate(w.at, given, []Debit{debit}, t.ties()))
		debit.InvoiceItem, debit.Since = made.ID, made.Period.Start
		item.Debits = append(item.Debits, debit)
	}
	for _, old := range before.Items {
		if _, kept := s.item(old.ID); !kept {
			t.addProrations(before, c, old, prorate(w.at, t.bought(before, old), nil, t.ties()))
			t.billRemoved(before, c, old)
		}
	}
}

// discountedAs is a subscription with the discounts that an update leaves it: where one call changes discounts and makes prorations, classic
// credits count with the new ones (chapter 4.4). Flexible credits give back what was billed.
func (s *Subscription) discountedAs(after *Subscription) *Subscription {
	if s.BillingMode.Type != ModeClassic {
		return s
	}
	out := *s
	out.Discounts, out.Items = after.Discounts, slices.Clone(s.Items)
	for i, item := range s.Items {
		if kept, ok := after.item(item.ID); ok && !slices.Equal(kept.Discounts, item.Discounts) {
			as := *item
			as.Discounts = kept.Discounts
			out.Items[i] = &as
		}
	}
	return &out
}

// bought is what a change gives back: in flexible mode the debits that were really made, in classic mode the item's
// current price and quantity. Usage is never given back.
func (t *tx) bought(s *Subscription, item *SubscriptionItem) []Debit {
	if item.metered() {
		return nil
	}
	if s.BillingMode.Type == ModeFlexible {
		return item.Debits
	}
	whole := t.debitOf(s, item, t.wholePeriod(s, item))
	whole.Full, whole.PercentOff = t.folded(s, item, true, nil)
	if len(item.Debits) > 0 {
		billed := item.Debits[len(item.Debits)-1]
		whole.InvoiceItem, whole.Invoice, whole.Line = billed.InvoiceItem, billed.Invoice, billed.Line
	}
	return []Debit{whole}
}

// addProrations makes invoice items of prorations, debits before credits as Stripe does, and answers the last debit.
func (t *tx) addProrations(s *Subscription, c *change, item *SubscriptionItem, prorations []prorated) *InvoiceItem {
	var debit *InvoiceItem
	for _, p := range slices.Backward(prorations) {
		price := must[Price](t, p.Price)
		made := &InvoiceItem{
			ID: t.long("ii_"), Created: t.now, TestClock: s.TestClock, Date: t.now, Customer: s.Customer, Amount: p.Amount, Currency: s.Currency,
			Description: t.prorationText(p, must[Product](t, price.Product)), Period: p.Period, Price: p.Price, Product: price.Product,
			Quantity: p.Quantity, Proration: true, Reduced: p.Reduced, Subscription: s.ID, SubscriptionItem: item.ID,
		}
		if p.Credit {
			made.CreditedItems, made.TaxRates = t.credited(p.Credited), s.taxBack(item, p.Credited.TaxRates)
		} else {
			made.TaxRates = item.TaxRates
			debit = made
		}
		c.items = append(c.items, made)
	}
	return debit
}

// credited names the invoice and the line that billed a debit; nil while that still waits for an invoice.
func (t *tx) credited(d Debit) *CreditedItems {
	if d.InvoiceItem == "" {
		if d.Invoice == "" {
			return nil
		}
		return &CreditedItems{Invoice: d.Invoice, Lines: []string{d.Line}}
	}
	item, ok := Get[InvoiceItem](t.world, d.InvoiceItem)
	if !ok || item.Invoice == "" {
		return nil
	}
	for _, line := range must[Invoice](t, item.Invoice).Lines {
		if line.InvoiceItem == item.ID {
			return &CreditedItems{Invoice: item.Invoice, Lines: []string{line.ID}}
		}
	}
	return nil
}

// cutPeriods ends the running periods at a cancel_at that lies inside them, and credits the time after it; undoing the
// request stretches them to the calendar's end again and debits that time.
func (t *tx) cutPeriods(before *Subscription, c *change, w weighing) {
	s := c.sub
	if s.Status == SubTrialing || s.Status == SubPaused || s.CancelAtPeriodEnd || s.CancelAt == before.CancelAt {
		return
	}
	for _, item := range s.Items {
		whole := t.wholePeriod(s, item)
		end := whole.End
		if s.CancelAt != 0 && s.CancelAt > item.CurrentPeriodStart {
			end = min(end, s.CancelAt)
		}
		if end == item.CurrentPeriodEnd {
			continue
		}
		if w.behavior != NoProrations && !item.metered() {
			t.addProrations(s, c, item, moveEnd(t.bought(s, item), t.debitOf(s, item, whole), end, t.ties()))
			c.invoiceNow = c.invoiceNow || w.behavior == AlwaysInvoice
		}
		item.Debits = moveEnds(item.Debits, item.CurrentPeriodEnd, end)
		item.CurrentPeriodEnd = end
	}
}

// spent are debits of which the time from an instant on was given back: what they billed before it stays theirs.
func spent(debits []Debit, at int64) []Debit {
	var out []Debit
	for _, d := range debits {
		if max(d.Period.Start, d.Since) >= at {
			continue
		}
		d.Until = min(d.end(), at)
		out = append(out, d)
	}
	return out
}

// moveEnds lets the debits that reach to the end of an item's period reach to where that now ends.
func moveEnds(debits []Debit, from, to int64) []Debit {
	out := slices.Clone(debits)
	for i, d := range out {
		if end := d.end(); end == from || end > to {
			out[i].Until = to
		}
	}
	return out
}
