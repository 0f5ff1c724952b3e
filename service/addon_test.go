package service_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/catalog"
	"github.com/dues-billing/dues/service"
)

// extras is a catalogue with add-ons beside its plans.
const extras = `
free_plan: starter
features:
  - {id: projects, name: Projects, type: limit}
  - {id: export, name: Export, type: boolean}
  - {id: calls, name: Calls, type: metered}
plans:
  - {id: starter, name: Starter, prices: [{key: starter, amount: 0.00 EUR, every: month}], features: {projects: 3}}
  - id: pro
    name: Pro
    prices: [{key: pro, amount: 20.00 EUR, every: month}, {key: pro-yearly, amount: 200.00 EUR, every: year}]
    features: {projects: 10, calls: 100}
  - {id: crew, name: Crew, prices: [{key: crew, amount: 7.00 EUR, every: month, per: seat, min_seats: 2, max_seats: 50}], features: {projects: 10}}
  - id: taste
    name: Taste
    prices: [{key: taste, amount: 9.00 EUR, every: month, per: seat, min_seats: 3, trial: {days: 14, without_card: cancel}}]
    features: {projects: 1}
  - {id: dear, name: Dear, prices: [{key: dear, amount: 90.00 EUR, every: month}]}
  - {id: max, name: Max, prices: [{key: max, amount: 50.00 EUR, every: month}], features: {projects: 50}}
addons:
  - id: more-projects
    name: More projects
    prices:
      - {key: projects, amount: 5.00 EUR, every: month, per: seat, max_seats: 20}
      - {key: projects-yearly, amount: 50.00 EUR, every: year, per: seat}
    features: {projects: 10, calls: 50}
  - {id: export, name: Export, plans: [pro], prices: [{key: export, amount: 4.00 EUR, every: month}], features: {export: true}}
`

// withExtras is a service that sells extras, with ada on a price of it, paid with her card.
func (w *world) withExtras(price string) *service.Service {
	w.t.Helper()
	s := w.serviceWith(func(c *service.Config) { c.Catalog = w.extras() })
	w.saveCard(w.signUp(s).Customer, "pm_card_visa")
	w.settle(s)
	if price != "starter" {
		w.change(s, service.PlanChange{ChangeWish: billing.ChangeWish{PriceKey: price}})
		w.settle(s)
	}
	return s
}

func (w *world) extras() billing.Catalog {
	w.t.Helper()
	sold, err := catalog.Parse([]byte(extras))
	if err != nil {
		w.t.Fatal(err)
	}
	return sold
}

// have asks for so much of an add-on.
func have(key string, quantity int64) service.PlanChange {
	return service.PlanChange{ChangeWish: billing.ChangeWish{AddOn: billing.AddOnWish{PriceKey: key, Quantity: quantity}}}
}

// drop asks for no more of it.
func drop(key string) service.PlanChange {
	return service.PlanChange{ChangeWish: billing.ChangeWish{AddOn: billing.AddOnWish{PriceKey: key, Drop: true}}}
}

// gives fails the test unless the account may use so much of a feature, wherever it is asked.
func (w *world) gives(s *service.Service, feature billing.FeatureID, enabled bool, limit int64) {
	w.t.Helper()
	all, err := s.Entitlements(w.t.Context(), "ada")
	if err != nil {
		w.t.Fatal(err)
	}
	for _, e := range all {
		if e.Feature == feature && (e.Enabled != enabled || e.Limit != limit) {
			w.t.Errorf("entitled to %+v, want %v %d", e, enabled, limit)
		}
	}
	answers, err := s.Check(w.t.Context(), "ada", service.Question{Feature: feature, Quantity: max(1, limit)})
	if err != nil || answers[0].Allowed != enabled || answers[0].Limit != limit {
		w.t.Errorf("a check of %d of %s answers %+v, %v", limit, feature, answers, err)
	}
	if limit == 0 {
		return
	}
	more, err := s.Check(w.t.Context(), "ada", service.Question{Feature: feature, Quantity: limit + 1})
	if err != nil || more[0].Allowed {
		w.t.Errorf("a check of more than %d of %s answers %+v, %v", limit, feature, more, err)
	}
}

