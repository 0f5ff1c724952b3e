package billing

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func quotaCatalog() Catalog {
	return Catalog{Features: []Feature{{ID: "export", Type: Boolean}, {ID: "projects", Type: Limit}, {ID: "calls", Type: Usage}}}
}

func TestAGrantAddsToWhatThePlanGivesAsLongAsItHolds(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)
	off := []Entitlement{{Feature: "export", Type: Boolean}, {Feature: "projects", Type: Limit}, {Feature: "calls", Type: Usage}}
	on := []Entitlement{
		{Feature: "export", Type: Boolean, Enabled: true}, {Feature: "projects", Type: Limit, Enabled: true, Limit: 100},
		{Feature: "calls", Type: Usage, Enabled: true, Limit: 1000},
	}
	unlimited := []Entitlement{on[0], on[1], {Feature: "calls", Type: Usage, Enabled: true}}
	for _, c := range []struct {
		name   string
		given  []Entitlement
		grants []Grant
		want   string
	}{
		{"without grants the plan decides", on, nil, "export true 0, projects true 100, calls true 1000"},
		{"a boolean is switched on", off, []Grant{{Feature: "export"}}, "export true 0, projects false 0, calls false 0"},
		{"a limit is added to none", off, []Grant{{Feature: "projects", Limit: 5}}, "export false 0, projects true 5, calls false 0"},
		{"and to one", on, []Grant{{Feature: "projects", Limit: 5}}, "export true 0, projects true 105, calls true 1000"},
		{"two are added", on, []Grant{{Feature: "calls", Limit: 5}, {Feature: "calls", Limit: 6}}, "export true 0, projects true 100, calls true 1011"},
		{"usage without limit", on, []Grant{{Feature: "calls"}}, "export true 0, projects true 100, calls true 0"},
		{"usage that has none keeps none", unlimited, []Grant{{Feature: "calls", Limit: 7}}, "export true 0, projects true 100, calls true 0"},
		{"usage of one who has none", off, []Grant{{Feature: "calls", Limit: 7}}, "export false 0, projects false 0, calls true 7"},
		{"to its last moment", off, []Grant{{Feature: "export", EndsAt: now.Add(time.Nanosecond)}}, "export true 0, projects false 0, calls false 0"},
		{"and no longer", off, []Grant{{Feature: "export", EndsAt: now}}, "export false 0, projects false 0, calls false 0"},
		{"a feature that is gone", off, []Grant{{Feature: "fax"}}, "export false 0, projects false 0, calls false 0"},
	} {
		got := ""
		for i, e := range WithGrants(append([]Entitlement(nil), c.given...), c.grants, now) {
			if i > 0 {
				got += ", "
			}
			got += shown(e)
		}
		if got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}

func shown(e Entitlement) string {
	return fmt.Sprintf("%s %t %d", e.Feature, e.Enabled, e.Limit)
}

func TestAGrantThatCannotBeIsRefusedByField(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name  string
		grant Grant
		field string // "" for a good one
	}{
		{"a boolean", Grant{Feature: "export"}, ""},
		{"more of a limit", Grant{Feature: "projects", Limit: 1}, ""},
		{"usage without limit", Grant{Feature: "calls"}, ""},
		{"until tomorrow", Grant{Feature: "export", EndsAt: now.AddDate(0, 0, 1)}, ""},
		{"an unknown feature", Grant{Feature: "fax"}, "feature"},
		{"more of a boolean", Grant{Feature: "export", Limit: 1}, "limit"},
		{"no more of a limit", Grant{Feature: "projects"}, "limit"},
		{"less usage", Grant{Feature: "calls", Limit: -1}, "limit"},
		{"far too much", Grant{Feature: "calls", Limit: GrantLimitMax + 1}, "limit"},
		{"until now", Grant{Feature: "export", EndsAt: now}, "ends_at"},
		{"for two hundred years", Grant{Feature: "export", EndsAt: now.AddDate(200, 0, 0)}, "ends_at"},
		{"with a novel", Grant{Feature: "export", Note: string(make([]byte, GrantNoteCharsMax+1))}, "note"},
	} {
		err := c.grant.Check(quotaCatalog(), now)
		field := ""
		if known, ok := err.(*Error); ok {
			field = known.Field
		}
		if field != c.field || (err != nil) != (c.field != "") {
			t.Errorf("%s: %v, want the field %q", c.name, err, c.field)
		}
	}
}

func TestAQuotaAllowsUpToItsLimit(t *testing.T) {
	t.Parallel()
	limit := func(enabled bool, limit, used int64) Quota {
		return Quota{Entitlement: Entitlement{Type: Limit, Enabled: enabled, Limit: limit}, Used: used}
	}
	usage := func(enabled bool, limit, used int64) Quota {
		return Quota{Entitlement: Entitlement{Type: Usage, Enabled: enabled, Limit: limit}, Used: used}
	}
	for _, c := range []struct {
		name      string
		quota     Quota
		quantity  int64
		allowed   bool
		remaining int64
	}{
		{"what is off", limit(false, 0, 0), 1, false, 0},
		{"the last one", limit(true, 3, 2), 1, true, 1},
		{"one more", limit(true, 3, 3), 1, false, 0},
		{"two with one left", limit(true, 3, 2), 2, false, 1},
		{"over the limit after a downgrade", limit(true, 3, 9), 1, false, 0},
		{"giving back over the limit", limit(true, 3, 9), -1, true, 0},
		{"metered up to its limit", usage(true, 10, 9), 1, true, 1},
		{"metered over it", usage(true, 10, 10), 1, false, 0},
		{"metered without limit", usage(true, 0, 1<<40), ConsumeMax, true, 0},
		{"metered and off", usage(false, 0, 0), 1, false, 0},
	} {
		if got := c.quota.Allows(c.quantity); got != c.allowed || c.quota.Remaining() != c.remaining {
			t.Errorf("%s: allowed %v with %d remaining, want %v and %d", c.name, got, c.quota.Remaining(), c.allowed, c.remaining)
		}
	}
}

func TestUsageIsCountedByThePeriodOfTheSubscription(t *testing.T) {
	t.Parallel()
	day := func(month time.Month, d int) time.Time { return time.Date(2026, month, d, 9, 0, 0, 0, time.UTC) }
	state := State{Subscriptions: []Subscription{{ID: "sub", Status: Active, Items: []Item{{Period: Period{day(1, 10), day(2, 10)}}}}}}
	midnight := func(month time.Month) time.Time { return time.Date(2026, month, 1, 0, 0, 0, 0, time.UTC) }
	for _, c := range []struct {
		name  string
		state State
		now   time.Time
		want  Period
	}{
		{"inside of it", state, day(1, 20), Period{day(1, 10), day(2, 10)}},
		{"at its end the next has begun", state, day(2, 10), Period{Start: day(2, 10)}},
		{"without subscription the month counts", State{}, day(1, 31), Period{midnight(1), midnight(2)}},
		{"in UTC", State{}, time.Date(2026, 2, 1, 1, 0, 0, 0, time.FixedZone("east", 7200)), Period{midnight(1), midnight(2)}},
	} {
		if diff := cmp.Diff(c.want, UsagePeriod(quotaCatalog(), c.state, c.now)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}
