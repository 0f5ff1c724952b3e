package providertest

import (
	"sync"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

func oneCustomer(c *scene) {
	again, err := c.Provider.EnsureCustomer(c.ctx, c.ada, "customer-ada")
	if err != nil || again != c.ada.Customer {
		c.Errorf("asked again: %s, %v; want %s", again, err, c.ada.Customer)
	}
	late, err := c.Provider.EnsureCustomer(c.ctx, c.ada, "a key from after the first was forgotten")
	if err != nil || late != c.ada.Customer {
		c.Errorf("asked with another key: %s, %v; want %s", late, err, c.ada.Customer)
	}
	renamed := c.ada
	renamed.Email = "lovelace@example.com"
	changed, err := c.Provider.EnsureCustomer(c.ctx, renamed, "customer-ada")
	if err != nil || changed != c.ada.Customer {
		c.Errorf("asked with another address: %s, %v; want %s", changed, err, c.ada.Customer)
	}
	if got := c.fetch().Email; got != renamed.Email {
		c.Errorf("the address is %q, want %q", got, renamed.Email)
	}
	other, err := c.Provider.EnsureCustomer(c.ctx, billing.Account{ID: "eve", Email: renamed.Email}, "customer-eve")
	if err != nil || other == c.ada.Customer {
		c.Errorf("another account with that address: %s, %v; want a customer of its own", other, err)
	}
}

func oneCustomerAtOnce(c *scene) {
	bob := billing.Account{ID: "bob", Email: "bob@example.com"}
	var ids [4]billing.CustomerID
	var errs [4]error
	var wait sync.WaitGroup
	for i := range ids {
		wait.Go(func() { ids[i], errs[i] = c.Provider.EnsureCustomer(c.ctx, bob, "customer-bob") })
	}
	wait.Wait()
	for i, id := range ids {
		if errs[i] != nil || id != ids[0] || id == "" {
			c.Errorf("call %d: %q, %v; want %q", i, id, errs[i], ids[0])
		}
	}
}

func customerUpdated(c *scene) {
	c.ada.Email, c.ada.Name = "lovelace@example.com", "Ada Lovelace"
	id, err := c.Provider.EnsureCustomer(c.ctx, c.ada, "customer-ada-2")
	if err != nil || id != c.ada.Customer {
		c.Fatalf("got %s, %v", id, err)
	}
	if s := c.fetch(); s.Email != c.ada.Email || s.Name != c.ada.Name || s.Account != c.ada.ID {
		c.Errorf("the customer is %q, %q of account %q", s.Email, s.Name, s.Account)
	}
}

func unknownCustomer(c *scene) {
	if _, err := c.Provider.Fetch(c.ctx, "cus_unknown"); billing.CodeOf(err) != billing.NotFound {
		c.Errorf("got %v, want code not_found", err)
	}
	if err := c.cancel(billing.Subscription{ID: "sub_unknown"}, billing.CancelNow); billing.CodeOf(err) != billing.NotFound {
		c.Errorf("cancel of nobody's subscription: got %v, want code not_found", err)
	}
}

func deletedCustomer(c *scene) {
	free := c.subscribe()
	c.World.Delete(c.T, c.ada.Customer)
	s := c.fetch()
	if !s.Deleted || s.Customer != c.ada.Customer {
		c.Errorf("the customer is %+v", s)
	}
	for _, sub := range s.Subscriptions {
		if sub.ID == free.ID && !sub.Status.Ended() {
			c.Errorf("its subscription is %s", sub.Status)
		}
	}
}

func pricesOnce(c *scene) {
	again, err := c.Prices.EnsurePrices(c.ctx, catalogue())
	c.must(err)
	if len(again) != 4 {
		c.Errorf("%d prices, want 4: %v", len(again), again)
	}
	for key, id := range c.prices {
		if id == "" || again[key] != id {
			c.Errorf("price %s is %q, and %q when asked again", key, id, again[key])
		}
	}
	more := catalogue()
	more.Plans[1].Prices = append(more.Plans[1].Prices, billing.Price{Key: "basic-weekly", Amount: eur(300), Interval: billing.Week, IntervalCount: 2})
	added, err := c.Prices.EnsurePrices(c.ctx, more)
	if err != nil || added["basic-weekly"] == "" || added[basicKey] != c.prices[basicKey] {
		c.Errorf("with one price more: %v, %v", added, err)
	}
}

func pricesNeverChange(c *scene) {
	for name, change := range map[string]func(p *billing.Price){
		"amount":   func(p *billing.Price) { p.Amount.Minor++ },
		"currency": func(p *billing.Price) { p.Amount.Currency = "usd" },
		"interval": func(p *billing.Price) { p.Interval = billing.Year },
		"count":    func(p *billing.Price) { p.IntervalCount = 2 },
	} {
		changed := catalogue()
		change(&changed.Plans[1].Prices[0])
		if _, err := c.Prices.EnsurePrices(c.ctx, changed); billing.CodeOf(err) != billing.Conflict {
			c.Errorf("another %s: got %v, want code conflict", name, err)
		}
	}
}

func freePlan(c *scene) {
	sub := c.subscribe()
	item := sub.Items[0]
	switch {
	case sub.Status != billing.Active:
		c.Errorf("status is %s", sub.Status)
	case sub.Customer != c.ada.Customer:
		c.Errorf("customer is %s, want %s", sub.Customer, c.ada.Customer)
	case item.PriceKey != freeKey || item.Price != c.prices[freeKey] || item.Quantity != 1 || item.Amount != eur(0):
		c.Errorf("item is %+v", item)
	case !item.Period.End.After(item.Period.Start) || sub.PeriodEnd() != item.Period.End:
		c.Errorf("period is %v", item.Period)
	case sub.CreatedAt.IsZero() || sub.StartedAt.IsZero():
		c.Errorf("created %v, started %v", sub.CreatedAt, sub.StartedAt)
	case !sub.EndedAt.IsZero() || !sub.CancelAt.IsZero() || !sub.TrialEnd.IsZero():
		c.Errorf("ends: %+v", sub)
	}
}

func subscribeOnce(c *scene) {
	first := c.subscribe()
	if again := c.subscribe(); again.ID != first.ID {
		c.Errorf("asked again: %s, want %s", again.ID, first.ID)
	}
	c.must(c.cancel(first, billing.CancelNow))
	next, err := c.Provider.Subscribe(c.ctx, service.SubscribeRequest{
		Customer: c.ada.Customer, Price: c.prices[freeKey], Account: c.ada.ID, Key: "free-ada-again",
	})
	if err != nil || next == first.ID {
		c.Errorf("another key after a cancel: %s, %v; want a new subscription", next, err)
	}
	if n := len(c.fetch().Subscriptions); n != 2 {
		c.Errorf("%d subscriptions, want the ended one and the new one", n)
	}
}

func subscribeUnpaid(c *scene) {
	id, err := c.Provider.Subscribe(c.ctx, service.SubscribeRequest{
		Customer: c.ada.Customer, Price: c.prices[basicKey], Account: c.ada.ID, Key: "basic-ada",
	})
	if err == nil {
		c.Errorf("subscribed as %s without a payment", id)
	}
	if n := len(c.fetch().Subscriptions); n != 0 {
		c.Errorf("%d subscriptions, want none", n)
	}
}
