package engine

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// unix reads a time written as in the tables of these tests.
func unix(t testing.TB, s string) int64 {
	t.Helper()
	for _, layout := range []string{"2006-01-02", "2006-01-02 15:04:05"} {
		if u, err := time.Parse(layout, s); err == nil {
			return u.Unix()
		}
	}
	t.Fatalf("not a time: %q", s)
	return 0
}

// Rows: C3.
func TestPeriodsComeFromTheAnchorAndClampToTheMonth(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, anchor string
		every        interval
		n            int64
		want         string
	}{
		{"31 January reaches 28 February", "2026-01-31", interval{"month", 1}, 1, "2026-02-28"},
		{"and is back on the 31st in March", "2026-01-31", interval{"month", 1}, 2, "2026-03-31"},
		{"and on the 30th in April", "2026-01-31", interval{"month", 1}, 3, "2026-04-30"},
		{"a leap year has the 29th", "2024-01-31", interval{"month", 1}, 1, "2024-02-29"},
		{"29 February yearly falls on the 28th", "2024-02-29", interval{"year", 1}, 1, "2025-02-28"},
		{"and on the 29th four years on", "2024-02-29", interval{"year", 1}, 4, "2028-02-29"},
		{"three months keep the time of day", "2026-11-30 13:14:15", interval{"month", 3}, 1, "2027-02-28 13:14:15"},
		{"weeks are exact", "2026-02-25", interval{"week", 2}, 1, "2026-03-11"},
		{"days are exact", "2026-02-27", interval{"day", 2}, 1, "2026-03-01"},
		{"backwards over the year", "2026-01-31", interval{"month", 1}, -2, "2025-11-30"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := time.Unix(c.every.at(unix(t, c.anchor), c.n), 0).UTC()
			if got.Unix() != unix(t, c.want) {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// slowMonths is the oracle of addMonths: it walks day by day over a hand-made calendar and knows nothing of package time's arithmetic.
func slowMonths(t, months int64) int64 {
	year, month, day := int64(1970), int64(1), int64(1)
	length := func(y, m int64) int64 {
		if m == 2 && (y%4 == 0 && y%100 != 0 || y%400 == 0) {
			return 29
		}
		return []int64{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}[m-1]
	}
	for d := t / secondsPerDay; d > 0; d-- {
		if day++; day > length(year, month) {
			day, month = 1, month+1
		}
		if month > 12 {
			month, year = 1, year+1
		}
	}
	for ; months > 0; months-- {
		if month++; month > 12 {
			month, year = 1, year+1
		}
	}
	day = min(day, length(year, month))
	days := day - 1
	for y := int64(1970); y < year; y++ {
		days += 365
		if length(y, 2) == 29 {
			days++
		}
	}
	for m := int64(1); m < month; m++ {
		days += length(year, m)
	}
	return days*secondsPerDay + t%secondsPerDay
}

func drawInterval(t *rapid.T) interval {
	return interval{
		Unit:  rapid.SampledFrom([]string{"day", "week", "month", "year"}).Draw(t, "unit"),
		Count: rapid.Int64Range(1, 3).Draw(t, "count"),
	}
}

// Rows: C3. 10,000 calendars, one period of each against the slow oracle.
func TestPeriodsTileTimeWithoutGapOrOverlap(t *testing.T) {
	t.Parallel()
	tenThousand(t, func(_ testing.TB, t *rapid.T) {
		anchor := rapid.Int64Range(0, 4e9).Draw(t, "anchor")
		v := drawInterval(t)
		n := rapid.Int64Range(0, 200).Draw(t, "n")
		start, end := v.at(anchor, n), v.at(anchor, n+1)
		if start >= end {
			t.Fatalf("period %d of %v from %d is empty: [%d, %d)", n, v, anchor, start, end)
		}
		if v.Unit == "month" || v.Unit == "year" {
			months := n * v.Count
			if v.Unit == "year" {
				months *= 12
			}
			if want := slowMonths(anchor, months); start != want {
				t.Fatalf("start of %d: got %d, the slow oracle says %d", n, start, want)
			}
		}
		at := rapid.Int64Range(start, end-1).Draw(t, "at")
		if s, e := v.containing(anchor, at); s != start || e != end {
			t.Fatalf("%d lies in [%d, %d), got [%d, %d)", at, start, end, s, e)
		}
	})
}
