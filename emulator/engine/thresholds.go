package engine

import (
	"fmt"
	"slices"
)

// Billing thresholds: usage is billed before its period ends, once it has come to an amount or, of one item, to a quantity. Each report of
// usage asks whether it has. The invoice waits for its hour as a renewal does. Tiers go on where the invoice stopped, until the period ends.

// ReasonThreshold is the billing_reason of such an invoice.
const ReasonThreshold = "subscription_threshold"

// BillingThresholds say when a subscription bills its usage early.
type BillingThresholds struct {
	AmountGTE   int64 // before taxes; 0 is no such threshold
	ResetAnchor bool  // a new period begins there
}

// ThresholdReason is why an invoice was made early.
type ThresholdReason struct {
	AmountGTE int64 // 0 when the amount was not the reason
	Items     []ItemThresholdReason
}

// ItemThresholdReason is an item that was used up to its threshold.
type ItemThresholdReason struct {
	Item     string
	UsageGTE int64
}

// ThresholdParams are billing_thresholds of a subscription.
type ThresholdParams struct {
	AmountGTE               Opt[int64] `form:"amount_gte"`
	ResetBillingCycleAnchor Opt[bool]  `form:"reset_billing_cycle_anchor"`
}

// ItemThresholdParams are billing_thresholds of an item.
type ItemThresholdParams struct {
	UsageGTE Opt[int64] `form:"usage_gte"`
}

// Bounds of thresholds.
const (
	thresholdAmountLeast  = 50
	thresholdQuietSeconds = secondsPerDay // so long before a period's end nothing is billed early
)

// takeThresholds is the parameter's value for a subscription or a phase that had others.
func takeThresholds(p Opt[ThresholdParams], has *BillingThresholds, param string) (*BillingThresholds, error) {
	given, ok := p.Get()
	switch {
	case !p.Given():
		return has, nil
	case !ok:
		return nil, nil
	}
	next := BillingThresholds{}
	if has != nil {
		next = *has
	}
	if given.AmountGTE.Given() {
		next.AmountGTE = given.AmountGTE.Or(0)
		if err := within(next.AmountGTE, thresholdAmountLeast, amountMost, param+"[amount_gte]"); err != nil {
			return nil, err
		}
	}
	given.ResetBillingCycleAnchor.Set(&next.ResetAnchor)
	return &next, nil
}

// takeItemThreshold is the parameter's value for an item of a price that had another.
func takeItemThreshold(p Opt[ItemThresholdParams], has int64, price *Price, param string) (int64, error) {
	given, ok := p.Get()
	switch {
	case !p.Given():
		return has, nil
	case !ok:
		return 0, nil
	case price.Recurring == nil || price.Recurring.UsageType != Metered:
		return 0, invalid(param, "", "Usage thresholds can only be set for items of a price with `usage_type=metered`.")
	case !given.UsageGTE.Given():
		return 0, required(param + "[usage_gte]")
	}
	gte := given.UsageGTE.Or(0)
	return gte, within(gte, 1, usageMost, param+"[usage_gte]")
}

// checkThresholds holds what was set against the items: the amount must be more than what is billed anyhow.
func (t *tx) checkThresholds(s *Subscription) error {
	if s.Thresholds == nil {
		return nil
	}
	licensed := int64(0)
	for _, item := range s.Items {
		licensed += t.ahead(s, item)
		if s.Thresholds.ResetAnchor && must[Price](t, item.Price).Recurring.AggregateUsage == AggregateLastOfEver {
			return invalid("billing_thresholds[reset_billing_cycle_anchor]", "", "You cannot reset the billing cycle anchor of a subscription with prices "+
				"that have `aggregate_usage=last_ever`.")
		}
	}
	if s.Thresholds.AmountGTE != 0 && s.Thresholds.AmountGTE <= licensed {
		return invalid("billing_thresholds[amount_gte]", "", "The monetary threshold must be greater than the sum of the costs of all licensed prices, %d.", licensed)
	}
	return nil
}

// crossThresholds bills the subscriptions of a customer whose usage of a meter has come to a threshold.
func (t *tx) crossThresholds(meter, customer string) {
	for _, s := range t.world.tables.subscriptions.all("customer", customer) {
		if slices.ContainsFunc(s.Items, func(item *SubscriptionItem) bool { return must[Price](t, item.Price).Recurring.Meter == meter }) {
			t.crossThreshold(s)
		}
	}
}

