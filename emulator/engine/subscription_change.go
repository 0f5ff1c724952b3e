package engine

import (
	"fmt"
	"reflect"
	"slices"
)

// change is what an update does to a subscription, worked out and not stored: an update applies it, a preview shows it.
type change struct {
	sub        *Subscription  // the state after it
	items      []*InvoiceItem // the prorations, oldest first: Stripe makes debits before credits
	lines      []*InvoiceLine // ordinary lines of a period that begins now
	period     Period         // of the invoice
	invoiceNow bool
	proratedAt int64
}

// change works out an update on s, a copy of before that it changes freely.
func (t *tx) change(before, s *Subscription, p SubscriptionChange) (change, error) {
	c := change{sub: s, period: Period{before.periodStart(), t.now}}
	behavior := p.ProrationBehavior.Or(t.settings().ProrationBehavior)
	if err := oneOf("proration_behavior", behavior, CreateProrations, AlwaysInvoice, NoProrations); err != nil {
		return c, err
	}
	at, err := t.prorationTime(before, p.ProrationDate)
	if err != nil {
		return c, err
	}
	if s.DefaultTaxRates, err = t.taxRatesParam(p.DefaultTaxRates, before.DefaultTaxRates, "default_tax_rates"); err != nil {
		return c, err
	}
	if err := t.changeItems(s, p.Items); err != nil {
		return c, err
	}
	if s.Discounts, err = t.grant(p.Discounts, granting{
		level: Discount{Customer: s.Customer, Subscription: s.ID}, has: before.Discounts, currency: s.Currency, param: "discounts",
	}); err != nil {
		return c, err
	}
	reset, err := t.resetsAnchor(before, s, p.BillingCycleAnchor)
	if err != nil {
		return c, err
	}
	trial, err := t.changeTrial(before, s, p.TrialEnd)
	if err != nil {
		return c, err
	}
	if p.ProrationDate.Given() {
		c.proratedAt = at
	}
	w := weighing{behavior: behavior, at: at, reset: reset, trial: trial}
	t.moveAnchor(s, w)
	if s.CancelAtPeriodEnd && s.Status != SubPaused {
		s.CancelAt = s.periodEnd()
	}
	t.weigh(before, &c, w)
	if err := t.setCancelAt(s, p.CancelAt, p.CancelAtPeriodEnd); err != nil {
		return c, err
	}
	if w.reset || trial == trialEnded {
		t.followCancel(s, 0)
	} else {
		t.followCancel(s, before.CancelAt)
	}
	t.cutPeriods(before, &c, w)
	return c, nil
}

// weighing is how a change is billed.
type weighing struct {
	behavior string
	at       int64 // the instant prorations are taken at
	reset    bool  // a new period begins now
	trial    trialChange
}

type trialChange int

const (
	trialUnchanged trialChange = iota
	trialMoved                 // still trialing, to another date
	trialStarted               // a paid period becomes a trial
	trialEnded                 // trial_end=now
)

// prorationTime is the instant of proration: proration_date, which must lie in the current period, or now.
func (t *tx) prorationTime(s *Subscription, date Opt[int64]) (int64, error) {
	at, ok := date.Get()
	if !ok {
		return t.now, nil
	}
	if at < s.periodStart() || at > s.periodEnd() {
		return 0, invalid("proration_date", "", "Cannot specify `proration_date` outside of the current period: it must be between %d and %d.",
			s.periodStart(), s.periodEnd())
	}
	return at, nil
}

// changeItems applies the items parameter.
func (t *tx) changeItems(s *Subscription, p Opt[[]ItemChange]) error {
	changes, _ := p.Get()
	for i, c := range changes {
		if err := t.changeItem(s, c, fmt.Sprintf("items[%d]", i)); err != nil {
			return err
		}
	}
	if len(s.Items) == 0 {
		return invalid("items", "", "A subscription must have at least one active item.")
	}
	if len(s.Items) > subscriptionItemsMax {
		return invalid("items", "", "A subscription can have at most %d items.", subscriptionItemsMax)
	}
	return t.checkRhythm(s)
}

func (t *tx) changeItem(s *Subscription, c ItemChange, param string) error {
	id, ok := c.ID.Get()
	if !ok {
		item, err := t.newItem(s, c.SubscriptionItemParams, "", param)
		if err != nil {
			return err
		}
		s.Items = append(s.Items, item)
		return nil
	}
	item, ok := s.item(id)
	if !ok {
		return noSuchParam("subscription_item", id, param+"[id]")
	}
	if c.Deleted.Or(false) {
		if err := t.clearUsage(item, c.ClearUsage.Or(false), param+"[clear_usage]"); err != nil {
			return err
		}
		s.Items = slices.DeleteFunc(s.Items, func(i *SubscriptionItem) bool { return i.ID == id })
		return nil
	}
	if c.Price.Given() || c.Plan.Given() || c.PriceData.Given() {
		if err := t.swapPrice(s, item, c, param); err != nil {
			return err
		}
	}
	if quantity, ok := c.Quantity.Get(); ok {
		if err := item.checkQuantity(quantity, param); err != nil {
			return err
		}
		item.Quantity = &quantity
	}
	item.Metadata = mergeMetadata(item.Metadata, c.Metadata)
	var err error
	if item.UsageGTE, err = takeItemThreshold(c.BillingThresholds, item.UsageGTE, must[Price](t, item.Price), thresholdParam(param)); err != nil {
		return err
	}
	rates, err := t.taxRatesParam(c.TaxRates, item.TaxRates, param+"[tax_rates]")
	if err != nil {
		return err
	}
	item.TaxRates = rates
	return t.grantItem(s, item, c.Discounts, param)
}

