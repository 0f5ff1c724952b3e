package design

import (
	"context"
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/a-h/templ"
)

// Chart is bars side by side, one for each label, of series that are put on one another: above the line what is positive, below it what is negative.
// What it shows has to stand in a table, too: it is a picture.
type Chart struct {
	Title  string // what it shows, for who does not see it
	Labels []string
	Series []Series
	Format func(v int64) string // writes a value
}

// Series is one kind of value, a value for each label.
type Series struct {
	Name   string
	Tone   ChartTone
	Values []int64
}

// ChartTone is the colour of a series.
type ChartTone string

// The tones of charts.
const (
	ChartMain  ChartTone = "main"
	ChartGood  ChartTone = "good"
	ChartMore  ChartTone = "more"
	ChartAgain ChartTone = "again"
	ChartLess  ChartTone = "less"
	ChartBad   ChartTone = "bad"
)

// The measures of a chart, in units of its own; it is as wide as there is room.
const (
	chartWidth  = 900.0
	chartHeight = 250.0
	chartLeft   = 64.0
	chartTop    = 10.0
	chartFoot   = 24.0
	barShare    = 0.7 // of a label's room
)

// bar is one piece of a chart.
type bar struct {
	X, Y, W, H float64
	Tone       ChartTone
	Text       string
}

// tick is a line across with its value.
type tick struct {
	Y    float64
	Text string
}

// name stands below a bar.
type name struct {
	X    float64
	Text string
}

// drawn is a chart as it is drawn.
type drawn struct {
	Bars  []bar
	Ticks []tick
	Names []name
}

// Render implements templ.Component.
func (c Chart) Render(ctx context.Context, w io.Writer) error {
	return chart(c, c.draw()).Render(ctx, w)
}

var _ templ.Component = Chart{}

// draw lays the chart out.
func (c Chart) draw() (d drawn) {
	least, most := c.span()
	step := niceStep(float64(most-least) / 4)
	low, high := math.Floor(float64(least)/step)*step, math.Ceil(float64(most)/step)*step
	if high <= low {
		high = low + step
	}
	y := func(v float64) float64 { return chartTop + (high-v)/(high-low)*(chartHeight-chartTop-chartFoot) }
	for v := low; v <= high+step/2; v += step {
		d.Ticks = append(d.Ticks, tick{y(v), c.Format(int64(math.Round(v)))})
	}
	room := (chartWidth - chartLeft) / float64(max(1, len(c.Labels)))
	every := (len(c.Labels) + 12) / 13 // as many names as there is room for
	for i, label := range c.Labels {
		x := chartLeft + float64(i)*room
		if (len(c.Labels)-1-i)%every == 0 {
			d.Names = append(d.Names, name{x + room/2, label})
		}
		up, down := 0.0, 0.0
		for _, s := range c.Series {
			v := float64(s.Values[i])
			from := up
			if v < 0 {
				from = down
				down += v
			} else {
				up += v
			}
			if v == 0 {
				continue
			}
			top, bottom := y(math.Max(from, from+v)), y(math.Min(from, from+v))
			d.Bars = append(d.Bars, bar{x + room*(1-barShare)/2, top, room * barShare, bottom - top, s.Tone, fmt.Sprintf("%s, %s: %s", label, s.Name, c.Format(s.Values[i]))})
		}
	}
	return d
}

// span is the least and the most that any bar reaches, 0 among them.
func (c Chart) span() (least, most int64) {
	for i := range c.Labels {
		var up, down int64
		for _, s := range c.Series {
			if v := s.Values[i]; v < 0 {
				down += v
			} else {
				up += v
			}
		}
		least, most = min(least, down), max(most, up)
	}
	return least, most
}

// niceStep is the next of 1, 2, 5, 10, 20, 50, … that is not less.
func niceStep(least float64) float64 {
	if least <= 1 {
		return 1
	}
	ten := math.Pow(10, math.Floor(math.Log10(least)))
	for _, of := range []float64{1, 2, 5} {
		if of*ten >= least {
			return of * ten
		}
	}
	return 10 * ten
}

// unit writes a measure.
func unit(v float64) string {
	return strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%.2f", v), "0"), ".")
}
