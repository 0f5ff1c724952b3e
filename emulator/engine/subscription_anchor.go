package engine

import (
	"cmp"
	"time"
)

// AnchorConfigParams are billing_cycle_anchor_config: an anchor by calendar parts. Those of the time of day that are not
// given are those of the creation.
type AnchorConfigParams struct {
	DayOfMonth Opt[int64] `form:"day_of_month"`
	Month      Opt[int64] `form:"month"`
	Hour       Opt[int64] `form:"hour"`
	Minute     Opt[int64] `form:"minute"`
	Second     Opt[int64] `form:"second"`
}

// askedAnchor is the anchor that a create asks for, by time or by calendar parts; false without one.
func (t *tx) askedAnchor(c CreateSubscription, s *Subscription) (int64, bool, error) {
	anchor, byTime := c.BillingCycleAnchor.Get()
	config, byParts := c.BillingCycleAnchorConfig.Get()
	switch {
	case byTime && byParts:
		return 0, false, invalid("", "parameters_exclusive", "You may only specify one of these parameters: billing_cycle_anchor, billing_cycle_anchor_config.")
	case byTime:
		return anchor, true, t.checkAnchor(s, anchor)
	case byParts:
		return t.configuredAnchor(s, config)
	}
	return 0, false, nil
}

func (t *tx) configuredAnchor(s *Subscription, p AnchorConfigParams) (int64, bool, error) {
	const param = "billing_cycle_anchor_config"
	for _, item := range s.Items {
		if unit := intervalOf(must[Price](t, item.Price)).Unit; unit != IntervalMonth && unit != IntervalYear {
			return 0, false, invalid(param, "", "billing_cycle_anchor_config can only be used with monthly and yearly prices.")
		}
	}
	day, ok := p.DayOfMonth.Get()
	if !ok {
		return 0, false, required(param + "[day_of_month]")
	}
	for _, part := range []struct {
		name     string
		value    Opt[int64]
		from, to int64
	}{
		{"day_of_month", p.DayOfMonth, 1, 31}, {"month", p.Month, 1, 12}, {"hour", p.Hour, 0, 23}, {"minute", p.Minute, 0, 59}, {"second", p.Second, 0, 59},
	} {
		if v, given := part.value.Get(); given && (v < part.from || v > part.to) {
			return 0, false, invalid(param+"["+part.name+"]", "parameter_invalid_integer", "This value must be between %d and %d.", part.from, part.to)
		}
	}
	s.BillingCycleAnchorConfig = &BillingCycleAnchorConfig{
		DayOfMonth: day, Month: pointer(p.Month), Hour: pointer(p.Hour), Minute: pointer(p.Minute), Second: pointer(p.Second),
	}
	return s.BillingCycleAnchorConfig.next(t.now), true, nil
}

// next is the first moment from now on that fits the parts. It is a day that really exists, so that the day of month is
// kept for ever: periods before it are clamped by the calendar.
func (c BillingCycleAnchorConfig) next(now int64) int64 {
	u := time.Unix(now, 0).UTC()
	part := func(p *int64, own int) int {
		if p == nil {
			return own
		}
		return int(*p)
	}
	for month := 0; ; month++ {
		first := time.Date(u.Year(), u.Month()+time.Month(month), 1, part(c.Hour, u.Hour()), part(c.Minute, u.Minute()), part(c.Second, u.Second()), 0, time.UTC)
		if c.Month != nil && int64(first.Month()) != *c.Month && month < 12*8 {
			continue
		}
		if daysIn(first.Year(), first.Month()) < int(c.DayOfMonth) && month < 12*8 {
			continue // 29 February may be eight years away; an impossible 31 April becomes the month's last day after that
		}
		if at := first.AddDate(0, 0, min(int(c.DayOfMonth), daysIn(first.Year(), first.Month()))-1).Unix(); at >= now {
			return at
		}
	}
}

// followCancel lets the anchor of classic billing follow cancel_at: an end that is new or comes nearer, inside the running period, takes the
// anchor's place. Taken back or put off, it leaves the anchor at the start of the period, or where the caller had set it ahead of that. was is
// the end before, 0 for none and where a period begins anew. Flexible billing never moves its anchor. The periods stay what they were: they are
// counted from CountedFrom.
func (t *tx) followCancel(s *Subscription, was int64) {
	if s.Status == SubTrialing || s.Status == SubPaused || s.CancelAtPeriodEnd || s.CancelAt == was {
		return
	}
	inside := s.CancelAt != 0 && s.CancelAt > s.periodStart() && s.CancelAt < t.wholePeriod(s, s.Items[0]).End
	nearer := was == 0 || s.CancelAt < was
	switch {
	case inside && nearer && s.BillingMode.Type == ModeClassic:
		s.CountedFrom, s.BillingCycleAnchor = s.countedFrom(), s.CancelAt
	case s.CountedFrom != 0:
		s.BillingCycleAnchor, s.CountedFrom = max(s.CountedFrom, s.periodStart()), 0
	}
}

// countedFrom is the moment that the periods are counted from.
func (s *Subscription) countedFrom() int64 { return cmp.Or(s.CountedFrom, s.BillingCycleAnchor) }

// anchor sets the anchor anew.
func (s *Subscription) anchor(at int64) { s.BillingCycleAnchor, s.CountedFrom = at, 0 }
