package engine

import (
	"fmt"
	"slices"
)

// ScheduleSettingsParams are default_settings.
type ScheduleSettingsParams struct {
	AutomaticTax         Opt[AutomaticTaxParam]  `form:"automatic_tax"`
	BillingCycleAnchor   Opt[string]             `form:"billing_cycle_anchor"`
	BillingThresholds    Opt[ThresholdParams]    `form:"billing_thresholds"`
	CollectionMethod     Opt[string]             `form:"collection_method"`
	DefaultPaymentMethod Opt[string]             `form:"default_payment_method"`
	Description          Opt[string]             `form:"description"`
	InvoiceSettings      Opt[PhaseInvoiceParams] `form:"invoice_settings"`
}

// PhaseInvoiceParams are invoice_settings of a phase or of default_settings.
type PhaseInvoiceParams struct {
	InvoiceSettingsParams
	DaysUntilDue Opt[int64] `form:"days_until_due"`
}

// PhaseParams are one element of phases.
type PhaseParams struct {
	ScheduleSettingsParams
	AddInvoiceItems   Opt[[]PhaseExtraParams] `form:"add_invoice_items"`
	Currency          Opt[string]             `form:"currency"`
	DefaultTaxRates   Opt[[]string]           `form:"default_tax_rates"`
	Discounts         Opt[[]DiscountParams]   `form:"discounts"`
	Duration          Opt[DurationParams]     `form:"duration"`
	EndDate           Opt[Instant]            `form:"end_date"`
	Items             Opt[[]PhaseItemParams]  `form:"items"`
	Iterations        Opt[int64]              `form:"iterations"` // of versions before clover
	Metadata          Opt[map[string]string]  `form:"metadata"`
	ProrationBehavior Opt[string]             `form:"proration_behavior"`
	StartDate         Opt[Instant]            `form:"start_date"`
	Trial             Opt[bool]               `form:"trial"`
	TrialEnd          Opt[Instant]            `form:"trial_end"`
}

// PhaseItemParams are one element of a phase's items.
type PhaseItemParams struct {
	BillingThresholds Opt[ItemThresholdParams] `form:"billing_thresholds"`
	Discounts         Opt[[]DiscountParams]    `form:"discounts"`
	Metadata          Opt[map[string]string]   `form:"metadata"`
	Plan              Opt[string]              `form:"plan"`
	Price             Opt[string]              `form:"price"`
	PriceData         Opt[PriceDataParams]     `form:"price_data"`
	Quantity          Opt[int64]               `form:"quantity"`
	TaxRates          Opt[[]string]            `form:"tax_rates"`
}

// PhaseExtraParams are one element of a phase's add_invoice_items.
type PhaseExtraParams struct {
	Discountable Opt[bool]              `form:"discountable"`
	Discounts    Opt[[]DiscountParams]  `form:"discounts"`
	Metadata     Opt[map[string]string] `form:"metadata"`
	Period       Opt[MomentsParams]     `form:"period"`
	Price        Opt[string]            `form:"price"`
	PriceData    Opt[PriceDataParams]   `form:"price_data"`
	Quantity     Opt[int64]             `form:"quantity"`
	TaxRates     Opt[[]string]          `form:"tax_rates"`
}

// DurationParams are how long a phase lasts.
type DurationParams struct {
	Interval      Opt[string] `form:"interval"`
	IntervalCount Opt[int64]  `form:"interval_count"`
}

// planning is where phases are laid out: one behind the other, from a start on.
type planning struct {
	customer string
	mode     string
	currency string // "" until the first phase names it
	at       int64  // where the next phase starts
	anchor   int64  // of the billing cycle there; 0 begins with the next phase
	every    interval
}

// planPhases checks the phases of a request and lays them out from at on.
func (t *tx) planPhases(list []PhaseParams, at planning) ([]*Phase, error) {
	if len(list) == 0 {
		return nil, required("phases")
	}
	if len(list) > phasesMax {
		return nil, invalid("phases", "", "A subscription schedule can have at most %d current and future phases.", phasesMax)
	}
	var phases []*Phase
	for i, p := range list {
		phase, err := t.planPhase(p, &at, fmt.Sprintf("phases[%d]", i))
		if err != nil {
			return nil, err
		}
		phases = append(phases, phase)
	}
	return phases, nil
}