// swapPrice puts another price under an item, which keeps its id.
func (t *tx) swapPrice(s *Subscription, item *SubscriptionItem, c ItemChange, param string) error {
	price, err := t.swapTo(item, c, param)
	if err != nil || price.ID == item.Price {
		return err
	}
	if err := checkItemPrice(s, price, param); err != nil {
		return err
	}
	moves := must[Price](t, item.Price).recordsUsage() && price.recordsUsage() && !c.ClearUsage.Or(false)
	if c.ClearUsage.Or(false) {
		if err := t.clearUsage(item, true, ""); err != nil {
			return err
		}
	}
	item.TiersFrom, item.UsageGTE = 0, 0
	if !moves { // records of old follow the item to its next price
		item.UsageFrom = t.now
	}
	quantity := int64(quantityAfterSwap)
	if item.Quantity != nil && t.decided().SwapQuantity == SwapKeeps {
		quantity = *item.Quantity
	}
	item.Price, item.Quantity = price.ID, price.licensed(quantity)
	return nil
}

// swapTo is the price to put under an item. The price that is there already may be inactive by now.
func (t *tx) swapTo(item *SubscriptionItem, c ItemChange, param string) (*Price, error) {
	if c.Price.Or(c.Plan.Or("")) == item.Price {
		return must[Price](t, item.Price), nil
	}
	return t.itemPrice(c.Price, c.Plan, c.PriceData, param)
}

// resetsAnchor says whether the billing cycle begins anew now. Classic mode resets by itself when an interval changes and
// when a free subscription becomes a paid one; flexible mode never does.
func (t *tx) resetsAnchor(before, after *Subscription, p Opt[AnchorParams]) (bool, error) {
	if anchor, ok := p.Get(); ok {
		if err := oneOf("billing_cycle_anchor", anchor.Type, "now", "unchanged"); err != nil {
			return false, err
		}
		if anchor.Type == "now" {
			return true, nil
		}
	}
	if before.BillingMode.Type != ModeClassic || before.Status == SubTrialing {
		return false, nil
	}
	for _, item := range after.Items {
		old, ok := before.item(item.ID)
		if ok && intervalOf(must[Price](t, old.Price)) != intervalOf(must[Price](t, item.Price)) {
			return true, nil
		}
	}
	return t.free(before) && !t.free(after), nil
}

// free says whether none of the prices can ever cost anything.
func (t *tx) free(s *Subscription) bool {
	for _, item := range s.Items {
		if !tariffOf(must[Price](t, item.Price), s.Currency).free() {
			return false
		}
	}
	return true
}

// changeTrial applies trial_end.
func (t *tx) changeTrial(before, s *Subscription, p Opt[Instant]) (trialChange, error) {
	instant, ok := p.Get()
	if !ok {
		return trialUnchanged, nil
	}
	at, known := instant.Resolve(t.now)
	if !known || instant.Word == "" && at <= t.now {
		return 0, invalid("trial_end", "", "Invalid timestamp: must be an integer Unix timestamp in the future.")
	}
	if at-t.now > trialSecondsMax {
		return 0, invalid("trial_end", "", "Invalid timestamp: trial_end can be no more than two years in the future.")
	}
	trialing := before.Status == SubTrialing
	switch {
	case at > t.now && trialing:
		s.TrialEnd = at
		return trialMoved, nil
	case at > t.now:
		s.Status, s.TrialEnd = SubTrialing, at
		if s.TrialStart == 0 || s.BillingMode.Type == ModeFlexible {
			s.TrialStart = t.now
		}
		return trialStarted, nil
	case trialing:
		s.Status, s.TrialEnd = SubActive, t.now
		return trialEnded, nil
	}
	return trialUnchanged, nil // not trialing: trial_end=now changes nothing (chapter 14.18)
}

// moveAnchor sets anchor and periods after a change: from now on, to the trial's end, or where the calendar has them.
func (t *tx) moveAnchor(s *Subscription, w weighing) {
	switch {
	case w.trial == trialMoved || w.trial == trialStarted:
		s.anchor(s.TrialEnd)
		for _, item := range s.Items {
			item.CurrentPeriodEnd = s.TrialEnd
			if w.trial == trialStarted || item.CurrentPeriodStart == 0 {
				item.CurrentPeriodStart = t.now
			}
		}
		return
	case w.trial == trialEnded || w.reset && s.Status != SubTrialing:
		s.anchor(t.now)
		for _, item := range s.Items {
			period := t.periodOf(s, item, t.now)
			item.CurrentPeriodStart, item.CurrentPeriodEnd = period.Start, period.End
		}
		return
	}
	for _, item := range s.Items {
		t.placeItem(s, item)
	}
}

// placeItem gives an item that is new, or whose interval changed, the calendar period of the kept anchor.
func (t *tx) placeItem(s *Subscription, item *SubscriptionItem) {
	if s.Status == SubTrialing {
		if item.CurrentPeriodEnd == 0 {
			item.CurrentPeriodStart, item.CurrentPeriodEnd = t.now, s.TrialEnd
		}
		return
	}
	old, known := Get[SubscriptionItem](t.world, item.ID)
	if known && intervalOf(must[Price](t, old.Price)) == intervalOf(must[Price](t, item.Price)) {
		return
	}
	period := t.periodOf(s, item, t.now)
	item.CurrentPeriodStart, item.CurrentPeriodEnd = period.Start, period.End
	if s.CancelAt != 0 && !s.CancelAtPeriodEnd {
		item.CurrentPeriodEnd = min(period.End, s.CancelAt)
	}
}

func sameSubscription(a, b *Subscription) bool { return reflect.DeepEqual(a, b) }
