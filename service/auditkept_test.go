package service_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

func TestALineAndADeadKeyAreKeptForAsLongAsConfiguredAndNoLonger(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.serviceWith(func(c *service.Config) { c.Retention, c.AuditRetention, c.Pace.Tidy = 40*day, 50*day, time.Millisecond })
		note := func(action string) {
			t.Helper()
			act := service.Act{Actor: service.Actor{Kind: service.CLIActor, Name: "root"}, Action: action}
			if err := s.Audited(t.Context(), act, func(*service.Act) error { return nil }); err != nil {
				t.Fatal(err)
			}
		}
		note("old")
		revoked, living := issue(t, s, billing.AccountsRead), issue(t, s, billing.AccountsRead)
		if _, err := s.RevokeKey(t.Context(), revoked.ID); err != nil {
			t.Fatal(err)
		}
		w.now.set(start.Add(41 * day))
		note("young")
		left := func() (keys []billing.KeyID) {
			t.Helper()
			all, err := s.Keys(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, k := range all {
				keys = append(keys, k.ID)
			}
			return keys
		}
		tidyUntil := func(done func() bool) {
			t.Helper()
			ctx, stop := context.WithTimeout(t.Context(), 20*time.Second)
			defer stop()
			ended := make(chan error)
			go func() { ended <- s.Run(ctx) }()
			for !done() && ctx.Err() == nil {
			}
			stop()
			<-ended
		}
		tidyUntil(func() bool { return len(left()) == 1 })
		if keys := left(); !slices.Equal(keys, []billing.KeyID{living.ID}) {
			t.Errorf("after 41 of 40 days the keys are %v, want %s alone", keys, living.ID)
		}
		lines := func() []string { return acted(t, s, service.ActFilter{}) }
		if got := lines(); len(got) != 2 {
			t.Errorf("after 41 of 50 days the log has %q", got)
		}
		w.now.set(start.Add(51 * day))
		tidyUntil(func() bool { return len(lines()) == 1 })
		if got := lines(); !slices.Equal(got, []string{"cli:root young / done"}) {
			t.Errorf("after 51 of 50 days the log has %q", got)
		}
	})
}
