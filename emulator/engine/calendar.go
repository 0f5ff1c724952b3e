package engine

import "time"

// The calendar: period n of a subscription is f(anchor, n), never f(period n-1), so that a subscription of
// 31 January is billed on 28 February and on 31 March again, and no rounding can pile up over the years.

// interval is how often a price is billed: Count times a day, week, month or year. The zero value is no interval.
type interval struct {
	Unit  string // day, week, month or year, as Stripe names them
	Count int64
}

const (
	secondsPerHour = 3600
	secondsPerWeek = 7 * secondsPerDay
)

// at returns the start of period n counted from the anchor; n may be negative. The end of period n is the start of n+1.
func (v interval) at(anchor, n int64) int64 {
	switch v.Unit {
	case "day":
		return anchor + n*v.Count*secondsPerDay
	case "week":
		return anchor + n*v.Count*secondsPerWeek
	case "month":
		return addMonths(anchor, n*v.Count)
	case "year":
		return addMonths(anchor, 12*n*v.Count)
	}
	panic("engine: interval of unknown unit " + v.Unit)
}

// index returns the n of the period that holds t: at(anchor, n) ≤ t < at(anchor, n+1).
func (v interval) index(anchor, t int64) int64 {
	n := floorDiv(t-anchor, v.longest())
	if t < anchor {
		n = floorDiv(t-anchor, v.shortest())
	}
	for v.at(anchor, n+1) <= t {
		n++
	}
	for v.at(anchor, n) > t {
		n--
	}
	return n
}

// containing returns the period that holds t, as Unix seconds from start up to but without end.
func (v interval) containing(anchor, t int64) (start, end int64) {
	n := v.index(anchor, t)
	return v.at(anchor, n), v.at(anchor, n+1)
}

// longest and shortest bound the length of one period in seconds; index starts from them and corrects.
func (v interval) longest() int64  { return v.Count * v.days(31, 366) * secondsPerDay }
func (v interval) shortest() int64 { return v.Count * v.days(28, 365) * secondsPerDay }

func (v interval) days(month, year int64) int64 {
	switch v.Unit {
	case "day":
		return 1
	case "week":
		return 7
	case "month":
		return month
	}
	return year
}

// shorterThan orders intervals by length; a subscription of mixed intervals is billed by its shortest.
func (v interval) shorterThan(w interval) bool { return v.longest() < w.longest() }

// addMonths moves t by whole months in UTC. The day is clamped to the length of the month it lands in and the time of
// day is kept; time.AddDate would turn 31 January plus one month into 3 March.
func addMonths(t, months int64) int64 {
	u := time.Unix(t, 0).UTC()
	m := int64(u.Year())*12 + int64(u.Month()) - 1 + months
	year, month := int(floorDiv(m, 12)), time.Month(m-12*floorDiv(m, 12)+1)
	day := min(u.Day(), daysIn(year, month))
	return time.Date(year, month, day, u.Hour(), u.Minute(), u.Second(), 0, time.UTC).Unix()
}

func daysIn(year int, month time.Month) int {
	return time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// floorDiv divides towards minus infinity, where Go's / goes towards zero.
func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}

// multipleOf says whether every period of v is made of whole periods of w.
func (v interval) multipleOf(w interval) bool {
	months := func(i interval) int64 { return i.Count * map[string]int64{"month": 1, "year": 12}[i.Unit] }
	days := func(i interval) int64 { return i.Count * map[string]int64{"day": 1, "week": 7}[i.Unit] }
	if months(w) > 0 {
		return months(v) > 0 && months(v)%months(w) == 0
	}
	return days(v) > 0 && days(v)%days(w) == 0
}
