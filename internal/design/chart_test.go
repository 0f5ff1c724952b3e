package design

import (
	"bytes"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func plain(v int64) string { return strconv.FormatInt(v, 10) }

func TestBarsStandOnOneAnotherAndOnTheLineOfNought(t *testing.T) {
	t.Parallel()
	c := Chart{Title: "up & down", Labels: []string{"Jan"}, Format: plain, Series: []Series{
		{"New", ChartGood, []int64{30}}, {"More", ChartMore, []int64{10}}, {"Lost", ChartBad, []int64{-20}},
	}}
	d := c.draw()
	if len(d.Bars) != 3 {
		t.Fatalf("%d bars", len(d.Bars))
	}
	first, more, lost := d.Bars[0], d.Bars[1], d.Bars[2]
	if !near(more.Y+more.H, first.Y) || !near(first.Y+first.H, lost.Y) || !near(first.H, 3*more.H) || !near(lost.H, 2*more.H) {
		t.Errorf("%+v", d.Bars)
	}
	var html bytes.Buffer
	if err := c.Render(t.Context(), &html); err != nil || !strings.Contains(html.String(), `aria-label="up &amp; down"`) || !strings.Contains(html.String(), "Jan, Lost: -20") {
		t.Errorf("%v\n%s", err, html.String())
	}
}

func near(a, b float64) bool { return a-b < 0.01 && b-a < 0.01 }

func TestEveryBarIsInsideItsChart(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 30).Draw(t, "labels")
		c := Chart{Title: "any", Format: plain, Labels: make([]string, n)}
		for range rapid.IntRange(1, 4).Draw(t, "series") {
			c.Series = append(c.Series, Series{"s", ChartMain, rapid.SliceOfN(rapid.Int64Range(-1e12, 1e12), n, n).Draw(t, "values")})
		}
		d := c.draw()
		for _, b := range d.Bars {
			if b.H < 0 || b.Y < chartTop-0.01 || b.Y+b.H > chartHeight-chartFoot+0.01 || b.X < chartLeft || b.X+b.W > chartWidth {
				t.Fatalf("%+v", b)
			}
		}
		if len(d.Ticks) < 2 || len(d.Ticks) > 9 || len(d.Names) > 13 {
			t.Fatalf("%d lines, %d names", len(d.Ticks), len(d.Names))
		}
	})
}