func TestAnAddOnIsBoughtChangedAndDroppedAndWhatItGivesAddsUp(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.withExtras("pro")
		w.gives(s, "projects", true, 10)
		w.gives(s, "export", false, 0)
		w.move(start.Add(10 * 24 * time.Hour))
		seen := w.preview(s, have("projects", 2).ChangeWish)
		if seen.AmountDue.String() != "6.43 EUR" || len(seen.Lines) != 1 || seen.Planned.When != billing.ChangeNow {
			t.Errorf("%+v, want the remaining time of two, for 6.43 EUR", seen.Preview)
		}
		w.move(start.Add(10*24*time.Hour + 20*time.Minute))
		status := w.change(s, service.PlanChange{Preview: seen.Token})
		if paid := w.newestInvoice(s); paid.AmountPaid != seen.AmountDue || len(status.AddOns) != 1 || status.AddOns[0].Quantity != 2 {
			t.Errorf("%s was paid and %s was shown; it has %+v", paid.AmountPaid, seen.AmountDue, status.AddOns)
		}
		charged := w.newestInvoice(s).ID
		w.change(s, service.PlanChange{Preview: seen.Token}) // a double click
		w.change(s, have("projects", 0))
		if again := w.newestInvoice(s).ID; again != charged {
			t.Errorf("the second click made the invoice %s", again)
		}
		w.gives(s, "projects", true, 30)
		w.gives(s, "calls", true, 200)
		w.change(s, have("export", 0))
		w.gives(s, "export", true, 0)
		w.change(s, have("projects", 3))
		w.gives(s, "projects", true, 40)
		now := drop("export")
		now.When = billing.ChangeNow
		w.change(s, now)
		w.gives(s, "export", false, 0)
		w.settle(s)
		w.expect(s, "pro active full")
	})
}

func TestAnAddOnIsDroppedWhenWhatIsPaidForEndsAndThatCanBeTakenBack(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.withExtras("pro")
		w.change(s, have("export", 0))
		end := w.status(s).PeriodEnd
		w.change(s, have("projects", 4))
		seen := w.preview(s, drop("export").ChangeWish)
		if seen.Planned.When != billing.ChangeAtEnd || seen.AmountDue.String() != "40.00 EUR" || seen.At.Before(end) {
			t.Errorf("%+v, want 40.00 EUR from %v on", seen.Preview, end)
		}
		status := w.change(s, service.PlanChange{Preview: seen.Token})
		leaves := billing.NextAddOn{At: end}
		if len(status.AddOns) != 2 || status.AddOns[0].Next != leaves || !status.AddOns[1].Next.At.IsZero() || !status.Next.At.IsZero() {
			t.Fatalf("got %+v, next %+v", status.AddOns, status.Next)
		}
		w.gives(s, "export", true, 0)
		if _, err := s.Change(t.Context(), "ada", have("export", 0)); billing.CodeOf(err) != billing.Conflict {
			t.Errorf("keeping it by buying it again answers %v", err)
		}
		if _, err := s.KeepPlan(t.Context(), "ada", ""); err != nil || !w.status(s).AddOns[0].Next.At.IsZero() {
			t.Errorf("taken back: %+v, %v", w.status(s).AddOns, err)
		}
		w.change(s, drop("export"))
		w.change(s, have("projects", 1)) // fewer, beside what leaves
		status = w.status(s)
		if fewer := status.AddOns[1].Next; status.AddOns[0].Next != leaves || fewer.Quantity != 1 || fewer.Price != "projects" || !fewer.At.Equal(end) {
			t.Errorf("got %+v", status.AddOns)
		}
		w.move(end.Add(2 * time.Hour))
		w.settle(s)
		w.gives(s, "export", false, 0)
		w.gives(s, "projects", true, 20)
		if paid := w.newestInvoice(s); paid.AmountPaid.String() != "25.00 EUR" {
			t.Errorf("the renewal cost %s", paid.AmountPaid)
		}
	})
}

func TestAddOnsFollowThePlanOrLeaveWithIt(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.withExtras("pro")
		w.change(s, have("export", 0))
		w.change(s, have("projects", 2))
		held := func(want ...string) {
			t.Helper()
			var got []string
			for _, h := range w.status(s).AddOns {
				got = append(got, h.Price)
			}
			if len(got) != len(want) || len(want) > 0 && got[0] != want[0] {
				t.Errorf("add-ons %v, want %v", got, want)
			}
		}
		w.change(s, service.PlanChange{ChangeWish: billing.ChangeWish{PriceKey: "max"}}) // with which export is not sold
		held("projects")
		w.gives(s, "projects", true, 70)
		w.change(s, service.PlanChange{ChangeWish: billing.ChangeWish{PriceKey: "pro", When: billing.ChangeNow}})
		seen := w.preview(s, billing.ChangeWish{PriceKey: "pro-yearly"})
		w.change(s, service.PlanChange{Preview: seen.Token})
		held("projects-yearly")
		w.gives(s, "projects", true, 30)
		end := w.status(s).PeriodEnd
		down := w.change(s, service.PlanChange{ChangeWish: billing.ChangeWish{PriceKey: "starter"}})
		if down.Next.PriceKey != "starter" || down.AddOns[0].Next != (billing.NextAddOn{At: end}) {
			t.Errorf("next %+v, add-ons %+v; want that they leave with the plan", down.Next, down.AddOns)
		}
		w.move(end.Add(2 * time.Hour))
		w.settle(s)
		held()
		w.gives(s, "projects", true, 3)
		w.expect(s, "starter active full")
	})
}