// planPhase checks one phase and moves at to its end.
func (t *tx) planPhase(p PhaseParams, at *planning, param string) (*Phase, error) {
	if start, ok := p.StartDate.Get(); ok {
		if unix, known := start.Resolve(t.now); !known || unix != at.at {
			return nil, invalid(param+"[start_date]", "", "The start date of a phase must be the end date of the one before: %d.", at.at)
		}
	}
	phase := &Phase{Start: at.at, ProrationBehavior: p.ProrationBehavior.Or(t.settings().ProrationBehavior), Metadata: mergeMetadata(nil, p.Metadata)}
	if set, ok := p.Metadata.Get(); ok {
		phase.Metadata = set // an empty value takes a key off the subscription
	}
	if err := oneOf(param+"[proration_behavior]", phase.ProrationBehavior, CreateProrations, AlwaysInvoice, NoProrations); err != nil {
		return nil, err
	}
	var err error
	if phase.PhaseSettings, err = t.phaseSettings(p.ScheduleSettingsParams, PhaseSettings{}, at.customer, param); err != nil {
		return nil, err
	}
	if err := t.planItems(p, phase, at, param); err != nil {
		return nil, err
	}
	if phase.Discounts, err = t.phaseDiscounts(p.Discounts, at.customer, phase.Currency, param+"[discounts]"); err != nil {
		return nil, err
	}
	if phase.DefaultTaxRates, err = t.taxRatesParam(p.DefaultTaxRates, nil, param+"[default_tax_rates]"); err != nil {
		return nil, err
	}
	if err := t.planExtras(p, phase, at, param); err != nil {
		return nil, err
	}
	return phase, t.planEnd(p, phase, at, param)
}

// planItems checks the items of a phase as if a subscription of its own held them.
func (t *tx) planItems(p PhaseParams, phase *Phase, at *planning, param string) error {
	list, _ := p.Items.Get()
	if len(list) == 0 {
		return required(param + "[items]")
	}
	if len(list) > subscriptionItemsMax {
		return invalid(param+"[items]", "", "A subscription can have at most %d items.", subscriptionItemsMax)
	}
	like := &Subscription{Customer: at.customer, Currency: p.Currency.Or(at.currency), BillingMode: BillingMode{Type: at.mode}}
	for i, one := range list {
		itemParam := fmt.Sprintf("%s[items][%d]", param, i)
		price, err := t.itemPrice(one.Price, one.Plan, one.PriceData, itemParam)
		if err != nil {
			return err
		}
		if like.Currency == "" {
			like.Currency = price.Currency
		}
		if err := checkItemPrice(like, price, itemParam); err != nil {
			return err
		}
		item := PhaseItem{Price: price.ID, Metadata: one.Metadata.Or(nil)}
		if item.Quantity = price.licensed(one.Quantity.Or(1)); item.Quantity == nil && one.Quantity.Given() {
			return quantityOfMetered(itemParam)
		}
		if err := checkQuantity(one.Quantity.Or(1), itemParam+"[quantity]"); err != nil {
			return err
		}
		if item.Discounts, err = t.phaseDiscounts(one.Discounts, at.customer, like.Currency, itemParam+"[discounts]"); err != nil {
			return err
		}
		if item.UsageGTE, err = takeItemThreshold(one.BillingThresholds, 0, price, thresholdParam(itemParam)); err != nil {
			return err
		}
		if item.TaxRates, err = t.taxRatesParam(one.TaxRates, nil, itemParam+"[tax_rates]"); err != nil {
			return err
		}
		phase.Items = append(phase.Items, item)
		like.Items = append(like.Items, &SubscriptionItem{ID: "none", Price: price.ID})
	}
	if at.currency != "" && like.Currency != at.currency {
		return invalid(param+"[currency]", "", "All phases of a schedule must have the same currency, %s.", at.currency)
	}
	phase.Currency, at.currency = like.Currency, like.Currency
	return t.checkRhythm(like)
}

