package service

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"
)

// A full disk wrote the same line each second.
func TestAFaultThatLastsIsToldWhenItChangesAndThenSeldom(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 31, 10, 0, 0, 0, time.UTC)
	var log strings.Builder
	s := &Service{cfg: Config{Clock: Clock{Wall: func() time.Time { return now }}}, log: slog.New(slog.NewTextHandler(&log, nil))}
	var f fault
	lines := func(want ...string) {
		t.Helper()
		got := strings.Split(strings.TrimSpace(log.String()), "\n")
		if log.Len() == 0 {
			got = nil
		}
		log.Reset()
		if len(got) != len(want) {
			t.Fatalf("%d lines, want %d: %q", len(got), len(want), got)
		}
		for i, line := range got {
			if !strings.Contains(line, want[i]) {
				t.Errorf("got %s, want %s", line, want[i])
			}
		}
	}
	round := func(seconds int, err error) {
		for range seconds {
			s.note(context.Background(), "inbox", &f, err)
			now = now.Add(time.Second)
		}
	}
	full, away := errors.New("disk full"), errors.New("connection refused")
	round(5, nil)
	lines()
	round(1, full)
	lines(`worker=inbox rounds=1 since=2026-01-31T10:00:05.000Z error="disk full"`)
	round(599, full)
	lines()
	round(1, full)
	lines("rounds=601 ")
	round(30, away)
	lines()
	round(31, away)
	lines(`error="connection refused"`)
	round(1, nil)
	lines("succeed again\" worker=inbox failed_rounds=662 ")
	round(1, nil)
	lines()
	round(1, full)
	lines("rounds=1 ")
}
