package service_test

import (
	"errors"
	"testing"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// together is a purchase of a plan with more.
func together(price string, seats int64, addOns ...billing.AddOnWish) service.Upgrade {
	return service.Upgrade{PriceKey: price, SuccessURL: success, CancelURL: cancel, Quantity: seats, AddOns: addOns}
}

// Features: 12.
func TestAPlanIsBoughtWithItsSeatsAndAddOnsOnOnePage(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.serviceWith(func(c *service.Config) { c.Catalog = w.extras() })
		account := w.signUp(s)
		ask := func(u service.Upgrade) service.UpgradeResult {
			t.Helper()
			page, err := s.Upgrade(t.Context(), "ada", u)
			if err != nil || page.URL == "" {
				t.Fatalf("%+v, %v", page, err)
			}
			return page
		}
		plain := ask(together("crew", 0))
		wanted := together("crew", 5, billing.AddOnWish{PriceKey: "projects", Quantity: 2})
		page := ask(wanted)
		if again := ask(wanted); again.URL != page.URL || again.Reason != service.ReasonOpenPage || page.URL == plain.URL {
			t.Errorf("asked again: %+v, want the page %s", again, page.URL)
		}
		w.expectExpired(s, plain.Purchase)
		w.pay(page.URL, goodCard)
		w.settle(s)
		w.expect(s, "crew active full")
		if paid, _ := w.paidLast(account.Customer); paid != 5*700+2*500 {
			t.Errorf("%d was paid, want 45.00", paid)
		}
		if status := w.status(s); status.Quantity != 5 || len(status.AddOns) != 1 || status.AddOns[0].Quantity != 2 {
			t.Errorf("it has %d seats and %+v", status.Quantity, status.AddOns)
		}
		w.gives(s, "projects", true, 30)
	})
}

// Features: 12.
func TestAPlanIsBoughtWithAddOnsByTheSavedCard(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.withExtras("starter")
		account, err := s.Account(t.Context(), "ada")
		if err != nil {
			t.Fatal(err)
		}
		wanted := together("pro", 0, billing.AddOnWish{PriceKey: "projects", Quantity: 2}, billing.AddOnWish{PriceKey: "export"})
		for range 2 {
			if done, err := s.Upgrade(t.Context(), "ada", wanted); err != nil || !done.Changed {
				t.Fatalf("%+v, %v", done, err)
			}
		}
		w.settle(s)
		w.gives(s, "projects", true, 30)
		w.gives(s, "export", true, 0)
		if paid, _ := w.paidLast(account.Customer); paid != 2000+2*500+400 {
			t.Errorf("%d was paid, want 34.00", paid)
		}
		wanted.AddOns[0].Quantity = 3
		if _, err := s.Upgrade(t.Context(), "ada", wanted); billing.CodeOf(err) != billing.Conflict {
			t.Errorf("more of it for an account that is on the price: %v", err)
		}
		// To another plan: what is not sold with it leaves, what is asked for takes the place of what is there.
		if done, err := s.Upgrade(t.Context(), "ada", together("max", 0, billing.AddOnWish{PriceKey: "projects", Quantity: 4})); err != nil || !done.Changed {
			t.Fatalf("%+v, %v", done, err)
		}
		w.settle(s)
		w.gives(s, "projects", true, 90)
		// Without a word of how many it stays as many: they were given up but for one, with a credit.
		if done, err := s.Upgrade(t.Context(), "ada", together("dear", 0, billing.AddOnWish{PriceKey: "projects"})); err != nil || !done.Changed {
			t.Fatalf("%+v, %v", done, err)
		}
		w.gives(s, "projects", true, 40)
		if done, err := s.Upgrade(t.Context(), "ada", together("dear", 0, billing.AddOnWish{PriceKey: "projects"})); err != nil || !done.Changed {
			t.Errorf("asked again: %+v, %v", done, err)
		}
		w.gives(s, "export", false, 0)
		w.expect(s, "dear active full")
	})
}

// A trial without a page began with one seat of a price that is sold from three on.
func TestATrialBeginsWithItsSeatsAndAddOns(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for seats, want := range map[int64]int64{0: 3, 4: 4} {
			id := billing.AccountID([]string{"ada", "bob"}[seats/4])
			s := w.serviceWith(func(c *service.Config) { c.Catalog = w.extras() })
			if _, _, err := s.CreateAccount(t.Context(), service.NewAccount{ID: id, Email: string(id) + "@example.com"}); err != nil {
				t.Fatal(err)
			}
			if done, err := s.Upgrade(t.Context(), id, together("taste", seats, billing.AddOnWish{PriceKey: "projects"})); err != nil || !done.Changed {
				t.Fatalf("%s: %+v, %v", id, done, err)
			}
			status, err := s.Status(t.Context(), id)
			if err != nil || status.Status != billing.Trialing || status.Quantity != want || len(status.AddOns) != 1 {
				t.Errorf("%s: %+v, %v; want %d seats and one add-on on trial", id, status.Access, err, want)
			}
		}
	})
}

func TestWhatIsNotSoldTogetherIsRefusedByField(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.serviceWith(func(c *service.Config) { c.Catalog = w.extras() })
		w.signUp(s)
		addOn := func(price string) billing.AddOnWish { return billing.AddOnWish{PriceKey: price} }
		many := together("pro", 0, make([]billing.AddOnWish, billing.WithPlanMax+1)...)
		shown := together("pro", 0, addOn("export"))
		shown.Preview = "token"
		for name, c := range map[string]struct {
			asked service.Upgrade
			code  billing.Code
			field string
		}{
			"seats of a flat price":       {together("pro", 2), billing.Invalid, "quantity"},
			"fewer seats than are sold":   {together("crew", 1), billing.Invalid, "quantity"},
			"more seats than are sold":    {together("crew", 51), billing.Invalid, "quantity"},
			"less than none":              {together("crew", -1), billing.Invalid, "quantity"},
			"no price of an add-on":       {together("pro", 0, addOn("max")), billing.Invalid, "addons"},
			"another period":              {together("pro", 0, addOn("projects-yearly")), billing.Invalid, "addons"},
			"not with this plan":          {together("max", 0, addOn("export")), billing.Conflict, "addons"},
			"twice":                       {together("pro", 0, addOn("export"), addOn("export")), billing.Invalid, "addons"},
			"too many":                    {many, billing.Invalid, "addons"},
			"less than none of an add-on": {together("pro", 0, billing.AddOnWish{PriceKey: "projects", Quantity: -1}), billing.Invalid, "addons"},
			"dropped with a purchase":     {together("pro", 0, billing.AddOnWish{PriceKey: "export", Drop: true}), billing.Invalid, "addons"},
			"beside a preview":            {shown, billing.Invalid, "preview"},
		} {
			_, err := s.Upgrade(t.Context(), "ada", c.asked)
			var known *billing.Error
			if !errors.As(err, &known) || known.Code != c.code || known.Field != c.field {
				t.Errorf("%s: got %v, want code %s about %s", name, err, c.code, c.field)
			}
		}
	})
}