// planEnd sets a phase's trial and end: the end that was given, or a duration, or one interval of the prices. Durations follow the
// calendar of the billing cycle, so that a phase which starts on 28 February may end on 31 March.
func (t *tx) planEnd(p PhaseParams, phase *Phase, at *planning, param string) error {
	every := t.shortest(phase)
	if at.anchor == 0 || phase.BillingCycleAnchor == AnchorPhaseStart || at.mode == ModeClassic && at.every != (interval{}) && at.every != every {
		at.anchor = phase.Start
	}
	end, byDate := p.EndDate.Get()
	duration, byDuration := p.Duration.Get()
	times, byTimes := p.Iterations.Get()
	switch {
	case byDate && byTimes:
		return invalid("", "parameters_exclusive", "You may only specify one of these parameters: %s[end_date], %s[iterations].", param, param)
	case byTimes:
		if err := within(times, 1, intervalMax[every.Unit]/every.Count, param+"[iterations]"); err != nil {
			return err
		}
		phase.End = t.phaseEnd(at.anchor, phase.Start, interval{Unit: every.Unit, Count: every.Count * times})
	case byDate && byDuration:
		return invalid("", "parameters_exclusive", "You may only specify one of these parameters: %s[end_date], %s[duration].", param, param)
	case byDate:
		unix, ok := end.Resolve(t.now)
		if !ok {
			return invalid(param+"[end_date]", "", "Invalid end_date: must be a Unix timestamp or now")
		}
		phase.End = unix
	case byDuration:
		length := interval{Unit: duration.Interval.Or(""), Count: duration.IntervalCount.Or(1)}
		if err := checkInterval(length, param+"[duration]"); err != nil {
			return err
		}
		phase.End = t.phaseEnd(at.anchor, phase.Start, length)
	default:
		phase.End = t.phaseEnd(at.anchor, phase.Start, every)
	}
	if phase.End <= phase.Start {
		return invalid(param+"[end_date]", "", "The end date of a phase must be after its start date, %d.", phase.Start)
	}
	if err := checkTimestamp(phase.End, param+"[end_date]"); err != nil {
		return err
	}
	if err := t.planTrial(p, phase, param); err != nil {
		return err
	}
	if phase.TrialEnd != 0 {
		at.anchor = phase.TrialEnd
	}
	at.at, at.every = phase.End, every
	return nil
}

// planTrial takes trial and trial_end: a whole phase, or up to a moment in it.
func (t *tx) planTrial(p PhaseParams, phase *Phase, param string) error {
	end, timed := p.TrialEnd.Get()
	switch {
	case timed && p.Trial.Or(false):
		return invalid("", "parameters_exclusive", "You may only specify one of these parameters: %s[trial], %s[trial_end].", param, param)
	case p.Trial.Or(false):
		phase.TrialEnd = phase.End
	case timed:
		unix, ok := end.Resolve(t.now)
		if !ok || unix < phase.Start || unix > phase.End {
			return invalid(param+"[trial_end]", "", "The trial end must lie within its phase, between %d and %d.", phase.Start, phase.End)
		}
		if unix > phase.Start {
			phase.TrialEnd = unix
		}
	}
	if phase.TrialEnd != 0 && phase.BillingCycleAnchor == AnchorPhaseStart {
		return invalid(param+"[billing_cycle_anchor]", "", "`billing_cycle_anchor` cannot be `phase_start` in a phase with a trial.")
	}
	if phase.TrialEnd-phase.Start > trialSecondsMax {
		return invalid(param+"[trial_end]", "", "Invalid timestamp: trial_end can be no more than two years in the future.")
	}
	return nil
}

// shortest is the interval that a phase is billed by.
func (t *tx) shortest(phase *Phase) interval {
	every := intervalOf(must[Price](t, phase.Items[0].Price))
	for _, item := range phase.Items {
		if v := intervalOf(must[Price](t, item.Price)); v.shorterThan(every) {
			every = v
		}
	}
	return every
}

// phaseEnd is the end of a phase that lasts for a length. Versions before the change count from its start alone.
func (t *tx) phaseEnd(anchor, start int64, length interval) int64 {
	one := interval{Unit: length.Unit, Count: 1}
	n := one.index(anchor, start)
	if v := t.req.Version; v != "" && v < flexibleSince || one.at(anchor, n) != start {
		return length.at(start, 1)
	}
	return one.at(anchor, n+length.Count)
}

// checkInterval checks a rhythm or a duration.
func checkInterval(v interval, param string) error {
	most, known := intervalMax[v.Unit]
	if !known {
		return invalid(param+"[interval]", "", "Invalid interval: must be one of day, month, week, or year")
	}
	return within(v.Count, 1, most, param+"[interval_count]")
}

