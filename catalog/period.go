package catalog

import (
	"strconv"
	"strings"
	"time"

	"github.com/dues-billing/dues/billing"
)

// mostOf is Stripe's longest period, three years, in each unit.
var mostOf = map[billing.Interval]int{billing.Day: 1095, billing.Week: 156, billing.Month: 36, billing.Year: 3}

// interval reads "month", "3 months", "year".
func interval(n node) (billing.Interval, int) {
	count, unit := 1, n.text(idBytesMax)
	if number, rest, ok := strings.Cut(unit, " "); ok {
		i, err := strconv.Atoi(number)
		if err != nil {
			i = 0
		}
		count, unit = i, strings.TrimSuffix(strings.TrimSpace(rest), "s")
	}
	most, known := mostOf[billing.Interval(unit)]
	switch {
	case !known || count < 1:
		n.problem("day, week, month or year is needed, or a number of them such as 3 months")
	case count > most:
		n.problem("a period is three years at most")
	}
	return billing.Interval(unit), count
}

// wholeDays reads "14d" or 14.
func wholeDays(n node) int {
	if days, err := strconv.Atoi(n.text(idBytesMax)); err == nil {
		return days
	}
	return int(duration(n) / (24 * time.Hour))
}
