package service_test

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/catalog"
	"github.com/dues-billing/dues/service"
)

// quotas is a catalogue with a feature of each type.
const quotas = `
free_plan: starter
features:
  - {id: projects, name: Projects, type: limit}
  - {id: export, name: Export, type: boolean}
  - {id: calls, name: Calls, type: metered}
plans:
  - id: starter
    name: Starter
    prices: [{key: starter-monthly, amount: 0.00 EUR, every: month}]
    features: {projects: 3, calls: 10}
  - id: premium
    name: Premium
    prices: [{key: premium-monthly, amount: 19.00 EUR, every: month}]
    features: {projects: 100, export: true, calls: 1000}
`

// metered is a service that sells quotas.
func (w *world) metered() *service.Service {
	w.t.Helper()
	sold, err := catalog.Parse([]byte(quotas))
	if err != nil {
		w.t.Fatal(err)
	}
	return w.serviceWith(func(c *service.Config) { c.Catalog = sold })
}

func use(feature billing.FeatureID, quantity int64, key string) service.Use {
	return service.Use{Question: service.Question{Feature: feature, Quantity: quantity}, Key: key}
}

// stands compares a quota in a line: allowed, used of limit.
func stands(t *testing.T, what string, q billing.Quota, err error, want string) {
	t.Helper()
	if got := fmt.Sprintf("%t %d of %d", q.Allowed, q.Used, q.Limit); err != nil || got != want {
		t.Errorf("%s: %s, %v; want %s", what, got, err, want)
	}
}

// Features: 61 86.
func TestLimitsAreEnforcedWhenTheApplicationAsks(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s, ctx := w.metered(), t.Context()
		account := w.signUp(s)
		ask := func(feature billing.FeatureID, quantity int64, want string) {
			t.Helper()
			q, err := s.Check(ctx, "ada", service.Question{Feature: feature, Quantity: quantity})
			if err != nil {
				t.Fatal(err)
			}
			stands(t, fmt.Sprintf("check %d %s", quantity, feature), q[0], err, want)
		}
		consume := func(feature billing.FeatureID, quantity int64, key, want string) {
			t.Helper()
			q, err := s.Use(ctx, "ada", use(feature, quantity, key))
			stands(t, fmt.Sprintf("use %d %s %s", quantity, feature, key), q, err, want)
		}
		ask("export", 1, "false 0 of 0")
		ask("projects", 3, "true 0 of 3")
		ask("projects", 4, "false 0 of 3")
		consume("projects", 2, "a", "true 2 of 3")
		consume("projects", 2, "a", "true 2 of 3") // the same call again
		consume("projects", 2, "b", "false 2 of 3")
		consume("projects", 1, "b", "true 3 of 3") // what was not allowed has used up no key
		consume("projects", 1, "", "false 3 of 3")
		consume("projects", -1, "", "true 2 of 3")
		consume("projects", -9, "", "true 0 of 3")
		consume("calls", 10, "", "true 10 of 10")
		consume("calls", 1, "", "false 10 of 10")

		w.saveCard(account.Customer, "pm_card_visa")
		w.upgrade(s, "premium-monthly")
		w.settle(s)
		ask("export", 1, "true 0 of 0")
		ask("projects", 100, "true 0 of 100")
		ask("calls", 1, "true 10 of 1000") // an upgrade within the period keeps what was used in it
		w.move(start.AddDate(0, 1, 1))
		w.settle(s)
		ask("calls", 1000, "true 0 of 1000") // and the next begins at nothing
	})
}

func TestAHundredAtOnceUseNoMoreThanThereIs(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		first, second := w.metered(), w.metered() // two replicas
		w.signUp(first)
		var allowed atomic.Int64
		var group sync.WaitGroup
		for i := range 100 {
			s := first
			if i%2 == 1 {
				s = second
			}
			group.Go(func() {
				for j := range 2 { // each twice, as one does whose first answer was lost
					q, err := s.Use(t.Context(), "ada", use("calls", 1, fmt.Sprint("call-", i)))
					if err != nil {
						t.Errorf("call %d: %v", i, err)
					}
					if q.Allowed && j == 0 {
						allowed.Add(1)
					}
				}
			})
		}
		group.Wait()
		q, err := second.Check(t.Context(), "ada", service.Question{Feature: "calls"})
		if err != nil || q[0].Used != 10 || q[0].Allowed || allowed.Load() != 10 {
			t.Errorf("%d were allowed, and %d are counted of 10, %v", allowed.Load(), q[0].Used, err)
		}
	})
}

