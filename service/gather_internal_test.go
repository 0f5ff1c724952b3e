package service

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

func TestARoundWaitsForTheRestOfABurst(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		comes []time.Duration // when webhooks come in, since the round is asked for
		want  time.Duration   // when it begins
	}{
		{"nothing new", nil, 0},
		{"one alone", []time.Duration{0}, gatherPause},
		{"a burst", []time.Duration{0, time.Millisecond, 2 * time.Millisecond}, 2 * gatherPause},
		{"a longer one", []time.Duration{0, gatherPause / 2, gatherPause * 3 / 2, gatherPause * 5 / 2}, 4 * gatherPause},
		{"one after a pause", []time.Duration{0, 2 * gatherPause}, gatherPause},
	} {
		synctest.Test(t, func(t *testing.T) {
			p := &providerAccount{}
			begun := time.Duration(0)
			start := time.Now()
			do := p.gathered(func(context.Context) (int, bool, error) {
				begun = time.Since(start)
				return 0, false, nil
			})
			for _, after := range c.comes {
				if after == 0 {
					p.arrived.Add(1)
				} else {
					time.AfterFunc(after, func() { p.arrived.Add(1) })
				}
			}
			if _, _, err := do(t.Context()); err != nil || begun != c.want {
				t.Errorf("%s: the round begins after %s, %v; want %s", c.name, begun, err, c.want)
			}
			synctest.Wait()
		})
	}
}

func TestARoundWaitsForWhatNeverEndsOnlySoLong(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &providerAccount{}
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		start := time.Now()
		begun := time.Duration(0)
		do := p.gathered(func(context.Context) (int, bool, error) {
			begun = time.Since(start)
			return 0, false, nil
		})
		p.arrived.Add(1)
		go func() {
			for sleep(ctx, gatherPause/3) == nil {
				p.arrived.Add(1)
			}
		}()
		if _, _, err := do(ctx); err != nil || begun != gatherMax {
			t.Errorf("the round begins after %s, %v; want %s", begun, err, gatherMax)
		}
		stop()
		if _, _, err := do(ctx); err == nil {
			t.Error("a round begins when everything ends")
		}
	})
}
