package dashboard

import (
	"strconv"
	"time"

	"github.com/dues-billing/dues/internal/design"
)

// untilText says how far away a moment is, in its largest unit.
func untilText(now, then time.Time) string {
	left := then.Sub(now)
	for _, unit := range []struct {
		span time.Duration
		name string
	}{{24 * time.Hour, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}} {
		if n := int(left / unit.span); n > 0 {
			return "in " + design.Count(n, unit.name)
		}
	}
	return "in less than a minute"
}

func number(n int) string { return strconv.Itoa(n) }
