package main

import (
	"bytes"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestALongComparisonShowsItsRateAndTheTimeLeft(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // its clock moves when everybody waits
		var drawn bytes.Buffer
		bar := progress(&drawn, 7200)
		shown := func() string {
			line := drawn.String()
			return strings.TrimSpace(line[strings.LastIndex(line, "\r")+1:])
		}
		add := func(customers int, perSecond time.Duration) {
			for range customers {
				<-time.After(time.Second / perSecond)
				if err := bar.Add(1); err != nil {
					t.Fatal(err)
				}
			}
		}
		add(1800, 4)
		if got, want := shown(), "25% |██████████                              | (1800/7200, 4 customers/s) [7m30s:22m30s]"; got != want {
			t.Errorf("after a quarter:\ngot  %s\nwant %s", got, want)
		}
		add(1800, 2) // Stripe has become slower, and so has the time left
		if got, want := shown(), "50% |████████████████████                    | (3600/7200, 2 customers/s) [22m30s:30m0s]"; got != want {
			t.Errorf("half way:\ngot  %s\nwant %s", got, want)
		}
		if err := bar.Finish(); err != nil {
			t.Fatal(err)
		}
		if got := shown(); got != "" {
			t.Errorf("at the end %q stays on the line of the summary", got)
		}
	})
}