// crossThreshold bills a subscription's usage up to this second, if that comes to a threshold.
func (t *tx) crossThreshold(before *Subscription) {
	if !before.thresholds() || before.Status != SubActive && before.Status != SubPastDue || before.periodEnd()-t.now <= thresholdQuietSeconds {
		return
	}
	s := before.clone()
	c := change{sub: s, period: Period{before.periodStart(), t.now}}
	reason := &ThresholdReason{}
	for _, item := range before.Items {
		if !item.metered() {
			continue
		}
		span := item.unbilled(t.now + 1) // what was reported for this second counts
		lines := t.usageLines(before, item, span)
		c.lines = append(c.lines, lines...)
		if item.UsageGTE > 0 && !DecimalOf(item.UsageGTE).above(sumUsed(lines)) {
			reason.Items = append(reason.Items, ItemThresholdReason{item.ID, item.UsageGTE})
		}
		next, _ := s.item(item.ID)
		next.TiersFrom, next.UsageFrom = item.tiersOf(span), span.End
	}
	if sumUsed(c.lines).IsZero() {
		return // nothing was used since the last invoice
	}
	b := t.billOf(c)
	if most := before.Thresholds; most != nil && most.AmountGTE > 0 && t.compose(b).TotalExcludingTax >= most.AmountGTE {
		reason.AmountGTE = most.AmountGTE
	}
	if reason.AmountGTE == 0 && len(reason.Items) == 0 {
		return
	}
	if before.Thresholds != nil && before.Thresholds.ResetAnchor {
		t.restart(before, &c)
		b = t.billOf(c)
	}
	t.billThreshold(before, c, b, reason)
}

// restart begins a new period now, after the usage of the one before was billed.
func (t *tx) restart(before *Subscription, c *change) {
	for _, old := range before.Items {
		t.addProrations(before, c, old, prorate(t.now, t.bought(before, old), nil, t.ties()))
	}
	t.moveAnchor(c.sub, weighing{reset: true})
	for _, item := range c.sub.Items {
		if !item.metered() {
			c.lines = append(c.lines, t.periodLines(c.sub, item, Period{item.CurrentPeriodStart, item.CurrentPeriodEnd})...)
		}
	}
	t.followCancel(c.sub, 0)
	c.period = Period{t.now, t.now}
}

// billThreshold makes the early invoice, a draft for its hour.
func (t *tx) billThreshold(before *Subscription, c change, b bill, reason *ThresholdReason) {
	since := t.mark()
	b.Reason = ReasonThreshold
	inv := t.draft(b, t.advancing(before.PauseCollection == nil), func(inv *Invoice) { inv.Threshold = reason })
	s := c.sub
	s.LatestInvoice = inv.ID
	t.remember(s, inv)
	t.putSubscription(before, s)
	t.arrange(since, []string{"customer.subscription.updated", "invoice.created", "invoiceitem.created"})
	if s.PauseCollection != nil {
		t.dispose(inv, s.PauseCollection.Behavior)
	}
}

// thresholds says whether a subscription has any.
func (s *Subscription) thresholds() bool {
	return s.Thresholds != nil && s.Thresholds.AmountGTE > 0 || slices.ContainsFunc(s.Items, func(item *SubscriptionItem) bool { return item.UsageGTE > 0 })
}

// tiersOf is where the tiers of a span begin: with the span, or where an earlier one of its period did, when a threshold has billed that.
func (item *SubscriptionItem) tiersOf(span Period) int64 {
	if item.CurrentPeriodStart <= item.TiersFrom && item.TiersFrom < span.Start {
		return item.TiersFrom
	}
	return span.Start
}

// usedIn is what was used of an item in a span, and what was billed before it of the same tiers.
func (t *tx) usedIn(s *Subscription, item string, price *Price, span Period, tiersFrom int64) (billed, used Decimal) {
	if tiersFrom == 0 || tiersFrom >= span.Start {
		return Decimal{}, t.usedOf(s, item, price, span)
	}
	billed = t.usedOf(s, item, price, Period{tiersFrom, span.Start})
	used = t.usedOf(s, item, price, Period{tiersFrom, span.End}).plus(billed.negated())
	if used.Negative() {
		used = Decimal{}
	}
	return billed, used
}

// linesAfter splits a quantity behind another that an invoice before has, so that both together come to what one would have.
func (p tariff) linesAfter(billed, more Decimal) []priced {
	if len(p.Tiers) == 0 && p.DivideBy == 0 {
		return p.linesOf(more)
	}
	all, done := p.linesOf(billed.plus(more)), p.linesOf(billed)
	var out []priced
	for i, line := range all {
		if i < len(done) {
			line.Quantity, line.Amount = line.Quantity.plus(done[i].Quantity.negated()), line.Amount-done[i].Amount
		}
		if !line.Quantity.IsZero() || line.Amount != 0 || i == len(all)-1 {
			out = append(out, line)
		}
	}
	return out
}

func sumUsed(lines []*InvoiceLine) Decimal {
	sum := Decimal{}
	for _, line := range lines {
		sum = sum.plus(*line.Used)
	}
	return sum
}

// thresholdParam names the threshold of an item.
func thresholdParam(param string) string { return fmt.Sprintf("%s[billing_thresholds]", param) }