// phaseSettings merges settings into those there were.
func (t *tx) phaseSettings(p ScheduleSettingsParams, s PhaseSettings, customer, param string) (PhaseSettings, error) {
	if err := p.AutomaticTax.Or(AutomaticTaxParam{}).check(param + "[automatic_tax]"); err != nil {
		return s, err
	}
	var err error
	if s.Thresholds, err = takeThresholds(p.BillingThresholds, s.Thresholds, thresholdParam(param)); err != nil {
		return s, err
	}
	p.BillingCycleAnchor.Set(&s.BillingCycleAnchor)
	if err := oneOf(param+"[billing_cycle_anchor]", p.BillingCycleAnchor.Or(AnchorAutomatic), AnchorAutomatic, AnchorPhaseStart); err != nil {
		return s, err
	}
	p.CollectionMethod.Set(&s.CollectionMethod)
	if err := oneOf(param+"[collection_method]", p.CollectionMethod.Or(ChargeAutomatically), ChargeAutomatically, InvoiceByMail); err != nil {
		return s, err
	}
	p.DefaultPaymentMethod.Set(&s.DefaultPaymentMethod)
	if err := t.checkMethod(s.DefaultPaymentMethod, customer, param+"[default_payment_method]"); err != nil {
		return s, err
	}
	p.Description.Set(&s.Description)
	if given, ok := p.InvoiceSettings.Get(); ok {
		next := PhaseInvoiceSettings{}
		if s.Invoices != nil {
			next = *s.Invoices
		}
		if days, ok := given.DaysUntilDue.Get(); ok {
			if err := within(days, 0, dueDaysMax, param+"[invoice_settings][days_until_due]"); err != nil {
				return s, err
			}
			next.DaysUntilDue = &days
		}
		if err := next.take(Some(given.InvoiceSettingsParams), param+"[invoice_settings]"); err != nil {
			return s, err
		}
		s.Invoices = &next
	}
	return s, nil
}

// phaseDiscounts checks the discounts of a phase; they are given when the phase is entered.
func (t *tx) phaseDiscounts(p Opt[[]DiscountParams], customer, currency, param string) ([]PhaseDiscount, error) {
	list, _ := p.Get()
	if len(list) > discountsMax {
		return nil, invalid(param, "", "You can apply at most %d discounts.", discountsMax)
	}
	var out []PhaseDiscount
	for i, one := range list {
		if _, err := t.asked(one, granting{level: Discount{Customer: customer}, currency: currency}, fmt.Sprintf("%s[%d]", param, i)); err != nil {
			return nil, err
		}
		d := PhaseDiscount{Coupon: one.Coupon.Or(""), Discount: one.Discount.Or(""), PromotionCode: one.PromotionCode.Or("")}
		if slices.Contains(out, d) {
			return nil, invalid(fmt.Sprintf("%s[%d]", param, i), "", "Each discount must be unique.")
		}
		out = append(out, d)
	}
	return out, nil
}

// planExtras checks a phase's add_invoice_items.
func (t *tx) planExtras(p PhaseParams, phase *Phase, at *planning, param string) error {
	list, _ := p.AddInvoiceItems.Get()
	if len(list) > extrasMax {
		return invalid(param+"[add_invoice_items]", "", "You can add at most %d items.", extrasMax)
	}
	for i, one := range list {
		extraParam := fmt.Sprintf("%s[add_invoice_items][%d]", param, i)
		price, err := t.extraPrice(one.Price, one.PriceData, phase.Currency, extraParam)
		if err != nil {
			return err
		}
		extra := PhaseExtra{
			Price: price.ID, Quantity: one.Quantity.Or(1), Discountable: pointer(one.Discountable), Metadata: mergeMetadata(nil, one.Metadata),
		}
		if err := checkQuantity(extra.Quantity, extraParam+"[quantity]"); err != nil {
			return err
		}
		if extra.Discounts, err = t.phaseDiscounts(one.Discounts, at.customer, phase.Currency, extraParam+"[discounts]"); err != nil {
			return err
		}
		if extra.TaxRates, err = t.taxRatesParam(one.TaxRates, nil, extraParam+"[tax_rates]"); err != nil {
			return err
		}
		if extra.Start, extra.End, err = takeMoments(one.Period, extraParam+"[period]"); err != nil {
			return err
		}
		phase.Extras = append(phase.Extras, extra)
	}
	return nil
}