func TestAnAddOnThatCannotBeBoughtIsRefusedByField(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.withExtras("starter")
		try := func(name string, req service.PlanChange, code billing.Code, field string) {
			t.Helper()
			_, err := s.Change(t.Context(), "ada", req)
			if e, ok := err.(*billing.Error); !ok || e.Code != code || e.Field != field {
				t.Errorf("%s: got %v, want %s in %q", name, err, code, field)
			}
		}
		if offers, err := s.AddOns(t.Context(), "ada", ""); err != nil || len(offers) != 0 {
			t.Errorf("beside the free plan %d are offered, %v", len(offers), err)
		}
		try("beside the free plan", have("projects", 1), billing.Conflict, "price")
		w.change(s, service.PlanChange{ChangeWish: billing.ChangeWish{PriceKey: "max"}})
		offers, err := s.AddOns(t.Context(), "ada", "")
		if err != nil || len(offers) != 1 || len(offers[0].Prices) != 1 || offers[0].Prices[0].Key != "projects" {
			t.Errorf("offered: %+v, %v; want what is sold with the plan, by its month", offers, err)
		}
		try("with another plan", have("export", 1), billing.Conflict, "price")
		try("of another period", have("projects-yearly", 1), billing.Invalid, "price")
		try("more than is sold", have("projects", 21), billing.Invalid, "quantity")
		try("less than nothing", have("projects", -1), billing.Invalid, "quantity")
		try("nothing that is sold", have("gold", 1), billing.Invalid, "price")
		try("a plan as an add-on", have("pro", 1), billing.Invalid, "price")
		both := have("projects", 1)
		both.PriceKey = "pro"
		try("with a change of the plan", both, billing.Invalid, "price")
		later := have("projects", 1)
		later.When = billing.ChangeAtEnd
		try("bought at the period's end", later, billing.Invalid, "when")
		w.change(s, drop("projects")) // what is not there is dropped already
		w.expect(s, "max active full")
		if n := len(w.status(s).AddOns); n != 0 {
			t.Errorf("it has %d", n)
		}
	})
}

// A checkout with a saved card changes a running plan, and add-ons with it, as any other change does.
func TestAnUpgradeTakesAddOnsAlong(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.withExtras("pro")
		w.change(s, have("projects", 2))
		w.change(s, have("export", 0))
		if result := w.upgrade(s, "max"); !result.Changed { // export is sold with pro only
			t.Fatalf("the upgrade needs a page: %+v", result)
		}
		w.gives(s, "projects", true, 70)
		w.gives(s, "export", false, 0)
		if result := w.upgrade(s, "pro-yearly"); !result.Changed {
			t.Fatalf("the upgrade needs a page: %+v", result)
		}
		status := w.status(s)
		if len(status.AddOns) != 1 || status.AddOns[0].Price != "projects-yearly" || status.AddOns[0].Quantity != 2 || status.Price != "pro-yearly" {
			t.Errorf("on %s with %+v, want pro-yearly with two of projects-yearly", status.Price, status.AddOns)
		}
		w.gives(s, "projects", true, 30)
		w.settle(s)
	})
}

// Features: 12.
func TestAHundredAddOnsAtOnceAreOne(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		services := []*service.Service{w.withExtras("pro"), w.serviceWith(func(c *service.Config) { c.Catalog = w.extras() })}
		before, err := services[0].Invoices(t.Context(), "ada")
		if err != nil {
			t.Fatal(err)
		}
		var wait sync.WaitGroup
		for i := range 100 {
			wait.Go(func() {
				if _, err := services[i%2].Change(t.Context(), "ada", have("projects", 3)); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		if after, err := services[0].Invoices(t.Context(), "ada"); err != nil || len(after) != len(before)+1 {
			t.Errorf("%d invoices, %v; want one more than %d", len(after), err, len(before))
		}
		w.gives(services[0], "projects", true, 40)
	})
}

func TestAnAddOnThatTheCardDoesNotPayIsNotThere(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.withExtras("pro")
		account, err := s.Account(t.Context(), "ada")
		if err != nil {
			t.Fatal(err)
		}
		for card, want := range map[string]error{"pm_card_chargeCustomerFail": service.ErrDeclined, "pm_card_authenticationRequired": service.ErrNeedsConfirmation} {
			w.saveCard(account.Customer, card)
			if _, err := s.Change(t.Context(), "ada", have("projects", 2)); billing.CodeOf(err) != billing.Conflict || !errors.Is(err, want) {
				t.Errorf("%s: got %v, want a conflict that wraps %q", card, err, want)
			}
			w.settle(s)
			if status := w.status(s); len(status.AddOns) != 0 {
				t.Errorf("%s: the account has %+v", card, status.AddOns)
			}
			w.gives(s, "projects", true, 10)
		}
		w.expect(s, "pro active full")
	})
}