func TestWhatCannotBeAskedOrConsumedIsRefusedByField(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s, ctx := w.metered(), t.Context()
		w.signUp(s)
		if _, err := s.Use(ctx, "ada", use("calls", 1, "taken")); err != nil {
			t.Fatal(err)
		}
		check := func(q ...service.Question) error { _, err := s.Check(ctx, "ada", q...); return err }
		consume := func(u service.Use) error { _, err := s.Use(ctx, "ada", u); return err }
		nobody := func() error { _, err := s.Check(ctx, "nobody", service.Question{Feature: "calls"}); return err }
		for _, c := range []struct {
			name  string
			err   error
			code  billing.Code
			field string
		}{
			{"an unknown feature", check(service.Question{Feature: "fax"}), billing.Invalid, "feature"},
			{"less than nothing", check(service.Question{Feature: "calls", Quantity: -1}), billing.Invalid, "quantity"},
			{"far too much", check(service.Question{Feature: "calls", Quantity: billing.ConsumeMax + 1}), billing.Invalid, "quantity"},
			{"too many questions", check(make([]service.Question, service.ChecksMax+1)...), billing.Invalid, "checks"},
			{"an unknown account", nobody(), billing.NotFound, ""},
			{"to consume an unknown feature", consume(use("fax", 1, "")), billing.Invalid, "feature"},
			{"to consume what is on or off", consume(use("export", 1, "")), billing.Invalid, "feature"},
			{"to give metered usage back", consume(use("calls", -1, "")), billing.Invalid, "quantity"},
			{"to consume far too much", consume(use("calls", billing.ConsumeMax+1, "")), billing.Invalid, "quantity"},
			{"a key that is a novel", consume(use("calls", 1, fmt.Sprintf("%300d", 1))), billing.Invalid, "key"},
			{"a key that was used for something else", consume(use("projects", 1, "taken")), billing.Conflict, "key"},
			{"a key that was used for more", consume(use("calls", 2, "taken")), billing.Conflict, "key"},
		} {
			var known *billing.Error
			if !errors.As(c.err, &known) || known.Code != c.code || known.Field != c.field {
				t.Errorf("%s: %v, want %s of field %q", c.name, c.err, c.code, c.field)
			}
		}
		if q, err := s.Check(ctx, "ada", service.Question{Feature: "calls"}); err != nil || q[0].Used != 1 {
			t.Errorf("what was refused was counted: %d, %v", q[0].Used, err)
		}
	})
}

// Features: 87.
func TestAGrantHoldsBesideThePlanUntilItEnds(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s, other, ctx := w.metered(), w.metered(), t.Context()
		w.signUp(s)
		entitled := func(want bool) {
			t.Helper()
			if got, err := s.Entitled(ctx, "ada", "export"); err != nil || got != want {
				t.Errorf("export: %v, %v; want %v", got, err, want)
			}
		}
		entitled(false)
		given, err := s.Grant(ctx, "ada", billing.Grant{Feature: "export", Note: "a friend of the house", EndsAt: start.AddDate(0, 0, 7)})
		if err != nil {
			t.Fatal(err)
		}
		entitled(true)
		w.move(start.Add(time.Second))
		more, err := s.Grant(ctx, "ada", billing.Grant{Feature: "projects", Limit: 2})
		if err != nil {
			t.Fatal(err)
		}
		q, err := s.Use(ctx, "ada", use("projects", 5, ""))
		stands(t, "with two more", q, err, "true 5 of 5")
		if err := s.EndGrant(ctx, "ada", more.ID); err != nil {
			t.Fatal(err)
		}
		q, err = s.Use(ctx, "ada", use("projects", 1, ""))
		stands(t, "without them", q, err, "false 5 of 3")
		w.move(start.AddDate(0, 0, 7).Add(-time.Second))
		entitled(true)
		w.move(start.AddDate(0, 0, 7)) // nobody does anything, and it is over
		entitled(false)
		all, err := other.Grants(ctx, "ada")
		if err != nil || len(all) != 2 || all[1] != given {
			t.Errorf("the grants are %+v, %v; want both, the newest first", all, err)
		}
		for _, err := range []error{s.EndGrant(ctx, "ada", "grant_none"), s.EndGrant(ctx, "bob", given.ID)} {
			if billing.CodeOf(err) != billing.NotFound {
				t.Errorf("ending a grant that the account does not have: %v", err)
			}
		}
	})
}
