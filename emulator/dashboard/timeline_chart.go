package dashboard

import (
	"strconv"
	"time"

	"github.com/dues-billing/dues/internal/design"
)

// The measures of the drawing, in its own units.
const (
	lineWidth  = 1000
	lineLeft   = 170 // where time begins: names stand before it
	lineTop    = 26  // above it are the days
	lineRow    = 34
	lineMark   = 5  // half the size of a mark
	lineDays   = 6  // how many days are written
	lineLetter = 24 // how much of a name there is room for
)

// x is where a moment lies.
func (l timeline) x(at time.Time) float64 {
	share := float64(at.Sub(l.From)) / float64(l.Until.Sub(l.From))
	return lineLeft + (lineWidth-lineLeft)*min(1, max(0, share))
}

func (l timeline) height() float64 { return lineTop + lineRow*float64(len(l.Bars)+len(l.Rows)) + 4 }

// y is the middle of a row.
func (l timeline) y(row int) float64 { return lineTop + lineRow*(float64(row)+0.5) }

// days are the moments that are written above, evenly apart.
func (l timeline) days() []time.Time {
	var out []time.Time
	for i := range lineDays {
		out = append(out, l.From.Add(l.Until.Sub(l.From)*time.Duration(i)/lineDays))
	}
	return out
}

// dayText writes a moment as finely as the line tells it.
func (l timeline) dayText(at time.Time) string {
	if l.Until.Sub(l.From) < lineDays*24*time.Hour {
		return at.Format("2 Jan 15:04")
	}
	return design.FormatDate(at)
}

func px(v float64) string { return strconv.FormatFloat(v, 'f', 1, 64) }

// shortened is a name that fits before the line.
func shortened(name string) string {
	letters := []rune(name)
	if len(letters) <= lineLetter {
		return name
	}
	return string(letters[:lineLetter-1]) + "…"
}

// spanClass is how a span of a status looks.
func spanClass(s span) string {
	class := "life life-" + toneName(design.StatusTone(s.Status))
	if s.Ahead {
		class += " life-ahead"
	}
	return class
}

// spanText is what a pointer that rests on a span reads.
func (l timeline) spanText(s span) string {
	text := s.Status + " from " + design.FormatTime(s.From) + " to " + design.FormatTime(s.Until)
	if s.Ahead {
		text = "the period goes on to " + design.FormatTime(s.Until)
	}
	return text
}
