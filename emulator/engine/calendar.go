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
	n, _, _ := v.period(anchor, t)
	return n
}

// containing returns the period that holds t, as Unix seconds from start up to but without end.
func (v interval) containing(anchor, t int64) (start, end int64) {
	_, start, end = v.period(anchor, t)
	return start, end
}

// period finds the period that holds t, from the number that it has if all periods are as long as they can be.
func (v interval) period(anchor, t int64) (n, start, end int64) {
	n = floorDiv(t-anchor, v.longest())
	if t < anchor {
		n = floorDiv(t-anchor, v.shortest())
	}
	start, end = v.at(anchor, n), v.at(anchor, n+1)
	for end <= t {
		n++
		start, end = end, v.at(anchor, n+1)
	}
	for start > t {
		n--
		start, end = v.at(anchor, n), start
	}
	return n, start, end
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
	days := floorDiv(t, secondsPerDay)
	year, month, day := dateOf(days)
	month += 12*year + months
	year = floorDiv(month, 12)
	return daysTo(year, month-12*year, min(day, monthDays(month)))*secondsPerDay + t - days*secondsPerDay
}

// The calendar of Gregory counts from the first of March of the year 0, so that the leap day ends a year; 400 years have the same days.
const (
	daysPerEra  = 146_097
	daysToEpoch = 719_468 // from 0000-03-01 to 1970-01-01
)

// dateOf is the date of a day counted from 1970. Months count from 0, days from 1.
func dateOf(days int64) (year, month, day int64) {
	days += daysToEpoch
	era := floorDiv(days, daysPerEra)
	days -= era * daysPerEra
	year = (days - days/1460 + days/36_524 - days/146_096) / 365
	days -= 365*year + year/4 - year/100
	march := (5*days + 2) / 153 // months since March
	day = days - (153*march+2)/5 + 1
	year += 400 * era
	if march >= 10 {
		return year + 1, march - 10, day
	}
	return year, march + 2, day
}

// daysTo counts the days from 1970 to a date.
func daysTo(year, month, day int64) int64 {
	march := month - 2
	if month < 2 {
		year, march = year-1, month+10
	}
	era := floorDiv(year, 400)
	year -= 400 * era
	return era*daysPerEra + 365*year + year/4 - year/100 + (153*march+2)/5 + day - 1 - daysToEpoch
}

// monthDays is how many days a month has that is counted from January of the year 0.
func monthDays(month int64) int64 {
	year := floorDiv(month, 12)
	switch month - 12*year {
	case 1:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case 3, 5, 8, 10:
		return 30
	}
	return 31
}

func daysIn(year int, month time.Month) int { return int(monthDays(12*int64(year) + int64(month) - 1)) }

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
