package engine

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"
)

// usage is what a customer used of a meter in [from, to): the aggregate of the events whose timestamps lie in it.
func (w *World) usage(m *Meter, customer string, span Period) Decimal {
	var events []*MeterEvent
	w.tables.meterEvents.each("usage", usageKey(m.ID, customer), func(e *MeterEvent) bool {
		if span.Start <= e.Timestamp && e.Timestamp < span.End {
			events = append(events, e)
		}
		return true
	})
	return m.aggregate(events)
}

// aggregate applies the meter's formula to events in the order of their arrival.
func (m *Meter) aggregate(events []*MeterEvent) Decimal {
	events = m.latest(events)
	switch m.Formula {
	case FormulaCount:
		return DecimalOf(int64(len(events)))
	case FormulaLast:
		if len(events) == 0 {
			return Decimal{}
		}
		slices.SortStableFunc(events, func(a, b *MeterEvent) int { return cmp.Compare(a.Timestamp, b.Timestamp) })
		return events[len(events)-1].Value
	}
	sum := new(big.Int)
	for _, e := range events {
		sum.Add(sum, e.Value.picos())
	}
	if most := DecimalOf(usageMost).picos(); sum.CmpAbs(most) > 0 {
		sum.Mul(most, big.NewInt(int64(sum.Sign())))
	}
	return decimalOfPicos(sum)
}

// latest leaves of events that arrive aggregated only the one that came last in each hour or day.
func (m *Meter) latest(events []*MeterEvent) []*MeterEvent {
	size := windowSeconds[m.Window]
	if size == 0 {
		return events
	}
	at := map[int64]int{}
	var out []*MeterEvent
	for _, e := range events {
		slot := floorDiv(e.Timestamp, size)
		if i, taken := at[slot]; taken {
			out[i] = e
			continue
		}
		at[slot] = len(out)
		out = append(out, e)
	}
	return out
}

// windowSeconds are the lengths of the windows that usage is grouped by, in UTC.
var windowSeconds = map[string]int64{"hour": 3600, "day": secondsPerDay}

// ListMeterEventSummaries is GET /v1/billing/meters/{id}/event_summaries: the usage of a customer as a whole, or hour by hour or day by
// day, the newest first.
type ListMeterEventSummaries struct {
	ID string `form:"-"`
	Page
	Customer            Opt[string] `form:"customer"`
	EndTime             Opt[int64]  `form:"end_time"`
	StartTime           Opt[int64]  `form:"start_time"`
	ValueGroupingWindow Opt[string] `form:"value_grouping_window"`
}

// summariesMax is how many windows one request may span: more than a year of hours.
const summariesMax = 10_000

func (q ListMeterEventSummaries) run(w *World) (*Listing, error) {
	meter, ok := Get[Meter](w, q.ID)
	if !ok {
		return nil, NotFound("billing meter", q.ID, "id")
	}
	customer, given := q.Customer.Get()
	if !given {
		return nil, required("customer")
	}
	if c, found := Get[Customer](w, customer); !found || c.Deleted {
		return nil, noSuchParam("customer", customer, "customer")
	}
	windows, err := q.windows()
	if err != nil {
		return nil, err
	}
	var all []*MeterEventSummary
	for _, span := range slices.Backward(windows) {
		label := fmt.Sprint("summary ", meter.ID, customer, span)
		all = append(all, &MeterEventSummary{
			ID: "mtrusg_test_61" + w.fixedCharacters(label, 30), Meter: meter.ID, Span: span, Value: w.usage(meter, customer, span),
		})
	}
	return listEmbedded(q.Page, all, "billing meter event summary", func(s *MeterEventSummary) string { return s.ID })
}

// windows parts the time asked about, oldest first.
func (q ListMeterEventSummaries) windows() ([]Period, error) {
	span := Period{q.StartTime.Or(0), q.EndTime.Or(0)}
	size, name := int64(60), "minute"
	grouped := q.ValueGroupingWindow.Given()
	if grouped {
		name = q.ValueGroupingWindow.Or("")
		if err := oneOf("value_grouping_window", name, "day", "hour"); err != nil {
			return nil, err
		}
		size = windowSeconds[name]
	}
	for _, bound := range []struct {
		name string
		at   Opt[int64]
	}{{"start_time", q.StartTime}, {"end_time", q.EndTime}} {
		at, given := bound.at.Get()
		if !given {
			return nil, required(bound.name)
		}
		if at%size != 0 {
			return nil, invalid(bound.name, "", "The timestamp must be aligned with %s boundaries.", name)
		}
	}
	if span.End <= span.Start {
		return nil, invalid("end_time", "", "`end_time` must be after `start_time`.")
	}
	if !grouped {
		return []Period{span}, nil
	}
	if (span.End-span.Start)/size > summariesMax {
		return nil, invalid("end_time", "", "One request may span at most %d windows.", summariesMax)
	}
	var out []Period
	for at := span.Start; at < span.End; at += size {
		out = append(out, Period{at, at + size})
	}
	return out, nil
}
