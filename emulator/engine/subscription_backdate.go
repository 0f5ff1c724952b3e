package engine

// Backdating: the time before a subscription was made is billed as if an interval had begun at its start date, not at the billing cycle's:
// flexible mode makes a line of every such interval and of what is left, classic mode one line of all.

// takeBackdate takes backdate_start_date.
func (t *tx) takeBackdate(c CreateSubscription, s *Subscription) error {
	start, ok := c.BackdateStartDate.Get()
	if !ok {
		return nil
	}
	if start >= t.now {
		return invalid("backdate_start_date", "", "backdate_start_date must be a Unix timestamp in the past.")
	}
	if err := checkTimestamp(start, "backdate_start_date"); err != nil {
		return err
	}
	if c.BillingCycleAnchorConfig.Given() {
		return invalid("", "parameters_exclusive", "You may only specify one of these parameters: backdate_start_date, billing_cycle_anchor_config.")
	}
	lines := int64(0)
	for _, item := range s.Items {
		lines += intervalOf(must[Price](t, item.Price)).index(start, t.now) + 2
	}
	if lines > invoiceItemsMax {
		return invalid("backdate_start_date", "", "The time since %d makes more than %d lines, which is the most that an invoice can have.", start, invoiceItemsMax)
	}
	s.StartDate = start
	return nil
}

// startEarly sets a start date back before anything counts from it; takeBackdate says later what is wrong with one.
func (s *Subscription) startEarly(c CreateSubscription, now int64) {
	if start, ok := c.BackdateStartDate.Get(); ok && start < now && checkTimestamp(start, "") == nil {
		s.StartDate = start
	}
}

// counted is where the durations of new discounts begin to count: of a subscription that is being made, at its start date.
func (s *Subscription) counted(now int64) int64 {
	if s.Created == now {
		return s.StartDate
	}
	return now
}

// pastLines bill an item for the time from a start date that was set back to its first period.
func (t *tx) pastLines(s *Subscription, item *SubscriptionItem) []*InvoiceLine {
	from, to := s.StartDate, item.CurrentPeriodStart
	if from >= to || item.Quantity == nil {
		return nil
	}
	every := intervalOf(must[Price](t, item.Price))
	var lines []*InvoiceLine
	for n := int64(0); every.at(from, n) < to; n++ {
		whole := Period{every.at(from, n), every.at(from, n+1)}
		if whole.End <= to && s.BillingMode.Type == ModeFlexible {
			lines = append(t.itemLines(s, item, whole), lines...) // compose turns lines round
			continue
		}
		debit := t.debitOf(s, item, whole)
		debit.Until = min(whole.End, to)
		line := t.shareLine(s, item, prorate(whole.Start, nil, []Debit{debit}, t.ties())[0])
		if s.BillingMode.Type == ModeClassic && n > 0 {
			lines[0].Amount, lines[0].Period.End = lines[0].Amount+line.Amount, line.Period.End
			continue
		}
		lines = append([]*InvoiceLine{line}, lines...)
	}
	return lines
}

// past says whether a line bills the time before an item's current period.
func (line *InvoiceLine) past(item *SubscriptionItem) bool {
	return line.Period.End <= item.CurrentPeriodStart
}
