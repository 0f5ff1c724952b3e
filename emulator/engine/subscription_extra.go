package engine

import "fmt"

// add_invoice_items: one-time prices that a create, an update or a phase puts on the next invoice.

// AddInvoiceItemParams are one element of add_invoice_items.
type AddInvoiceItemParams struct {
	Discountable Opt[bool]              `form:"discountable"`
	Discounts    Opt[[]DiscountParams]  `form:"discounts"`
	Metadata     Opt[map[string]string] `form:"metadata"`
	Period       Opt[MomentsParams]     `form:"period"`
	Price        Opt[string]            `form:"price"`
	PriceData    Opt[PriceDataParams]   `form:"price_data"`
	Quantity     Opt[int64]             `form:"quantity"`
	TaxRates     Opt[[]string]          `form:"tax_rates"`
}

// MomentsParams are the period of an item of add_invoice_items.
type MomentsParams struct {
	Start Opt[MomentParams] `form:"start"`
	End   Opt[MomentParams] `form:"end"`
}

// MomentParams are one end of such a period.
type MomentParams struct {
	Type      Opt[string] `form:"type"`
	Timestamp Opt[int64]  `form:"timestamp"`
}

// Moment is one end of the period of an added item: a word, or a time.
type Moment struct {
	Type      string
	Timestamp int64
}

// The words for the ends of an added item's period.
const (
	momentPeriodStart = "max_item_period_start"
	momentPeriodEnd   = "min_item_period_end"
	momentPhaseStart  = "phase_start"
	momentPhaseEnd    = "phase_end"
	momentNow         = "now"
	momentAt          = "timestamp"
)

// takeMoments reads a period; without one an added item lasts as long as the subscription's.
func takeMoments(p Opt[MomentsParams], param string) (start, end Moment, err error) {
	given := p.Or(MomentsParams{})
	if start, err = takeMoment(given.Start, momentPeriodStart, param+"[start]"); err != nil {
		return start, end, err
	}
	if end, err = takeMoment(given.End, momentPeriodEnd, param+"[end]"); err != nil {
		return start, end, err
	}
	if start.Type == momentAt && end.Type == momentAt && end.Timestamp < start.Timestamp {
		return start, end, invalid(param+"[end]", "", "The end of a period cannot be before its start.")
	}
	return start, end, nil
}

func takeMoment(p Opt[MomentParams], silent, param string) (Moment, error) {
	given, ok := p.Get()
	if !ok {
		return Moment{Type: silent}, nil
	}
	m := Moment{Type: given.Type.Or(""), Timestamp: given.Timestamp.Or(0)}
	if (m.Type == momentAt) != given.Timestamp.Given() {
		return m, invalid(param+"[timestamp]", "", "`timestamp` must be set if, and only if, `type` is `timestamp`.")
	}
	return m, checkTimestamp(m.Timestamp, param+"[timestamp]")
}

// at is the time that a moment means for a subscription, in a phase or without one.
func (m Moment) at(s *Subscription, phase Period, now int64) int64 {
	switch m.Type {
	case momentPeriodStart:
		return s.periodStart()
	case momentPeriodEnd:
		return s.periodEnd()
	case momentPhaseStart:
		return phase.Start
	case momentPhaseEnd:
		return phase.End
	case momentNow:
		return now
	}
	return m.Timestamp
}

// extraItems are the invoice items of add_invoice_items, not stored yet: the invoice that takes them in stores them.
func (t *tx) extraItems(s *Subscription, p Opt[[]AddInvoiceItemParams]) ([]*InvoiceItem, error) {
	list, _ := p.Get()
	if len(list) > extrasMax {
		return nil, invalid("add_invoice_items", "", "You can add at most %d items.", extrasMax)
	}
	var out []*InvoiceItem
	for i, one := range list {
		item, err := t.extraItem(s, one, fmt.Sprintf("add_invoice_items[%d]", i))
		if err != nil {
			return nil, err
		}
		out = append(out, item)
	}
	return out, nil
}

func (t *tx) extraItem(s *Subscription, p AddInvoiceItemParams, param string) (*InvoiceItem, error) {
	price, err := t.extraPrice(p.Price, p.PriceData, s.Currency, param)
	if err != nil {
		return nil, err
	}
	if err := checkQuantity(p.Quantity.Or(1), param+"[quantity]"); err != nil {
		return nil, err
	}
	start, end, err := takeMoments(p.Period, param+"[period]")
	if err != nil {
		return nil, err
	}
	item := t.pricedItem(s.Customer, price, s.Currency, p.Quantity.Or(1))
	item.TestClock, item.Subscription, item.Metadata = s.TestClock, s.ID, mergeMetadata(nil, p.Metadata)
	item.Period = Period{start.at(s, Period{}, t.now), end.at(s, Period{}, t.now)}
	item.Discountable = p.Discountable.Or(true)
	if item.TaxRates, err = t.taxRatesParam(p.TaxRates, nil, param+"[tax_rates]"); err != nil {
		return nil, err
	}
	item.Discounts, err = t.grant(p.Discounts, granting{
		level: Discount{Customer: s.Customer, InvoiceItem: item.ID}, currency: s.Currency, param: param + "[discounts]",
	})
	return item, err
}

// extraPrice finds the one-time price of an added item.
func (t *tx) extraPrice(id Opt[string], data Opt[PriceDataParams], currency, param string) (*Price, error) {
	price, err := t.itemPrice(id, Opt[string]{}, data, param)
	if err != nil {
		return nil, err
	}
	if price.Recurring != nil {
		return nil, invalid(param+"[price]", "", "The price specified is set to `type=recurring` but this field only accepts prices with `type=one_time`.")
	}
	if !price.offers(currency) {
		return nil, invalid(param+"[price]", "", "The price specified only supports `%s`. This doesn't match the expected currency: `%s`.", price.Currency, currency)
	}
	return price, nil
}
