package service

import (
	"testing"
	"time"
)

func TestHowLongTheProviderIsLeftAlone(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 1, 31, 10, 0, 0, 0, time.UTC)
	limited := func(after time.Duration) Trouble { return Trouble{Limited: true, After: after} }
	down := Trouble{}
	type step struct {
		at    time.Duration
		fails *Trouble // nil succeeds
		about string
	}
	for _, c := range []struct {
		name  string
		steps []step
		until time.Duration // 0: not left alone
	}{
		{"nothing happened", nil, 0},
		{"a limit holds at once", []step{{0, new(limited(0)), "a"}}, time.Second},
		{"as long as it asks", []step{{0, new(limited(7 * time.Second)), "a"}}, 7 * time.Second},
		{"and no longer than an hour", []step{{0, new(limited(18 * time.Hour)), "a"}}, time.Hour},
		{"one that began before tells nothing new", []step{{0, new(limited(7 * time.Second)), "a"}, {time.Second, new(limited(0)), "b"}}, 7 * time.Second},
		{"unless it asks for more", []step{{0, new(limited(7 * time.Second)), "a"}, {time.Second, new(limited(9 * time.Second)), "b"}}, 10 * time.Second},
		{"the next limit is longer", []step{{0, new(limited(0)), "a"}, {time.Second, new(limited(0)), "a"}}, 3 * time.Second},
		{"success in the pause does not end it", []step{{0, new(limited(7 * time.Second)), "a"}, {time.Second, nil, "b"}}, 7 * time.Second},
		{"success after it does", []step{{0, new(limited(time.Second)), "a"}, {2 * time.Second, nil, "b"}, {3 * time.Second, new(limited(0)), "a"}}, 4 * time.Second},
		{"one failure is no outage", []step{{0, &down, "a"}}, 0},
		{"nor are many about the same", []step{{0, &down, "a"}, {time.Minute, &down, "a"}, {time.Hour, &down, "a"}}, 0},
		{"nor two with a success between", []step{{0, &down, "a"}, {1, nil, "b"}, {2, &down, "c"}}, 0},
		{"two about two are", []step{{0, &down, "a"}, {0, &down, "b"}}, 2 * time.Second},
		{"a long one is asked about every minute", []step{
			{0, &down, "a"}, {0, &down, "b"}, {1 * time.Minute, &down, "a"}, {2 * time.Minute, &down, "b"}, {3 * time.Minute, &down, "a"},
			{4 * time.Minute, &down, "b"}, {5 * time.Minute, &down, "a"}, {6 * time.Minute, &down, "b"},
		}, 7 * time.Minute},
	} {
		var l lull
		for _, s := range c.steps {
			if now := start.Add(s.at); s.fails == nil {
				l = l.succeeded(now)
			} else {
				l = l.failed(*s.fails, s.about, now)
			}
		}
		if got := max(l.until.Sub(start), 0); got != c.until && !(l.until.IsZero() && c.until == 0) {
			t.Errorf("%s: left alone for %s, want %s", c.name, got, c.until)
		}
	}
}
