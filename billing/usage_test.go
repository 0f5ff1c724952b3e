package billing_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/dues-billing/dues/billing"
)

func TestUsageIsTakenWhenItCanStillBeBilled(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	catalog := billing.Catalog{Features: []billing.Feature{
		{ID: "calls", Type: billing.Usage, Meter: billing.Meter{Event: "calls", Aggregate: billing.Sum}}, {ID: "seats", Type: billing.Limit},
	}}
	good := billing.UsageEvent{Key: "one", Account: "ada", Feature: "calls", Quantity: 3, At: now}
	for _, c := range []struct {
		name   string
		change func(*billing.UsageEvent)
		field  string
	}{
		{"now", func(*billing.UsageEvent) {}, ""},
		{"nothing", func(e *billing.UsageEvent) { e.Quantity = 0 }, ""},
		{"as much as can be", func(e *billing.UsageEvent) { e.Quantity = billing.UsageQuantityMax }, ""},
		{"34 days late", func(e *billing.UsageEvent) { e.At = now.Add(-billing.UsageLateMax) }, ""},
		{"five minutes early", func(e *billing.UsageEvent) { e.At = now.Add(5 * time.Minute) }, ""},
		{"a long key", func(e *billing.UsageEvent) { e.Key = strings.Repeat("k", billing.UsageKeyBytesMax) }, ""},

		{"later than that", func(e *billing.UsageEvent) { e.At = now.Add(-billing.UsageLateMax - time.Second) }, "at"},
		{"earlier than that", func(e *billing.UsageEvent) { e.At = now.Add(5*time.Minute + time.Second) }, "at"},
		{"without key", func(e *billing.UsageEvent) { e.Key = "" }, "key"},
		{"a key that is too long", func(e *billing.UsageEvent) { e.Key = strings.Repeat("k", billing.UsageKeyBytesMax+1) }, "key"},
		{"a key that is no text", func(e *billing.UsageEvent) { e.Key = "a\x00b" }, "key"},
		{"an unknown feature", func(e *billing.UsageEvent) { e.Feature = "mails" }, "feature"},
		{"a feature that is not counted", func(e *billing.UsageEvent) { e.Feature = "seats" }, "feature"},
		{"less than nothing", func(e *billing.UsageEvent) { e.Quantity = -1 }, "quantity"},
		{"too much", func(e *billing.UsageEvent) { e.Quantity = billing.UsageQuantityMax + 1 }, "quantity"},
	} {
		e := good
		c.change(&e)
		err := catalog.CheckUsage(e, now)
		var known *billing.Error
		if field := ""; errors.As(err, &known) {
			field = known.Field
			if field != c.field || known.Code != billing.Invalid {
				t.Errorf("%s: %v about %q, want %q", c.name, err, field, c.field)
			}
		} else if c.field != "" {
			t.Errorf("%s is taken", c.name)
		}
	}
}

func TestAMeterSumsDaysUpOrKeepsTheLast(t *testing.T) {
	t.Parallel()
	days := []billing.UsageDay{{Quantity: 5}, {Quantity: 0}, {Quantity: 2}}
	for aggregate, want := range map[billing.Aggregate]int64{billing.Sum: 7, billing.Count: 7, billing.Last: 2} {
		if got := (billing.Meter{Aggregate: aggregate}).Total(days); got != want {
			t.Errorf("%s: got %d, want %d", aggregate, got, want)
		}
	}
}
